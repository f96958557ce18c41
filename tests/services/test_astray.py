"""Work that went astray: the wrong office, an officer away, a wrong number, another district."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from lianban.accounts import actors
from lianban.accounts import services as accounts
from lianban.accounts.actor import Actor
from lianban.accounts.models import User
from lianban.cases import (
    absence_lists,
    conflict_lists,
    forms,
    mended,
    move_lists,
    queries,
    services,
    standing,
    verify,
    worklists,
)
from lianban.cases.models import JointCaseRecord, PersonRecord, SubCaseRecord
from lianban.cases.services import (
    absences,
    astray,
    claims,
    drafts,
    hand_in,
    moves,
    person_corrections,
    reapply,
)
from lianban.engine import commands as c
from lianban.engine.refusal import Refused
from lianban.engine.states import CaseState, Outcome, State
from tests.services.astray import (
    AT,
    LATER,
    colleague,
    give,
    police,
    refused,
    sent,
    texts,
    view_of,
)
from tests.services.cast import (
    CONSCRIPT,
    FIELDS,
    City,
    identity_number,
    moment,
    ways,
)

pytestmark = pytest.mark.django_db
THERE = "439902"


@pytest.fixture
def city() -> City:
    return City(edition="retirement-2024").build()


@pytest.fixture
def case_id(city: City) -> UUID:
    return sent(city)


# The wrong office -------------------------------------------------------------------------------


def test_a_return_says_by_code_whose_it_is_and_the_bureau_finds_it_chosen(
    city: City, case_id: UUID
) -> None:
    words = {"case_id": case_id, "item": 3, "actor": police(city), "at": AT}
    code = refused(astray.send_back, code="", reason="错了", department="nobody", **words)
    assert code == "unknown_department"
    astray.send_back(code="return.wrong_district", reason="不归本区县办理", district=THERE, **words)
    pointed = standing.pointed(case_id=case_id, item=3)
    assert pointed == standing.Pointed("", "西山县")
    assert "退回时指明：不归本区县办理，西山县" in texts(case_id, city.bureau)
    assert standing.returned(actor=city.bureau).rows[0].pointed == "西山县"


def test_a_returned_item_goes_to_the_office_of_another_district_and_is_decided_there(
    city: City, case_id: UUID
) -> None:
    here, there = police(city), police(city, THERE)
    give(c.Return(3, "不归本区县办理"), case_id, here)
    words = {"case_id": case_id, "item": 3, "actor": city.bureau, "at": AT}
    nobody = refused(astray.send_again, department="public_security", district="1", **words)
    assert nobody == "unknown_district"
    astray.send_again(department="public_security", district=THERE, **words)
    assert worklists.items(actor=there, tab="open", today=AT.date(), item=3).rows
    assert not worklists.items(actor=here, tab="open", today=AT.date(), item=3).rows
    gone = refused(services.run, command=c.Grant(3), case_id=case_id, actor=here, at=AT)
    assert gone in ("unknown_case", "not_permitted")
    claims.act(c.Grant(3), case_id=case_id, item=3, actor=there, at=LATER)
    assert "「户口登记」转到西山县的公安部门" in texts(case_id, city.bureau)
    assert not list(verify.problems())


# Who does the work ------------------------------------------------------------------------------


def test_an_item_is_given_to_a_colleague_with_a_note_that_the_person_does_not_read(
    city: City, case_id: UUID
) -> None:
    first, second = colleague("赵甲"), colleague("钱乙")
    claims.claim(case_id=case_id, item=3, actor=first, at=AT)
    words: dict[str, Any] = {"case_id": case_id, "item": 3, "at": AT}
    assert refused(claims.reassign, officer_id=second.user_id, note=" ", actor=city.head, **words)
    stranger = colleague("孙丙", "medical_insurance")
    code = refused(
        claims.reassign, officer_id=stranger.user_id, note="去培训", actor=city.head, **words
    )
    assert code == "unknown_officer"
    for _ in range(2):
        claims.reassign(officer_id=second.user_id, note="去培训", actor=city.head, **words)
    assert view_of(case_id, city.bureau).item(3).claimed_by_id == second.user_id
    line = "「户口登记」从赵甲转给钱乙办：去培训"
    assert texts(case_id, city.bureau).count(line) == 1
    owner = actors.from_user(User.objects.get(kind="applicant"))
    assert line not in texts(case_id, owner)
    code = refused(
        claims.reassign, officer_id=first.user_id, note="换人", actor=city.bureau, **words
    )
    assert code == "not_permitted"


def test_a_deputy_acts_for_an_officer_on_leave_and_it_ends_by_itself(
    city: City, case_id: UUID
) -> None:
    away, deputy = colleague("赵甲"), colleague("钱乙")
    claims.claim(case_id=case_id, item=3, actor=away, at=AT)
    leave: dict[str, Any] = {
        "officer_id": away.user_id, "deputy_id": deputy.user_id,
        "from_on": LATER.date(), "to_on": LATER.date() + timedelta(days=2),
    }  # fmt: skip
    absences.declare(**leave, actor=away, at=AT)

    def mine(day: date) -> int:
        return len(worklists.items(actor=deputy, tab="mine", today=day).rows)

    assert [mine(AT.date()), mine(LATER.date()), mine(date(2026, 9, 7))] == [0, 1, 0]
    words: dict[str, Any] = {"case_id": case_id, "item": 3, "actor": deputy}
    before = refused(claims.act, command=c.Accept(3), at=AT, **words)
    after = refused(claims.act, command=c.Accept(3), at=moment("2026-09-07 09:00"), **words)
    assert (before, after) == ("already_claimed", "already_claimed")
    claims.act(c.Accept(3), at=LATER, **words)
    assert view_of(case_id, city.bureau).item(3).claimed_by_id == away.user_id
    assert "「户口登记」的上一步是替赵甲办的" in texts(case_id, city.bureau)
    again = refused(absences.declare, **leave, actor=away, at=AT)
    assert again == "already_away"


def test_a_leave_needs_a_colleague_who_is_there_and_days_that_can_be(city: City) -> None:
    away, deputy, stranger = colleague("赵甲"), colleague("钱乙"), colleague("孙丙", "education")
    days: dict[str, Any] = {"from_on": LATER.date(), "to_on": LATER.date(), "at": AT}
    declare = absences.declare
    assert away.user_id and deputy.user_id
    own = {"officer_id": away.user_id, "deputy_id": deputy.user_id}
    assert refused(declare, **own | days | {"actor": deputy}) == "not_permitted"
    wrong = own | {"deputy_id": stranger.user_id}
    assert refused(declare, **wrong | days | {"actor": away}) == "unknown_officer"
    past = days | {"from_on": date(2026, 9, 1), "to_on": date(2026, 9, 2)}
    assert refused(declare, **own | past | {"actor": away}) == "bad_dates"
    row = declare(**own, **days, actor=city.head)
    other = {"officer_id": deputy.user_id, "deputy_id": away.user_id}
    assert refused(declare, **other | days | {"actor": city.head}) == "deputy_away"
    absences.end(absence_id=row.id, actor=away, at=AT)
    assert not absence_lists.listed(actor=city.head, today=AT.date())


# Who the person is ------------------------------------------------------------------------------


def fix(case_id: UUID, actor: Actor, *, seen: bool = True, **values: str) -> Any:
    return person_corrections.correct(
        case_id=case_id, values=values, original_seen=seen, actor=actor, at=LATER
    )


def test_a_wrong_number_is_mended_with_its_trace_and_the_old_one_stays_sealed(
    city: City, case_id: UUID
) -> None:
    right = identity_number(sequence="003")
    values = {"identity_number": right}
    assert refused(fix, case_id=case_id, actor=city.clerk, seen=False, **values) == (
        "original_not_seen"
    )
    wrong_digit = right[:-1] + ("1" if right[-1] != "1" else "2")
    assert refused(fix, case_id=case_id, actor=city.clerk, identity_number=wrong_digit) == (
        "form_incomplete"
    )
    assert refused(fix, case_id=case_id, actor=police(city), **values) == "not_permitted"
    for _ in range(2):
        fix(case_id, city.clerk, name="陈小川川", **values)
    content = forms.latest(case_id)
    assert content and (content.fields["name"], content.fields["identity_number"]) == (
        "陈小川川", right,
    )  # fmt: skip
    person = PersonRecord.objects.get()
    assert person.name == "陈小川川"
    assert queries.find(right, actor=city.clerk, today=LATER.date())
    assert not queries.find(FIELDS["identity_number"], actor=city.clerk, today=LATER.date())
    lines = [
        x for x in queries.history(view_of(case_id, city.clerk)) if x.event == "PersonCorrected"
    ]
    assert [line.text for line in lines] == ["更正了姓名、身份证号"]
    assert right not in texts(case_id, city.clerk)
    found = mended.of_item(view_of(case_id, police(city)), 3)
    assert [one.label for one in found] == ["姓名、身份证号"]
    assert not list(verify.problems())


def test_somebody_elses_number_is_compared_by_an_officer_and_never_merged(
    city: City, case_id: UUID
) -> None:
    other_id = sent(city, name="陈小川", sequence="005", phone="2")
    taken = identity_number(sequence="005")
    assert fix(case_id, city.clerk, identity_number=taken).is_conflict
    assert refused(fix, case_id=case_id, actor=city.clerk, identity_number=taken) == (
        "already_in_conflict"
    )
    assert PersonRecord.objects.count() == 2
    found = conflict_lists.items(actor=city.bureau).rows[0]
    assert taken not in repr(found) and found.names_agree and found.other_is_running
    decide: dict[str, Any] = {"conflict_id": found.id, "actor": city.bureau, "at": LATER}
    assert refused(person_corrections.decide_conflict, same=True, **decide) == "already_running"
    give(c.Terminate("办错了", None), other_id, city.head)
    person_corrections.decide_conflict(same=True, **decide)
    cases = JointCaseRecord.objects.filter(id__in=(case_id, other_id))
    assert len({case.person_id for case in cases}) == 1
    assert PersonRecord.objects.count() == 1
    assert "号码核对完" not in texts(case_id, city.clerk)
    assert "身份证号核对完了：是同一个人" in texts(case_id, city.clerk)


def test_another_name_under_the_number_is_not_the_same_person(city: City, case_id: UUID) -> None:
    other_id = sent(city, name="李强", sequence="005", phone="2")
    fix(case_id, city.clerk, identity_number=identity_number(sequence="005"))
    give(c.Terminate("办错了", None), other_id, city.head)
    found = conflict_lists.items(actor=city.bureau).rows[0]
    decide: dict[str, Any] = {"conflict_id": found.id, "actor": city.bureau, "at": LATER}
    assert refused(person_corrections.decide_conflict, same=True, **decide) == "name_differs"
    person_corrections.decide_conflict(same=False, **decide)
    assert conflict_lists.open_count(actor=city.bureau) == 0
    assert PersonRecord.objects.count() == 2


def test_a_person_with_an_earlier_case_keeps_the_old_number_there(city: City) -> None:
    earlier = sent(city)
    give(c.Terminate("搬家", None), earlier, city.head)
    now = sent(city, phone="2")
    fix(now, city.clerk, identity_number=identity_number(sequence="007"))
    people = {case.id: case.person_id for case in JointCaseRecord.objects.all()}
    assert people[earlier] != people[now]


def test_the_person_changes_the_phone_with_a_code_sent_to_the_new_one(
    city: City, case_id: UUID
) -> None:
    owner = actors.from_user(User.objects.get(kind="applicant"))
    new = "13900000009"
    code = accounts.request_code(phone=new, address="127.0.0.1", at=LATER)
    words: dict[str, Any] = {"case_id": case_id, "phone": new, "address": "127.0.0.1", "at": LATER}
    wrong = "000000" if code != "000000" else "111111"
    change = person_corrections.change_phone
    assert refused(change, code=wrong, actor=owner, **words) == "wrong_code"
    assert refused(change, code=code, actor=city.clerk, **words) == "not_permitted"
    change(code=code, actor=owner, **words)
    content = forms.latest(case_id)
    assert content and content.fields["mobile"] == new
    assert refused(change, code=code, actor=owner, **words) == "wrong_code"


# Another district -------------------------------------------------------------------------------


def offer(city: City, case_id: UUID) -> UUID:
    moves.propose(case_id=case_id, district=THERE, reason="配偶在西山县", actor=city.bureau, at=AT)
    return move_lists.items(actor=city.bureau, tab="outgoing").rows[0].id


def test_a_case_moves_with_what_is_undecided_after_the_other_bureau_accepts(
    city: City, case_id: UUID
) -> None:
    there = city.officer("bureau_officer", "veterans_affairs", THERE)
    claims.act(c.Deny(14, "军队驾驶证已过期"), case_id=case_id, item=14, actor=police(city), at=AT)
    claims.claim(case_id=case_id, item=3, actor=police(city), at=AT)
    move_id = offer(city, case_id)
    code = refused(moves.accept, move_id=move_id, actor=city.bureau, at=LATER)
    assert code == "not_permitted"
    with pytest.raises(Refused):
        view_of(case_id, there)
    for _ in range(2):
        moves.accept(move_id=move_id, actor=there, at=LATER)
    view = view_of(case_id, there)
    assert (view.district, view.edition.id) == (THERE, "retirement-2024")
    places = dict(SubCaseRecord.objects.filter(case_id=case_id).values_list("number", "district"))
    assert (places[14], places[3], places[1]) == ("439901", THERE, THERE)
    assert view.item(3).claimed_by_id is None
    claims.act(c.Grant(3), case_id=case_id, item=3, actor=police(city, THERE), at=LATER)
    with pytest.raises(Refused):
        view_of(case_id, city.bureau)
    note = move_lists.gone_from(case_id=case_id, actor=city.bureau)
    assert note and note.to_name == "西山县"
    owner = actors.from_user(User.objects.get(kind="applicant"))
    assert "从东湖县转到西山县接着办" in texts(case_id, owner)
    assert "想转到" not in texts(case_id, owner)
    assert not list(verify.problems())


def test_nothing_moves_while_a_result_is_on_its_way(city: City, case_id: UUID) -> None:
    move_id = offer(city, case_id)
    claims.act(c.Grant(3), case_id=case_id, item=3, actor=police(city), at=AT)
    there = city.officer("bureau_officer", "veterans_affairs", THERE)
    assert refused(moves.accept, move_id=move_id, actor=there, at=LATER) == "being_delivered"
    give(c.Deliver(3), case_id, police(city), LATER)
    moves.accept(move_id=move_id, actor=there, at=LATER)


def test_a_case_that_is_declined_or_taken_back_stays(city: City, case_id: UUID) -> None:
    there = city.officer("bureau_officer", "veterans_affairs", THERE)
    moves.decline(move_id=offer(city, case_id), words="没有落户", actor=there, at=AT)
    assert "没有转到西山县：没有落户" in texts(case_id, city.bureau)
    move_id = offer(city, case_id)
    moves.take_back(case_id=case_id, actor=city.bureau, at=AT)
    assert refused(moves.accept, move_id=move_id, actor=there, at=LATER) == "ended"
    assert view_of(case_id, city.bureau).district == "439901"


# Again after a refusal --------------------------------------------------------------------------


def test_a_new_form_begins_with_what_was_given_and_its_case_names_the_earlier_one(
    city: City, case_id: UUID
) -> None:
    owner = actors.from_user(User.objects.get(kind="applicant"))
    assert refused(reapply.start, case_id=case_id, actor=owner, at=LATER) == "not_ended"
    give(c.Terminate("申请有误", None), case_id, city.head)
    draft = reapply.start(case_id=case_id, actor=owner, at=LATER)
    kept = draft.content.fields
    assert (kept["home_address"], draft.content.answers) == (FIELDS["home_address"], CONSCRIPT)
    assert "commitment_signature" not in kept
    assert refused(reapply.start, case_id=case_id, actor=owner, at=LATER) == "draft_exists"
    signed = dict.fromkeys(("self_employment_signature", "commitment_signature"), kept["name"])
    content = replace(draft.content, fields=kept | signed)
    codes = hand_in.needed_codes(content.plan(draft.edition))
    content = replace(content, materials=ways(owner, codes))
    drafts.save(draft_id=draft.id, content=content, actor=owner, at=LATER)
    new = hand_in.submit(draft_id=draft.id, actor=owner, at=LATER).case_id
    number = JointCaseRecord.objects.get(id=case_id).case_number
    assert f"上一次的办件是 {number}" in texts(new, owner)


def test_what_the_earlier_case_has_done_is_not_asked_for_again(city: City, case_id: UUID) -> None:
    before = forms.latest(case_id)
    view = view_of(case_id, city.bureau)
    assert before
    case = replace(view.case, state=CaseState.CONCLUDED)
    case = case.with_sub(3, outcome=Outcome.GRANTED, state=State.CONCLUDED)
    found = reapply.carried(view.edition, before, case, view.case_number)
    assert (found.unticked, found.evidence) == ((3,), {"3": f"办件 {view.case_number} 已经办好"})
