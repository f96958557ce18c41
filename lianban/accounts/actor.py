"""Who acts: the one value that services, permissions and pages are given."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

Kind = Literal["applicant", "officer", "system", "partner"]


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A person or the system, with everything that decides what it may do.

    `districts` holds the office's district and all below it. `case_ids` holds the cases opened
    by a receipt and its second secret, without an account. `name` is an officer's own name; an
    applicant's is a plain word, since personal values never reach the journal.
    """

    kind: Kind
    user_id: UUID | None = None
    name: str = ""
    roles: frozenset[str] = frozenset()
    department: str | None = None
    office_id: UUID | None = None
    district: str | None = None
    districts: frozenset[str] = frozenset()
    case_ids: frozenset[UUID] = frozenset()

    @classmethod
    def system(cls) -> "Actor":
        """Return the actor of what nobody asked for: due rules, timers, automatic steps."""
        return cls(kind="system", name="系统")

    @classmethod
    def partner(cls, *, department: str, name: str, districts: frozenset[str]) -> "Actor":
        """Return the actor of a department's own system: it acts on that department's items."""
        return cls(kind="partner", name=name, department=department, districts=districts)

    @classmethod
    def receipt_holder(cls, *, case_id: UUID) -> "Actor":
        """Return the actor of one who opened one case by its receipt."""
        return cls(kind="applicant", name="申请人", case_ids=frozenset({case_id}))
