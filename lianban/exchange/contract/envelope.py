"""The envelope of every message: CloudEvents 1.0 in structured JSON."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from lianban.exchange.contract.words import Part, type_of


def of_our_days(moment: datetime) -> datetime:
    """The moment. Raises `ValueError` for one that no clock shows: it cannot even be reckoned with."""
    if not 2000 <= moment.year <= 2999:
        raise ValueError("the year must be one of 2000 to 2999")
    return moment


class Envelope(BaseModel):
    """A CloudEvents envelope. `sequence` orders the sender's messages about one subject: ours
    grow, with gaps; a partner that gives any counts 1, 2, 3 …, and then we wait for what is missing.
    A partner's `round` is that of the dispatch that it answers; ours is in the dispatch itself.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    specversion: Literal["1.0"]
    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{7,79}$")]
    source: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,200}$")]
    type: Annotated[str, StringConstraints(max_length=80)]
    subject: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9:._-]{0,59}$")]
    time: Annotated[AwareDatetime, AfterValidator(of_our_days)]
    datacontenttype: Literal["application/json"] = "application/json"
    sequence: Annotated[str, StringConstraints(pattern=r"^\d{1,18}$")] | None = None
    round: Annotated[int, Field(ge=1, le=999)] | None = None
    data: dict[str, Any]


def envelope(
    *,
    word: str,
    message_id: str,
    source: str,
    subject: str,
    at: datetime,
    data: Part,
    sequence: int | None = None,
    round: int | None = None,
) -> Envelope:
    """Put a message into its envelope."""
    return Envelope(
        specversion="1.0",
        id=message_id,
        source=source,
        type=type_of(word),
        subject=subject,
        time=at,
        sequence=None if sequence is None else str(sequence),
        round=round,
        data=data.model_dump(mode="json", exclude_none=True),
    )
