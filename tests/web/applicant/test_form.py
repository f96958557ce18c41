"""The form: what is wrong stands beside its field, and nothing typed is lost."""

from datetime import timedelta

import pytest

from lianban import clock
from lianban.cases.services import drafts
from lianban.cases.services.drafts import Draft
from tests.services.cast import FIELDS, identity_number
from tests.web.applicant.people import Person

GOOD = identity_number()
WRONG = GOOD[:-1] + ("0" if GOOD[-1] != "0" else "1")


@pytest.fixture
def begun(person: Person) -> Person:
    person.begin()
    return person


def draft_of(person: Person) -> Draft:
    from lianban.accounts import actors
    from lianban.accounts.models import User

    found = drafts.open_for(actors.from_user(User.objects.get(kind="applicant")))
    assert found is not None
    return found


def test_a_stranger_is_led_to_sign_in_and_back(person: Person) -> None:
    assert person.get("/form/basic/")["Location"] == "/sign-in/?next=%2Fform%2Fbasic%2F"


def test_without_a_form_every_page_of_it_leads_to_the_guide(person: Person) -> None:
    person.sign_in()
    assert person.get("/form/basic/")["Location"] == "/start/"
    assert person.get("/start/")["Location"] == "/guide/"


def test_the_answers_of_the_guide_survive_signing_in(person: Person, settings: object) -> None:
    settings.LIANBAN_DEMO = True  # type: ignore[attr-defined]
    person.answer()
    person.post("/sign-in/", {"phone": "13800000001"})
    page = person.text("/sign-in/code/")
    code = page.split('id="demonstration-code" class="lb-num">')[1][:6]
    assert person.post("/sign-in/code/", {"code": code}).status_code == 302
    assert "您要办 13 件事" in person.text("/guide/result/")


def test_a_wrong_check_digit_is_refused_beside_its_field(begun: Person) -> None:
    answer = begun.fill("basic", identity_number=WRONG)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="id_identity_number-error"' in page and "最后一位对不上" in page
    assert f'value="{WRONG}"' in page, "what was typed stays"
    assert f'value="{FIELDS["name"]}"' in page
    assert draft_of(begun).content.fields["identity_number"] == WRONG, "and is saved as it is"


def test_a_small_x_is_taken_as_a_capital_one(begun: Person) -> None:
    number = next(
        n for n in (identity_number(sequence=f"{i:03}") for i in range(1, 60)) if n.endswith("X")
    )
    assert begun.fill("basic", identity_number=number.lower()).status_code == 302
    assert number in begun.text("/form/check/")


def test_a_birthday_that_contradicts_the_number_is_refused_at_both_fields(begun: Person) -> None:
    draft = draft_of(begun)
    drafts.amend(
        draft_id=draft.id,
        change=lambda content: content.__class__(
            **{**vars(content), "fields": {**content.fields, "birth_date": "2004-01-01"}}
        ),
        actor=_actor(),
        at=clock.now(),
    )
    page = begun.fill("basic", birth_date="2004-01-01").content.decode()
    assert page.count("与身份证号里的（2005-03-01）不一样") >= 2
    assert 'id="id_birth_date-error"' in page and 'id="id_identity_number-error"' in page
    assert begun.fill("basic", birth_date="2005-03-01").status_code == 302


def _actor() -> object:
    from lianban.accounts import actors
    from lianban.accounts.models import User

    return actors.from_user(User.objects.get(kind="applicant"))


def test_a_discharge_before_the_enlistment_is_refused(begun: Person) -> None:
    answer = begun.fill("service", discharge_date="2023-09-01")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="id_discharge_date-error"' in page and "还早" in page
    assert 'value="2023"' in page


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        (("2024", "2", "30"), "没有 2024年2月30日 这一天"),
        (("2024", "13", "1"), "月份应是 1 到 12"),
        (("2024", "", ""), "还没写月、日"),
        (("24", "9", "1"), "年份要写四位"),
        (("二〇二四", "9", "1"), "年只写数字"),
    ],
)
def test_a_day_that_does_not_exist_is_named_and_stays(
    begun: Person, parts: tuple[str, str, str], words: str
) -> None:
    typed = dict(
        zip(("enlisted_date_year", "enlisted_date_month", "enlisted_date_day"), parts, strict=True)
    )
    answer = begun.post("/form/service/", {**typed, "discharge_date": "2026-09-01", "go": "next"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert f'value="{parts[0]}"' in page


def test_a_nul_is_a_bad_request_and_changes_nothing(begun: Person) -> None:
    before = draft_of(begun).content
    assert begun.fill("basic", name="陈\0小川").status_code == 400
    assert draft_of(begun).content == before


def test_ten_thousand_characters_are_refused_by_their_limit(begun: Person) -> None:
    answer = begun.fill("basic", name="陈" * 10_000)
    assert answer.status_code == 422
    assert "最多 50 个字，现在是 10000 个" in answer.content.decode()
    assert len(draft_of(begun).content.fields.get("name", "")) < 10_000


def test_markup_in_a_name_is_shown_as_text(begun: Person) -> None:
    hostile = '"><script>alert(1)</script>'
    page = begun.fill("basic", name=hostile).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in begun.text("/form/check/")


def test_a_rare_character_counts_as_one(begun: Person) -> None:
    assert begun.fill("basic", name="𠮷" * 50).status_code == 302
    assert begun.fill("basic", name="𠮷" * 51).status_code == 422


def test_a_page_may_be_left_with_errors_and_the_check_names_it(begun: Person) -> None:
    answer = begun.post("/form/basic/", {"name": "陈小川", "go": "later"})
    assert answer["Location"] == "/form/service/"
    page = begun.text("/form/check/")
    assert "/form/basic/?check" in page
    assert "请填写身份证号" in begun.text("/form/basic/?check")


def test_typing_saves_itself_and_survives_a_closed_browser(begun: Person) -> None:
    assert begun.post("/form/basic/save/", {"name": "陈小"}).status_code == 204
    again = Person()
    again.sign_in()
    assert 'value="陈小"' in again.text("/form/basic/")


def test_an_autosave_that_was_overtaken_changes_nothing(begun: Person) -> None:
    begun.fill("basic")
    draft = draft_of(begun)
    drafts.amend(
        draft_id=draft.id,
        change=lambda _: pytest.fail("an older save must not win"),
        actor=_actor(),
        at=draft.updated_at - timedelta(seconds=1),
        only_newest=True,
    )


def test_the_phone_of_the_account_is_filled_in_with_its_source(begun: Person) -> None:
    page = begun.text("/form/contact/")
    assert 'value="13800000001"' in page and "来自您登录的手机号" in page


def test_an_answer_of_the_guide_is_shown_and_not_asked(begun: Person) -> None:
    page = begun.text("/form/basic/")
    assert "中共党员" in page and "/guide/political_status/" in page
    assert 'name="political_status"' not in page


def test_an_address_is_asked_only_of_those_who_chose_the_courier(begun: Person) -> None:
    ways = {k: v for k, v in FIELDS.items() if k.startswith("delivery_")}
    answer = begun.post("/form/delivery/", {**ways, "go": "next", "postal_address": ""})
    assert answer.status_code == 422
    assert "请填写邮寄地址" in answer.content.decode()
    own = dict.fromkeys(ways, "pick_up")
    assert begun.post("/form/delivery/", {**own, "go": "next"}).status_code == 302


def test_nobody_opens_a_form_that_is_not_theirs(begun: Person) -> None:
    other = Person()
    other.sign_in("13900000002")
    assert other.get("/form/basic/")["Location"] == "/start/"


def test_a_form_can_be_given_up_after_asking_once_more(begun: Person) -> None:
    assert "找不回来" in begun.text("/form/give-up/")
    assert begun.post("/form/give-up/").status_code == 302
    assert begun.get("/form/basic/")["Location"] == "/start/"
