"""Claiming work: one wins, the other reads who has it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from django.db import connection

from lianban.accounts import actors
from lianban.accounts.actor import Actor
from lianban.accounts.models import Office, RoleGrant, User
from lianban.cases import services
from lianban.cases.content import Content
from lianban.cases.models import JointCaseRecord, SubCaseRecord
from lianban.cases.services import claims, drafts, hand_in
from lianban.engine import commands as c
from lianban.engine.refusal import Refused
from tests.services.cast import CONSCRIPT, FIELDS, City, moment

pytestmark = pytest.mark.django_db(transaction=True)
AT = moment("2026-09-03 10:00")


@pytest.fixture
def city() -> City:
    return City().build()


@pytest.fixture
def case_id(city: City) -> UUID:
    """A counter's case whose second step is with the departments."""
    draft = drafts.start(district="439901", actor=city.clerk, at=AT)
    content = Content(answers=CONSCRIPT, fields=FIELDS)
    plan = content.plan(draft.edition)
    content = replace(content, materials=dict.fromkeys(hand_in.needed_codes(plan), "seen"))
    drafts.save(draft_id=draft.id, content=content, actor=city.clerk, at=AT)
    found = hand_in.register(draft_id=draft.id, actor=city.clerk, at=AT).case_id
    services.run(c.Grant(1), case_id=found, actor=city.clerk, at=AT)
    for command in (c.ReceiveDossier(), c.RegisterReception(), c.GatherBatch()):
        services.run(command, case_id=found, actor=city.bureau, at=AT)
    return found


def colleague(name: str, department: str = "public_security", district: str = "439901") -> Actor:
    office = Office.objects.get(department=department, district=district)
    user = User.objects.create(kind="officer", username=name, name=name, office=office)
    RoleGrant.objects.create(user=user, role="department_officer")
    return actors.from_user(user)


def holder(case_id: UUID, item: int) -> UUID | None:
    return SubCaseRecord.objects.get(case_id=case_id, number=item).claimed_by_id


def test_an_officer_claims_an_item_and_gives_it_back(city: City, case_id: UUID) -> None:
    officer = city.officer("department_officer", "public_security")
    claims.claim(case_id=case_id, item=3, actor=officer, at=AT)
    assert holder(case_id, 3) == officer.user_id
    assert SubCaseRecord.objects.get(case_id=case_id, number=3).claimed_at == AT
    claims.give_back(case_id=case_id, item=3, actor=officer, at=AT)
    claims.give_back(case_id=case_id, item=3, actor=officer, at=AT)
    assert holder(case_id, 3) is None


def test_a_second_claim_by_the_same_officer_changes_nothing(city: City, case_id: UUID) -> None:
    officer = city.officer("department_officer", "public_security")
    claims.claim(case_id=case_id, item=3, actor=officer, at=AT)
    claims.claim(case_id=case_id, item=3, actor=officer, at=moment("2026-09-03 11:00"))
    assert SubCaseRecord.objects.get(case_id=case_id, number=3).claimed_at == AT


def test_of_two_officers_at_once_one_wins_and_the_other_reads_who_has_it(case_id: UUID) -> None:
    officers, start = [colleague("赵甲"), colleague("钱乙")], Barrier(2)

    def take(officer: Actor) -> str:
        try:
            start.wait()
            claims.claim(case_id=case_id, item=3, actor=officer, at=AT)
        except Refused as refusal:
            return str(refusal.details["by"])
        finally:
            connection.close()
        return ""

    for _ in range(5):
        SubCaseRecord.objects.filter(case_id=case_id).update(claimed_by=None)
        with ThreadPoolExecutor(2) as pool:
            lost = [name for name in pool.map(take, officers) if name]
        assert lost == [User.objects.get(id=holder(case_id, 3)).name]


def test_an_item_of_another_department_or_county_does_not_exist(city: City, case_id: UUID) -> None:
    strangers = (
        city.officer("department_officer", "medical_insurance"),
        city.officer("department_officer", "public_security", "439902"),
    )
    for stranger in strangers:
        with pytest.raises(Refused, match="没有这件联办件") as caught:
            claims.claim(case_id=case_id, item=3, actor=stranger, at=AT)
        assert caught.value.code == "unknown_case"


def test_a_case_or_item_that_is_not_there_is_unknown(city: City, case_id: UUID) -> None:
    officer = city.officer("department_officer", "public_security")
    for wrong in ((case_id, 99), (uuid4(), 3)):
        with pytest.raises(Refused) as caught:
            claims.claim(case_id=wrong[0], item=wrong[1], actor=officer, at=AT)
        assert caught.value.code == "unknown_case"


def test_a_clerk_may_see_but_not_claim(city: City, case_id: UUID) -> None:
    with pytest.raises(Refused) as caught:
        claims.claim(case_id=case_id, item=3, actor=city.clerk, at=AT)
    assert caught.value.code == "not_permitted"


def test_what_has_not_come_or_has_ended_cannot_be_claimed(city: City, case_id: UUID) -> None:
    officer = city.officer("department_officer", "public_security")
    with pytest.raises(Refused, match="还没送到") as caught:
        claims.claim(case_id=case_id, item=4, actor=officer, at=AT)
    assert caught.value.code == "not_ready"
    services.run(c.Deny(3, "不符合办理条件"), case_id=case_id, actor=officer, at=AT)
    with pytest.raises(Refused) as caught:
        claims.claim(case_id=case_id, item=3, actor=officer, at=AT)
    assert caught.value.code == "ended"


def test_an_item_that_went_back_to_the_bureau_cannot_be_claimed(city: City, case_id: UUID) -> None:
    officer = city.officer("department_officer", "public_security")
    services.run(c.Return(3, "不归本部门办理"), case_id=case_id, actor=officer, at=AT)
    with pytest.raises(Refused) as caught:
        claims.claim(case_id=case_id, item=3, actor=officer, at=AT)
    assert caught.value.code == "not_ready"


def test_what_a_colleague_who_left_has_claimed_is_free(city: City, case_id: UUID) -> None:
    gone = colleague("赵甲")
    claims.claim(case_id=case_id, item=3, actor=gone, at=AT)
    User.objects.filter(id=gone.user_id).update(is_active=False)
    officer = city.officer("department_officer", "public_security")
    claims.claim(case_id=case_id, item=3, actor=officer, at=AT)
    assert holder(case_id, 3) == officer.user_id


def test_many_rows_are_claimed_with_a_result_each(city: City, case_id: UUID) -> None:
    other = colleague("赵甲")
    claims.claim(case_id=case_id, item=14, actor=other, at=AT)
    officer = city.officer("department_officer", "public_security")
    results = claims.claim_many(
        [(case_id, 3), (case_id, 14), (case_id, 4), (case_id, 3)], actor=officer, at=AT
    )
    assert [(r.item, r.is_done, r.code) for r in results] == [
        (3, True, ""), (14, False, "already_claimed"), (4, False, "not_ready"),
    ]  # fmt: skip
    assert "赵甲" in results[1].message
    assert all(r.is_done for r in claims.give_back_many([(case_id, 3)], actor=officer, at=AT))


def test_who_acts_has_the_item_and_a_colleague_is_told(city: City, case_id: UUID) -> None:
    officer = city.officer("department_officer", "public_security")
    claims.act(c.Accept(3), case_id=case_id, item=3, actor=officer, at=AT)
    assert holder(case_id, 3) == officer.user_id
    with pytest.raises(Refused) as caught:
        claims.act(c.Grant(3), case_id=case_id, item=3, actor=colleague("赵甲"), at=AT)
    assert caught.value.code == "already_claimed"
    assert SubCaseRecord.objects.get(case_id=case_id, number=3).state == "accepted"


def test_a_refused_command_leaves_no_claim(city: City, case_id: UUID) -> None:
    officer = city.officer("department_officer", "public_security")
    with pytest.raises(Refused):
        claims.act(c.Deny(3, ""), case_id=case_id, item=3, actor=officer, at=AT)
    assert holder(case_id, 3) is None


def test_a_decision_given_twice_is_harmless(city: City, case_id: UUID) -> None:
    officer = city.officer("department_officer", "public_security")
    for _ in range(2):
        claims.act(
            c.Deny(3, "不符合办理条件"), case_id=case_id, item=3, actor=officer, at=AT,
            expected_sequence=JointCaseRecord.objects.get(id=case_id).sequence,
        )  # fmt: skip
    assert SubCaseRecord.objects.get(case_id=case_id, number=3).outcome == "denied"


def test_the_bureau_claims_a_case_as_a_whole(city: City, case_id: UUID) -> None:
    claims.claim(case_id=case_id, item=None, actor=city.bureau, at=AT)
    assert JointCaseRecord.objects.get(id=case_id).claimed_by_id == city.bureau.user_id
    with pytest.raises(Refused):
        claims.claim(case_id=case_id, item=None, actor=city.head, at=AT)
    claims.give_back(case_id=case_id, item=None, actor=city.bureau, at=AT)
    assert JointCaseRecord.objects.get(id=case_id).claimed_by_id is None
