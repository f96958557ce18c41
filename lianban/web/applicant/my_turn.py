"""Whose turn it is, for the person: what they must do now and by when, or whom they wait for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from lianban.cases import result_lists
from lianban.cases.coming import Going
from lianban.cases.corrections import Because, Owed
from lianban.cases.queries import CaseView, ItemView
from lianban.cases.result_lists import ResultView
from lianban.engine import deadlines, prerequisite, turn
from lianban.engine.states import CaseState, State
from lianban.exchange.watching.reach import Reach
from lianban.web.applicant import my_dates, my_people
from lianban.web.components import dates, reaching

_MOST_NAMES = 3


@dataclass(frozen=True)
class Panel:
    """The one panel at the top: amber when the person must act, quiet otherwise."""

    title: str
    text: str
    kicker: str = ""
    is_quiet: bool = False
    href: str = ""
    action: str = ""
    #: A second way, beside the button.
    other_href: str = ""
    other: str = ""


def panel(
    view: CaseView,
    owed: list[Owed],
    visits: Sequence[Going],
    *,
    today: date,
    away: frozenset[int] = frozenset(),
) -> Panel:
    """The panel for the case as it stands. `away`: items that are still on their way to their
    departments.
    """
    if owed:
        return _owed(view, owed, today)
    now = next((visit for visit in visits if visit.is_now), None)
    if now and view.case.is_open and view.case.accepted_on:
        return _visit(view, now)
    back = [one for one in result_lists.of_case(view) if one.state == "returned"]
    if back:
        return _returned(view, back)
    ready = [item for item in view.items if _to_fetch(item)]
    return _fetch(view, ready) if ready else _quiet(view, away)


def away(reached: Mapping[int, Reach]) -> frozenset[int]:
    """The items that have not come to their departments yet."""
    return frozenset(number for number, one in reached.items() if reaching.has_not_come(one))


# The person's turn ---------------------------------------------------------------------------


def _owed(view: CaseView, owed: list[Owed], today: date) -> Panel:
    count = len(owed)
    names = "、".join(one.name for one in owed[:_MOST_NAMES])
    more = f"等 {count} 样" if count > _MOST_NAMES else ""
    verb = "改好" if all(one.field for one in owed) else "补交"
    return Panel(
        kicker="现在只有这一件要您办" if count == 1 else f"现在有 {count} 样要您补",
        title=f"{verb}{names}{more}，{_purpose(view, owed)}",
        text=f"{_when(view, owed, today)}{_the_rest(view, owed)}",
        href=reverse("applicant:my_correct", args=[view.id]),
        action="现在补",
        other_href="#ask",
        other="到窗口补",
    )


def _purpose(view: CaseView, owed: list[Owed]) -> str:
    if view.case.state is CaseState.CORRECTION_DUE:
        return "申请才能受理"
    numbers = sorted({number for one in owed for number in one.items})
    names = "、".join(view.edition.item(number).short_name for number in numbers[:_MOST_NAMES])
    more = f"等 {len(numbers)} 件" if len(numbers) > _MOST_NAMES else ""
    if all(one.because is Because.DEFERRED for one in owed):
        return f"{names}{more}的结果才能发"
    return f"{names}{more}才能接着办" if names else "才能接着办"


def _when(view: CaseView, owed: list[Owed], today: date) -> str:
    by = min((one.by for one in owed if one.by), default=None)
    if by is None:
        return "越早补，越早接着办。"
    left = my_dates.working_days_left(view.calendar, today, by)
    if by < today:
        return f"本来请在 {dates.day(by)}前交，现在补上照样接着办。"
    rest = "就是今天" if by == today else f"还有 {dates.working_days(left)}"
    return f"请在 {dates.day(by)}前交，{rest}。"


def _the_rest(view: CaseView, owed: list[Owed]) -> str:
    if view.case.state is CaseState.CORRECTION_DUE:
        return "要补的都在这里了，一次补齐就行。"
    held = {number for one in owed for number in one.items}
    rest = [number for number in view.case.open_items if number not in held]
    return f"其余 {len(rest)} 件由部门去办，您不用管。" if rest else ""


def _visit(view: CaseView, visit: Going) -> Panel:
    names = "、".join(item.item.short_name for item in visit.items if not item.sub.ended)
    title, kicker = f"到{visit.place}来一次：{visit.why}", "现在要您来一次"
    if visit.booked:
        starts = visit.booked[0].slot.starts_at
        title, kicker = f"{dates.day(starts)} {starts:%H:%M} 到{visit.place}：{visit.why}", "约好了"
    return Panel(
        kicker=kicker,
        title=title,
        text=f"来一次就够，{names}一起办。其余的由部门去办，您不用管。",
        href=reverse("applicant:my_visits", args=[view.id]),
        action="看要带什么" if visit.booked else "看要带什么，约时间",
        other_href="#ask",
        other="地址和电话",
    )


def _returned(view: CaseView, back: list[ResultView]) -> Panel:
    names = "、".join(one.name for one in back[:_MOST_NAMES])
    return Panel(
        kicker="快递退回来了",
        title=f"{names}：改地址，或者改成自己来领",
        text=f"快递说：{back[0].return_reason}。改好了再寄给您，运费还是到付。",
        href=reverse("applicant:my_delivery", args=[view.id]),
        action="改怎么拿",
        other_href="#ask",
        other="地址和电话",
    )


def _to_fetch(item: ItemView) -> bool:
    """Whether the result lies ready and the person wanted to fetch it."""
    return item.sub.state is State.DELIVERING and item.sub.delivery == "pick_up"


def _fetch(view: CaseView, ready: list[ItemView]) -> Panel:
    made = [item.item.result for item in ready if item.item.result]
    names = "、".join(result.name for result in made[:_MOST_NAMES])
    more = f"等 {len(made)} 样" if len(made) > _MOST_NAMES else ""
    notes = dict.fromkeys(result.pick_up_note for result in made if result.pick_up_note)
    usual = view.edition.wording.get("delivery", {}).get("pick_up_note", "")
    return Panel(
        kicker="办好了，等您来领",
        title=f"来领{names}{more}",
        text="；".join(notes) or usual,
        href=reverse("applicant:my_item", args=[view.id, ready[0].item.number]),
        action="看怎么领",
        other_href="#ask",
        other="地址和电话",
    )


# Somebody else's turn ------------------------------------------------------------------------


def _quiet(view: CaseView, away: frozenset[int]) -> Panel:
    ended = _ended(view)
    if ended:
        return ended
    title, text = "现在不用您做什么", _waiting(view, away)
    return Panel(title=title, text=text, is_quiet=True)


_ENDS = {
    CaseState.REFUSED: ("没有受理", "原因和能做什么写在通知书里，不清楚的请问综合窗口。"),
    CaseState.WITHDRAWN: ("已经撤回", "以后要办，可以重新申请。"),
    CaseState.TERMINATED: ("办理已经终止", "原因写在下面的进展里，不清楚的请问综合窗口。"),
}


def _ended(view: CaseView) -> Panel | None:
    case = view.case
    if not case.ended:
        return None
    on = dates.short_day(case.since) if case.since else ""
    if case.state is CaseState.CONCLUDED:
        tail = _names(view, case.open_items)
        text = f"{on}办结。" + (f"{tail}作为后续事项接着办，结果照样发消息。" if tail else "")
        return Panel(title="全部办好了" if not tail else "已经办结", text=text, is_quiet=True)
    title, text = _ENDS[case.state]
    return Panel(title=f"{on}{title}" if on else title, text=text, is_quiet=True)


def _names(view: CaseView, numbers: list[int]) -> str:
    return "、".join(view.edition.item(number).short_name for number in numbers)


def _waiting(view: CaseView, away: frozenset[int]) -> str:
    case = view.case
    if case.state is CaseState.SUBMITTED:
        return _pre_review(view)
    groups = [*_groups(view, away), *_milestones(view)]
    if not groups:
        since = dates.short_day(case.since) if case.since else ""
        lead = my_people.who(view, view.edition.lead_department)
        return f"事项都办完了，等{lead}办结，从 {since} 起。"
    return "；".join(groups) + "。有要您做的，我们发消息。"


def _pre_review(view: CaseView) -> str:
    case = view.case
    assert case.since
    who = my_people.who(view, next(iter(view.next_actors), view.edition.lead_department))
    days = view.edition.rules.notice_days
    by = deadlines.add_working_days(view.calendar, case.since.date(), days).on
    return f"等{who}预审，从 {dates.short_day(case.since)} 起，{dates.day(by)}前告诉您受理没有。"


def _groups(view: CaseView, away: frozenset[int]) -> Iterator[str]:
    """Who is at work on what, since when; outside bodies last."""
    held: dict[str, list[ItemView]] = {}
    for item in view.items:
        is_there = item.item.number not in away
        if is_there and item.holder and item.sub.state is not State.WAITING:
            held.setdefault(item.holder, []).append(item)
    outside = held.pop(turn.EXTERNAL, [])
    if len(held) > _MOST_NAMES:
        every = [item for items in held.values() for item in items]
        since = dates.short_day(min(item.sub.since for item in every))
        yield f"{len(held)} 个部门在办 {len(every)} 件，最早的从 {since} 起"
    else:
        for code, items in held.items():
            since = dates.short_day(min(item.sub.since for item in items))
            names = "、".join(item.item.short_name for item in items[:_MOST_NAMES])
            more = f"等 {len(items)} 件" if len(items) > _MOST_NAMES else ""
            yield f"{my_people.who(view, code)}在办{names}{more}，从 {since} 起"
    if away:
        yield f"{len(away)} 件正在送往承办部门"
    for item in outside:
        actor = item.item.external.actor if item.item.external else "外部单位"
        yield f"等{actor}办{item.item.short_name}，您可以提醒一下"


def _milestones(view: CaseView) -> Iterator[str]:
    """Milestones that somebody must bring about now, while items wait for them."""
    case = view.case
    if not any(sub.state is State.WAITING for sub in case.sub_cases.values()):
        return
    for milestone in view.edition.milestones:
        own = case.milestones.get(milestone.code)
        if own is None or not prerequisite.milestone_is_due(case, milestone.code):
            continue
        if own.requires or own.milestones:
            lead = my_people.who(view, view.edition.lead_department)
            yield f"等{lead}登记{milestone.name}"
        else:
            since = f"，从 {dates.short_day(case.submitted_at)} 起" if case.submitted_at else ""
            yield f"等{milestone.name}{since}"
