"""What the combined form must say before it can be handed in. Pure; one place for every face.

Values are strings by field code; a complaint stands beside its field and says how to mend it.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date

from lianban.accounts import identity_number
from lianban.catalogue import checklist
from lianban.catalogue.model import Field
from lianban.catalogue.planning import Plan

_LIMIT = 200


def asked(plan: Plan, values: Mapping[str, str], *, section: str = "") -> list[Field]:
    """The fields that the person fills in, in the plan's order (of one section, if named).

    Derived fields, answers of the guide, and an address that nobody needs are not asked.
    """
    found = [needed.what for needed in checklist.fields(plan)]
    ways = delivery(plan, values).values()
    return [
        field
        for field in found
        if isinstance(field, Field)
        and not field.derived_from
        and not field.question
        and (not field.for_delivery or field.for_delivery in ways)
        and section in ("", field.section)
    ]


def delivery(plan: Plan, values: Mapping[str, str]) -> dict[int, str]:
    """The chosen way of each item's result, by item number."""
    by_code, found = plan.edition.by_code, {}
    for field in plan.edition.fields:
        way = values.get(field.code, "")
        for code in field.delivers if way else ():
            if code in plan.open_codes:
                found[by_code[code].number] = way
    return found


def complete(plan: Plan, values: Mapping[str, str], *, today: date) -> dict[str, str]:
    """The values in their one spelling, with derived ones and the guide's answers filled in."""
    result = {code: _clean(value) for code, value in values.items()}
    for field in plan.edition.fields:
        if field.question:
            result[field.code] = plan.answers.get(field.question, "")
        elif field.type == "identity_number" and result.get(field.code):
            try:
                number = identity_number.parse(result[field.code], today=today)
            except identity_number.NotANumber:
                continue
            result[field.code] = number.number
            result |= _from_identity(plan, field.code, number)
        elif field.type == "date" and field.derived_from and result.get(field.derived_from):
            result.setdefault(field.code, today.isoformat())
    return result


def _from_identity(
    plan: Plan, source: str, number: identity_number.IdentityNumber
) -> dict[str, str]:
    found = {}
    for field in plan.edition.fields:
        if field.derived_from == source:
            found[field.code] = (
                number.birth_date.isoformat() if field.type == "date" else number.sex
            )
    return found


def complaints(
    plan: Plan,
    values: Mapping[str, str],
    *,
    today: date,
    section: str = "",
    signing: Mapping[str, tuple[str, str]] | None = None,
) -> dict[str, str]:
    """What is wrong, by field code; empty when the form (or one section) is in order.

    `signing` says who else may sign a field, and why not (`agents.signing`).
    """
    found: dict[str, str] = {}
    for field in asked(plan, values, section=section):
        value = _clean(values.get(field.code, ""))
        if not value:
            if field.required:
                found[field.code] = f"请填写{field.label}"
            continue
        problem = _shape(field, value, today)
        if problem:
            found[field.code] = problem
    across = _across(plan, values, found, today, section)
    return found | across | _unsigned(plan, values, found, signing or {})


def _across(
    plan: Plan, values: Mapping[str, str], found: Mapping[str, str], today: date, section: str
) -> dict[str, str]:
    full = complete(plan, values, today=today)
    problems = {}
    for field in asked(plan, values, section=section):
        value, earlier = full.get(field.code, ""), full.get(field.not_before, "")
        if field.code in found or not value:
            continue
        if field.not_before and earlier and value < earlier:
            label = next(f.label for f in plan.edition.fields if f.code == field.not_before)
            problems[field.code] = (
                f"{field.label}是 {value}，比{label}（{earlier}）还早，请核对两个日期"
            )
    return problems | _contradictions(plan, values, today)


def _unsigned(
    plan: Plan,
    values: Mapping[str, str],
    found: Mapping[str, str],
    signing: Mapping[str, tuple[str, str]],
) -> dict[str, str]:
    """Signatures by somebody else than the person, or than the agent where the agent may."""
    person, problems = _clean(_applicant(plan, values)), {}
    for field in asked(plan, values):
        value = _clean(values.get(field.code, ""))
        if field.type != "signature" or field.code in found or value in ("", person):
            continue
        agent, reason = signing.get(field.code, ("", ""))
        if not agent or value != agent:
            problems[field.code] = f"请签本人姓名「{person}」"
        elif reason:
            problems[field.code] = reason
    return problems


def _contradictions(plan: Plan, values: Mapping[str, str], today: date) -> dict[str, str]:
    """A derived value that was typed as well, and says otherwise."""
    full = complete(plan, values, today=today)
    problems: dict[str, str] = {}
    for field in plan.edition.fields:
        typed = _clean(values.get(field.code, ""))
        if field.type == "date" and field.derived_from and typed and full.get(field.code) != typed:
            text = f"出生日期与身份证号里的（{full.get(field.code)}）不一样，请核对"
            problems |= {field.code: text, field.derived_from: text}
    return problems


def _applicant(plan: Plan, values: Mapping[str, str]) -> str:
    field = next((f for f in plan.edition.fields if f.type == "name"), None)
    return values.get(field.code, "") if field else ""


def _clean(value: str) -> str:
    return value.strip()


def _shape(field: Field, value: str, today: date) -> str | None:
    limit = field.max_length or _LIMIT
    if len(value) > limit:
        return f"{field.label}最多 {limit} 个字，现在是 {len(value)} 个"
    if "\x00" in value:
        return f"{field.label}里有看不见的字符，请重新输入"
    check = _SHAPES.get(field.type)
    return check(field, value, today) if check else None


def _name(field: Field, value: str, today: date) -> str | None:
    if any(unicodedata.category(sign) == "Co" for sign in value):
        return f"{field.label}里有自造字，别的电脑显示不出来，请到窗口登记"
    if any(unicodedata.category(sign)[0] in "CNS" and sign not in "·" for sign in value):
        return f"{field.label}里有不该出现的符号或数字"
    return None


def _identity(field: Field, value: str, today: date) -> str | None:
    try:
        number = identity_number.parse(value, today=today)
    except identity_number.NotANumber as error:
        return str(error)
    return "这个 15 位号码请到窗口核对" if number.needs_an_officer else None


def _date(field: Field, value: str, today: date) -> str | None:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return f"{field.label}不是一个日期，请写成 2026-09-01 这样"
    if day.year < 1900 or day.year > today.year + 50:
        return f"{field.label}的年份不对，请核对"
    if field.not_in_future and day > today:
        return f"{field.label}是 {value}，还没有到，请核对"
    return None


def _mobile(field: Field, value: str, today: date) -> str | None:
    digits = value.replace(" ", "").replace("-", "")
    if not re.fullmatch(r"[0-9]+", digits):
        return "手机号码只有数字"
    if len(digits) != 11:
        return f"手机号码应是 11 位，现在是 {len(digits)} 位"
    return None if digits[0] == "1" else "手机号码应以 1 开头"


def _phone(field: Field, value: str, today: date) -> str | None:
    return (
        None
        if re.fullmatch(r"[0-9 +\-()（）转]{5,20}", value)
        else f"{field.label}请写数字，例如 138 开头的手机号"
    )


def _choice(field: Field, value: str, today: date) -> str | None:
    return (
        None if value in {c.value for c in field.choices} else f"请从列出的选项里选择{field.label}"
    )


def _account(field: Field, value: str, today: date) -> str | None:
    digits = value.replace(" ", "")
    if not re.fullmatch(r"[0-9]{12,21}", digits):
        return f"{field.label}应是 12 到 21 位数字，请照卡面填写"
    return None


def _number(field: Field, value: str, today: date) -> str | None:
    return None if re.fullmatch(r"[0-9]{1,4}", value) else f"{field.label}请填数字"


_SHAPES: dict[str, Callable[[Field, str, date], str | None]] = {
    "name": _name,
    "signature": _name,
    "identity_number": _identity,
    "date": _date,
    "mobile": _mobile,
    "phone": _phone,
    "choice": _choice,
    "account": _account,
    "number": _number,
}
