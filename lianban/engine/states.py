"""The states of a joint case and of its sub-cases, each in words."""

from enum import StrEnum


class CaseState(StrEnum):
    """Where a joint case (联办件) stands."""

    #: The person is still filling in the form; nothing is promised yet.
    DRAFT = "draft"
    #: Handed in; online: in pre-review.
    SUBMITTED = "submitted"
    #: One notice lists everything that is missing; the person's turn.
    CORRECTION_DUE = "correction_due"
    #: Accepted; the item that opens the case is at the bureau or the counter.
    ACCEPTED = "accepted"
    #: That item is decided; departments are at work or will be.
    IN_HANDLING = "in_handling"
    #: Ended by the bureau's hand after every sub-case had ended or was split off.
    CONCLUDED = "concluded"
    #: Not accepted, with the reason and whom to ask instead.
    REFUSED = "refused"
    #: Ended by the person.
    WITHDRAWN = "withdrawn"
    #: Ended by the authority, with a reason.
    TERMINATED = "terminated"


class State(StrEnum):
    """Where a sub-case (子办件) stands."""

    #: Something before it is not met yet.
    WAITING = "waiting"
    #: Everything before it is met; not yet with its department (the bureau's own items stay here).
    READY = "ready"
    #: Sent to its department.
    DISPATCHED = "dispatched"
    #: Seen by its department.
    RECEIVED = "received"
    #: One notice lists everything that is missing; the person's turn.
    CORRECTION_DUE = "correction_due"
    #: Accepted by its department.
    ACCEPTED = "accepted"
    #: The clock stands still, with a reason.
    SUSPENDED = "suspended"
    #: Granted or denied; what follows is in the same moment.
    DECIDED = "decided"
    #: Granted; the result is on its way to the person.
    DELIVERING = "delivering"
    #: Something before it failed; it fails not, it stands still.
    BLOCKED = "blocked"
    #: An outside body acts; its event is awaited.
    EXTERNAL = "external"
    #: Ended: decided, and delivered where there is something to deliver.
    CONCLUDED = "concluded"
    #: Ended: done elsewhere, with evidence, or the outside body has acted.
    SATISFIED = "satisfied"
    #: Ended: not accepted by its department.
    REFUSED = "refused"
    #: Ended by the person.
    WITHDRAWN = "withdrawn"
    #: Ended by the authority, with a reason.
    TERMINATED = "terminated"


class Outcome(StrEnum):
    """What was decided."""

    GRANTED = "granted"
    DENIED = "denied"


CASE_ENDS = frozenset(
    {CaseState.CONCLUDED, CaseState.REFUSED, CaseState.WITHDRAWN, CaseState.TERMINATED}
)
ENDS = frozenset(
    {State.CONCLUDED, State.SATISFIED, State.REFUSED, State.WITHDRAWN, State.TERMINATED}
)
#: At a desk, its clock may run.
AT_WORK = frozenset({State.READY, State.DISPATCHED, State.RECEIVED, State.ACCEPTED})
#: Handed in, not ended.
CASE_OPEN = frozenset(
    {CaseState.SUBMITTED, CaseState.CORRECTION_DUE, CaseState.ACCEPTED, CaseState.IN_HANDLING}
)
