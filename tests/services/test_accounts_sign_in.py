"""Signing in keeps strangers out, guessers slow, and everybody else moving."""

import hmac
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client

from lianban import clock
from lianban.accounts import actors, limiter, officers, services
from lianban.accounts.models import AttemptWindow, District, Office, OneTimeCode, RoleGrant, User
from lianban.engine.refusal import Refused
from lianban.web.components import access, sign_in

AT = datetime(2026, 9, 3, 9, 0, tzinfo=clock.SHANGHAI)
PHONE, HOME = "13800000204", "192.0.2.7"
PASSWORD = "six blue lanterns"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick_hashing(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    present = SimpleNamespace(now=AT)
    monkeypatch.setattr(clock, "now", lambda: present.now)
    return present


def made_officer(*roles: str, username: str = "lin", start: bool = False) -> User:
    city, _ = District.objects.get_or_create(code="990100", name="甲市", level="city")
    county, _ = District.objects.get_or_create(
        code="990102", name="乙区", level="county", parent=city
    )
    office, _ = Office.objects.get_or_create(department="lead", district=county, name="窗口")
    user = User(
        kind="officer", username=username, name="林某", office=office, must_set_password=start
    )
    user.set_password(PASSWORD)
    user.save()
    RoleGrant.objects.bulk_create(RoleGrant(user=user, role=role) for role in roles)
    return user


def signed_in(client: Client, *roles: str, **more: Any) -> User:
    user = made_officer(*roles, **more)
    client.post("/sign-in/officer/", {"username": user.username, "password": PASSWORD})
    return user


def without_input(answer: Any) -> str:
    """Return a page without what was typed, its token and its own address."""
    return re.sub(r'(value|content|action)="[^"]*"', "", answer.content.decode())


def refusal_of(expected: str, act: Any, /, **arguments: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        act(**arguments)
    assert caught.value.code == expected
    return caught.value


# Applicants


def test_a_new_phone_gets_an_account_and_the_same_one_next_time() -> None:
    users = []
    for _ in range(2):
        code = services.request_code(phone="+86 138-0000-0204", address=HOME, at=AT)
        assert re.fullmatch(r"\d{6}", code)
        users.append(services.sign_in_applicant(phone=PHONE, code=code, address=HOME, at=AT))
    assert users[0].id == users[1].id
    assert User.objects.get(pk=users[0].id).read_phone() == PHONE


def test_neither_phone_nor_code_lies_readable_in_the_database() -> None:
    code = services.request_code(phone=PHONE, address=HOME, at=AT)
    row = OneTimeCode.objects.get()
    services.sign_in_applicant(phone=PHONE, code=code, address=HOME, at=AT)
    user = User.objects.get()
    kept = [row.phone_blind_index, row.code_hash, user.phone, user.phone_blind_index]
    kept += AttemptWindow.objects.values_list("key", flat=True)
    for value in kept:
        assert PHONE.encode() not in bytes(value) and code.encode() != bytes(value)


def test_a_code_works_once() -> None:
    code = services.request_code(phone=PHONE, address=HOME, at=AT)
    services.sign_in_applicant(phone=PHONE, code=code, address=HOME, at=AT)
    refusal_of("wrong_code", services.sign_in_applicant, phone=PHONE, code=code, address="", at=AT)


def test_a_code_dies_after_five_minutes() -> None:
    code = services.request_code(phone=PHONE, address=HOME, at=AT)
    late = AT + timedelta(minutes=5)
    refusal_of(
        "wrong_code", services.sign_in_applicant, phone=PHONE, code=code, address="", at=late
    )


def test_after_five_wrong_tries_the_right_code_no_longer_helps() -> None:
    code = services.request_code(phone=PHONE, address=HOME, at=AT)
    wrong = "000000" if code != "000000" else "111111"
    for tried in (*[wrong] * 5, code):
        refusal_of(
            "wrong_code", services.sign_in_applicant, phone=PHONE, code=tried, address="", at=AT
        )


def test_a_new_code_replaces_the_old_one_and_its_tries() -> None:
    first = services.request_code(phone=PHONE, address=HOME, at=AT)
    OneTimeCode.objects.update(tries=5)
    second = services.request_code(phone=PHONE, address=HOME, at=AT)
    if first != second:
        refusal_of(
            "wrong_code", services.sign_in_applicant, phone=PHONE, code=first, address="", at=AT
        )
    services.sign_in_applicant(phone=PHONE, code=second, address="", at=AT)


def test_a_phone_gets_ten_codes_an_hour_and_then_again() -> None:
    for n in range(10):
        services.request_code(phone=PHONE, address=f"192.0.{n}.1", at=AT)
    refusal = refusal_of(
        "too_many_tries", services.request_code, phone=PHONE, address="198.51.100.1", at=AT
    )
    assert refusal.details["retry_at"] == AT + timedelta(hours=1)
    services.request_code(phone=PHONE, address=HOME, at=AT + timedelta(hours=1))


@pytest.mark.parametrize(
    "typed", ["", "1380000020", "12345678901", "１３８", "١٣٨٠٠٠٠٠٢٠٤", "x" * 500]
)
def test_what_is_no_phone_is_refused_with_its_number_of_digits(typed: str) -> None:
    refusal = refusal_of("bad_phone", services.mobile, typed=typed)
    assert refusal.details["digits"] == sum(sign.isdigit() for sign in typed)


def test_a_disabled_applicant_hears_no_more_than_a_wrong_code() -> None:
    user = services.applicant_account(phone=PHONE)
    User.objects.filter(pk=user.pk).update(is_active=False)
    code = services.request_code(phone=PHONE, address=HOME, at=AT)
    refusal_of("wrong_code", services.sign_in_applicant, phone=PHONE, code=code, address="", at=AT)


@pytest.mark.django_db(transaction=True)
def test_one_code_tried_at_the_same_moment_signs_in_once(monkeypatch: pytest.MonkeyPatch) -> None:
    code = services.request_code(phone=PHONE, address=HOME, at=AT)
    all_compared = threading.Barrier(4, timeout=10)
    compare = hmac.compare_digest

    def compare_and_wait(left: bytes, right: bytes) -> bool:
        all_compared.wait()
        return compare(left, right)

    monkeypatch.setattr(services.hmac, "compare_digest", compare_and_wait)

    def attempt(_: int) -> bool:
        try:
            services.sign_in_applicant(phone=PHONE, code=code, address=HOME, at=AT)
            return True
        except Refused:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(attempt, range(4))) == 1


def test_the_applicants_pages_lead_from_phone_to_code_to_where_they_were_going(
    client: Client, at: SimpleNamespace, settings: Any
) -> None:
    settings.LIANBAN_DEMO = True
    answer = client.post("/sign-in/", {"phone": PHONE, "next": "/signed-out/"}, follow=True)
    text = answer.content.decode()
    assert "138****0204" in text and PHONE not in text
    shown = re.search(r'id="demonstration-code"[^>]*>(\d{6})<', text)
    assert shown
    answer = client.post("/sign-in/code/?next=/signed-out/", {"code": shown[1]})
    assert (answer.status_code, answer["Location"]) == (302, "/signed-out/")
    assert client.get("/signed-out/").wsgi_request.actor.kind == "applicant"


def test_outside_the_demonstration_no_page_shows_the_code(client: Client, settings: Any) -> None:
    settings.LIANBAN_DEMO = False
    answer = client.post("/sign-in/", {"phone": PHONE}, follow=True)
    assert "demonstration-code" not in answer.content.decode()


def test_no_personal_value_lies_in_the_session_row(client: Client) -> None:
    client.post("/sign-in/", {"phone": PHONE})
    assert PHONE not in str(dict(client.session))


def test_a_wrong_phone_is_refused_beside_its_field_and_kept(client: Client) -> None:
    answer = client.post("/sign-in/", {"phone": "1380000020"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "手机号码应是 11 位，现在是 10 位" in text and 'value="1380000020"' in text
    assert client.post("/sign-in/", {}).status_code == 422


def test_the_code_page_without_a_phone_leads_back(client: Client) -> None:
    assert client.get("/sign-in/code/?next=/x")["Location"] == "/sign-in/?next=%2Fx"


# Officers


def test_wrong_unknown_and_disabled_accounts_get_the_same_answer(
    client: Client, at: SimpleNamespace
) -> None:
    made_officer("counter_clerk", username="gone")
    User.objects.update(is_active=False)
    made_officer("counter_clerk")
    answers = {
        without_input(client.post("/sign-in/officer/", typed))
        for typed in (
            {"username": "lin", "password": "wrong"},
            {"username": "nobody", "password": PASSWORD},
            {"username": "gone", "password": PASSWORD},
            {"username": "lin", "password": PASSWORD + "x" * 200},
        )
    }
    assert len(answers) == 1 and "用户名或密码不对" in answers.pop()


def test_an_unknown_account_costs_a_hash_as_a_known_one_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made_officer("counter_clerk")
    from django.contrib.auth.hashers import MD5PasswordHasher

    hashed: list[str] = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher,
        "encode",
        lambda self, password, salt: hashed.append(salt) or encode(self, password, salt),
    )
    costs = []
    for name in ("lin", "nobody"):
        hashed.clear()
        refusal_of(
            "wrong_credentials",
            services.sign_in_officer,
            username=name,
            password="wrong",
            address=HOME,
            at=AT,
        )
        costs.append(len(hashed))
    assert costs == [1, 1]


def test_the_limit_counts_before_the_password_is_looked_at() -> None:
    made_officer("counter_clerk")
    for n in range(10):
        refusal_of(
            "wrong_credentials",
            services.sign_in_officer,
            username="lin",
            password=str(n),
            address=HOME,
            at=AT,
        )
    right = {"username": "LIN", "password": PASSWORD}
    refusal_of("too_many_tries", services.sign_in_officer, **right, address="192.0.2.200", at=AT)
    assert services.sign_in_officer(**right, address="198.51.100.1", at=AT), "victim elsewhere"
    assert services.sign_in_officer(**right, address=HOME, at=AT + timedelta(minutes=15))


def test_a_right_password_gives_the_tries_back() -> None:
    made_officer("counter_clerk")
    for _ in range(25):
        services.sign_in_officer(username="lin", password=PASSWORD, address=HOME, at=AT)


def test_too_many_tries_are_told_until_when(client: Client, at: SimpleNamespace) -> None:
    for _ in range(11):
        answer = client.post("/sign-in/officer/", {"username": "lin", "password": "x"})
    assert answer.status_code == 429 and answer["Retry-After"] == "900"
    assert "请在 09:15 以后再试" in answer.content.decode()


@pytest.mark.parametrize(
    ("address", "together"),
    [
        ("192.0.2.7", "192.0.2.0/24"),
        ("2001:db8::1:2", "2001:db8::/64"),
        ("::ffff:192.0.2.9", "192.0.2.0/24"),
        ("", "unknown"),
        ("<script>", "unknown"),
    ],
)
def test_tries_count_together_by_network(address: str, together: str) -> None:
    assert limiter.network(address) == together


@pytest.mark.parametrize("is_behind", [True, False])
def test_a_forwarded_address_counts_only_behind_the_front_server(
    client: Client, at: SimpleNamespace, settings: Any, is_behind: bool
) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if is_behind else None
    for n in range(11):
        answer = client.post(
            "/sign-in/officer/",
            {"username": "lin", "password": "x"},
            headers={"X-Forwarded-For": f"203.0.113.9, 198.51.{n}.1"},
        )
    assert answer.status_code == (422 if is_behind else 429)


def test_old_windows_and_codes_are_swept() -> None:
    services.request_code(phone=PHONE, address=HOME, at=AT)
    services.sweep(at=AT)
    assert AttemptWindow.objects.exists() and OneTimeCode.objects.exists()
    services.sweep(at=AT + timedelta(days=4))
    assert not AttemptWindow.objects.exists() and not OneTimeCode.objects.exists()


@pytest.mark.parametrize(
    ("roles", "leads_to"),
    [
        (["counter_clerk"], "/counter/"),
        (["bureau_head", "bureau_officer"], "/bureau/"),
        (["department_officer"], "/department/"),
        (["administrator"], "/staff/"),
    ],
)
def test_an_officer_is_led_to_the_face_of_the_role(
    client: Client, roles: list[str], leads_to: str
) -> None:
    signed_in(client, *roles)
    assert client.get("/sign-in/face/")["Location"] == leads_to


def test_an_officer_with_two_faces_may_choose(client: Client) -> None:
    signed_in(client, "counter_clerk", "bureau_officer")
    text = client.get("/sign-in/face/").content.decode()
    assert "/counter/" in text and "/bureau/" in text and "/department/" not in text


def test_a_start_password_opens_nothing_but_the_page_that_replaces_it(client: Client) -> None:
    signed_in(client, "administrator", start=True)
    assert client.get("/staff/")["Location"] == "/sign-in/password/"
    for wrong in (PASSWORD, "short", "1234567890", "lin and nothing else"):
        answer = client.post("/sign-in/password/", {"password": wrong, "again": wrong})
        assert answer.status_code == 422, wrong
    new = "seven green lanterns"
    answer = client.post("/sign-in/password/", {"password": new, "again": new + "x"})
    assert "两次填的密码不一样" in answer.content.decode()
    client.post("/sign-in/password/", {"password": new, "again": new})
    assert client.get("/staff/").status_code == 200
    assert services.sign_in_officer(username="lin", password=new, address=HOME, at=AT)


def test_a_later_password_asks_for_the_one_so_far(client: Client) -> None:
    signed_in(client, "administrator")
    typed = {"password": "seven green lanterns", "again": "seven green lanterns"}
    assert "请填现在的密码" in client.post("/sign-in/password/", typed).content.decode()
    wrong = client.post("/sign-in/password/", {**typed, "current": "guessed"})
    assert "现在的密码不对" in wrong.content.decode()
    assert client.post("/sign-in/password/", {**typed, "current": PASSWORD}).status_code == 302
    assert client.get("/staff/").status_code == 200, "the officer stays signed in"


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
