"""Reading one case: what this actor may see of it, whose turn it is, and what happened."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Q

from lianban import vault
from lianban.accounts import identity_number, permissions
from lianban.accounts.actor import Actor
from lianban.accounts.person_name import folded
from lianban.cases import codec, editions, form_pages, forms, material_state, timeline
from lianban.cases.content import Content
from lianban.cases.models import (
    FileRecord,
    JointCaseRecord,
    MaterialRecord,
    SubCaseRecord,
    ViewRecord,
)
from lianban.catalogue.calendar import Calendar
from lianban.catalogue.model import Edition, Field, Item, Material
from lianban.engine import deadlines, prerequisite, turn
from lianban.engine.case import Graded, JointCase, SubCase
from lianban.engine.refusal import Refused
from lianban.journal.models import JournalEntry


@dataclass(frozen=True)
class ItemView:
    """One sub-case as it is shown."""

    id: UUID
    item: Item
    sub: SubCase
    department_name: str
    due: deadlines.Due | None
    #: When somebody looks again, where no limit runs.
    review_on: date | None
    is_overdue: bool
    #: Short names of what it waits for directly and is unmet.
    waiting_for: tuple[str, ...]
    #: Who must act: a department code, `applicant`, `external`; None when only other items hold it.
    holder: str | None
    result_number: str
    claimed_by_id: UUID | None
    claimed_by_name: str
    #: Names of the commands that this actor's role may give here.
    may: frozenset[str]


@dataclass(frozen=True)
class CaseView:
    """One joint case as this actor may see it."""

    id: UUID
    case_number: str
    receipt_id: str
    person_id: UUID
    person_name: str
    identity_masked: str
    district: str
    district_name: str
    edition: Edition
    calendar: Calendar
    case: JointCase
    due: deadlines.Due | None
    next_actors: tuple[str, ...]
    items: tuple[ItemView, ...]
    may: frozenset[str]
    #: The whole case, or only the items of one department.
    is_whole: bool
    #: Read by the person, who is told what was decided and not what was considered.
    is_own: bool = False
    batch_numbers: tuple[str, ...] = field(default=())

    @property
    def sequence(self) -> int:
        """What a form sends back, so that a change in between is noticed."""
        return self.case.sequence

    def item(self, number: int) -> ItemView:
        """One item. Raises `Refused('unknown_case')` when the actor does not see it."""
        for view in self.items:
            if view.item.number == number:
                return view
        raise Refused("unknown_case", "没有这个事项")


def get(*, case_id: UUID, actor: Actor, at: datetime) -> CaseView:
    """Load a case for reading. Raises `Refused('unknown_case')` for what the actor may not see."""
    record = JointCaseRecord.objects.select_related("person", "district").filter(id=case_id).first()
    if record is None:
        raise Refused("unknown_case", "没有这件联办件")
    rows = list(record.sub_cases.select_related("claimed_by").order_by("number"))
    edition = editions.pinned(record.edition_id, record.edition_hash)
    case = aggregate(record, rows)
    return _Reader(record, rows, edition, editions.calendar(), case, actor, at.date()).view()


def aggregate(record: JointCaseRecord, rows: list[SubCaseRecord]) -> JointCase:
    """The engine's case from its rows."""
    columns = {
        name: getattr(record, name)
        for name in (
            "state", "edition_id", "edition_hash", "channel", "since", "submitted_at",
            "accepted_on", "sequence",
        )
    }  # fmt: skip
    return codec.case_from_data(record.detail, columns, [row.detail for row in rows])


def current(case_id: UUID) -> JointCase:
    """The engine's case as it stands, for operators and jobs. Raises `DoesNotExist`."""
    record = JointCaseRecord.objects.get(id=case_id)
    return aggregate(record, list(record.sub_cases.order_by("number")))


@dataclass(frozen=True)
class _Reader:
    record: JointCaseRecord
    rows: list[SubCaseRecord]
    edition: Edition
    calendar: Calendar
    case: JointCase
    actor: Actor
    today: date

    def view(self) -> CaseView:
        record, whole = self.record, self.may[None]
        items = tuple(self.item(row) for row in self.rows if "see" in self.may[row.number])
        if "see" not in whole and not items:
            raise Refused("unknown_case", "没有这件联办件")
        masked = forms.masked_identity(
            bytes(record.person.identity_number), table="cases_personrecord", row=record.person_id
        )
        return CaseView(
            id=record.id,
            case_number=record.case_number,
            receipt_id=record.receipt_id,
            person_id=record.person_id,
            person_name=record.person.name,
            identity_masked=masked,
            district=record.district_id,
            district_name=record.district.name,
            edition=self.edition,
            calendar=self.calendar,
            case=self.case,
            due=turn.case_due(self.edition, self.calendar, self.case),
            next_actors=tuple(turn.next_actors(self.edition, self.calendar, self.case)),
            items=items,
            may=whole,
            is_whole="see" in whole,
            is_own=self.actor.kind == "applicant",
            batch_numbers=tuple(record.batches.values_list("number", flat=True)),
        )

    @cached_property
    def may(self) -> dict[int | None, frozenset[str]]:
        """What the actor may do with the whole case (None) and with each item."""
        subjects = {number: self._subject(number) for number in (None, *self.case.sub_cases)}
        known = {one: self._allowed(one) for one in set(subjects.values())}
        return {number: known[one] for number, one in subjects.items()}

    def _allowed(self, subject: permissions.Subject) -> frozenset[str]:
        return frozenset(
            name
            for name in permissions.PERMITTED
            if permissions.allows(actor=self.actor, command=name, subject=subject)
        )

    def _subject(self, number: int | None) -> permissions.Subject:
        sub = self.case.sub_cases.get(number) if number is not None else None
        return permissions.Subject(
            district=self.record.district_id,
            lead_department=self.edition.lead_department,
            applicant_user_id=self.record.applicant_id,
            case_id=self.record.id,
            item_department=sub.department if sub else None,
            entrusted=sub is not None and self.edition.item(sub.number).entrusted_to_counter,
            approvals=self.edition.approvals,
            item_district=self._sent_to(sub),
        )

    def _sent_to(self, sub: SubCase | None) -> str | None:
        """The district of the office that has the item; the lead's own items stay with the case."""
        if sub is None or sub.department == self.edition.lead_department:
            return None
        return next((row.district_id for row in self.rows if row.number == sub.number), None)

    def item(self, row: SubCaseRecord) -> ItemView:
        edition, calendar, sub = self.edition, self.calendar, self.case.sub_cases[row.number]
        return ItemView(
            id=row.id,
            item=edition.item(row.number),
            sub=sub,
            department_name=edition.department_names[sub.department],
            due=turn.due(edition, calendar, sub),
            review_on=turn.review_on(edition, calendar, sub),
            is_overdue=turn.is_overdue(edition, calendar, sub, on=self.today),
            waiting_for=tuple(
                node_name(edition, node) for node in prerequisite.waiting_for(self.case, sub)
            ),
            holder=turn.holder(edition, self.case, sub),
            result_number=row.result_number,
            claimed_by_id=row.claimed_by_id,
            claimed_by_name=row.claimed_by.name if row.claimed_by else "",
            may=self.may[row.number],
        )


def node_name(edition: Edition, node: int | str) -> str:
    """The short words for a prerequisite: an item's number and name, or a milestone's name."""
    if isinstance(node, int):
        return f"{node} {edition.item(node).short_name}"
    return next((m.name for m in edition.milestones if m.code == node), node)


@dataclass(frozen=True)
class FieldView:
    """One field of the form with its value; sensitive ones are shown masked."""

    field: Field
    value: str
    label: str
    #: Plain words of the value: a choice's label, the text itself, a masked number.
    shown: str


def form(view: CaseView) -> list[FieldView]:
    """The fields that this actor may see, in the plan's order; empty values are left out.

    A department sees only the fields that the plan gives to its items.
    """
    content = _declared(view)
    codes = {shown.item.code for shown in view.items}
    return [
        FieldView(field, value, field.label, _shown(field, value))
        for field in view.edition.fields
        if (value := content.fields.get(field.code, ""))
        and (view.is_whole or codes & set(field.items))
    ]


def _declared(view: CaseView) -> Content:
    """The newest form version; none where it was erased or its seal is damaged."""
    try:
        return forms.latest(view.id) or Content()
    except vault.Unreadable:
        return Content()


def content(view: CaseView) -> Content:
    """Everything that the person declared, for those who see the whole case."""
    if not view.is_whole:
        raise Refused("not_permitted", "只能看本部门事项用到的内容")
    return _declared(view)


def reveal(view: CaseView, code: str, *, actor: Actor, at: datetime) -> str:
    """One masked value in full; who looked is kept. Raises `Refused`."""
    found = next((shown for shown in form(view) if shown.field.code == code), None)
    if found is None:
        raise Refused("unknown_field", "没有这一栏")
    ViewRecord.objects.create(case_id=view.id, user_id=actor.user_id, what=code, at=at)
    return found.value


def _shown(field: Field, value: str) -> str:
    if field.type == "choice":
        return next((c.label for c in field.choices if c.value == value), value)
    if field.type == "identity_number":
        return identity_number.mask(value)
    if field.sensitive and field.type in ("mobile", "phone", "account"):
        return f"{value[:3]}****{value[-4:]}" if len(value) > 7 else "****"
    return value


@dataclass(frozen=True)
class MaterialView:
    """One material of the case, its state, its files, and the items that need it."""

    material: Material
    record: MaterialRecord
    items: tuple[int, ...]
    files: tuple[FileRecord, ...]
    #: Where it stands now; `record.state` says the same.
    state: MaterialRecord.State
    #: How far it can be trusted; None: nothing is recorded.
    graded: Graded | None = None


def materials(view: CaseView) -> list[MaterialView]:
    """The materials that this actor may see: all, or those that its items need."""
    files: dict[str, list[FileRecord]] = {}
    shown = FileRecord.objects.filter(case_id=view.id).exclude(state=FileRecord.State.REFUSED)
    for record in shown.defer("content", "original").order_by("place", "created_at"):
        files.setdefault(record.material, []).append(record)
    found = []
    for row in MaterialRecord.objects.filter(case_id=view.id).order_by("id"):
        material = view.edition.material_by_code[row.code]
        numbers = tuple(s.item.number for s in view.items if row.code in s.sub.materials)
        if view.is_whole or numbers:
            own = tuple(files.get(row.code, ()))
            row.state = material_state.of(view.case, row, material, has_files=bool(own))
            state, graded = MaterialRecord.State(row.state), view.case.grades.get(row.code)
            found.append(MaterialView(material, row, numbers, own, state, graded))
    if view.is_whole and form_pages.FORM in files:
        found.append(_paper_form(view, tuple(files[form_pages.FORM])))
    return found


def _paper_form(view: CaseView, files: tuple[FileRecord, ...]) -> MaterialView:
    """The printed form that came back on paper: no material of the plan, and seen by who scanned it."""
    code, state = form_pages.FORM, MaterialRecord.State.SEEN
    material = Material(code, form_pages.title(view.edition), form="original", copies=1, items=())
    at = files[-1].created_at
    row = MaterialRecord(case_id=view.id, code=code, state=state, seen_at=at, updated_at=at)
    return MaterialView(material, row, (), files, state)


def history(view: CaseView) -> list[timeline.Line]:
    """What happened, oldest first, in words; a department sees the case's own and its items' lines."""
    numbers = None if view.is_whole else {shown.item.number for shown in view.items}
    entries = JournalEntry.objects.filter(case_id=view.id).order_by("sequence")
    if view.is_own:
        entries = entries.exclude(event__in=timeline.INTERNAL)
    return list(_visible(timeline.lines(view.edition, entries), numbers))


def _visible(lines: Iterator[timeline.Line], numbers: set[int] | None) -> Iterator[timeline.Line]:
    for line in lines:
        if numbers is None or line.item is None or line.item in numbers:
            yield line


def personal_limits(view: CaseView) -> list[turn.PersonalLimit]:
    """The limits that the law sets the person, from the dates in the form."""
    filled = content(view)
    return turn.personal_limits(
        view.edition,
        view.calendar,
        answers=filled.answers,
        facts=filled.fields,
        numbers=frozenset(view.case.sub_cases),
    )


def find(text: str, *, actor: Actor, today: date) -> list[dict[str, Any]]:
    """Cases by case number, identity number or name, newest first; at most 20 that the actor may see."""
    rows = JointCaseRecord.objects.select_related("person", "district")
    rows = rows.filter(_matches(text.strip(), today), district_id__in=actor.districts)
    return [
        {
            "id": row.id,
            "case_number": row.case_number,
            "name": row.person.name,
            "state": row.state,
            "district": row.district.name,
            "submitted_at": row.submitted_at,
        }
        for row in rows.order_by("-submitted_at")[:20]
    ]


def _matches(text: str, today: date) -> Any:
    if text.upper().startswith("LB"):
        return Q(case_number=text.upper())
    try:
        number = identity_number.parse(text, today=today).number
    except identity_number.NotANumber:
        return Q(person__name_folded=folded(text)) | Q(
            receipt_id=text.rstrip("/").rsplit("/", 1)[-1]
        )
    return Q(person__identity_index=vault.blind_index(number, purpose="identity_number"))
