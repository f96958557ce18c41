"""How results go to the person: way and address, changed until a thing is posted."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from lianban.accounts.actor import Actor
from lianban.cases import form_rules, forms, store
from lianban.cases.content import Content
from lianban.cases.models import MailRecord, ResultRecord
from lianban.cases.services import record
from lianban.catalogue.model import Edition, Field
from lianban.engine import commands as c
from lianban.engine.case import JointCase
from lianban.engine.decide import decide
from lianban.engine.records import AddressChanged
from lianban.engine.refusal import Refused

State = ResultRecord.State
#: As the form's values: when a field chooses for several results, an envelope decides.
_ORDER = ("courier", "pick_up", "electronic")


@dataclass(frozen=True)
class Address:
    """Where a person's envelopes go: one address for all of them. Personal values."""

    name: str
    phone: str
    address: str

    def __bool__(self) -> bool:
        """Whether a courier can find it."""
        return bool(self.name and self.address)


def address_fields(edition: Edition) -> list[Field]:
    """The fields of the form that say where envelopes go."""
    return [field for field in edition.fields if field.for_delivery == "courier"]


def address_of(edition: Edition, content: Content) -> Address:
    """The address in a form; empty where none was asked."""
    by_type = {field.type: content.fields.get(field.code, "") for field in address_fields(edition)}
    phone = by_type.get("phone") or by_type.get("mobile", "")
    return Address(by_type.get("name", ""), phone, by_type.get("address", ""))


def offered(edition: Edition, item: int) -> tuple[str, ...]:
    """The ways that the plan offers for an item's result."""
    result = edition.item(item).result
    return result.delivery if result else ()


def fast(state: str, tracking_number: str = "") -> str:
    """Why a result's way and address stand fast, and what to do; nothing while they do not."""
    if state in (State.TO_HAND_OVER, State.TO_POST, State.RETURNED):
        return ""
    if state == State.POSTED:
        return f"已经寄出（{tracking_number}），改不了了。请打快递的电话改地址；退回来以后可以再改"
    return "结果已经到了，不用再改"


def _fast(row: ResultRecord) -> str:
    return fast(row.state, row.mail.tracking_number if row.mail else "")


def change(
    *,
    case_id: UUID,
    ways: Mapping[int, str],
    address: Mapping[str, str],
    actor: Actor,
    at: datetime,
) -> JointCase:
    """Change how results come (by item) and where envelopes go (by field code).

    Both stand in a new version of the form, named in the journal. What is in an envelope that was
    not posted yet leaves it; what was returned waits to be posted anew. Raises `Refused`:
    `already_posted` with what to do, `no_file` for an electronic result without one,
    `form_incomplete` with complaints by field, `delivery_not_offered`, `ended`, `not_permitted`.
    """
    with store.begun() as raw:
        loaded = store.load(raw, case_id)
        record.authorise(loaded, "change_delivery", actor, item=_any_item(loaded, ways))
        rows = _rows(case_id)
        new = {n: way for n, way in ways.items() if _way(loaded, n) != way}
        _require_offered(loaded, new)
        _require_changeable(new, rows)
        content = forms.latest(case_id) or Content()
        values = {code: value.strip() for code, value in address.items()}
        moved = _moved(loaded.edition, content, values)
        waiting = [row for row in rows.values() if row.way == "courier" and not _fast(row)]
        if moved and not waiting and not new:
            _require_open_envelope(loaded, rows)
        values = _checked(loaded, content, values, new, at)
        loaded = _give(raw, loaded, new, actor=actor, at=at)
        again = [row for row in waiting if row.state == State.RETURNED]
        if not (new or moved or again):
            return loaded.case
        content = replace(content, fields=values)
        form_hash = forms.add_version(case_id=case_id, content=content, at=at)
        if moved or again:
            _out_of_envelopes(case_id, at)
        drop_empty(case_id)
        changed = AddressChanged(at, None, form_hash)
        return store.write(raw, loaded, (changed,), actor=actor, at=at).case


def _give(
    raw: Any, loaded: store.Loaded, new: Mapping[int, str], *, actor: Actor, at: datetime
) -> store.Loaded:
    for number, way in new.items():
        command = c.ChangeDelivery(number, way)
        record.authorise(loaded, "change_delivery", actor, item=number)
        events = decide(loaded.edition, loaded.case, command, at=at, calendar=loaded.calendar)
        if events:
            loaded = store.write(raw, loaded, events, actor=actor, at=at)
    return loaded


def _any_item(loaded: store.Loaded, ways: Mapping[int, str]) -> int | None:
    """An item by which the actor's right is judged, where it has none over the whole case."""
    for number in ways:
        if number not in loaded.case.sub_cases:
            raise Refused("unknown_item", "没有这个事项", item=number)
    return next(iter(ways), None)


def _require_offered(loaded: store.Loaded, new: Mapping[int, str]) -> None:
    for number, way in new.items():
        if way not in offered(loaded.edition, number):
            raise Refused("delivery_not_offered", "这个结果不能这样送达", item=number)
        if loaded.case.sub_cases[number].ended:
            raise Refused("ended", "这个事项已经结束", item=number)


def _rows(case_id: UUID) -> dict[int, ResultRecord]:
    rows = ResultRecord.objects.filter(
        sub_case__case_id=case_id, withdrawn_at__isnull=True
    ).select_related("sub_case", "mail")
    return {row.sub_case.number: row for row in rows.defer("content")}


def _way(loaded: store.Loaded, number: int) -> str:
    return loaded.case.sub_cases[number].delivery


def _require_changeable(new: Mapping[int, str], rows: Mapping[int, ResultRecord]) -> None:
    for number, way in new.items():
        row = rows.get(number)
        if row is not None and row.state == State.POSTED:
            raise Refused("already_posted", _fast(row), item=number)
        if row is not None and way == "electronic" and not row.digest:
            raise Refused("no_file", "部门没有给这个结果的电子文件，请选别的方式", item=number)


def _require_open_envelope(loaded: store.Loaded, rows: Mapping[int, ResultRecord]) -> None:
    """An address may change as long as something can still go there."""
    coming = [
        n
        for n, sub in loaded.case.sub_cases.items()
        if sub.delivery == "courier" and not sub.ended and n not in rows
    ]
    posted = next((row for row in rows.values() if row.state == State.POSTED), None)
    if not coming and posted is not None:
        raise Refused("already_posted", _fast(posted))


def _moved(edition: Edition, content: Content, values: Mapping[str, str]) -> bool:
    codes = {field.code for field in address_fields(edition)}
    if values.keys() - codes:
        raise Refused("unknown_field", "这一栏不能在这里改", fields=sorted(values.keys() - codes))
    return any(content.fields.get(code, "") != value for code, value in values.items())


def _checked(
    loaded: store.Loaded,
    content: Content,
    values: Mapping[str, str],
    new: Mapping[int, str],
    at: datetime,
) -> dict[str, str]:
    """The form's values with new ways and address. Raises `Refused('form_incomplete')`."""
    plan = content.plan(loaded.edition)
    merged = {**content.fields, **values, **_chosen(loaded, content, new)}
    found = form_rules.complaints(plan, merged, today=at.date())
    own = {field.code for field in address_fields(loaded.edition)}
    complaints = {code: text for code, text in found.items() if code in own}
    if complaints:
        raise Refused("form_incomplete", "收件地址还没填好", complaints=complaints)
    return form_rules.complete(plan, merged, today=at.date())


def _chosen(loaded: store.Loaded, content: Content, new: Mapping[int, str]) -> dict[str, str]:
    """The form's own choices, in step with how the results go."""
    edition, found = loaded.edition, {}
    ways = {n: sub.delivery for n, sub in loaded.case.sub_cases.items()} | dict(new)
    for field in edition.fields:
        numbers = [edition.by_code[code].number for code in field.delivers]
        going = {ways[n] for n in numbers if n in ways}
        listed = {choice.value for choice in field.choices}
        way = next((way for way in _ORDER if way in going & listed), "")
        if way and (content.fields.get(field.code) or way == "courier"):
            found[field.code] = way
    return found


def _out_of_envelopes(case_id: UUID, at: datetime) -> None:
    """What waits for an envelope needs a new one; an envelope that stays empty goes."""
    rows: Any = ResultRecord.objects.filter(
        sub_case__case_id=case_id, withdrawn_at__isnull=True, way="courier"
    )
    rows.filter(state__in=(State.TO_POST, State.RETURNED)).update(
        mail=None, state=State.TO_POST, since=at
    )


def drop_empty(case_id: UUID) -> None:
    """Delete envelopes of a case that hold nothing and were not posted."""
    MailRecord.objects.filter(case_id=case_id, posted_at=None, results=None).delete()
