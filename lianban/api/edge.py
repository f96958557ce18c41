"""The rim of the machine room: no cookie in, no page out, and every known caller's answer signed."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from lianban import clock
from lianban.api import complaints
from lianban.exchange import contract, partners, signing

PREFIX = "/exchange/v1/"


class Edge:
    """Middleware for what lies under `/exchange/v1/`; stands before everything that reads a body."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        request.META.pop("HTTP_COOKIE", None)
        response = _too_large(request) or self.get_response(request)
        complaints.in_json(response)
        response["Cache-Control"] = "no-store"
        _sign(request, response)
        return response


def _too_large(request: HttpRequest) -> HttpResponse | None:
    """Refuse a body of unknown length, or too long a one, before a byte of it is read."""
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length and request.META.get("HTTP_TRANSFER_ENCODING"):
        return complaints.of_not_taken(request, complaints.NotTaken("length_required"))
    is_number = length.isascii() and length.isdigit()
    if is_number and (len(length) > 12 or int(length) > contract.MOST_BYTES):
        return complaints.of_not_taken(request, complaints.NotTaken("too_large"))
    return None


def _sign(request: HttpRequest, response: HttpResponse) -> None:
    message = getattr(request, "signed", None)
    if not isinstance(message, signing.Message):
        return
    answer = signing.Answer(
        request=message,
        status_code=response.status_code,
        body=response.content,
        headers={"Content-Type": response["Content-Type"]},
    )
    signing.sign_answer(answer, key=partners.own_key(), at=clock.now())
    for name in ("Content-Digest", "Signature-Input", "Signature"):
        response[name] = answer.headers[name]
