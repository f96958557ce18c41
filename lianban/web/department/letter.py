"""What the person gets after a decision, in the edition's own words, shown before it is given."""

from dataclasses import dataclass
from typing import Any

from lianban.cases import earlier
from lianban.cases.queries import CaseView, ItemView


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return ""


@dataclass(frozen=True)
class Letter:
    """The message, how the result goes, and for a denial the words of its paper."""

    title: str
    text: str
    #: What is handed over, and by which way; empty for a denial.
    result: str
    way: str
    way_note: str
    #: Of the denial's paper: lead, reason, remedies, legal bases.
    paper: tuple[str, ...]
    paper_title: str
    #: Items that can start now, or that will stand still, each as number and short name.
    follows: tuple[str, ...]


def of(view: CaseView, item: ItemView, *, outcome: str, reason: str) -> Letter:
    """The letter for one outcome; `outcome` is `grant` or `deny`."""
    notices = view.edition.wording.get("notices", {})
    result = item.item.result
    words = _Blank(
        item=item.item.short_name,
        department=item.department_name,
        result=result.name if result else item.item.name,
        reason=reason,
        case_number=view.case_number,
    )
    granted = outcome == "grant"
    kind = "granted" if granted else "denied"
    way = (item.sub.delivery or result.delivery[0]) if result and granted else ""
    place = earlier.place(view, item.item.number)
    names = {n.number: f"{n.number} {n.short_name}" for n in place.after}
    follow = place.opens if granted else tuple(names)
    return Letter(
        title=notices.get(f"message_{kind}_title", "").format_map(words),
        text=notices.get(f"message_{kind}", "").format_map(words),
        result=result.name if result and granted else "",
        way=view.edition.wording.get("delivery", {}).get(way, ""),
        way_note=notices.get(f"message_issued_{way}", "").format_map(words) if way else "",
        paper=() if granted else _denial(notices, reason),
        paper_title="" if granted else notices.get("denial_title", ""),
        follows=tuple(names[n] for n in follow),
    )


def _denial(notices: dict[str, str], reason: str) -> tuple[str, ...]:
    lead, remedies = notices.get("denial_lead", ""), notices.get("denial_remedies", "")
    return (lead, f"理由：{reason}", remedies, *notices.get("denial_basis", "").splitlines())
