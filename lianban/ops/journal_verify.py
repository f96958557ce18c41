"""`lianban journal`: whether the chain of every case holds, and whether a receipt still fits."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import pypdfium2

from lianban.cases import anchors
from lianban.cases import verify as verifier


def register(subparsers: Any) -> None:
    """Add the command's parser."""
    parser = subparsers.add_parser("journal", help="verify the journal: its chain, and the rows")
    commands = parser.add_subparsers(dest="journal_command", required=True, metavar="COMMAND")
    checking = commands.add_parser("verify", help="find changed, missing or inserted entries")
    checking.add_argument("--json", action="store_true", help="print one JSON object")
    checking.set_defaults(act=verify)
    receipt = commands.add_parser(
        "check-receipt", help="prove that the history shown is the history then"
    )
    receipt.add_argument("receipt", help="the code on the receipt, or the receipt's PDF file")
    receipt.set_defaults(act=check_receipt)


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


def check_receipt(options: argparse.Namespace) -> int:
    """Compare a receipt's code with the history of today; 1 when they differ, 2 without a code."""
    anchor = anchors.read(_text_of(options.receipt))
    if anchor is None:
        print("no history code found: give the code, or a receipt as PDF", file=sys.stderr)
        return 2
    found = anchors.disagreements(anchor)
    for text in found:
        print(f"{anchor.case_number}: {text}", file=sys.stderr)
    if not found:
        print(
            f"{anchor.case_number}: the first {anchor.sequence} entries are those of the receipt,"
            " and all later ones follow from them"
        )
    return 1 if found else 0


def _text_of(receipt: str) -> str:
    path = Path(receipt)
    if len(receipt) > _LONGEST_PATH or not path.is_file():
        return receipt
    try:
        pages = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError:
        return ""
    return "".join(page.get_textpage().get_text_range() for page in pages)


#: Bytes of a file's path on common systems; a code is shorter, an absurd argument is no path.
_LONGEST_PATH = 1000
