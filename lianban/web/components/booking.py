"""The page of somebody's visits, for the person and for a clerk with the person beside."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from lianban import clock
from lianban.cases import appointments, coming
from lianban.cases.appointments import Appointment, Slot
from lianban.cases.coming import Reason, Whole
from lianban.cases.queries import CaseView
from lianban.cases.services import visits
from lianban.engine.refusal import Refused
from lianban.web.components import access
from lianban.web.components.refusals import status_of

_PREFIX = "slot-"
_OPEN_DAYS = 1

Draw = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Face:
    """Where the pages of a face lie, and how it draws one: `draw(request, view, page, status, …)`."""

    draw: Draw
    home: str
    change: str
    cancel: str
    calendar: str
    back: str


@dataclass(frozen=True)
class Day:
    """The free times of one day."""

    on: date
    times: tuple[Slot, ...]
    is_open: bool


@dataclass(frozen=True)
class Choice:
    """One reason to come, with the times that may be chosen for it."""

    reason: Reason
    items: str
    days: tuple[Day, ...]
    chosen: str
    #: The one office that has times; empty where several have.
    office: str

    @property
    def name(self) -> str:
        """How the form names it."""
        return _PREFIX + self.reason.purpose


def visits_page(face: Face, request: access.Request, view: CaseView) -> HttpResponse:
    """Show the visits; a POST books every chosen time in one act."""
    if request.method != "POST":
        return _drawn(face, request, view)
    chosen = _chosen(request)
    try:
        made = visits.book_all(
            case_id=view.id, slots=list(chosen.values()), actor=request.actor, at=clock.now()
        )
    except Refused as refusal:
        if status_of(refusal) == 404:
            raise
        return _drawn(face, request, view, chosen=chosen, refusal=refusal)
    messages.success(request, f"约好了 {len(made)} 个时间" if made else "这个时间刚才已经约好了")
    return redirect(face.home, view.id)


def change_page(
    face: Face, request: access.Request, view: CaseView, appointment_id: UUID
) -> HttpResponse:
    """Choose another time for what is booked."""
    held = _own(view, appointment_id)
    reason = _reason_of(view, held)
    chosen, refused = _chosen(request), None
    if request.method == "POST":
        slot = chosen.get(held.slot.purpose)
        try:
            if slot is None:
                raise Refused("no_slots", "请先选一个时间")
            visits.rebook(appointment_id=held.id, slot=slot, actor=request.actor, at=clock.now())
        except Refused as refusal:
            if status_of(refusal) == 404:
                raise
            refused = refusal
        else:
            messages.success(request, "时间改好了")
            return redirect(face.home, view.id)
    return face.draw(
        request,
        view,
        "change_visit",
        status_of(refused) if refused else 200,
        held=held,
        choice=_choice(view, reason, chosen),
        problem=refused.message if refused else "",
        links=face,
    )


def cancel(
    face: Face, request: access.Request, view: CaseView, appointment_id: UUID
) -> HttpResponse:
    """Give a time back."""
    held = _own(view, appointment_id)
    try:
        visits.cancel(appointment_id=held.id, actor=request.actor, at=clock.now())
    except Refused as refusal:
        if status_of(refusal) == 404:
            raise
        messages.error(request, refusal.message)
    else:
        messages.success(request, "取消了，时间让给别人了")
    return redirect(face.home, view.id)


def calendar(view: CaseView) -> HttpResponse:
    """What is booked, as a file that calendars of phones read (RFC 5545)."""
    whole = coming.of_case(view)
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//lianban//visits//ZH"]
    for going in whole.open:
        for one in going.booked:
            lines += _event(one, going.place, going.bring, view)
    lines.append("END:VCALENDAR")
    text = "".join(f"{folded}\r\n" for line in lines for folded in _folded(line))
    answer = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="visits.ics"'
    return answer


# Drawing ---------------------------------------------------------------------------------------


def _drawn(
    face: Face,
    request: access.Request,
    view: CaseView,
    *,
    chosen: dict[str, UUID] | None = None,
    refusal: Refused | None = None,
) -> HttpResponse:
    whole = coming.of_case(view)
    found = _choices(view, whole, chosen or {})
    return face.draw(
        request,
        view,
        "visits",
        status_of(refusal) if refusal else 200,
        whole=whole,
        choices=[one for one in found if one.days],
        walk_in={one.reason.purpose for one in found if not one.days},
        problem=refusal.message if refusal else "",
        links=face,
    )


def _choices(view: CaseView, whole: Whole, chosen: dict[str, UUID]) -> list[Choice]:
    """What can be booked now: every open reason without a time, of visits that wait for nothing."""
    if not view.case.is_open:
        return []
    return [
        _choice(view, reason, chosen)
        for going in whole.open
        if not going.after
        for reason in going.reasons
        if reason.purpose not in {one.slot.purpose for one in going.booked}
    ]


def _choice(view: CaseView, reason: Reason, chosen: dict[str, UUID]) -> Choice:
    free = appointments.free(
        district=view.district, wanted=[(reason.place, reason.purpose)], at=clock.now()
    )
    own = str(chosen.get(reason.purpose, ""))
    days = [(on, tuple(times)) for on, times in groupby(free, key=lambda slot: slot.on)]
    offices = {slot.office_name for slot in free}
    return Choice(
        reason,
        "、".join(view.edition.item(number).short_name for number in reason.items),
        tuple(
            Day(on, times, i < _OPEN_DAYS or own in {str(one.id) for one in times})
            for i, (on, times) in enumerate(days)
        ),
        own,
        offices.pop() if len(offices) == 1 else "",
    )


def _chosen(request: access.Request) -> dict[str, UUID]:
    """The times that a form chose, by purpose; what is no id counts as not chosen."""
    found = {}
    for name, text in request.POST.items():
        if name.startswith(_PREFIX):
            try:
                found[name.removeprefix(_PREFIX)] = UUID(str(text))
            except ValueError:
                continue
    return found


def _own(view: CaseView, appointment_id: UUID) -> Appointment:
    for one in appointments.of_case(view.id):
        if one.id == appointment_id:
            return one
    raise Http404("没有这个预约")


def _reason_of(view: CaseView, held: Appointment) -> Reason:
    words = view.edition.reasons.get(held.slot.purpose, held.slot.purpose)
    return Reason(
        held.slot.place,
        held.slot.purpose,
        words,
        held.items,
        coming.names(view.edition, held.items),
    )


# The calendar file -----------------------------------------------------------------------------


def _event(one: Appointment, place: str, bring: tuple[str, ...], view: CaseView) -> list[str]:
    words = view.edition.reasons.get(one.slot.purpose, one.slot.purpose)
    where = "，".join(part for part in (one.slot.office_name, one.slot.address) if part)
    notes = f"带上：{'、'.join(bring)}" if bring else "本人来，带身份证件"
    return [
        "BEGIN:VEVENT",
        f"UID:{one.id}@lianban",
        f"DTSTAMP:{_utc(clock.now())}",
        f"DTSTART:{_utc(one.slot.starts_at)}",
        f"DTEND:{_utc(one.slot.ends_at)}",
        f"SUMMARY:{_text(f'到{place}：{words}')}",
        f"LOCATION:{_text(where)}",
        f"DESCRIPTION:{_text(notes)}",
        "END:VEVENT",
    ]


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(words: str) -> str:
    for character in ("\\", ";", ","):
        words = words.replace(character, f"\\{character}")
    return words.replace("\n", "\\n")


def _folded(line: str) -> list[str]:
    """Lines of at most 75 bytes; a continued one begins with a space."""
    parts, current = [], ""
    for character in line:
        if len((current + character).encode()) > 74:
            parts.append(current)
            current = " "
        current += character
    return [*parts, current]
