"""Who is told of which event: messages to the person, and messages to departments' systems."""

from collections.abc import Collection, Iterator
from typing import Any

from lianban.catalogue.model import Edition
from lianban.engine import events as e
from lianban.engine import exchange_records as x
from lianban.engine import records as r
from lianban.engine import verification
from lianban.engine.case import JointCase
from lianban.engine.states import State

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
    x.TimeGiven: "time_given",
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

#: Events of one item of which its department is told, and the topic under which.
TO_DEPARTMENT: dict[type[e.Event], str] = {
    e.Dispatched: "dispatch",
    e.Corrected: "correction_supplied",
    e.ExternalEventReceived: "external_event",
    e.Withdrawn: "withdraw",
    e.Terminated: "withdraw",
}

#: Events of the whole case of which every department is told that has an item of it at work.
TO_EVERY_DEPARTMENT: dict[type[e.Event], str] = {
    e.Corrected: "correction_supplied",
    e.Withdrawn: "withdraw",
    e.Terminated: "withdraw",
}

#: Events about a time for coming, of which every department is told whose item it is for.
ABOUT_TIMES = (r.Booked, x.TimeGiven, r.BookingCancelled, r.BookingMissed)
#: The topic under which.
APPOINTMENT = "appointment"

#: Events that a partner which serves everybody is told of, and the topic under which.
TO_SERVICE: dict[type[e.Event], str] = {r.PaymentOrdered: "payment"}

#: Past the dispatch, not decided: its department knows of it, and works on it.
WITH_DEPARTMENT = frozenset(
    {
        State.DISPATCHED,
        State.RECEIVED,
        State.CORRECTION_DUE,
        State.ACCEPTED,
        State.SUSPENDED,
    }
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
    edition: Edition,
    events: tuple[e.Event, ...],
    before: JointCase,
    after: JointCase,
    *,
    booked: Collection[int] = (),
    by: str = "",
) -> list[dict[str, Any]]:
    """Outbox rows for the events that follow the case `before`: departments' own work goes first.

    `booked` names items for which a time is booked already: it is told behind their dispatch. `by`
    is the partner whose system made it all happen: it is sent what that opens for it, and not told
    again what it has just said.
    """
    told: list[Row] = [
        (sequence, *one)
        for sequence, event in enumerate(events, start=before.sequence + 1)
        for one in _told(event, before, after)
        if isinstance(event, e.Dispatched) or one[2] != by
    ]
    told += _times(edition, events, before, after, booked, by)
    told += [
        (sequence, "verify", None, question.department)
        for sequence, question in verification.along(edition, events, before)
    ]
    told += _services(edition, events, before.sequence)
    names = ("sequence", "topic", "item", "department")
    return [dict(zip(names, one, strict=True)) for one in told]


#: Sequence, topic, item and partner.
Row = tuple[int, str, int | None, str]


def _times(
    edition: Edition,
    events: tuple[e.Event, ...],
    before: JointCase,
    after: JointCase,
    booked: Collection[int],
    by: str,
) -> Iterator[Row]:
    """Who is told of a time for coming: departments that know the item, and ask for the person there.

    A time that is given back for another one is told as one change, and nobody is told the time that
    he gave himself.
    """
    for sequence, event in enumerate(events, start=before.sequence + 1):
        if isinstance(event, e.Dispatched) and event.item in booked:
            yield sequence, APPOINTMENT, event.item, after.sub_cases[event.item].department
        if not isinstance(event, ABOUT_TIMES):
            continue
        for number in event.items:
            known, later = before.sub_cases.get(number), events[sequence - before.sequence :]
            if known is None or known.state not in WITH_DEPARTMENT:
                continue
            if isinstance(event, x.TimeGiven) and known.department == by:
                continue
            if _asks(edition, number, event) and not _goes_on(event, number, later):
                yield sequence, APPOINTMENT, number, known.department


def _asks(edition: Edition, number: int, event: Any) -> bool:
    """Whether the plan asks for the person there, and for that, because of this item."""
    asked = edition.item(number).presence
    return any((one.place, one.why) == (event.place, event.purpose) for one in asked)


def _goes_on(event: e.Event, number: int, later: tuple[e.Event, ...]) -> bool:
    """Whether a time was given back for another one that follows in the same breath."""
    return isinstance(event, r.BookingCancelled) and any(
        isinstance(one, r.Booked | x.TimeGiven)
        and one.purpose == event.purpose
        and number in one.items
        for one in later
    )


def _services(edition: Edition, events: tuple[e.Event, ...], before: int) -> list[Row]:
    """What partners are told that do something for everybody: texts, payments."""
    services = edition.partners.services
    rows: list[Row] = []
    texts: dict[int | None, Row] = {}
    for sequence, event in enumerate(events, start=before + 1):
        item, topic = getattr(event, "item", None), TO_SERVICE.get(type(event), "")
        if topic in services:
            rows.append((sequence, topic, item, services[topic]))
        if "text" in services and text_of(edition, event):
            texts.pop(item, None)
            texts[item] = (sequence, "text", item, services["text"])
    return [*rows, *texts.values()]


def text_of(edition: Edition, event: e.Event) -> str:
    """The words of the text message about an event; nothing where the plan sends none."""
    kind, way = TO_PERSON.get(type(event), ""), getattr(event, "delivery", "")
    return edition.wording.get("texts", {}).get(f"{kind}_{way}" if way else kind, "")


def _told(
    event: e.Event, before: JointCase, after: JointCase
) -> Iterator[tuple[str, int | None, str]]:
    """Topic, item and partner of everybody who is told of an event."""
    item = getattr(event, "item", None)
    if item is not None and type(event) in TO_DEPARTMENT:
        known = before.sub_cases.get(item)
        is_known = isinstance(event, e.Dispatched) or (known and known.state in WITH_DEPARTMENT)
        if is_known:
            yield TO_DEPARTMENT[type(event)], item, after.sub_cases[item].department
    if item is None and type(event) in TO_EVERY_DEPARTMENT:
        for number, sub in before.sub_cases.items():
            if sub.state in WITH_DEPARTMENT:
                yield TO_EVERY_DEPARTMENT[type(event)], number, sub.department
