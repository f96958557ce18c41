"""Invented rosters: how many of each conflict they hold is known, whatever their length."""

import io
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import xlsxwriter

from lianban.accounts.actor import Actor
from lianban.cases.services import dossiers
from tests.services.cast import identity_number, moment

HEADINGS = (
    "序号", "姓名", "公民身份号码", "出生日期", "入伍时间", "退役时间", "军衔", "安置方式",
    "退役证号", "安置地", "备注",
)  # fmt: skip
#: Lines of each kind among a hundred; the rest are new.
SHARES = {
    "known": 10, "bad_check_digit": 2, "bad_number": 1, "lost_digits": 1, "fifteen_digits": 1,
    "bad_name": 1, "birth_differs": 1, "duplicate_in_file": 1, "other_district": 2,
    "held_elsewhere": 1, "name_variant": 1, "name_differs": 1,
}  # fmt: skip
CONFLICTS = tuple(kind for kind in SHARES if kind != "known")
_SURNAMES = "陈李王张刘杨黄赵周吴徐孙马朱胡郭何高林罗"
_NAMES = "伟强磊军洋勇杰涛明超亮辉鹏斌飞宇浩凯健俊"


def kinds(count: int) -> list[str]:
    """The kind of each line: the shares, in every hundred lines alike."""
    block = [kind for kind, share in SHARES.items() for _ in range(share)]
    block += ["new"] * (100 - len(block))
    return [block[(at * 37) % 100] for at in range(count)]


def name(at: int) -> str:
    """An invented name, with another one at every line that matters."""
    return _SURNAMES[at % 20] + _NAMES[at // 20 % 20] + _NAMES[at // 400 % 20]


def born(at: int) -> date:
    return date(1990, 1, 1) + timedelta(days=at)


def number(at: int) -> str:
    """An invented number, another for each line."""
    return identity_number(born=f"{born(at):%Y%m%d}", sequence="011")


def line(at: int, kind: str) -> list[Any]:
    """One line as the troop would write it."""
    found = {
        "name": name(at), "number": number(at), "born": f"{born(at):%Y-%m-%d}", "place": "东湖县",
    }  # fmt: skip
    change = _CHANGES.get(kind)
    if change:
        found |= change(at)
    cells = [at + 1, found["name"], found["number"], found["born"], "2024-09-01", "2026.9.1"]
    return [*cells, "上等兵", "自主就业", f"退字{at:06d}", found["place"], "某某"]


def _wrong_digit(at: int) -> dict[str, Any]:
    right = number(at)
    return {"number": right[:-1] + ("0" if right[-1] != "0" else "1")}


_CHANGES: dict[str, Any] = {
    "bad_check_digit": _wrong_digit,
    "bad_number": lambda at: {"number": number(at)[:-2]},
    "lost_digits": lambda at: {"number": float(number(at)[:-1] + "0")},
    "fifteen_digits": lambda at: {"number": number(at)[:6] + number(at)[8:17]},
    "bad_name": lambda at: {"name": "=" + name(at)},
    "birth_differs": lambda at: {"born": "1989-02-03"},
    "other_district": lambda at: {"place": "柳城市西山县"},
}


def rows(count: int) -> Iterator[list[Any]]:
    """All lines; a duplicate says again who stands in the first of its hundred."""
    for at, kind in enumerate(kinds(count)):
        if kind == "duplicate_in_file":
            yield line(at - at % 100, "known")
        else:
            yield line(at, kind)


def workbook(lines: Sequence[Sequence[Any]], *, headings: Sequence[str] = HEADINGS) -> bytes:
    """The lines as an XLSX below a title, as troops send it."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        book.set_properties(
            {"created": moment("2026-09-01 00:00")}
        )  # the same lines, the same bytes
        sheet = book.add_worksheet("移交名册")
        sheet.write(0, 0, "二〇二六年秋季移交名册")
        sheet.write_row(2, 0, headings)
        for at, cells in enumerate(lines, start=3):
            sheet.write_row(at, 0, cells)
    return out.getvalue()


def prepare(count: int, *, bureau: Actor, stranger: Actor) -> None:
    """What the system knows before: dossiers of some people, here, elsewhere, or named otherwise."""
    here: list[tuple[str, str]] = []
    there: list[tuple[str, str]] = []
    for at, kind in enumerate(kinds(count)):
        if kind == "known":
            here.append((name(at), number(at)))
        elif kind == "name_variant":
            here.append((name(at)[:2] + "乙", number(at)))
        elif kind == "name_differs":
            here.append(("欧阳某某", number(at)))
        elif kind == "held_elsewhere":
            there.append((name(at), number(at)))
    at_ = moment("2026-08-30 09:00")
    for district, actor, people in (("439901", bureau, here), ("439902", stranger, there)):
        for start in range(0, len(people), dossiers.MOST):
            found = dossiers.record(
                rows=people[start : start + dossiers.MOST], state="expected",
                district=district, actor=actor, at=at_,
            )  # fmt: skip
            assert all(row.done for row in found), [r.message for r in found if not r.done][:3]
