"""Answers to messages, books and pages."""

from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
)

from lianban.exchange.contract.envelope import Envelope, of_our_days
from lianban.exchange.contract.words import Part, no_control_characters


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


def _plain(lines: list[BookLine]) -> list[BookLine]:
    """Lines that may be kept. Raises `ValueError` for texts that are too long, and for disorder."""
    for line in lines:
        for text in (line.sub_case, line.state, line.result_number):
            if len(no_control_characters(text)) > 60:
                raise ValueError("a text of a line has more than 60 characters")
    names = [line.sub_case for line in lines]
    if names != sorted(set(names)):
        raise ValueError("lines are in the order of sub-case names, one for each")
    return lines


class BookPart(Part):
    """A page of the book that a polling partner hands in.

    `book` names the whole and `as_of` the moment of which it tells, both the same on every page.
    Pages are counted from 1 and come in turn; `complete` stands on the last. Half a book is kept and
    never compared. The same page again changes nothing.
    """

    book: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{7,79}$")]
    as_of: Annotated[AwareDatetime, AfterValidator(of_our_days)]
    page: Annotated[int, Field(ge=1, le=1000)]
    lines: Annotated[list[BookLine], Field(max_length=500), AfterValidator(_plain)]
    complete: bool


class BookReceipt(Part):
    """The answer to a page of a book; a repeat gets the same. `complete`: the whole book is here."""

    book: str
    page: int
    complete: bool


class Page(Part):
    """Messages for a polling partner. The next call's `after` confirms this page."""

    messages: list[Envelope]
    cursor: int
    more: bool
