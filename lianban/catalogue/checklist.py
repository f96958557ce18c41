"""What a plan asks of the person: materials, fields, and what they should know."""

from dataclasses import dataclass

from lianban.catalogue.model import Enquiry, Field, Material
from lianban.catalogue.planning import Kind, Plan, sure
from lianban.catalogue.presence import Text


@dataclass(frozen=True)
class Needed:
    """A material or field that this person's open items need, with their numbers."""

    what: Material | Field
    items: tuple[int, ...]


def _numbers(plan: Plan, codes: tuple[str, ...]) -> tuple[int, ...]:
    by_code = plan.edition.by_code
    return tuple(sorted(by_code[code].number for code in codes if code in plan.open_codes))


def _needed(plan: Plan, candidates: tuple[Material, ...] | tuple[Field, ...]) -> list[Needed]:
    found = []
    for what in candidates:
        items = _numbers(plan, what.items)
        if items and sure(plan.edition, what.when, plan.answers):
            found.append(Needed(what, items))
    return found


def materials(plan: Plan) -> list[Needed]:
    """Every material, once, with the open items that need it."""
    return _needed(plan, plan.edition.materials)


def alternatives(plan: Plan, material: Material) -> tuple[tuple[str, ...], ...]:
    """The alternatives of a material that stand for this person, as codes of its pieces."""
    gone = {p.code for p in material.pieces if sure(plan.edition, p.when, plan.answers) is False}
    return tuple(option for option in material.any_of if not gone & set(option))


def name_of(plan: Plan, material: Material) -> str:
    """What the person is told to bring: the papers of the only alternative left, or its name."""
    left = alternatives(plan, material)
    if len(left) != 1 or left == material.any_of:
        return material.name
    return "和".join(piece.name for piece in material.pieces if piece.code in left[0])


def fields(plan: Plan) -> list[Needed]:
    """Every field of the form, once, with the open items that read it."""
    return _needed(plan, plan.edition.fields)


def enquiries(plan: Plan) -> list[Enquiry]:
    """Enquiries that the answers open beside the sub-cases."""
    if not plan.eligible:
        return []
    return [e for e in plan.edition.enquiries if sure(plan.edition, e.when, plan.answers)]


def notes(plan: Plan) -> list[str]:
    """What the person should know besides: advice, consequences, enquiries, in plain words."""
    if plan.eligible is False:
        return [plan.edition.not_eligible]
    found = _holding(plan, plan.edition.notes)
    for disposition in plan.dispositions:
        if disposition.kind in (Kind.OPEN, Kind.EXTERNAL, Kind.SATISFIED):
            found += _holding(plan, disposition.item.notes)
        if disposition.kind is Kind.OPEN:
            presence = plan.presence(disposition.item)
            found += [presence.note] if presence and presence.note else []
        found += [disposition.advice] if disposition.advice else []
    found += [enquiry.text or enquiry.name for enquiry in enquiries(plan)]
    return list(dict.fromkeys(found))


def _holding(plan: Plan, texts: tuple[Text, ...]) -> list[str]:
    return [text.text for text in texts if sure(plan.edition, text.when, plan.answers)]
