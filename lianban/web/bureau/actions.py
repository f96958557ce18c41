"""What an officer of the bureau may do now: offered by the rules themselves, never guessed.

Each action is tried on the case without writing (`decide` is pure). What the rules refuse for the
state is not offered; what they refuse for a reason that somebody can mend stands there with it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lianban.accounts import permissions
from lianban.accounts.models import Role
from lianban.cases.queries import CaseView, ItemView
from lianban.cases.timeline import name_of
from lianban.engine import commands as c
from lianban.engine.decide import decide
from lianban.engine.refusal import Refused
from lianban.web.bureau import forms

_SAMPLE = "理由"
PROPOSED = "负责人批准才算数，批准以前本人看不到，期限照走"
#: Refusals that say what to mend; with any other one the action is not offered.
_MENDABLE = frozenset({"missing_material", "old_defect", "too_late", "still_open"})

Cleaned = dict[str, Any]


@dataclass(frozen=True)
class Action:
    """One thing to do: the command's name, the button, and what the form adds."""

    name: str
    label: str
    command: Callable[[Cleaned, int | None], c.Command]
    done: str
    form: type[forms.ActionForm] = forms.Nothing
    #: One sentence beside the button: what follows.
    note: str = ""
    is_grave: bool = False


@dataclass(frozen=True)
class Offer:
    """An action that stands on the page: with its form, or with the reason why not now."""

    action: Action
    form: forms.ActionForm
    #: Why the button is grey; empty when it works.
    blocked: str = ""
    #: The bureau's head decides it; pressed by an officer, it is only proposed.
    is_proposal: bool = False

    @property
    def label(self) -> str:
        """What the button says."""
        return f"提请{self.action.label}" if self.is_proposal else self.action.label

    @property
    def note(self) -> str:
        """What follows, in one sentence."""
        return PROPOSED if self.is_proposal else self.action.note

    @property
    def is_grave(self) -> bool:
        """Whether it ends something at once."""
        return self.action.is_grave and not self.is_proposal

    @property
    def is_plain(self) -> bool:
        """Whether a button is all there is."""
        return not self.form.fields


ITEM = (
    Action(
        "grant", "准予", lambda d, n: c.Grant(_n(n)), "已准予", forms.Result,
        note="本人会收到消息；等这一项的事项接着就能办",
    ),
    Action(
        "deny", "不予办理", lambda d, n: c.Deny(_n(n), d["reason"]), "已作不予办理决定",
        forms.Reason, note="等这一项的事项会受阻；本人会收到决定书，写着怎么复议、起诉", is_grave=True,
    ),
    Action(
        "accept", "先受理，以后再定", lambda d, n: c.Accept(_n(n)), "已受理",
        note="材料齐了，还要花几天看的，先受理",
    ),
    Action("deliver", "结果已交给本人", lambda d, n: c.Deliver(_n(n)), "已记为送达"),
    Action(
        "request_correction", "请本人补正", lambda d, n: c.RequestCorrection(tuple(d["defects"]), n),
        "已一次性告知", forms.Defects, note="一次列全，以后只能再提新出现的问题",
    ),
    Action(
        "accept_with_deferral", "容缺受理",
        lambda d, n: c.AcceptWithDeferral(tuple(d["materials"]), n), "已容缺受理", forms.Deferred,
        note="先受理，勾上的材料以后补；补来之前不发结果",
    ),
    Action(
        "suspend", "暂停计时", lambda d, n: c.Suspend(_n(n), d["reason"]), "已暂停计时",
        forms.Reason, note="这段时间不计入办理天数",
    ),
    Action("resume", "恢复计时", lambda d, n: c.Resume(_n(n)), "已恢复计时"),
    Action(
        "extend", "延期", lambda d, n: c.Extend(_n(n), d["days"], d["reason"]), "已延期",
        forms.Extension,
    ),
    Action(
        "external_event", "记下外面办到的事", lambda d, n: c.ExternalEvent(_n(n), d["kind"]), "已记下",
        forms.Kind, note="记下以后，等它的事项自动接着办",
    ),
    Action(
        "dispatch", "重新分送", lambda d, n: c.Dispatch(_n(n), d["department"]), "已重新分送",
        forms.Department, note="退回来的事项，选对部门再送一次",
    ),
    Action(
        "waive", "免一项前置", lambda d, n: c.Waive(_n(n), d["prerequisite"], d["reason"]), "已免前置",
        forms.Waiver, note="负责人写明依据，这一项就不再等它",
    ),
    Action(
        "split_off", "转为后续事项", lambda d, n: c.SplitOff(_n(n)), "已转为后续事项",
        note="联办件可以先办结，这一项接着办",
    ),
    Action(
        "refuse_acceptance", "不予受理", lambda d, n: c.RefuseAcceptance(d["reason"], n), "已不予受理",
        forms.Reason, is_grave=True,
    ),
    Action(
        "terminate", "终止这一项", lambda d, n: c.Terminate(d["reason"], n), "已终止这一项",
        forms.Reason, note="等这一项的事项会受阻", is_grave=True,
    ),
    Action(
        "reopen", "重新办理", lambda d, n: c.Reopen(d["reason"], n), "已重新办理", forms.Reason,
        note="从头再办；凭它办好的事项会标上要复核",
    ),
)  # fmt: skip

CASE = (
    Action(
        "receive_dossier", "档案已收到", lambda d, n: c.ReceiveDossier(), "档案已接收", forms.Vouchers,
        note="档案由部队机要移交，不收本人自带的",
    ),
    Action(
        "register_reception", "登记退役接收", lambda d, n: c.RegisterReception(), "已登记退役接收",
        note="登记以后，各部门的事项就能往下办",
    ),
    Action(
        "gather_batch", "汇总推送", lambda d, n: c.GatherBatch(), "已汇总推送",
        note="这一件单独成一批；要和别的一起推，到“汇总”里选",
    ),
    Action("conclude", "办结联办件", lambda d, n: c.Conclude(), "联办件已办结"),
    Action(
        "terminate", "终止联办件", lambda d, n: c.Terminate(d["reason"]), "联办件已终止", forms.Reason,
        note="所有没办完的事项一起停下", is_grave=True,
    ),
    Action(
        "reopen", "重新办理联办件", lambda d, n: c.Reopen(d["reason"]), "联办件已重新办理", forms.Reason,
    ),
)  # fmt: skip

PRE_REVIEW = (
    Action("pass_pre_review", "通过，受理", lambda d, n: c.PassPreReview(), "已受理"),
    Action(
        "request_correction", "发一次性告知", lambda d, n: c.RequestCorrection(tuple(d["defects"])),
        "已一次性告知", forms.Defects,
    ),
    Action(
        "accept_with_deferral", "容缺受理", lambda d, n: c.AcceptWithDeferral(tuple(d["materials"])),
        "已容缺受理", forms.Deferred,
    ),
    Action(
        "refuse_acceptance", "不予受理", lambda d, n: c.RefuseAcceptance(d["reason"]), "已不予受理",
        forms.Reason, is_grave=True,
    ),
)  # fmt: skip


def _n(number: int | None) -> int:
    assert number is not None
    return number


def named(table: tuple[Action, ...], name: str) -> Action | None:
    """The action of a table with this name."""
    return next((action for action in table if action.name == name), None)


def form_for(
    action: Action, view: CaseView, item: ItemView | None, data: Any = None
) -> forms.ActionForm:
    """The action's form, empty or with what was typed."""
    return action.form(data, view=view, item=item, name=action.name)


def offers(
    table: tuple[Action, ...], view: CaseView, item: ItemView | None, *, at: datetime
) -> list[Offer]:
    """The actions that stand on the page now, in the table's order."""
    may = item.may if item else view.may
    found = []
    for action in table:
        form = form_for(action, view, item)
        problem = refusal(action, form, view, item, at=at)
        if problem is None or problem.code in _MENDABLE:
            blocked = reason(view, problem) if problem else ""
            if action.name not in may:
                if proposes(action.name, may):
                    found.append(Offer(action, form, blocked, is_proposal=True))
                    continue
                if permissions.HEAD not in permissions.roles_for(action.name):
                    continue
                blocked = whom_to_ask(action.name)
            found.append(Offer(action, form, blocked))
    return found


def proposes(name: str, may: frozenset[str]) -> bool:
    """Whether the officer may not give this command, but propose it."""
    return name not in may and f"propose_{name}" in may


def refusal(
    action: Action, form: forms.ActionForm, view: CaseView, item: ItemView | None, *, at: datetime
) -> Refused | None:
    """What the rules say to this action now: None when it may be done and changes something."""
    number = item.sub.number if item else None
    last: Refused | None = Refused("not_ready")
    for sample in _samples(form):
        command = action.command(sample, number)
        try:
            if decide(view.edition, view.case, command, at=at, calendar=view.calendar):
                return None
        except Refused as refused:
            last = refused
    return last


def _samples(form: forms.ActionForm) -> Iterator[Cleaned]:
    """What might be filled in: each choice of the field that decides."""
    base: Cleaned = {"reason": _SAMPLE, "days": 1}
    for name in ("kind", "department", "prerequisite"):
        if name in form.fields:
            yield from (base | {name: value} for value, _ in _choices(form, name))
            return
    for name in ("defects", "materials"):
        if name in form.fields:
            yield from (base | {name: [value]} for value, _ in _choices(form, name))
            if name == "materials":
                yield base | {name: [value for value, _ in _choices(form, name)]}
            return
    yield base


def _choices(form: forms.ActionForm, name: str) -> list[tuple[str, str]]:
    return list(form.fields[name].choices)  # type: ignore[attr-defined]


def reason(view: CaseView, refused: Refused) -> str:
    """A refusal in words, with the names of what it is about."""
    codes = [str(code) for code in _listed(refused.details.get("materials"))]
    names = "、".join(name_of(view.edition, code) for code in codes)
    return f"{refused.message}：{names}" if names else refused.message


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []


def whom_to_ask(command: str) -> str:
    """Who may give a command, for one who may not."""
    labels = [role.label for role in Role if role in permissions.roles_for(command)]
    return f"这一步请{labels[-1]}来做" if labels else "您的岗位不能做这一步"
