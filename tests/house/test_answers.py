"""What every address answers, whatever it is asked."""

import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from lianban.web.components import access


@access.public
def away(request: HttpRequest) -> HttpResponse:
    raise OperationalError("server closed the connection")


@access.public
def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("secret")


urlpatterns = [path("away", away), path("broken", broken)]
handler500 = "lianban.config.errors.server_error"


@pytest.mark.django_db
def test_the_house_says_that_it_is_well(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"database": "ok", "clock": "ok"})


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["?a=%00", "?%00=a"])
def test_a_nul_character_in_the_address_is_a_bad_request(client: Client, query: str) -> None:
    assert client.get(f"/healthz{query}").status_code == 400


@pytest.mark.django_db
def test_a_nul_character_in_a_header_is_a_bad_request(client: Client) -> None:
    assert client.get("/healthz", headers={"user-agent": "a\0b"}).status_code == 400


@pytest.mark.django_db
def test_a_nul_character_in_a_form_is_a_bad_request(client: Client) -> None:
    assert client.post("/healthz", {"name": "张\0三"}).status_code == 400


@pytest.mark.django_db
def test_an_unknown_address_says_what_to_do(client: Client) -> None:
    answer = client.get("/no-such-page")
    assert answer.status_code == 404
    assert "网址" in answer.content.decode()


@override_settings(ROOT_URLCONF=__name__)
def test_a_database_that_is_away_is_a_short_wait() -> None:
    answer = Client(raise_request_exception=False).get("/away")
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0


@override_settings(ROOT_URLCONF=__name__)
def test_a_failure_of_ours_says_nothing_of_its_inside() -> None:
    answer = Client(raise_request_exception=False).get("/broken")
    assert answer.status_code == 500
    assert "secret" not in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/healthz", "/no-such-page", "/healthz?a=%00"])
def test_every_answer_carries_the_protecting_headers(client: Client, address: str) -> None:
    answer = client.get(address)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert "unsafe" not in answer["Content-Security-Policy"]
