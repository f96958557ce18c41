"""Files for departments that neither listen nor ask: what goes out."""

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from lianban.cases import access_log, queries, services
from lianban.cases.models import ViewRecord
from lianban.engine import commands as c
from lianban.engine.refusal import Refused
from lianban.exchange import contract
from lianban.exchange.file_mode import answers as file_answers
from lianban.exchange.file_mode import files
from lianban.exchange.file_mode import sheet as file_sheet
from lianban.exchange.models import ExchangeFile, PartnerRecord, TaskRecord, TryRecord
from lianban.ops import main
from lianban.outbox.models import OutboxMessage
from tests.exchange.file_desk import (  # fmt: skip
    AT,
    HOUSEHOLD,
    LATER,
    LICENCE,
    POLICE,
    back,
    city,
    filled,
    grids,
    out,
    places,
    police,
    sub_cases,
    today,
    whys,
)
from tests.services.cast import FIELDS, City
from tests.web.department import desk

pytestmark = pytest.mark.django_db
__all__ = ["city", "police", "today"]  # the ground of these tests


def test_all_that_waits_goes_into_one_numbered_file_and_counts_as_sent(
    city: City, police: PartnerRecord
) -> None:
    case_id = desk.with_departments(city)
    officer = desk.officer(city)
    assert files.waiting_count(police, actor=officer, at=AT) == 4
    made = out(police, officer)
    assert made.number == "PS-20261019-001"
    found = grids(files.content_of(made))
    new = found[file_sheet.NEW]
    assert made.number in new[0][0]
    assert "公安局" in new[1][0] and "共 2 行" in new[1][0]
    assert len(found[file_sheet.ASKED]) == 4 + 2
    heads, rows = new[3], new[4:]
    assert heads[:3] == ["序号", "子办件编号", "事项"] and heads[-7:] == list(file_sheet.FILL)
    assert [row[1] for row in rows] == [
        contract.sub_case(desk.case_number(case_id), number) for number in (HOUSEHOLD, LICENCE)
    ]
    by_head = [dict(zip(heads, row, strict=False)) for row in rows]
    assert {row["身份证号"] for row in by_head} == {FIELDS["identity_number"]}
    assert "银行卡号" not in heads and FIELDS["bank_account"] not in str(found)
    assert "准驾车型" not in by_head[0] or by_head[0]["准驾车型"] == ""
    hidden = found[file_sheet.HIDDEN]
    assert hidden[0][:2] == ["number", made.number] and hidden[1][:2] == ["contract", "v1"]
    rows_out = OutboxMessage.objects.filter(department=POLICE)
    assert {row[3] for row in hidden[2:]} == {str(one.message_id) for one in rows_out}
    assert {(one.state, one.offered_in) for one in rows_out} == {("sent", 20261019001)}
    assert TryRecord.objects.filter(partner_code=POLICE, ended="ok").count() == 4
    assert files.waiting_count(police, actor=officer, at=AT) == 0


def test_what_was_handed_out_is_not_in_the_next_file(city: City, police: PartnerRecord) -> None:
    officer = desk.officer(city)
    desk.with_departments(city)
    first = out(police, officer)
    with pytest.raises(Refused) as caught:
        out(police, officer)
    assert caught.value.code == "nothing_waiting"
    desk.with_departments(city, sequence="002", name="李四海")
    second = out(police, officer)
    assert second.number == "PS-20261019-002"
    assert not set(sub_cases(first)) & set(sub_cases(second))


def test_the_number_stands_on_the_sheet_and_in_its_foot(city: City, police: PartnerRecord) -> None:
    desk.with_departments(city)
    made = out(police, desk.officer(city))
    with zipfile.ZipFile(io.BytesIO(files.content_of(made))) as parts:
        page = parts.read("xl/worksheets/sheet1.xml").decode()
        book = parts.read("xl/workbook.xml").decode()
    assert f"<oddFooter>&amp;L{made.number}" in page
    assert 'name="_lianban" sheetId="5" state="hidden"' in book


def test_anybody_can_check_offline_that_a_file_is_ours(city: City, police: PartnerRecord) -> None:
    desk.with_departments(city)
    officer = desk.officer(city)
    made = out(police, officer)
    name, content = files.open_(made.id, actor=officer, at=LATER)
    sig_name, signature = files.signature_of(made.id, actor=officer)
    assert (name, sig_name) == ("PS-20261019-001.xlsx", "PS-20261019-001.xlsx.sig")
    key: Any = load_pem_public_key(files.public_key())
    key.verify(signature, content)
    with pytest.raises(InvalidSignature):
        key.verify(signature, content[:-1] + b"!")


def test_the_workbook_lies_sealed_and_who_opens_it_is_kept(
    city: City, police: PartnerRecord
) -> None:
    case_id = desk.with_departments(city)
    officer = desk.officer(city)
    made = out(police, officer)
    assert not bytes(made.content).startswith(b"PK")
    for _ in range(2):
        _, content = files.open_(made.id, actor=officer, at=LATER)
        assert content.startswith(b"PK")
    looks = ViewRecord.objects.filter(case_id=case_id, what=f"list:{made.number}")
    assert {(one.user_id, one.at) for one in looks} == {(officer.user_id, LATER)}
    view = queries.get(case_id=case_id, actor=city.bureau, at=LATER)
    assert {look.what for look in access_log.of_case(view)} == {"给部门的办件清单"}


def test_another_countys_cases_and_files_stay_with_it(city: City, police: PartnerRecord) -> None:
    desk.with_departments(city)
    neighbour = desk.officer(city, district="439902")
    with pytest.raises(Refused) as caught:
        out(police, neighbour)
    assert caught.value.code == "nothing_waiting"
    made = out(police, desk.officer(city))
    for stranger in (neighbour, desk.officer(city, "medical_insurance"), city.bureau):
        for read in (
            lambda who: files.open_(made.id, actor=who, at=AT),
            lambda who: files.signature_of(made.id, actor=who),
            lambda who: file_answers.refused_sheet(made.id, actor=who),
        ):
            with pytest.raises(Refused) as caught:
                read(stranger)
            assert caught.value.code == "unknown_exchange_file"
    with pytest.raises(Refused) as caught:
        back(made, neighbour, {"1": {"办理情况": "受理"}})
    assert caught.value.code == "unknown_exchange_file"
    with pytest.raises(Refused) as caught:
        out(police, city.bureau)
    assert caught.value.code == "not_permitted"
    assert list(files.files_of(police, actor=city.bureau)) == [made]
    assert not files.files_of(police, actor=neighbour)


def test_a_row_that_cannot_be_composed_stops_no_other(city: City, police: PartnerRecord) -> None:
    case_id = desk.with_departments(city)
    first = OutboxMessage.objects.filter(department=POLICE, item=HOUSEHOLD).get()
    OutboxMessage.objects.filter(id=first.id).update(item=None)
    made = out(police, desk.officer(city))
    assert list(places(made)) == [LICENCE]
    first.refresh_from_db()
    assert (first.state, first.last_error) == ("dead", "unknown_case")
    task = TaskRecord.objects.get(kind="dead")
    assert (task.case_id, task.about) == (case_id, str(first.message_id))


def test_what_changes_later_stands_on_the_second_sheet(city: City, police: PartnerRecord) -> None:
    case_id = desk.with_departments(city)
    officer = desk.officer(city)
    out(police, officer)
    services.run(c.Withdraw(LICENCE), case_id=case_id, actor=city.clerk, at=LATER)
    second = out(police, officer, LATER)
    found = grids(files.content_of(second))
    assert len(found[file_sheet.NEW]) == 4
    (row,) = found[file_sheet.CHANGED][4:]
    assert row[1].endswith("-14") and "不用再办" in row[2]
    refused = back(second, officer, {row[0]: {"办理情况": "受理"}})
    assert whys(refused) == ["这一行是撤回、终止的通知，不用填"]


def test_the_console_hands_out_for_the_whole_city_and_takes_back(
    city: City, police: PartnerRecord, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case_id = desk.with_departments(city)
    run = ["exchange", "file", "out", "--department", POLICE, "--to", str(tmp_path)]
    assert main.main(run) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["files"] == [f"{said['number']}.xlsx", f"{said['number']}.xlsx.sig", "lianban.pem"]
    content = (tmp_path / f"{said['number']}.xlsx").read_bytes()
    assert hashlib.sha256(content).hexdigest() == said["sha256"]
    assert (tmp_path / f"{said['number']}.xlsx").stat().st_mode & 0o077 == 0
    made = ExchangeFile.objects.get()
    assert not files.files_of(police, actor=desk.officer(city))
    back_again = tmp_path / "back.xlsx"
    cells = {places(made)[LICENCE]: {"办理情况": "受理"}, places(made)[HOUSEHOLD]: {"原因": "?"}}
    back_again.write_bytes(filled(made, cells))
    take = ["exchange", "file", "in", "--department", POLICE, str(back_again)]
    assert main.main(take) == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["taken"], [one["line"] for one in said["refused"]]) == (1, [5])
    assert desk.row(case_id, LICENCE).state == "accepted"
    assert main.main(run) == 1 and "没有等着导出的" in capsys.readouterr().err
    assert main.main([*run[:2], "book", *run[3:]]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["rows"], ExchangeFile.objects.get(number=said["number"]).holds) == (2, "book")
    assert main.main([*run[:4], "nobody", *run[5:]]) == 2
    assert main.main([*take[:-1], str(tmp_path / "none.xlsx")]) == 2


def test_what_has_nothing_to_tell_any_more_hides_nothing_behind_it(
    city: City, police: PartnerRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = desk.with_departments(city)
    services.run(c.Withdraw(HOUSEHOLD), case_id=case_id, actor=city.clerk, at=LATER)
    monkeypatch.setattr(files, "MOST", 1)
    assert list(places(out(police, desk.officer(city), LATER))) == [LICENCE]
