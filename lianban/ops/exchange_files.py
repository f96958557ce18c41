"""`lianban exchange file`: hand files out for the whole city, and take filled-in ones back."""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from lianban.clock import now
from lianban.engine.refusal import Refused
from lianban.exchange import partners
from lianban.exchange.file_mode import answers as file_answers
from lianban.exchange.file_mode import books as file_books
from lianban.exchange.file_mode import files
from lianban.exchange.models import ExchangeFile, PartnerRecord
from lianban.ops.command import Commands

GOOD, BAD, WRONG_CALL = 0, 1, 2


def register(subparsers: Commands) -> None:
    """Add `file out`, `file book` and `file in`."""
    parser = subparsers.add_parser("file", help="exchange by file", description=__doc__)
    commands = parser.add_subparsers(dest="file_command", required=True, metavar="COMMAND")
    out = commands.add_parser("out", help="put all that waits into a numbered file")
    out.add_argument("--department", required=True, metavar="CODE", help="whose file it is")
    out.add_argument("--to", required=True, type=Path, metavar="DIR", help="where it is written")
    out.set_defaults(act=hand_out, make=files.hand_out)
    book = commands.add_parser("book", help="write a 对账表: what was sent, to be compared")
    book.add_argument("--department", required=True, metavar="CODE", help="whose book it is")
    book.add_argument("--to", required=True, type=Path, metavar="DIR", help="where it is written")
    book.set_defaults(act=hand_out, make=file_books.hand_out)
    back = commands.add_parser("in", help="take a filled-in file")
    back.add_argument("--department", required=True, metavar="CODE", help="whose file it is")
    back.add_argument("file", type=Path, help=".xlsx, filled in")
    back.set_defaults(act=take_in)


def hand_out(options: argparse.Namespace) -> int:
    """Write the workbook, its signature and our public key; print number and hash."""
    if not options.to.is_dir():
        print(f"没有这个目录：{options.to}", file=sys.stderr)
        return WRONG_CALL
    return _do(options.department, lambda partner: _out(partner, options.to, options.make))


def _out(partner: PartnerRecord, to: Path, make: Callable[..., ExchangeFile]) -> int:
    actor = partners.actor(partner)
    made = make(partner=partner, actor=actor, at=now())
    written = (
        files.open_(made.id, actor=actor, at=now()),
        files.signature_of(made.id, actor=actor),
        ("lianban.pem", files.public_key()),
    )
    for name, content in written:
        path = to / name
        path.touch(mode=0o600)  # it holds whole identity numbers
        path.write_bytes(content)
    said = {"number": made.number, "rows": made.row_count, "sha256": made.digest}
    print(json.dumps({**said, "files": [name for name, _ in written]}, ensure_ascii=False))
    return GOOD


def take_in(options: argparse.Namespace) -> int:
    """Take a filled-in file; print what was taken, and each row that was not, with why."""
    try:
        content = options.file.read_bytes()
    except OSError as problem:
        print(f"打不开 {options.file}：{problem.strerror}", file=sys.stderr)
        return WRONG_CALL

    def act(partner: PartnerRecord) -> int:
        actor = partners.actor(partner)
        row = file_answers.take_in(
            partner=partner, upload=content, name=options.file.name, actor=actor, at=now()
        )
        said = {"number": row.number, "rows": row.row_count, "taken": row.taken_count}
        print(json.dumps({**said, "refused": row.refused}, ensure_ascii=False, indent=2))
        return BAD if row.refused else GOOD

    return _do(options.department, act)


def _do(code: str, act: Callable[[PartnerRecord], int]) -> int:
    try:
        partner = partners.get(code)
    except Refused as refused:
        print(refused.message, file=sys.stderr)
        return WRONG_CALL
    try:
        return act(partner)
    except Refused as refused:
        print(refused.message, file=sys.stderr)
        return BAD
