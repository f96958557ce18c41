"""One case at the counter: where every item stands, the materials, what may be done here and now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from lianban import clock
from lianban.accounts.models import Role
from lianban.cases import agents as agent_rules
from lianban.cases import coming, material_state, proposal_lists, queries
from lianban.cases.queries import CaseView, ItemView, MaterialView
from lianban.cases.services import agents, enquiries
from lianban.catalogue.model import Field
from lianban.documents import papers
from lianban.engine.states import CaseState, State
from lianban.web.components import access, case_map, form_section, status
from lianban.web.components.form_section import SectionForm
from lianban.web.components.parts import Entry
from lianban.web.components.refusals import hidden
from lianban.web.counter import paper_dates, undertaking

clerk = access.officer(Role.COUNTER_CLERK)
_DECIDABLE = (State.READY, State.DISPATCHED, State.RECEIVED, State.ACCEPTED)
_PROPOSE_REFUSAL = "propose_refuse_acceptance"
_HELD = ("missing", "deferred", "promised", "uploaded", "with_dossier")


@dataclass(frozen=True)
class Paper:
    """One material of the case at the counter."""

    view: MaterialView
    #: Named by an open notice, missing, or owed: the person is waited for.
    is_waited: bool
    #: The day by which an owed material must be there.
    owed_by: object
    #: What was typed as the day on it, and that it was ticked, where that was refused.
    typed: str = ""
    is_ticked: bool = False

    @property
    def ends(self) -> bool:
        """Whether it ends some days after the day on it."""
        return bool(self.view.material.valid_days)

    @property
    def until(self) -> date | None:
        """The last day on which it may be used, as far as it is known."""
        return self.view.graded.valid_until if self.view.graded else None

    @property
    def may_tick(self) -> bool:
        """Whether the original can still be ticked as seen."""
        return self.view.state in _HELD


@dataclass(frozen=True)
class Handling:
    """What the counter may do about one item, here and now."""

    item: ItemView
    may_decide: bool
    may_hand_out: bool

    @property
    def denial_is_proposed(self) -> bool:
        """Whether a denial waits for the bureau's head."""
        return "deny" not in self.item.may


@clerk
@never_cache
@require_safe
@hidden
def case(request: access.Request, case_id: UUID) -> HttpResponse:
    """The case as it stands."""
    view = queries.get(case_id=case_id, actor=request.actor, at=clock.now())
    return page(request, view)


@clerk
@never_cache
@require_POST
@hidden
def reveal(request: access.Request, case_id: UUID, code: str) -> HttpResponse:
    """Show one masked value in full; who looked is kept."""
    view = queries.get(case_id=case_id, actor=request.actor, at=clock.now())
    whole = queries.reveal(view, code, actor=request.actor, at=clock.now())
    return page(request, view, revealed={code: whole})


def page(
    request: access.Request,
    view: CaseView,
    *,
    problem: str = "",
    revealed: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
    reason: Mapping[str, str] | None = None,
    code: int = 200,
) -> HttpResponse:
    """Draw the case; `typed` and `reason` are what was typed and is refused."""
    said = {
        "problem": problem,
        "revealed": revealed or {},
        "reason": reason or {},
        "correction": correction(view, typed or {}, wrong or {}),
        "undertaking": undertaking.shown(view.edition, request.POST, name=view.person_name),
    }
    shown = _standing(view) | _doing(view, request.POST) | said
    return render(request, "counter/case.html", shown, status=code)


def _standing(view: CaseView) -> dict[str, Any]:
    """Where the case stands."""
    items = view.items
    return {
        "view": view,
        "status": _status(view),
        "turn": turn(view),
        "map": case_map.of_case(view, href=lambda item: f"#item-{item.sub.number}"),
        "codes": [status.of_sub_case(i.sub.state, outcome=i.sub.outcome or "").code for i in items],
        "identity_code": identity_code(view),
        "fields": queries.form(view),
        "enquiries": enquiries.of_case(view.id),
        "limits": queries.personal_limits(view),
        "history": _history(view),
        "agent_words": agent_rules.words(view.edition, agents.acting(case_id=view.id)),
    }


def _doing(view: CaseView, posted: QueryDict) -> dict[str, Any]:
    """What may be done about it here and now, and what may be printed."""
    here, may = papers_here(view, posted), acts(view)
    return {
        "papers_here": here,
        "may": may,
        "may_tick_some": may["tick"] and any(paper.may_tick for paper in here),
        "handling": handling(view),
        "proposals": proposal_lists.of_case(view),
        "blocking": blocking(view),
        "reasons": reasons(view, "refuse_acceptance"),
        "links": papers.available(view),
        "visits": coming.of_case(view).goings,
    }


def papers_here(view: CaseView, posted: QueryDict | None = None) -> list[Paper]:
    """The materials of the case, each with what the person still owes, and what was typed of it."""
    waited, data = _waited(view), posted or QueryDict()
    days, ticked = paper_dates.typed(data, view.edition), set(data.getlist("seen"))
    return [
        Paper(
            one,
            one.material.code in waited,
            _owed_by(view, one.material.code),
            typed=days.get(one.material.code, ""),
            is_ticked=one.material.code in ticked,
        )
        for one in queries.materials(view)
    ]


def identity_code(view: CaseView) -> str:
    """The field that holds the person's number."""
    return next(f.code for f in view.edition.fields if f.type == "identity_number")


def reasons(view: CaseView, command: str) -> list[tuple[str, str]]:
    """The plan's standard reasons for a command."""
    words = view.edition.wording.get("reasons", {})
    return [(code, text) for code, text in words.items() if code.startswith(f"{command}.")]


def _status(view: CaseView) -> status.Status:
    """The case's status; at the counter nothing is in pre-review that came in here."""
    if view.case.state is CaseState.SUBMITTED and view.case.channel == "counter":
        return status.Status("ready", "等受理")
    return status.of_joint_case(view.case.state)


def _waited(view: CaseView) -> set[str]:
    return material_state.outstanding(view.case) | set(view.case.deferrals)


def _owed_by(view: CaseView, code: str) -> object:
    deferral = view.case.deferrals.get(code)
    return deferral.due_on if deferral else None


# What may be done --------------------------------------------------------------------------


def handling(view: CaseView) -> list[Handling]:
    """The items that the counter can decide or hand out now."""
    found = []
    for item in view.items:
        decide = "grant" in item.may and item.sub.state in _DECIDABLE
        hand_out = (
            "deliver" in item.may
            and item.sub.state is State.DELIVERING
            and item.sub.delivery == "pick_up"
        )
        if decide or hand_out:
            found.append(Handling(item, decide, hand_out))
    return found


def blocking(view: CaseView) -> list[str]:
    """Codes of what is missing and forbids acceptance now."""
    reached = {m.code for m in view.case.milestones.values() if m.reached_at is not None}
    codes = dict.fromkeys((*view.case.missing, *view.case.notice.outstanding))
    by_code = view.edition.material_by_code
    return [
        code
        for code in codes
        if code not in by_code
        or not by_code[code].may_arrive_with
        or by_code[code].may_arrive_with in reached
    ]


def deferrable(view: CaseView) -> list[str]:
    """Those codes, if every one of them may be owed; else nothing."""
    codes, by_code = blocking(view), view.edition.material_by_code
    may = all(code in by_code and by_code[code].deferrable for code in codes)
    return codes if may else []


def acts(view: CaseView) -> dict[str, bool]:
    """Which acts on the case as a whole make sense now, and are permitted."""
    state, at_counter = view.case.state, view.case.channel == "counter"
    waiting = state in (CaseState.SUBMITTED, CaseState.CORRECTION_DUE) and at_counter
    lacking = blocking(view)
    return {
        "accept": state is CaseState.SUBMITTED and at_counter and "register" in view.may,
        "notice": state is CaseState.SUBMITTED and at_counter and bool(lacking),
        "defer": waiting and bool(deferrable(view)),
        "refuse": waiting and bool({"refuse_acceptance", _PROPOSE_REFUSAL} & view.may),
        "refuse_only_proposed": "refuse_acceptance" not in view.may,
        "withdraw": view.case.is_open and "withdraw" in view.may,
        "tick": bool(view.case.open_items) and "tick_seen" in view.may,
    }


@dataclass(frozen=True)
class Turn:
    """Whose turn it is, in one sentence; `is_ours` when it is the counter's."""

    title: str
    text: str
    is_ours: bool


def turn(view: CaseView) -> Turn:
    """Whose turn it is at this counter: one thing, the most pressing."""
    case, names = view.case, [h.item.item.short_name for h in handling(view)]
    lacking = "、".join(name_of(view, code) for code in blocking(view))
    if case.ended and not names:
        return Turn("这一件已经结束，窗口不用再做什么", "", False)
    if case.state is CaseState.CORRECTION_DUE:
        return Turn(f"等本人补：{lacking}", "带来了，在材料里勾“原件已看”，再受理", False)
    if case.state is CaseState.SUBMITTED and case.channel == "counter":
        if lacking:
            return Turn(f"还缺：{lacking}", "告知补正，或者勾上带来的原件", True)
        return Turn("材料齐了，可以受理", "受理以后，第一件事就能办", True)
    if case.state is CaseState.SUBMITTED:
        return Turn("等退役军人事务局预审", "网上交来的，由退役军人事务局受理", False)
    if names:
        return Turn(f"窗口现在可以办：{'、'.join(names)}", "在“窗口可以办的”里点", True)
    if case.deferrals:
        owed = "、".join(name_of(view, code) for code in case.deferrals)
        return Turn(f"等本人补容缺的：{owed}", "带来了就勾“原件已看”", False)
    return Turn("现在不用窗口办什么", "各部门在办，谁在办看下面的图", False)


def name_of(view: CaseView, code: str) -> str:
    """The name of a material or field."""
    material = view.edition.material_by_code.get(code)
    if material:
        return material.name
    return next((f.label for f in view.edition.fields if f.code == code), code)


# What was noticed in the form ------------------------------------------------------------------


def correction_fields(view: CaseView) -> tuple[Field, ...]:
    """The fields of the form that an open notice names."""
    waited = _waited(view)
    return tuple(field for field in view.edition.fields if field.code in waited)


def correction(
    view: CaseView, typed: Mapping[str, str], wrong: Mapping[str, str]
) -> list[tuple[object, str]]:
    """Those fields, drawn with their values."""
    fields = correction_fields(view)
    if not fields:
        return []
    content = queries.content(view)
    values = {**content.fields, **typed}
    form = SectionForm(content.plan(view.edition), fields, values, wrong)
    return [(form[field.code], form_section.width_of(field)) for field in fields]


def _history(view: CaseView) -> list[Entry]:
    lines = [line for line in queries.history(view) if not line.is_quiet]
    return [Entry(line.text, at=line.at, who=line.actor, tone="done") for line in reversed(lines)][
        :20
    ]
