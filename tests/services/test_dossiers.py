"""Troop dossiers: many at once, matched by number, never merged over a name."""

from dataclasses import replace

import pytest

from lianban.accounts.actor import Actor
from lianban.cases import dossier_lists, queries, services
from lianban.cases.content import Content
from lianban.cases.models import DossierRecord, MaterialRecord
from lianban.cases.services import dossiers, drafts, hand_in
from lianban.engine import commands as c
from lianban.engine.refusal import Refused
from lianban.journal.models import JournalEntry
from tests.services.cast import CONSCRIPT, FIELDS, City, identity_number, moment

pytestmark = pytest.mark.django_db(transaction=True)

DISTRICT = "439901"
NUMBER, NAME = FIELDS["identity_number"], FIELDS["name"]
AT = moment("2026-09-20 09:00")
VOUCHERS = ("pension_payment_voucher", "medical_transfer_voucher")


@pytest.fixture
def city() -> City:
    return City().build()


def registered(city: City, *, missing: tuple[str, ...] = (), **fields: str) -> hand_in.Receipt:
    at = moment("2026-09-03 09:00")
    draft = drafts.start(district=DISTRICT, actor=city.clerk, at=at)
    content = Content(answers=CONSCRIPT, fields={**FIELDS, **fields})
    codes = hand_in.needed_codes(content.plan(draft.edition))
    along = {m.code for m in draft.edition.materials if m.may_arrive_with}
    there = {code: "promised" if code in along else "seen" for code in codes if code not in missing}
    content = replace(content, materials=there)
    draft = drafts.save(draft_id=draft.id, content=content, actor=city.clerk, at=at)
    return hand_in.register(draft_id=draft.id, actor=city.clerk, at=at)


def record(actor: Actor, *rows: tuple[str, str], state: str = "expected", **more: object) -> list:
    return dossiers.record(rows=rows, state=state, district=DISTRICT, actor=actor, at=AT, **more)


def test_a_wrong_row_says_what_is_wrong_and_does_not_stop_the_others(city: City) -> None:
    wrong = NUMBER[:-1] + ("0" if NUMBER[-1] != "0" else "1")
    found = record(city.bureau, (NAME, NUMBER), ("李一", wrong), ("", NUMBER))
    assert [row.done for row in found] == [True, False, False]
    assert "最后一位对不上" in found[1].message
    assert "姓名" in found[2].message
    assert DossierRecord.objects.count() == 1


def test_a_dossier_noted_twice_is_one_dossier(city: City) -> None:
    record(city.bureau, (NAME, NUMBER))
    again = record(city.bureau, (NAME, NUMBER))
    assert again[0].done
    assert DossierRecord.objects.count() == 1


def test_the_number_is_sealed_at_rest_and_masked_in_lists(city: City) -> None:
    record(city.bureau, (NAME, NUMBER))
    row = DossierRecord.objects.get()
    assert NUMBER.encode() not in bytes(row.identity_number)
    page = dossier_lists.dossiers(actor=city.bureau, show="expected")
    assert page.rows[0].identity_masked == NUMBER[:3] + "***********" + NUMBER[-4:]
    assert dossier_lists.reveal(dossier_id=row.id, actor=city.bureau, at=AT) == NUMBER


def test_a_received_dossier_opens_the_case_and_brings_its_vouchers(city: City) -> None:
    receipt = registered(city, missing=VOUCHERS)
    found = record(city.bureau, (NAME, NUMBER), state="received", vouchers=VOUCHERS)
    assert found[0].done
    assert receipt.case_number in found[0].message
    events = list(
        JournalEntry.objects.filter(case_id=receipt.case_id).values_list("event", flat=True)
    )
    assert events[-3:] == ["DossierReceived", "MaterialGraded", "Corrected"]
    view = queries.get(case_id=receipt.case_id, actor=city.bureau, at=AT)
    assert view.case.missing == ()
    states = MaterialRecord.objects.filter(case_id=receipt.case_id, code__in=VOUCHERS)
    assert set(states.values_list("state", flat=True)) == {"with_dossier"}


def test_a_dossier_that_comes_first_counts_when_the_person_comes(city: City) -> None:
    record(city.bureau, (NAME, NUMBER), state="received", vouchers=VOUCHERS)
    assert dossier_lists.counts(actor=city.bureau)["no_person"] == 1
    receipt = registered(city, missing=VOUCHERS)
    assert dossier_lists.counts(actor=city.bureau)["no_person"] == 0
    view = queries.get(case_id=receipt.case_id, actor=city.bureau, at=AT)
    assert view.case.missing == ()
    assert dossier_lists.counts(actor=city.bureau)["people"] == 0
    states = MaterialRecord.objects.filter(case_id=receipt.case_id, code__in=VOUCHERS)
    assert set(states.values_list("state", flat=True)) == {"with_dossier"}


def test_another_name_is_marked_and_nothing_merges_until_an_officer_decides(city: City) -> None:
    receipt = registered(city)
    record(city.bureau, ("陈晓川", NUMBER))
    row = DossierRecord.objects.get()
    moved = dossiers.move(dossier_ids=[row.id], state="received", actor=city.bureau, at=AT)
    assert not moved[0].done
    assert "姓名对不上" in moved[0].message
    assert dossier_lists.counts(actor=city.bureau)["conflict"] == 1
    with pytest.raises(Refused, match="列出的姓名"):
        dossiers.settle_name(dossier_id=row.id, name="王五", actor=city.bureau, at=AT)
    dossiers.settle_name(dossier_id=row.id, name=NAME, actor=city.bureau, at=AT)
    assert dossier_lists.counts(actor=city.bureau)["conflict"] == 0
    assert dossiers.move(dossier_ids=[row.id], state="received", actor=city.bureau, at=AT)[0].done
    assert JournalEntry.objects.filter(case_id=receipt.case_id, event="DossierReceived").exists()


def test_a_second_name_for_a_known_dossier_stays_beside_the_first(city: City) -> None:
    record(city.bureau, (NAME, NUMBER))
    found = record(city.bureau, ("陈晓川", NUMBER), state="arrived")
    assert "没有合并" in found[0].message
    row = DossierRecord.objects.get()
    assert (row.name, row.other_name, row.state) == (NAME, "陈晓川", "expected")


def test_a_received_dossier_under_another_name_does_not_open_a_later_case(city: City) -> None:
    record(city.bureau, ("陈晓川", NUMBER), state="received")
    receipt = registered(city)
    found = JournalEntry.objects.filter(case_id=receipt.case_id, event="DossierReceived")
    assert not found.exists()
    row = DossierRecord.objects.get()
    dossiers.settle_name(dossier_id=row.id, name=NAME, actor=city.bureau, at=AT)
    assert found.exists()


def test_people_without_a_dossier_are_received_many_at_once(city: City) -> None:
    one = registered(city)
    other = registered(
        city,
        name="周文",
        identity_number=identity_number(sequence="003"),
        self_employment_signature="周文",
        commitment_signature="周文",
    )
    assert dossier_lists.counts(actor=city.bureau)["people"] == 2
    ids = [one.case_id, other.case_id]
    found = dossiers.receive_for_cases(case_ids=ids, state="received", actor=city.bureau, at=AT)
    assert [row.done for row in found] == [True, True]
    assert dossier_lists.counts(actor=city.bureau)["people"] == 0
    again = dossiers.receive_for_cases(case_ids=ids, state="received", actor=city.bureau, at=AT)
    assert all(row.done for row in again)
    assert JournalEntry.objects.filter(event="DossierReceived").count() == 2


def test_a_received_dossier_does_not_go_back(city: City) -> None:
    record(city.bureau, (NAME, NUMBER), state="received")
    row = DossierRecord.objects.get()
    found = dossiers.move(dossier_ids=[row.id], state="incomplete", actor=city.bureau, at=AT)
    assert not found[0].done
    assert "不能改成" in found[0].message


def test_another_county_neither_sees_nor_moves_a_dossier(city: City) -> None:
    record(city.bureau, (NAME, NUMBER))
    stranger = city.officer("bureau_officer", "veterans_affairs", "439902")
    row = DossierRecord.objects.get()
    assert dossier_lists.dossiers(actor=stranger, show="all").rows == []
    assert dossiers.move(dossier_ids=[row.id], state="arrived", actor=stranger, at=AT) == []
    with pytest.raises(Refused, match="没有这份档案"):
        dossier_lists.get(dossier_id=row.id, actor=stranger)
    found = dossiers.record(
        rows=[(NAME, NUMBER)], state="arrived", district="439902", actor=stranger, at=AT
    )
    assert not found[0].done
    assert "登记在别的区县" in found[0].message


def test_a_clerk_may_not_note_dossiers(city: City) -> None:
    with pytest.raises(Refused, match="您的岗位"):
        record(city.clerk, (NAME, NUMBER))


def test_reception_follows_once_the_person_has_reported(city: City) -> None:
    receipt = registered(city)
    record(city.bureau, (NAME, NUMBER), state="received")
    services.run(c.Grant(1), case_id=receipt.case_id, actor=city.clerk, at=AT)
    case = services.run(c.RegisterReception(), case_id=receipt.case_id, actor=city.bureau, at=AT)
    assert case.milestones["reception"].reached_at
