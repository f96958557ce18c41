"""A session ends when it should, a receipt opens one case, and an administrator keeps accounts."""

import re
from datetime import datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest
from django.test import Client

from lianban.accounts import actors, officers, services
from lianban.accounts.models import District, Office, User
from lianban.engine.refusal import Refused
from lianban.web.components import access, sign_in
from tests.services.conftest import AT
from tests.services.sign_in_ground import (
    HOME,
    PASSWORD,
    PHONE,
    made_officer,
    refusal_of,
    signed_in,
    without_input,
)

pytestmark = pytest.mark.django_db

# Sessions


def test_signing_in_changes_the_session_key_and_forgets_the_earlier_session(
    client: Client,
) -> None:
    client.post("/sign-in/", {"phone": PHONE})
    before = client.session.session_key
    signed_in(client, "administrator")
    assert client.session.session_key != before
    assert "sealed_phone" not in client.session


@pytest.mark.parametrize(
    ("minutes", "still"),
    [([29, 58, 87], True), ([31], False), ([29 * n for n in range(18)], False)],
)
def test_a_session_ends_after_half_an_hour_idle_or_eight_hours(
    client: Client, at: SimpleNamespace, minutes: list[int], still: bool
) -> None:
    signed_in(client, "administrator")
    for minute in minutes:
        at.now = AT + timedelta(minutes=minute)
        answer = client.get("/staff/")
    assert (answer.status_code == 200) is still


def test_a_changed_role_a_disabled_account_or_a_new_password_ends_the_session_at_once(
    client: Client,
) -> None:
    user = signed_in(client, "administrator")
    assert client.get("/staff/").status_code == 200
    User.objects.filter(pk=user.pk).update(auth_version=2)
    assert client.get("/staff/").status_code == 302
    client.post("/sign-in/officer/", {"username": "lin", "password": PASSWORD})
    assert client.get("/staff/").status_code == 200
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert client.get("/staff/").status_code == 302


def test_a_stolen_cookie_is_worth_nothing_after_sign_out(client: Client) -> None:
    signed_in(client, "administrator")
    stolen = client.cookies["lianban-session"].value
    assert client.get("/sign-out/").status_code == 405
    client.post("/sign-out/")
    thief = Client()
    thief.cookies["lianban-session"] = stolen
    assert thief.get("/staff/").status_code == 302


@pytest.mark.parametrize("page", ["/sign-in/", "/sign-in/officer/", "/sign-out/", "/r/abc/"])
def test_no_form_is_taken_without_its_token(page: str) -> None:
    assert Client(enforce_csrf_checks=True).post(page, {"phone": PHONE}).status_code == 403


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_led_off_the_site_after_signing_in(client: Client, wanted: str) -> None:
    made_officer("administrator")
    typed = {"username": "lin", "password": PASSWORD, "next": wanted}
    assert client.post("/sign-in/officer/", typed)["Location"] == "/sign-in/face/"


def test_a_stranger_is_sent_to_sign_in_and_comes_back_to_the_page(client: Client) -> None:
    assert client.get("/staff/?q=a")["Location"] == "/sign-in/officer/?next=%2Fstaff%2F%3Fq%3Da"
    made_officer("administrator")
    typed = {"username": "lin", "password": PASSWORD, "next": "/staff/?q=a"}
    assert client.post("/sign-in/officer/", typed)["Location"] == "/staff/?q=a"


def test_a_part_of_a_page_sends_the_whole_page_to_sign_in(client: Client) -> None:
    answer = client.get(
        "/staff/?q=a",
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/staff/"},
    )
    assert answer.status_code == 401
    assert answer["HX-Redirect"] == "/sign-in/officer/?next=%2Fstaff%2F"


def test_the_wrong_role_hears_who_may_and_whom_to_ask(client: Client) -> None:
    signed_in(client, "counter_clerk")
    answer = client.get("/staff/")
    assert answer.status_code == 403 and "系统管理员" in answer.content.decode()


def test_private_pages_are_never_stored(client: Client) -> None:
    assert client.get("/staff/")["Cache-Control"] == "no-store"
    signed_in(client, "administrator")
    for page in ("/staff/", "/signed-out/", "/nowhere/"):
        assert client.get(page)["Cache-Control"] == "no-store", page


# Receipts


@pytest.fixture
def receipt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand for the cases room, which keeps receipts and their second secrets."""

    def open_(*, receipt_id: str, secret: str, at: datetime) -> UUID:
        if (receipt_id, secret) != ("abc", "K7QM2X"):
            raise Refused("wrong_secret")
        return UUID(int=5)

    monkeypatch.setattr(sign_in.receipts, "open", open_)


def test_a_receipt_and_its_second_secret_open_one_case(client: Client, receipt: None) -> None:
    assert "K7QM2X" not in client.get("/r/abc/").content.decode()
    assert client.post("/r/abc/", {"secret": "K7QM2X"}).status_code == 302
    actor = client.get("/signed-out/").wsgi_request.actor
    assert actor.kind == "applicant" and actor.case_ids == {UUID(int=5)}
    assert client.get("/staff/").status_code == 403


def test_a_wrong_secret_and_an_unknown_receipt_look_alike(client: Client, receipt: None) -> None:
    pages = ("/r/abc/", "/r/none/")
    assert len({without_input(client.post(page, {"secret": "x"})) for page in pages}) == 1


def test_a_receipts_secret_cannot_be_guessed_by_trying(client: Client, receipt: None) -> None:
    for _ in range(10):
        client.post("/r/abc/", {"secret": "x"})
    assert client.post("/r/abc/", {"secret": "K7QM2X"}).status_code == 429


def test_one_who_opened_a_receipt_has_no_account_pages() -> None:
    holder = access.Actor.receipt_holder(case_id=UUID(int=5))
    assert access.Access(access.Door.APPLICANT).admits(holder)
    assert not access.Access(access.Door.ACCOUNT).admits(holder)


# Actors


def test_an_officer_reaches_the_offices_district_and_all_below() -> None:
    user = made_officer("counter_clerk")
    assert actors.from_user(user).districts == {"990102"}
    Office.objects.update(district="990100")
    user.refresh_from_db()
    assert actors.from_user(user).districts == {"990100", "990102"}


# The administrator's pages


def test_an_administrator_adds_moves_closes_and_resets_an_officer(client: Client) -> None:
    admin = signed_in(client, "administrator")
    office = str(admin.office_id)
    new = {"name": "周某", "username": "zhou", "office": office, "roles": ["counter_clerk"]}
    text = client.post("/staff/add/", new).content.decode()
    start = re.search(r'id="start-password"[^>]*>([^<]+)<', text)
    assert start
    sign_in = {"username": "zhou", "address": HOME, "at": AT}
    zhou = services.sign_in_officer(password=start[1], **sign_in)
    assert zhou.must_set_password
    assert "已经有人用了" in client.post("/staff/add/", new).content.decode()
    page = f"/staff/{zhou.id}/"
    client.post(page, {"office": office, "roles": ["bureau_officer"]})
    zhou.refresh_from_db()
    assert zhou.auth_version == 2
    assert actors.from_user(zhou).roles == {"bureau_officer"}
    client.post(page + "disable/")
    refusal_of("wrong_credentials", services.sign_in_officer, password=start[1], **sign_in)
    client.post(page + "enable/")
    text = client.post(page + "password/").content.decode()
    again = re.search(r'id="start-password"[^>]*>([^<]+)<', text)
    assert again and again[1] != start[1]
    assert services.sign_in_officer(password=again[1], **sign_in)


def test_bad_input_about_an_officer_is_answered_beside_its_field(client: Client) -> None:
    signed_in(client, "administrator")
    answer = client.post("/staff/add/", {"name": "周某", "username": "周 某", "office": "x"})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "单位没有这一项" in text and "请至少选一个角色" in text and 'value="周某"' in text
    assert client.get("/staff/?q=%00&after=x").status_code == 400
    assert "没有找到" in client.get("/staff/?q=zzz").content.decode()


def test_an_officer_outside_the_administrators_districts_does_not_exist(client: Client) -> None:
    other = District.objects.create(code="880100", name="丙市", level="city")
    office = Office.objects.create(department="lead", district=other, name="别处")
    stranger = made_officer("counter_clerk", username="stranger")
    User.objects.filter(pk=stranger.pk).update(office=office)
    admin = signed_in(client, "administrator")
    actor = actors.from_user(User.objects.get(pk=admin.pk))
    assert "stranger" not in client.get("/staff/").content.decode()
    for path in ("", "disable/", "enable/", "password/"):
        assert client.post(f"/staff/{stranger.id}/{path}").status_code == 404
    for act in (officers.disable, officers.enable, officers.reset_password):
        refusal_of("not_found", act, user_id=stranger.id, actor=actor)
    there = {"office_id": office.id, "roles": ["counter_clerk"], "actor": actor}
    refusal_of("not_permitted", officers.change, user_id=admin.id, **there)
    refusal_of("not_permitted", officers.add, username="new", name="新", **there)


def test_an_administrator_cannot_lock_everybody_out(client: Client) -> None:
    admin = signed_in(client, "administrator")
    assert client.post(f"/staff/{admin.id}/disable/").status_code == 409
    typed = {"office": str(admin.office_id), "roles": ["counter_clerk"]}
    assert "系统管理员角色" in client.post(f"/staff/{admin.id}/", typed).content.decode()


def test_fifty_officers_fit_on_a_page_and_the_key_leads_on(client: Client) -> None:
    admin = signed_in(client, "administrator")
    User.objects.bulk_create(
        User(kind="officer", username=f"u{n:03}", name=f"某{n}", office_id=admin.office_id)
        for n in range(60)
    )
    first = client.get("/staff/").content.decode()
    assert first.count("<tr class") == 50 and "after=u048" in first
    assert client.get("/staff/?after=u048").content.decode().count("<tr class") == 11


def test_somebody_without_the_role_keeps_no_accounts() -> None:
    actor = actors.from_user(made_officer("bureau_head"))
    assert not officers.visible_to(actor).exists() and not officers.offices_of(actor).exists()
    refusal_of("not_permitted", officers.disable, user_id=UUID(int=1), actor=actor)
