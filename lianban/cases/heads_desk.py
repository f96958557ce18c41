"""What waits for the bureau's head and went astray: the counts of the start page."""

from dataclasses import dataclass
from datetime import date

from lianban.accounts.actor import Actor
from lianban.cases import conflict_lists, enquiry_lists, move_lists, proposal_lists


@dataclass(frozen=True)
class Waiting:
    """How many of each."""

    proposals: int
    #: The officer's own proposals that came back last.
    sent_back: int
    enquiries: int
    moves: int
    conflicts: int


def counts(*, actor: Actor, today: date) -> Waiting:
    """How many proposals, overdue enquiries, offered cases and number conflicts there are."""
    return Waiting(
        proposals=proposal_lists.open_count(actor=actor),
        sent_back=proposal_lists.sent_back_count(actor=actor),
        enquiries=enquiry_lists.overdue_count(actor=actor, today=today),
        moves=move_lists.incoming_count(actor=actor),
        conflicts=conflict_lists.open_count(actor=actor),
    )
