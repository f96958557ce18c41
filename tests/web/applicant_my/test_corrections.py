"""What is owed is mended in place: nothing typed is lost, and what is still open stays."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from lianban.cases import corrections, queries
from lianban.cases.models import FileRecord, MaterialRecord
from lianban.engine import commands as c
from tests.services.cast import City, moment
from tests.web.applicant_my import story

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def city() -> City:
    return City().build()


NEW_ACCOUNT = "6222020000000000002"


def owed(own: story.Own) -> list[str]:
    at = moment("2026-09-05 09:00")
    view = queries.get(case_id=own.case_id, actor=own.actor, at=at)
    return sorted(one.code for one in corrections.owed(view))


def fields(own: story.Own) -> dict[str, str]:
    at = moment("2026-09-05 09:00")
    view = queries.get(case_id=own.case_id, actor=own.actor, at=at)
    return queries.content(view).fields


def test_a_file_and_a_field_go_back_together_and_the_case_goes_on(city: City) -> None:
    own = story.own(city).asked_for("photo", "bank_account")
    client = own.client()
    answer = client.post(
        own.address + "correct/",
        {"file-photo": story.picture(), "bank_account": NEW_ACCOUNT},
        follow=True,
    )
    assert "都送回去了" in answer.content.decode()
    assert owed(own) == []
    assert fields(own)["bank_account"] == NEW_ACCOUNT
    assert queries.current(own.case_id).state == "submitted"


def test_what_is_not_mended_stays_on_the_page(city: City) -> None:
    own = story.own(city).asked_for("photo", "bank_account")
    client = own.client()
    answer = client.post(own.address + "correct/", {"promise-photo": "on"}, follow=True)
    page = answer.content.decode()
    assert "还有 1 样没补" in page
    assert "本人银行卡号" in page and "二寸" not in page
    assert owed(own) == ["bank_account"]
    assert MaterialRecord.objects.get(case_id=own.case_id, code="photo").state == "promised"
    assert queries.current(own.case_id).state == "correction_due"


def test_a_wrong_field_is_refused_beside_it_and_what_was_typed_and_sent_is_kept(
    city: City,
) -> None:
    own = story.own(city).asked_for("photo", "bank_account", "bank_name")
    client = own.client()
    answer = client.post(
        own.address + "correct/",
        {"file-photo": story.picture(), "bank_account": "12", "bank_name": "新桥银行城南支行"},
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "本人银行卡号应是 12 到 21 位数字" in page
    assert 'href="#id_bank_account"' in page
    assert "新桥银行城南支行" in page
    assert "photo.png" in page and "传好了，还没送回去" in page
    assert owed(own) == ["bank_account", "bank_name", "photo"]
    again = {"bank_account": NEW_ACCOUNT, "bank_name": "新桥银行城南支行"}
    assert (
        "都送回去了" in client.post(own.address + "correct/", again, follow=True).content.decode()
    )
    assert owed(own) == []


def test_a_file_that_is_none_is_refused_beside_its_material(city: City) -> None:
    own = story.own(city).asked_for("photo", "bank_account")
    fake = SimpleUploadedFile("photo.png", b"<svg onload=alert(1)>", content_type="image/png")
    answer = own.client().post(
        own.address + "correct/", {"file-photo": fake, "bank_account": NEW_ACCOUNT}
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'href="#file-photo"' in page
    assert NEW_ACCOUNT in page
    assert not FileRecord.objects.filter(case_id=own.case_id).exists()
    assert owed(own) == ["bank_account", "photo"]


def test_pressing_the_button_with_nothing_says_so(city: City) -> None:
    own = story.own(city).asked_for("photo")
    answer = own.client().post(own.address + "correct/", {})
    assert answer.status_code == 422
    assert "一样都还没补" in answer.content.decode()


def test_a_second_click_is_harmless(city: City) -> None:
    own = story.own(city).asked_for("bank_account")
    client = own.client()
    for _ in range(2):
        answer = client.post(own.address + "correct/", {"bank_account": NEW_ACCOUNT})
        assert answer.status_code == 302
    assert sum(line.event == "Corrected" for line in _history(own)) == 1


def _history(own: story.Own) -> list[queries.timeline.Line]:
    at = moment("2026-09-05 09:00")
    return queries.history(queries.get(case_id=own.case_id, actor=own.actor, at=at))


def test_one_answer_serves_the_case_and_every_item(city: City) -> None:
    own = story.own(city).in_handling()
    police = city.officer("department_officer", "public_security")
    own.run(c.RequestCorrection(("bank_account",), 8), city.bureau, "2026-09-08 10:00")
    own.run(c.RequestCorrection(("licence_class",), 14), police, "2026-09-08 10:00")
    client = own.client()
    page = client.get(own.address + "correct/").content.decode()
    assert "要补 2 样" in page
    data = {"bank_account": NEW_ACCOUNT, "licence_class": "C2"}
    client.post(own.address + "correct/", data)
    case = queries.current(own.case_id)
    assert case.sub_cases[8].state == case.sub_cases[14].state == "received"


def test_what_the_guide_asked_is_changed_at_the_counter(city: City) -> None:
    own = story.own(city).asked_for("political_status", "bank_account")
    client = own.client()
    assert "这一项网上改不了" in client.get(own.address + "correct/").content.decode()
    answer = client.post(
        own.address + "correct/",
        {"political_status": "other", "bank_account": NEW_ACCOUNT},
        follow=True,
    )
    assert "还有 1 样没补" in answer.content.decode()
    assert owed(own) == ["political_status"]


def test_a_deferred_material_is_owed_by_its_day_and_not_done_with_a_promise(city: City) -> None:
    own = story.own(city)
    own.run(c.AcceptWithDeferral(("enlistment_notice",)), city.bureau)
    client = own.client()
    page = client.get(own.address).content.decode()
    assert "补交入伍通知书" in page and "的结果才能发" in page
    answer = client.post(own.address + "correct/", {"promise-enlistment_notice": "on"})
    assert answer.status_code == 422
    assert owed(own) == ["enlistment_notice"]
    client.post(own.address + "correct/", {"file-enlistment_notice": story.picture()})
    assert owed(own) == []


def test_what_goes_on_after_the_conclusion_is_still_mended(city: City) -> None:
    own = story.own(city).in_handling()
    pension = city.officer("department_officer", "human_resources")
    _granted_but(own, 5, 11)
    own.run(c.RequestCorrection(("home_address",), 5), pension, "2026-09-10 10:00")
    own.run(c.SplitOff(5), city.bureau, "2026-09-10 11:00")
    own.run(c.Terminate("多次联系不上，也没有补正", 11), city.head, "2026-09-10 11:00")
    own.run(c.Conclude(), city.bureau, "2026-09-10 12:00")
    assert queries.current(own.case_id).state == "concluded"
    client = own.client()
    assert "补 1 样" in client.get(own.address + "correct/").content.decode()
    data = {"home_address": "柳城区沿河路 14 号"}
    assert client.post(own.address + "correct/", data).status_code == 302
    assert queries.current(own.case_id).sub_cases[5].state == "received"


def _granted_but(own: story.Own, *left: int) -> None:
    """Every item granted and delivered but these."""
    at = "2026-09-09 10:00"
    case = queries.current(own.case_id)
    while numbers := [n for n in case.open_items if n not in left]:
        for number in numbers:
            sub = case.sub_cases[number]
            lead = sub.department == "veterans_affairs"
            role = "bureau_officer" if lead else "department_officer"
            actor = own.city.officer(role, sub.department)
            if sub.state == "delivering":
                own.run(c.Deliver(number), actor, at)
            elif sub.state in ("ready", "dispatched", "received"):
                own.run(c.Grant(number), actor, at)
        case = queries.current(own.case_id)


def test_nothing_owed_says_so(city: City) -> None:
    own = story.own(city)
    assert "现在没有要补的" in own.client().get(own.address + "correct/").content.decode()


def test_a_receipt_session_mends_its_own_case(city: City) -> None:
    own = story.own(city).asked_for("bank_account")
    client = own.receipt_client()
    assert client.post(own.address + "correct/", {"bank_account": NEW_ACCOUNT}).status_code == 302
    assert owed(own) == []
