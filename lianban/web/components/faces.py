"""Which faces an officer works at, and where each begins."""

from dataclasses import dataclass

from lianban.accounts.actor import Actor
from lianban.accounts.models import Role


@dataclass(frozen=True)
class Face:
    """One way into the house: its address, its name, and the roles that work there."""

    address: str
    name: str
    roles: frozenset[str]


FACES = (
    Face("/counter/", "综合窗口", frozenset({Role.COUNTER_CLERK})),
    Face("/bureau/", "退役军人事务部门", frozenset({Role.BUREAU_OFFICER, Role.BUREAU_HEAD})),
    Face("/department/", "部门办理", frozenset({Role.DEPARTMENT_OFFICER})),
    Face("/staff/", "人员管理", frozenset({Role.ADMINISTRATOR})),
)
APPLICANT_HOME = "/"


def faces_of(actor: Actor) -> list[Face]:
    """Return the faces an officer may choose from, none for an applicant."""
    return [face for face in FACES if not face.roles.isdisjoint(actor.roles)]
