"""File mode: what waits goes out as a numbered workbook, and comes back filled in.

For a department whose system neither listens nor asks. What is in the workbook is what its system
would be sent; each filled row makes the messages that its system would send, and they take the same
way in. A file holds the sub-cases of one office's districts, and nobody else sees it.
"""

import hashlib
import re
import uuid
from base64 import b64decode
from datetime import datetime
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from lianban import clock, vault
from lianban.accounts import permissions
from lianban.accounts.actor import Actor
from lianban.accounts.models import District
from lianban.cases import looks, sub_case_places, worklists
from lianban.engine.refusal import Refused
from lianban.exchange import contract, offering, partners, signing
from lianban.exchange.file_mode import rows as file_rows
from lianban.exchange.file_mode import sheet as file_sheet
from lianban.exchange.models import ExchangeFile, PartnerRecord
from lianban.outbox.models import OutboxMessage

#: The most rows of one file; what is more goes into the next.
MOST = 500
OUT, IN = ExchangeFile.Direction.OUT, ExchangeFile.Direction.IN
_PLACE = {"table": "exchange_exchangefile", "column": "content"}


# Whose ---------------------------------------------------------------------------------------------


def partner_of(actor: Actor) -> PartnerRecord | None:
    """The actor's own department as a partner in file mode, or that still has files; else None."""
    partner = partners.find(actor.department or "")
    if partner is None or not _is_own(actor, partner):
        return None
    is_in_use = partner.mode == PartnerRecord.Mode.FILE or _seen(actor, partner).exists()
    return partner if is_in_use else None


def files_of(partner: PartnerRecord, *, actor: Actor) -> QuerySet[ExchangeFile]:
    """The partner's files that the actor may know of, without their content, newest first."""
    rows = _seen(actor, partner).select_related("made_by").defer("content")
    return rows.order_by("-made_at", "-number")


def page_of(
    partner: PartnerRecord, *, actor: Actor, after: str = "", before: str = ""
) -> worklists.Page[ExchangeFile]:
    """A page of `files_of`, by keyset."""
    return worklists.paged(files_of(partner, actor=actor), "made_at", True, after, before)


def answers_to(row: ExchangeFile) -> list[ExchangeFile]:
    """What came back for a file that went out, newest first, without content."""
    rows = ExchangeFile.objects.filter(direction=IN, number__startswith=f"{row.number}-R")
    return list(rows.defer("content").order_by("-made_at"))


def find(file_id: UUID, *, actor: Actor) -> ExchangeFile:
    """A file of the actor's own department. Raises `Refused('unknown_exchange_file')`."""
    row = ExchangeFile.objects.select_related("partner", "made_by").filter(id=file_id).first()
    if row is None or not _is_own(actor, row.partner) or not _in_reach(actor, row):
        raise _unknown()
    return row


def waiting_count(partner: PartnerRecord, *, actor: Actor, at: datetime) -> int:
    """How many messages wait for the next file of the actor's office."""
    return _waiting(partner, actor, at).count()


def _unknown() -> Refused:
    return Refused("unknown_exchange_file", "没有这个文件，或者不是您单位的")


def _is_own(actor: Actor, partner: PartnerRecord) -> bool:
    may = actor.kind == "partner" or permissions.DEPARTMENT in permissions.roles_of(actor)
    return may and actor.department == partner.code


def _seen(actor: Actor, partner: PartnerRecord) -> QuerySet[ExchangeFile]:
    """By district; the bureau sees every department's, a department its own."""
    rows = ExchangeFile.objects.filter(partner=partner)
    is_bureau = permissions.BUREAU in permissions.roles_of(actor)
    if not is_bureau and not _is_own(actor, partner):
        return rows.none()
    reach = Q(district__in=actor.districts)
    return rows.filter(reach | Q(district="") if _is_citywide(actor) else reach)


def _in_reach(actor: Actor, row: ExchangeFile) -> bool:
    return row.district in actor.districts or (not row.district and _is_citywide(actor))


def _is_citywide(actor: Actor) -> bool:
    return not District.objects.exclude(code__in=actor.districts).exists()


def require_own(actor: Actor, partner: PartnerRecord) -> None:
    """Raise `Refused('not_permitted')` for everybody but the department's own people."""
    if not _is_own(actor, partner):
        raise Refused("not_permitted", "文件由本部门的经办人导出和传回")


def handed_out(number: str, *, partner: PartnerRecord, actor: Actor) -> ExchangeFile:
    """The file with this number. Raises `Refused('unknown_exchange_file')`."""
    row = ExchangeFile.objects.filter(partner=partner, direction=OUT, number=number[:40]).first()
    if row is None or not _in_reach(actor, row):
        raise Refused("unknown_exchange_file", "文件编号对不上：这不是导出给您单位的文件")
    return row


# Out -----------------------------------------------------------------------------------------------


def hand_out(*, partner: PartnerRecord, actor: Actor, at: datetime) -> ExchangeFile:
    """Put all that waits into the next numbered file; it counts as delivered then.

    Raises `Refused`: `not_permitted`, `not_file_mode`, `partner_held`, `nothing_waiting` (also for
    the second of two presses: the first one's file is there).
    """
    require_own(actor, partner)
    made = _made(partner, actor, at)
    if made is None:
        raise Refused("nothing_waiting", "现在没有等着导出的，导出过的在下面的列表里")
    return made


@transaction.atomic
def _made(partner: PartnerRecord, actor: Actor, at: datetime) -> ExchangeFile | None:
    # no key lock: what comes back from the partner meanwhile is not held up
    held = PartnerRecord.objects.select_for_update(of=("self",), no_key=True)
    partner = held.get(code=partner.code)
    if partner.mode != PartnerRecord.Mode.FILE:
        raise Refused("not_file_mode", "本部门的系统直接对接，不用导出文件")
    if partner.held_at is not None:
        raise Refused("partner_held", "牵头部门暂停了对本部门的发送，恢复以后再导出")
    number, serial = next_number(partner, at)
    given: list[tuple[OutboxMessage, contract.Envelope]] = []
    while not given:  # what has nothing to tell any more makes room for the next
        rows = list(_waiting(partner, actor, at).select_for_update(of=("self",))[:MOST])
        if not rows:
            return None
        given = offering.given(
            rows, offered_in=serial, partner=partner, at=at, words=file_rows.WORDS
        )
    names = dict(District.objects.values_list("code", "name"))
    lines = file_rows.rows([said for _, said in given], names)
    local = at.astimezone(clock.SHANGHAI)
    content = file_sheet.write(
        number=number, name=partner.name, by=actor.name, at=local, rows=lines
    )
    made = keep(
        ExchangeFile(
            partner=partner,
            direction=OUT,
            number=number,
            district=_district(actor),
            made_at=at,
            made_by_id=actor.user_id,
            row_count=len(lines),
        ),
        content,
    )
    sent = OutboxMessage.objects.filter(id__in=[row.id for row, _ in given])
    offering.confirm(sent, partner=partner, at=at)
    return made


def _waiting(partner: PartnerRecord, actor: Actor, at: datetime) -> QuerySet[OutboxMessage]:
    rows = offering.waiting(partner, at)
    return rows.filter(sub_case_places.handled_in(actor.districts))


def _district(actor: Actor) -> str:
    """The office's district; none for the city's command line."""
    return actor.district or ""


def next_number(partner: PartnerRecord, at: datetime) -> tuple[str, int]:
    """The next number, and the same as rows keep it: the day and the day's serial."""
    day = f"{at.astimezone(clock.SHANGHAI):%Y%m%d}"
    start = "".join(word[0] for word in re.split(r"[_\W]+", partner.code) if word).upper()
    begin = f"{start}-{day}-"
    with connection.cursor() as cursor:  # departments may share their initials
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [begin])
    serial = ExchangeFile.objects.filter(direction=OUT, number__startswith=begin).count() + 1
    return f"{begin}{serial:03d}", int(f"{day}{serial:03d}")


def keep(row: ExchangeFile, content: bytes) -> ExchangeFile:
    """Keep a new file, sealed, with its hash; one that goes out is signed."""
    row.id = uuid.uuid4()
    row.digest = hashlib.sha256(content).hexdigest()
    if row.direction == OUT:
        row.signature = signing.detached(content, key=partners.own_key())
    row.content = vault.encrypt(content, **_PLACE, row=str(row.id))
    row.save(force_insert=True)
    return row


@transaction.atomic
def keep_answer(
    out: ExchangeFile,
    content: bytes,
    *,
    rows: int,
    refused: list[dict[str, Any]],
    user_id: UUID | None,
    at: datetime,
) -> ExchangeFile:
    """Keep a file that came back, with what became of its rows, under a number of its own."""
    ExchangeFile.objects.select_for_update().get(id=out.id)
    begin = f"{out.number}-R"
    serial = ExchangeFile.objects.filter(direction=IN, number__startswith=begin).count() + 1
    back = ExchangeFile(
        partner=out.partner,
        direction=IN,
        holds=out.holds,
        number=f"{begin}{serial}",
        district=out.district,
        made_at=at,
        made_by_id=user_id,
        row_count=rows,
        taken_count=rows - len(refused),
        refused=refused,
    )
    return keep(back, content)


def open_(file_id: UUID, *, actor: Actor, at: datetime) -> tuple[str, bytes]:
    """Name and workbook of a file; that it was opened is kept for every case in it. A 对账表 says
    nothing of a person.

    Raises `Refused('unknown_exchange_file')`.
    """
    row = find(file_id, actor=actor)
    if row.holds == ExchangeFile.Holds.BOOK:
        return f"{row.number}.xlsx", content_of(row)
    answered = row if row.direction == OUT else _answered(row)
    # what is in it, it says itself: a message that was sent once more is in another file, too
    known = file_sheet.read(content_of(answered), name=f"{answered.number}.xlsx").known.values()
    names = [one.message_id for one in known]
    rows = OutboxMessage.objects.filter(department=row.partner_id, message_id__in=names)
    for case_id in sorted(set(rows.values_list("case_id", flat=True))):
        looks.keep(case_id=case_id, what=f"list:{row.number}", actor=actor, at=at)
    return f"{row.number}.xlsx", content_of(row)


def _answered(row: ExchangeFile) -> ExchangeFile:
    """The file that one that came back answers."""
    return ExchangeFile.objects.get(direction=OUT, number=row.number.rpartition("-R")[0])


def content_of(row: ExchangeFile) -> bytes:
    """The workbook as it was. Raises `vault.Unreadable`, and `Refused('forgotten')` for an old one."""
    if not row.content:
        raise Refused("forgotten", "这份文件超过 90 天，内容已按规定清除，只留编号、摘要和签名")
    return vault.decrypt(bytes(row.content), **_PLACE, row=str(row.id))


def signature_of(file_id: UUID, *, actor: Actor) -> tuple[str, bytes]:
    """Name and bytes of a file's detached signature (Ed25519, RFC 8032, 64 bytes).

    Raises `Refused('unknown_exchange_file')`: a file that came back has none of ours.
    """
    row = find(file_id, actor=actor)
    if not row.signature:
        raise _unknown()
    return f"{row.number}.xlsx.sig", b64decode(row.signature)


def public_key() -> bytes:
    """Our public key as PEM, with which anybody can check a file's signature offline."""
    key = partners.own_key().key.public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
