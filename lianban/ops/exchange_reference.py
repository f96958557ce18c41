"""`lianban exchange reference`: the contract's messages on one page, from the types themselves."""

import argparse
import json
from typing import Any

from lianban.exchange import contract
from lianban.ops.command import Commands

GOOD = 0


def register(subparsers: Commands) -> None:
    """Add the command."""
    parser = subparsers.add_parser("reference", help="print the contract's messages")
    parser.add_argument("--json", action="store_true", help="print JSON schemas")
    parser.set_defaults(act=show)


def show(options: argparse.Namespace) -> int:
    """Print every message of both directions."""
    if options.json:
        print(json.dumps(_schemas(), ensure_ascii=False, indent=2))
        return GOOD
    for title, words in (
        ("out: what a partner is told", contract.OUT),
        ("in: what it tells", contract.IN),
    ):
        print(title)
        for word, part in words.items():
            fields = ", ".join(
                name + ("" if field.is_required() else "?")
                for name, field in part.model_fields.items()
            )
            print(f"  {contract.type_of(word)}  {{{fields}}}")
            print(f"      {(part.__doc__ or '').strip().splitlines()[0]}")
    return GOOD


def _schemas() -> dict[str, Any]:
    return {
        "version": contract.VERSION,
        "envelope": contract.Envelope.model_json_schema(),
        "out": {contract.type_of(w): part.model_json_schema() for w, part in contract.OUT.items()},
        "in": {contract.type_of(w): part.model_json_schema() for w, part in contract.IN.items()},
        "book": contract.BookPage.model_json_schema(),
    }
