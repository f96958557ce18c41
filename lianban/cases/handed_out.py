"""What a department is given of one sub-case: the fields and materials that the plan gives its item.

For the exchange, which speaks with the department that owns the sub-case; pages read `queries`.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from lianban.cases import editions, forms, queries
from lianban.cases.content import Content
from lianban.cases.models import FileRecord, JointCaseRecord, ResultRecord, SubCaseRecord
from lianban.catalogue.model import Edition, Field, Item, Material
from lianban.engine import deadlines, turn
from lianban.engine.case import Graded, JointCase, SubCase
from lianban.engine.refusal import Refused
from lianban.journal.models import JournalEntry


@dataclass(frozen=True)
class GivenMaterial:
    """A material of the item, how far it can be trusted, and its clean files without content."""

    material: Material
    graded: Graded | None
    files: tuple[FileRecord, ...]


@dataclass(frozen=True)
class GivenResult:
    """What an earlier item issued, on which this one builds."""

    item: Item
    name: str
    number: str
    issued_on: date


@dataclass(frozen=True)
class HandedOut:
    """One sub-case as its department gets it."""

    case_number: str
    district: str
    edition: Edition
    case: JointCase
    item: Item
    sub: SubCase
    due: deadlines.Due | None
    #: Field, and its value in words; empty ones are left out.
    fields: tuple[tuple[Field, str], ...]
    materials: tuple[GivenMaterial, ...]
    results: tuple[GivenResult, ...]
    #: The form was erased by rule: what it said cannot be handed out any more.
    is_erased: bool = False


def read(*, case_id: UUID, item: int) -> HandedOut:
    """Read one sub-case for its department. Raises `Refused('unknown_case')`, `vault.Unreadable`."""
    record = JointCaseRecord.objects.select_related("district").filter(id=case_id).first()
    if record is None:
        raise Refused("unknown_case", "没有这件联办件")
    case = queries.aggregate(record, list(record.sub_cases.order_by("number")))
    sub = case.sub_cases.get(item)
    if sub is None:
        raise Refused("unknown_case", "没有这个事项")
    edition = editions.pinned(record.edition_id, record.edition_hash)
    plan_item, content = edition.item(item), forms.latest(case_id)
    return HandedOut(
        case_number=record.case_number,
        district=record.district_id,
        edition=edition,
        case=case,
        item=plan_item,
        sub=sub,
        due=turn.due(edition, editions.calendar(), sub),
        fields=tuple(_fields(edition, plan_item, content or Content())),
        materials=tuple(materials(case_id, edition, case, sub.materials)),
        results=tuple(_results(case_id, edition, plan_item, sub)),
        is_erased=content is None,
    )


def _fields(edition: Edition, item: Item, content: Content) -> Iterator[tuple[Field, str]]:
    for field in edition.fields:
        value = content.fields.get(field.code, "")
        if value and item.code in field.items:
            words = {choice.value: choice.label for choice in field.choices}
            yield field, words.get(value, value)


def materials(
    case_id: UUID, edition: Edition, case: JointCase, codes: tuple[str, ...]
) -> Iterator[GivenMaterial]:
    """These materials of a case, with their clean files."""
    files: dict[str, list[FileRecord]] = {}
    clean = FileRecord.objects.filter(
        case_id=case_id, material__in=codes, state=FileRecord.State.CLEAN
    )
    for row in clean.defer("content", "original").order_by("place", "created_at"):
        files.setdefault(row.material, []).append(row)
    for code in codes:
        material = edition.material_by_code[code]
        yield GivenMaterial(material, case.grades.get(code), tuple(files.get(code, ())))


def _results(case_id: UUID, edition: Edition, item: Item, sub: SubCase) -> Iterator[GivenResult]:
    given = {
        earlier.number: (earlier, earlier.result)
        for earlier in edition.items
        if earlier.result
        and (item.code in earlier.result.serves or earlier.result.code in sub.materials)
    }
    if not given:
        return
    rows = ResultRecord.objects.filter(
        sub_case__case_id=case_id, sub_case__number__in=given, withdrawn_at=None
    )
    for row in rows.select_related("sub_case").defer("content").order_by("sub_case__number"):
        earlier, result = given[row.sub_case.number]
        yield GivenResult(earlier, result.name, row.number, row.issued_on)


def find(*, case_number: str, item: int) -> tuple[UUID, str] | None:
    """The case of a sub-case and the department that has it; None where there is none."""
    rows = SubCaseRecord.objects.filter(case__case_number=case_number, number=item)
    return rows.values_list("case_id", "department").first()


def hold(case_id: UUID) -> None:
    """Let nobody else change a case until this transaction ends."""
    JointCaseRecord.objects.select_for_update().filter(id=case_id).values_list("id").first()


def state_of(*, case_id: UUID, item: int) -> str:
    """Where a sub-case stands. Raises `SubCaseRecord.DoesNotExist`."""
    return SubCaseRecord.objects.values_list("state", flat=True).get(case_id=case_id, number=item)


def event_of(*, case_id: UUID, sequence: int) -> str:
    """The name of the event that a message tells; empty where there is none."""
    entries = JournalEntry.objects.filter(case_id=case_id, sequence=sequence)
    return entries.values_list("event", flat=True).first() or ""


def supplied(*, case_id: UUID, sequence: int) -> tuple[str, ...]:
    """The codes that the person supplied with this event."""
    return tuple(_body(case_id, sequence).get("supplied", ()))


def kind_of(*, case_id: UUID, sequence: int) -> str:
    """What kind of outside event this was; empty where it was none."""
    return str(_body(case_id, sequence).get("kind", ""))


def _body(case_id: UUID, sequence: int) -> dict[str, Any]:
    entries = JournalEntry.objects.filter(case_id=case_id, sequence=sequence)
    body = entries.values_list("body", flat=True).first()
    read = json.loads(body) if body else {}
    assert isinstance(read, dict)
    return read


def codes_of(*, case_id: UUID, item: int) -> frozenset[str]:
    """The codes of all fields and materials that a sub-case is about: what can be wrong in it."""
    case = queries.current(case_id)
    edition = editions.pinned(case.edition_id, case.edition_hash)
    fields = {f.code for f in edition.fields if edition.item(item).code in f.items}
    return frozenset(fields.union(case.sub_cases[item].materials))


def departments_of(*, case_id: UUID) -> frozenset[str]:
    """The codes of the departments that the case's plan names."""
    case = queries.current(case_id)
    return frozenset(editions.pinned(case.edition_id, case.edition_hash).department_names)


def district_of(case_id: UUID) -> str | None:
    """The district of a case; None where there is no such case."""
    rows = JointCaseRecord.objects.filter(id=case_id)
    return rows.values_list("district_id", flat=True).first()
