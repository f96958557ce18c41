"""Who may give which command: one table, denied where it is silent.

A command is permitted if one of its lines fits: the actor has the line's role, and the scope holds
between the actor and the subject. What the plan decides (which department owns an item, which items
a counter may decide for another) comes in with the subject; no item or department is named here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from uuid import UUID

from lianban.accounts.actor import Actor
from lianban.engine.refusal import Refused

APPLICANT = "applicant"
SYSTEM = "system"
CLERK = "counter_clerk"
BUREAU = "bureau_officer"
HEAD = "bureau_head"
DEPARTMENT = "department_officer"
#: A partner's own system, which acts for its department.
PARTNER = "partner"


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What a command is about: a joint case, or one of its sub-cases.

    `item_department` is the sub-case's owner, None for the case as a whole; `entrusted` says that
    the plan lets the counter decide this item. `applicant_user_id` is None for a person without
    an account, `case_id` None for a case that is only being made. `approvals` are the commands that
    the plan keeps for the bureau's head; `item_district` is where the item's office is, if it is not
    in the case's own district.
    """

    district: str
    lead_department: str
    applicant_user_id: UUID | None = None
    case_id: UUID | None = None
    item_department: str | None = None
    entrusted: bool = False
    approvals: frozenset[str] = frozenset()
    item_district: str | None = None


class Scope(Enum):
    """How far a role reaches."""

    ANYTHING = auto()
    """No limit: only for the system itself."""
    OWN_CASE = auto()
    """A case handed in by this account, or opened by its receipt."""
    DISTRICT = auto()
    """A case, or any of its items, of the office's district or below."""
    DISTRICT_CASE = auto()
    """The same, for the case as a whole only."""
    LEAD = auto()
    """DISTRICT, and the office belongs to the department that leads the case."""
    LEAD_CASE = auto()
    """LEAD, for the case as a whole only."""
    LEAD_ITEM = auto()
    """LEAD, for a single item only, whoever owns it."""
    OWN_ITEM = auto()
    """An item that the office's department owns, of a case in its districts or sent to one."""
    ENTRUSTED = auto()
    """An item that the plan lets the counter decide, of a case in its districts."""


def _owns_case(actor: Actor, subject: Subject) -> bool:
    by_account = actor.user_id is not None and actor.user_id == subject.applicant_user_id
    return by_account or (subject.case_id is not None and subject.case_id in actor.case_ids)


def _in_district(actor: Actor, subject: Subject) -> bool:
    return subject.district in actor.districts


def _of_lead(actor: Actor, subject: Subject) -> bool:
    return _in_district(actor, subject) and actor.department == subject.lead_department


def _whole(subject: Subject) -> bool:
    return subject.item_department is None


_HOLDS: Mapping[Scope, Callable[[Actor, Subject], bool]] = {
    Scope.ANYTHING: lambda actor, subject: True,
    Scope.OWN_CASE: _owns_case,
    Scope.DISTRICT: _in_district,
    Scope.DISTRICT_CASE: lambda actor, subject: _in_district(actor, subject) and _whole(subject),
    Scope.LEAD: _of_lead,
    Scope.LEAD_CASE: lambda actor, subject: _of_lead(actor, subject) and _whole(subject),
    Scope.LEAD_ITEM: lambda actor, subject: _of_lead(actor, subject) and not _whole(subject),
    Scope.OWN_ITEM: lambda actor, subject: (
        (subject.item_district or subject.district) in actor.districts
        and not _whole(subject)
        and actor.department == subject.item_department
    ),
    Scope.ENTRUSTED: lambda actor, subject: (
        _in_district(actor, subject) and not _whole(subject) and subject.entrusted
    ),
}

Line = tuple[str, Scope]
_APPLICANT: Line = (APPLICANT, Scope.OWN_CASE)
_SYSTEM: Line = (SYSTEM, Scope.ANYTHING)
_COUNTER: Line = (CLERK, Scope.DISTRICT)
_COUNTER_CASE: Line = (CLERK, Scope.DISTRICT_CASE)
_COUNTER_ENTRUSTED: Line = (CLERK, Scope.ENTRUSTED)
_LEAD: Line = (BUREAU, Scope.LEAD)
_LEAD_CASE: Line = (BUREAU, Scope.LEAD_CASE)
_HEAD: Line = (HEAD, Scope.LEAD)
_LEAD_ITEM: Line = (BUREAU, Scope.LEAD_ITEM)
_LEADS_OWN: Line = (BUREAU, Scope.OWN_ITEM)
_DEPARTMENTS_OWN: Line = (DEPARTMENT, Scope.OWN_ITEM)
_PARTNERS_OWN: Line = (PARTNER, Scope.OWN_ITEM)
_OWNERS: tuple[Line, ...] = (_LEADS_OWN, _DEPARTMENTS_OWN)
_PARTNERS: Line = (PARTNER, Scope.DISTRICT)
#: Who handles an item: by hand at a desk, or by a system of its own.
_HANDLERS: tuple[Line, ...] = (*_OWNERS, _PARTNERS_OWN)

PERMITTED: Mapping[str, tuple[Line, ...]] = {
    # the case comes in
    "submit": (_APPLICANT,),
    "register": (_COUNTER_CASE,),
    "pass_pre_review": (_LEAD_CASE,),
    "refuse_acceptance": (_COUNTER_CASE, _LEAD_CASE, _PARTNERS_OWN),
    "request_correction": (_COUNTER_CASE, _LEAD_CASE, *_HANDLERS),
    "correct": (_APPLICANT, _COUNTER),
    "tick_seen": (_COUNTER_CASE, _LEAD_CASE, *_OWNERS),
    "grade_materials": (_COUNTER_CASE, _LEAD_CASE, *_OWNERS),
    "accept_with_deferral": (_COUNTER_CASE, _LEAD_CASE, *_OWNERS),
    "untick": (_APPLICANT, _COUNTER, _LEAD),
    "withdraw": (_APPLICANT, _COUNTER),
    # milestones, and the case as a whole
    "receive_dossier": (_LEAD_CASE,),
    "import_roster": (_LEAD_CASE,),
    "register_reception": (_LEAD_CASE,),
    "gather_batch": (_LEAD_CASE,),
    "dispatch": (_LEAD, _SYSTEM),
    "external_event": (_LEAD, _DEPARTMENTS_OWN, _PARTNERS_OWN, _SYSTEM),
    "split_off": (_LEAD,),
    "terminate": (_HEAD, (BUREAU, Scope.LEAD_ITEM)),
    "waive": (_HEAD,),
    "reopen": (_HEAD,),
    "conclude": (_LEAD,),
    "pass_time": (_SYSTEM,),
    # the items
    "receive": (*_HANDLERS, _COUNTER_ENTRUSTED),
    "accept": (*_HANDLERS, _COUNTER_ENTRUSTED),
    "return": _HANDLERS,
    "suspend": _HANDLERS,
    "resume": _HANDLERS,
    "extend": _HANDLERS,
    "grant": (*_HANDLERS, _COUNTER_ENTRUSTED),
    "deny": (*_HANDLERS, _COUNTER_ENTRUSTED),
    "deliver": (*_HANDLERS, _COUNTER),
    "change_delivery": (_APPLICANT, _COUNTER, *_OWNERS),
    "confirm_receipt": (_APPLICANT, _COUNTER, *_OWNERS),
    # signatures, and who acts for the person
    "sign": (_APPLICANT, _COUNTER, _LEAD, _DEPARTMENTS_OWN),
    "appoint_agent": (_APPLICANT, _COUNTER_CASE),
    "revoke_agent": (_APPLICANT, _COUNTER_CASE),
    # coming in person
    "book": (_APPLICANT, _COUNTER_CASE),
    "come": (_COUNTER_CASE, _LEAD_CASE, *_HANDLERS),
    "give_time": (_PARTNERS_OWN,),
    "open_slots": ((CLERK, Scope.DISTRICT), *_OWNERS),
    # the worklist
    "rate": (_APPLICANT,),
    "call_back": (_LEAD, *_OWNERS),
    "make_pack": (_LEAD_CASE,),
    "claim": (*_OWNERS, _LEAD_CASE),
    "give_back": (*_OWNERS, _LEAD_CASE),
    "reassign": (*_OWNERS, _HEAD),
    "answer_enquiry": _OWNERS,
    # money
    "compute_amount": _OWNERS,
    "approve_amount": _OWNERS,
    "order_payment": _OWNERS,
    "note_payment": _OWNERS,
    "change_account": (_APPLICANT, _COUNTER_CASE),
    # what waits for the head, who decides it or sends it back
    "propose_refuse_acceptance": (_COUNTER_CASE, _LEAD_CASE),
    "propose_deny": (_LEADS_OWN, _COUNTER_ENTRUSTED),
    "propose_waive": (_LEAD_ITEM,),
    "propose_terminate": (_LEAD,),
    "send_back_proposal": (_HEAD,),
    # who the person is, and where the case is
    "correct_person": (_COUNTER_CASE, _LEAD_CASE),
    "change_phone": (_APPLICANT,),
    "decide_person_conflict": (_LEAD_CASE,),
    "propose_move": (_LEAD_CASE,),
    "decide_move": (_LEAD_CASE,),
    # what partners' systems answer that the plan names; the service holds who was asked
    "verify_papers": (_PARTNERS,),
    "note_mail": (_PARTNERS,),
    "note_bank_answer": (_PARTNERS,),
    # files
    "open_original": ((HEAD, Scope.LEAD_CASE),),
    "file_form": (_COUNTER_CASE,),
    # reading
    "see": (_APPLICANT, _COUNTER, _LEAD, _DEPARTMENTS_OWN, _PARTNERS_OWN),
}

_IMPLIES: Mapping[str, frozenset[str]] = {HEAD: frozenset({HEAD, BUREAU})}


def roles_of(actor: Actor) -> frozenset[str]:
    """Return the roles an actor acts in; the bureau's head may do all that its officers may."""
    return _acts_in(actor.kind, actor.roles)


@lru_cache(maxsize=256)
def _acts_in(kind: str, roles: frozenset[str]) -> frozenset[str]:
    if kind != "officer":
        return frozenset({kind})
    implied = (_IMPLIES.get(role, frozenset({role})) for role in roles)
    return frozenset[str]().union(*implied) - {APPLICANT, SYSTEM, PARTNER}


def allows(*, actor: Actor, command: str, subject: Subject) -> bool:
    """Say whether the actor may give this command about this subject.

    A command that the table does not name is permitted to nobody.
    """
    roles = roles_of(actor)
    return any(
        role in roles
        and _HOLDS[scope](actor, subject)
        and (HEAD in roles or not _kept_for_head(role, command, subject))
        for role, scope in PERMITTED.get(command, ())
    )


def _kept_for_head(role: str, command: str, subject: Subject) -> bool:
    """Whether the plan lets this role only propose the command: another department's item is its own."""
    if command not in subject.approvals:
        return False
    own = subject.item_department in (None, subject.lead_department)
    return role == BUREAU or (role == CLERK and own)


def require(*, actor: Actor, command: str, subject: Subject) -> None:
    """Raise Refused("not_permitted") unless the actor may give this command."""
    if not allows(actor=actor, command=command, subject=subject):
        raise Refused("not_permitted", f"{command} is not permitted", command=command)


def may_see(*, actor: Actor, subject: Subject) -> bool:
    """Say whether the actor may read this case or sub-case at all; if not, it does not exist."""
    return allows(actor=actor, command="see", subject=subject)


def roles_for(command: str) -> frozenset[str]:
    """Return the roles that may give a command somewhere, to tell people whom to ask."""
    return frozenset(role for role, _ in PERMITTED.get(command, ()))
