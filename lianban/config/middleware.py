"""What every request passes before any page sees it."""

from collections.abc import Callable, Iterable
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

from lianban.accounts.doors import is_for_machines
from lianban.config import errors
from lianban.engine.refusal import Refused
from lianban.web.components.refusals import status_of

FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}


class LimitBody:
    """Answer 413 to a body larger than any form of ours, before a byte of it is read.

    The server reads no more of a body than its `Content-Length` says, and none without one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not (length.isascii() and length.isdigit()):
            raise BadRequest("a body of unknown length")
        if len(length) > 12 or int(length) > settings.MOST_BODY:
            return errors.page(request, status=413)
        return self.get_response(request)


class RefuseNul:
    """Answer 400 to a NUL character anywhere: PostgreSQL's text cannot hold one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        query = unquote_to_bytes(request.META.get("QUERY_STRING", ""))
        if b"\0" in query or _has_nul([request.path_info, *_header_values(request)]):
            raise BadRequest("NUL character in the address or a header")
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *_: object
    ) -> None:
        """Look into a form after the view is known and its token was checked."""
        if is_for_machines(view):
            return
        if request.method == "POST" and request.content_type in FORMS:
            typed = (value for _name, values in request.POST.lists() for value in values)
            files = (file.name or "" for _name, files in request.FILES.lists() for file in files)
            if _has_nul([*request.POST, *typed, *files]):
                raise BadRequest("NUL character in the form")


class AnswerRefusals:
    """Answer a refusal that no view caught with its own 4xx page: a rule is never a failure of ours."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, failure: Exception) -> HttpResponse | None:
        """Turn `Refused` into a page; leave everything else to its handler."""
        if not isinstance(failure, Refused):
            return None
        return errors.page(request, status=status_of(failure), advice=failure.message)


def _header_values(request: HttpRequest) -> Iterable[str]:
    return (value for name, value in request.META.items() if name.startswith("HTTP_"))


def _has_nul(texts: Iterable[str]) -> bool:
    return any("\0" in text for text in texts)
