"""The OpenAPI document: our addresses, what a partner must offer, and an example of every message."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from lianban.accounts.doors import Access, Door, declare
from lianban.api import views
from lianban.api.complaints import JSON, answer, complain
from lianban.exchange import complaints, contract, partners
from lianban.exchange.reference import examples

_REF = "#/components/schemas/"
_SAID = {"type": "string", "description": "RFC 9421; see /exchange/ for the recipe"}
Json = dict[str, Any]


def openapi(request: HttpRequest) -> HttpResponse:
    """Give the document; anybody may read it."""
    if request.method != "GET":
        status, complaint = complaints.known("wrong_method")
        return complain(status, complaint, Allow="GET")
    address = partners.public_address() or f"{request.scheme}://{request.get_host()}"
    return answer(200, {**document(), "servers": [{"url": address}]})


declare(openapi, Access(Door.PUBLIC, while_setting_password=True))


@cache
def document() -> Json:
    """The document, without the address at which it is served."""
    made: Json = dict(views.api.get_openapi_schema(path_prefix="/exchange/v1/"))
    made["info"]["description"] = contract.__doc__
    schemas = made["components"]["schemas"]
    for words in (contract.OUT, contract.IN):
        for name, schema in _schemas({*words.values(), contract.Envelope}).items():
            schemas.setdefault(name, schema)
    more: set[type[BaseModel]] = {contract.PartnerReceipt, contract.Complaint, contract.BookPart}
    for name, schema in _schemas(more).items():
        schemas.setdefault(name, schema)
    for side, words in (("Told", contract.OUT), ("Heard", contract.IN)):
        schemas.update({f"{side}.{word}": _message(word, part) for word, part in words.items()})
    _fill_paths(made["paths"])
    made["webhooks"] = _webhooks()
    return made


def _schemas(models: set[type[BaseModel]]) -> Json:
    chosen = sorted(models, key=lambda model: model.__name__)
    _, made = models_json_schema(
        [(model, "validation") for model in chosen], ref_template=_REF + "{model}"
    )
    found: Json = made["$defs"]
    return found


def _message(word: str, part: type[contract.Part]) -> Json:
    """An envelope whose type and data are of one word."""
    own = {
        "type": {"const": contract.type_of(word)},
        "data": {"$ref": _REF + part.__name__},
    }
    envelope = {"$ref": _REF + "Envelope"}
    return {
        "description": part.__doc__,
        "allOf": [envelope, {"type": "object", "properties": own}],
    }


def _messages(
    side: str, words: Mapping[str, type[contract.Part]], example: Callable[[str], BaseModel]
) -> Json:
    """A request body: one of these messages, each with its example."""
    return {
        "required": True,
        "content": {
            contract.MEDIA_TYPE: {
                "schema": {"oneOf": [{"$ref": f"{_REF}{side}.{word}"} for word in words]},
                "examples": {word: {"value": _plain(example(word))} for word in words},
            }
        },
    }


def _plain(model: BaseModel) -> Json:
    return model.model_dump(mode="json", exclude_none=True)


def _fill_paths(paths: Json) -> None:
    take = paths["/exchange/v1/messages"]["post"]
    take["requestBody"] = _messages("Heard", contract.IN, examples.heard)
    take["parameters"].append(_idempotency_key(required=False))
    paths["/exchange/v1/book"]["put"]["requestBody"] = {
        "required": True,
        "content": {
            JSON: {
                "schema": {"$ref": f"{_REF}BookPart"},
                "example": _plain(examples.BOOK_PART),
            }
        },
    }
    for path, method, status, said in (
        ("messages", "post", 200, examples.RECEIPT),
        ("messages", "post", 202, examples.PARKED),
        ("messages", "get", 200, examples.PAGE),
        ("sub-cases/{sub_case}", "get", 200, examples.LINE),
        ("book", "get", 200, examples.BOOK),
        ("book", "put", 200, examples.BOOK_RECEIPT),
    ):
        answers = paths[f"/exchange/v1/{path}"][method]["responses"]
        answers[status]["content"][JSON]["example"] = _plain(said)
    fetch = paths["/exchange/v1/files/{token}"]["get"]["responses"]
    fetch[200]["content"] = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
    for of_path in paths.values():
        for operation in of_path.values():
            _sign_answers(operation["responses"])


def _sign_answers(answers: dict[Any, Any]) -> None:
    """Name headers and examples of every answer; statuses become text, as OpenAPI wants them."""
    by_status = {status: code for code, (status, *_) in reversed(complaints.KNOWN.items())}
    for status in list(answers):
        said = answers[str(status)] = answers.pop(status)
        if status != 401:  # whose call it was is not known then
            said["headers"] = {name: {"schema": _SAID} for name in ("Signature", "Signature-Input")}
        if status == 429:
            said["headers"]["Retry-After"] = {"schema": {"type": "integer"}}
        if status >= 400:
            _, complaint = complaints.known(by_status[status])
            said["content"][JSON]["example"] = _plain(complaint)


def _idempotency_key(*, required: bool) -> Json:
    return {
        "in": "header",
        "name": "Idempotency-Key",
        "required": required,
        "schema": {"type": "string"},
        "description": "the envelope's id",
    }


def _webhooks() -> Json:
    """What a partner that is pushed to must offer under its own address."""
    push: Json = {
        "summary": "POST {address}/messages: take one envelope",
        "parameters": [_idempotency_key(required=True)],
        "requestBody": _messages("Told", contract.OUT, examples.told),
        "responses": {
            "200": _answer("taken now, or taken before", examples.PARTNER_RECEIPT),
            "429": {"description": "later, after Retry-After; so is every answer not named here"},
            "503": {"description": "later, after Retry-After"},
            "422": {"description": "never (so are 400, 409, 413, 415): a person of ours looks"},
        },
    }
    line: Json = {
        "summary": "GET {address}/sub-cases/{sub_case}: where it stands with you",
        "responses": {"200": _answer("one line of your book", examples.LINE)},
    }
    book: Json = {
        "summary": "GET {address}/book?after=SUB_CASE&limit=N: all that you were sent",
        "responses": {"200": _answer("a page, in the order of names", examples.BOOK)},
    }
    security: list[Json] = [{"Signature": []}]
    return {
        "messages": {"post": {**push, "operationId": "partner_messages", "security": security}},
        "sub_case": {"get": {**line, "operationId": "partner_sub_case", "security": security}},
        "book": {"get": {**book, "operationId": "partner_book", "security": security}},
    }


def _answer(description: str, example: BaseModel) -> Json:
    schema = {"$ref": _REF + type(example).__name__}
    return {
        "description": description,
        "content": {JSON: {"schema": schema, "example": _plain(example)}},
    }
