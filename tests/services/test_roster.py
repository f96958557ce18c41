"""The troop's roster: checked without a trace, taken in, its conflicts settled, taken back."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from django.apps import apps

from lianban.accounts.actor import Actor
from lianban.cases import roster_lists
from lianban.cases.content import Content
from lianban.cases.models import DossierRecord, RosterRecord, RosterRowRecord
from lianban.cases.services import dossiers, drafts, expected, hand_in, roster, roster_conflicts
from lianban.engine.refusal import Refused
from tests.services import rosters
from tests.services.cast import CONSCRIPT, FIELDS, City, identity_number, moment

pytestmark = pytest.mark.django_db(transaction=True)

HERE, THERE = "439901", "439902"
AT = moment("2026-09-02 09:00")


@pytest.fixture
def city() -> City:
    return City().build()


@pytest.fixture
def stranger(city: City) -> Actor:
    return city.officer("bureau_officer", "veterans_affairs", THERE)


def brought(city: City, content: bytes, *, name: str = "名册.xlsx") -> Any:
    """A roster that was uploaded and checked."""
    roster_id = roster.upload(content=content, name=name, district=HERE, actor=city.bureau, at=AT)
    roster.work(roster_id=roster_id, now=lambda: AT)
    return roster_id


def taken_in(city: City, content: bytes) -> Any:
    roster_id = brought(city, content)
    roster.apply(roster_id=roster_id, actor=city.bureau, at=AT)
    roster.work(roster_id=roster_id, now=lambda: AT)
    assert RosterRecord.objects.get(id=roster_id).state == "applied"
    return roster_id


def counted() -> dict[str, int]:
    """How many rows each table has, but for the queue of jobs."""
    models = apps.get_app_config("cases").get_models()
    return {model.__name__: model._default_manager.count() for model in models}


def conflicts(roster_id: Any) -> Counter[str]:
    return Counter(
        RosterRowRecord.objects.filter(roster_id=roster_id, outcome="conflict").values_list(
            "conflict", flat=True
        )
    )


def one(number: str = "", name: str = "陈小川", **cells: Any) -> bytes:
    """A roster of one."""
    headings = ["姓名", "身份证号", *cells]
    return rosters.workbook(
        [[name, number or identity_number(), *cells.values()]], headings=headings
    )


def test_a_roster_is_checked_taken_in_and_taken_back_without_a_trace(
    city: City, stranger: Actor
) -> None:
    rosters.prepare(300, bureau=city.bureau, stranger=stranger)
    before = counted()
    roster_id = roster.upload(
        content=rosters.workbook(list(rosters.rows(300))), name="名册.xlsx",
        district=HERE, actor=city.bureau, at=AT,
    )  # fmt: skip
    assert roster.work(roster_id=roster_id, now=lambda: AT, chunks=1)
    assert RosterRecord.objects.get(id=roster_id).done == roster.CHUNK
    roster.work(roster_id=roster_id, now=lambda: AT)  # as after a worker's death

    expected = {kind: rosters.SHARES[kind] * 3 for kind in rosters.CONFLICTS}
    assert conflicts(roster_id) == expected
    assert DossierRecord.objects.count() == before["DossierRecord"]
    assert RosterRecord.objects.get(id=roster_id).state == "checked"

    roster.apply(roster_id=roster_id, actor=city.bureau, at=AT)
    roster.work(roster_id=roster_id, now=lambda: AT)
    new = 300 - sum(rosters.SHARES.values()) * 3
    assert DossierRecord.objects.count() == before["DossierRecord"] + new
    assert conflicts(roster_id) == expected

    back = roster.undo(roster_id=roster_id, actor=city.bureau, at=AT)
    assert (back.gone, back.kept) == (new, 0)
    assert roster.undo(roster_id=roster_id, actor=city.bureau, at=AT) == back
    assert counted() == before | {"RosterRecord": 1}


def row_of(roster_id: Any) -> RosterRowRecord:
    return RosterRowRecord.objects.get(roster_id=roster_id)


def settle(row: RosterRowRecord, resolution: str, *, by: Actor, **more: str) -> RosterRowRecord:
    roster_conflicts.resolve(
        row_id=row.id, conflict=row.conflict, resolution=resolution, actor=by, at=AT, **more
    )
    row.refresh_from_db()
    return row


def wrong_digit() -> str:
    right = identity_number()
    return right[:-1] + ("0" if right[-1] != "0" else "1")


def test_the_same_file_is_told_and_not_taken_twice_until_it_was_taken_back(city: City) -> None:
    first = brought(city, one())
    with pytest.raises(Refused) as refused:
        brought(city, one())
    assert (refused.value.code, refused.value.details["roster_id"]) == ("known_roster", first)
    roster.undo(roster_id=first, actor=city.bureau, at=AT)
    assert brought(city, one()) != first


def test_headings_that_the_form_has_no_field_for_are_listed_and_not_kept(city: City) -> None:
    roster_id = brought(city, one(部队番号="某某部队", 军衔="上等兵", 备注="x"))
    assert RosterRecord.objects.get(id=roster_id).ignored == ["部队番号", "备注"]
    seen = roster_lists.row(row_id=row_of(roster_id).id, actor=city.bureau)
    assert [said.label for said in seen.said] == ["您退役时是", "退役时军衔"]
    assert "部队" not in str(seen)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK nonsense", "不是完好的 XLSX"),
        (rosters.workbook([["陈小川"]], headings=["姓名"]), "没找到"),
        (rosters.workbook([], headings=["姓名", "身份证号"]), "一个人也没有"),
    ],
)
def test_a_file_that_is_no_roster_is_refused_with_what_to_do(
    city: City, content: bytes, words: str
) -> None:
    with pytest.raises(Refused, match=words):
        brought(city, content)
    assert not RosterRecord.objects.exists()


def test_a_clerk_brings_no_roster_in(city: City) -> None:
    with pytest.raises(Refused, match="您的岗位"):
        roster.upload(content=one(), name="a.xlsx", district=HERE, actor=city.clerk, at=AT)


def test_numbers_are_sealed_and_no_job_knows_them(city: City) -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    row = row_of(brought(city, one(退役证号="退字000001")))
    assert identity_number().encode() not in bytes(row.identity_number) + bytes(row.details)
    assert "退字".encode() not in bytes(row.details)
    jobs = ProcrastinateJob.objects.filter(task_name=roster.JOB)
    assert {name for job in jobs for name in job.args} == {"roster_id"}


def test_a_corrected_number_takes_the_line_in_and_keeps_what_the_file_said(city: City) -> None:
    row = row_of(taken_in(city, one(wrong_digit())))
    assert (row.conflict, row.dossier) == ("bad_check_digit", None)
    with pytest.raises(Refused, match="最后一位对不上"):
        settle(row, "correct", by=city.bureau, number=wrong_digit())
    row = settle(row, "correct", by=city.bureau, number=identity_number())
    assert (row.outcome, row.conflict, row.has_made_dossier) == ("new", "", True)
    assert (
        roster_lists.row(row_id=row.id, actor=city.bureau).number_typed[-4:] == wrong_digit()[-4:]
    )
    roster.undo(roster_id=row.roster_id, actor=city.bureau, at=AT)
    assert not DossierRecord.objects.exists()


def test_a_number_corrected_to_another_lines_number_is_a_duplicate(city: City) -> None:
    lines = [["陈小川", identity_number()], ["周文", wrong_digit()]]
    taken_in(city, rosters.workbook(lines, headings=["姓名", "身份证号"]))
    row = RosterRowRecord.objects.get(name="周文")
    row = settle(row, "correct", by=city.bureau, number=identity_number())
    assert (row.outcome, row.conflict) == ("conflict", "duplicate_in_file")


def test_another_name_waits_until_an_officer_says_that_it_is_one_person(city: City) -> None:
    dossiers.record(
        rows=[("陈晓明", identity_number())],
        state="expected",
        district=HERE,
        actor=city.bureau,
        at=AT,
    )
    row = row_of(taken_in(city, one()))
    assert row.conflict == "name_differs"
    row = settle(row, "same", by=city.bureau)
    assert (row.outcome, row.dossier.name) == ("known", "陈晓明")
    roster.undo(roster_id=row.roster_id, actor=city.bureau, at=AT)
    assert DossierRecord.objects.count() == 1  # it was here before


def test_what_has_changed_since_the_check_is_a_conflict_when_it_is_taken_in(city: City) -> None:
    roster_id = brought(city, one())
    assert row_of(roster_id).outcome == "new"
    other = [("陈晓明", identity_number())]
    dossiers.record(rows=other, state="expected", district=HERE, actor=city.bureau, at=AT)
    roster.apply(roster_id=roster_id, actor=city.bureau, at=AT)
    roster.work(roster_id=roster_id, now=lambda: AT)
    row = row_of(roster_id)
    assert (row.conflict, row.dossier, row.applied_at) == ("name_differs", None, None)


def test_an_unwanted_line_needs_a_reason_and_stays_out(city: City) -> None:
    row = row_of(taken_in(city, one("430102")))
    with pytest.raises(Refused, match="为什么"):
        settle(row, "ignore", by=city.bureau)
    assert settle(row, "ignore", by=city.bureau, reason="重复").outcome == "left"


def test_a_line_of_another_county_goes_to_that_countys_queue_and_no_further_by_itself(
    city: City, stranger: Actor
) -> None:
    roster_id = taken_in(city, one(安置地="西山县"))
    row = row_of(roster_id)
    assert row.conflict == "other_district"
    assert roster_lists.queue(actor=stranger).rows == []
    row = settle(row, "forward", by=city.bureau, district=THERE)
    assert [seen.id for seen in roster_lists.queue(actor=stranger).rows] == [row.id]
    assert not DossierRecord.objects.exists()
    with pytest.raises(Refused, match="没有这一行"):
        settle(row, "same", by=city.bureau)
    row = settle(row, "same", by=stranger)
    assert (row.outcome, row.dossier.district_id) == ("new", THERE)
    back = roster.undo(roster_id=roster_id, actor=city.bureau, at=AT)
    assert (back.gone, back.kept) == (0, 1)  # the other county has taken it over


def test_what_somebody_has_touched_stays_at_an_undo_and_is_told(city: City) -> None:
    lines = [["陈小川", identity_number()], ["周文", identity_number(sequence="003")]]
    roster_id = taken_in(city, rosters.workbook(lines, headings=["姓名", "身份证号"]))
    arrived = DossierRecord.objects.get(name="周文")
    dossiers.move(dossier_ids=[arrived.id], state="arrived", actor=city.bureau, at=AT)
    back = roster.undo(roster_id=roster_id, actor=city.bureau, at=AT)
    assert (back.gone, back.kept) == (1, 1)
    assert DossierRecord.objects.get() == arrived
    assert [row.name for row in roster_lists.kept(roster_id=roster_id, actor=city.bureau)] == [
        "周文"
    ]


def test_a_second_roster_with_the_same_person_is_looked_at(city: City) -> None:
    taken_in(city, one())
    row = row_of(taken_in(city, one(军衔="上等兵")))
    assert row.conflict == "duplicate_elsewhere"
    assert settle(row, "same", by=city.bureau).outcome == "known"


def test_an_old_click_settles_nothing(city: City) -> None:
    row = row_of(taken_in(city, one("430102")))
    with pytest.raises(Refused) as refused:
        roster_conflicts.resolve(
            row_id=row.id, conflict="name_differs", resolution="same", actor=city.bureau, at=AT
        )
    assert refused.value.code == "stale"


# People who are expected -----------------------------------------------------------------------


def typed(actor: Actor, *, name: str = "陈小川", number: str = "", **fields: str) -> drafts.Draft:
    """A form on which name and number were typed, and the roster was asked."""
    draft = drafts.start(district=HERE, actor=actor, at=AT)
    who = {"name": name, "identity_number": number or identity_number()}
    drafts.save(draft_id=draft.id, content=Content(fields={**who, **fields}), actor=actor, at=AT)
    return expected.offer(draft_id=draft.id, actor=actor, at=AT)


ANNOUNCED = {
    "入伍时间": "2024年9月1日",
    "军衔": "上等兵",
    "安置方式": "安排工作",
    "退役证号": "退字1",
}


def test_who_is_on_a_roster_finds_the_form_half_filled_in_but_nothing_sensitive(city: City) -> None:
    taken_in(city, one(**ANNOUNCED))
    content = typed(city.applicant(), enlisted_date="2023-09-01").content
    assert content.fields["enlisted_date"] == "2023-09-01"  # what was typed stays
    assert content.fields["military_rank"] == "上等兵"
    assert content.answers == {"rank": "conscript", "placement": "assigned_job"}
    assert "discharge_certificate_number" not in str(content)
    at_counter = typed(city.clerk).content
    assert at_counter.fields["discharge_certificate_number"] == "退字1"


@pytest.mark.parametrize("wrong", [{"name": "陈大川"}, {"number": identity_number(sequence="009")}])
def test_a_stranger_with_half_the_truth_learns_nothing(city: City, wrong: dict[str, str]) -> None:
    taken_in(city, one(**ANNOUNCED))
    content = typed(city.applicant(), **wrong).content
    assert expected.announced(content) is None
    assert content.answers == {}


def test_guessing_finds_nobody_after_a_few_tries(city: City) -> None:
    taken_in(city, one(**ANNOUNCED))
    actor = city.applicant()
    for guess in range(10):
        assert not typed(actor, name=f"陈{guess}").content.answers
    assert not typed(actor).content.answers
    assert typed(city.clerk).content.answers  # an officer is not a stranger


def test_an_account_that_tries_one_number_after_the_other_finds_nobody(city: City) -> None:
    taken_in(city, one(**ANNOUNCED))
    actor = city.applicant()
    for guess in range(10):
        typed(actor, number=identity_number(sequence=f"{guess + 11:03d}"))
    assert not typed(actor).content.answers


def test_what_the_person_says_otherwise_is_handed_in_and_looked_at(city: City) -> None:
    row = row_of(taken_in(city, one(安置方式="安排工作", 入伍时间="2024-09-01")))
    draft = drafts.start(district=HERE, actor=city.clerk, at=AT)
    content = Content(answers=CONSCRIPT, fields=FIELDS)
    ways = dict.fromkeys(hand_in.needed_codes(content.plan(draft.edition)), "promised")
    content = replace(content, materials=ways)
    drafts.save(draft_id=draft.id, content=content, actor=city.clerk, at=AT)
    assert hand_in.register(draft_id=draft.id, actor=city.clerk, at=AT).is_new
    row.refresh_from_db()
    assert (row.outcome, row.conflict) == ("conflict", "placement_differs")
    assert settle(row, "person", by=city.bureau).outcome == "known"
    again = row_of(taken_in(city, one(安置方式="自主就业")))
    assert again.conflict == "duplicate_elsewhere"
    assert settle(again, "same", by=city.bureau).outcome == "known"
