"""Between the rows of a file and the contract's messages: the same ones that a system would send."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from pydantic import ValidationError

from lianban.accounts import sheets
from lianban.catalogue.calendar import CHINA
from lianban.exchange import contract
from lianban.exchange.file_mode.sheet import (
    ASKED,
    CHANGED,
    DAYS,
    DEFECTS,
    DIFFERS,
    FILL,
    FILLS,
    ISSUED_ON,
    ITEM,
    KIND,
    MATCHES,
    NEW,
    NEWS,
    PLACE,
    REASON,
    RESULT,
    STEP,
    STEPS,
    SUB_CASE,
    Filled,
    Known,
    Row,
)

#: What a file can tell.
WORDS = ("dispatch", "correction_supplied", "external_event", "appointment", "withdraw", "verify")
#: What is verified beside papers: who the person is.
IDENTITY, _PERSON = "身份信息", "identity"
_SHEETS = {"dispatch": NEW, "verify": ASKED}
_GRADES = {"A": "已核验", "B": "已看原件", "C": "已上传", "D": "承诺", None: "还没有"}
_OURS = frozenset({PLACE, SUB_CASE, ITEM, NEWS, DIFFERS, *FILL})
#: What stands between two names, as it is folded.
_SIGNS = "、,;"


class Wrong(Exception):
    """A row that cannot be taken: what is wrong, and what to do."""

    def __init__(self, why: str, todo: str) -> None:
        super().__init__(why)
        self.why, self.todo = why, todo


# Out ---------------------------------------------------------------------------------------------


def rows(said: list[contract.Envelope], names: Mapping[str, str]) -> list[Row]:
    """The rows that tell these messages, new sub-cases first; `names` gives districts by code.

    An item's name stands in its dispatch alone; a change names the sub-case.
    """
    order = tuple(FILLS)
    first = sorted(said, key=lambda one: order.index(_sheet(one)))
    return [_row(place, one, names) for place, one in enumerate(first, start=1)]


def _sheet(said: contract.Envelope) -> str:
    return _SHEETS.get(contract.word_of(said.type), CHANGED)


def _row(place: int, said: contract.Envelope, names: Mapping[str, str]) -> Row:
    word = contract.word_of(said.type)
    data = contract.OUT[word].model_validate(said.data)
    content = data if isinstance(data, contract.Content) else contract.Content()
    fields = _fields(content)
    name = said.subject if ":" not in said.subject else f"核验 {said.id[:8]}"
    given = {PLACE: str(place), SUB_CASE: name}
    if isinstance(data, contract.Dispatch):
        given |= _dispatched(data, names)
    elif not isinstance(data, contract.Verify):
        given[NEWS] = _news(data, content)
    asks = {m.name: code for code, m in content.materials.items()}
    asks |= {IDENTITY: _PERSON} if word == "verify" else {label: code for code, label, _ in fields}
    return Row(
        place=place,
        sheet=_sheet(said),
        subject=said.subject,
        sub_case=name,
        message_id=said.id,
        word=word,
        given={
            **given,
            **{label: value for _, label, value in fields},
            **_materials(content),
        },
        asks=asks,
    )


def _dispatched(data: contract.Dispatch, names: Mapping[str, str]) -> dict[str, str]:
    due = f"{data.due_on}{'（暂定）' if data.due_is_provisional else ''}" if data.due_on else "没有"
    earlier = "；".join(
        f"{r.name}{r.number and ' '}{r.number}（{r.issued_on}）" for r in data.results
    )
    given = {
        ITEM: data.item_name,
        "第几次送": str(data.round),
        "区县": names.get(data.district, data.district),
        "到期": due,
    }
    return given | ({"前面事项的结果": earlier} if earlier else {})


def _fields(content: contract.Content) -> list[tuple[str, str, str]]:
    """Code, heading and value; a label that a column of ours, or another field, has is made another."""
    taken, found = set(_OURS), []
    for code, field in content.fields.items():
        label = field.label if field.label not in taken else f"{field.label}（{code}）"
        taken.add(label)
        found.append((code, label, field.value))
    return found


def _materials(content: contract.Content) -> dict[str, str]:
    lines = (
        f"{m.name}（{_GRADES[m.grade]}{f'，{len(m.files)} 个文件' if m.files else ''}）"
        for m in content.materials.values()
    )
    return {"材料": "；".join(lines)} if content.materials else {}


def _news(data: contract.Part, content: contract.Content) -> str:
    if isinstance(data, contract.Withdraw):
        why = "本人撤回了" if data.why == "withdrawn" else "牵头部门终止了"
        return f"{why}，不用再办，这一行不用填"
    if isinstance(data, contract.CorrectionSupplied):
        labels = {code: field.label for code, field in content.fields.items()}
        labels |= {code: m.name for code, m in content.materials.items()}
        return "补来了：" + "、".join(labels.get(code, code) for code in data.supplied)
    if isinstance(data, contract.Appointment):
        return _time(data)
    assert isinstance(data, contract.ExternalEvent)
    return f"外部事项已到：{data.kind}"


def _time(data: contract.Appointment) -> str:
    starts = f"{data.starts_at.astimezone(CHINA):%Y-%m-%d %H:%M}"
    begin = {
        "booked": "本人约好了",
        "changed": "本人的时间改到",
        "cancelled": "本人不来了，原来约的是",
        "missed": "本人没有来，约的是",
    }[data.state]
    return f"{begin} {starts}，{data.place_name}（{data.office_name}），{data.purpose_name}"


# In ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, repr=False)
class Message:
    """One message that a filled row makes."""

    word: str
    message_id: str
    subject: str
    data: contract.Part


def messages(row: Filled, known: Known, *, number: str) -> list[Message]:
    """The messages of a filled row, in their order. Raises `Wrong`.

    Their names come from the file's number, the row and what is said, so that the same row again is
    the same message.
    """
    if known.word == "withdraw":
        raise Wrong("这一行是撤回、终止的通知，不用填", "请把这一行黄色的格子清空")
    words, steps = (MATCHES, _ANSWERS) if known.word == "verify" else (STEPS, _STEPS)
    step = steps.get(_folded(row.text(STEP)))
    if not row.text(STEP):
        raise Wrong(f"填了别的格子，没有选“{STEP}”", f"请在“{STEP}”里选一个：{'、'.join(words)}")
    if step is None:
        raise Wrong(f"“{STEP}”写的不认识", f"请从列表里选：{'、'.join(words)}")
    return [_message(word, data, row, known, number) for word, data in step(row, known)]


def _message(word: str, data: Mapping[str, Any], row: Filled, known: Known, number: str) -> Message:
    try:
        part = contract.IN[word].model_validate_json(json.dumps(data, default=str))
    except ValidationError as error:
        raise _unfit(error) from error
    said = hashlib.sha256(part.model_dump_json().encode()).hexdigest()[:10]
    name = f"{number}:{known.place}:{word}:{said}"
    return Message(word, name, known.subject, part)


_HEADINGS = {
    "reason": REASON,
    "number": RESULT,
    "issued_on": ISSUED_ON,
    "defects": DEFECTS,
    "days": DAYS,
}


def _unfit(error: ValidationError) -> Wrong:
    first = error.errors()[0]
    heading = _HEADINGS.get(str(first["loc"][0]) if first["loc"] else "", REASON)
    most = first.get("ctx", {}).get("max_length")
    if most:
        return Wrong(f"“{heading}”太长", f"“{heading}”最多 {most} 个字，请写短一些")
    return Wrong(f"“{heading}”写的不合要求", f"请去掉“{heading}”里看不见的字符，重新写")


Steps = Iterator[tuple[str, Mapping[str, Any]]]


def _plainly(word: str) -> Callable[[Filled, Known], Steps]:
    def step(row: Filled, _: Known) -> Steps:
        yield word, {}

    return step


def _suspend(row: Filled, _: Known) -> Steps:
    reason = row.text(REASON)
    _require(reason, f"“{row.text(STEP)}”要写原因", f"请写“{REASON}”")
    yield "suspend", {"reason": reason}


def _extend(row: Filled, _: Known) -> Steps:
    reason, days = row.text(REASON), _folded(row.text(DAYS))
    _require(reason, f"“{row.text(STEP)}”要写原因", f"请写“{REASON}”")
    is_number = bool(re.fullmatch(r"[1-9]\d?", days, re.ASCII)) and int(days) <= 90
    _require(is_number, f"“{DAYS}”没有写，或者不是 1 到 90 的数", f"请在“{DAYS}”里写一个数")
    yield "extend", {"days": int(days), "grounds": reason}


def _with_reason(word: str) -> Callable[[Filled, Known], Steps]:
    def step(row: Filled, _: Known) -> Steps:
        kinds = {_folded(words): code for code, words in contract.REASONS.items()}
        kind = row.text(KIND)
        if kind and _folded(kind) not in kinds:
            words = "、".join(contract.REASONS.values())
            raise Wrong(f"“{KIND}”写的不认识", f"请从列表里选：{words}")
        code = kinds.get(_folded(kind), "other")
        reason = row.text(REASON) or (contract.REASONS[code] if code != "other" else "")
        _require(reason, f"“{row.text(STEP)}”要写原因", f"请选“{KIND}”，或者写“{REASON}”")
        yield word, {"reason_code": code, "reason": reason}

    return step


def _correct(row: Filled, known: Known) -> Steps:
    codes = _named(row, DEFECTS, known.asks)
    yield "request_correction", {"defects": codes}


def _named(row: Filled, heading: str, asks: Mapping[str, str]) -> list[str]:
    """The codes of what a cell names, by the names of the row's own columns and materials.

    A name may hold the signs that stand between two names, so the longest name that fits is taken.
    """
    codes = {_folded(label): code for label, code in asks.items()}
    names = sorted(codes, key=len, reverse=True)
    left = _folded(row.text(heading).replace("\n", "、")).strip(_SIGNS)
    found: list[str] = []
    unknown: list[str] = []
    while left:
        name = next((n for n in names if _begins(left, n)), "")
        word = name or re.split(f"[{_SIGNS}]", left)[0]
        (found if name else unknown).append(word)
        left = left[len(word) :].strip(_SIGNS)
    can = "、".join(asks)
    _require(found or unknown, f"“{row.text(STEP)}”要写“{heading}”", f"可以写：{can}")
    if unknown:
        what = "、".join(f"“{word[:30]}”" for word in unknown[:5])
        raise Wrong(f"“{heading}”里的{what}不在这一行里", f"可以写：{can}")
    return list(dict.fromkeys(codes[name] for name in found))


def _begins(text: str, name: str) -> bool:
    return text.startswith(name) and text[len(name) : len(name) + 1] in ("", *_SIGNS)


def _match(row: Filled, known: Known) -> Steps:
    if row.text(DIFFERS):
        raise Wrong(f"选了“{row.text(STEP)}”，又写了“{DIFFERS}”", "两样留一样")
    yield "verified", _verified(known, ())


def _differ(row: Filled, known: Known) -> Steps:
    yield "verified", _verified(known, _named(row, DIFFERS, known.asks))


def _verified(known: Known, differing: Collection[str]) -> dict[str, Any]:
    papers = {
        code: {"matches": code not in differing} for code in known.asks.values() if code != _PERSON
    }
    return {"materials": papers, "identity_matches": _PERSON not in differing}


def _grant(row: Filled, _: Known) -> Steps:
    number, day = row.text(RESULT), row.text(ISSUED_ON)
    yield "decide", {"outcome": "granted"}
    if number or day:
        _require(
            number, f"写了“{ISSUED_ON}”，没有写“{RESULT}”", f"请补上“{RESULT}”，或者两格都空着"
        )
        _require(
            day, f"写了“{RESULT}”，没有写“{ISSUED_ON}”", f"请补上“{ISSUED_ON}”，或者两格都空着"
        )
        yield "issue", {"number": number, "issued_on": _day(row.cells[ISSUED_ON], day)}


def _deny(row: Filled, _: Known) -> Steps:
    reason = row.text(REASON)
    _require(reason, "“办结（不予）”要写原因，本人看得到", f"请写“{REASON}”")
    if row.text(RESULT) or row.text(ISSUED_ON):
        raise Wrong("不予的没有结果编号", f"请清空“{RESULT}”和“{ISSUED_ON}”，或者改成办结（准予）")
    yield "decide", {"outcome": "denied", "reason": reason}


def _require(value: object, why: str, todo: str) -> None:
    if not value:
        raise Wrong(why, todo)


def _day(cell: sheets.Cell, text: str) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, int | float) and 30_000 <= cell < 80_000:  # a day without its format
        return date(1899, 12, 30) + timedelta(days=int(cell))
    plain = _folded(text)
    found = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", plain, re.ASCII)
    found = found or re.fullmatch(r"(\d{4})(\d{2})(\d{2})", plain, re.ASCII)
    try:
        if found:
            return date(*(int(part) for part in found.groups()))
    except ValueError:
        pass
    raise Wrong(f"“{ISSUED_ON}”写的不是日期", "请写成 2026-11-24 这样")


def _folded(text: str) -> str:
    """A word as it is compared: no blanks, plain width."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


_REFUSE, _RETURN = _with_reason("refuse_acceptance"), _with_reason("return")
_STEPS: Mapping[str, Callable[[Filled, Known], Steps]] = {
    **{
        _folded(words): step
        for words, step in zip(
            STEPS,
            (
                *(_plainly("accept"), _REFUSE, _RETURN, _correct, _grant, _deny),
                *(_suspend, _plainly("resume"), _extend, _plainly("deliver")),
            ),
            strict=True,
        )
    },
    "准予": _grant,
    "不予": _deny,
}
_ANSWERS = {_folded(words): step for words, step in zip(MATCHES, (_match, _differ), strict=True)}
