"""`lianban exchange partners|connect|key|own-key`: who is connected, how it is, and with which keys."""

import argparse
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db.models import Min

from lianban.accounts.models import User
from lianban.clock import SHANGHAI, now
from lianban.engine.refusal import Refused
from lianban.exchange import partners, registry
from lianban.exchange.models import PartnerKey, PartnerRecord
from lianban.ops.command import Commands
from lianban.ops.exchange_said import GOOD, add_json, as_json, guarded, moment
from lianban.outbox.models import OutboxMessage

#: Bytes of the largest file that a key is looked for in.
_MOST = 1000


def register(subparsers: Commands) -> None:
    """Add the four commands."""
    listing = subparsers.add_parser("partners", help="how each partner is: mode, health, keys")
    add_json(listing)
    listing.set_defaults(act=show)
    _register_connect(subparsers)
    _register_key(subparsers)
    own = subparsers.add_parser(
        "own-key", help="our key id and public key: the vendor verifies our messages with it"
    )
    add_json(own)
    own.set_defaults(act=own_key)


def _register_connect(subparsers: Commands) -> None:
    parser = subparsers.add_parser(
        "connect",
        help="connect a partner's system, or change how it is connected",
        description="Messages written before the first connection stay with the department's desk.",
    )
    parser.add_argument("--code", required=True, help="the department's or service's code")
    parser.add_argument("--name", required=True, help="its name for people")
    parser.add_argument("--adapter", required=True, help="one of: " + ", ".join(registry.codes()))
    parser.add_argument("--mode", choices=PartnerRecord.Mode.values, default="push", help="(push)")
    parser.add_argument("--address", default="", help="where it answers; needed for push")
    parser.add_argument("--liaison", default="", help="the officer's name who is told first")
    parser.add_argument("--key-id", default="", help="the name of its key")
    parser.add_argument("--public-key", default="", help="64 hex digits, or a file with them")
    add_json(parser)
    parser.set_defaults(act=connect)


def _register_key(subparsers: Commands) -> None:
    parser = subparsers.add_parser("key", help="add, retire or revoke a partner's key")
    commands = parser.add_subparsers(dest="key_command", required=True, metavar="COMMAND")
    adding = commands.add_parser("add", help="one more key: two may be valid while they change")
    adding.add_argument("--code", required=True, help="the partner")
    adding.add_argument("--public-key", required=True, help="64 hex digits, or a file with them")
    adding.set_defaults(act=add_key)
    retiring = commands.add_parser("retire", help="let a key end: the other one goes on")
    retiring.add_argument("--until", default="", help="a moment, 2026-12-01T18:00; now, if none")
    retiring.set_defaults(act=retire_key)
    revoking = commands.add_parser("revoke", help="refuse a key at once: it is in wrong hands")
    revoking.set_defaults(act=revoke_key)
    for one in (adding, retiring, revoking):
        one.add_argument("--key-id", required=True, help="the key's name")


@guarded
def show(options: argparse.Namespace) -> int:
    """Print every partner."""
    found = [_line(partner) for partner in PartnerRecord.objects.order_by("code")]
    if options.json:
        as_json({"partners": found})
        return GOOD
    for one in found:
        print(f"{one['code']}  {one['name']}  {one['mode']}  {one['address']}")
        print(f"  {one['health']}；等待最久 {one['oldest_waiting'] or '无'}")
        for key in one["keys"]:
            ended = key["revoked_at"] or key["valid_until"]
            print(f"  密钥 {key['key_id']} {key['public_key'][:16]}… {ended or '有效'}")
    if not found:
        print("没有对接任何系统")
    return GOOD


def _line(partner: PartnerRecord) -> dict[str, Any]:
    waiting = OutboxMessage.objects.filter(department=partner.code, state="pending")
    return {
        "code": partner.code,
        "name": partner.name,
        "adapter": partner.adapter,
        "mode": partner.mode,
        "address": partner.address,
        "connected_at": moment(partner.connected_at),
        "health": _health(partner),
        "last_ok_at": moment(partner.last_ok_at),
        "failing_since": moment(partner.failing_since),
        "last_error": partner.last_error,
        "waiting": waiting.count(),
        "oldest_waiting": moment(waiting.aggregate(Min("created_at"))["created_at__min"]),
        "refused": partner.refused_count,
        "skewed": partner.skewed_count,
        "keys": [
            {
                "key_id": key.key_id,
                "public_key": bytes(key.public_key).hex(),
                "valid_from": moment(key.valid_from),
                "valid_until": moment(key.valid_until),
                "revoked_at": moment(key.revoked_at),
            }
            for key in PartnerKey.objects.filter(partner=partner).order_by("valid_from")
        ],
    }


def _health(partner: PartnerRecord) -> str:
    if partner.held_at:
        return "held"
    return "failing" if partner.failing_since else "well"


@guarded
def connect(options: argparse.Namespace) -> int:
    """Connect a partner, with its first key if one is given. A repeat changes nothing."""
    at = now()
    key = _public_key(options.public_key) if options.public_key or options.key_id else b""
    if bool(key) != bool(options.key_id):
        raise Refused("bad_key", "--key-id 和 --public-key 要一起给")
    known = partners.find(options.code)
    given = _officer(options.liaison) if options.liaison else None
    partner = partners.connect(
        code=options.code,
        name=options.name,
        adapter=options.adapter,
        mode=options.mode,
        address=options.address,
        liaison=given or (known.liaison if known else None),
        at=at,
    )
    if key and not _has(partner, options.key_id, key):
        partners.add_key(code=partner.code, key_id=options.key_id, public_key=key, at=at)
    if options.json:
        as_json(_line(partner))
    else:
        print(f"{partner.code} {partner.name}：{partner.get_mode_display()} {partner.address}")
    return GOOD


def _has(partner: PartnerRecord, key_id: str, key: bytes) -> bool:
    found = PartnerKey.objects.filter(partner=partner, key_id=key_id).first()
    return found is not None and bytes(found.public_key) == key


def _officer(name: str) -> User:
    found = User.objects.filter(kind="officer", username=name, is_active=True).first()
    if found is None:
        raise Refused("unknown_officer", f"没有这位工作人员：{name[:60]}")
    return found


@guarded
def add_key(options: argparse.Namespace) -> int:
    """Let a partner sign with one more key."""
    key = _public_key(options.public_key)
    partners.add_key(code=options.code, key_id=options.key_id, public_key=key, at=now())
    print(f"{options.code} 可以用 {options.key_id} 签名")
    return GOOD


@guarded
def retire_key(options: argparse.Namespace) -> int:
    """Let a key end."""
    at = now()
    until = _moment(options.until) if options.until else at
    partners.retire_key(key_id=options.key_id, until=until, at=at)
    print(f"{options.key_id} 用到 {moment(max(until, at))}")
    return GOOD


@guarded
def revoke_key(options: argparse.Namespace) -> int:
    """Refuse a key from now on."""
    partners.revoke_key(key_id=options.key_id, at=now())
    print(f"{options.key_id} 已停用")
    return GOOD


@guarded
def own_key(options: argparse.Namespace) -> int:
    """Print what a vendor needs to know of us."""
    key = partners.own_key()
    said = {
        "key_id": key.key_id,
        "public_key": key.public.hex(),
        "address": partners.public_address(),
    }
    if options.json:
        as_json(said)
    else:
        print("\n".join(f"{name}: {value}" for name, value in said.items()))
    return GOOD


def _public_key(text: str) -> bytes:
    """The bytes of a public key, from hex digits or a file that holds them."""
    plain = text.strip()
    try:
        path = Path(plain)
        if len(plain) < 64 or (len(plain) != 64 and path.is_file()):
            plain = path.read_bytes()[:_MOST].decode("ascii").strip()
        key = bytes.fromhex(plain)
    except (OSError, ValueError) as failure:
        raise Refused("bad_key", "公钥写 64 个十六进制数字，或者一个这样的文件") from failure
    if len(key) != 32:
        raise Refused("bad_key", "公钥应当是 32 个字节（64 个十六进制数字）")
    return key


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as failure:
        raise Refused("unknown_moment", "--until 写成 2026-12-01T18:00") from failure
    return found if found.tzinfo else found.replace(tzinfo=SHANGHAI)
