"""The port: what an adapter to a partner's system is made of. It is data; the relay does the work."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lianban.accounts.actor import Actor
from lianban.exchange.contract import Envelope, Part
from lianban.exchange.models import PartnerRecord
from lianban.outbox.models import OutboxMessage


@dataclass(frozen=True)
class Telling:
    """A message that is about to be composed."""

    row: OutboxMessage
    partner: PartnerRecord
    at: datetime


@dataclass(frozen=True)
class Told:
    """What is said: the contract's word, what it is about, and the body."""

    word: str
    subject: str
    data: Part


@dataclass(frozen=True)
class Heard:
    """A message that came in, its signature good and its body read.

    `case_id` and `item` are of the sub-case that it is about; None for a service's own subject.
    """

    partner: PartnerRecord
    envelope: Envelope
    data: Part
    actor: Actor
    at: datetime
    case_id: UUID | None = None
    item: int | None = None


#: Composes a message; None where there is nothing to tell any more. Raises `Refused`.
Tell = Callable[[Telling], Told | None]
#: Lets a message have its effect, in the inbox's transaction, and says where the sub-case stands
#: then. Raises `Refused`: what is wrong for ever is complained of, what does not fit now is parked.
Hear = Callable[[Heard], str]


@dataclass(frozen=True)
class Adapter:
    """How to speak with one kind of system: what it is told, by topic; what is heard, by word."""

    code: str
    title: str
    tells: Mapping[str, Tell]
    hears: Mapping[str, Hear]
    #: A system that is not reached over HTTP: takes the envelope and answers with its receipt's
    #: outcome, or raises `answers.Temporary` or `answers.Permanent`.
    send: Callable[[PartnerRecord, Envelope, datetime], None] | None = None
