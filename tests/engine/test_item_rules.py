"""One sub-case: readiness, dispatch, decision, blocking, waiver, reopening, outside events."""

import pytest

from lianban.engine import commands as c
from lianban.engine import events as e
from tests.engine.story import CONSCRIPT, Story, at_departments

EMPLOYER = {"pension_insurance": "employer", "medical_insurance": "employer"}


def test_granting_implies_the_skipped_steps_at_the_same_moment() -> None:
    story = at_departments().on("2026-09-04 09:00")
    names = [type(event).__name__ for event in story.do(c.Grant(3))]
    assert names[:4] == ["Received", "Accepted", "Granted", "Issued"]
    assert {event.at for event in story.journal[-len(names) :]} == {story.at}


def test_a_result_to_carry_is_delivering_and_an_electronic_one_concludes_at_once() -> None:
    story = at_departments().grant(3, 2)
    assert story.states(3, 2) == ["delivering", "concluded"]
    assert [event.item for event in story.events(e.Delivered)] == [2]
    story.do(c.Deliver(3))
    assert story.states(3) == ["concluded"]
    assert story.do(c.Deliver(3)) == ()


def test_the_chosen_way_of_delivery_counts_and_another_is_refused() -> None:
    story = Story().register(delivery={9: "pick_up"}).grant(1, 9)
    assert story.states(9) == ["delivering"]
    assert story.sub(3).delivery == "courier"
    other = Story()
    assert other.refused(c.Register(CONSCRIPT, delivery={9: "courier"})) == "delivery_not_offered"
    assert other.case.state == "draft"


def test_the_way_of_delivery_changes_until_the_result_has_arrived() -> None:
    story = at_departments()
    assert story.refused(c.ChangeDelivery(9, "courier")) == "delivery_not_offered"
    story.do(c.ChangeDelivery(9, "pick_up"))
    assert story.do(c.ChangeDelivery(9, "pick_up")) == ()
    story.grant(9)
    assert story.states(9) == ["delivering"] and story.sub(9).delivery == "pick_up"
    names = [type(event).__name__ for event in story.do(c.ChangeDelivery(9, "electronic"))]
    assert names[:3] == ["DeliveryChanged", "Delivered", "ItemConcluded"]
    assert story.refused(c.ChangeDelivery(9, "pick_up")) == "ended"


def test_delivery_never_holds_up_a_successor() -> None:
    story = at_departments().grant(3)
    assert story.states(3, 4, 12, 13) == ["delivering", "dispatched", "dispatched", "dispatched"]


def test_a_denial_ends_the_item_and_blocks_what_comes_after() -> None:
    story = at_departments("2022")
    assert story.refused(c.Deny(3)) == "needs_grounds"
    story.do(c.Deny(3, "住所证明不实"))
    assert story.states(3) == ["concluded"]
    assert story.sub(3).outcome == "denied"
    assert story.states(4, 12, 13, 5, 6, 11) == ["blocked"] * 6
    assert story.do(c.Deny(3, "住所证明不实")) == ()
    assert story.refused(c.Grant(3)) == "ended"
    assert story.refused(c.Deliver(3)) == "ended"


@pytest.mark.parametrize(
    "end", [c.Withdraw(3), c.Terminate("重复", 3), c.RefuseAcceptance("不全", 3)]
)
def test_any_end_without_a_grant_blocks_and_reopening_unblocks(end: c.Command) -> None:
    story = at_departments()
    story.do(end)
    assert story.states(4, 12, 5) == ["blocked"] * 3
    assert story.do(end) == ()
    story.do(c.Reopen("补办", 3))
    assert story.states(3, 4, 12, 5) == ["dispatched", "waiting", "waiting", "waiting"]
    story.grant(3)
    assert story.states(4, 12, 5) == ["dispatched", "dispatched", "waiting"]


def test_the_head_waives_a_prerequisite_with_grounds_and_all_after_it_goes_on() -> None:
    story = at_departments("2022")
    story.do(c.Deny(3, "住所证明不实"))
    assert story.refused(c.Waive(12, "3")) == "needs_grounds"
    assert story.refused(c.Waive(12, "7", "领导批示")) == "not_a_prerequisite"
    story.do(c.Waive(12, "3", "已有居住证"))
    assert story.states(12, 5, 4) == ["dispatched", "waiting", "blocked"]
    assert story.do(c.Waive(12, "3", "已有居住证")) == ()
    story.grant(12)
    assert story.states(5) == ["dispatched"]


def test_what_is_before_a_waived_prerequisite_stays() -> None:
    story = Story("2022").register().grant(1)
    story.do(c.Waive(12, "3", "已有居住证"))
    assert story.states(12) == ["waiting"]
    assert story.refused(c.Waive(12, "²" * 9, "理由")) == "not_a_prerequisite"
    assert story.refused(c.Waive(12, "9" * 5000, "理由")) == "not_a_prerequisite"
    story.do(c.ReceiveDossier())
    story.do(c.RegisterReception())
    assert story.states(12) == ["ready"]


def test_a_milestone_may_be_waived_too() -> None:
    story = at_departments("2024")
    story.do(c.Waive(8, "dossier_received", "部队来函证明年限"))
    assert (story.states(8), story.waits_for(8)) == (["ready"], [])


def test_reopening_marks_for_review_what_was_begun_on_its_strength() -> None:
    story = at_departments().grant(3, 12)
    story.do(c.Reopen("户口登记有误", 3))
    assert sorted(event.item for event in story.events(e.ReviewNeeded)) == [4, 5, 11, 12, 13]
    assert story.states(3, 12, 4) == ["dispatched", "concluded", "dispatched"]
    assert "review_needed" in story.warnings()
    assert story.do(c.Reopen("户口登记有误", 3)) == ()


def test_what_nobody_has_begun_waits_again_after_a_reopening() -> None:
    story = Story("2022").register().grant(1)
    story.do(c.ReceiveDossier())
    story.do(c.RegisterReception())
    story.do(c.Reopen("报到证有误", 1))
    assert story.states(1, 2, 3, 8) == ["ready", "waiting", "waiting", "waiting"]
    assert story.refused(c.GatherBatch()) == "not_ready"
    assert story.sub(8).clock is None
    story.grant(1)
    assert story.states(2, 3, 8) == ["ready"] * 3


def test_a_department_returns_what_is_not_its_own_and_the_bureau_sends_it_again() -> None:
    story = at_departments()
    assert story.refused(c.Return(7)) == "needs_grounds"
    story.do(c.Return(7, "应由团委办理"))
    assert story.states(7) == ["ready"]
    assert story.do(c.Return(7, "应由团委办理")) == ()
    assert story.refused(c.Grant(7)) == "not_ready"
    assert story.refused(c.Dispatch(7, "moon")) == "unknown_department"
    assert story.refused(c.Dispatch(7, "veterans_affairs")) == "not_permitted"
    started = story.sub(7).clock
    story.do(c.Dispatch(7, "youth_league"), at="2026-09-10 09:00")
    assert (story.states(7), story.sub(7).department) == (["dispatched"], "youth_league")
    assert story.sub(7).clock == started
    assert story.do(c.Dispatch(7)) == ()


def test_a_returned_item_is_not_sent_again_while_what_it_rests_on_is_open() -> None:
    story = at_departments().grant(3)
    story.do(c.Return(4, "照片不清"))
    story.do(c.Reopen("户口登记有误", 3))
    assert story.refused(c.Dispatch(4)) == "not_ready"
    story.grant(3).do(c.Dispatch(4))
    assert story.states(4) == ["dispatched"]


def test_late_and_repeated_messages_change_nothing() -> None:
    story = at_departments().grant(3)
    before = story.case
    for command in (c.Receive(3), c.Accept(3), c.Grant(3)):
        assert story.do(command) == ()
    story.do(c.Deliver(3))
    for command in (c.Receive(3), c.Accept(3), c.Grant(3), c.Deliver(3)):
        assert story.do(command) == ()
    assert before.sub_cases[3].state == "delivering"
    assert story.refused(c.Suspend(3, "鉴定")) == "ended"


def test_a_decided_item_is_stale_for_what_comes_too_late() -> None:
    story = at_departments().grant(3)
    assert story.refused(c.Withdraw(3)) == "stale"
    assert story.refused(c.Deny(3, "太晚")) == "stale"


def test_an_outside_body_acts_and_what_waited_goes_on() -> None:
    story = Story("2022").register(answers=EMPLOYER)
    assert story.states(12, 13) == ["external", "external"]
    assert story.refused(c.ExternalEvent(12, "funds_arrived")) == "unknown_event"
    story.do(c.ExternalEvent(12, "employer_registers"))
    assert story.states(12, 5) == ["satisfied", "waiting"]
    assert story.do(c.ExternalEvent(12, "employer_registers")) == ()
    story.grant(1).do(c.ReceiveDossier())
    story.do(c.RegisterReception())
    assert story.actors() == ["external", "veterans_affairs"]
    story.do(c.GatherBatch())
    assert story.states(5) == ["waiting"]
    story.grant(3)
    assert story.states(5, 6) == ["dispatched", "waiting"]


def test_an_external_item_is_ended_by_the_bureau_and_its_successors_are_blocked() -> None:
    story = Story().register(answers=EMPLOYER).grant(1, 3)
    story.do(c.Terminate("单位未登记", 12))
    assert story.states(12, 5, 11) == ["terminated", "blocked", "blocked"]
    story.do(c.Reopen("单位要登记了", 12))
    assert story.states(12, 5) == ["external", "waiting"]
    story.do(c.SplitOff(12))
    assert story.sub(12).split_off


def test_one_notice_of_a_department_lists_everything() -> None:
    story = at_departments()
    story.do(c.RequestCorrection(("settlement_proof",), 3))
    assert [type(event).__name__ for event in story.journal[-2:]] == [
        "Received",
        "CorrectionRequested",
    ]
    assert story.states(3) == ["correction_due"]
    assert "applicant" in story.actors()
    assert story.do(c.RequestCorrection(("settlement_proof",), 3)) == ()
    assert story.refused(c.RequestCorrection(("photo",), 3)) == "already_noticed"
    assert story.refused(c.Grant(3)) == "not_ready"
    story.do(c.Correct(("settlement_proof",), 3))
    assert story.states(3) == ["received"]
    assert story.refused(c.RequestCorrection(("photo",), 3)) == "old_defect"


def test_after_acceptance_only_what_came_later_may_be_asked_for() -> None:
    story = at_departments()
    story.do(c.Accept(3))
    assert story.refused(c.RequestCorrection(("photo",), 3)) == "old_defect"
    story.do(c.RequestCorrection(("party_letter",), 7))
    story.do(c.Correct(("party_letter",)))
    story.do(c.Accept(7))
    story.do(c.RequestCorrection(("party_letter",), 7))
    assert story.states(7) == ["correction_due"]


def test_a_department_that_is_silent_has_accepted_and_its_notice_is_too_late() -> None:
    story = at_departments()
    late = at_departments()
    story.do(c.PassTime(), at="2026-09-11 09:00")
    assert story.states(3, 7) == ["accepted", "accepted"]
    assert {event.deemed for event in story.events(e.Accepted) if event.item == 7} == {True}
    assert late.refused(c.RequestCorrection(("photo",), 3), at="2026-09-11 09:00") == "too_late"
    story.do(c.Return(7, "应由团委办理"))
    assert story.states(7) == ["ready"]


def test_a_department_may_accept_while_secondary_materials_are_owed() -> None:
    story = at_departments()
    assert story.refused(c.AcceptWithDeferral(("settlement_proof",), 3)) == "deferral_not_allowed"
    story.do(c.AcceptWithDeferral(("photo",), 9))
    assert story.states(9) == ["accepted"]
    assert story.refused(c.Grant(9)) == "missing_material"
    story.do(c.Correct(("photo",), 9))
    story.grant(9)
    assert story.states(9) == ["concluded"]


def test_deferral_does_not_stand_in_for_a_primary_material() -> None:
    story = at_departments()
    story.do(c.RequestCorrection(("photo", "discharge_certificate"), 9))
    assert story.refused(c.AcceptWithDeferral(("photo",), 9)) == "missing_material"


def test_an_item_that_waits_too_long_is_looked_at_again() -> None:
    story = at_departments()
    story.do(c.PassTime(), at="2026-10-09 09:00")
    assert story.sub(8).reviewed_on is not None
    assert "review_due" in story.warnings()
    assert not [v for v in story.do(c.PassTime()) if isinstance(v, e.ReviewFellDue) and v.item == 8]
    story.do(c.ReceiveDossier())
    assert story.sub(8).reviewed_on is None


def test_withdrawing_the_first_item_blocks_all_the_others() -> None:
    story = Story().register()
    story.do(c.Withdraw(1))
    assert story.case.state == "in_handling"
    assert set(story.states(2, 3, 11, 12)) == {"blocked"}
    assert story.actors() == ["veterans_affairs"]
