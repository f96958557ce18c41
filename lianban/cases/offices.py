"""What an office deals with, by the editions in force in its districts: items and enquiries."""

from dataclasses import dataclass

from lianban.accounts.actor import Actor
from lianban.accounts.models import District
from lianban.cases import editions
from lianban.catalogue.model import Edition


@dataclass(frozen=True)
class Office:
    """The work of one office."""

    department_name: str
    #: Number and short name of every item that the department decides.
    items: tuple[tuple[int, str], ...]
    takes_enquiries: bool
    #: Code and name of the districts in its reach that have counters of their own.
    districts: tuple[tuple[str, str], ...]


def of(actor: Actor) -> Office:
    """The work of the actor's office; nothing for somebody without one."""
    rows = District.objects.filter(code__in=actor.districts).order_by("code")
    found = [(row.code, row.name, row.policy_edition) for row in rows]
    known = [editions.in_force(name) for name in dict.fromkeys(e for _, _, e in found if e)]
    code = actor.department or ""
    return Office(
        department_name=next((n for e in known if (n := _short_name(e, code))), ""),
        items=tuple(sorted({i for edition in known for i in _items(edition, code)})),
        takes_enquiries=any(e.department == code for x in known for e in x.enquiries),
        districts=tuple((district, name) for district, name, _ in found),
    )


def edition_ids(actor: Actor) -> list[str]:
    """The editions in force in the actor's districts."""
    rows = District.objects.filter(code__in=actor.districts).exclude(policy_edition="")
    return sorted(set(rows.values_list("policy_edition", flat=True)))


def _short_name(edition: Edition, code: str) -> str:
    return next((d.short_name for d in edition.departments if d.code == code), "")


def _items(edition: Edition, code: str) -> list[tuple[int, str]]:
    return [(i.number, i.short_name) for i in edition.items if code in i.departments]
