"""Every door: no form without its token, no private page kept, every answer with its headers."""

from typing import Any

import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client

from lianban.cases import queries
from lianban.web.components import access
from tests.hostile import ground
from tests.hostile.ground import HERE, County
from tests.services.cast import CONSCRIPT

pytestmark = pytest.mark.django_db

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}


def everyone(city: Any, here: County) -> dict[str, Client]:
    return {
        **ground.officers(city),
        "administrator": ground.signed_in(ground.administrator(city, HERE)),
        "applicant": ground.signed_in(here.user),
    }


def test_no_form_is_taken_without_its_token(city: Any, here: County) -> None:
    head = city.people[f"bureau_head@{ground.LEAD}.{HERE}"]
    people = {
        name: ground.signed_in(user, enforce_csrf_checks=True)
        for name, user in (("head", head), ("applicant", here.user), ("stranger", None))
    }
    wrong: list[str] = []
    # a machine's call is held by its signature, and has no form
    machines = {address for address, _ in ground.addresses(here.ids, only="/exchange/v1/")}
    before = ground.stored()
    for who, client in people.items():
        for address, _ in ground.addresses(here.ids, every="none"):
            answer = client.post(address, {"do": "conclude", "sure": "yes", "step": "give"})
            if answer.status_code != 403 and address not in machines:
                wrong.append(f"{who} {address} answers {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert ground.changed(before, ground.stored()) == []


def missing_headers(answer: HttpResponse) -> list[str]:
    found = [name for name, value in HEADERS.items() if answer.get(name) != value]
    policy = answer.get("Content-Security-Policy", "")
    return found + ([] if policy and "unsafe" not in policy else ["Content-Security-Policy"])


def test_every_answer_has_its_headers_and_no_private_page_is_kept(city: Any, here: County) -> None:
    wrong, seen = [], set[int]()
    for who, client in everyone(city, here).items():
        for address, _ in ground.addresses(here.ids, every="none"):
            if address == "/healthz":
                continue
            tries = [client.get(address)]
            if who.startswith("bureau_head"):
                tries.append(client.put(address))
            for answer in tries:
                seen.add(answer.status_code)
                wrong += [f"{who} {address}: {name}" for name in missing_headers(answer)]
                if answer.status_code >= 500:
                    wrong.append(f"{who} {address} answers {answer.status_code}")
                if "no-store" not in answer.get("Cache-Control", ""):
                    wrong.append(f"{who} {address} {answer.status_code} may be kept")
    assert not wrong, "\n".join(wrong)
    assert {200, 302, 403, 404, 405} <= seen


def test_private_views_say_no_store_to_strangers_too(city: Any, here: County) -> None:
    client, wrong = ground.signed_in(), []
    private = {
        route for route, view in access.routes() if view.access.door is not access.Door.PUBLIC
    }
    for route in sorted(private):
        for address, _ in ground.addresses(here.ids, only=route, every="none"):
            answer = client.get(address)
            if "no-store" not in answer.get("Cache-Control", ""):
                wrong.append(address)
    assert not wrong, "\n".join(wrong)


def test_what_a_stranger_answered_in_the_guide_is_not_kept_by_the_browser(city: Any) -> None:
    client = ground.signed_in()
    for key, value in CONSCRIPT.items():
        client.post(f"/guide/{key}/", {"answer": value})
    for address in ("/", "/guide/", "/guide/result/", "/guide/disability/", "/guide/leave-out/9/"):
        assert "no-store" in client.get(address).get("Cache-Control", ""), address


@pytest.mark.parametrize(
    ("failure", "status"), [(RuntimeError("430102"), 500), (OperationalError("gone"), 503)]
)
def test_a_failure_has_the_headers_and_says_nothing_of_its_inside(
    city: Any, here: County, monkeypatch: pytest.MonkeyPatch, failure: Exception, status: int
) -> None:
    def fail(**_: Any) -> None:
        raise failure

    monkeypatch.setattr(queries, "get", fail)
    client = ground.signed_in(here.user)
    answer = client.get(f"/my/{here.case_id}/")
    assert answer.status_code == status
    assert missing_headers(answer) == []
    assert "no-store" in answer["Cache-Control"]
    assert "430102" not in ground.body(answer) and "gone" not in ground.body(answer)


def test_a_bad_request_has_the_headers(city: Any) -> None:
    for answer in (
        ground.signed_in().get("/?a=%00"),
        ground.signed_in().get("/", headers={"host": "evil.example"}),
        ground.signed_in().post("/sign-in/", {"phone": "1" * 2_000_000}),
        ground.signed_in().post("/sign-in/", {f"a{n}": "1" for n in range(600)}),
    ):
        assert answer.status_code == 400
        assert missing_headers(answer) == []
        assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("address", ["/my/x.css", "/counter/a.css", "/bureau/cases/1/x.js"])
def test_a_deceptive_address_is_no_page(city: Any, here: County, address: str) -> None:
    assert ground.signed_in(here.user).get(address).status_code == 404
