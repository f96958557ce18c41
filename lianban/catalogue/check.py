"""Prove what can be proved about a plan before anyone relies on it."""

from collections.abc import Iterator

from lianban.catalogue import dossier, graph, payment_check, planning, situation
from lianban.catalogue.condition import Condition, atoms, questions
from lianban.catalogue.finding import Finding
from lianban.catalogue.model import Edition, Item
from lianban.catalogue.reference import reference_findings
from lianban.catalogue.source import Source


def structural(read: Source, edition: Edition) -> list[Finding]:
    """Findings without which no case may start: references, circles, what they make unreachable."""
    findings = list(reference_findings(read, edition))
    if any(finding.code.startswith("unknown") for finding in findings):
        return findings
    return findings + list(_circles(read, edition))


def full(read: Source, edition: Edition) -> list[Finding]:
    """Every finding: structural ones, conditions, owners, limits, what nobody can reach."""
    findings = structural(read, edition)
    findings += _conditions(read, edition)
    if not any(finding.code == "unknown_question" for finding in findings):
        findings += _never_opens(read, edition)
        findings += _without_owner(read, edition)
        findings += _overlapping(read, edition)
        findings += payment_check.findings(read, edition, _files(read, edition))
    return findings


def warnings(read: Source, edition: Edition) -> list[Finding]:
    """What somebody must still confirm; a plan with warnings may be used."""
    return list(payment_check.unverified(read, edition, _files(read, edition)))


def _files(read: Source, edition: Edition) -> dict[int, str]:
    return {item.number: file_of(read, item) for item in edition.items}


def figures(edition: Edition) -> dict[str, int]:
    """How many items there are, and how many legal and eligible applicants."""
    return {
        "items": len(edition.items),
        "applicants": situation.count(edition),
        "eligible": situation.count(edition, edition.eligible),
    }


def file_of(read: Source, item: Item) -> str:
    """The file in which an item is written."""
    return next(
        (d.file for d in read.items() if d.data.get("number") == str(item.number)), "items/"
    )


def _circles(read: Source, edition: Edition) -> Iterator[Finding]:
    edges = planning.edges(edition)
    stuck: set[str] = set()
    for group in graph.circles(edges):
        stuck |= group
        yield _circle(read, edition, group)
    if not stuck:
        return
    below = graph.descendants(edges, stuck) - stuck
    numbers = tuple(
        sorted(edition.by_code[code].number for code in below if code in edition.by_code)
    )
    above = {code for node in below for code in graph.ancestors(edges, node)} & stuck
    because = tuple(
        sorted(edition.by_code[code].number for code in above if code in edition.by_code)
    )
    if numbers:
        names = "、".join(f"{n} {edition.item(n).name}" for n in numbers)
        first = file_of(read, edition.item(numbers[0]))
        message = f"{names}：等着永远办不成的事项，谁也走不到这里。先改好它们的前置事项"
        yield Finding(
            "unreachable",
            message,
            file=first,
            line=read[first].line("requires"),
            items=numbers,
            because=because,
        )


def _circle(read: Source, edition: Edition, group: frozenset[str]) -> Finding:
    items = sorted(
        (edition.by_code[c] for c in group if c in edition.by_code), key=lambda item: item.number
    )
    numbers = tuple(item.number for item in items)
    file = file_of(read, items[0]) if items else "plan.yaml"
    line = read[file].line("requires" if items else "milestones")
    if len(group) == 1 and items:
        message = f"{items[0].number} {items[0].name} 把自己当作前置事项，永远开不了。请改成真正要先办的事项"
        return Finding("self_prerequisite", message, file=file, line=line, items=numbers)
    names = "、".join(sorted(group))
    return Finding(
        "circle",
        f"{names} 互相等待，永远开不了。请去掉其中一条前置",
        file=file,
        line=line,
        items=numbers,
    )


def _conditions(read: Source, edition: Edition) -> Iterator[Finding]:
    known = {question.key: question for question in edition.questions}
    for file, place, condition in conditions(edition, read):
        for atom in atoms(condition):
            line = read[file].line(*place)
            question = known.get(atom.question)
            if question is None:
                message = f"条件用到「{atom.question}」，但没有这个情形问题。请改正名字或在 situations.yaml 增加"
                yield Finding("unknown_question", message, file=file, line=line)
                continue
            for value in sorted(atom.values - set(question.values)):
                message = f"「{atom.question}」没有「{value}」这个答案，可用：{'、'.join(question.values)}"
                yield Finding("unknown_value", message, file=file, line=line)


def conditions(
    edition: Edition, read: Source
) -> Iterator[tuple[str, tuple[str | int, ...], Condition]]:
    """Every condition of the plan with the file and place where it is written."""
    yield "plan.yaml", ("eligible", "when"), edition.eligible
    for i, note in enumerate(edition.notes):
        yield "plan.yaml", ("notes", i, "when"), note.when
    for item in edition.items:
        for place, condition in _item_conditions(item):
            yield file_of(read, item), place, condition
    yield from _paper_conditions(edition)
    for i, question in enumerate(edition.questions):
        yield "situations.yaml", (i, "when"), question.when
        for j, choice in enumerate(question.choices):
            yield "situations.yaml", (i, "choices", j, "when"), choice.when
    for i, enquiry in enumerate(edition.enquiries):
        yield "departments.yaml", ("enquiries", i, "when"), enquiry.when
    for i, piece in enumerate(edition.dossier.pieces):
        yield dossier.FILE, ("pieces", i, "when"), piece.when


def _paper_conditions(
    edition: Edition,
) -> Iterator[tuple[str, tuple[str | int, ...], Condition]]:
    """The conditions of materials with their pieces, and of fields with their choices."""
    for i, material in enumerate(edition.materials):
        yield "materials.yaml", (i, "when"), material.when
        for j, piece in enumerate(material.pieces):
            yield "materials.yaml", (i, "pieces", j, "when"), piece.when
    for i, field in enumerate(edition.fields):
        yield "form.yaml", ("fields", i, "when"), field.when
        for j, choice in enumerate(field.choices):
            yield "form.yaml", ("fields", i, "choices", j, "when"), choice.when


def _item_conditions(item: Item) -> Iterator[tuple[tuple[str | int, ...], Condition]]:
    yield ("opens",), item.opens
    if item.external:
        yield ("external", "when"), item.external.when
    if item.satisfied:
        yield ("satisfied", "when"), item.satisfied.when
    texts = [("why_not", i, text.when) for i, text in enumerate(item.why_not)]
    texts += [("notes", i, text.when) for i, text in enumerate(item.notes)]
    texts += [("presence", i, presence.when) for i, presence in enumerate(item.presence)]
    for key, i, condition in texts:
        yield (key, i, "when"), condition
    for i, presence in enumerate(item.presence):
        for j, text in enumerate(presence.bring):
            yield ("presence", i, "bring", j, "when"), text.when
    for i, limit in enumerate(item.personal):
        yield ("time_limit", "personal", i, "when"), limit.when
    for i, owner in enumerate(item.owners):
        yield ("department", i, "when"), owner.when


def _never_opens(read: Source, edition: Edition) -> Iterator[Finding]:
    for item in edition.items:
        wanted = _reads(item) | questions(edition.eligible)
        people = situation.applicants(edition, wanted)
        if not any(edition.eligible.holds(a) and item.opens.holds(a) for a in people):
            file = file_of(read, item)
            message = f"{item.number} {item.name} 对谁都不会开。请检查 opens 条件"
            yield Finding(
                "never_opens",
                message,
                file=file,
                line=read[file].line("opens"),
                items=(item.number,),
            )


def _reads(item: Item) -> frozenset[str]:
    reads = questions(item.opens)
    for owner in item.owners:
        reads |= questions(owner.when)
    for rule in (item.external, item.satisfied):
        reads |= questions(rule.when) if rule else frozenset()
    return reads


def _without_owner(read: Source, edition: Edition) -> Iterator[Finding]:
    offices = {
        department.code for department in edition.departments if department.offices != "none"
    }
    for item in edition.items:
        file = file_of(read, item)
        for code in item.departments:
            if code not in offices:
                message = f"{item.number} {item.name} 由 {code} 办理，但它没有任何办事机构"
                yield Finding(
                    "no_office",
                    message,
                    file=file,
                    line=read[file].line("department"),
                    items=(item.number,),
                )
        for answers in situation.applicants(edition, _reads(item) | questions(edition.eligible)):
            owned = any(owner.when.holds(answers) for owner in item.owners)
            if edition.eligible.holds(answers) and item.opens.holds(answers) and not owned:
                message = f"{item.number} {item.name} 对这样的人会开，却没有部门办理。请补上 department 的条件"
                line = read[file].line("department")
                yield Finding(
                    "no_owner", message, file=file, line=line, items=(item.number,), witness=answers
                )
                break


def _overlapping(read: Source, edition: Edition) -> Iterator[Finding]:
    """An item is open, external or satisfied: never two of them for one person."""
    for item in edition.items:
        for answers in situation.applicants(edition, _reads(item)):
            holding = [item.opens.holds(answers)]
            holding += [
                rule.when.holds(answers) for rule in (item.external, item.satisfied) if rule
            ]
            if sum(holding) > 1:
                file = file_of(read, item)
                message = (
                    f"{item.number} {item.name} 对同一个人既要办又算外部办理或已办。请让条件互斥"
                )
                line = read[file].line("opens")
                yield Finding(
                    "overlap", message, file=file, line=line, items=(item.number,), witness=answers
                )
                break
