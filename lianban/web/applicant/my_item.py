"""One item of one's own case: where it stands, why this date, its materials, its result."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from lianban import clock
from lianban.cases import corrections, queries, standing
from lianban.cases.queries import CaseView, ItemView
from lianban.documents import papers
from lianban.engine import turn
from lianban.engine.states import Outcome, State
from lianban.web.applicant import (
    my_case,
    my_dates,
    my_money,
    my_people,
    my_results,
    my_turn,
    my_withdraw,
)
from lianban.web.applicant.my_open import item_href, own_case, page
from lianban.web.applicant.my_turn import Panel
from lianban.web.components import access, dates, reaching

_DENIALS = frozenset({"Denied", "AcceptanceRefused", "Terminated"})


@access.applicant
@require_safe
@own_case
def item(request: access.Request, view: CaseView, number: int) -> HttpResponse:
    """Show one item of the case."""
    shown = view.item(number)
    return page(
        request,
        "item",
        view,
        crumb=f"{number} {shown.item.short_name}",
        item=shown,
        now=now_words(view, shown),
        panel=_asked(view, shown),
        why=my_dates.why(view, shown),
        law=my_dates.law(shown),
        before=_neighbours(view, list(shown.sub.requires)),
        milestones=_milestones(view, shown),
        after=_neighbours(view, my_withdraw.waiting_directly(view, number)),
        materials=[one for one in queries.materials(view) if number in one.items],
        result=result(view, shown),
        made=my_results.of_item(view, number, actor=request.actor),
        denial=denial(view, shown),
        money=my_money.of_item(view, shown),
        history=list(my_case.entries(view, item=number)),
        papers=[link for link in papers.available(view) if link.item == number],
        contacts=my_people.of_department(view, shown.sub.department),
        withdrawable=my_withdraw.can_withdraw(view, shown),
    )


def _asked(view: CaseView, shown: ItemView) -> Panel | None:
    """What this item asks of the person now, or None."""
    if shown.sub.state is not State.CORRECTION_DUE:
        return None
    owed = [one for one in corrections.owed(view) if shown.item.number in one.items]
    return my_turn.panel(view, owed, [], today=clock.now().date()) if owed else None


_ENDS = {
    State.CONCLUDED: "办好了",
    State.SATISFIED: "知道已经办好，不用再办",
    State.REFUSED: "没有受理",
    State.WITHDRAWN: "您撤回了",
    State.TERMINATED: "终止了",
}


def now_words(view: CaseView, shown: ItemView) -> str:
    """Who must do what now, and since when."""
    sub, since = shown.sub, dates.short_day(shown.sub.since)
    if sub.ended:
        denied = sub.outcome is Outcome.DENIED
        return f"{since}{'决定不予办理' if denied else _ENDS[sub.state]}"
    if sub.state is State.CORRECTION_DUE:
        return f"等您补材料，从 {since} 起"
    sent = reaching.for_person(view, shown, reaching.of_case(view))
    if sent:
        return sent
    if sub.state is State.EXTERNAL and shown.item.external:
        return f"等{shown.item.external.actor}，从 {since} 起。您可以提醒一下"
    if sub.state is State.SUSPENDED:
        reason = standing.suspension_reason(case_id=view.id, item=sub.number)
        return f"{since}起暂停：{reason}。这段不计天数"
    if shown.waiting_for:
        verb = "前面没有办成：" if sub.state is State.BLOCKED else "等 "
        return f"{verb}{'、'.join(shown.waiting_for)}，从 {since} 起"
    if sub.state is State.DELIVERING:
        return f"结果办出来了，{since}起送给您"
    holder = my_people.who(view, shown.holder or turn.APPLICANT)
    return f"{holder}在办，从 {since} 起"


@dataclass(frozen=True)
class Neighbour:
    """An item before or after this one."""

    item: ItemView
    href: str


def _neighbours(view: CaseView, numbers: list[int]) -> list[Neighbour]:
    return [
        Neighbour(item, item_href(view, item)) for item in view.items if item.item.number in numbers
    ]


@dataclass(frozen=True)
class Point:
    """A milestone before this item."""

    name: str
    reached: str


def _milestones(view: CaseView, shown: ItemView) -> list[Point]:
    names = {m.code: m.name for m in view.edition.milestones}
    found = []
    for code in shown.sub.milestones:
        own = view.case.milestones.get(code)
        at = own.reached_at if own else None
        found.append(Point(names.get(code, code), dates.short_day(at) if at else ""))
    return found


@dataclass(frozen=True)
class ResultView:
    """What the item issues: its name, its number, how it comes, what to bring."""

    name: str
    number: str
    way: str
    note: str
    is_there: bool


def result(view: CaseView, shown: ItemView) -> ResultView | None:
    """The result in words; None where the item issues nothing, or was not granted."""
    made, sub = shown.item.result, shown.sub
    if made is None or (sub.ended and sub.outcome is not Outcome.GRANTED):
        return None
    words = view.edition.wording.get("delivery", {})
    way = sub.delivery
    note = made.pick_up_note if way == "pick_up" else ""
    sent = view.edition.wording.get("notices", {}).get("message_issued_courier", "")
    return ResultView(
        name=made.name,
        number=shown.result_number,
        way=words.get(f"{way}_short", ""),
        note=note or (sent if way == "courier" else words.get(f"{way}_note", "")),
        is_there=sub.outcome is Outcome.GRANTED,
    )


@dataclass(frozen=True)
class Denial:
    """Why it was not done, and what can be done."""

    text: str
    remedies: str


def denial(view: CaseView, shown: ItemView) -> Denial | None:
    """The last refusal of this item, while it stands."""
    sub = shown.sub
    denied = sub.outcome is Outcome.DENIED or sub.state in (State.REFUSED, State.TERMINATED)
    if not denied:
        return None
    lines = [line for line in queries.history(view) if line.event in _DENIALS]
    own = [line for line in lines if line.item in (None, sub.number)]
    remedies = view.edition.wording.get("notices", {}).get("denial_remedies", "")
    return Denial(own[-1].text if own else "", remedies)
