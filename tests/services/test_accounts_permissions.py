"""Every command is permitted to someone, and to nobody from elsewhere."""

from dataclasses import replace
from uuid import UUID

import pytest

from lianban.accounts import permissions
from lianban.accounts.actor import Actor
from lianban.accounts.permissions import PERMITTED, Scope, Subject
from lianban.engine.refusal import Refused

PERSON, OTHER, CASE = (UUID(int=n) for n in (1, 2, 3))
LEAD, DEPARTMENT, HERE, ELSEWHERE = "lead", "another", "990102", "990103"
WHOLE = Subject(district=HERE, lead_department=LEAD, applicant_user_id=PERSON, case_id=CASE)
ITEM = replace(WHOLE, item_department=DEPARTMENT)
LEADS_ITEM = replace(WHOLE, item_department=LEAD)
ENTRUSTED = replace(LEADS_ITEM, entrusted=True)
SUBJECTS = (WHOLE, ITEM, LEADS_ITEM, ENTRUSTED)
COMMANDS = sorted(PERMITTED)


def officer(*roles: str, department: str = LEAD, district: str = HERE) -> Actor:
    return Actor(
        kind="officer",
        user_id=OTHER,
        roles=frozenset(roles),
        department=department,
        district=district,
        districts=frozenset({district}),
    )


OWNER = Actor(kind="applicant", user_id=PERSON)
CLERK = officer("counter_clerk")
BUREAU = officer("bureau_officer")
HEAD = officer("bureau_head")
DESK = officer("department_officer", department=DEPARTMENT)
SYSTEM_OF_ANOTHER = Actor.partner(department=DEPARTMENT, name="", districts=frozenset({HERE}))
EVERYONE = (OWNER, CLERK, BUREAU, HEAD, DESK, SYSTEM_OF_ANOTHER, Actor.system())

# Commands of the formats page, kept here as a second list: neither may lose one unseen.
NAMED = [
    "submit",
    "register",
    "pass_pre_review",
    "refuse_acceptance",
    "request_correction",
    "correct",
    "accept_with_deferral",
    "receive_dossier",
    "import_roster",
    "register_reception",
    "gather_batch",
    "withdraw",
    "terminate",
    "conclude",
    "reopen",
    "dispatch",
    "receive",
    "accept",
    "return",
    "suspend",
    "resume",
    "extend",
    "grant",
    "deny",
    "deliver",
    "change_delivery",
    "confirm_receipt",
    "external_event",
    "waive",
    "split_off",
    "grade_materials",
    "tick_seen",
    "rate",
    "call_back",
    "make_pack",
    "book",
    "come",
    "give_time",
    "open_slots",
    "untick",
    "pass_time",
    "claim",
    "give_back",
    "answer_enquiry",
    "compute_amount",
    "approve_amount",
    "order_payment",
    "note_bank_answer",
    "note_mail",
    "note_payment",
    "verify_papers",
    "change_account",
    "reassign",
    "propose_refuse_acceptance",
    "propose_deny",
    "propose_waive",
    "propose_terminate",
    "send_back_proposal",
    "correct_person",
    "change_phone",
    "decide_person_conflict",
    "propose_move",
    "decide_move",
    "appoint_agent",
    "revoke_agent",
    "sign",
    "file_form",
    "open_original",
    "see",
]


def commands_of(actor: Actor, *subjects: Subject) -> set[str]:
    return {
        command
        for command in COMMANDS
        for subject in subjects
        if permissions.allows(actor=actor, command=command, subject=subject)
    }


def test_the_table_names_every_command_and_no_other() -> None:
    assert sorted(NAMED) == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_permitted_to_someone(command: str) -> None:
    assert any(command in commands_of(actor, *SUBJECTS) for actor in EVERYONE)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_stranger_another_district_and_another_department_are_refused(
    command: str, subject: Subject
) -> None:
    roles = ("counter_clerk", "bureau_officer", "bureau_head", "department_officer")
    strangers = (
        Actor(kind="applicant", user_id=OTHER),
        Actor(kind="applicant"),
        Actor.receipt_holder(case_id=OTHER),
        officer(*roles, district=ELSEWHERE),
        officer(*roles, department=DEPARTMENT, district=ELSEWHERE),
        officer(*roles[1:], department="a third"),
        officer("administrator"),
        officer(),
        officer("applicant", "system"),
        Actor(kind="officer", user_id=OTHER, roles=frozenset(roles)),
    )
    for actor in strangers:
        with pytest.raises(Refused) as refusal:
            permissions.require(actor=actor, command=command, subject=subject)
        assert refusal.value.code == "not_permitted"


def test_a_person_may_do_the_same_by_account_or_by_receipt() -> None:
    expected = {
        "appoint_agent",
        "change_account",
        "change_delivery",
        "change_phone",
        "confirm_receipt",
        "rate",
        "revoke_agent",
        "sign",
    }
    expected |= {"submit", "correct", "withdraw", "untick", "see", "book"}
    assert commands_of(OWNER, *SUBJECTS) == expected
    assert commands_of(Actor.receipt_holder(case_id=CASE), *SUBJECTS) == expected


def test_a_case_without_an_account_belongs_to_no_actor_without_an_account() -> None:
    nobodys = replace(WHOLE, applicant_user_id=None, case_id=None)
    for actor in (Actor(kind="applicant"), Actor.receipt_holder(case_id=CASE)):
        assert not commands_of(actor, nobodys)


def test_the_counter_decides_entrusted_items_only() -> None:
    decisions = {"receive", "accept", "grant", "deny"}
    assert decisions <= commands_of(CLERK, ENTRUSTED)
    assert not decisions & commands_of(CLERK, WHOLE, ITEM, LEADS_ITEM)


def test_a_department_acts_on_its_own_items_and_never_on_the_case() -> None:
    assert {"receive", "grant", "return"} <= commands_of(DESK, ITEM)
    assert not commands_of(DESK, WHOLE, LEADS_ITEM, ENTRUSTED)


def test_the_bureau_does_not_decide_for_a_department() -> None:
    assert "grant" in commands_of(BUREAU, LEADS_ITEM)
    assert not {"grant", "deny", "return"} & commands_of(HEAD, ITEM)


KEPT = {"refuse_acceptance", "deny", "waive", "terminate"}


def test_what_the_plan_keeps_for_the_head_is_only_proposed_by_others() -> None:
    kept = [replace(one, approvals=frozenset(KEPT)) for one in SUBJECTS]
    assert not KEPT & commands_of(BUREAU, *kept)
    assert not KEPT & commands_of(CLERK, *kept)
    assert commands_of(HEAD, *kept) >= KEPT
    assert {f"propose_{name}" for name in KEPT} <= commands_of(BUREAU, *kept)
    assert {"propose_refuse_acceptance", "propose_deny"} <= commands_of(CLERK, *kept)


def test_a_departments_own_denial_waits_for_nobody() -> None:
    own = replace(ITEM, approvals=frozenset(KEPT))
    assert "deny" in commands_of(DESK, own)
    assert "deny" in commands_of(CLERK, replace(own, entrusted=True))


def test_an_item_sent_to_another_district_is_decided_there_and_no_longer_here() -> None:
    sent = replace(ITEM, item_district=ELSEWHERE)
    there = replace(DESK, district=ELSEWHERE, districts=frozenset({ELSEWHERE}))
    assert "grant" in commands_of(there, sent)
    assert not commands_of(DESK, sent)
    assert "dispatch" in commands_of(BUREAU, sent)


def test_only_the_head_waives_reopens_and_terminates_a_case() -> None:
    beyond = commands_of(HEAD, *SUBJECTS) - commands_of(BUREAU, *SUBJECTS)
    assert beyond == {"waive", "reopen", "send_back_proposal", "open_original"}
    assert "terminate" in commands_of(HEAD, WHOLE)
    assert "terminate" not in commands_of(BUREAU, WHOLE)
    assert "terminate" in commands_of(BUREAU, ITEM)


def test_a_city_officer_acts_in_the_districts_below() -> None:
    city = replace(BUREAU, district="990100", districts=frozenset({"990100", HERE}))
    assert "conclude" in commands_of(city, WHOLE)


def test_the_system_does_only_what_time_and_messages_bring() -> None:
    assert commands_of(Actor.system(), *SUBJECTS) == {"dispatch", "external_event", "pass_time"}


def test_a_command_that_nobody_wrote_down_is_refused_to_everyone() -> None:
    for actor in EVERYONE:
        assert not permissions.allows(actor=actor, command="destroy", subject=WHOLE)


def test_whom_to_ask_is_known_for_every_command() -> None:
    assert all(permissions.roles_for(command) for command in COMMANDS)
    assert {scope for lines in PERMITTED.values() for _, scope in lines} == set(Scope)
