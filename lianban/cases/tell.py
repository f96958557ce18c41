"""Who is told of which event: messages to the person, and messages to departments' systems."""

from typing import Any

from lianban.engine import events as e
from lianban.engine import records as r
from lianban.engine.case import JointCase

#: Events of which the person gets an in-app message, and its kind in the edition's wording.
TO_PERSON: dict[type[e.Event], str] = {
    e.Submitted: "submitted",
    e.Registered: "accepted",
    e.CaseAccepted: "accepted",
    e.AcceptanceRefused: "refused",
    e.CorrectionRequested: "correction",
    e.DeferralGranted: "deferral",
    e.DeferralLapsed: "deferral_lapsed",
    e.Corrected: "correction_received",
    e.DossierReceived: "dossier_received",
    r.DossierSentBack: "dossier_sent_back",
    r.DossierReturnTakenBack: "dossier_not_sent_back",
    e.ReceptionRegistered: "reception",
    e.Granted: "granted",
    e.Denied: "denied",
    e.Issued: "issued",
    r.Posted: "posted",
    r.MailReturned: "mail_returned",
    e.Suspended: "suspended",
    e.Resumed: "resumed",
    e.Extended: "extended",
    e.Blocked: "blocked",
    e.SplitOff: "split_off",
    e.Withdrawn: "withdrawn",
    e.Terminated: "terminated",
    e.Concluded: "concluded",
    e.Reopened: "reopened",
    r.Booked: "booked",
    r.BookingMissed: "booking_missed",
    r.Moved: "moved",
    r.PersonCorrected: "person_corrected",
    r.FileRefused: "file_refused",
    r.AmountApproved: "amount_approved",
    r.PaymentOrdered: "payment_ordered",
    r.Paid: "paid",
    r.PaymentReturned: "payment_returned",
    r.AccountChanged: "account_changed",
}

#: Events of which the item's department is told.
TO_DEPARTMENT: frozenset[type[e.Event]] = frozenset(
    {e.Dispatched, e.Corrected, e.Withdrawn, e.Terminated, e.ExternalEventReceived, e.Reopened}
)


def messages(events: tuple[e.Event, ...], before: int) -> list[dict[str, Any]]:
    """Message rows for the events that follow journal sequence `before`.

    A result that is delivered electronically is told with its grant, not once more.
    """
    return [
        {"sequence": sequence, "kind": TO_PERSON[type(event)], "item": getattr(event, "item", None)}
        for sequence, event in enumerate(events, start=before + 1)
        if type(event) in TO_PERSON and getattr(event, "delivery", "") != "electronic"
    ]


def outbox(
    events: tuple[e.Event, ...], before: JointCase, after: JointCase
) -> list[dict[str, Any]]:
    """Outbox rows for the events that follow the case `before`."""
    rows = []
    for sequence, event in enumerate(events, start=before.sequence + 1):
        if type(event) in TO_DEPARTMENT:
            item: int | None = getattr(event, "item", None)
            sub = after.sub_cases.get(item) if item is not None else None
            department = sub.department if sub else ""
            name = type(event).__name__
            rows.append(
                {"sequence": sequence, "item": item, "topic": name, "department": department}
            )
    return rows
