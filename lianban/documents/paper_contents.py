"""What each paper of a case says, from the moment that it is about."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime

from lianban.cases import anchors, form_pages, queries
from lianban.cases.content import Content
from lianban.cases.services import counter, signatures
from lianban.catalogue import checklist
from lianban.catalogue.model import Material
from lianban.catalogue.planning import Kind, Plan
from lianban.documents import content as paper
from lianban.documents.delivery_papers import delivery_record
from lianban.documents.letterhead import Letterhead
from lianban.documents.occasion import Occasion
from lianban.documents.paper_amount import amount_assessment
from lianban.documents.paper_form import on_paper
from lianban.documents.paper_form import registration_form as form_of
from lianban.documents.settlement import settlement_notice
from lianban.engine import deadlines, turn
from lianban.engine.case import SubCase
from lianban.engine.states import Outcome, State


def registration_form(on: Occasion) -> paper.Document:
    """登记表."""
    by_number = on.view.edition.by_number
    here = (sub for sub in on.moment.case.sub_cases.values() if sub.state is not State.SATISFIED)
    form = form_of(
        on.head,
        on.content,
        frozenset(by_number[sub.number].code for sub in here),
        signed=signatures.of_case(case_id=on.view.id),
        at=on.moment.at,
        case_number=on.view.case_number,
        page_marks=form_pages.marks(kind="case", id=on.view.id),
    )
    return replace(form, mended=on.mended())


def requirements_notice(on: Occasion) -> paper.Document:
    """一次性告知书 of a case that was handed in."""
    return paper.RequirementsNotice(
        **on.notice("requirements_basis"),
        items=required_items(on.plan, on.head),
        materials=required_materials(on.plan, on.head),
        missing=names(on.plan, on.moment.event.missing),
        given_by=on.moment.officer,
    )


def requirements_of(
    head: Letterhead, content: Content, plan: Plan, *, at: datetime, given_by: str
) -> paper.RequirementsNotice:
    """一次性告知书 for a form that is still being filled in: what lacks is what nobody promised."""
    lacking = [
        needed.what.code
        for needed in checklist.materials(plan)
        if content.materials.get(needed.what.code, "missing") in {"missing", "deferred"}
    ]
    return paper.RequirementsNotice(
        **head.sheet(at=at),
        addressee=content.fields.get("name", ""),
        legal_bases=head.lines("requirements_basis"),
        items=required_items(plan, head),
        materials=required_materials(plan, head),
        missing=names(plan, lacking),
        given_by=given_by,
    )


def acceptance_notice(on: Occasion) -> paper.Document:
    """受理通知书, also where silence past the limit means acceptance."""
    is_deemed = getattr(on.moment.event, "deemed", False)
    return paper.AcceptanceNotice(
        **on.notice("acceptance_basis"),
        accepted_date=on.moment.case.accepted_on,
        silence=on.head.word("acceptance_silence") if is_deemed else "",
        applied_date=_applied(on),
        items=case_items(on),
        received_materials=_received(on),
    )


def receipt(on: Occasion) -> paper.Document:
    """回执, without its second secret: that is added for the person alone."""
    is_accepted = on.moment.case.accepted_on is not None
    return paper.Receipt(
        **on.notice(),
        submitted_at=on.moment.at,
        items=case_items(on),
        materials=_received(on),
        next_steps=on.head.lines(
            "receipt_next_accepted" if is_accepted else "receipt_next_submitted"
        ),
        history_code=str(
            anchors.latest(on.view.id, on.view.case_number, sequence=on.moment.sequence) or ""
        ),
    )


def non_acceptance_notice(on: Occasion) -> paper.Document:
    """不予受理通知书."""
    return paper.NonAcceptanceNotice(
        **on.notice("refusal_basis"),
        applied_date=_applied(on),
        matters=_matters(on),
        reason=_reason(on, "refuse_acceptance"),
        remedies=on.head.remedies(),
    )


def correction_notice(on: Occasion) -> paper.Document:
    """补正通知书: the answer is looked at again after the plan's days."""
    days = on.view.edition.rules.correction_review_days
    return paper.CorrectionNotice(
        **on.notice("correction_basis"),
        applied_date=_applied(on),
        items=_matters(on),
        defects=tuple(_defect(on, code) for code in on.moment.event.defects),
        due_date=deadlines.add_working_days(on.view.calendar, on.moment.at.date(), days).on,
        submit_to=on.head.word("correction_submit_to"),
        consequence=on.head.word("correction_consequence"),
        ordinal=on.moment.event.ordinal,
        digest=on.moment.event.digest,
    )


def deferral_undertaking(on: Occasion) -> paper.Document:
    """容缺受理承诺书."""
    event, edition = on.moment.event, on.view.edition
    numbers = sorted({n for c in event.materials for n in on.moment.case.deferrals[c].items})
    mobile = next((field.code for field in edition.fields if field.type == "mobile"), "")
    return paper.DeferralUndertaking(
        **on.notice("deferral_basis"),
        items=tuple(edition.item(number).name for number in numbers),
        deferred=tuple(
            paper.DeferredLine(
                name=names(on.plan, [code])[0],
                form=_form(on.head, edition.material_by_code[code]),
                due_date=event.due_on,
            )
            for code in event.materials
        ),
        consequence=on.head.word("deferral_consequence"),
        phone=on.content.fields.get(mobile, ""),
        signature=_undertaking_signature(on),
    )


def _undertaking_signature(on: Occasion) -> paper.Signature:
    """What was signed with the deferral; lines to sign on where nothing was."""
    signed = [
        one
        for one in signatures.of_case(case_id=on.view.id)
        if one.purpose == counter.UNDERTAKING and one.signed_at == on.moment.at
    ]
    return on_paper(on.view.edition, on.content, signed) or paper.Signature()


def denial_decision(on: Occasion) -> paper.Document:
    """不予办理决定书 of one item."""
    assert on.moment.item is not None
    return paper.DenialDecision(
        **on.notice("denial_basis"),
        item=on.view.edition.item(on.moment.item).name,
        applied_date=_applied(on),
        reason=_reason(on, "deny"),
        remedies=on.head.remedies(),
    )


def conclusion_notice(on: Occasion) -> paper.Document:
    """办结通知书: how every item ended, and what goes on."""
    subs, edition = on.moment.case.sub_cases, on.view.edition
    return paper.ConclusionNotice(
        **on.notice("conclusion_basis"),
        accepted_date=on.moment.case.accepted_on,
        items=tuple(_concluded(on, subs[number]) for number in sorted(subs) if subs[number].ended),
        going_on=tuple(edition.item(number).name for number in on.moment.case.open_items),
    )


BUILDERS: dict[str, Callable[[Occasion], paper.Document]] = {
    build.__name__: build
    for build in (
        registration_form,
        requirements_notice,
        acceptance_notice,
        receipt,
        non_acceptance_notice,
        correction_notice,
        deferral_undertaking,
        denial_decision,
        conclusion_notice,
        delivery_record,
        amount_assessment,
        settlement_notice,
    )
}
"""What sets each kind of paper; the kinds are those of `render.REGISTRY`."""


# Parts ----------------------------------------------------------------------------------------


def names(plan: Plan, codes: Iterable[str]) -> tuple[str, ...]:
    """Names of materials, as the person is told them, and labels of fields."""
    materials = plan.edition.material_by_code
    labels = {field.code: field.label for field in plan.edition.fields}
    return tuple(
        checklist.name_of(plan, materials[code]) if code in materials else labels.get(code, code)
        for code in codes
    )


def required_items(plan: Plan, head: Letterhead) -> tuple[paper.ItemLine, ...]:
    """The items of a plan, with who decides them, within what, and where one must come."""
    places = {place.code: place.name for place in plan.edition.places}
    lines = []
    for disposition in plan.of(Kind.OPEN, Kind.EXTERNAL):
        item, note = disposition.item, ""
        presence = plan.presence(item) if disposition.kind is Kind.OPEN else None
        if presence:
            why = plan.edition.reasons.get(presence.why, presence.why)
            note = f"须本人到{places[presence.place]}（{why}）"
        elif disposition.kind is Kind.EXTERNAL:
            note = head.word("external_note")
        lines.append(
            paper.ItemLine(
                name=item.name,
                department=plan.edition.department_names[disposition.department],
                time_limit=_limit(head, item.number) if disposition.kind is Kind.OPEN else "",
                note=note,
            )
        )
    return tuple(lines)


def required_materials(plan: Plan, head: Letterhead) -> tuple[paper.MaterialLine, ...]:
    """Every material once, with the items that share it."""
    lines = []
    for needed in checklist.materials(plan):
        assert isinstance(needed.what, Material)
        lines.append(
            paper.MaterialLine(
                name=checklist.name_of(plan, needed.what),
                form=_form(head, needed.what),
                copies=needed.what.copies,
                serves=tuple(plan.edition.item(n).short_name for n in needed.items),
                note=needed.what.help,
            )
        )
    return tuple(lines)


def case_items(on: Occasion) -> tuple[paper.ItemLine, ...]:
    """The case's items, each with its date where a limit runs, else with its days."""
    view, subs = on.view, on.moment.settled.sub_cases
    lines = []
    for number in sorted(subs):
        sub, item = subs[number], view.edition.item(number)
        due = turn.due(view.edition, view.calendar, sub)
        lines.append(
            paper.ItemLine(
                name=item.name,
                department=view.edition.department_names[sub.department],
                time_limit="" if sub.external else _limit(on.head, number),
                due_date=due.on if due else None,
                is_provisional=bool(due and due.provisional),
                note=on.head.word("external_note") if sub.external else "",
            )
        )
    return tuple(lines)


def _limit(head: Letterhead, number: int) -> str:
    limit = head.edition.item(number).pledged
    return f"{limit.days}{head.word(f'days_{limit.counts}')}" if limit else ""


def _form(head: Letterhead, material: Material) -> str:
    return head.word(f"form_{material.form}")


def _applied(on: Occasion) -> date | None:
    submitted = on.moment.case.submitted_at
    return submitted.date() if submitted else None


def _matters(on: Occasion) -> tuple[str, ...]:
    number = on.moment.item
    return (on.view.edition.item(number).name,) if number is not None else ()


def _reason(on: Occasion, command: str) -> str:
    """The words of a standard reason's code, or the reason as it was written."""
    reason: str = on.moment.event.reason
    words = on.view.edition.wording.get("reasons", {})
    return words.get(reason) or words.get(f"{command}.{reason}", reason)


def _received(on: Occasion) -> tuple[str, ...]:
    """Materials of which a file or the original was there at that moment, and was not refused."""
    at, waited = on.moment.at, set(on.moment.case.missing) | set(on.moment.case.deferrals)
    found = [
        shown.material.code
        for shown in queries.materials(on.view)
        if shown.material.code not in waited
        and (
            any(file.created_at <= at for file in shown.files)
            or (shown.record.seen_at is not None and shown.record.seen_at <= at)
        )
    ]
    return names(on.plan, found)


def _defect(on: Occasion, code: str) -> paper.Defect:
    material = on.view.edition.material_by_code.get(code)
    [subject] = names(on.plan, [code])
    if material is None:
        return paper.Defect(
            subject=subject,
            problem=on.head.word("correction_field"),
            remedy=on.head.word("correction_remedy_field"),
        )
    lacks = code in on.moment.before.missing
    copies = f"{material.copies} 份" if material.copies else ""
    problem = on.head.word("correction_missing" if lacks else "correction_wrong")
    why = dict(zip(on.moment.event.defects, on.moment.event.because, strict=False)).get(code, "")
    return paper.Defect(
        subject=subject,
        problem=f"{problem}（{on.head.word(why)}）" if why else problem,
        remedy=on.head.word("correction_remedy_material") + _form(on.head, material) + copies,
    )


def _number(on: Occasion, number: int) -> str:
    return next((i.result_number for i in on.view.items if i.item.number == number), "")


def _concluded(on: Occasion, sub: SubCase) -> paper.ConcludedLine:
    edition = on.view.edition
    item, is_granted = edition.item(sub.number), sub.outcome is Outcome.GRANTED
    ways = edition.wording.get("delivery", {})
    return paper.ConcludedLine(
        name=item.name,
        department=edition.department_names[sub.department],
        outcome=on.head.word(f"outcome_{sub.outcome or sub.state}"),
        ended_date=sub.since.date(),
        result=item.result.name if item.result and is_granted else "",
        result_number=_number(on, sub.number) if is_granted else "",
        delivery=ways.get(sub.delivery, "") if is_granted else "",
    )
