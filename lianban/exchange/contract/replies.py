"""Answers to messages, books and pages."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from lianban.exchange.contract.envelope import Envelope
from lianban.exchange.contract.words import Part


class Receipt(Part):
    """The answer to a message that was taken.

    `applied`: it has had its effect. `parked`: it was kept, and a person looks at it, since it fits
    nothing here (status 202). A repeat gets the first answer again.
    """

    id: str
    outcome: Literal["applied", "parked"]
    code: str = ""
    state: str = ""


class Complaint(Part):
    """The answer to a call that was not taken: what is wrong, where, and what to do."""

    code: str
    message: str
    where: str = ""
    what_to_do: str = ""


class PartnerReceipt(BaseModel):
    """What a partner answers to our message; words that we do not know are left aside."""

    model_config = ConfigDict(extra="ignore")

    id: str
    outcome: Literal["accepted", "repeated"]


class BookLine(Part):
    """One line of a book: a sub-case as one side knows it."""

    sub_case: str
    state: str
    outcome: Literal["granted", "denied", ""] = ""
    round: int = 1
    seen_at: AwareDatetime
    decided_at: AwareDatetime | None = None
    result_number: str = ""


class BookPage(Part):
    """A page of a book, in the order of sub-case names; `next` is empty on the last."""

    lines: list[BookLine]
    next: str = ""


class Page(Part):
    """Messages for a polling partner. The next call's `after` confirms this page."""

    messages: list[Envelope]
    cursor: int
    more: bool
