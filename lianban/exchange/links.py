"""Short-lived links to the files of materials: good for one partner, one file, a quarter of an hour."""

import hmac
from base64 import b32encode
from datetime import UTC, datetime, timedelta
from uuid import UUID

from lianban import vault
from lianban.cases.services import materials
from lianban.engine.refusal import Refused
from lianban.exchange import partners
from lianban.exchange.models import PartnerRecord

LIFE = timedelta(minutes=15)
PATH = "/exchange/v1/files/"


def link(file_id: UUID, *, partner: PartnerRecord, at: datetime) -> tuple[str, datetime]:
    """The address of a file for a partner, and the moment at which it ends."""
    until = (at + LIFE).replace(microsecond=0)
    moment = int(until.timestamp())
    token = f"{file_id.hex}.{moment}.{_seal(file_id, moment, partner)}"
    return f"{partners.public_address()}{PATH}{token}", until


def open_(token: str, *, partner: PartnerRecord, at: datetime) -> tuple[bytes, str, str]:
    """Content, type and name of the file that a link names; who fetched it is kept.

    Raises `Refused`: `unknown_file` (no such link for this partner), `link_ended`.
    """
    file_id, moment = _parse(token, partner)
    if datetime.fromtimestamp(moment, UTC) < at:
        raise Refused("link_ended", "这个链接已经过期，请等下一次推送，或者重新取件")
    row, content = materials.open_file(file_id=file_id, actor=partners.actor(partner), at=at)
    return content, row.content_type, row.name


def _parse(token: str, partner: PartnerRecord) -> tuple[UUID, int]:
    parts = token.split(".")
    try:
        file_id, moment, seal = UUID(parts[0]), int(parts[1][:12]), parts[2]
        good = hmac.compare_digest(seal, _seal(file_id, moment, partner)) and len(parts) == 3
    except (ValueError, IndexError, TypeError):
        good = False
    if not good:
        raise Refused("unknown_file", "没有这个文件")
    return file_id, moment


def _seal(file_id: UUID, moment: int, partner: PartnerRecord) -> str:
    mac = vault.blind_index(f"{file_id.hex}.{moment}.{partner.code}", purpose="exchange_link")
    return b32encode(mac[:20]).decode()
