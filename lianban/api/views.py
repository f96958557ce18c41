"""The exchange's addresses: each reads a signed call, makes one call of a service, and answers.

The signature is asked for before parameters are looked at, so a stranger learns nothing.
"""

import json
import re
from collections.abc import Callable
from typing import Annotated, Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI, Query
from ninja.errors import ValidationError
from pydantic import BaseModel
from pydantic import ValidationError as WrongBody

from lianban import clock
from lianban.accounts.doors import Access, Door, View, declare
from lianban.api import complaints
from lianban.api.caller import Call, Signature
from lianban.api.complaints import NotTaken, answer
from lianban.engine.refusal import Refused
from lianban.exchange import book, contract, handed, inbound, links, polling, receipts
from lianban.exchange.complaints import in_words
from lianban.exchange.contract import (
    BookLine,
    BookPage,
    BookPart,
    BookReceipt,
    Complaint,
    Page,
    Receipt,
)
from lianban.exchange.door import TooMany
from lianban.exchange.signing import Forged

#: No page number of ours is larger; PostgreSQL's bigint.
_LARGEST = 2**63 - 1
#: An escaped NUL whose backslash is not itself escaped.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_COMPLAINTS: dict[int, Any] = dict.fromkeys((400, 401, 404, 405, 409, 422, 429), Complaint)
_TOO_MUCH: dict[int, Any] = dict.fromkeys((411, 413, 415), Complaint)

After = Annotated[int, Query(ge=0, le=_LARGEST, description="`cursor` of the last page; 0 begins")]
Limit = Annotated[int, Query(ge=1, le=200, description="the most that is wanted")]
Name = Annotated[str, Query(max_length=60, description="`next` of the last page")]

api = NinjaAPI(
    title="联办交换接口",
    version=contract.VERSION,
    auth=Signature(),
    openapi_url=None,
    docs_url=None,
    urls_namespace="exchange_api",
)


def partner(view: View) -> View:
    """Let a partner's system call this view, by its signature."""
    return declare(view, Access(Door.PARTNER))


@api.post(
    "/messages",
    summary="Tell us one thing",
    operation_id="tell",
    response={200: Receipt, 202: Receipt, **_COMPLAINTS, **_TOO_MUCH},
)
@partner
def take(request: Call) -> HttpResponse:
    """Tell us something: one envelope. A repeat of a message gets the first answer again."""
    body = request.signed.body
    _read_type(request, contract.MEDIA_TYPE)
    _refuse_nul(body)
    _compare_key(request, body)
    taken = inbound.receive(partner=request.auth, body=body, at=clock.now())
    if taken.status >= 400:
        return complaints.complain(taken.status, in_words(taken.answer))
    return answer(taken.status, taken.answer)


@api.get(
    "/messages", summary="Ask for messages", operation_id="ask", response={200: Page, **_COMPLAINTS}
)
@partner
def ask(request: Call, after: After = 0, limit: Limit = 50) -> HttpResponse:
    """Ask for messages, where your system cannot be called. `after` confirms the page before."""
    return _said(polling.page(partner=request.auth, after=after, limit=limit, at=clock.now()))


@api.get(
    "/files/{str:token}",
    summary="Fetch a file",
    operation_id="fetch",
    response={200: None, 410: Complaint, **_COMPLAINTS},
)
@partner
def fetch(request: Call, token: str) -> HttpResponse:
    """Fetch a file of a material by the link in a message, within a quarter of an hour."""
    content, content_type, _ = links.open_(token, partner=request.auth, at=clock.now())
    return HttpResponse(content, content_type=content_type)


@api.get(
    "/sub-cases/{str:sub_case}",
    summary="Look at one sub-case",
    operation_id="look",
    response={200: BookLine, **_COMPLAINTS},
)
@partner
def look(request: Call, sub_case: str) -> HttpResponse:
    """Where a sub-case that you were sent stands with us."""
    return _said(book.line(partner=request.auth, subject=sub_case, at=clock.now()))


@api.get(
    "/book", summary="Read our book", operation_id="read", response={200: BookPage, **_COMPLAINTS}
)
@partner
def read(request: Call, after: Name = "", limit: Limit = 100) -> HttpResponse:
    """All sub-cases that you were sent, in the order of their names: to compare with your own book."""
    return _said(book.page(partner=request.auth, after=after, limit=limit))


@api.put(
    "/book",
    summary="Hand in your book",
    operation_id="hand_in",
    response={200: BookReceipt, **_COMPLAINTS, **_TOO_MUCH},
)
@partner
def hand_in(request: Call) -> HttpResponse:
    """Hand in a page of your book, where your system cannot be called. The same page again is harmless."""
    body = request.signed.body
    _read_type(request, complaints.JSON)
    _refuse_nul(body)
    try:
        said = BookPart.model_validate_json(body)
    except WrongBody as error:
        wrong = receipts.complaint_about(error, "")
        return complaints.complain(wrong.status, in_words(wrong.answer))
    return _said(handed.take(partner=request.auth, said=said, at=clock.now()))


def _said(model: BaseModel) -> HttpResponse:
    return answer(200, model.model_dump(mode="json", exclude_none=True))


def _read_type(request: HttpRequest, media_type: str) -> None:
    """Raise `NotTaken` where the body is not announced as this type in UTF-8."""
    charset = (request.content_params or {}).get("charset", "utf-8")
    if request.content_type != media_type or charset.lower() not in {"utf-8", "utf8"}:
        raise NotTaken("wrong_type", where="Content-Type")


def _refuse_nul(body: bytes) -> None:
    """Raise `NotTaken` where the body holds a NUL character: PostgreSQL's text cannot."""
    if b"\0" in body or _NUL.search(body):
        raise NotTaken("nul")


def _compare_key(request: HttpRequest, body: bytes) -> None:
    """Raise `NotTaken` where `Idempotency-Key` is there and is not the envelope's id."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return
    try:
        envelope = json.loads(body)
    except (ValueError, RecursionError) as failure:
        raise NotTaken("bad_json") from failure
    if not isinstance(envelope, dict) or envelope.get("id") != key.strip('"'):
        raise NotTaken("wrong_idempotency_key", where="Idempotency-Key")


def _missing(_: HttpRequest, __: Http404) -> HttpResponse:
    return complaints.of_not_taken(_, NotTaken("not_found"))


_HANDLERS: dict[type[Exception], Callable[..., HttpResponse]] = {
    NotTaken: complaints.of_not_taken,
    Forged: complaints.of_forged,
    TooMany: complaints.of_too_many,
    Refused: complaints.of_refused,
    ValidationError: complaints.of_query,
    Http404: _missing,
}
for _kind, _handler in _HANDLERS.items():
    api.add_exception_handler(_kind, _handler)
