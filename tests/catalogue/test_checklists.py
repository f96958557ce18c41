"""What six people are told under each edition, kept as pages that a lawyer can read.

After a deliberate change of the plan: `UPDATE_SNAPSHOTS=1 pytest tests/catalogue/test_checklists.py`
writes the pages anew; read the difference before it is committed.
"""

import json
import os
from pathlib import Path

import pytest

from lianban.catalogue import checklist, planning, visits
from lianban.catalogue.model import Edition
from lianban.catalogue.planning import Disposition, Kind, Plan

SNAPSHOTS = Path(__file__).parent / "snapshots"
FORMS = {"original": "原件", "copy": "复印件", "photo": "照片"}

CONSCRIPT = {
    "rank": "conscript",
    "placement": "self_employed",
    "political_status": "party_member",
    "household": "cancelled",
    "id_card": "none",
    "pension_insurance": "flexible",
    "military_pension": "has",
    "other_pension": "none",
    "medical_insurance": "flexible",
    "driving_licence": "car",
    "disability": "none",
    "training": "vocational",
    "children_schooling": "not_needed",
}
EMPLOYED = {
    **{key: value for key, value in CONSCRIPT.items() if key != "training"},
    "pension_insurance": "employer",
    "medical_insurance": "employer",
}
PEOPLE = {
    "conscript": CONSCRIPT,
    "conscript-resident-insurance": {**CONSCRIPT, "medical_insurance": "resident"},
    "household-kept": {
        **CONSCRIPT,
        "political_status": "other",
        "household": "kept",
        "id_card": "valid",
        "driving_licence": "none",
    },
    "sergeant-assigned-a-job": {
        **EMPLOYED,
        "rank": "sergeant",
        "placement": "assigned_job",
        "assigned_to": "pending",
        "id_card": "expired",
        "driving_licence": "heavy",
        "disability": "grade_9_10",
    },
    "officer-transferred": {
        **EMPLOYED,
        "rank": "officer",
        "placement": "transferred",
        "assigned_to": "public_institution",
        "household": "relocating",
        "id_card": "valid",
        "other_pension": "military_spouse",
        "driving_licence": "none",
        "children_schooling": "needed",
    },
    "sergeant-retired": {**EMPLOYED, "rank": "sergeant", "placement": "retired"},
}


def page(plan: Plan) -> dict[str, object]:
    """The checklist in the words that the person reads."""
    edition = plan.edition
    answers = {
        q.label: q.label_of(plan.answers[q.key]) for q in edition.questions if q.key in plan.answers
    }
    places = {place.code: place.name for place in edition.places}
    return {
        "版本": edition.id,
        "情形": answers,
        "能不能在这里办": "能" if plan.eligible else "不能",
        "要办的": _in_order(plan, Kind.OPEN),
        "等外部办理的": _in_order(plan, Kind.EXTERNAL),
        "已在别处办结的": [_title(d) for d in plan.of(Kind.SATISFIED)],
        "不用办的": [f"{_title(d)}：{d.why}" for d in plan.of(Kind.NOT_APPLICABLE)],
        "材料": [_material(plan, needed) for needed in checklist.materials(plan)],
        "要到场的": [
            f"{places[v.place]}：{v.why}（{_numbers(v.items)}）" for v in visits.least(plan).visits
        ],
        "要知道的": checklist.notes(plan),
    }


def _title(disposition: Disposition) -> str:
    return f"{disposition.item.number} {disposition.item.name}"


def _numbers(numbers: tuple[int, ...]) -> str:
    return "、".join(map(str, numbers))


def _in_order(plan: Plan, kind: Kind) -> list[str]:
    found = plan.of(kind)
    return [_line(plan, d) for d in sorted(found, key=lambda d: plan.waves[d.item.code])]


def _line(plan: Plan, disposition: Disposition) -> str:
    item = disposition.item
    names = {m.code: m.name for m in plan.edition.milestones}
    waits = [str(n) for n in plan.item_requires(item.code)]
    waits += [names[code] for code in plan.milestone_requires(item.code)]
    after = f"，等 {'、'.join(waits)}" if waits else ""
    who = plan.edition.department_names[disposition.department]
    if disposition.kind is Kind.EXTERNAL and item.external:
        who = f"{item.external.actor}去登记"
    elif item.pledged:
        who += f"，{item.pledged.days} 个工作日"
    return f"第 {plan.waves[item.code]} 步：{_title(disposition)}（{who}{after}）"


def _material(plan: Plan, needed: checklist.Needed) -> str:
    material = plan.edition.material_by_code[needed.what.code]
    name = checklist.name_of(plan, material)
    later = "；可容缺" if material.deferrable else ""
    later += "；可随档案来" if material.may_arrive_with else ""
    form = FORMS[material.form]
    return f"{name}，{form} {material.copies} 份（用于 {_numbers(needed.items)}{later}）"


@pytest.mark.parametrize("person", PEOPLE)
def test_a_person_is_told_what_the_kept_page_says(either: Edition, person: str) -> None:
    kept = SNAPSHOTS / f"{either.id}-{person}.json"
    found = page(planning.plan(either, PEOPLE[person]))
    if os.environ.get("UPDATE_SNAPSHOTS"):
        kept.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    assert found == json.loads(kept.read_text(encoding="utf-8"))


def test_no_page_is_kept_that_nobody_reads(plan: Edition, later: Edition) -> None:
    expected = {f"{e.id}-{person}.json" for e in (plan, later) for person in PEOPLE}
    assert {path.name for path in SNAPSHOTS.iterdir()} == expected
