"""Changing how results come and where envelopes go: the same form for the person and the desks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lianban.cases import queries, result_lists
from lianban.cases.queries import CaseView, ItemView
from lianban.cases.services import delivery
from lianban.web.components import form_section
from lianban.web.components.form_section import SectionForm


@dataclass(frozen=True)
class Choice:
    """One way of one result."""

    value: str
    label: str
    note: str
    is_chosen: bool


@dataclass(frozen=True)
class Row:
    """One result with the ways that it can go."""

    item: int
    name: str
    choices: tuple[Choice, ...]
    #: Why it stands fast, and what to do; nothing while it can be changed.
    fast: str

    @property
    def field(self) -> str:
        """The name of its inputs."""
        return f"way-{self.item}"


@dataclass(frozen=True)
class Sent:
    """What the form sent: ways by item, address by field code."""

    ways: Mapping[int, str]
    address: Mapping[str, str]


def rows(view: CaseView, *, sent: Sent | None = None, only: int | None = None) -> list[Row]:
    """The results whose way can be chosen, and those that stand fast, with why."""
    known = {one.item: one for one in result_lists.of_case(view)}
    found = []
    for shown in view.items:
        number, made = shown.item.number, known.get(shown.item.number)
        offered = delivery.offered(view.edition, number)
        if only not in (None, number) or not offered or (shown.sub.ended and made is None):
            continue
        why = delivery.fast(made.state, made.tracking_number) if made else ""
        if made and made.is_done and only is None:
            continue
        way = (sent.ways.get(number) if sent else None) or shown.sub.delivery
        has_file = made is None or made.has_file
        found.append(Row(number, _name(shown), _choices(view, offered, way, has_file), why))
    return [row for row in found if len(row.choices) > 1 or row.fast]


def _name(shown: ItemView) -> str:
    result = shown.item.result.name if shown.item.result else ""
    return f"{shown.item.short_name}：{result}" if result else shown.item.short_name


def _choices(
    view: CaseView, offered: tuple[str, ...], way: str, has_file: bool
) -> tuple[Choice, ...]:
    words = view.edition.wording.get("delivery", {})
    return tuple(
        Choice(one, words.get(one, one), words.get(f"{one}_note", ""), one == way)
        for one in offered
        if one != "electronic" or has_file or one == way
    )


def address(
    view: CaseView, *, sent: Sent | None = None, wrong: Mapping[str, str] | None = None
) -> list[tuple[Any, str]]:
    """The address fields, each with its width; none for one who does not see the whole case."""
    if not view.is_whole:
        return []
    content = queries.content(view)
    fields = tuple(delivery.address_fields(view.edition))
    values = {**content.fields, **(dict(sent.address) if sent else {})}
    form = SectionForm(content.plan(view.edition), fields, values, wrong or {})
    return [(form[field.code], form_section.width_of(field)) for field in fields]


def read(view: CaseView, data: Mapping[str, Any], offered: list[Row]) -> Sent:
    """What was sent; a way that is not offered, or too late, is left to the rules to refuse."""
    ways = {row.item: str(data[row.field])[:20] for row in offered if row.field in data}
    fields = tuple(delivery.address_fields(view.edition))
    values, _ = form_section.read(fields, data)
    by_courier = "courier" in ways.values() or any(
        shown.sub.delivery == "courier" and ways.get(shown.item.number, "courier") == "courier"
        for shown in view.items
    )
    return Sent(ways, values if by_courier and view.is_whole else {})


def needs_address(view: CaseView) -> bool:
    """Whether anything that is still to come goes by courier."""
    return any(s.sub.delivery == "courier" and not s.sub.ended for s in view.items)
