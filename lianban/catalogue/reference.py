"""Every name in a plan must be somebody: items, milestones, departments, places, sections, fields."""

from collections import Counter
from collections.abc import Iterable, Iterator

from lianban.catalogue import dossier, partner
from lianban.catalogue.finding import Finding
from lianban.catalogue.model import Edition, Field, Item
from lianban.catalogue.source import Source

#: Starts of a clock that are not an event's code.
STARTS = frozenset({"ready", "dispatch"})


def reference_findings(read: Source, edition: Edition) -> Iterator[Finding]:
    """Complaints about names that point nowhere and names given twice."""
    yield from _doubles(read, edition)
    yield from _plan(read, edition)
    for document in read.items():
        item = edition.by_number.get(int(document.data["number"]))
        if item:
            yield from _item(read, edition, item, document.file)
    yield from _materials(read, edition)
    yield from _form(read, edition)
    yield from dossier.findings(read.documents.get(dossier.FILE), edition)
    yield from partner.findings(read, edition)


def _doubles(read: Source, edition: Edition) -> Iterator[Finding]:
    named: dict[str, Iterable[str]] = {
        "items/": [item.code for item in edition.items] + list(edition.milestone_codes),
        "materials.yaml": [m.code for m in edition.materials],
        "form.yaml": [f.code for f in edition.fields],
        "situations.yaml": [q.key for q in edition.questions],
        "departments.yaml": [d.code for d in edition.departments],
    }
    for file, codes in named.items():
        for code, times in Counter(codes).items():
            if times > 1:
                yield Finding(
                    "double", f"「{code}」用了 {times} 次，名字不能重复", file=file, line=1
                )
    for number, times in Counter(item.number for item in edition.items).items():
        if times > 1:
            message = f"序号 {number} 用了 {times} 次，每个事项要有自己的序号"
            yield Finding("double", message, file="items/", line=1, items=(number,))


def _plan(read: Source, edition: Edition) -> Iterator[Finding]:
    line = read["plan.yaml"].line
    if edition.entry not in edition.by_code:
        yield Finding(
            "unknown_item", f"没有事项「{edition.entry}」", file="plan.yaml", line=line("entry")
        )
    if edition.lead_department not in edition.department_names:
        message = f"没有部门「{edition.lead_department}」"
        yield Finding("unknown_department", message, file="plan.yaml", line=line("lead_department"))
    for i, milestone in enumerate(edition.milestones):
        place = line("milestones", i, "requires")
        yield from _unknown(edition, milestone.requires, "plan.yaml", place)
    for i, where in enumerate(edition.places):
        if where.sees_originals and where.sees_originals not in edition.reasons:
            message = f"没有到场原因「{where.sees_originals}」，请在 plan.yaml 的 reasons 增加"
            place = line("places", i, "sees_originals")
            yield Finding("unknown_reason", message, file="plan.yaml", line=place)


def _unknown(edition: Edition, codes: Iterable[str], file: str, line: int) -> Iterator[Finding]:
    known = edition.by_code.keys() | set(edition.milestone_codes)
    for code in codes:
        if code not in known:
            message = f"没有事项或节点「{code}」，请改正名字"
            yield Finding("unknown_item", message, file=file, line=line)


def _item(read: Source, edition: Edition, item: Item, file: str) -> Iterator[Finding]:
    line = read[file].line
    yield from _unknown(edition, item.requires, file, line("requires"))
    for code in item.departments:
        if code not in edition.department_names:
            message = f"没有部门「{code}」，请改正名字或在 departments.yaml 增加"
            yield Finding("unknown_department", message, file=file, line=line("department"))
    places = {place.code for place in edition.places}
    for i, presence in enumerate(item.presence):
        if presence.place not in places:
            message = f"没有地点「{presence.place}」，请改正名字或在 plan.yaml 的 places 增加"
            yield Finding("unknown_place", message, file=file, line=line("presence", i, "place"))
        if presence.why not in edition.reasons:
            message = f"没有到场原因「{presence.why}」，请在 plan.yaml 的 reasons 增加"
            yield Finding("unknown_reason", message, file=file, line=line("presence", i, "why"))
    fields = {field.code for field in edition.fields}
    for i, limit in enumerate(item.personal):
        if limit.since not in fields:
            message = f"期限从「{limit.since}」起算，但表单里没有这一栏"
            yield Finding(
                "unknown_field", message, file=file, line=line("time_limit", "personal", i, "since")
            )


def _materials(read: Source, edition: Edition) -> Iterator[Finding]:
    line = read["materials.yaml"].line
    for i, material in enumerate(edition.materials):
        yield from _unknown_items(edition, material.items, "materials.yaml", line(i, "items"))
        pieces = {piece.code for piece in material.pieces}
        for code in {code for option in material.any_of for code in option} - pieces:
            message = f"「{material.name}」的可选组合用到「{code}」，但 pieces 里没有"
            yield Finding("unknown_piece", message, file="materials.yaml", line=line(i, "any_of"))
        if material.may_arrive_with and material.may_arrive_with not in edition.milestone_codes:
            message = f"没有节点「{material.may_arrive_with}」"
            yield Finding(
                "unknown_item", message, file="materials.yaml", line=line(i, "may_arrive_with")
            )


def _unknown_items(
    edition: Edition, codes: Iterable[str], file: str, line: int
) -> Iterator[Finding]:
    for code in codes:
        if code not in edition.by_code:
            yield Finding("unknown_item", f"没有事项「{code}」，请改正名字", file=file, line=line)


def _form(read: Source, edition: Edition) -> Iterator[Finding]:
    line = read["form.yaml"].line
    sections = {section.code for section in edition.sections}
    codes = {field.code for field in edition.fields}
    for i, field in enumerate(edition.fields):
        yield from _unknown_items(edition, field.items, "form.yaml", line("fields", i, "items"))
        yield from _delivery(edition, field, line("fields", i, "delivers"))
        if field.question and field.question not in {q.key for q in edition.questions}:
            message = f"「{field.label}」取自情形问题「{field.question}」，但没有这个问题"
            place = line("fields", i, "question")
            yield Finding("unknown_question", message, file="form.yaml", line=place)
        if field.section not in sections:
            message = f"没有分页「{field.section}」，请改正名字或在 sections 增加"
            yield Finding(
                "unknown_section", message, file="form.yaml", line=line("fields", i, "section")
            )
        if field.derived_from and field.derived_from not in codes:
            message = f"「{field.label}」由「{field.derived_from}」推算，但表单里没有这一栏"
            yield Finding(
                "unknown_field", message, file="form.yaml", line=line("fields", i, "derived_from")
            )


def _delivery(edition: Edition, field: Field, line: int) -> Iterator[Finding]:
    """A field that chooses how results are delivered offers only the ways that they have."""
    yield from _unknown_items(edition, field.delivers, "form.yaml", line)
    for code in field.delivers:
        item = edition.by_code.get(code)
        ways = item.result.delivery if item and item.result else ()
        for choice in field.choices:
            if item and choice.value not in ways:
                message = (
                    f"「{field.label}」可选「{choice.label}」，但{item.name}的结果没有这种送达方式"
                )
                yield Finding("unknown_delivery", message, file="form.yaml", line=line)
