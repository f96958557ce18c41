"""What a partner's system is answered when its call is not taken: JSON that says what to do."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja.errors import ValidationError

from lianban import clock
from lianban.api.caller import base_of
from lianban.engine.refusal import Refused
from lianban.exchange import complaints
from lianban.exchange.contract import Complaint
from lianban.exchange.door import TooMany
from lianban.exchange.signing import Forged

JSON = "application/json"
#: What our own middlewares and Django answer, in the contract's words.
_OF_STATUS = {
    400: "bad_request",
    401: "unsigned",
    403: "not_permitted",
    404: "not_found",
    405: "wrong_method",
    409: "conflict",
    411: "length_required",
    413: "too_large",
    415: "wrong_type",
    503: "busy",
}


class NotTaken(Exception):
    """A call that ends here, with a code of `exchange.complaints`."""

    def __init__(self, code: str, *, where: str = "") -> None:
        super().__init__(code)
        self.code, self.where = code, where


def answer(status: int, body: Any, *, headers: dict[str, str] | None = None) -> HttpResponse:
    """A JSON answer; the same body is the same bytes, so that a repeat is seen to be one."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return HttpResponse(text.encode(), status=status, content_type=JSON, headers=headers)


def complain(status: int, complaint: Complaint, **headers: str) -> HttpResponse:
    """A complaint as an answer."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return answer(status, complaint.model_dump(mode="json"), headers=named)


def of_not_taken(_: HttpRequest, failure: NotTaken) -> HttpResponse:
    """The answer to what this room itself refuses."""
    return complain(*complaints.known(failure.code, where=failure.where))


def of_forged(request: HttpRequest, failure: Forged) -> HttpResponse:
    """401: the signature does not hold, and why; with our time, or the address that we expect."""
    status, complaint = complaints.known(failure.code, where="Signature-Input")
    if failure.code == "bad_signature":
        told = f"{complaint.what_to_do}我们核对的 @target-uri 以 {base_of(request)} 开头。"
        complaint = complaint.model_copy(update={"what_to_do": told})
    if failure.code == "clock":
        now = f"{clock.now():%Y-%m-%dT%H:%M:%S%z}"
        told = f"{complaint.what_to_do}本系统现在是 {now}。"
        complaint = complaint.model_copy(update={"what_to_do": told})
    return complain(status, complaint)


def of_too_many(_: HttpRequest, failure: TooMany) -> HttpResponse:
    """429, and when to come again."""
    status, complaint = complaints.known("too_many")
    return complain(status, complaint, Retry_After=str(failure.retry_after))


def of_refused(_: HttpRequest, failure: Refused) -> HttpResponse:
    """A rule says no: its own code and words, which name no person."""
    return complain(*complaints.of_refusal(failure))


def of_query(_: HttpRequest, failure: ValidationError) -> HttpResponse:
    """422: a value in the address, by its name alone."""
    where = "/".join(str(part) for part in failure.errors[0]["loc"])
    return complain(*complaints.known("wrong_query", where=where[:80]))


def in_json(response: HttpResponse) -> None:
    """Turn a page that says what is wrong into a complaint, in place; its headers stay."""
    if response.status_code < 400 or response.get("Content-Type", "").startswith(JSON):
        return
    usual = "failure" if response.status_code >= 500 else "bad_request"
    _, complaint = complaints.known(_OF_STATUS.get(response.status_code, usual))
    response.content = complaint.model_dump_json().encode()
    response["Content-Type"] = JSON
    response["Content-Length"] = str(len(response.content))
