"""What comes in from partners: each message has its effect once, whatever is repeated, late or lost.

The inbox row and the effect are one transaction. A repeat gets the first answer again. What fits
nothing, or nothing yet, is parked: kept, shown to a person, and tried again when more of its
sub-case has come. What is wrong in itself is complained of, and the sender does not repeat it.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import IntegrityError, transaction
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet
from pydantic import ValidationError

from lianban import vault
from lianban.cases import handed_out, services
from lianban.engine.refusal import Refused
from lianban.exchange import contract, partners, receipts, registry, rounds, tasks
from lianban.exchange.adapter import Heard
from lianban.exchange.models import InboxMessage, PartnerRecord, TaskRecord
from lianban.outbox.models import OutboxMessage

State = InboxMessage.State
log = structlog.get_logger()
_TABLE = "exchange_inboxmessage"
#: It came before its turn by the sender's own count: it waits for what is missing, but not for ever.
OUT_OF_TURN = "out_of_turn"
#: It came after what the sender said later: the later word stands, and a person looks.
LATE = "late"
PATIENCE = timedelta(minutes=10)
_FORGOTTEN = "这条来件放得太久，内容已按规定清除，不能再照它办；请问清楚了，写一句怎么处理的"
#: The most parked messages of one subject that are tried again for one that came.
_MOST_AGAIN = 30
#: What a message said may hold a person's values, and is forgotten after this time.
KEPT = timedelta(days=30)
#: A parked one keeps its own longer, for it may yet have its effect; but no person's values are kept
#: for ever just in case, and after half a year the sub-case has long gone on without it.
KEPT_PARKED = timedelta(days=180)
#: Refusals of what a message says: it will never be right. All others are about the moment.
_WRONG = frozenset(
    {
        "bad_file",
        "deferral_not_allowed",
        "has_file",
        "needs_grounds",
        "personal_value",
        "too_long",
        "unknown_defect",
        "unknown_department",
        "unknown_event",
        "unknown_material",
        "wrong_time",
    }
)


@dataclass(frozen=True)
class _Read:
    """A message whose body is as the contract says."""

    envelope: contract.Envelope
    word: str
    data: contract.Part


def receive(*, partner: PartnerRecord, body: bytes, at: datetime) -> receipts.Taken:
    """Take one message of a partner whose signature was good."""
    try:
        envelope = contract.Envelope.model_validate_json(body)
    except ValidationError as error:
        return receipts.complaint_about(error, "")
    digest = hashlib.sha256(body).hexdigest()
    with transaction.atomic():
        known = _known(partner, envelope, digest)
        if known is not None:
            return known
        row = _enter(partner, envelope, body, digest, at)
        if row is None:  # the same message came at the same moment and was first
            return _known(partner, envelope, digest) or receipts.Taken(409, {})
        taken = _take(row, envelope, at, turn=_turn(row))
        row.answer_status, row.answer = taken.status, taken.answer
        row.save()
    # what it waits for may have come while this was written, and saw nothing of it
    if row.code != OUT_OF_TURN or _tried(row.id, at, in_turn=True):
        _try_parked_again(row, at)
    return taken


def forget_bodies(*, at: datetime) -> int:
    """Forget what old messages said that will have no effect any more; how many were forgotten.

    That is what is done with; what is parked as soon as nobody has looked at it, or was about to,
    for `KEPT`, and in any case after `KEPT_PARKED`. Their digests stay, so that a repeat is known
    and a difference can be shown.
    """
    looked_at = TaskRecord.objects.filter(
        Q(closed_at=None) | Q(closed_at__gte=at - KEPT),
        kind=TaskRecord.Kind.PARKED,
        partner=OuterRef("partner"),
        about=OuterRef("message_id"),
    )
    old = InboxMessage.objects.filter(received_at__lt=at - KEPT).exclude(body=b"")
    over = ~Q(state=State.PARKED) | Q(received_at__lt=at - KEPT_PARKED) | ~Exists(looked_at)
    return old.filter(over).update(body=b"")


def body(row: InboxMessage) -> bytes:
    """What a message said; nothing where it is forgotten. Raises `vault.Unreadable`."""
    if not row.body:
        return b""
    return vault.decrypt(bytes(row.body), table=_TABLE, column="body", row=_place(row))


def apply_again(
    *, inbox_id: int, at: datetime, in_turn: bool = False, any_round: bool = False
) -> bool:
    """Try a parked message again; whether it had its effect. Its task is closed with it.

    `in_turn` waits for what the sender said before it; `any_round` takes what answers an earlier
    time that the sub-case was sent. A person need neither wait nor mind.

    Raises `Refused`: `unknown_message`, and `forgotten` where what it said was kept long enough.
    """
    with transaction.atomic():
        row = InboxMessage.objects.select_for_update(of=("self",)).filter(id=inbox_id).first()
        if row is None:
            raise Refused("unknown_message", "没有这条消息")
        if row.state != State.PARKED:
            return row.state == State.APPLIED
        if not row.body:
            raise Refused("forgotten", _FORGOTTEN)
        if in_turn and row.code == OUT_OF_TURN and not _is_its_turn(row):
            return False
        envelope = contract.Envelope.model_validate_json(body(row))
        _take(row, envelope, at, any_round=any_round)
        if row.state == State.PARKED:
            row.save()
            return False
        row.settled_at = at
        row.save()
        note = "后来对上了，已自动处理"
        about = row.message_id
        tasks.settle(
            kind=TaskRecord.Kind.PARKED, partner=row.partner, about=about, note=note, at=at
        )
        return row.state == State.APPLIED


# Once ------------------------------------------------------------------------------------------


def _known(
    partner: PartnerRecord, envelope: contract.Envelope, digest: str
) -> receipts.Taken | None:
    """The first answer to a message that came before."""
    rows = InboxMessage.objects.filter(partner=partner, message_id=envelope.id)
    row = rows.only("digest", "answer_status", "answer").first()
    if row is None:
        return None
    if row.digest != digest:
        return receipts.complaint(
            409, "id_reused", "another message came under this id before", where="id",
            what_to_do="give every new message an id of its own",
        )  # fmt: skip
    return receipts.Taken(row.answer_status, row.answer)


def _enter(
    partner: PartnerRecord, envelope: contract.Envelope, body_: bytes, digest: str, at: datetime
) -> InboxMessage | None:
    """Enter a message into the inbox; None where it is there already."""
    row = InboxMessage(
        partner=partner,
        message_id=envelope.id,
        type=contract.word_of(envelope.type)[:40],
        subject=envelope.subject,
        partner_sequence=int(envelope.sequence) if envelope.sequence else None,
        received_at=at,
        digest=digest,
        state=State.PARKED,
    )
    row.body = vault.encrypt(body_, table=_TABLE, column="body", row=_place(row))
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return None
    return row


def _place(row: InboxMessage) -> str:
    return f"{row.partner_id}/{row.message_id}"


# The effect ------------------------------------------------------------------------------------


def _take(
    row: InboxMessage,
    envelope: contract.Envelope,
    at: datetime,
    *,
    turn: str = "",
    any_round: bool = False,
) -> receipts.Taken:
    """Let a message have its effect and set where its row stands; the row is saved by the caller.

    `turn` is why it has none yet: it came before, or long after, its turn.
    """
    partner = row.partner
    try:
        read = _read(partner, envelope)
    except ValidationError as error:
        row.state, row.code = State.REFUSED, "wrong_body"
        return receipts.complaint_about(error, "data.")
    if read is None:
        row.state, row.code = State.REFUSED, "unknown_type"
        return receipts.complaint(
            422, "unknown_type", "this partner cannot send messages of this type", where="type"
        )
    try:
        with transaction.atomic():
            stands = _effect(row, read, at, turn, any_round=any_round)
    except Refused as refusal:
        _keep_refused_notice(row, read, refusal, at)
        return _refused(row, refusal, at)
    row.state, row.code = State.APPLIED, ""
    return receipts.Taken(200, receipts.receipt(row, "applied", state=stands))


def _read(partner: PartnerRecord, envelope: contract.Envelope) -> _Read | None:
    """Read a message's body; None for a type that the contract, or the adapter, does not know."""
    word = contract.word_of(envelope.type)
    model = contract.IN.get(word)
    if model is None or word not in registry.adapter(partner.adapter).hears:
        return None
    return _Read(envelope, word, model.model_validate(envelope.data))


def _effect(
    row: InboxMessage, read: _Read, at: datetime, turn: str, *, any_round: bool = False
) -> str:
    """Find what the message is about and let the adapter hear it. Raises `Refused`."""
    partner = row.partner
    named = contract.parse_sub_case(read.envelope.subject)
    if named is not None:
        found = handed_out.find(case_number=named[0], item=named[1])
        if found is None or found[1] != partner.code:
            raise Refused("unknown_case", "没有这个子办件，或者不归这个部门办理")
        row.case_id, row.item = found[0], named[1]
        if not any_round:
            rounds.require_newest(
                read.envelope.round, case_id=found[0], item=named[1], department=partner.code
            )
    elif ":" not in read.envelope.subject:
        raise Refused("unknown_case", "看不出这条消息说的是哪个子办件")
    if turn:
        raise Refused(turn, "前一条消息还没到，或者后一条已经处理了")
    heard = Heard(
        partner=partner,
        envelope=read.envelope,
        data=read.data,
        actor=partners.actor(partner),
        at=at,
        case_id=row.case_id,
        item=row.item,
    )
    return registry.adapter(partner.adapter).hears[read.word](heard)


def _keep_refused_notice(row: InboxMessage, read: _Read, refusal: Refused, at: datetime) -> None:
    """The savepoint took the record with it. One that is tried again for nothing is counted once."""
    if (
        isinstance(read.data, contract.RequestCorrection)
        and refusal.code != row.code
        and row.case_id is not None
    ):
        services.count_refused_notice(
            refusal,
            item=row.item,
            defects=read.data.defects,
            case_id=row.case_id,
            actor=partners.actor(row.partner),
            at=at,
        )


def _refused(row: InboxMessage, refusal: Refused, at: datetime) -> receipts.Taken:
    """Complain of what is wrong in itself; park what does not fit, with a task for a person."""
    row.code = refusal.code
    if refusal.code in _WRONG:
        row.state = State.REFUSED
        return receipts.complaint(
            422, refusal.code, refusal.message, where="data",
            what_to_do="请按 message 说的改 data，用新编号再发，sequence 不变。",
        )  # fmt: skip
    row.state = State.PARKED
    tasks.about_incoming(row, at=at)
    return receipts.Taken(202, receipts.receipt(row, "parked", code=refusal.code))


def _turn(row: InboxMessage) -> str:
    """Why it is not this message's turn; empty where it is, or where the sender does not count."""
    if row.partner_sequence is None:
        return ""
    last = _last_in_turn(row)
    if row.partner_sequence > last:
        return "" if row.partner_sequence == last + 1 else OUT_OF_TURN
    # one that was refused may come mended, under its old number
    taken = _highest(_seen(row).exclude(state=State.REFUSED))
    return "" if row.partner_sequence > taken else LATE


def _is_its_turn(row: InboxMessage) -> bool:
    return row.partner_sequence is None or row.partner_sequence <= _last_in_turn(row) + 1


def _last_in_turn(row: InboxMessage) -> int:
    """How far this sender has come with this subject."""
    return _highest(_seen(row))


def _seen(row: InboxMessage) -> QuerySet[InboxMessage]:
    """The sender's other messages about this subject, those apart that wait for their turn."""
    same = InboxMessage.objects.filter(partner=row.partner, subject=row.subject)
    return same.exclude(id=row.id).exclude(state=State.PARKED, code=OUT_OF_TURN)


def _highest(rows: QuerySet[InboxMessage]) -> int:
    last: int | None = rows.aggregate(last=Max("partner_sequence"))["last"]
    return last or 0


def _parked() -> QuerySet[InboxMessage]:
    """What may yet fit by itself: what came before the sub-case was sent once more speaks of an
    earlier round, and a person looks at it.
    """
    again = OutboxMessage.objects.filter(
        case_id=OuterRef("case_id"),
        item=OuterRef("item"),
        department=OuterRef("partner_id"),
        topic="dispatch",
        created_at__gt=OuterRef("received_at"),
    )
    return InboxMessage.objects.filter(~Exists(again), state=State.PARKED)


def wait_no_longer(*, at: datetime) -> int:
    """Take what waited for its turn, now that it has come, or after ten minutes without; how many.

    Whoever took the earlier message tries what waits for it; he may have been killed before, or
    both came at the same moment.
    """
    ordered = (
        _parked().filter(code=OUT_OF_TURN).order_by("partner_id", "subject", "partner_sequence")
    )
    return sum(
        _tried(number, at, in_turn=came > at - PATIENCE)
        for number, came in list(ordered.values_list("id", "received_at"))
    )


def _try_parked_again(row: InboxMessage, at: datetime) -> None:
    """What came too early on this subject may fit now; in the sender's order, while something does."""
    parked = _parked().filter(partner=row.partner, subject=row.subject)
    parked = parked.exclude(code__in=[LATE, rounds.OTHER_ROUND])
    if row.state != State.APPLIED:  # nothing moved; the count may have
        parked = parked.filter(code=OUT_OF_TURN)
    ordered = parked.order_by(F("partner_sequence").asc(nulls_last=True), "received_at", "id")
    names = list(ordered.values_list("id", flat=True)[:_MOST_AGAIN])
    moved = bool(names)
    while moved:
        fits = [name for name in names if _tried(name, at, in_turn=True)]
        names = [name for name in names if name not in fits]
        moved = bool(fits and names)


def _tried(number: int, at: datetime, *, in_turn: bool = False) -> bool:
    """Try a parked message again; one that cannot be read, or fails, stops no other."""
    try:
        return apply_again(inbox_id=number, at=at, in_turn=in_turn)
    except Refused:  # there is nothing left to try
        return False
    except Exception as failure:  # its words may carry values; its kind says enough
        log.error("exchange.not_applied", inbox=number, kind=type(failure).__name__)
        return False
