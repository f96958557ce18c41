"""`lianban simulators`: systems of departments that have none here, connected and run, in a demonstration.

Each stands for a department whose plan says `connects_by: adapter`. They are strangers: this writes
what they must know (addresses and keys), connects them once, and becomes their process. Messages
that are older than the connection stay with the departments' desks.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

from lianban.accounts import staff_table
from lianban.accounts.models import District
from lianban.cases import editions
from lianban.clock import now
from lianban.exchange import partners, registry, signing
from lianban.exchange.models import PartnerKey
from lianban.ops import environment
from lianban.ops.command import Commands

#: Bytes of a key's seed.
_SEED = 32


@dataclass(frozen=True)
class System:
    """One system: the partner's code in the plan, its name, and its own key."""

    code: str
    name: str
    key: signing.PrivateKey
    key_file: Path


def register(subparsers: Commands) -> None:
    """Add `simulators`."""
    parser = subparsers.add_parser(
        "simulators", help="run the demonstration's simulated systems", description=__doc__
    )
    parser.set_defaults(act=run)


def run(_options: argparse.Namespace) -> int:
    """Connect the systems and become their process; does not return."""
    config = write(connect(at=now()))
    speed = str(environment.number("LIANBAN_SIMULATORS_SPEED", default=10, least=1))
    os.chdir(environment.ROOT)
    command = [sys.executable, "-m", "simulators", str(config), "--speed", speed]
    os.execv(sys.executable, command)


def folder() -> Path:
    """The folder of keys, configuration and the systems' own memories."""
    return environment.data_dir() / "simulators"


def connect(*, at: datetime) -> list[System]:
    """Connect what is not connected yet; the systems that are to run.

    One that is left out from the first start is never connected: its desk does the work. One that
    somebody connected by hand, with another key, is left alone.
    """
    left_out = environment.words("LIANBAN_SIMULATORS_WITHOUT", default="")
    found = [_system(code, name) for code, name in wanted().items() if code not in left_out]
    return [system for system in found if _connected(system, at)]


def wanted() -> Mapping[str, str]:
    """Code and short name of every partner that the districts' plans connect by an adapter.

    None where the database holds another city than the demonstration's.
    """
    codes = [row["code"] for row in staff_table.read(environment.DEMO_CITY).rows["districts"]]
    if District.objects.filter(code__in=codes).count() < len(codes):
        return {}
    ids = District.objects.exclude(policy_edition="").values_list("policy_edition", flat=True)
    departments = [one for id_ in sorted(set(ids)) for one in editions.in_force(id_).departments]
    return {
        one.code: one.short_name
        for one in departments
        if one.connects_by == "adapter"
        and one.code in registry.codes()
        and find_spec(f"simulators.kinds.{one.code}")
    }


def _connected(system: System, at: datetime) -> bool:
    """Connect a system, or bring its address up to date; False where another one is connected."""
    known = partners.find(system.code)
    ours = PartnerKey.objects.filter(partner=system.code, key_id=system.key.key_id)
    if known is not None and not ours.exists():
        return False
    address = f"http://127.0.0.1:{environment.simulators_port()}/{system.code}"
    if known is None or known.address != address:
        partners.connect(
            code=system.code,
            name=known.name if known else system.name,
            adapter=known.adapter if known else system.code,
            mode=known.mode if known else "push",
            address=address,
            liaison=known.liaison if known else None,
            at=at,
        )
    if known is None:
        partners.add_key(
            code=system.code, key_id=system.key.key_id, public_key=system.key.public, at=at
        )
    return True


def _system(code: str, name: str) -> System:
    file = folder() / "keys" / f"{code}.key"
    if not file.exists():
        folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        file.parent.mkdir(mode=0o700, exist_ok=True)
        fresh = file.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_text(os.urandom(_SEED).hex())
        fresh.rename(file)
    key_id = f"simulated-{code}"
    key = signing.PrivateKey.from_seed(key_id, bytes.fromhex(file.read_text()))
    return System(code, name, key, file)


def write(systems: list[System]) -> Path:
    """Write what the systems must know; the file of it."""
    own = partners.own_key()
    described = {
        "platform": {
            "address": partners.public_address(),
            "key_id": own.key_id,
            "public_key": own.public.hex(),
        },
        "port": environment.simulators_port(),
        "memory": "memory",
        "systems": {
            one.code: {
                "kind": one.code,
                "key_id": one.key.key_id,
                "private_key": str(one.key_file),
            }
            for one in systems
        },
    }
    file = folder() / "simulators.json"
    file.write_text(json.dumps(described, ensure_ascii=False, indent=2))
    return file


def told() -> str:
    """What whoever starts the demonstration is told about them; nothing where there are none."""
    systems = wanted()
    if not systems:
        return ""
    names, one = "、".join(systems.values()), next(iter(systems))
    return (
        f"这些系统由模拟程序代替，新交的件它们自己办：{names}\n"
        f"  演示人员已有的件仍在各部门的待办里。不要其中一个：LIANBAN_SIMULATORS_WITHOUT={one}；"
        "都不要：LIANBAN_SIMULATORS=0\n"
    )
