"""Gathering: one batch with a number, each case once, the sheet again whenever it is asked for."""

from dataclasses import replace

import pytest

from lianban.cases import batch_lists, services, worklists
from lianban.cases.content import Content
from lianban.cases.models import BatchRecord
from lianban.cases.services import batches, drafts, hand_in
from lianban.engine import commands as c
from lianban.engine.refusal import Refused
from tests.services import money
from tests.services.cast import CONSCRIPT, FIELDS, City, identity_number, moment

pytestmark = pytest.mark.django_db(transaction=True)

AT = moment("2026-09-20 09:00")


@pytest.fixture
def city() -> City:
    return City().build()


def received(city: City, sequence: str = "001", *, reception: bool = True) -> hand_in.Receipt:
    at = moment("2026-09-03 09:00")
    draft = drafts.start(district="439901", actor=city.clerk, at=at)
    fields = {**FIELDS, "identity_number": identity_number(sequence=sequence)}
    content = Content(answers=CONSCRIPT, fields=fields)
    codes = hand_in.needed_codes(content.plan(draft.edition))
    content = replace(content, materials=dict.fromkeys(codes, "seen"))
    draft = drafts.save(draft_id=draft.id, content=content, actor=city.clerk, at=at)
    receipt = hand_in.register(draft_id=draft.id, actor=city.clerk, at=at)
    services.run(c.Grant(1), case_id=receipt.case_id, actor=city.clerk, at=at)
    if reception:
        for command in (c.ReceiveDossier(), c.RegisterReception()):
            services.run(command, case_id=receipt.case_id, actor=city.bureau, at=at)
    return receipt


def test_what_is_ready_at_other_departments_waits_to_be_gathered(city: City) -> None:
    receipt = received(city)
    found = worklists.cases(actor=city.bureau, show="to_gather", today=AT.date())
    assert [row.id for row in found.rows] == [receipt.case_id]
    batches.gather(case_ids=[receipt.case_id], actor=city.bureau, at=AT)
    assert worklists.cases(actor=city.bureau, show="to_gather", today=AT.date()).rows == []


def test_cases_are_gathered_into_one_numbered_batch(city: City) -> None:
    ids = [received(city).case_id, received(city, "003").case_id]
    found = batches.gather(case_ids=ids, actor=city.bureau, at=AT)
    assert found.number == "HZ20260920-439901-01"
    assert [row.done for row in found.rows] == [True, True]
    assert found.batch_id
    rows = batch_lists.sheet(batch_id=found.batch_id, actor=city.bureau)
    assert {row.item for row in rows} == {2, 3, 7, 14}
    assert len(rows) == 8
    assert all("***" in row.identity_masked for row in rows)


def test_a_case_that_is_not_ready_is_left_out_with_its_reason(city: City) -> None:
    early = received(city, reception=False)
    ready = received(city, "003")
    found = batches.gather(case_ids=[early.case_id, ready.case_id], actor=city.bureau, at=AT)
    assert sorted(row.done for row in found.rows) == [False, True]
    assert BatchRecord.objects.get().cases.count() == 1


def test_a_second_click_finds_the_first_batch(city: City) -> None:
    receipt = received(city)
    first = batches.gather(case_ids=[receipt.case_id], actor=city.bureau, at=AT)
    second = batches.gather(case_ids=[receipt.case_id], actor=city.bureau, at=AT)
    assert second.batch_id == first.batch_id
    assert first.number in second.rows[0].message
    assert BatchRecord.objects.count() == 1


def test_the_second_batch_of_a_day_has_the_next_number(city: City) -> None:
    batches.gather(case_ids=[received(city).case_id], actor=city.bureau, at=AT)
    found = batches.gather(case_ids=[received(city, "003").case_id], actor=city.bureau, at=AT)
    assert found.number.endswith("-02")


def test_another_county_gathers_nothing_and_sees_no_batch(city: City) -> None:
    receipt = received(city)
    stranger = city.officer("bureau_officer", "veterans_affairs", "439902")
    assert batches.gather(case_ids=[receipt.case_id], actor=stranger, at=AT).rows == []
    found = batches.gather(case_ids=[receipt.case_id], actor=city.bureau, at=AT)
    assert found.batch_id
    with pytest.raises(Refused, match="没有这一批"):
        batch_lists.get(batch_id=found.batch_id, actor=stranger)


def test_a_department_may_not_gather(city: City) -> None:
    receipt = received(city)
    officer = city.officer("department_officer", "public_security")
    with pytest.raises(Refused, match="您的岗位"):
        batches.gather(case_ids=[receipt.case_id], actor=officer, at=AT)


def test_a_case_whose_open_items_were_split_off_can_be_concluded(city: City) -> None:
    receipt = received(city)
    case = batches_and_all_but_the_tail(city, receipt)
    assert case.open_items == [5]
    found = worklists.cases(actor=city.bureau, show="to_conclude", today=AT.date())
    assert [row.id for row in found.rows] == [receipt.case_id]


def batches_and_all_but_the_tail(city: City, receipt: hand_in.Receipt):
    case = services.run(c.GatherBatch(), case_id=receipt.case_id, actor=city.bureau, at=AT)
    case = services.run(c.SplitOff(5), case_id=receipt.case_id, actor=city.bureau, at=AT)
    services.run(c.Waive(11, "5", "按方案先发卡"), case_id=receipt.case_id, actor=city.head, at=AT)
    while [n for n in case.open_items if n != 5]:
        for number in [n for n in case.open_items if n != 5]:
            sub = case.sub_cases[number]
            lead = sub.department == "veterans_affairs"
            actor = city.officer("bureau_officer" if lead else "department_officer", sub.department)
            step = {"delivering": c.Deliver, "ready": c.Grant, "dispatched": c.Grant}
            if sub.state in step:
                command = step[sub.state](number)
                money.approve_first(command, case_id=receipt.case_id, at=AT)
                case = services.run(command, case_id=receipt.case_id, actor=actor, at=AT)
    return case
