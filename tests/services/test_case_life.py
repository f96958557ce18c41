"""One case from its form to its conclusion, through the services, in PostgreSQL."""

from dataclasses import replace

import pytest

from lianban.accounts.actor import Actor
from lianban.cases import services, verify
from lianban.cases.content import Content
from lianban.cases.models import JointCaseRecord, MessageRecord
from lianban.cases.services import drafts, hand_in
from lianban.engine import commands as c
from lianban.engine.refusal import Refused
from lianban.journal.models import JournalEntry
from tests.services import money
from tests.services.cast import CONSCRIPT, FIELDS, City, moment, ways

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def city() -> City:
    return City().build()


def filled(actor: Actor, **changes: object) -> drafts.Draft:
    at = moment("2026-09-03 09:00")
    draft = drafts.start(district="439901", actor=actor, at=at)
    content = replace(Content(answers=CONSCRIPT, fields=FIELDS), **changes)
    plan = content.plan(draft.edition)
    content = replace(content, materials=ways(actor, hand_in.needed_codes(plan)))
    return drafts.save(draft_id=draft.id, content=content, actor=actor, at=at)


@pytest.mark.parametrize("hour", ["10:00", "00:10", "07:50", "23:50"])
def test_a_case_is_carried_from_the_form_to_its_conclusion(city: City, hour: str) -> None:
    at = moment(f"2026-09-03 {hour}")
    draft = filled(city.clerk)
    receipt = hand_in.register(draft_id=draft.id, actor=city.clerk, at=at)
    case_id = receipt.case_id
    services.run(c.Grant(1), case_id=case_id, actor=city.clerk, at=at)
    services.run(c.ReceiveDossier(), case_id=case_id, actor=city.bureau, at=at)
    services.run(c.RegisterReception(), case_id=case_id, actor=city.bureau, at=at)
    case = services.run(c.GatherBatch(), case_id=case_id, actor=city.bureau, at=at)
    while case.open_items:
        for number in case.open_items:
            sub = case.sub_cases[number]
            role = "department_officer"
            if sub.department == "veterans_affairs":
                role = "bureau_officer"
            actor = city.officer(role, sub.department)
            if sub.state == "delivering":
                case = services.run(c.Deliver(number), case_id=case_id, actor=actor, at=at)
            elif sub.state in ("ready", "dispatched"):
                money.approve_first(c.Grant(number), case_id=case_id, at=at)
                case = services.run(c.Grant(number), case_id=case_id, actor=actor, at=at)
    case = services.run(c.Conclude(), case_id=case_id, actor=city.bureau, at=at)
    assert case.state == "concluded"
    record = JointCaseRecord.objects.get(id=case_id)
    assert record.state == "concluded"
    assert JournalEntry.objects.filter(case_id=case_id).count() == record.sequence
    assert list(verify.problems()) == []
    assert f"{record.submitted_at:%m-%d %H:%M}" == f"09-03 {hour}"  # not the day before, in UTC
    assert MessageRecord.objects.filter(case=record, kind="concluded").exists()


def test_an_officer_of_another_county_does_not_find_the_case(city: City) -> None:
    draft = filled(city.clerk)
    receipt = hand_in.register(draft_id=draft.id, actor=city.clerk, at=moment("2026-09-03 09:10"))
    stranger = city.officer("bureau_officer", "veterans_affairs", "439902")
    with pytest.raises(Refused, match="没有这件联办件"):
        services.run(
            c.ReceiveDossier(),
            case_id=receipt.case_id,
            actor=stranger,
            at=moment("2026-09-03 10:00"),
        )


def test_what_happens_to_other_items_disturbs_nobody_who_decides_this_one(city: City) -> None:
    draft = filled(city.clerk)
    receipt = hand_in.register(draft_id=draft.id, actor=city.clerk, at=moment("2026-09-03 09:10"))
    case_id, at = receipt.case_id, moment("2026-09-03 10:00")
    services.run(c.Grant(1), case_id=case_id, actor=city.clerk, at=at)
    services.run(c.ReceiveDossier(), case_id=case_id, actor=city.bureau, at=at)
    services.run(c.RegisterReception(), case_id=case_id, actor=city.bureau, at=at)
    seen = services.run(c.GatherBatch(), case_id=case_id, actor=city.bureau, at=at).sequence
    police = city.officer("department_officer", "public_security")
    army = city.officer("department_officer", "armed_forces")

    services.run(c.Accept(3), case_id=case_id, actor=police, at=at)
    case = services.run(c.Accept(2), case_id=case_id, actor=army, at=at, expected_sequence=seen)
    assert case.sub_cases[2].state == "accepted"
    with pytest.raises(Refused) as refused:
        services.run(
            c.Deny(3, "不符"), case_id=case_id, actor=police, at=at, expected_sequence=seen
        )
    assert refused.value.code == "stale"
    services.run(c.Withdraw(), case_id=case_id, actor=city.clerk, at=at)
    with pytest.raises(Refused) as refused:
        services.run(c.Deny(2, "不符"), case_id=case_id, actor=army, at=at, expected_sequence=seen)
    assert refused.value.code in ("stale", "ended")
