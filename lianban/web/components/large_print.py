"""大字版: a choice kept in a cookie, so that it also holds without JavaScript and without signing in."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from lianban.web.components import access

COOKIE = "lb-large"
_YEAR_SECONDS = 365 * 24 * 60 * 60


@access.public
@require_POST
def toggle(request: HttpRequest) -> HttpResponse:
    """Keep the choice and return to the page it was made on."""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/"
    response = HttpResponseRedirect(back)
    if request.POST.get("on") == "1":
        response.set_cookie(
            COOKIE,
            "1",
            max_age=_YEAR_SECONDS,
            samesite="Lax",
            secure=not settings.DEBUG and request.is_secure(),
        )
    else:
        response.delete_cookie(COOKIE, samesite="Lax")
    return response


def site(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `large_print`, and `site` (city_name, organiser, builder, hotline)."""
    return {
        "large_print": request.COOKIES.get(COOKIE) == "1",
        "site": getattr(settings, "SITE", {}),
    }
