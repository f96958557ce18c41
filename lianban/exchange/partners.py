"""Partners: the systems that we exchange with, their keys, and our own."""

import hashlib
from datetime import datetime, timedelta
from functools import cache

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet

from lianban.accounts.actor import Actor
from lianban.accounts.models import District, User
from lianban.cases import editions
from lianban.engine.refusal import Refused
from lianban.exchange import registry, signing, waker
from lianban.exchange.models import PartnerKey, PartnerRecord
from lianban.outbox.models import OutboxMessage

#: Two, so that a key can be changed while messages are under way.
MOST_KEYS = 2


@transaction.atomic
def connect(
    *,
    code: str,
    name: str,
    adapter: str,
    mode: str = PartnerRecord.Mode.PUSH,
    address: str = "",
    liaison: User | None = None,
    at: datetime,
) -> PartnerRecord:
    """Connect a partner, or change how it is connected.

    What was written before a partner's first connection stays with the department's desk. Raises
    `Refused`: `unknown_department` (no plan names it; who is connected may change after the plan
    has dropped it, for the cases that go on), `unknown_adapter`, `no_address` (a partner that is
    pushed to needs one, unless its adapter can do without).
    """
    _require_named(code)
    is_here = registry.adapter(adapter).send is not None and not address
    is_pushed = mode == PartnerRecord.Mode.PUSH and not is_here
    if is_pushed and not address.startswith(("http://", "https://")):
        raise Refused("no_address", "推送需要对方系统的地址，以 http:// 或 https:// 开头")
    said = {
        "name": name,
        "adapter": adapter,
        "mode": mode,
        "address": address.rstrip("/"),
        "liaison": liaison,
        "closed_until": None,  # what was wrong may be mended by this
    }
    partner, is_new = PartnerRecord.objects.update_or_create(
        code=code, defaults=said, create_defaults={**said, "connected_at": at}
    )
    if is_new:
        older = OutboxMessage.objects.filter(
            department=code, state=OutboxMessage.State.PENDING, created_at__lt=at
        )
        older.update(state=OutboxMessage.State.DESK, done_at=at)
    transaction.on_commit(waker.forget)
    return partner


def _require_named(code: str) -> None:
    """Nothing is ever written for a code that no plan names. Raises `Refused`."""
    named = editions.departments()
    if code not in named and find(code) is None:
        known = "、".join(sorted(named))
        raise Refused("unknown_department", f"方案里没有部门“{code[:40]}”。有：{known}")


def find(code: str) -> PartnerRecord | None:
    """The partner of a department or service; None where it has none."""
    return PartnerRecord.objects.filter(code=code).first()


def get(code: str) -> PartnerRecord:
    """The partner of a department or service. Raises `Refused('unknown_partner')`."""
    partner = find(code)
    if partner is None:
        raise Refused("unknown_partner", "没有对接这个部门的系统")
    return partner


# Keys ------------------------------------------------------------------------------------------


@transaction.atomic
def add_key(*, code: str, key_id: str, public_key: bytes, at: datetime) -> PartnerKey:
    """Let a partner sign with one more key.

    Raises `Refused`: `unknown_partner`, `bad_key` (not 32 bytes), `too_many_keys`, `key_exists`.
    """
    partner = get(code)
    PartnerRecord.objects.select_for_update().get(code=code)
    if len(public_key) != 32:
        raise Refused("bad_key", "公钥应当是 32 个字节（Ed25519）")
    if PartnerKey.objects.filter(key_id=key_id).exists():
        raise Refused("key_exists", "已经有一个这个名字的密钥，请换一个名字")
    if valid_keys(partner, at).count() >= MOST_KEYS:
        raise Refused("too_many_keys", "同时最多两个有效密钥，请先停用一个")
    return PartnerKey.objects.create(
        key_id=key_id, partner=partner, public_key=public_key, valid_from=at
    )


def retire_key(*, key_id: str, until: datetime, at: datetime) -> None:
    """Let a key end at a moment: the other one goes on. Raises `Refused('unknown_key')`."""
    if not PartnerKey.objects.filter(key_id=key_id).update(valid_until=max(until, at)):
        raise Refused("unknown_key", "没有这个密钥")


def revoke_key(*, key_id: str, at: datetime) -> None:
    """Refuse a key from now on: it may be in wrong hands. Raises `Refused('unknown_key')`."""
    keys = PartnerKey.objects.filter(key_id=key_id)
    if not keys.exists():
        raise Refused("unknown_key", "没有这个密钥")
    keys.filter(revoked_at=None).update(revoked_at=at)


def valid_keys(partner: PartnerRecord, at: datetime) -> QuerySet[PartnerKey]:
    """The keys with which a partner may sign at a moment."""
    return PartnerKey.objects.filter(_valid(at), partner=partner).order_by("valid_from")


def key_at(key_id: str, at: datetime) -> PartnerKey | None:
    """A key that is valid at a moment, with its partner."""
    found = PartnerKey.objects.filter(_valid(at), key_id=key_id)
    return found.select_related("partner").first()


def _valid(at: datetime) -> Q:
    # a key may be used a moment earlier by a clock that is ahead
    begun = Q(valid_from__lte=at + timedelta(minutes=5))
    return begun & (Q(valid_until=None) | Q(valid_until__gt=at)) & Q(revoked_at=None)


@cache
def _own(seed: str) -> signing.PrivateKey:
    key = signing.PrivateKey.from_seed("", bytes.fromhex(seed))
    name = hashlib.sha256(key.public).hexdigest()[:12]
    return signing.PrivateKey(f"lianban-{name}", key.key)


def own_key() -> signing.PrivateKey:
    """Our own key; its name is made from its public half."""
    return _own(settings.EXCHANGE_KEY)


def public_address() -> str:
    """Our address as partners know it, without a slash at the end; may be empty."""
    return str(settings.EXCHANGE_ADDRESS or settings.SITE["public_address"])


def outside_address() -> str:
    """Our address as people know it, else as partners do; may be empty."""
    return str(settings.SITE["public_address"] or settings.EXCHANGE_ADDRESS)


def source() -> str:
    """How we are named in envelopes."""
    return f"urn:lianban:{own_key().key_id}"


# Who acts, and how it goes --------------------------------------------------------------------


def actor(partner: PartnerRecord) -> Actor:
    """The actor of what a partner's system tells us: it acts for its department, in every district."""
    return Actor.partner(
        department=partner.code,
        name=f"{partner.name}系统",
        districts=frozenset(District.objects.values_list("code", flat=True)),
    )


def count_refused(code: str, *, is_skew: bool) -> None:
    """Count a call that was refused for its signature, or for its clock."""
    PartnerRecord.objects.filter(code=code).update(
        refused_count=F("refused_count") + 1, skewed_count=F("skewed_count") + int(is_skew)
    )
