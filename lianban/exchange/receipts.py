"""What is answered to a partner's message: a receipt, or a complaint that a programmer can act on."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from lianban.exchange import contract
from lianban.exchange.models import InboxMessage


@dataclass(frozen=True)
class Taken:
    """The answer: an HTTP status, and a receipt or a complaint."""

    status: int
    answer: dict[str, Any]


def receipt(row: InboxMessage, outcome: str, *, code: str = "", state: str = "") -> dict[str, Any]:
    said: Mapping[str, str] = {
        "id": row.message_id,
        "outcome": outcome,
        "code": code,
        "state": state,
    }
    return contract.Receipt.model_validate(said).model_dump()


def complaint(
    status: int, code: str, message: str, *, where: str = "", what_to_do: str = ""
) -> Taken:
    said = contract.Complaint(code=code, message=message, where=where, what_to_do=what_to_do)
    return Taken(status, said.model_dump())


def complaint_about(error: ValidationError, before: str) -> Taken:
    """The first thing that is wrong with a body, without repeating any value of it."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    # a name of the sender's own making may carry a value: only words of the contract are repeated
    known = [str(part) for part in first["loc"] if re.fullmatch(r"[a-z_]{1,40}|\d{1,3}", str(part))]
    where = before + ".".join(known)
    if first["type"] == "json_invalid":
        return complaint(400, "bad_json", "the body is not JSON")
    return complaint(
        422,
        "wrong_body",
        first["msg"][:200],
        where=where,
        what_to_do="see the contract's reference",
    )
