"""A few things of the demonstration that went astray: a leave, a move, a wrong number, a proposal."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import cache, partial
from uuid import UUID

from lianban.accounts.actor import Actor
from lianban.cases import absence_lists, enquiry_lists, forms, queries, worklists
from lianban.cases.queries import CaseView
from lianban.cases.services import absences, enquiries, moves, person_corrections, proposals
from lianban.engine import commands as c
from lianban.engine.refusal import Refused
from lianban.ops.demo_people import Cast

_DAYS = 4


def load(*, at: datetime) -> None:
    """Show one of each where the city has somebody for it; what does not fit is left out."""
    cast = Cast()
    for bureau in cast.bureaus():
        key = (bureau.district or "", bureau.department or "", "bureau_head")
        head = next(iter(cast.by_place.get(key, ())), None)
        rows = worklists.cases(actor=bureau, show="handling", today=at.date()).rows
        opened = cache(partial(_opened, bureau=bureau, at=at))
        ids = [row.id for row in rows]
        _proposed(map(opened, ids), bureau, at)
        _offered(map(opened, ids), bureau, at)
        _conflicting([opened(one) for one in ids[-2:]], bureau, at)
        if head is not None:
            _away(head, at)
    for (_, _, role), officers in cast.by_place.items():
        if role == "department_officer":
            _answered(officers[0], at)


def _opened(case_id: UUID, *, bureau: Actor, at: datetime) -> CaseView:
    return queries.get(case_id=case_id, actor=bureau, at=at)


def _proposed(cases: Iterable[CaseView], bureau: Actor, at: datetime) -> None:
    """One item is to be ended."""
    for view in cases:
        for number in view.case.holding_up:
            command = c.Terminate(_reason(view, "terminate"), number)
            if _tried(partial(proposals.propose, command, case_id=view.id, actor=bureau, at=at)):
                return


def _offered(cases: Iterable[CaseView], bureau: Actor, at: datetime) -> None:
    """One case goes to the next county, if its bureau takes it."""
    target = next(iter(moves.targets(bureau.district or "")), "")
    for view in cases:
        offer = partial(moves.propose, district=target, reason="配偶在那里落户，申请易地安置")
        if _tried(partial(offer, case_id=view.id, actor=bureau, at=at)):
            return


def _conflicting(cases: list[CaseView], bureau: Actor, at: datetime) -> None:
    """Somebody is said to have another one's number."""
    if len(cases) < 2:
        return
    one, other = cases[-1], cases[-2]
    field = person_corrections.person_fields(other.edition)[person_corrections.NUMBER]
    content = forms.latest(other.id)
    if content is not None:
        number = content.fields[field.code]
        _tried(
            lambda: person_corrections.correct(
                case_id=one.id,
                values={field.code: number},
                original_seen=True,
                actor=bureau,
                at=at,
            )
        )


def _away(head: Actor, at: datetime) -> None:
    """The first officer with a colleague is on leave from today."""
    for officer in absence_lists.reachable(head):
        for deputy in absence_lists.colleagues(officer)[:1]:
            if _leave(officer.id, deputy.id, head, at):
                return


def _leave(officer_id: UUID, deputy_id: UUID, head: Actor, at: datetime) -> bool:
    return _tried(
        lambda: absences.declare(
            officer_id=officer_id,
            deputy_id=deputy_id,
            from_on=at.date(),
            to_on=at.date() + timedelta(days=_DAYS),
            actor=head,
            at=at,
        )
    )


def _answered(officer: Actor, at: datetime) -> None:
    """All but the last of what people asked is answered."""
    for one in enquiry_lists.items(actor=officer, tab="open").rows[:-1]:
        text = "请带户口簿和退役证件，到居住地的学区学校登记，一周内答复"
        _tried(partial(enquiries.answer, enquiry_id=one.id, text=text, actor=officer, at=at))


def _reason(view: CaseView, command: str) -> str:
    """The plan's first standard reason for a command."""
    words = view.edition.wording.get("reasons", {})
    return next((text for code, text in words.items() if code.startswith(f"{command}.")), "其他")


def _tried(act: Callable[[], object]) -> bool:
    try:
        act()
    except Refused:
        return False
    return True
