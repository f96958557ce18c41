"""Receiving dossiers: scan by scan, piece by piece; incomplete ones go back; letters end."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.db import models

from lianban.accounts.actor import Actor
from lianban.cases import dossier_code, dossier_lists, messages, queries, services
from lianban.cases.content import Content
from lianban.cases.dossier_lists import Narrow
from lianban.cases.models import (
    DossierNoteRecord,
    DossierRecord,
    DossierReturnRecord,
    DossierScanRecord,
    ViewRecord,
)
from lianban.cases.services import (
    dossier_checks,
    dossier_letters,
    dossier_notes,
    dossier_pieces,
    dossier_scans,
    dossiers,
    drafts,
    hand_in,
)
from lianban.cases.services.dossier_checks import Checked, Looked
from lianban.engine import commands as c
from lianban.engine.refusal import Refused
from lianban.journal.models import JournalEntry
from tests.services.cast import CONSCRIPT, FIELDS, City, identity_number, moment

pytestmark = pytest.mark.django_db(transaction=True)

HERE, THERE = "439901", "439902"
NUMBER, NAME = FIELDS["identity_number"], FIELDS["name"]
OTHER = identity_number(sequence="003")
AT = moment("2026-09-20 09:00")
LATER = moment("2026-09-20 09:05")
REQUIRED = ("enlistment_papers", "soldier_registration", "discharge_papers", "party_papers")


@pytest.fixture
def city() -> City:
    return City(edition="retirement-2024").build()


def announced(actor: Actor, *rows: tuple[str, str], district: str = HERE) -> None:
    dossiers.record(rows=rows, state="expected", district=district, actor=actor, at=AT)


def scanned(city: City, text: str, at: Any = AT) -> DossierScanRecord:
    scan_id = dossier_scans.scan(text=text, district=HERE, actor=city.bureau, at=at)
    return DossierScanRecord.objects.get(id=scan_id)


def dossier(number: str = NUMBER) -> DossierRecord:
    index = dossiers.vault.blind_index(number, purpose="identity_number")
    return DossierRecord.objects.get(identity_index=index)


def came(city: City, **answers: str) -> UUID:
    """The person is here, with every material said to come."""
    at = moment("2026-09-03 09:00")
    draft = drafts.start(district=HERE, actor=city.clerk, at=at)
    content = Content(answers=CONSCRIPT | answers, fields=FIELDS)
    plan = content.plan(draft.edition)
    codes = {
        code: "with_dossier" if draft.edition.material_by_code[code].may_arrive_with else "seen"
        for code in hand_in.needed_codes(plan)
    }
    content = replace(content, materials=codes)
    drafts.save(draft_id=draft.id, content=content, actor=city.clerk, at=at)
    return hand_in.register(draft_id=draft.id, actor=city.clerk, at=at).case_id


def everything(*more: str) -> dict[str, Looked]:
    return {code: Looked(True, 3) for code in (*REQUIRED, *more)}


def code_of(act: Any, **arguments: Any) -> str:
    with pytest.raises(Refused) as caught:
        act(**arguments)
    return caught.value.code


def events(case_id: UUID) -> list[str]:
    rows = JournalEntry.objects.filter(case_id=case_id).order_by("sequence")
    return list(rows.values_list("event", flat=True))


# Scanning ------------------------------------------------------------------------------------


def test_each_scan_says_what_it_found_and_the_good_ones_are_counted(city: City) -> None:
    bureau, there = city.bureau, city.officer("bureau_officer", "veterans_affairs", THERE)
    announced(bureau, (NAME, NUMBER), ("周文", OTHER))
    far = identity_number(sequence="005")
    announced(there, ("何林", far), district=THERE)
    label = dossier_code.encode(dossier(OTHER).id)
    assert scanned(city, NUMBER).outcome == "matched"
    assert scanned(city, label.lower()).outcome == "matched"
    assert scanned(city, f"陈晓川 {NUMBER}").outcome == "name_differs"
    assert scanned(city, far).outcome == "elsewhere"
    strange = scanned(city, identity_number(sequence="007"))
    assert (strange.outcome, strange.dossier_id) == ("unexpected", None)
    dossiers.move(dossier_ids=[dossier(OTHER).id], state="received", actor=bureau, at=AT)
    assert scanned(city, label).outcome == "already"
    assert {dossier().state, dossier(far).state} == {"arrived", "expected"}
    assert dossier().other_name == "陈晓川"
    count, rows = dossier_scans.today(actor=bureau, at=AT)
    assert (count, len(rows)) == (2, 6)
    away = next(row for row in rows if row.outcome == "elsewhere")
    assert (away.name, away.identity_masked, away.elsewhere) == ("", "", "西山县")
    assert NUMBER not in str(rows)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("你好", "wrong_number"),
        (NUMBER[:-1] + ("0" if NUMBER[-1] != "0" else "1"), "wrong_number"),
        ("D-ABCDE-FGHJK", "wrong_number"),
        ("x" * 500, "wrong_number"),
        (f"{'陈' * 60} {NUMBER}", "wrong_name"),
    ],
)
def test_a_scan_that_cannot_be_read_says_so(city: City, text: str, code: str) -> None:
    assert code_of(lambda: scanned(city, text)) == code
    assert not DossierScanRecord.objects.exists()


def test_a_dossiers_number_is_read_back_and_a_slip_of_one_sign_is_found() -> None:
    row = UUID("f3a1c2d4-5566-4788-99aa-bbccddeeff00")
    code = dossier_code.encode(row)
    bounds = dossier_code.decode(code.replace("-", " ").lower().replace(" ", "", 1))
    assert bounds and bounds[0] <= row <= bounds[1]
    slip = code[:-3] + ("7" if code[-3] != "7" else "8") + code[-2:]
    assert dossier_code.decode(slip) is None


def test_a_wrong_scan_is_undone_and_everything_is_as_before(city: City) -> None:
    announced(city.bureau, (NAME, NUMBER))
    wrong = scanned(city, f"陈晓川 {NUMBER}")
    undo = {"actor": city.bureau, "at": LATER}
    dossier_scans.undo(scan_id=wrong.id, **undo)
    dossier_scans.undo(scan_id=wrong.id, **undo)
    assert (dossier().state, dossier().other_name, dossier().arrived_on) == ("expected", "", None)
    made = scanned(city, f"周文 {OTHER}")
    assert made.has_made_dossier
    dossier_scans.undo(scan_id=made.id, **undo)
    assert DossierRecord.objects.count() == 1
    again = scanned(city, NUMBER)
    dossiers.move(dossier_ids=[dossier().id], state="checking", actor=city.bureau, at=LATER)
    assert code_of(dossier_scans.undo, scan_id=again.id, **undo) == "moved_on"
    stranger = city.officer("bureau_officer", "veterans_affairs", THERE)
    assert code_of(dossier_scans.undo, scan_id=again.id, actor=stranger, at=AT) == "unknown_scan"
    assert dossier_scans.today(actor=city.bureau, at=LATER)[0] == 1


def test_a_dossier_of_nobody_known_waits_for_its_name_and_a_person_here_lends_theirs(
    city: City,
) -> None:
    row = scanned(city, NUMBER)
    assert NUMBER.encode() not in bytes(row.identity_number or b"")
    give = {"scan_id": row.id, "actor": city.bureau, "at": LATER}
    assert code_of(dossier_scans.give_name, name=" ", **give) == "wrong_name"
    dossier_scans.give_name(name=NAME, **give)
    dossier_scans.give_name(name=NAME, **give)
    assert (dossier().name, dossier().state) == (NAME, "arrived")
    dossier().delete()
    came(city)
    assert scanned(city, NUMBER).name == NAME
    assert dossier().state == "arrived"


# The checklist ---------------------------------------------------------------------------------


def test_only_the_pieces_of_this_person_are_asked_for(city: City) -> None:
    announced(city.bureau, (NAME, NUMBER))
    ask = {"dossier_id": dossier().id, "actor": city.bureau}
    unknown = {v.piece.code: v.belongs for v in dossier_lists.pieces(**ask)}
    assert unknown["enlistment_papers"] is True
    assert unknown["sergeant_selection"] is None
    came(city)
    mine = {v.piece.code for v in dossier_lists.pieces(**ask)}
    assert "party_letter_piece" in mine
    assert not mine & {"sergeant_selection", "league_letter_piece", "disability_assessment_piece"}


def test_an_incomplete_dossier_goes_back_and_goes_on_where_it_was(city: City) -> None:
    case_id = came(city)
    announced(city.bureau, (NAME, NUMBER))
    scanned(city, NUMBER)
    told = {"dossier_id": dossier().id, "actor": city.bureau, "at": AT}
    pieces = {**everything(), "discharge_papers": Looked(False)}
    assert code_of(dossier_checks.receive, seen=Checked(pieces), **told) == "pieces_missing"
    assert (
        code_of(dossier_checks.send_back, seen=Checked(everything()), **told) == "nothing_missing"
    )
    assert dossier_checks.send_back(seen=Checked(pieces), **told) == 1
    assert (dossier().state, events(case_id)[-1]) == ("incomplete", "DossierSentBack")
    view = queries.get(case_id=case_id, actor=city.bureau, at=AT)
    newest = messages.of_case(view)[0]
    assert "退役审批材料" in newest.text
    assert "您不用做什么" in newest.text
    assert scanned(city, NUMBER, LATER).outcome == "matched"
    kept = {v.piece.code: (v.there, v.pages) for v in dossier_lists.pieces(**_who(city))}
    assert kept["enlistment_papers"] == (True, 3)
    assert kept["discharge_papers"] == (False, None)
    dossier_checks.receive(seen=Checked(everything()), **told)
    assert (dossier().state, "DossierReceived" in events(case_id)) == ("received", True)


def _who(city: City) -> dict[str, Any]:
    return {"dossier_id": dossier().id, "actor": city.bureau}


def test_a_return_is_taken_back_until_its_letter_has_a_number(city: City) -> None:
    case_id = came(city)
    announced(city.bureau, (NAME, NUMBER))
    scanned(city, NUMBER)
    told = {**_who(city), "at": AT}
    dossier_checks.send_back(seen=Checked(), **told)
    dossier_checks.take_back(**told)
    assert (dossier().state, events(case_id)[-1]) == ("arrived", "DossierReturnTakenBack")
    opened = {**told, "sequence": 1}
    assert code_of(dossier_letters.opened, **opened) == "unknown_paper"
    assert dossier_checks.send_back(seen=Checked(), **told) == 2
    dossier_letters.opened(**{**opened, "sequence": 2})
    assert code_of(dossier_checks.take_back, **told) == "moved_on"
    assert DossierReturnRecord.objects.filter(taken_back_at=None).count() == 1


def test_a_reception_is_taken_back_only_while_no_case_has_gone_on(city: City) -> None:
    announced(city.bureau, (NAME, NUMBER))
    told = {**_who(city), "at": AT}
    dossier_checks.receive(seen=None, **told)
    dossier_checks.take_back(**told)
    assert dossier().state == "checking"
    came(city, political_status="other")
    dossier_checks.receive(seen=None, **told)
    assert code_of(dossier_checks.take_back, **told) == "moved_on"


def test_numbers_and_dates_are_kept_and_reach_the_desk_that_needs_them(city: City) -> None:
    case_id = came(city)
    announced(city.bureau, (NAME, NUMBER))
    told = {**_who(city), "at": AT}
    pieces = everything("pension_voucher_piece", "party_letter_piece")
    undated = Checked(pieces, numbers={"pension_payment_voucher": "4301-0099"})
    assert code_of(dossier_checks.receive, seen=undated, **told) == "missing_date"
    late = replace(undated, dates={"party_letter": date(2026, 9, 21)})
    assert code_of(dossier_checks.keep, seen=late, **told) == "wrong_date"
    number = replace(undated, numbers={"pension_payment_voucher": NUMBER})
    assert code_of(dossier_checks.keep, seen=number, **told) == "personal_value"
    dossier_checks.receive(seen=replace(undated, dates={"party_letter": date(2026, 9, 1)}), **told)
    row = dossier()
    assert b"4301-0099" not in bytes(row.voucher_numbers or b"")
    assert row.letter_until == date(2026, 11, 30)
    view = queries.get(case_id=case_id, actor=city.bureau, at=AT)
    found = dossier_pieces.of_case(case_id=case_id, edition=view.edition)
    assert found["pension_payment_voucher"].number == "4301-0099"
    assert found["party_letter"].until == date(2026, 11, 30)
    assert view.case.grades["party_letter"].valid_until == date(2026, 11, 30)


def test_a_letter_past_its_days_stops_only_its_own_item(city: City) -> None:
    case_id = came(city)
    announced(city.bureau, (NAME, NUMBER))
    pieces = everything("party_letter_piece")
    seen = Checked(pieces, dates={"party_letter": date(2026, 6, 1)})
    dossier_checks.receive(dossier_id=dossier().id, seen=seen, actor=city.bureau, at=AT)
    services.run(c.Grant(1), case_id=case_id, actor=city.clerk, at=AT)
    edition = queries.get(case_id=case_id, actor=city.bureau, at=AT).edition
    desk = edition.by_code[edition.material_by_code["party_letter"].items[0]]
    officer = city.officer("department_officer", desk.departments[0])
    run = {"case_id": case_id, "actor": officer, "at": AT}
    assert code_of(services.run, command=c.Grant(desk.number), **run) == "material_expired"
    services.run(c.RequestCorrection(("party_letter",), desk.number), **run)
    case = queries.current(case_id)
    assert case.sub_cases[desk.number].notice.outstanding == ("party_letter",)
    others = [s for n, s in case.sub_cases.items() if n != desk.number]
    assert not any(sub.notice.outstanding for sub in others)


# Who waits -------------------------------------------------------------------------------------


def test_those_who_wait_are_narrowed_reminded_and_exported_with_a_trace(city: City) -> None:
    case_id = came(city)
    announced(city.bureau, ("周文", OTHER))
    dossiers.move(dossier_ids=[dossier(OTHER).id], state="arrived", actor=city.bureau, at=AT)
    who: dict[str, Any] = {"actor": city.bureau}
    assert [p.case_id for p in dossier_lists.people(**who).rows] == [case_id]
    for narrow in (Narrow(district=THERE), Narrow(since=date(2026, 9, 2))):
        assert not dossier_lists.people(narrow=narrow, **who).rows
    since = Narrow(district=HERE, since=date(2026, 9, 3))
    assert dossier_lists.people(narrow=since, **who).rows
    note = {"on": date(2026, 9, 18), "words": "已请对方核实", "at": AT, **who}
    both = {"case_ids": [case_id], "dossier_ids": [dossier(OTHER).id]}
    assert dossier_notes.add(kind="phone", **both, **note) == 2
    assert code_of(dossier_notes.add, kind="pigeon", **both, **note) == "unknown_kind"
    private = {**note, "words": f"打给 {FIELDS['mobile']}"}
    assert code_of(dossier_notes.add, kind="phone", **both, **private) == "personal_value"
    stranger = city.officer("bureau_officer", "veterans_affairs", THERE)
    foreign = {**note, "actor": stranger}
    assert code_of(dossier_notes.add, kind="phone", **both, **foreign) == "nothing_chosen"
    rows = dossier_lists.export(show="people", narrow=Narrow(), at=AT, **who)
    assert rows[0].note and rows[0].note.words == "打电话"
    assert dossier_lists.export(show="no_person", narrow=Narrow(), at=AT, **who)
    seen = ViewRecord.objects.values_list("what").annotate(n=models.Count("id"))
    assert dict(seen) == {"export:people": 1, "export:no_person": 1}
    assert DossierNoteRecord.objects.count() == 2
