"""Coming in person: times are opened, booked together, given back and missed; visits are noted once."""

import threading
from dataclasses import replace
from datetime import date, time, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from lianban.accounts.actor import Actor
from lianban.cases import appointments, coming, figures_visits, queries
from lianban.cases.content import Content
from lianban.cases.models import AppointmentRecord, SlotRecord, VisitRecord
from lianban.cases.services import counter, drafts, hand_in, slots, visits
from lianban.engine.refusal import Refused
from lianban.journal.models import JournalEntry
from tests.services.cast import CONSCRIPT, FIELDS, City, identity_number, moment

pytestmark = pytest.mark.django_db(transaction=True)
AT = moment("2026-10-19 10:00")  # a Monday
PATTERN = slots.Pattern(
    place="counter",
    purpose="fingerprints",
    first=AT.date(),
    last=AT.date() + timedelta(days=7),
    weekdays=frozenset({1, 2, 5}),
    starts=time(9, 0),
    ends=time(10, 0),
    minutes=20,
    capacity=1,
)


@pytest.fixture
def city() -> City:
    return City().build()


@pytest.fixture
def police(city: City) -> Actor:
    return city.officer("department_officer", "public_security")


def handed_in(city: City, actor: Actor, sequence: str = "001", district: str = "439901") -> UUID:
    """The conscript's case, handed in online, with everything promised to the counter."""
    number = identity_number(sequence=sequence)
    content = Content(answers=CONSCRIPT, fields={**FIELDS, "identity_number": number})
    draft = drafts.start(district=district, actor=actor, at=AT)
    codes = hand_in.needed_codes(content.plan(draft.edition))
    ways = {
        code: "with_dossier" if draft.edition.material_by_code[code].may_arrive_with else "promised"
        for code in codes
    }
    content = replace(content, materials=ways)
    drafts.save(draft_id=draft.id, content=content, actor=actor, at=AT)
    return hand_in.submit(draft_id=draft.id, actor=actor, at=AT).case_id


def opened(police: Actor, **changes: object) -> list[SlotRecord]:
    slots.open_slots(pattern=replace(PATTERN, **changes), actor=police, at=AT)  # type: ignore[arg-type]
    return list(SlotRecord.objects.order_by("starts_at"))


def events(case_id: UUID) -> list[str]:
    entries = JournalEntry.objects.filter(case_id=case_id).order_by("sequence")
    kinds = ("Booked", "BookingCancelled", "BookingMissed", "VisitMade")
    return [entry.event for entry in entries if entry.event in kinds]


def test_times_are_opened_on_the_working_days_of_the_pattern_only(police: Actor) -> None:
    rows = opened(police)
    assert [f"{appointments.slot(row).starts_at:%m-%d %H:%M}" for row in rows] == [
        "10-20 09:00", "10-20 09:20", "10-20 09:40", "10-21 09:00", "10-21 09:20", "10-21 09:40",
    ]  # fmt: skip
    assert slots.open_slots(pattern=PATTERN, actor=police, at=AT) == 0
    holiday = replace(PATTERN, first=date(2026, 10, 1), last=date(2026, 10, 2))
    early = moment("2026-09-30 10:00")
    weekdays = replace(holiday, weekdays=frozenset(range(7)))
    assert slots.open_slots(pattern=weekdays, actor=police, at=early) == 0


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("purpose", {"purpose": "originals"}),
        ("purpose", {"place": "bank"}),
        ("first", {"first": date(2026, 10, 18)}),
        ("last", {"last": date(2026, 10, 18)}),
        ("last", {"last": date(2027, 10, 18)}),
        ("weekdays", {"weekdays": frozenset[int]()}),
        ("minutes", {"minutes": 1}),
        ("ends", {"ends": time(9, 10)}),
        ("capacity", {"capacity": 0}),
    ],
)
def test_a_pattern_that_makes_no_sense_is_refused_by_its_field(
    police: Actor, field: str, changes: dict[str, object]
) -> None:
    with pytest.raises(Refused) as refused:
        opened(police, **changes)
    assert refused.value.details["field"] == field
    assert not SlotRecord.objects.exists()


def test_only_an_office_opens_its_own_times(city: City, police: Actor) -> None:
    for actor in (
        city.applicant(),
        Actor.system(),
        city.officer("department_officer", "education"),
    ):
        with pytest.raises(Refused):
            opened(actor)
    (first, *_) = opened(police)
    other = city.officer("department_officer", "public_security", "439902")
    assert slots.close_slots(slots=[first.id], actor=other, at=AT) == (0, 0)


def test_the_last_place_of_a_time_goes_to_one_of_two(city: City, police: Actor) -> None:
    people = [city.applicant(f"1380000001{i}") for i in range(2)]
    cases = [handed_in(city, person, f"0{i}1") for i, person in enumerate(people, start=1)]
    (slot, *_) = opened(police)
    start, said = threading.Barrier(2), []

    def book(case_id: UUID, actor: Actor) -> None:
        try:
            start.wait()
            visits.book_all(case_id=case_id, slots=[slot.id], actor=actor, at=AT)
            said.append("booked")
        except Refused as refusal:
            said.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=book, args=pair) for pair in zip(cases, people, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["booked", "slot_full"]
    slot.refresh_from_db()
    assert (slot.taken, AppointmentRecord.objects.count()) == (1, 1)


def test_the_table_itself_refuses_one_more_than_there_are_places(police: Actor) -> None:
    (slot, *_) = opened(police)
    for taken in (2, -1):
        with pytest.raises(IntegrityError), transaction.atomic():
            SlotRecord.objects.filter(id=slot.id).update(taken=taken)


def test_a_booking_is_told_repeated_harmlessly_and_once_a_purpose(
    city: City, police: Actor
) -> None:
    person = city.applicant()
    case_id, (first, second, *_) = handed_in(city, person), opened(police)
    for _ in range(2):
        visits.book_all(case_id=case_id, slots=[first.id], actor=person, at=AT)
    assert events(case_id) == ["Booked"]
    with pytest.raises(Refused) as refused:
        visits.book_all(case_id=case_id, slots=[second.id], actor=person, at=AT)
    assert refused.value.code == "already_booked"
    second.refresh_from_db()
    assert second.taken == 0


def test_another_time_gives_the_old_one_back_or_keeps_it(city: City, police: Actor) -> None:
    person, other = city.applicant(), city.applicant("13800000022")
    case_id, rest = handed_in(city, person), handed_in(city, other, "021")
    first, second, third = opened(police)[:3]
    visits.book_all(case_id=rest, slots=[third.id], actor=other, at=AT)
    (held,) = visits.book_all(case_id=case_id, slots=[first.id], actor=person, at=AT)
    with pytest.raises(Refused, match="约走"):
        visits.rebook(appointment_id=held.id, slot=third.id, actor=person, at=AT)
    visits.rebook(appointment_id=held.id, slot=second.id, actor=person, at=AT)
    assert [row.taken for row in SlotRecord.objects.order_by("starts_at")[:3]] == [0, 1, 1]
    assert events(case_id) == ["Booked", "BookingCancelled", "Booked"]
    with pytest.raises(Refused) as refused:  # somebody else's is not there
        visits.cancel(appointment_id=held.id, actor=other, at=AT)
    assert refused.value.code == "unknown_case"


def test_a_time_is_given_back_until_the_day_before(city: City, police: Actor) -> None:
    person = city.applicant()
    case_id, (first, *_) = handed_in(city, person), opened(police)
    (held,) = visits.book_all(case_id=case_id, slots=[first.id], actor=person, at=AT)
    with pytest.raises(Refused) as refused:
        visits.cancel(appointment_id=held.id, actor=person, at=moment("2026-10-20 08:00"))
    assert refused.value.code == "too_late"
    for _ in range(2):
        visits.cancel(appointment_id=held.id, actor=person, at=AT)
    first.refresh_from_db()
    assert first.taken == 0
    assert events(case_id) == ["Booked", "BookingCancelled"]
    assert slots.close_slots(slots=[first.id], actor=police, at=AT) == (1, 0)
    assert slots.open_slots(pattern=PATTERN, actor=police, at=AT) == 1


def test_closing_leaves_those_who_booked_and_lets_nobody_else_in(city: City, police: Actor) -> None:
    person = city.applicant()
    case_id = handed_in(city, person)
    first, second, *_ = opened(police, capacity=3)
    visits.book_all(case_id=case_id, slots=[first.id], actor=person, at=AT)
    assert slots.close_slots(slots=[first.id, second.id], actor=police, at=AT) == (1, 1)
    first.refresh_from_db()
    assert (first.taken, first.capacity) == (1, 1)
    assert not SlotRecord.objects.filter(id=second.id).exists()


def test_who_does_not_come_is_told_and_books_again(city: City, police: Actor) -> None:
    person = city.applicant()
    case_id, (first, *_, last) = handed_in(city, person), opened(police)
    visits.book_all(case_id=case_id, slots=[first.id], actor=person, at=AT)
    evening, after = moment("2026-10-20 18:00"), moment("2026-10-21 00:10")
    assert visits.pass_by(at=evening) == 0
    assert [visits.pass_by(at=after) for _ in range(2)] == [1, 0]
    view = queries.get(case_id=case_id, actor=person, at=after)
    assert len(coming.of_case(view).missed) == 1
    visits.book_all(case_id=case_id, slots=[last.id], actor=person, at=after)
    assert events(case_id) == ["Booked", "BookingMissed", "Booked"]
    assert coming.of_case(view).missed == ()


def test_one_day_at_one_place_is_one_visit_and_keeps_the_appointment(
    city: City, police: Actor
) -> None:
    person = city.applicant()
    case_id, (first, *_) = handed_in(city, person), opened(police)
    visits.book_all(case_id=case_id, slots=[first.id], actor=person, at=AT)
    on = moment("2026-10-20 09:05")
    for actor, items in ((city.clerk, [1]), (police, [4]), (police, [4])):
        visits.came(case_id=case_id, place="counter", items=items, actor=actor, at=on)
    (made,) = VisitRecord.objects.all()
    assert (made.items, made.on) == ([1, 4], on.date())
    assert AppointmentRecord.objects.get().state == "kept"
    assert events(case_id) == ["Booked", "VisitMade"]
    view = queries.get(case_id=case_id, actor=person, at=on)
    assert coming.of_case(view).open == ()
    visits.came(case_id=case_id, place="counter", items=[1], actor=city.clerk, at=AT)
    assert VisitRecord.objects.count() == 2


def test_a_visit_is_noted_by_those_who_see_the_person(city: City, police: Actor) -> None:
    person = city.applicant()
    case_id = handed_in(city, person)
    for actor, items in ((person, [1]), (police, [1])):
        with pytest.raises(Refused) as refused:
            visits.came(case_id=case_id, place="counter", items=items, actor=actor, at=AT)
        assert refused.value.code == "not_permitted"
    elsewhere = city.officer("department_officer", "public_security", "439902")
    for place, actor in (("counter", elsewhere), ("moon", city.clerk)):
        with pytest.raises(Refused) as refused:
            visits.came(case_id=case_id, place=place, items=[4], actor=actor, at=AT)
        assert refused.value.code in ("unknown_case", "unknown_place")
    assert not VisitRecord.objects.exists()


def test_nothing_can_be_booked_that_the_case_does_not_need(city: City, police: Actor) -> None:
    person = city.applicant()
    case_id, (first, *_) = handed_in(city, person), opened(police)
    far = opened(city.officer("department_officer", "public_security", "439902"))
    elsewhere = next(row for row in far if row.office_id != first.office_id)
    for chosen, code in (
        ([], "no_slots"),
        ([uuid4()], "unknown_slot"),
        ([elsewhere.id], "unknown_slot"),
    ):
        with pytest.raises(Refused) as refused:
            visits.book_all(case_id=case_id, slots=chosen, actor=person, at=AT)
        assert refused.value.code == code
    visits.came(case_id=case_id, place="counter", items=[4], actor=police, at=AT)
    with pytest.raises(Refused) as refused:
        visits.book_all(case_id=case_id, slots=[first.id], actor=person, at=AT)
    assert refused.value.code == "nothing_to_book"


def test_everything_is_booked_together_on_one_day_or_nothing(city: City, police: Actor) -> None:
    person = city.applicant()
    case_id, prints = handed_in(city, person), opened(police)
    hall = replace(PATTERN, purpose="originals", starts=time(14, 0), ends=time(14, 40))
    slots.open_slots(pattern=hall, actor=city.clerk, at=AT)
    shown = list(SlotRecord.objects.filter(purpose="originals").order_by("starts_at"))
    for chosen, code in (
        ([prints[0]], "incomplete"),
        ([prints[0], shown[-1]], "not_one_day"),
        ([prints[0], prints[1]], "already_booked"),
    ):
        with pytest.raises(Refused) as refused:
            ids = [one.id for one in chosen]
            visits.book_all(case_id=case_id, slots=ids, actor=person, at=AT)
        assert refused.value.code == code
    assert not AppointmentRecord.objects.exists()
    SlotRecord.objects.filter(id=shown[0].id).update(taken=1)  # the last place of one of them
    with pytest.raises(Refused) as refused:
        ids = [prints[0].id, shown[0].id]
        visits.book_all(case_id=case_id, slots=ids, actor=person, at=AT)
    assert refused.value.code == "slot_full"
    assert not AppointmentRecord.objects.exists()
    assert SlotRecord.objects.get(id=prints[0].id).taken == 0
    ids = [prints[0].id, shown[1].id]
    visits.book_all(case_id=case_id, slots=ids, actor=city.clerk, at=AT)
    assert events(case_id) == ["Booked", "Booked"]


def test_registering_and_ticking_at_the_counter_note_the_visit_once(city: City) -> None:
    content = Content(answers=CONSCRIPT, fields=FIELDS)
    draft = counter.start(district="439901", content=content, actor=city.clerk, at=AT)
    codes = hand_in.needed_codes(content.plan(draft.edition))
    content = replace(content, materials=dict.fromkeys(codes, "seen"))
    counter.keep(draft_id=draft.id, content=content, actor=city.clerk, at=AT)
    receipt = hand_in.register(draft_id=draft.id, actor=city.clerk, at=AT)
    counter.seen_beside(
        case_id=receipt.case_id,
        codes=codes[:1],
        place="counter",
        items=[1],
        actor=city.clerk,
        at=AT + timedelta(minutes=5),
    )
    assert events(receipt.case_id) == ["VisitMade"]
    assert VisitRecord.objects.get().items == [1]


def test_visits_per_case_are_a_figure_by_district(city: City) -> None:
    cases = [
        handed_in(city, city.applicant(f"1380000003{i}"), f"03{i}", district)
        for i, district in enumerate(("439901", "439901", "439902"))
    ]
    for case_id, district, days in zip(
        cases, ("439901", "439901", "439902"), (2, 0, 1), strict=True
    ):
        clerk = city.officer("counter_clerk", "veterans_affairs", district)
        for day in range(days):
            at = AT + timedelta(days=day)
            visits.came(case_id=case_id, place="counter", items=[1], actor=clerk, at=at)
    found = figures_visits.visits_per_case()
    assert (found.cases, found.visits, found.mean, found.share_at_most_one) == (3, 3, 1.0, 2 / 3)
    assert [(one.district, one.mean) for one in found.by_district] == [
        ("439901", 1.0), ("439902", 1.0),
    ]  # fmt: skip
    assert figures_visits.visits_per_case(districts=["439902"]).cases == 1
