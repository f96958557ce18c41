"""`lianban journal verify`: the chain of every case, and whether the rows agree with it."""

import argparse
import json
import sys
from typing import Any

from lianban.cases import verify as verifier


def register(subparsers: Any) -> None:
    """Add the command's parser."""
    parser = subparsers.add_parser("journal", help="verify the journal: its chain, and the rows")
    commands = parser.add_subparsers(dest="journal_command", required=True, metavar="COMMAND")
    checking = commands.add_parser("verify", help="find changed, missing or inserted entries")
    checking.add_argument("--json", action="store_true", help="print one JSON object")
    checking.set_defaults(act=verify)


def verify(options: argparse.Namespace) -> int:
    """Print every disagreement; 1 when there is one.

    A rewrite of both the journal and the rows is not found here: that needs an anchor outside.
    """
    found = list(verifier.problems())
    if options.json:
        rows = [
            {"case_id": str(p.case_id), "case_number": p.case_number, "problem": p.text}
            for p in found
        ]
        print(json.dumps({"ok": not found, "problems": rows}, ensure_ascii=False, indent=2))
    else:
        for problem in found:
            print(f"{problem.case_number or problem.case_id}: {problem.text}", file=sys.stderr)
        print("the journal holds" if not found else f"{len(found)} problems")
    return 1 if found else 0
