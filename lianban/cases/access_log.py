"""Who looked at a person's data: when, from which office, in which role, and at what."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lianban.accounts.models import Role, User
from lianban.cases import timeline
from lianban.cases.models import FileRecord, ViewRecord
from lianban.cases.queries import CaseView

_FILE, _PAPER, _PAYMENTS, _ORIGINAL = "file:", "paper:", "payments:", "original:"
#: A file of file mode, with this case among others.
_LIST = "list:"
#: So many are shown at most.
MOST = 300


@dataclass(frozen=True)
class Look:
    """One look at something that is masked or closed otherwise."""

    at: datetime
    #: The office and the role; never an officer's name.
    office: str
    role: str
    #: In words; empty for a paper, which `paper` names.
    what: str
    #: The kind of paper that was opened, or nothing.
    paper: str
    #: Whether the person looked at their own data.
    is_own: bool


def of_case(view: CaseView) -> list[Look]:
    """Every look at the case's numbers, files and papers, newest first, for the person's own page."""
    rows = list(ViewRecord.objects.filter(case_id=view.id).order_by("-at", "-id")[:MOST])
    users = {
        user.id: user
        for user in User.objects.select_related("office")
        .prefetch_related("role_grants")
        .filter(id__in={row.user_id for row in rows if row.user_id})
    }
    files = _materials_of_files(view)
    return [_look(view, row, users, files) for row in rows]


def _look(view: CaseView, row: ViewRecord, users: dict[UUID, User], files: dict[str, str]) -> Look:
    user = users.get(row.user_id) if row.user_id else None
    system = view.edition.department_names.get(row.department, row.department)
    is_own = not system and (row.user_id is None or _is_applicant(user))
    return Look(
        at=row.at,
        office=f"{system}的系统" if system else _office(user),
        role="、".join(_roles(user)) if user and not is_own else "",
        what=_what(view, row.what, files),
        paper=row.what.split(":")[1] if row.what.startswith(_PAPER) else "",
        is_own=is_own,
    )


def _is_applicant(user: User | None) -> bool:
    return user is not None and user.kind == User.Kind.APPLICANT


def _office(user: User | None) -> str:
    return user.office.name if user and user.office else ""


def _roles(user: User) -> list[str]:
    held = {grant.role for grant in user.role_grants.all()}
    return [str(role.label) for role in Role if role.value in held]


def _what(view: CaseView, what: str, files: dict[str, str]) -> str:
    if what.startswith(_PAPER):
        return ""
    if what.startswith(_PAYMENTS):
        return "付款清单"
    if what.startswith(_LIST):
        return "给部门的办件清单"
    if what.startswith(_ORIGINAL):
        code = files.get(what.removeprefix(_ORIGINAL))
        return f"{timeline.name_of(view.edition, code)}的原始文件" if code else "一个原始文件"
    if not what.startswith(_FILE):
        return timeline.name_of(view.edition, what)
    code = files.get(what.removeprefix(_FILE))
    return f"{timeline.name_of(view.edition, code)}的文件" if code else "一个文件"


def _materials_of_files(view: CaseView) -> dict[str, str]:
    rows = FileRecord.objects.filter(case_id=view.id).values_list("id", "material")
    return {str(file_id): material for file_id, material in rows}
