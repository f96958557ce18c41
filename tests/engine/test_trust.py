"""Trust grades: what must be seen before an item is granted, and how a need is met."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from lianban.engine import commands as c
from lianban.engine import events as e
from lianban.engine import trust
from lianban.engine.case import Graded
from tests.engine.story import CONSCRIPT, Story

PAPERS = ("discharge_certificate", "administrative_letter", "enlistment_notice", "photo")


def handed_in(letter: str, *, missing: tuple[str, ...] = ()) -> Story:
    """A conscript's case whose papers came with this grade."""
    story = Story("2022")
    grades = {code: letter for code in PAPERS if code not in missing}
    story.do(c.Submit(CONSCRIPT, grades=grades, missing=missing))
    return story


def test_an_item_is_not_granted_on_a_promise_or_a_copy_where_the_original_must_be_seen() -> None:
    for letter in "DC":
        story = handed_in(letter)
        story.do(c.PassPreReview())
        assert story.refused(c.Grant(1)) == "grade_too_low"
        story.do(c.GradeMaterials(PAPERS, "B", "counter"))
        assert isinstance(story.do(c.Grant(1))[1], e.Granted)


def test_a_material_of_which_nothing_is_recorded_stands_in_nobodys_way() -> None:
    story = Story("2022").register()
    assert story.case.grades == {}
    story.do(c.Grant(1))


def test_a_need_is_met_everywhere_by_whoever_meets_it() -> None:
    story = handed_in("C", missing=("photo",))
    story.do(c.RequestCorrection(()))
    assert story.case.notice.outstanding == ("photo",)
    events = story.do(c.GradeMaterials(("photo",), "C", "department"))
    assert [type(event) for event in events] == [e.MaterialGraded, e.Corrected]
    assert story.case.state == "submitted"


def test_a_promise_meets_no_need() -> None:
    story = handed_in("C", missing=("photo",))
    story.do(c.RequestCorrection(()))
    story.do(c.GradeMaterials(("photo",), "D", "declared"))
    assert story.case.notice.outstanding == ("photo",)


def test_a_lower_grade_is_no_news_beside_a_better_one() -> None:
    story = handed_in("B")
    assert story.do(c.GradeMaterials(PAPERS, "C", "upload")) == ()
    assert story.do(c.GradeMaterials(PAPERS, "B", "counter")) == ()
    assert story.refused(c.GradeMaterials(PAPERS, "E", "counter")) == "unknown_grade"
    assert story.refused(c.GradeMaterials(("moon",), "B", "counter")) == "unknown_material"


def test_what_has_passed_its_end_must_be_new_and_may_stand_in_a_second_notice() -> None:
    story = handed_in("B", missing=("photo",))
    story.do(c.GradeMaterials(("administrative_letter",), "B", "counter", date(2026, 9, 10)))
    story.do(c.RequestCorrection(()))
    story.do(c.Correct(("photo",)), "2026-09-11 09:00")
    assert story.refused(c.RequestCorrection(("enlistment_notice",))) == "old_defect"
    notice = story.do(c.RequestCorrection(("administrative_letter",)))[0]
    assert isinstance(notice, e.CorrectionRequested)
    assert (notice.ordinal, notice.because) == (2, ("expired_since",))
    story.do(c.GradeMaterials(("administrative_letter",), "B", "counter", date(2026, 12, 10)))
    assert story.case.state == "submitted"


def test_an_expired_paper_lets_nothing_be_granted() -> None:
    story = handed_in("B")
    story.do(c.GradeMaterials(("administrative_letter",), "B", "counter", date(2026, 9, 3)))
    story.do(c.PassPreReview())
    assert story.refused(c.Grant(1), "2026-09-04 09:00") == "material_expired"


def test_a_result_becomes_a_material_of_what_comes_after_without_anyones_hand() -> None:
    story = Story("2022").register()
    for command in (c.Grant(1), c.ReceiveDossier(), c.RegisterReception(), c.GatherBatch()):
        story.do(command)
    code = story.edition.item(3).result
    assert code is not None and code.code
    story.do(c.Grant(3))
    assert story.case.grades[code.code] == Graded("A", "item:3")


def test_a_notice_says_what_it_says_in_a_digest() -> None:
    first, second = (handed_in("C", missing=("photo",)) for _ in "ab")
    one = first.do(c.RequestCorrection(()))[0]
    two = second.do(c.RequestCorrection(("discharge_certificate",)))[0]
    assert isinstance(one, e.CorrectionRequested) and isinstance(two, e.CorrectionRequested)
    assert len(one.digest) == 64 and one.digest != two.digest
    assert (one.ordinal, one.because, two.defects) == (1, (), ("discharge_certificate", "photo"))


@given(known=st.sampled_from("ABCD"), needed=st.sampled_from("ABCD"))
def test_a_grade_is_enough_exactly_when_it_is_as_good(known: str, needed: str) -> None:
    assert trust.is_enough(known, needed) is (known <= needed)
    story = handed_in(known)
    material = story.edition.material_by_code["photo"]
    item = story.edition.item(1)
    strict = replace(material, grades={item.code: needed})
    assert (strict.grade_for(item.code) >= known) is trust.is_enough(known, needed)
