"""Two people for refusals, waivers and terminations: one proposes, the bureau's head decides."""

from dataclasses import replace
from uuid import UUID

import pytest

from lianban.accounts import actors
from lianban.accounts.actor import Actor
from lianban.accounts.models import Office, RoleGrant, User
from lianban.cases import proposal_lists, queries, services
from lianban.cases.content import Content
from lianban.cases.models import MessageRecord, ProposalRecord
from lianban.cases.services import claims, counter, drafts, hand_in, proposals
from lianban.engine import commands as c
from lianban.engine.refusal import Refused
from tests.services.cast import CONSCRIPT, FIELDS, City, moment, originals_seen, ways

pytestmark = pytest.mark.django_db
AT, LATER = moment("2026-09-03 10:00"), moment("2026-09-04 10:00")
DENIAL = c.Deny(9, "不符合办理条件")


@pytest.fixture
def city() -> City:
    return City().build()


@pytest.fixture
def case_id(city: City) -> UUID:
    """A person's case with reception registered: the bureau's own items are at its desk."""
    actor = city.applicant()
    draft = drafts.start(district="439901", actor=actor, at=AT)
    content = Content(answers=CONSCRIPT, fields=FIELDS)
    codes = hand_in.needed_codes(content.plan(draft.edition))
    content = replace(content, materials=ways(actor, codes))
    drafts.save(draft_id=draft.id, content=content, actor=actor, at=AT)
    found = hand_in.submit(draft_id=draft.id, actor=actor, at=AT).case_id
    give(c.PassPreReview(), found, city.bureau)
    originals_seen(found, by=city.clerk, at=AT)
    give(c.Grant(1), found, city.clerk)
    give(c.ReceiveDossier(), found, city.bureau)
    give(c.RegisterReception(), found, city.bureau)
    return found


def give(command: c.Command, case_id: UUID, actor: Actor) -> None:
    services.run(command, case_id=case_id, actor=actor, at=AT)


def person(case_id: UUID) -> Actor:
    return actors.from_user(User.objects.get(kind="applicant"))


def another_head(city: City) -> Actor:
    office = Office.objects.get(department="veterans_affairs", district="439901")
    user = User.objects.create(kind="officer", username="li", name="李副局长", office=office)
    RoleGrant.objects.create(user=user, role="bureau_head")
    return actors.from_user(user)


def propose(command: c.Command, case_id: UUID, actor: Actor) -> ProposalRecord:
    proposals.propose(command, case_id=case_id, actor=actor, at=AT)
    return ProposalRecord.objects.get(case_id=case_id, state="open")


def events(case_id: UUID, actor: Actor) -> list[str]:
    view = queries.get(case_id=case_id, actor=actor, at=LATER)
    return [line.event for line in queries.history(view)]


def sub(case_id: UUID, actor: Actor, number: int) -> object:
    return queries.get(case_id=case_id, actor=actor, at=LATER).case.sub_cases[number]


def refused(act: object, **words: object) -> str:
    with pytest.raises(Refused) as caught:
        act(**words)  # type: ignore[operator]
    return caught.value.code


@pytest.mark.parametrize(
    "command",
    [
        DENIAL,
        c.Terminate("申请人去世", 9),
        c.Terminate("申请人去世"),
        c.Waive(4, "3", "已在别处办好"),
    ],
    ids=lambda command: type(command).__name__,
)
def test_an_officer_cannot_decide_but_propose(
    city: City, case_id: UUID, command: c.Command
) -> None:
    assert refused(services.run, command=command, case_id=case_id, actor=city.bureau, at=AT) == (
        "not_permitted"
    )
    row = propose(command, case_id, city.bureau)
    assert proposals.command_of(row) == command


def test_the_person_sees_nothing_until_the_head_has_decided(city: City, case_id: UUID) -> None:
    messages = MessageRecord.objects.count()
    row = propose(DENIAL, case_id, city.bureau)
    assert sub(case_id, city.bureau, 9).state == "ready"  # type: ignore[attr-defined]
    assert MessageRecord.objects.count() == messages
    assert "Proposed" in events(case_id, city.bureau)
    assert not {"Proposed"} & set(events(case_id, person(case_id)))
    proposals.approve(proposal_id=row.id, actor=city.head, at=LATER)
    assert sub(case_id, city.bureau, 9).outcome == "denied"  # type: ignore[attr-defined]
    own = events(case_id, person(case_id))
    assert "Denied" in own
    assert "ProposalApproved" not in own
    assert MessageRecord.objects.filter(kind="denied").count() == 1


def test_both_names_stand_in_the_record(city: City, case_id: UUID) -> None:
    User.objects.filter(id=city.bureau.user_id).update(name="赵经办")
    row = propose(DENIAL, case_id, city.bureau)
    proposals.approve(proposal_id=row.id, actor=replace(city.head, name="钱局长"), at=LATER)
    lines = queries.history(queries.get(case_id=case_id, actor=city.bureau, at=LATER))
    line = next(line for line in lines if line.event == "ProposalApproved")
    assert (line.actor, "赵经办" in line.text) == ("钱局长", True)
    assert next(one.actor for one in lines if one.event == "Denied") == "钱局长"


def test_nobody_approves_an_own_proposal_not_even_after_becoming_head(
    city: City, case_id: UUID
) -> None:
    row = propose(DENIAL, case_id, city.bureau)
    risen = replace(city.bureau, roles=frozenset({"bureau_officer", "bureau_head"}))
    assert refused(proposals.approve, proposal_id=row.id, actor=risen, at=LATER) == "own_proposal"
    proposals.approve(proposal_id=row.id, actor=another_head(city), at=LATER)
    assert ProposalRecord.objects.get().state == "approved"


def test_an_officer_cannot_approve(city: City, case_id: UUID) -> None:
    row = propose(DENIAL, case_id, city.bureau)
    assert (
        refused(proposals.approve, proposal_id=row.id, actor=city.bureau, at=LATER)
        == "not_permitted"
    )
    stranger = city.officer("bureau_head", "veterans_affairs", "439902")
    for act in (proposals.approve, proposals.take_back):
        assert refused(act, proposal_id=row.id, actor=stranger, at=LATER) == "unknown_proposal"


def test_the_head_decides_directly_and_needs_no_proposal(city: City, case_id: UUID) -> None:
    assert (
        refused(proposals.propose, command=DENIAL, case_id=case_id, actor=city.head, at=AT)
        == "may_decide"
    )
    give(DENIAL, case_id, city.head)
    assert sub(case_id, city.bureau, 9).outcome == "denied"  # type: ignore[attr-defined]


def test_a_proposal_given_twice_is_one_and_another_waits_for_it(city: City, case_id: UUID) -> None:
    for _ in range(2):
        propose(DENIAL, case_id, city.bureau)
    assert ProposalRecord.objects.count() == 1
    other = c.Terminate("申请人去世", 9)
    code = refused(proposals.propose, command=other, case_id=case_id, actor=city.bureau, at=AT)
    assert code == "already_proposed"


def test_what_the_rules_refuse_cannot_be_proposed(city: City, case_id: UUID) -> None:
    wrong = {
        "needs_grounds": c.Deny(9, " "),
        "not_permitted": c.Deny(3, "不符合办理条件"),
        "personal_value": c.Deny(9, "号码 13800000001 的人"),
        "not_a_prerequisite": c.Waive(4, "9", "依据"),
    }
    for code, command in wrong.items():
        given = refused(
            proposals.propose, command=command, case_id=case_id, actor=city.bureau, at=AT
        )
        assert given == code


def test_a_proposal_sent_back_can_be_made_anew_and_one_taken_back_is_gone(
    city: City, case_id: UUID
) -> None:
    row = propose(DENIAL, case_id, city.bureau)
    empty = refused(proposals.send_back, proposal_id=row.id, words=" ", actor=city.head, at=LATER)
    assert empty == "needs_grounds"
    proposals.send_back(proposal_id=row.id, words="先问学校", actor=city.head, at=LATER)
    assert refused(proposals.approve, proposal_id=row.id, actor=city.head, at=LATER) == "ended"
    view = queries.get(case_id=case_id, actor=city.bureau, at=LATER)
    assert [one.words for one in proposal_lists.of_case(view)] == ["先问学校"]
    again = propose(c.Deny(9, "学校答复没有学籍"), case_id, city.bureau)
    assert (
        refused(proposals.take_back, proposal_id=again.id, actor=city.head, at=LATER)
        == "not_permitted"
    )
    proposals.take_back(proposal_id=again.id, actor=city.bureau, at=LATER)
    assert proposal_lists.open_count(actor=city.head) == 0


def test_a_proposal_that_no_longer_fits_says_so_and_is_not_approved(
    city: City, case_id: UUID
) -> None:
    row = propose(DENIAL, case_id, city.bureau)
    give(c.Withdraw(9), case_id, person(case_id))
    assert refused(proposals.approve, proposal_id=row.id, actor=city.head, at=LATER) == "ended"
    shown = proposal_lists.get(proposal_id=row.id, actor=city.head)
    view = queries.get(case_id=case_id, actor=city.head, at=LATER)
    assert proposal_lists.effect(shown, view, at=LATER).refusal


def test_the_head_reads_what_an_approval_leads_to(city: City, case_id: UUID) -> None:
    row = propose(c.Terminate("申请人去世", 3), case_id, city.bureau)
    shown = proposal_lists.get(proposal_id=row.id, actor=city.head)
    view = queries.get(case_id=case_id, actor=city.head, at=LATER)
    found = proposal_lists.effect(shown, view, at=LATER)
    name = view.edition.item(3).short_name
    assert found.ends == (name,)
    assert view.edition.item(4).short_name in found.blocks
    assert [one.by_name for one in proposal_lists.items(actor=city.head, tab="open").rows] == [
        "王明"
    ]


def test_a_department_decides_its_own_items_alone(city: City, case_id: UUID) -> None:
    police = city.officer("department_officer", "public_security")
    claims.act(c.Deny(3, "不符合办理条件"), case_id=case_id, item=3, actor=police, at=AT)
    assert sub(case_id, city.bureau, 3).outcome == "denied"  # type: ignore[attr-defined]


def test_the_counter_proposes_to_refuse_acceptance_and_the_head_decides(city: City) -> None:
    draft = drafts.start(district="439901", actor=city.clerk, at=AT)
    drafts.save(
        draft_id=draft.id,
        content=Content(answers=CONSCRIPT, fields=FIELDS),
        actor=city.clerk,
        at=AT,
    )
    given = counter.refuse(draft_id=draft.id, reason="安置地不在本市", actor=city.clerk, at=AT)
    again = counter.refuse(draft_id=draft.id, reason="安置地不在本市", actor=city.clerk, at=AT)
    assert (given.is_new, again.is_new) == (True, False)
    view = queries.get(case_id=given.case_id, actor=city.clerk, at=AT)
    assert view.case.state == "submitted"
    row = ProposalRecord.objects.get()
    proposals.approve(proposal_id=row.id, actor=city.head, at=LATER)
    view = queries.get(case_id=given.case_id, actor=city.clerk, at=AT)
    assert view.case.state == "refused"
