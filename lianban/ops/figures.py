"""`lianban figures`: how often things are asked, how often people come, how often notices repeat."""

import argparse
import json
from typing import Any

from lianban.cases import figures
from lianban.cases.figures import Asked, Figures


def register(subparsers: Any) -> None:
    """Add the command's parser."""
    parser = subparsers.add_parser("figures", help="say whether asked-once and one-visit hold")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(act=show)


def show(options: argparse.Namespace) -> int:
    """Print the figures of all cases; nothing in them is about one person."""
    found = figures.all_cases()
    print(json.dumps(_data(found), ensure_ascii=False, indent=2) if options.json else _text(found))
    return 0


def _data(found: Figures) -> dict[str, Any]:
    visits = found.visits
    return {
        "cases": found.cases,
        "fields": _asked(found.fields, found.read),
        "materials": _asked(found.materials, found.read),
        "visits": {
            "per_case": round(visits.mean, 3),
            "share_at_most_one": round(visits.share_at_most_one, 3),
            "by_district": {
                one.district: {
                    "cases": one.cases,
                    "per_case": round(one.mean, 3),
                    "share_at_most_one": round(one.share_at_most_one, 3),
                }
                for one in visits.by_district
            },
        },
        "notices": {
            "first": found.notices.first,
            "second": found.notices.later,
            "second_refused": found.notices.refused,
        },
    }


def _asked(asked: Asked, cases: int) -> dict[str, Any]:
    return {
        "asked_once": asked.once,
        "asked_by_items": asked.by_items,
        "ratio": round(asked.ratio, 3),
        "per_case": round(asked.once / cases, 1) if cases else 0,
    }


def _text(found: Figures) -> str:
    fields, materials, visits = found.fields, found.materials, found.visits
    lines = [
        f"{found.cases} joint cases",
        _line("fields", fields, found.read),
        _line("materials", materials, found.read),
        f"visits: {visits.mean:.2f} a case; {visits.share_at_most_one:.0%} came at most once",
        *(
            f"  {one.district} {one.name}: {one.mean:.2f} a case, "
            f"{one.share_at_most_one:.0%} at most once, {one.cases} cases"
            for one in visits.by_district
        ),
        f"one-time notices: {found.notices.first} first, {found.notices.later} later for what could "
        f"not be known before, {found.notices.refused} of old facts refused",
    ]
    return "\n".join(lines)


def _line(name: str, asked: Asked, cases: int) -> str:
    each = asked.once / cases if cases else 0
    return (
        f"{name}: asked {asked.once} times, by the items one by one {asked.by_items} times "
        f"(ratio {asked.ratio:.2f}; {each:.1f} a case)"
    )
