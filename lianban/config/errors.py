"""Answers when something is wrong: a page that says what to do, and never another error."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader

RETRY_AFTER_SECONDS = 5
PLAIN = (
    '<!doctype html><html lang="zh-Hans"><head><meta charset="utf-8"><title>{title}</title></head>'
    "<body><h1>{title}</h1><p>{advice}</p></body></html>"
)
WORDS = {
    400: ("这个请求有问题", "请返回上一页，改正后再试一次。"),
    403: ("您没有权限看这一页", "请换一个账户登录，或找您单位的管理员。"),
    409: ("现在不能这样做", "请返回上一页，看过最新情况再试。"),
    404: ("没有这一页", "请核对网址，或从首页重新进入。"),
    413: ("传的东西太大", "一次传的文件一共最多 100 MB，每个最多 10 MB。请返回上一页，分几次传。"),
    500: ("系统出错了", "您填的内容没有丢。请过一会儿再试；还不行，请到窗口办理。"),
    503: ("系统正忙", "请过几秒钟再试一次，不用重新填写。"),
}


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that cannot be understood."""
    return page(request, status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a person who may not do this."""
    return page(request, status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose token is missing or old."""
    return page(request, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address that names nothing, or nothing that this person may know of."""
    return page(request, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a failure of ours; while the database is away it is 503 with Retry-After."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        answer = page(request, status=503)
        answer["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return answer
    return page(request, status=500)


def page(request: HttpRequest, *, status: int, advice: str = "") -> HttpResponse:
    """Return the page `errors/<status>.html`, or plain words where it cannot be drawn.

    `advice` replaces the usual words where somebody knows better what to do.

    The page is drawn without the request's context, which may need the database.
    """
    title, usual = WORDS[status]
    advice = advice or usual
    try:
        text: str = loader.render_to_string(
            f"errors/{status}.html", {"title": title, "advice": advice, "status": status}
        )
    except Exception:  # a failing error page must not hide the first failure
        text = PLAIN.format(title=title, advice=advice)
    return HttpResponse(text, status=status, headers={"Cache-Control": "no-store"})
