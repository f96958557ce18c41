"""A plan in the shape that `lianban policy plan --json` prints and other tools rely on."""

from typing import Any

from lianban.catalogue import checklist, visits
from lianban.catalogue.model import Field, Material
from lianban.catalogue.planning import Disposition, Kind, Plan


def as_json(plan: Plan) -> dict[str, Any]:
    """Return the published object. Keys may be added to it, none renamed or dropped."""
    result: dict[str, Any] = {
        "edition": plan.edition.reference(),
        "eligible": plan.eligible,
        "items": [_item(plan, d) for d in plan.of(Kind.OPEN)],
        "external": [_external(plan, d) for d in plan.of(Kind.EXTERNAL)],
        "satisfied": [_brief(d) | {"evidence": d.evidence} for d in plan.of(Kind.SATISFIED)],
        "not_applicable": [
            _brief(d) | {"why": d.why} for d in plan.of(Kind.NOT_APPLICABLE, Kind.UNTICKED)
        ],
        "materials": [_material(plan, n) for n in checklist.materials(plan)],
        "fields": [_field(n) for n in checklist.fields(plan)],
        "visits": _visits(plan),
        "notes": checklist.notes(plan),
    }
    undecided = [d.item.number for d in plan.of(Kind.UNDECIDED)]
    return result | ({"undecided": undecided} if undecided else {})


def _brief(disposition: Disposition) -> dict[str, Any]:
    return {"number": disposition.item.number, "code": disposition.item.code}


def _placed(plan: Plan, disposition: Disposition) -> dict[str, Any]:
    code = disposition.item.code
    undecided = {d.item.number for d in plan.of(Kind.UNDECIDED)}
    wave = plan.waves[code]
    return {
        # None: it depends on an answer that is still open.
        "wave": wave if wave == plan.earliest[code] else None,
        "requires": [number for number in plan.item_requires(code) if number not in undecided],
        "milestones": list(plan.milestone_requires(code)),
    }


def _item(plan: Plan, disposition: Disposition) -> dict[str, Any]:
    item, presence = disposition.item, plan.presence(disposition.item)
    return {
        **_brief(disposition),
        "name": item.name,
        "short_name": item.short_name,
        "department": disposition.department,
        **_placed(plan, disposition),
        "pledged_days": item.pledged.days if item.pledged else None,
        "presence": {"place": presence.place, "why": presence.why} if presence else None,
        "why": disposition.why,
    }


def _external(plan: Plan, disposition: Disposition) -> dict[str, Any]:
    assert disposition.item.external
    placed = _placed(plan, disposition)
    return {**_brief(disposition), **placed, "waits_for": disposition.item.external.event}


def _material(plan: Plan, needed: checklist.Needed) -> dict[str, Any]:
    material = needed.what
    assert isinstance(material, Material)
    return {
        "code": material.code,
        "name": checklist.name_of(plan, material),
        "form": material.form,
        "copies": material.copies,
        "items": list(needed.items),
        "deferrable": material.deferrable,
        "any_of": [list(option) for option in checklist.alternatives(plan, material)] or None,
    }


def _field(needed: checklist.Needed) -> dict[str, Any]:
    what = needed.what
    assert isinstance(what, Field)
    extra = {"derived_from": what.derived_from} if what.derived_from else {}
    return {"code": what.code, "label": what.label, "items": list(needed.items), **extra}


def _visits(plan: Plan) -> dict[str, Any]:
    found = visits.least(plan)
    reasons = [{"place": v.place, "items": list(v.items), "why": v.why} for v in found.visits]
    proof = list(visits.why_not_fewer(plan, found))
    return {"least": len(found.visits), "reasons": reasons, "proof": proof}
