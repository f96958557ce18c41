"""An office's times: who comes today, which times are open, opening and closing them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from lianban import clock
from lianban.cases import appointments
from lianban.cases.appointments import Purpose, Slot
from lianban.cases.services import slots, visits
from lianban.catalogue.calendar import ONE_DAY
from lianban.engine.refusal import Refused
from lianban.web.components import access
from lianban.web.components.forms import ChineseDateField, Form
from lianban.web.components.refusals import status_of

#: So many days from today are listed with their times.
DAYS = 21
_WEEKDAYS = tuple((str(i), f"周{name}") for i, name in enumerate("一二三四五六日"))
_HOURS = tuple((f"{hour:02}:{minute:02}",) * 2 for hour in range(7, 21) for minute in (0, 30))
_MINUTES = tuple((str(n), f"{n} 分钟") for n in (10, 15, 20, 30, 60))
_PLACES = tuple((str(n), f"{n} 人") for n in range(1, 11))


@dataclass(frozen=True)
class Face:
    """Where the pages of a face lie, and how it draws one: `draw(request, page, context, status)`."""

    draw: Callable[[access.Request, str, dict[str, Any], int], HttpResponse]
    home: str
    opening: str
    close: str
    arrived: str


@dataclass(frozen=True)
class Day:
    """The times of one day."""

    on: date
    slots: tuple[Slot, ...]

    @property
    def capacity(self) -> int:
        """How many people can come."""
        return sum(slot.capacity for slot in self.slots)

    @property
    def taken(self) -> int:
        """How many have booked."""
        return sum(slot.taken for slot in self.slots)

    @property
    def empty(self) -> int:
        """How many times nobody has booked."""
        return sum(not slot.taken for slot in self.slots)


class Opening(Form):
    """Which times to open."""

    purpose = forms.ChoiceField(label="办什么")
    first = ChineseDateField(label="从哪天")
    last = ChineseDateField(label="到哪天")
    weekdays = forms.MultipleChoiceField(
        label="星期几", choices=_WEEKDAYS, widget=forms.CheckboxSelectMultiple
    )
    starts = forms.ChoiceField(label="几点开始", choices=_HOURS)
    ends = forms.ChoiceField(label="几点结束", choices=_HOURS)
    minutes = forms.ChoiceField(label="每个时段多长", choices=_MINUTES)
    capacity = forms.ChoiceField(label="每个时段几个人", choices=_PLACES)

    def __init__(self, *args: Any, purposes: list[Purpose], **kwargs: Any) -> None:
        tomorrow = clock.now().date() + ONE_DAY
        kwargs.setdefault(
            "initial",
            {
                "first": tomorrow,
                "last": tomorrow + timedelta(days=13),
                "weekdays": ["0", "1", "2", "3", "4"],
                "starts": "09:00",
                "ends": "11:30",
                "minutes": "30",
                "capacity": "1",
            },
        )
        super().__init__(*args, **kwargs)
        field = self.fields["purpose"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(one.key, f"{one.words}，在{one.place_name}") for one in purposes]

    def pattern(self) -> slots.Pattern:
        """What was asked for, once it is valid."""
        given = self.cleaned_data
        place, _, purpose = given["purpose"].partition(".")
        return slots.Pattern(
            place=place,
            purpose=purpose,
            first=given["first"],
            last=given["last"],
            weekdays=frozenset(map(int, given["weekdays"])),
            starts=time.fromisoformat(given["starts"]),
            ends=time.fromisoformat(given["ends"]),
            minutes=int(given["minutes"]),
            capacity=int(given["capacity"]),
        )


def day_page(face: Face, request: access.Request) -> HttpResponse:
    """Who comes on a day, in order, and the times of the next weeks."""
    today = clock.now().date()
    on = _day(request.GET.get("on", ""), today)
    office_id = _office(request)
    found = appointments.slots(office_id=office_id, first=today, days=DAYS)
    context = {
        "on": on,
        "today": today,
        "before": on - ONE_DAY,
        "after": on + ONE_DAY,
        "coming": appointments.day(office_id=office_id, on=on),
        "days": [Day(day, tuple(own)) for day, own in found.items()],
        "purposes": {one.purpose: one.words for one in appointments.purposes(request.actor)},
        "links": face,
    }
    return face.draw(request, "slots", context, 200)


def opening_page(face: Face, request: access.Request) -> HttpResponse:
    """Open times by a pattern of weekdays and hours; only working days count."""
    _office(request)
    purposes = appointments.purposes(request.actor)
    form = Opening(request.POST or None, purposes=purposes)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = slots.open_slots(pattern=form.pattern(), actor=request.actor, at=clock.now())
            except Refused as refusal:
                if refusal.code != "bad_pattern":
                    raise
                form.add_error(str(refusal.details["field"]), refusal.message)
            else:
                words = f"开放了 {made} 个时间" if made else "这些时间早就开放了，没有新的"
                messages.success(request, words)
                return redirect(face.home)
    context = {"form": form, "purposes": purposes, "links": face}
    return face.draw(request, "open_slots", context, status)


def close(face: Face, request: access.Request) -> HttpResponse:
    """Close the times that were ticked, and of ticked days all that nobody booked."""
    office_id, today = _office(request), clock.now().date()
    chosen = set(_ids(request.POST.getlist("slot")))
    days = {_day(text, None) for text in request.POST.getlist("day")}
    found = appointments.slots(office_id=office_id, first=today, days=DAYS)
    chosen |= {slot.id for day in days & found.keys() for slot in found[day] if not slot.taken}
    if not chosen:
        messages.error(request, "还没有勾要关掉的时间")
        return redirect(face.home)
    closed, stay = slots.close_slots(slots=list(chosen), actor=request.actor, at=clock.now())
    words = f"关掉了 {closed} 个时间"
    messages.success(request, f"{words}，{stay} 个有人约了，留着" if stay else words)
    return redirect(face.home)


def arrived(face: Face, request: access.Request, appointment_id: UUID) -> HttpResponse:
    """The person who booked is here: note the visit."""
    held = appointments.one(appointment_id, office_id=_office(request))
    if held is None:
        raise Http404("没有这个预约")
    try:
        visits.came(
            case_id=held.case_id,
            place=held.slot.place,
            items=held.items,
            actor=request.actor,
            at=clock.now(),
        )
    except Refused as refusal:
        if status_of(refusal) == 404:
            raise
        messages.error(request, refusal.message)
    else:
        messages.success(request, "记下了：本人来了")
    return redirect(face.home)


def _office(request: access.Request) -> UUID:
    if request.actor.office_id is None:
        raise Http404("您没有所在单位")
    return request.actor.office_id


def _day(text: str, otherwise: Any) -> Any:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return otherwise


def _ids(texts: list[str]) -> list[UUID]:
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
