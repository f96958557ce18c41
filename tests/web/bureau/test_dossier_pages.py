"""Dossiers, reception and batches in the browser: many at once, a result for each row."""

import io

import pytest
import python_calamine
from django.test import Client

from lianban.cases.models import BatchRecord, DossierRecord
from lianban.web.bureau import dossiers
from tests.services.cast import FIELDS, City, identity_number
from tests.web.bureau import desk

pytestmark = pytest.mark.django_db(transaction=True)

NUMBER, NAME = FIELDS["identity_number"], FIELDS["name"]


def add(client: Client, lines: str, state: str = "expected", **more: object) -> object:
    data = {"district": "439901", "state": state, "lines": lines, **more}
    return client.post("/bureau/dossiers/add/", data)


def test_lines_are_read_however_they_were_copied() -> None:
    text = f"1. 陈小川\t{NUMBER}\n周文，{NUMBER}\n\n{NUMBER} 阿里·买买提\n只有名字\n"
    assert dossiers.read_lines(text) == [
        ("陈小川", NUMBER),
        ("周文", NUMBER),
        ("阿里·买买提", NUMBER),
        ("只有名字", ""),
    ]


def test_a_list_is_noted_at_once(officer: Client) -> None:
    other = identity_number(sequence="003")
    found = add(officer, f"{NAME} {NUMBER}\n周文,{other}", "arrived", vouchers=["party_letter"])
    assert found.status_code == 302
    assert DossierRecord.objects.filter(state="arrived", vouchers=["party_letter"]).count() == 2
    source = desk.text(officer.get("/bureau/dossiers/?show=no_person"))
    assert "周文" in source
    assert NUMBER not in source


def test_wrong_lines_stay_in_the_box_with_what_is_wrong(officer: Client) -> None:
    wrong = NUMBER[:-1] + ("0" if NUMBER[-1] != "0" else "1")
    found = add(officer, f"{NAME} {NUMBER}\n周文 {wrong}\n李一 123")
    assert found.status_code == 422
    source = desk.text(found)
    assert "最后一位对不上" in source
    assert f"周文 {wrong}" in source
    assert f"{NAME} {NUMBER}" not in source
    assert DossierRecord.objects.count() == 1


@pytest.mark.parametrize("lines", ["", "  \n ", "甲 " + "1" * 50_000, "甲\x00乙 1"])
def test_a_list_that_cannot_be_read_is_answered_in_words(officer: Client, lines: str) -> None:
    found = add(officer, lines)
    assert found.status_code in (400, 422)
    assert DossierRecord.objects.count() == 0


def test_people_without_a_dossier_are_received_many_at_once(city: City, officer: Client) -> None:
    ids = [desk.reported(city), desk.reported(city, sequence="003", name="周文")]
    listed = desk.text(officer.get("/bureau/dossiers/"))
    assert all(desk.number(case_id) in listed for case_id in ids)
    form = {"show": "people", "case": [str(i) for i in ids], "state": "received"}
    found = officer.post("/bureau/dossiers/move/", form, follow=True)
    assert "2 件已接收，记下了" in desk.text(found)
    source = desk.text(officer.get("/bureau/reception/"))
    assert all(desk.number(case_id) in source for case_id in ids)
    found = officer.post("/bureau/reception/", {"case": [str(i) for i in ids]}, follow=True)
    assert "2 件登记了退役接收" in desk.text(found)
    found = officer.post("/bureau/batches/", {"case": [str(i) for i in ids]}, follow=True)
    assert "2 件汇总推送了" in desk.text(found)
    assert BatchRecord.objects.get().number in desk.text(found)


def test_each_row_that_is_refused_says_why(city: City, officer: Client) -> None:
    early = desk.reported(city)
    ready = desk.received(city, sequence="003", name="周文")
    form = {"case": [str(early), "nonsense"]}
    found = officer.post("/bureau/reception/", form, follow=True)
    assert "还不能登记「退役接收」" in desk.text(found)
    found = officer.post("/bureau/batches/", {"case": [str(early), str(ready)]}, follow=True)
    source = desk.text(found)
    assert "1 件汇总推送了" in source
    assert "没有等着汇总的事项" in source


def test_nothing_ticked_is_said(officer: Client) -> None:
    for address in ("/bureau/reception/", "/bureau/batches/", "/bureau/dossiers/move/"):
        found = officer.post(address, {"state": "arrived"}, follow=True)
        assert "请至少选一件" in desk.text(found)


def test_two_names_for_one_number_are_settled_by_the_officer(city: City, officer: Client) -> None:
    case_id = desk.reported(city)
    add(officer, f"陈晓川 {NUMBER}", "arrived")
    row = DossierRecord.objects.get()
    source = desk.text(officer.get("/bureau/dossiers/?show=conflict"))
    assert "另有姓名：陈小川" in source
    assert "姓名不一致" in desk.text(officer.get(desk.page(case_id)))
    form = {"show": "arrived", "dossier": [str(row.id)], "state": "received"}
    assert "姓名对不上" in desk.text(officer.post("/bureau/dossiers/move/", form, follow=True))
    page = f"/bureau/dossiers/{row.id}/"
    assert "列出的姓名" in desk.text(officer.post(page, {"name": "王五"}, follow=True))
    assert "姓名以「陈小川」为准" in desk.text(officer.post(page, {"name": NAME}, follow=True))
    assert "1 件已接收" in desk.text(officer.post("/bureau/dossiers/move/", form, follow=True))


def test_a_look_at_a_dossiers_whole_number_is_kept(city: City, officer: Client) -> None:
    from lianban.cases.models import ViewRecord

    add(officer, f"{NAME} {NUMBER}")
    row = DossierRecord.objects.get()
    page = f"/bureau/dossiers/{row.id}/"
    assert NUMBER not in desk.text(officer.get(page))
    assert NUMBER in desk.text(officer.post(f"{page}number/"))
    assert ViewRecord.objects.filter(case_id=row.id, what="dossier").count() == 1
    stranger = desk.browser(city, district="439902")
    assert stranger.get(page).status_code == 404
    assert stranger.post(f"{page}number/").status_code == 404


def test_the_summary_sheet_holds_text_only_and_can_be_fetched_again(
    city: City, officer: Client
) -> None:
    case_id = desk.received(city, name="陈小川")
    from lianban.cases.models import PersonRecord

    PersonRecord.objects.update(name="=cmd()|'/C calc'!A0")
    officer.post("/bureau/batches/", {"case": [str(case_id)]})
    batch = BatchRecord.objects.get()
    for _ in range(2):
        answer = officer.get(f"/bureau/batches/{batch.id}/sheet.xlsx")
        assert answer.status_code == 200
        assert f'filename="{batch.number}.xlsx"' in answer["Content-Disposition"]
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[2][:4] == ["序号", "办件编号", "姓名", "身份证号"]
    assert [row[4].split()[0] for row in rows[3:]] == ["2", "3", "7", "14"]
    assert rows[3][2] == "=cmd()|'/C calc'!A0"
    assert "***" in rows[3][3]
    assert NUMBER not in str(rows)
    assert b"<f>" not in answer.content
