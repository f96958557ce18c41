"""Dossiers at the bureau's pages: scanned, checked, sent back, waited for; dates at the counter."""

import io
import re
from datetime import timedelta
from typing import Any

import pytest
import python_calamine
from django.test import Client
from django.urls import reverse

from lianban import clock
from lianban.cases import dossier_code
from lianban.cases.models import DossierNoteRecord, DossierRecord, PersonRecord, ViewRecord
from lianban.documents.models import IssuedDocumentRecord
from tests.services.cast import FIELDS, City, identity_number
from tests.web.bureau import desk
from tests.web.bureau.conftest import TODAY
from tests.web.bureau.test_dossier_pages import add

pytestmark = pytest.mark.django_db(transaction=True)

NUMBER, NAME = FIELDS["identity_number"], FIELDS["name"]
SCAN = "/bureau/dossiers/scan/"
PIECES = ("enlistment_papers", "soldier_registration", "discharge_papers", "party_papers")


def scan(client: Client, text: str, **more: Any) -> str:
    return desk.text(client.post(SCAN, {"text": text}, follow=True, **more))


def everything(*more: str) -> dict[str, str]:
    return {f"there_{code}": "on" for code in (*PIECES, *more)}


def only() -> DossierRecord:
    return DossierRecord.objects.get()


def test_scans_are_listed_newest_first_counted_and_undone_with_one_press(
    officer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(officer, f"{NAME} {NUMBER}")
    source = scan(officer, dossier_code.encode(only().id))
    assert "对上了" in source
    assert "今天收了 1 份" in source
    assert re.search(r'name="text" value=""[^>]* autofocus', source)
    monkeypatch.setattr(clock, "now", lambda: TODAY + timedelta(seconds=1))
    source = scan(officer, identity_number(sequence="003"))
    assert source.index("没预告过") < source.index("对上了")
    undo = re.findall(rf'action="({SCAN}[-0-9a-f]+/undo/)"', source)
    assert "没预告过" not in desk.text(officer.post(undo[0], follow=True))
    assert "今天收了 0 份" in desk.text(officer.post(undo[1], follow=True))
    assert NUMBER not in source


def test_what_cannot_be_read_stays_in_the_field_with_what_is_wrong(officer: Client) -> None:
    wrong = NUMBER[:-1] + ("0" if NUMBER[-1] != "0" else "1")
    for text in (wrong, "x" * 5000, "D-AAAAA-BBBBB", "", "甲\x00乙", "<script>"):
        assert officer.post(SCAN, {"text": text}).status_code in (400, 422)
    answer = officer.post(SCAN, {"text": wrong})
    assert "最后一位对不上" in desk.text(answer)
    assert f'value="{wrong}"' in desk.text(answer)
    assert officer.post(f"{SCAN}{only.__name__}/undo/").status_code == 404


def test_a_dossier_of_somebody_unknown_asks_for_the_name_beside_the_row(officer: Client) -> None:
    source = scan(officer, NUMBER)
    (address,) = re.findall(rf'action="({SCAN}[-0-9a-f]+/name/)"', source)
    answer = officer.post(address, {"name": "   "})
    assert answer.status_code == 422
    assert "请照档案写姓名" in desk.text(answer)
    assert "都齐了，接收" in desk.text(officer.post(address, {"name": NAME}, follow=True))
    assert (only().name, only().state) == (NAME, "arrived")
    done = officer.post(f"/bureau/dossiers/{only().id}/complete/", follow=True)
    assert "今天收了 1 份" in desk.text(done)
    assert only().state == "received"


def test_another_county_sees_neither_scans_nor_dossiers(city: City, officer: Client) -> None:
    scan(officer, f"{NAME} {NUMBER}")
    stranger, page = desk.browser(city, district="439902"), f"/bureau/dossiers/{only().id}/"
    for address in (f"{page}check/", f"{page}letter/1/"):
        assert stranger.get(address).status_code == 404
    for address in (f"{page}complete/", f"{page}take-back/"):
        assert stranger.post(address).status_code == 404
    assert "别的区县" in scan(stranger, NUMBER)
    assert NAME not in scan(stranger, NUMBER)


def test_the_checklist_keeps_receives_or_sends_back_with_a_letter(
    city: City, officer: Client
) -> None:
    case_id = desk.reported(city)
    scan(officer, NUMBER)
    page = f"/bureau/dossiers/{only().id}/"
    check = f"{page}check/"
    answer = officer.post(check, {"pages_enlistment_papers": "99999", **everything()})
    assert (answer.status_code, "页数请写 1 到 2000" in desk.text(answer)) == (422, True)
    answer = officer.post(check, {"there_enlistment_papers": "on", "then": "receive"})
    assert (answer.status_code, "还缺：士兵登记表" in desk.text(answer)) == (422, True)
    kept = {"there_enlistment_papers": "on", "pages_enlistment_papers": "12", "remark": "缺页"}
    source = desk.text(officer.post(check, {**kept, "then": "send_back"}, follow=True))
    assert "不齐已退" in source
    letter = officer.get(f"{page}letter/1/")
    assert (letter.status_code, letter["Content-Type"]) == (200, "application/pdf")
    assert IssuedDocumentRecord.objects.get(kind="dossier_return_letter").case_id == only().id
    blocked = desk.text(officer.post(f"{page}take-back/", follow=True))
    assert "已经编号打印" in blocked
    scan(officer, NUMBER)
    source = desk.text(officer.get(check))
    assert 'name="pages_enlistment_papers" value="12"' in source
    letter_day = {"there_party_letter_piece": "on", "dated_party_letter_piece": "2026-10-01"}
    full = {**everything(), **letter_day, "then": "receive"}
    source = desk.text(officer.post(check, full, follow=True))
    assert "已接收" in source
    assert desk.number(case_id) in source
    listed = desk.text(officer.get("/bureau/dossiers/?show=letters"))
    assert "还有 72 天" in listed
    until = desk.state(case_id, city.bureau).grades["party_letter"].valid_until
    assert until.isoformat() == "2026-12-30"


def test_those_who_wait_have_an_age_a_note_and_a_file_of_text_cells(
    city: City, officer: Client
) -> None:
    late = TODAY.replace(month=9, day=1)
    case_id = desk.reported(city, at=late)
    desk.reported(city, sequence="003", name="周文")
    PersonRecord.objects.filter(name=NAME).update(name="=cmd()")
    source = desk.text(officer.get("/bureau/dossiers/?show=people"))
    assert "该催了" in source
    narrowed = desk.text(officer.get("/bureau/dossiers/?show=people&age=chase"))
    assert ("=cmd()" in narrowed, "周文" in narrowed) == (True, False)
    ticked = {"show": "people", "age": "chase", "case": [str(case_id)], "kind": "letter"}
    told = officer.post("/bureau/dossiers/note/", {**ticked, "words": "请尽快"}, follow=True)
    assert "1 件记下了" in desk.text(told)
    assert "age=chase" in told.redirect_chain[0][0]
    day = {"on_year": "2026", "on_month": "13", "on_day": "1"}
    assert "月份应是" in desk.text(
        officer.post("/bureau/dossiers/note/", {**ticked, **day}, follow=True)
    )
    assert DossierNoteRecord.objects.get().on == TODAY.date()
    file = officer.get("/bureau/dossiers/waiting.xlsx?show=people&age=chase")
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(file.content))
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[1][0] == "=cmd()"
    assert rows[1][6].endswith("发函")
    assert len(rows) == 2
    assert b"<f>" not in file.content
    assert ViewRecord.objects.get(what="export:people").case_id == case_id


def test_labels_are_printed_for_what_is_expected(officer: Client) -> None:
    assert officer.get("/bureau/dossiers/labels.pdf").status_code == 302
    add(officer, f"{NAME} {NUMBER}")
    answer = officer.get("/bureau/dossiers/labels.pdf")
    assert (answer.status_code, answer.content[:4]) == (200, b"%PDF")


def test_the_police_see_the_notice_with_its_number_and_verify_it(
    city: City, officer: Client
) -> None:
    case_id = desk.reported(city)
    desk.give(desk.c.ReceiveDossier(), case_id, city.bureau)
    officer.post("/bureau/reception/", {"case": [str(case_id)]})
    record = IssuedDocumentRecord.objects.get(kind="settlement_notice")
    officer.post("/bureau/batches/", {"case": [str(case_id)]})
    police = Client()
    police.force_login(city.people["department_officer@public_security.439901"])
    page = desk.text(police.get(reverse("department:item", args=[case_id, 3])))
    assert record.number in page
    verify = f"/verify/{record.verification_code}/"
    assert verify in page
    public = desk.text(Client().get(verify))
    assert all(words in public for words in (record.number, "发给", "439901 public_security"))
    assert NAME not in public


def test_the_counter_types_the_day_on_a_letter_and_a_wrong_one_comes_back(city: City) -> None:
    case_id = desk.reported(city, missing=("party_letter",))
    clerk = Client()
    clerk.force_login(city.people["counter_clerk@veterans_affairs.439901"])
    tick = f"/counter/cases/{case_id}/seen/"
    data = {"seen": ["party_letter"], "dated_party_letter": "2026-99-01"}
    answer = clerk.post(tick, data)
    assert answer.status_code == 400
    assert 'value="2026-99-01"' in desk.text(answer)
    answer = clerk.post(tick, {**data, "dated_party_letter": "2026-10-20"})
    assert "不能晚于今天" in desk.text(answer)
    clerk.post(tick, {**data, "dated_party_letter": "2026-09-20"})
    until = desk.state(case_id, city.bureau).grades["party_letter"].valid_until
    assert until.isoformat() == "2026-12-19"
