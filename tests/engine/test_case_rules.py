"""The joint case: handing in, acceptance, notices, milestones, the batch, conclusion."""

from datetime import date

import pytest

from lianban.engine import commands as c
from lianban.engine import events as e
from lianban.engine.states import CaseState, State
from tests.engine.story import Story, at_departments, finish


def test_registering_hands_in_and_accepts_and_pins_the_edition() -> None:
    story = Story().register()
    assert story.case.state == "accepted"
    assert story.case.edition_hash == story.edition.hash
    assert story.case.accepted_on == date(2026, 9, 3)
    assert story.states(1) == ["ready"]


def test_passing_pre_review_is_the_acceptance_and_makes_the_first_item_ready() -> None:
    story = Story().submit()
    assert (story.case.state, story.states(1)) == ("submitted", ["waiting"])
    assert story.actors() == ["veterans_affairs"]
    story.do(c.PassPreReview(), at="2026-09-04")
    assert (story.case.state, story.states(1)) == ("accepted", ["ready"])


def test_a_case_under_another_edition_is_stale() -> None:
    story = Story("2022").register()
    story.edition = Story("2024").edition
    assert story.refused(c.Grant(1)) == "stale"


def test_people_who_retire_are_told_whom_to_ask_instead() -> None:
    for command in (c.Register, c.Submit):
        assert (
            Story().refused(command({"rank": "sergeant", "placement": "retired"})) == "not_eligible"
        )


def test_unanswered_questions_and_impossible_answers_are_refused_by_name() -> None:
    story = Story()
    assert story.refused(c.Register({"rank": "conscript"})) == "unanswered"
    assert story.refused(c.Register({"rank": "general"})) == "impossible_answers"
    assert story.refused(c.Register({}, channel="post")) == "channel_closed"


def test_in_handling_begins_when_the_first_item_is_decided_even_if_denied() -> None:
    granted, denied = Story().register(), Story().register()
    granted.grant(1)
    denied.do(c.Deny(1, "不符合"))
    assert granted.case.state == denied.case.state == "in_handling"
    assert denied.states(2, 3, 12) == ["blocked"] * 3


def test_a_notice_lists_what_is_missing_besides_what_the_clerk_named() -> None:
    story = Story().submit(missing=("administrative_letter",))
    story.do(c.RequestCorrection(("mobile",)))
    assert story.case.notice.outstanding == ("mobile", "administrative_letter")
    assert (story.case.notices, story.actors()) == (1, ["applicant"])


def test_the_same_notice_again_is_a_repeat_and_another_one_is_already_noticed() -> None:
    story = Story().submit()
    story.do(c.RequestCorrection(("mobile", "home_address")))
    assert story.do(c.RequestCorrection(("mobile",))) == ()
    assert story.refused(c.RequestCorrection(("photo",))) == "already_noticed"


def test_a_later_notice_may_name_only_what_became_visible_since() -> None:
    story = Story().submit()
    story.do(c.RequestCorrection(("settlement_proof",)))
    story.do(c.Correct(("settlement_proof",)))
    assert story.case.state == "submitted"
    assert story.refused(c.RequestCorrection(("photo",))) == "old_defect"
    story.do(c.RequestCorrection(("settlement_proof",)))
    assert story.case.notices == 2


def test_a_correction_is_the_applicants_turn_until_all_is_there() -> None:
    story = Story().submit()
    story.do(c.RequestCorrection(("mobile", "photo")))
    story.do(c.Correct(("mobile",)))
    assert (story.case.state, story.case.notice.outstanding) == ("correction_due", ("photo",))
    assert story.do(c.Correct(("mobile",))) == ()
    story.do(c.Correct(("photo",)))
    assert story.case.state == "submitted"


def test_a_notice_without_a_defect_is_refused() -> None:
    assert Story().submit().refused(c.RequestCorrection(())) == "needs_grounds"


def test_silence_past_the_fifth_working_day_accepts_from_the_day_of_hand_in() -> None:
    story = Story(at="2026-09-09 09:00").submit()
    assert story.do(c.PassTime(), at="2026-09-16 23:59") == ()
    story.do(c.PassTime(), at="2026-09-17 00:05")
    assert story.case.accepted_on == date(2026, 9, 9)
    assert story.case.state == "accepted"
    assert "deemed_accepted" in story.warnings()
    assert story.states(1) == ["ready"]


def test_a_notice_after_the_fifth_working_day_is_too_late_although_no_job_ran() -> None:
    story = Story(at="2026-09-09 09:00").submit()
    assert story.refused(c.RequestCorrection(("photo",)), at="2026-09-17 09:00") == "too_late"
    story.do(c.PassPreReview())
    assert (story.case.deemed_accepted, story.case.accepted_on) == (True, date(2026, 9, 9))


def test_the_five_days_run_again_from_the_correction() -> None:
    story = Story(at="2026-09-09 09:00").submit()
    story.do(c.RequestCorrection(("photo",)), at="2026-09-16 09:00")
    assert story.do(c.PassTime(), at="2026-09-29 09:00") == ()
    story.do(c.Correct(("photo",)), at="2026-09-29 10:00")
    assert story.do(c.PassTime(), at="2026-10-12 09:00") == ()
    story.do(c.PassTime(), at="2026-10-13 09:00")
    assert story.case.accepted_on == date(2026, 9, 29)


def test_what_may_come_with_the_dossier_is_no_defect_before_it_is_here() -> None:
    story = Story().register(missing=("pension_payment_voucher",))
    assert story.case.state == "accepted"
    story.do(c.ReceiveDossier())
    late = Story()
    assert late.refused(c.Register({}, missing=("administrative_letter",))) == "missing_material"


def test_pre_review_does_not_pass_while_a_material_is_missing() -> None:
    story = Story().submit(missing=("administrative_letter",))
    assert story.refused(c.PassPreReview()) == "missing_material"
    assert story.refused(c.AcceptWithDeferral(("administrative_letter",))) == "deferral_not_allowed"


def test_the_counter_accepts_what_was_handed_in_there_once_nothing_is_missing() -> None:
    story = Story("2022").submit(channel="counter", missing=("discharge_certificate",))
    assert story.refused(c.Register({})) == "missing_material"
    story.do(c.RequestCorrection(()))
    assert story.refused(c.Register({})) == "not_ready"
    story.do(c.Correct(("discharge_certificate",)), at="2026-09-04")
    story.do(c.Register({}))
    assert story.case.state == "accepted" and story.case.accepted_on == date(2026, 9, 4)
    assert story.sub(1).state == "ready"
    assert story.do(c.Register({})) == ()


def test_the_counter_does_not_accept_what_came_online() -> None:
    assert Story("2022").submit().refused(c.Register({})) == "not_ready"


def test_a_secondary_material_may_be_owed_and_nothing_is_issued_before_it_came() -> None:
    story = Story().submit(missing=("enlistment_notice",))
    story.do(c.AcceptWithDeferral(("enlistment_notice",)))
    assert story.case.state == "accepted"
    deferral = story.case.deferrals["enlistment_notice"]
    assert deferral.due_on == date(2026, 9, 29)  # 18 = 20 - 2 working days after 09-03
    assert story.actors() == ["applicant", "veterans_affairs"]
    assert story.refused(c.Grant(1)) == "missing_material"
    assert story.do(c.AcceptWithDeferral(("enlistment_notice",))) == ()
    story.do(c.Correct(("enlistment_notice",)))
    story.grant(1)
    assert story.actors() == [
        "armed_forces", "party_organisation", "public_security", "veterans_affairs",
    ]  # fmt: skip


def test_a_deferral_that_lapses_is_a_warning_and_still_forbids_the_result() -> None:
    story = Story().submit(missing=("enlistment_notice",))
    story.do(c.AcceptWithDeferral(("enlistment_notice",)))
    story.do(c.PassTime(), at="2026-09-30 09:00")
    assert len(story.events(e.DeferralLapsed)) == 1
    assert "deferral_lapsed" in story.warnings()
    assert not [event for event in story.do(c.PassTime()) if isinstance(event, e.DeferralLapsed)]
    assert story.refused(c.Grant(1)) == "missing_material"


def test_acceptance_is_refused_with_a_reason_only() -> None:
    story = Story().submit()
    assert story.refused(c.RefuseAcceptance("  ")) == "needs_grounds"
    story.do(c.RefuseAcceptance("不属于本地安置"))
    assert story.case.state == "refused"
    assert set(story.states(1, 2, 3)) == {"refused"}
    assert story.do(c.RefuseAcceptance("不属于本地安置")) == ()
    assert story.refused(c.PassPreReview()) == "ended"


def test_2022_reception_is_registered_by_hand_once_reported_and_dossier_are_here() -> None:
    story = Story("2022").register()
    assert story.refused(c.RegisterReception()) == "not_ready"
    story.grant(1)
    assert story.refused(c.RegisterReception()) == "not_ready"
    assert story.waits_for(3) == ["reception"]
    story.do(c.ReceiveDossier())
    story.do(c.RegisterReception())
    assert story.states(2, 3, 7, 14, 8, 9) == ["ready"] * 6
    assert story.do(c.ReceiveDossier()) == story.do(c.RegisterReception()) == ()


def test_2024_reception_comes_by_itself_and_two_items_wait_for_the_dossier() -> None:
    grade = {"disability": "grade_7_8"}
    story = Story("2024").register(answers=grade).grant(1)
    assert story.states(2, 3, 7, 14, 9, 8) == ["dispatched"] * 4 + ["ready", "waiting"]
    assert story.waits_for(8) == ["dossier_received"]
    assert story.waits_for(10) == [3, "dossier_received"]
    assert story.do(c.RegisterReception()) == ()
    story.do(c.ReceiveDossier())
    assert story.states(8, 10) == ["ready", "waiting"]


def test_the_batch_is_gathered_once_and_what_is_ready_later_goes_at_once() -> None:
    story = Story("2022").register().grant(1)
    assert story.refused(c.GatherBatch()) == "not_ready"
    story.do(c.ReceiveDossier())
    story.do(c.RegisterReception())
    assert story.refused(c.Receive(3)) == "not_ready"
    assert story.refused(c.Grant(3)) == "not_ready"
    assert story.actors() == ["veterans_affairs"]
    (gathered, *_) = story.do(c.GatherBatch())
    assert isinstance(gathered, e.BatchGathered)
    assert gathered.items == (2, 3, 7, 14)
    assert story.do(c.GatherBatch()) == ()
    story.grant(3)
    assert story.states(4, 12, 13) == ["dispatched"] * 3


def test_2022_online_needs_no_batch() -> None:
    story = Story("2022").submit()
    story.do(c.PassPreReview())
    story.grant(1).do(c.ReceiveDossier())
    story.do(c.RegisterReception())
    assert story.states(2, 3, 7, 14) == ["dispatched"] * 4
    assert story.refused(c.GatherBatch()) == "not_ready"


@pytest.mark.parametrize("name", ["2022", "2024"])
def test_the_bureaus_own_items_are_never_dispatched(name: str) -> None:
    story = at_departments(name)
    story.do(c.ReceiveDossier())
    assert story.states(8, 9) == ["ready", "ready"]
    assert story.refused(c.Dispatch(8)) == "not_permitted"
    assert story.refused(c.Receive(8)) == "not_ready"
    story.do(c.Accept(8))
    assert story.refused(c.Return(8, "不归我们")) == "not_permitted"
    assert not [event for event in story.events(e.Dispatched) if event.item in (1, 8, 9)]


def test_conclusion_waits_for_everything_and_says_what_stands_in_the_way() -> None:
    story = at_departments()
    assert story.refused(c.Conclude()) == "still_open"
    story.do(c.ReceiveDossier())
    finish(story, stop=lambda number: number in (6, 14))
    assert story.case.holding_up == [6, 14]
    story.grant(6, 14)
    assert story.states(14) == ["delivering"]
    assert story.refused(c.Conclude()) == "still_open"
    story.do(c.Deliver(14))
    assert story.actors() == ["veterans_affairs"]
    assert "conclude_due" in story.warnings()
    story.do(c.Conclude())
    assert (story.case.state, story.actors()) == ("concluded", [])
    assert story.do(c.Conclude()) == ()
    assert story.do(c.Grant(6)) == ()
    assert story.refused(c.Withdraw()) == story.refused(c.Suspend(6, "鉴定")) == "ended"
    assert story.refused(c.PassTime()) == "ended"


def test_nothing_concludes_before_the_first_item_is_decided() -> None:
    assert Story().register().refused(c.Conclude()) == "not_ready"


def test_a_tail_goes_on_after_the_case_concluded_and_still_gets_its_dossier() -> None:
    story = Story().register(answers={"disability": "grade_7_8"}).grant(1, 3)
    finish(story, stop=lambda number: number == 10)
    story.do(c.Withdraw(8))
    story.do(c.SplitOff(10))
    assert story.do(c.SplitOff(10)) == ()
    story.do(c.Conclude())
    assert (story.case.open_items, story.waits_for(10)) == ([10], ["dossier_received"])
    assert story.actors() == ["veterans_affairs"]
    story.do(c.ReceiveDossier())
    story.do(c.PassTime(), at="2026-09-10")
    assert story.states(10) == ["ready"]
    story.grant(10).do(c.Deliver(10))
    assert (story.case.state, story.case.open_items) == ("concluded", [])
    assert story.refused(c.Withdraw()) == "ended"


def test_only_tails_external_and_blocked_items_may_be_split_off() -> None:
    story = at_departments()
    assert story.refused(c.SplitOff(3)) == "not_permitted"
    story.do(c.Deny(3, "材料不实"))
    story.do(c.SplitOff(4))
    assert story.sub(4).split_off


def test_withdrawing_the_case_ends_every_item_but_a_result_on_its_way() -> None:
    story = at_departments().grant(3)
    story.do(c.Withdraw())
    assert story.case.state == "withdrawn"
    assert story.states(2, 4, 3) == ["withdrawn", "withdrawn", "delivering"]
    assert story.do(c.Withdraw()) == ()
    assert story.refused(c.Grant(2)) == "ended"
    story.do(c.Deliver(3))
    assert story.case.open_items == [1]


def test_a_terminated_case_that_is_reopened_goes_on_where_it_was() -> None:
    story = at_departments()
    story.do(c.Withdraw(14))
    assert story.refused(c.Terminate("")) == "needs_grounds"
    story.do(c.Terminate("重复登记"), at="2026-09-04")
    assert story.case.state is CaseState.TERMINATED
    assert story.refused(c.Reopen(" ")) == "needs_grounds"
    story.do(c.Reopen("不是重复登记"), at="2026-09-07")
    assert story.case.state == "in_handling"
    assert story.states(2, 3, 8, 14) == ["dispatched", "dispatched", "waiting", "withdrawn"]
    assert story.do(c.Reopen("不是重复登记")) == ()


def test_a_case_terminated_before_acceptance_reopens_in_pre_review() -> None:
    story = Story().submit()
    story.do(c.Terminate("重复提交"))
    story.do(c.Reopen("不是重复"))
    assert (story.case.state, story.actors()) == ("submitted", ["veterans_affairs"])


def test_a_concluded_case_may_be_reopened_but_not_a_withdrawn_one() -> None:
    story = at_departments()
    story.do(c.ReceiveDossier())
    finish(story)
    story.do(c.Conclude())
    assert story.refused(c.Reopen("证件有误", item=4)) == "ended"
    story.do(c.Reopen("证件有误"))
    story.do(c.Reopen("证件有误", item=4))
    assert story.case.state == "in_handling"
    assert story.states(4) == [State.DISPATCHED]
    story.do(c.Withdraw())
    assert story.refused(c.Reopen("想再办")) == "ended"


def test_unticking_before_acceptance_needs_evidence_if_something_waits() -> None:
    story = Story().submit()
    assert story.refused(c.Untick(1)) == "entry_is_needed"
    assert story.refused(c.Untick(12)) == "needs_evidence"
    story.do(c.Untick(12, "参保证明"))
    assert story.states(12) == ["satisfied"]
    assert story.sub(5).requires == (3,)
    assert story.do(c.Untick(12, "参保证明")) == ()
    story.do(c.Untick(14))
    assert story.states(14) == ["withdrawn"]
    story.do(c.PassPreReview())
    assert story.refused(c.Untick(9)) == "not_permitted"
    story.do(c.Reopen("还是要办", item=14))
    assert story.waits_for(14) == ["reception"]


def test_a_command_on_the_wrong_thing_is_refused() -> None:
    story = at_departments()
    assert story.refused(c.Withdraw(item=10)) == "unknown_item"
    assert story.refused(c.Grant(item=None)) == "not_permitted"  # type: ignore[arg-type]


def test_a_tail_that_is_reopened_stays_a_tail() -> None:
    story = Story().register(answers={"disability": "grade_7_8"}).grant(1, 3)
    story.do(c.ReceiveDossier())
    finish(story, stop=lambda number: number == 10)
    story.do(c.SplitOff(10))
    story.do(c.Conclude())
    story.do(c.Deny(10, "伤情与等级不符"))
    story.do(c.Reopen("原审批机关已更正", 10))
    assert story.states(10) == ["ready"]
    story.grant(10).do(c.Deliver(10))
    assert story.case.open_items == []
