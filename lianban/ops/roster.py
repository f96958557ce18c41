"""`lianban roster`: bring a troop's roster in from a file, at the server's own console."""

import argparse
import json
import sys
import time
from pathlib import Path
from uuid import UUID

from lianban.accounts.actor import Actor
from lianban.accounts.models import District
from lianban.cases import roster_lists
from lianban.cases.services import roster
from lianban.clock import now
from lianban.engine.refusal import Refused
from lianban.ops.command import Commands

GOOD, BAD, WRONG_CALL = 0, 1, 2


def register(subparsers: Commands) -> None:
    """Add `roster import` and `roster undo`."""
    parser = subparsers.add_parser("roster", help="the troop's roster", description=__doc__)
    commands = parser.add_subparsers(dest="roster", required=True, metavar="COMMAND")
    taken = commands.add_parser("import", help="check a roster; with --apply, take it in")
    taken.add_argument("file", type=Path, help=".xlsx or .csv")
    taken.add_argument("--district", required=True, metavar="CODE", help="whose roster it is")
    what = taken.add_mutually_exclusive_group()
    what.add_argument("--dry-run", action="store_true", help="check only (as without --apply)")
    what.add_argument("--apply", action="store_true", help="take in what nothing stands against")
    taken.set_defaults(act=bring_in)
    back = commands.add_parser("undo", help="take back what nobody has touched since")
    back.add_argument("roster", type=UUID, metavar="ID")
    back.set_defaults(act=take_back)


def bring_in(options: argparse.Namespace) -> int:
    """Check the file in this process, print what was found, and take it in if asked."""
    try:
        content = options.file.read_bytes()
    except OSError as problem:
        print(f"打不开 {options.file}：{problem.strerror}", file=sys.stderr)
        return WRONG_CALL
    if not District.objects.filter(code=options.district, active=True).exists():
        print(f"没有这个区县：{options.district}", file=sys.stderr)
        return WRONG_CALL
    system = Actor.system()
    try:
        roster_id = roster.upload(
            content=content,
            name=options.file.name,
            district=options.district,
            actor=system,
            at=now(),
        )
        result = {"id": str(roster_id), "checked_seconds": _worked(roster_id)}
        if options.apply:
            roster.apply(roster_id=roster_id, actor=system, at=now())
            result["applied_seconds"] = _worked(roster_id)
    except Refused as refused:
        print(refused.message, file=sys.stderr)
        return BAD
    found = roster_lists.figures(roster_id=roster_id)
    print(json.dumps({**result, **found}, ensure_ascii=False, indent=2))
    return GOOD


def _worked(roster_id: UUID) -> str:
    """Do the work here, telling how far it is; how long it took, in seconds."""

    def tell() -> None:
        done, total = roster_lists.progress(roster_id=roster_id)
        print(f"{done} / {total}", file=sys.stderr)

    began = time.monotonic()
    roster.work(roster_id=roster_id, now=now, tell=tell)
    return f"{time.monotonic() - began:.2f}"


def take_back(options: argparse.Namespace) -> int:
    """Undo one roster, and print how many lines went and how many stay."""
    try:
        done = roster.undo(roster_id=options.roster, actor=Actor.system(), at=now())
    except Refused as refused:
        print(refused.message, file=sys.stderr)
        return BAD
    print(json.dumps({"taken_back": done.gone, "kept": done.kept}))
    return GOOD
