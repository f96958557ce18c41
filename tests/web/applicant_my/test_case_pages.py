"""A person sees their own case and no other: whose turn, dates, one item, messages, history."""

import pytest
from django.test import Client

from lianban.cases import queries
from lianban.cases.models import MessageRecord
from lianban.engine import commands as c
from tests.services.cast import City, identity_number, moment
from tests.web.applicant_my import story

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def city() -> City:
    return City().build()


def text(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address, follow=status == 200)
    assert answer.status_code == status, answer.content.decode()[:400]
    return answer.content.decode()


def other_person(city: City) -> story.Own:
    number = identity_number(sequence="003")
    return story.own(city, "13800000009", identity_number=number)


def test_a_single_case_opens_at_once(city: City) -> None:
    own = story.own(city)
    answer = own.client().get("/my/")
    assert answer.status_code == 302
    assert answer.headers["Location"] == own.address


def test_without_a_case_the_page_says_where_to_begin(city: City) -> None:
    actor = city.applicant("13800000007")
    client = Client()
    client.force_login(story.User.objects.get(id=actor.user_id))
    assert "还没有办件" in text(client, "/my/")


def test_a_form_that_was_begun_stands_beside_the_case(city: City) -> None:
    own = story.own(city)
    at = moment("2026-09-05 09:00")
    story.drafts.start(district="439901", actor=own.actor, at=at)
    page = text(own.client(), "/my/")
    assert "填了一半的表" in page
    assert own.address in page


@pytest.mark.parametrize(
    "rest", ["", "correct/", "messages/", "history/", "withdraw/", "3/", "3/withdraw/"]
)
def test_somebody_elses_case_is_not_found(city: City, rest: str) -> None:
    own, other = story.own(city), other_person(city)
    assert text(own.client(), other.address + rest, 404)
    answer = own.client().post(other.address + rest, {"sure": "yes", "sequence": "1"})
    assert answer.status_code in (404, 405)
    assert queries.current(other.case_id).state == "submitted"


def test_a_stranger_is_sent_to_sign_in(city: City) -> None:
    own = story.own(city)
    answer = Client().get(own.address)
    assert answer.status_code == 302
    assert "/sign-in/" in answer.headers["Location"]


def test_an_officer_is_told_that_the_page_is_not_for_them(city: City) -> None:
    own = story.own(city)
    client = Client()
    client.force_login(city.people["bureau_officer@veterans_affairs.439901"])
    assert client.get(own.address).status_code == 403


def test_a_receipt_opens_its_own_case_only(city: City) -> None:
    own, other = story.own(city), other_person(city)
    client = own.receipt_client()
    assert "办到哪里了" in text(client, "/my/")
    assert text(client, other.address, 404)


def test_an_item_that_the_case_does_not_have_is_not_found(city: City) -> None:
    own = story.own(city)
    assert text(own.client(), own.address + "10/", 404)
    assert text(own.client(), own.address + "99/", 404)


def test_in_pre_review_nothing_is_asked_and_the_page_says_who_is_at_work(city: City) -> None:
    own = story.own(city)
    page = text(own.client(), own.address)
    assert "现在不用您做什么" in page
    assert "预审，从 9月3日 起" in page
    assert "lb-turn--none" in page


def test_after_acceptance_the_visit_is_what_is_asked(city: City) -> None:
    own = story.own(city).accepted()
    page = text(own.client(), own.address)
    assert "来一次：原件核验、指纹采集" in page
    assert "退出现役证件（原件 1 份）" in page
    assert "0730-5550132" in page


def test_a_correction_comes_before_everything_else(city: City) -> None:
    own = story.own(city).in_handling()
    own.run(c.RequestCorrection(("bank_account",), 8), city.bureau, "2026-09-08 10:00")
    page = text(own.client(), own.address)
    assert "现在只有这一件要您办" in page
    assert "改好本人银行卡号，一次性经济补助才能接着办" in page
    assert page.count('class="lb-turn"') == 1


def test_the_map_is_a_picture_and_a_list_with_links_to_each_item(city: City) -> None:
    own = story.own(city)
    page = text(own.client(), own.address)
    assert "13 件事，办结 0 件" in page
    for item in (1, 5, 14):
        assert page.count(f'href="{own.address}{item}/"') >= 2


def test_an_unknown_date_is_said_to_be_unknown_and_why(city: City) -> None:
    own = story.own(city).in_handling()
    page = text(own.client(), own.address + "5/")
    assert "为什么算不出日子" in page
    assert "现在算不出：等 12 社会保险登记" in page


def test_a_date_is_explained_line_by_line_with_its_pause(city: City) -> None:
    own = story.own(city).in_handling()
    armed = city.officer("department_officer", "armed_forces")
    own.run(c.Suspend(2, "等部队回函核对"), armed, "2026-09-08 10:00")
    own.run(c.Resume(2), armed, "2026-09-10 10:00")
    own.run(c.Extend(2, 3, "情况复杂"), armed, "2026-09-10 11:00")
    page = text(own.client(), own.address + "2/")
    assert "从 9月7日（周一）起算，送到部门的那天，当天不算" in page
    assert "承诺 5 个工作日，待本市确认" in page
    assert "9月8日到9月10日暂停，2 个工作日不算" in page
    assert "延期 3 个工作日" in page
    assert "所以最晚 9月20日（周日）" in page  # 调休上班


def test_a_denial_says_why_and_what_can_be_done(city: City) -> None:
    own = story.own(city).in_handling()
    own.run(c.Deny(9, "属于规定不能享受的情形"), city.head, "2026-09-08 10:00")
    page = text(own.client(), own.address + "9/")
    assert "属于规定不能享受的情形" in page
    assert "行政复议" in page
    assert "不予办理决定书" in page
    assert "这一件不办了" not in page


def test_a_result_that_waits_is_fetched_with_what_to_bring(city: City) -> None:
    own = story.own(city, delivery_household_book="pick_up").in_handling()
    own.run(c.Deliver(1), city.clerk, "2026-09-08 09:00")
    police = city.officer("department_officer", "public_security")
    own.run(c.Grant(3), police, "2026-09-08 10:00")
    client = own.client()
    page = text(client, own.address)
    assert "来一次：指纹采集" in page
    assert "退出现役证件（原件 1 份）" not in page  # 交给已经办完的事项的，不用再带
    own.run(c.Accept(4), police, "2026-09-09 10:00")
    assert "来领居民户口簿" in text(client, own.address)
    assert "持旧户口本到户籍地派出所领取" in text(client, own.address + "3/")


def test_opening_the_messages_is_the_proof_that_they_were_seen(city: City) -> None:
    own = story.own(city).accepted()
    client = own.client()
    assert "条未读" in text(client, own.address)
    assert not MessageRecord.objects.filter(case_id=own.case_id, seen_at__isnull=False).exists()
    page = text(client, own.address + "messages/")
    assert "已经受理" in page and "lb-new" in page
    assert not MessageRecord.objects.filter(case_id=own.case_id, seen_at__isnull=True).exists()
    first = set(MessageRecord.objects.values_list("id", "seen_at"))
    assert "lb-new" not in text(client, own.address + "messages/")
    assert set(MessageRecord.objects.values_list("id", "seen_at")) == first
    assert "条未读" not in text(client, own.address)


def test_the_history_says_which_office_looked_and_at_what(city: City) -> None:
    own = story.own(city).accepted()
    view = queries.get(case_id=own.case_id, actor=city.bureau, at=moment("2026-09-04 11:00"))
    queries.reveal(view, "bank_account", actor=city.bureau, at=moment("2026-09-04 11:00"))
    page = text(own.client(), own.address + "history/")
    assert "439901 veterans_affairs（退役军人事务部门经办人）打开了：本人银行卡号" in page
    assert "王明" not in page
    assert "受理了申请" in page


def test_an_enquiry_is_shown_with_its_answer(city: City) -> None:
    from lianban.cases.models import EnquiryRecord
    from lianban.cases.services import enquiries

    own = story.own(city)
    row = EnquiryRecord.objects.create(
        case_id=own.case_id,
        code="schooling",
        department="education",
        district_id="439901",
        due_on="2026-09-10",
    )
    client = own.client()
    assert "9月10日（周四）" in text(client, own.address)
    officer = city.officer("department_officer", "education")
    at = moment("2026-09-05 10:00")
    enquiries.answer(enquiry_id=row.id, text="带户口簿到学区学校登记", actor=officer, at=at)
    assert "带户口簿到学区学校登记" in text(client, own.address)


def test_no_page_of_the_case_shows_a_whole_number(city: City) -> None:
    own = story.own(city).asked_for("bank_account", "identity_number", "mobile")
    client = own.client()
    for rest in ("", "correct/", "messages/", "history/", "1/", "8/", "withdraw/"):
        page = text(client, own.address + rest)
        assert story.FIELDS["identity_number"] not in page, rest
        assert story.FIELDS["bank_account"] not in page, rest
        assert story.FIELDS["mobile"] not in page, rest
