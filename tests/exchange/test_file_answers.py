"""Files that come back filled in: each good row has its effect, the others say why not."""

import io
import json
import zipfile
from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest
import xlsxwriter

from lianban.cases import services
from lianban.cases.models import ResultRecord
from lianban.engine import commands as c
from lianban.engine.refusal import Refused
from lianban.exchange import contract
from lianban.exchange.file_mode import answers as file_answers
from lianban.exchange.file_mode import files
from lianban.exchange.file_mode import rows as file_rows
from lianban.exchange.file_mode import sheet as file_sheet
from lianban.exchange.models import ExchangeFile, InboxMessage, PartnerRecord, TaskRecord
from tests.exchange.file_desk import (  # fmt: skip
    AT,
    HOUSEHOLD,
    LATER,
    LICENCE,
    back,
    city,
    filled,
    grids,
    out,
    places,
    police,
    state,
    today,
    whys,
)
from tests.services.cast import City, identity_number, moment
from tests.web.department import desk

pytestmark = pytest.mark.django_db
__all__ = ["city", "police", "today"]  # the ground of these tests


def test_filled_rows_have_the_effect_of_the_systems_messages(
    city: City, police: PartnerRecord
) -> None:
    case_id = desk.with_departments(city)
    officer = desk.officer(city)
    made = out(police, officer)
    place = places(made)
    answer = back(
        made,
        officer,
        {
            place[HOUSEHOLD]: {
                "办理情况": "办结(准予)",
                "结果编号": "户00012",
                "出证日期": date(2026, 10, 19),
            },
            place[LICENCE]: {"办理情况": "受理"},
        },
    )
    assert answer.refused == [] and (answer.row_count, answer.taken_count) == (2, 2)
    assert (answer.number, answer.made_by_id) == (f"{made.number}-R1", officer.user_id)
    assert desk.row(case_id, HOUSEHOLD).result_number == "户00012"
    assert state(case_id, LICENCE) == "accepted"
    assert ResultRecord.objects.get(number="户00012").issued_on == date(2026, 10, 19)
    words = sorted(InboxMessage.objects.values_list("type", flat=True))
    assert words == ["accept", "decide", "issue"]


def test_a_day_is_read_as_people_and_programs_write_it() -> None:
    known = file_sheet.Known(1, "LB2026101900000118-03", "", "", "dispatch", "", {})
    for day in ("2026-10-19", "2026年10月19日", "2026/10/19", "20261019", 46314.0):
        cells = {"办理情况": "准予", "结果编号": "1", "出证日期": day}
        row = file_sheet.Filled(file_sheet.NEW, 5, "1", "", "", cells)
        issue = file_rows.messages(row, known, number="PS-20261019-001")[1].data
        assert isinstance(issue, contract.Issue) and issue.issued_on == date(2026, 10, 19)


def test_names_with_commas_in_them_are_told_apart() -> None:
    asks = {
        "住所证明，或户口簿": "proof",
        "回执、通知书": "notice",
        "回执": "receipt",
        "照片": "photo",
    }
    known = file_sheet.Known(1, "LB202610190000011-03", "", "", "dispatch", "", asks)

    def defects(text: str) -> object:
        cells = {"办理情况": "补正", "要补的内容": text}
        row = file_sheet.Filled(file_sheet.NEW, 5, "1", "", "", cells)
        said = file_rows.messages(row, known, number="PS-20261019-001")[0].data
        return getattr(said, "defects", None)

    assert defects("照片、住所证明，或户口簿；回执、通知书") == ["photo", "proof", "notice"]
    assert defects(" 回执 \n照片、照片") == ["receipt", "photo"]
    for text, unknown in (
        ("回执单、照片", "“回执单”"),
        ("照片回执", "“照片回执”"),
        ("、x，y", "“x”、“y”"),
    ):
        with pytest.raises(file_rows.Wrong) as caught:
            defects(text)
        assert unknown in caught.value.why and "住所证明，或户口簿" in caught.value.todo


def test_the_same_file_twice_changes_nothing_more(city: City, police: PartnerRecord) -> None:
    case_id = desk.with_departments(city)
    officer = desk.officer(city)
    made = out(police, officer)
    content = filled(made, {places(made)[LICENCE]: {"办理情况": "受理"}})
    first = back(made, officer, content)
    before = list(InboxMessage.objects.values_list("message_id", "received_at"))
    second = back(made, officer, content, moment("2026-10-21 09:00"))
    assert (first.taken_count, second.taken_count) == (1, 1) and second.refused == []
    assert list(InboxMessage.objects.values_list("message_id", "received_at")) == before
    third = back(made, officer, {places(made)[LICENCE]: {"办理情况": "不予", "原因": "体检没过"}})
    assert third.refused == [] and desk.row(case_id, LICENCE).outcome == "denied"


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no step": ({"原因": "材料不全"}, "没有选“办理情况”"),
    "an unknown step": ({"办理情况": "办好了"}, "“办理情况”写的不认识"),
    "no reason": ({"办理情况": "退回"}, "“退回”要写原因"),
    "a kind of reason that is none": ({"办理情况": "退回", "原因类别": "心情"}, "“原因类别”写的不认识"),
    "a denial without a reason": ({"办理情况": "办结（不予）"}, "“办结（不予）”要写原因"),
    "a denial with a number": (
        {"办理情况": "办结（不予）", "原因": "不符", "结果编号": "1"}, "不予的没有结果编号",
    ),
    "a number without a day": ({"办理情况": "办结（准予）", "结果编号": "1"}, "没有写“出证日期”"),
    "a day without a number": (
        {"办理情况": "办结（准予）", "出证日期": "2026-10-19"}, "没有写“结果编号”",
    ),
    "a day that is none": (
        {"办理情况": "办结（准予）", "结果编号": "1", "出证日期": "2026-02-30"}, "写的不是日期",
    ),
    "a defect that was not sent": (
        {"办理情况": "补正", "要补的内容": "银行卡号"}, "“银行卡号”不在这一行里",
    ),
    "no defect": ({"办理情况": "补正"}, "“补正”要写“要补的内容”"),
    "a reason that is too long": ({"办理情况": "退回", "原因": "长" * 501}, "“原因”太长"),
    "a suspension without a reason": ({"办理情况": "暂停"}, "“暂停”要写原因"),
    "an extension without days": ({"办理情况": "延期", "原因": "要实地核查"}, "“延长几个工作日”没有写"),
    "an extension of too many days": (
        {"办理情况": "延期", "原因": "要实地核查", "延长几个工作日": 91}, "不是 1 到 90 的数",
    ),
    "an extension of half a day": (
        {"办理情况": "延期", "原因": "要实地核查", "延长几个工作日": "0.5"}, "不是 1 到 90 的数",
    ),
    "somebody's number in a reason": (
        {"办理情况": "不予", "原因": f"{identity_number()} 不符"}, "身份证号",
    ),
}  # fmt: skip


def test_a_row_that_cannot_be_taken_says_why_and_the_others_are_taken(
    city: City, police: PartnerRecord
) -> None:
    case_id = desk.with_departments(city)
    officer = desk.officer(city)
    made = out(police, officer)
    place = places(made)
    for case, (cells, words) in WRONG.items():
        answer = back(
            made, officer, {place[HOUSEHOLD]: cells, place[LICENCE]: {"办理情况": "受理"}}
        )
        (why,) = whys(answer)
        assert words in why, (case, why)
        assert answer.refused[0]["line"] == 5 and answer.refused[0]["todo"], case
        assert (answer.row_count, answer.taken_count) == (2, 1), case
        assert state(case_id, HOUSEHOLD) == "dispatched", case
    assert state(case_id, LICENCE) == "accepted"
    name, content = file_answers.refused_sheet(answer.id, actor=officer)
    (rows,) = grids(content).values()
    assert why in rows[3] and answer.number in name
    assert TaskRecord.objects.get(kind="file", closed_at=None).about == made.number
    back(made, officer, {place[LICENCE]: {"办理情况": "受理"}})
    assert not TaskRecord.objects.filter(kind="file", closed_at=None).exists()


def test_a_row_stops_the_clock_lets_it_go_on_extends_the_limit_and_tells_the_delivery(
    city: City, police: PartnerRecord
) -> None:
    case_id = desk.with_departments(city)
    officer = desk.officer(city)
    made = out(police, officer)
    place = places(made)[HOUSEHOLD]

    def say(step: str, **more: Any) -> list[str]:
        answer = back(made, officer, {place: {"办理情况": step, **more}})
        return whys(answer)

    assert say("受理") == say("暂停", 原因="等上级部门复核") == []
    assert state(case_id, HOUSEHOLD) == "suspended"
    assert say("恢复") == say("恢复") == [] and state(case_id, HOUSEHOLD) == "accepted"
    (why,) = say("暂停", 原因="等上级部门复核")
    assert "先前这样填过" in why and state(case_id, HOUSEHOLD) == "accepted"
    assert say("暂停", 原因="又要复核") == [] and state(case_id, HOUSEHOLD) == "suspended"
    assert "先前这样填过" in say("恢复")[0] and state(case_id, HOUSEHOLD) == "suspended"
    services.run(c.Resume(HOUSEHOLD), case_id=case_id, actor=officer, at=LATER)
    assert say("延期", 原因="要实地核查", 延长几个工作日=5) == []
    assert desk.row(case_id, HOUSEHOLD).detail["ext"] == 5
    assert say("准予", 结果编号="户00012", 出证日期="2026-10-19") == []
    assert state(case_id, HOUSEHOLD) == "delivering"
    assert say("已送达") == [] and state(case_id, HOUSEHOLD) == "concluded"
    assert "已经结束" in say("暂停", 原因="晚了")[0]


def test_a_row_of_an_old_file_does_not_decide_what_was_sent_again_since(
    city: City, police: PartnerRecord
) -> None:
    case_id = desk.with_departments(city)
    officer = desk.officer(city)
    old = out(police, officer)
    place = places(old)[HOUSEHOLD]
    why = {"办理情况": "退回", "原因": "材料不全", "原因代码": "材料不全"}
    assert whys(back(old, officer, {place: why})) == []
    services.run(c.Dispatch(HOUSEHOLD), case_id=case_id, actor=city.bureau, at=AT)
    denied = {place: {"办理情况": "不予", "原因": "不符合条件"}}
    assert "上一次送的" in whys(back(old, officer, denied))[0]
    assert state(case_id, HOUSEHOLD) == "dispatched"
    new = out(police, officer, LATER)
    assert whys(back(new, officer, {places(new)[HOUSEHOLD]: {"办理情况": "受理"}})) == []
    assert state(case_id, HOUSEHOLD) == "accepted"


def test_a_defect_is_named_as_the_sheet_names_it(city: City, police: PartnerRecord) -> None:
    case_id = desk.with_departments(city)
    officer = desk.officer(city)
    made = out(police, officer)
    asks = next(
        json.loads(row[6])
        for row in grids(files.content_of(made))[file_sheet.HIDDEN][2:]
        if row[1].endswith("-14")
    )
    label, code = next((label, code) for label, code in asks.items() if code == "licence_class")
    answer = back(
        made, officer, {places(made)[LICENCE]: {"办理情况": "补正", "要补的内容": f" {label} "}}
    )
    assert answer.refused == []
    assert state(case_id, LICENCE) == "correction_due"
    assert code in json.dumps(desk.row(case_id, LICENCE).detail["notice"])


def test_a_row_whose_names_slipped_is_not_taken(city: City, police: PartnerRecord) -> None:
    """Two people's names change places, as when only some columns are sorted."""
    cases = [desk.with_departments(city)]
    cases.append(desk.with_departments(city, sequence="002", name="李四海"))
    officer = desk.officer(city)
    made = out(police, officer)
    swap = {"陈小川": "李四海", "李四海": "陈小川"}

    def change(_: str, heading: str, value: Any) -> Any:
        return swap.get(value, value) if heading == "姓名" else value

    fill = {str(n): {"办理情况": "办结（准予）"} for n in range(1, 5)}
    answer = back(made, officer, filled(made, fill, change))
    assert (answer.row_count, answer.taken_count) == (4, 0)
    assert all("错开" in why for why in whys(answer))
    assert {state(case, HOUSEHOLD) for case in cases} == {"dispatched"}


def test_a_row_of_another_file_or_twice_is_not_taken(city: City, police: PartnerRecord) -> None:
    officer = desk.officer(city)
    desk.with_departments(city)
    first = out(police, officer)
    fill = {"1": {"办理情况": "受理"}, "2": {"办理情况": "受理"}}

    def again(title: str, heading: str, value: Any) -> Any:
        return "1" if heading == "序号" else value

    answer = back(first, officer, filled(first, fill, again))
    assert len(answer.refused) >= 1

    def beyond(title: str, heading: str, value: Any) -> Any:
        return {"1": "9"}.get(value, value) if heading == "序号" else value

    answer = back(first, officer, filled(first, fill, beyond))
    assert whys(answer) == ["这一行不是这个文件里的"]


def test_what_fits_nothing_now_goes_to_a_person(city: City, police: PartnerRecord) -> None:
    case_id = desk.with_departments(city)
    officer = desk.officer(city)
    made = out(police, officer)
    services.run(c.Withdraw(LICENCE), case_id=case_id, actor=city.clerk, at=LATER)
    answer = back(made, officer, {places(made)[LICENCE]: {"办理情况": "办结（准予）"}})
    assert whys(answer) == ["这一件已经结束，已转给牵头部门看"]
    assert state(case_id, LICENCE) == "withdrawn"
    assert TaskRecord.objects.filter(kind="parked", case_id=case_id).count() == 1


def _without_hidden(content: bytes) -> bytes:
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True}) as book:
        for title, grid in grids(content).items():
            if title != file_sheet.HIDDEN:
                page = book.add_worksheet(title)
                for line, cells in enumerate(grid):
                    page.write_row(line, 0, cells)
    return kept.getvalue()


def _with_number(content: bytes, old: str, new: str) -> bytes:
    """Another number in the file's own strings, as no program writes it."""
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as was, zipfile.ZipFile(kept, "w") as made:
        for name in was.namelist():
            made.writestr(name, was.read(name).replace(f">{old}<".encode(), f">{new}<".encode()))
    return kept.getvalue()


def test_a_file_that_is_not_ours_is_refused_whole(city: City, police: PartnerRecord) -> None:
    desk.with_departments(city)
    officer = desk.officer(city)
    made = out(police, officer)
    content = files.content_of(made)
    fill = {"1": {"办理情况": "受理"}}

    def renumbered(title: str, _: str, value: Any) -> Any:
        return "PS-20261019-999" if value == made.number else value

    def older(title: str, _: str, value: Any) -> Any:
        return "v0" if value == "v1" and title == file_sheet.HIDDEN else value

    bad: Iterable[tuple[bytes, str]] = (
        (b"not a table", "bad_file"),
        (content[:2000], "bad_file"),
        (b"PK\x03\x04" + bytes(11 * 1024 * 1024), "bad_file"),
        (_without_hidden(content), "no_file_number"),
        (content, "nothing_filled"),
        (filled(made, fill, renumbered), "unknown_exchange_file"),
        (_with_number(content, made.number, "_x0000_"), "no_file_number"),
        (filled(made, fill, older), "wrong_contract"),
    )
    for upload, code in bad:
        with pytest.raises(Refused) as caught:
            back(made, officer, upload)
        assert caught.value.code == code
        assert "请" in caught.value.message or code == "unknown_exchange_file"
    assert not ExchangeFile.objects.filter(direction="in").exists()
    assert not InboxMessage.objects.exists()


def test_what_is_to_be_verified_is_answered_in_one_word(city: City, police: PartnerRecord) -> None:
    case_id = desk.with_departments(city)
    officer = desk.officer(city)
    made = out(police, officer)
    asked = grids(files.content_of(made))[file_sheet.ASKED]
    first, second = asked[4:]
    assert asked[3][-2:] == ["办理情况", "不一致的内容"] and first[1].startswith("核验 ")
    cells = {"办理情况": "核验不一致", "不一致的内容": "身份信息"}
    answer = back(made, officer, {first[0]: {"办理情况": "核验一致"}, second[0]: cells})
    assert answer.refused == []
    assert set(InboxMessage.objects.values_list("type", "state")) == {("verified", "applied")}
    assert TaskRecord.objects.get(kind="mismatch").case_id == case_id
    wrong = back(
        made, officer, {first[0]: {"办理情况": "受理"}, second[0]: {"办理情况": "核验不一致"}}
    )
    assert whys(wrong) == ["“办理情况”写的不认识", "“核验不一致”要写“不一致的内容”"]
