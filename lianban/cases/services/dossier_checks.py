"""Checking a dossier piece by piece: complete and received, or incomplete and sent back.

What was looked at stays with the dossier, so one that comes again goes on where it was.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from lianban.accounts.actor import Actor
from lianban.cases import impersonal, store
from lianban.cases.models import DossierRecord, DossierReturnRecord
from lianban.cases.services import dossier_pieces, dossiers, record
from lianban.cases.services.dossier_pieces import PieceView
from lianban.catalogue.model import Edition
from lianban.engine.records import DossierReturnTakenBack, DossierSentBack, Record
from lianban.engine.refusal import Refused
from lianban.journal.models import JournalEntry

State = DossierRecord.State
#: More pages than this are a slip of the finger.
MOST_PAGES = 2000
_LONGEST_NUMBER = 40
_OLDEST_YEARS = 10


@dataclass(frozen=True)
class Looked:
    """What somebody saw of one piece."""

    there: bool
    pages: int | None = None


@dataclass(frozen=True)
class Checked:
    """What was seen of a dossier: pieces by code; numbers and days on papers by material code."""

    pieces: Mapping[str, Looked] = field(default_factory=dict)
    numbers: Mapping[str, str] = field(default_factory=dict)
    dates: Mapping[str, date] = field(default_factory=dict)
    remark: str = ""


@transaction.atomic
def keep(*, dossier_id: UUID, seen: Checked, actor: Actor, at: datetime) -> None:
    """Keep what was seen so far; the dossier is being checked.

    Raises `Refused`: `unknown_case`, `not_ready` once it is received, `unknown_piece`,
    `wrong_pages`, `wrong_date`, `wrong_number` (with `complaints` by piece code), `personal_value`.
    """
    found = _kept(dossier_id, seen, actor, at)
    if found.state != State.CHECKING:
        found.state = State.CHECKING
        found.save(update_fields=["state"])


@transaction.atomic
def receive(*, dossier_id: UUID, seen: Checked | None, actor: Actor, at: datetime) -> str:
    """The dossier is complete: receive it, which opens what waits; in words what became of it.

    `seen` None: everything that the plan asks for is there, without a look at each. Raises as `keep`,
    `pieces_missing` (with `pieces`), `missing_date` for a letter without its day, `name_differs`.
    """
    found = _kept(dossier_id, seen or _everything(dossier_id, actor), actor, at)
    views = dossier_pieces.of(found, dossiers.edition_of(found.district_id))
    lacking = [view.piece for view in views if view.is_lacking]
    if lacking:
        names = "、".join(piece.name for piece in lacking)
        raise Refused(
            "pieces_missing",
            f"还缺：{names}。找到了勾上再收；确实没有，就退回去补",
            pieces=[piece.code for piece in lacking],
        )
    undated = [view for view in views if view.ends and view.there and not view.dated]
    if undated:
        raise Refused(
            "missing_date",
            f"请填「{undated[0].piece.name}」上写的日期，过了期不能用",
            complaints={view.piece.code: "请填上面写的日期" for view in undated},
        )
    return dossiers.moved(found.id, State.RECEIVED, (), found.remark, actor, at)


def _everything(dossier_id: UUID, actor: Actor) -> Checked:
    """Every required piece is there, the others as they were seen."""
    found = dossiers.locked(dossier_id, actor)
    views = dossier_pieces.of(found, dossiers.edition_of(found.district_id))
    return Checked(
        pieces={v.piece.code: Looked(True, v.pages) for v in views if v.is_required or v.there},
        numbers=dossier_pieces.numbers_of(found),
        dates={code: date.fromisoformat(day) for code, day in found.paper_dates.items()},
        remark=found.remark,
    )


@transaction.atomic
def send_back(*, dossier_id: UUID, seen: Checked, actor: Actor, at: datetime) -> int:
    """Send an incomplete dossier back; the sequence of the return, for its letter.

    The person is told where there is a case. Raises as `keep`, and `nothing_missing`.
    """
    before = dossiers.locked(dossier_id, actor).state
    found = _kept(dossier_id, seen, actor, at)
    views = dossier_pieces.of(found, dossiers.edition_of(found.district_id))
    lacking = [view.piece.code for view in views if view.is_lacking]
    if not lacking:
        raise Refused("nothing_missing", "必须有的都在，不用退回。请点“齐了，接收”")
    found.state = State.INCOMPLETE
    found.save(update_fields=["state"])
    sequence = found.returns.count() + 1
    DossierReturnRecord.objects.create(
        dossier=found,
        sequence=sequence,
        pieces=lacking,
        before=State.CHECKING if before == State.INCOMPLETE else before,
        returned_by_id=actor.user_id,
        at=at,
    )
    _tell_case(found, DossierSentBack(at, tuple(lacking)), actor, at)
    return sequence


@transaction.atomic
def take_back(*, dossier_id: UUID, actor: Actor, at: datetime) -> None:
    """Undo the last step (a return, or a reception) while nothing has moved on from it.

    Raises `Refused('moved_on')` once the letter is numbered or the case has gone on.
    """
    found = dossiers.locked(dossier_id, actor)
    if found.state == State.INCOMPLETE:
        last = found.returns.filter(taken_back_at=None).order_by("-sequence").first()
        if last is None or last.printed_at is not None:
            raise Refused("moved_on", "退回的函已经编号打印，撤不了。档案再来时重新扫一次就行")
        last.taken_back_at = at
        last.save(update_fields=["taken_back_at"])
        found.state = last.before
        _tell_case(found, DossierReturnTakenBack(at), actor, at)
    elif found.state == State.RECEIVED:
        case = dossiers.running_case(found)
        events = JournalEntry.objects.filter(event="DossierReceived")
        if case is not None and events.filter(case_id=case.id).exists():
            raise Refused("moved_on", "办件已经往下走了，撤不了")
        found.state = State.CHECKING
    else:
        return
    found.updated_at = at
    found.save(update_fields=["state", "updated_at"])


def _tell_case(found: DossierRecord, what: Record, actor: Actor, at: datetime) -> None:
    """Journal it in the person's case, unless it is not certain that it is theirs."""
    case = dossiers.running_case(found)
    if case is None or dossiers.names_in_conflict(found):
        return
    with store.begun() as raw:
        loaded = store.load(raw, case.id)
        record.authorise(loaded, "receive_dossier", actor)
        record.write(raw, loaded, what, actor=actor, at=at)


# What was seen ---------------------------------------------------------------------------------


def _kept(dossier_id: UUID, seen: Checked, actor: Actor, at: datetime) -> DossierRecord:
    found = dossiers.locked(dossier_id, actor)
    if found.state == State.RECEIVED:
        raise Refused("not_ready", "已经接收了，不能再改")
    edition = dossiers.edition_of(found.district_id)
    views = {view.piece.code: view for view in dossier_pieces.of(found, edition)}
    _require_sense(seen, views, at)
    impersonal.require(seen.remark, today=at.date())
    found.pieces = {
        code: {"there": looked.there, "pages": looked.pages} for code, looked in seen.pieces.items()
    }
    found.vouchers = _vouchers(found, seen, views)
    came = set(found.vouchers)
    numbers = {code: text.strip() for code, text in seen.numbers.items() if text.strip()}
    numbers = {code: text for code, text in numbers.items() if code in came}
    found.voucher_numbers = dossier_pieces.sealed_numbers(numbers, dossier_id=found.id)
    found.paper_dates = {c: day.isoformat() for c, day in seen.dates.items() if c in came}
    found.letter_until = _first_end(edition, found)
    found.arrived_on = found.arrived_on or at.date()
    found.remark, found.updated_at = seen.remark[:200], at
    found.save()
    return found


def _vouchers(found: DossierRecord, seen: Checked, views: Mapping[str, PieceView]) -> list[str]:
    """Materials that came along: by their pieces, and those that no piece speaks of."""
    carried = {view.piece.material for view in views.values() if view.piece.material}
    there = [views[code].piece.material for code, looked in seen.pieces.items() if looked.there]
    return [code for code in found.vouchers if code not in carried] + [m for m in there if m]


def _first_end(edition: Edition, found: DossierRecord) -> date | None:
    ends = [dossiers.ends_on(edition, code, day) for code, day in found.paper_dates.items()]
    return min((end for end in ends if end), default=None)


def _require_sense(seen: Checked, views: Mapping[str, PieceView], at: datetime) -> None:
    """Raise `Refused` with a complaint for each piece that cannot be as it was typed."""
    if set(seen.pieces) - set(views):
        raise Refused("unknown_piece", "清单变了，请刷新页面再试")
    wrong: dict[str, tuple[str, str]] = {}
    for code, view in views.items():
        looked, material = seen.pieces.get(code), view.piece.material
        if looked and looked.pages is not None and not 1 <= looked.pages <= MOST_PAGES:
            wrong[code] = ("wrong_pages", f"页数请写 1 到 {MOST_PAGES}")
        elif len(number := seen.numbers.get(material, "").strip()) > _LONGEST_NUMBER:
            wrong[code] = ("wrong_number", f"编号最多 {_LONGEST_NUMBER} 个字")
        elif (day := seen.dates.get(material)) and not _is_likely(day, at):
            wrong[code] = ("wrong_date", "请核对日期：不能晚于今天，也不会早于十年前")
        elif number:
            impersonal.require_document_number(number, today=at.date())
    if wrong:
        code, words = next(iter(wrong.values()))
        complaints = {piece: text for piece, (_, text) in wrong.items()}
        raise Refused(code, words, complaints=complaints)


def _is_likely(day: date, at: datetime) -> bool:
    return at.year - _OLDEST_YEARS <= day.year and day <= at.date()
