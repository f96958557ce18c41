"""Keep the archive pack of a case under seal, and hand it out to those who may have it."""

import hashlib
from datetime import datetime
from uuid import UUID

from lianban import vault
from lianban.accounts.actor import Actor
from lianban.cases import looks, store
from lianban.cases.models import PackRecord
from lianban.cases.packs import TABLE
from lianban.cases.services import record
from lianban.engine.records import Packed
from lianban.engine.refusal import Refused


def authorise(*, case_id: UUID, actor: Actor) -> None:
    """Raise `Refused` unless the actor may make this case's pack, and the case has ended."""
    with store.begun() as raw:
        loaded = store.load(raw, case_id)
        record.authorise(loaded, "make_pack", actor)
        if not loaded.case.ended or loaded.case.open_items:
            raise Refused("still_open", "还有没办完的，全部办结以后再做归档包")


def keep(*, case_id: UUID, content: bytes, actor: Actor, at: datetime) -> bool:
    """Keep a pack that was made; False where one was made before, which stays.

    Raises what `authorise` raises.
    """
    with store.begun() as raw:
        loaded = store.load(raw, case_id)
        record.authorise(loaded, "make_pack", actor)
        digest = hashlib.sha256(content).hexdigest()
        sealed = vault.encrypt(content, table=TABLE, column="content", row=str(case_id))
        _, is_new = PackRecord.objects.get_or_create(
            case_id=case_id,
            defaults={
                "made_at": at,
                "made_by_id": actor.user_id,
                "size": len(content),
                "digest": digest,
                "content": sealed,
            },
        )
        if is_new:
            record.write(raw, loaded, Packed(at, digest), actor=actor, at=at)
    return is_new


def open_pack(*, case_id: UUID, actor: Actor, at: datetime) -> bytes:
    """The ZIP of a case's pack; who took it is kept. Raises `Refused('unknown_pack')`."""
    authorise(case_id=case_id, actor=actor)
    row = PackRecord.objects.filter(case_id=case_id).first()
    if row is None:
        raise Refused("unknown_pack", "还没有做归档包")
    looks.keep(case_id=case_id, what="pack", actor=actor, at=at)
    return vault.decrypt(bytes(row.content), table=TABLE, column="content", row=str(case_id))
