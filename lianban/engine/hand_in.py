"""Handing in: the answers become items, and the edition is pinned."""

from collections.abc import Iterable

from lianban.catalogue import checklist, planning, situation
from lianban.catalogue.planning import Disposition, Kind, Plan
from lianban.engine import commands as c
from lianban.engine import events as e
from lianban.engine import trust
from lianban.engine.desk import Desk
from lianban.engine.refusal import Refused


def submit(desk: Desk, command: c.Submit) -> None:
    """Hand in without acceptance."""
    _hand_in(desk, command, e.Submitted)


def register(desk: Desk, command: c.Register) -> None:
    """Hand in and accept at the counter; nothing that forbids acceptance may be missing."""
    require_materials(desk, command.missing)
    _hand_in(desk, command, e.Registered)


def _hand_in(desk: Desk, command: c.Submit | c.Register, event: type[e.Submitted]) -> None:
    channel = desk.edition.channels.get(command.channel)
    if channel is None or not channel.enabled:
        raise Refused(
            "channel_closed", "这个渠道现在不受理，请到综合窗口办理", channel=command.channel
        )
    plan = plan_for(desk, command)
    desk.add(
        event(
            desk.at,
            edition_id=desk.edition.id,
            edition_hash=desk.edition.hash,
            channel=command.channel,
            dispatch=channel.dispatch,
            items=item_plans(plan, dict(command.delivery)),
            milestones=milestone_plans(plan),
            missing=tuple(command.missing),
            form_hash=command.form_hash,
        )
    )
    trust.hand_in(desk, command.grades)


def plan_for(desk: Desk, command: c.Submit | c.Register) -> Plan:
    """The applicant's plan. Raises `Refused` for answers that lead to none."""
    try:
        plan = planning.plan(
            desk.edition, command.answers, unticked=command.unticked, evidence=command.evidence
        )
    except situation.AnswersRefused as refusal:
        raise Refused("impossible_answers", str(refusal)) from refusal
    except planning.PlanRefused as refusal:
        raise Refused(refusal.code, str(refusal), items=refusal.items) from refusal
    if plan.eligible is False:
        raise Refused("not_eligible", desk.edition.not_eligible)
    open_ = situation.unanswered(desk.edition, command.answers)
    if open_:
        raise Refused("unanswered", "还有情形问题没有回答", questions=open_)
    return plan


def item_plans(plan: Plan, delivery: dict[int, str]) -> tuple[e.ItemPlan, ...]:
    """What the case keeps of the plan, item by item."""
    needs: dict[int, list[str]] = {}
    for needed in checklist.materials(plan):
        for number in needed.items:
            needs.setdefault(number, []).append(needed.what.code)
    chosen = plan.of(Kind.OPEN, Kind.EXTERNAL, Kind.SATISFIED)
    return tuple(_item_plan(plan, d, delivery, needs.get(d.item.number, [])) for d in chosen)


def _item_plan(
    plan: Plan, disposition: Disposition, delivery: dict[int, str], materials: list[str]
) -> e.ItemPlan:
    item = disposition.item
    return e.ItemPlan(
        number=item.number,
        kind=disposition.kind,
        department=disposition.department,
        requires=plan.item_requires(item.code),
        milestones=plan.milestone_requires(item.code),
        delivery=_delivery(disposition, delivery),
        materials=tuple(materials),
    )


def _delivery(disposition: Disposition, delivery: dict[int, str]) -> str:
    result = disposition.item.result
    if result is None or disposition.kind is not Kind.OPEN:
        return ""
    way = delivery.get(disposition.item.number, result.delivery[0])
    if way not in result.delivery:
        raise Refused(
            "delivery_not_offered", f"「{result.name}」不能这样送达", item=disposition.item.number
        )
    return way


def milestone_plans(plan: Plan) -> tuple[e.MilestonePlan, ...]:
    """The milestones of the case with what comes before each."""
    return tuple(
        e.MilestonePlan(code, plan.item_requires(code), plan.milestone_requires(code))
        for code in plan.edition.milestone_codes
    )


def blocking(desk: Desk, missing: Iterable[str]) -> tuple[str, ...]:
    """Those of the missing materials whose absence is a defect now.

    What may come with the dossier is none before the dossier is here.
    """
    return tuple(dict.fromkeys(code for code in missing if not _may_come(desk, code)))


def _may_come(desk: Desk, code: str) -> bool:
    material = desk.edition.material_by_code.get(code)
    if material is None or not material.may_arrive_with:
        return False
    milestone = desk.case.milestones.get(material.may_arrive_with)
    return milestone is None or milestone.reached_at is None


def require_materials(desk: Desk, missing: Iterable[str]) -> None:
    """Raise `Refused('missing_material')` when something that forbids acceptance is missing."""
    found = blocking(desk, missing)
    if found:
        raise Refused("missing_material", "材料还不齐", materials=list(found))
