"""Who calls: the signature over the whole request, asked for before anything in it is read."""

from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.http.request import UnreadablePostError

from lianban import clock
from lianban.exchange import contract, door, partners, signing
from lianban.exchange.models import PartnerRecord

#: Characters of a signature header; ours have about 300.
_MOST_HEADER = 4096
_HEADERS = ("Signature", "Signature-Input", "Content-Digest")


class Call(HttpRequest):
    """A request whose signature is good: whose it is, and the message as it was signed."""

    auth: PartnerRecord
    signed: signing.Message


class Signature:
    """Asks for the signature of a partner. Raises `Forged` and `TooMany`."""

    openapi_security_schema = {  # noqa: RUF012  (django-ninja reads it so)
        "type": "apiKey",
        "in": "header",
        "name": "Signature",
        "description": (
            "HTTP Message Signatures (RFC 9421), Ed25519, tag `lianban-exchange-v1`, with "
            "`Signature-Input` and, where there is a body, `Content-Digest` (RFC 9530). "
            "See /exchange/ for the recipe."
        ),
    }

    def __call__(self, request: HttpRequest) -> PartnerRecord:
        """The partner whose call this is."""
        message = message_of(request)
        try:
            partner = door.admit(message, at=clock.now())
        except door.TooMany:
            request.signed = message  # type: ignore[attr-defined]
            raise
        request.signed = message  # type: ignore[attr-defined]
        return partner


def message_of(request: HttpRequest) -> signing.Message:
    """The request as its caller signed it.

    Raises `Forged` where signature headers are missing or too long, and `BadRequest` where the
    body broke off.
    """
    headers = dict(request.headers.items())
    if not {"Signature", "Signature-Input"} <= set(headers):
        raise signing.Forged("unsigned", "Signature and Signature-Input are missing")
    if any(len(headers.get(name, "")) > _MOST_HEADER for name in _HEADERS):
        raise signing.Forged("malformed", "a signature header is too long")
    try:
        body = request.read(contract.MOST_BYTES)
    except UnreadablePostError as failure:
        raise BadRequest("the body broke off") from failure
    method = request.method or ""
    return signing.Message(method, address_of(request), body=body, headers=headers)


def address_of(request: HttpRequest) -> str:
    """The address as the outside knows it, query and all."""
    return base_of(request) + request.get_full_path()


def base_of(request: HttpRequest) -> str:
    """Our own address as the outside knows it, without a path of this room."""
    return partners.public_address() or f"{request.scheme}://{request.get_host()}"
