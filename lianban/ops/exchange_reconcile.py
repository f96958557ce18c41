"""`lianban exchange reconcile`: both sides' books compared, for one partner or all."""

import argparse
from typing import Any

from lianban.clock import now
from lianban.exchange import differences, handed, partners
from lianban.exchange.models import PartnerRecord
from lianban.exchange.reconcile import Reconciled, reconcile
from lianban.ops.command import Commands
from lianban.ops.exchange_said import BAD, GOOD, add_json, as_json, guarded, moment


def register(subparsers: Commands) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "reconcile",
        help="compare our book with the partners' books",
        description="Differences become tasks. Who has no address hands its book in, or a 对账表.",
        epilog="Exit codes: 0 all agree, 1 a difference, or no book to compare, 2 wrong call.",
    )
    parser.add_argument("--department", default="", metavar="CODE", help="one partner; else all")
    add_json(parser)
    parser.set_defaults(act=compare)


@guarded
def compare(options: argparse.Namespace) -> int:
    """Compare, and print what was found."""
    chosen = (
        [partners.get(options.department)]
        if options.department
        else list(PartnerRecord.objects.order_by("code"))
    )
    with_book = [one for one in chosen if handed.has_book(one)]
    found = [reconcile(partner, at=now()) for partner in with_book]
    left = [partner.code for partner in chosen if partner not in with_book]
    if options.json:
        as_json({"partners": [_data(one) for one in found], "without_a_book": left})
    else:
        _print(found, left)
    return GOOD if all(one.is_good for one in found) else BAD


def _data(one: Reconciled) -> dict[str, Any]:
    listed = [{"sub_case": d.name, "kind": d.kind, "code": d.code} for d in one.differences]
    return {
        "partner": one.partner,
        "at": moment(one.at),
        "book_at": moment(one.book_at) if one.book_at else None,
        **one.counts(),
        "error": one.error,
        "differences": listed,
    }


def _print(found: list[Reconciled], left: list[str]) -> None:
    for one in found:
        if one.error:
            print(f"{one.partner}: {differences.words(one.error)}（{one.error}）{_age(one)}")
            continue
        counts = "  ".join(f"{k} {v}" for k, v in one.counts().items())
        print(f"{one.partner}: {counts}{_age(one)}")
        for difference in one.differences:
            print(f"  {difference.name}: {differences.words(difference.code)}（{difference.code}）")
    for code in left:
        print(f"{code}: 没有子办件，没有账可以对")


def _age(one: Reconciled) -> str:
    """How old a book is that was handed in; nothing of one that was read."""
    if one.book_at is None:
        return ""
    hours = max(0, int((one.at - one.book_at).total_seconds() // 3600))
    return f"  （对方的账抄于 {moment(one.book_at)}，{hours // 24} 天 {hours % 24} 小时前）"
