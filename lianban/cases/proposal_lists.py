"""What waits for the bureau's head, and what each proposal would lead to. Nothing is written."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from lianban.accounts.actor import Actor
from lianban.cases import editions, queries, worklists
from lianban.cases.models import ProposalRecord
from lianban.cases.queries import CaseView
from lianban.cases.services import proposals
from lianban.engine import events as e
from lianban.engine.decide import decide
from lianban.engine.refusal import Refused

TABS = ("open", "decided")
_WORDS = {
    "refuse_acceptance": "不予受理",
    "deny": "不予办理",
    "waive": "免一项前置",
    "terminate": "终止",
}
_WHOLE = _WORDS | {"refuse_acceptance": "不予受理整件", "terminate": "终止整件"}
_ENDING = (e.AcceptanceRefused, e.Denied, e.Terminated)


@dataclass(frozen=True)
class ProposalView:
    """One proposal as it is shown."""

    id: UUID
    case_id: UUID
    case_number: str
    person_name: str
    district_name: str
    item: int | None
    #: The item's short name; of a proposal about the whole case, nothing.
    item_name: str
    command: str
    reason: str
    #: What would be waived, in words.
    prerequisite: str
    by_id: UUID
    by_name: str
    at: datetime
    state: str
    state_label: str
    decided_by_name: str
    decided_at: datetime | None
    words: str

    @property
    def words_of(self) -> str:
        """What is proposed, in words."""
        return (
            f"{_WORDS[self.command]}：{self.item_name}" if self.item_name else _WHOLE[self.command]
        )

    @property
    def is_open(self) -> bool:
        """Whether it waits for the head."""
        return self.state == ProposalRecord.State.OPEN


@dataclass(frozen=True)
class Effect:
    """What an approval would lead to, as the rules see it now."""

    #: Short names of the items that end, that are blocked, and that can go ahead.
    ends: tuple[str, ...]
    blocks: tuple[str, ...]
    opens: tuple[str, ...]
    #: Why it could not be done any more.
    refusal: str = ""


def items(
    *, actor: Actor, tab: str, after: str = "", before: str = ""
) -> worklists.Page[ProposalView]:
    """The proposals of the actor's districts: `open` the oldest first, `decided` the newest first."""
    rows = _rows(actor)
    if tab == "decided":
        rows = rows.exclude(state=ProposalRecord.State.OPEN)
        page = worklists.paged(rows, "decided_at", True, after, before)
    else:
        rows = rows.filter(state=ProposalRecord.State.OPEN)
        page = worklists.paged(rows, "proposed_at", False, after, before)
    return worklists.Page([_view(row) for row in page.rows], page.next, page.previous)


def open_count(*, actor: Actor) -> int:
    """How many proposals wait in the actor's districts."""
    return _rows(actor).filter(state=ProposalRecord.State.OPEN).count()


def sent_back_count(*, actor: Actor) -> int:
    """How many of the actor's own proposals came back since nothing else was proposed."""
    mine = _rows(actor).filter(proposed_by_id=actor.user_id)
    return mine.filter(state=ProposalRecord.State.SENT_BACK).count()


def get(*, proposal_id: UUID, actor: Actor) -> ProposalView:
    """One proposal. Raises `Refused('unknown_proposal')`."""
    row = _rows(actor).filter(id=proposal_id).first()
    if row is None:
        raise Refused("unknown_proposal", "没有这件提请")
    return _view(row)


def open_of(case_id: UUID) -> list[UUID]:
    """The open proposals of a case, for operators and jobs."""
    rows = ProposalRecord.objects.filter(case_id=case_id, state=ProposalRecord.State.OPEN)
    return list(rows.values_list("id", flat=True))


def of_case(view: CaseView) -> list[ProposalView]:
    """The open proposals of a case, and those that were sent back last, for officers."""
    rows = ProposalRecord.objects.filter(case_id=view.id).order_by("-proposed_at")
    rows = rows.select_related("case__person", "case__district", "proposed_by", "decided_by")
    newest: dict[int | None, ProposalRecord] = {}
    for row in rows:
        newest.setdefault(row.item, row)
    shown = (ProposalRecord.State.OPEN, ProposalRecord.State.SENT_BACK)
    return [_view(row) for row in newest.values() if row.state in shown]


def effect(proposal: ProposalView, view: CaseView, *, at: datetime) -> Effect:
    """What an approval would lead to; `refusal` says why it no longer can."""
    command = proposals.command_of(ProposalRecord.objects.get(id=proposal.id))
    try:
        events = decide(view.edition, view.case, command, at=at, calendar=view.calendar)
    except Refused as refusal:
        return Effect((), (), (), refusal.message)
    ended: list[int] = []
    for event in events:
        if isinstance(event, _ENDING):
            ended += view.case.open_items if event.item is None else [event.item]

    def names(*kinds: type[e.Event]) -> tuple[str, ...]:
        found = [getattr(event, "item", None) for event in events if isinstance(event, kinds)]
        return tuple(view.edition.item(n).short_name for n in found if n is not None)

    return Effect(
        ends=tuple(view.edition.item(n).short_name for n in ended),
        blocks=names(e.Blocked),
        opens=names(e.Readied, e.Unblocked),
    )


def _rows(actor: Actor) -> QuerySet[ProposalRecord]:
    rows = ProposalRecord.objects.filter(case__district_id__in=actor.districts)
    return rows.select_related("case__person", "case__district", "proposed_by", "decided_by")


def _view(row: ProposalRecord) -> ProposalView:
    edition = editions.pinned(row.case.edition_id, row.case.edition_hash)
    node = str(row.values.get("prerequisite", ""))
    return ProposalView(
        id=row.id,
        case_id=row.case_id,
        case_number=row.case.case_number,
        person_name=row.case.person.name,
        district_name=row.case.district.name,
        item=row.item,
        item_name=edition.item(row.item).short_name if row.item is not None else "",
        command=row.command,
        reason=str(row.values.get("reason") or row.values.get("grounds") or ""),
        prerequisite=queries.node_name(edition, int(node) if node.isdecimal() else node),
        by_id=row.proposed_by_id,
        by_name=row.proposed_by.name,
        at=row.proposed_at,
        state=row.state,
        state_label=ProposalRecord.State(row.state).label,
        decided_by_name=row.decided_by.name if row.decided_by else "",
        decided_at=row.decided_at,
        words=row.words,
    )
