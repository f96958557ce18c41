"""*My case*: the list of one's own cases, and the page of one: whose turn, the map, what comes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lianban import clock
from lianban.cases import agents as agent_rules
from lianban.cases import coming, corrections, enquiry_lists, my_cases, queries
from lianban.cases.queries import CaseView, ItemView
from lianban.cases.services import agents, reapply
from lianban.cases.timeline import Line
from lianban.documents import papers
from lianban.engine.deadlines import Due
from lianban.engine.states import CaseState
from lianban.engine.turn import PersonalLimit
from lianban.web.applicant import answers, my_dates, my_people, my_rate, my_turn, my_withdraw
from lianban.web.applicant.my_open import item_href, own_case, page
from lianban.web.applicant.my_results import of_case as results_of
from lianban.web.components import access, case_map, metro, reaching, status
from lianban.web.components.parts import Entry

_RECENT = 6


@access.applicant
@never_cache
@require_safe
def cases(request: access.Request) -> HttpResponse:
    """List one's own cases and the form one has begun; a single case opens at once."""
    own = my_cases.own(request.actor)
    draft = answers.open_draft(request)
    if len(own) == 1 and draft is None:
        return HttpResponseRedirect(reverse("applicant:my_case", args=[own[0].id]))
    return render(request, "applicant/my/cases.html", {"cases": own, "draft": draft})


@access.applicant
@require_safe
@own_case
def case(request: access.Request, view: CaseView) -> HttpResponse:
    """Show the case: whose turn it is first, then the map, dates, visits and whom to call."""
    today = clock.now().date()
    owed = corrections.owed(view)
    visits = coming.of_case(view).goings
    reached = reaching.of_case(view)
    return page(
        request,
        "case",
        view,
        panel=my_turn.panel(view, owed, visits, today=today, away=my_turn.away(reached)),
        reached=reaching.lines_for_person(view, reached),
        codes=[_code(item) for item in view.items],
        map=case_map.of_case(
            view, href=lambda item: item_href(view, item), width=metro.APPLICANT_WIDTH
        ),
        dates=expected(view),
        visits=visits,
        limits=limits(view, today),
        recent=[entry(view, line) for line in recent(queries.history(view))],
        counters=my_people.counters(view),
        enquiries=enquiry_lists.of_case(view.id),
        papers=papers.available(view),
        results=results_of(view, actor=request.actor),
        may_rate=my_rate.may_rate(view),
        may_withdraw=my_withdraw.can_withdraw_all(view),
        may_reapply=reapply.may_reapply(view.case),
        remedies=remedies(view),
        agent_words=agent_rules.words(view.edition, agents.acting(case_id=view.id)),
    )


def remedies(view: CaseView) -> str:
    """Where one can appeal, on the page of a case that was not accepted or was ended by us."""
    if view.case.state not in (CaseState.REFUSED, CaseState.TERMINATED):
        return ""
    return view.edition.wording.get("notices", {}).get("denial_remedies", "")


def _code(item: ItemView) -> str:
    return status.of_sub_case(item.sub.state, outcome=item.sub.outcome or "").code


# Dates ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Unknown:
    """An item whose date cannot be worked out, and why."""

    item: ItemView
    href: str
    because: str


@dataclass(frozen=True)
class Known:
    """An item with its date."""

    item: ItemView
    href: str
    due: Due


@dataclass(frozen=True)
class Expected:
    """The dates of the open items."""

    known: tuple[Known, ...]
    unknown: tuple[Unknown, ...]

    @property
    def last(self) -> Due | None:
        """The latest date that is known."""
        return self.known[-1].due if self.known else None

    @property
    def all_done_on(self) -> date | None:
        """When everything is done; None while one date is unknown or provisional."""
        if self.unknown or self.last is None or self.last.provisional:
            return None
        return self.last.on


def expected(view: CaseView) -> Expected:
    """The dates of the undecided items, the earliest first, and those that nobody knows yet."""
    open_ = [item for item in view.items if not item.sub.ended and item.sub.outcome is None]
    known = [Known(item, item_href(view, item), item.due) for item in open_ if item.due]
    return Expected(
        tuple(sorted(known, key=lambda one: one.due.on)),
        tuple(
            Unknown(item, item_href(view, item), my_dates.unknown_because(view, item))
            for item in open_
            if item.due is None
        ),
    )


@dataclass(frozen=True)
class Limit:
    """A limit that the law sets the person, with the working of its date."""

    limit: PersonalLimit
    name: str
    is_past: bool
    #: The item has ended.
    is_met: bool
    #: The person applied on or before the day.
    in_time_on: date | None


def limits(view: CaseView, today: date) -> list[Limit]:
    """The person's own limits, those that were met marked."""
    handed_in = view.case.submitted_at.date() if view.case.submitted_at else None
    return [
        Limit(
            limit=one,
            name=view.edition.item(one.item).short_name,
            is_past=one.on < today,
            is_met=view.case.sub_cases[one.item].met,
            in_time_on=handed_in if handed_in and handed_in <= one.on else None,
        )
        for one in queries.personal_limits(view)
    ]


# What happened -------------------------------------------------------------------------------


def recent(lines: list[Line]) -> list[Line]:
    """The newest lines, one for each thing that happened: a decision implies what led to it."""
    found: dict[tuple[datetime, int | None], Line] = {}
    for line in lines:
        key = (line.at, line.item)
        if not line.is_quiet and (key not in found or found[key].event not in _TELLING):
            found[key] = line
    return list(reversed(found.values()))[:_RECENT]


_TELLING = frozenset({"Granted", "Denied"})
_YOU = frozenset({"CorrectionRequested", "DeferralGranted", "DeferralLapsed"})
_DONE = frozenset({"Granted", "Delivered", "Concluded", "ReceptionRegistered"})


def entry(view: CaseView, line: Line) -> Entry:
    """One line of the history for the person: offices instead of officers' names."""
    tone: Literal["you", "done", ""] = (
        "you" if line.event in _YOU else "done" if line.event in _DONE else ""
    )
    return Entry(title=line.text, at=line.at, who=_who(view, line), tone=tone)


def _who(view: CaseView, line: Line) -> str:
    if line.actor in ("申请人", "系统"):
        return "您" if line.actor == "申请人" else "系统"
    owner = view.edition.lead_department
    if line.item is not None:
        owner = view.case.sub_cases[line.item].department
    return view.edition.department_names[owner]


def entries(view: CaseView, *, item: int | None = None) -> Iterator[Entry]:
    """The whole history, newest first, or one item's."""
    for line in reversed(queries.history(view)):
        if item is None or line.item == item:
            yield entry(view, line)
