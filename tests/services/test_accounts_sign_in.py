"""Signing in keeps strangers out, guessers slow, and everybody else moving."""

import hmac
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from lianban.accounts import limiter, services
from lianban.accounts.models import AttemptWindow, OneTimeCode, User
from lianban.engine.refusal import Refused
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
