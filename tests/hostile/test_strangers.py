"""What belongs to others does not exist: every route, every kind of caller, reading and writing."""

import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from lianban.web.components import access
from tests.hostile import ground
from tests.hostile.ground import HERE, THERE, County

pytestmark = pytest.mark.django_db

#: The answers to what one may not know of: not found, not your page, sign in first, wrong method.
HIDDEN = (403, 404, 405)
#: Where officers work.
DESKS = ("/bureau/", "/department/", "/results/", "/bulk/", "/absences/", "/ratings/")


def everyone(city: Any, here: County) -> dict[str, Client]:
    """A browser for every kind of caller in the first county."""
    return {
        **ground.officers(city),
        "administrator": ground.signed_in(ground.administrator(city, HERE)),
        "applicant": ground.signed_in(here.user),
        "receipt": ground.opened(here),
    }


def posted(there: County) -> dict[str, object]:
    """A form that names the stranger's things in every way that a page might read."""
    row, ids = f"{there.case_id}.3", there.ids
    named = {name.removesuffix("_id"): str(value) for name, value in ids.items()}
    return named | {
        "case": [str(there.case_id), str(there.counter_case_id)],
        "row": [row, *(str(ids[name]) for name in ("result_id", "row_id", "order_id"))],
        "rows": row,
        "one": row,
        "act": "grant",
        f"number.{row}": "文号1",
        f"number-{ids['mail_id']}": "KD1",
        "number": there.tracking_number,
        "text": there.tracking_number,
        "officer": str(ids["user_id"]),
        "deputy": str(ids["user_id"]),
        "district": THERE,
        "state": "received",
        "step": "give",
        "outcome": "grant",
        "do": "conclude",
        "reason": "deny.other",
        "own": "理由",
        "words": "理由",
        "answer": "理由",
        "name": there.person.name,
        "sure": "yes",
        "codes": "photo",
        "seen": "photo",
        "original": "photo",
        "days": "1",
        "username": "x1",
        "roles": "administrator",
    }


def test_every_id_that_an_address_can_hold_is_of_something_real(there: County) -> None:
    routes = "".join(route for route, _ in access.routes())
    assert set(re.findall(r"<uuid:(\w+)>", routes)) <= set(there.ids)


def test_what_is_in_another_county_exists_for_nobody_here(
    city: Any, here: County, there: County
) -> None:
    people, wrong = everyone(city, here), []
    before = ground.stored()
    for who, client in people.items():
        for address, is_named in ground.addresses(there.ids, every=ground.face(who)):
            if not is_named:
                continue
            for answer in (client.get(address), client.post(address, posted(there))):
                wrong += complaints(who, address, answer, there.marks)
    assert not wrong, "\n".join(wrong)
    assert ground.changed(before, ground.stored()) == []


def complaints(who: str, address: str, answer: HttpResponse, marks: tuple[str, ...]) -> list[str]:
    found = [f"{who} {address} shows {mark}" for mark in marks if mark in ground.body(answer)]
    if answer.status_code not in HIDDEN and not to_sign_in(answer):
        found.append(f"{who} {address} answers {answer.status_code}")
    return found


def to_sign_in(answer: HttpResponse) -> bool:
    """Asked to sign in, as one who opened a receipt is where only an account will do."""
    return answer.status_code == 302 and answer["Location"].startswith("/sign-in/")


def test_nobody_reaches_anothers_thing_through_an_own_case(
    city: Any, here: County, there: County
) -> None:
    """The address names the caller's own case, and in it something of somebody else's."""
    people, wrong = everyone(city, here), []
    before = ground.stored()
    for who, client in people.items():
        for address, _ in ground.addresses(there.ids | {"case_id": here.case_id}, every="none"):
            if not {str(value) for value in there.ids.values()} & set(address.split("/")):
                continue
            for answer in (client.get(address), client.post(address, posted(there))):
                wrong += complaints(who, address, answer, there.marks)
    assert not wrong, "\n".join(wrong)
    assert ground.changed(before, ground.stored()) == []


def test_a_stranger_without_a_session_is_sent_to_sign_in(city: Any, there: County) -> None:
    before, wrong = ground.stored(), []
    client = ground.signed_in()
    for address, is_named in ground.addresses(there.ids, every="none"):
        if not is_named or address.startswith(("/r/", "/verify/")):
            continue
        for answer in (client.get(address), client.post(address, posted(there))):
            if answer.status_code != 302 or "/sign-in/" not in answer["Location"]:
                wrong.append(f"{address} answers {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert ground.changed(before, ground.stored()) == []


def test_lists_and_find_boxes_name_nobody_of_another_county(
    city: Any, here: County, there: County
) -> None:
    wrong = []
    for who, client in everyone(city, here).items():
        for address, is_named in ground.addresses(here.ids, every=ground.face(who)):
            if is_named or address.startswith(("/sign-out", "/guide", "/form", "/large-print")):
                continue
            for query in ("", "?show=all&tab=all", f"?district={THERE}&show=all&tab=done"):
                answer = client.get(address + query)
                wrong += [f"{who} {address} {m}" for m in there.marks if m in ground.body(answer)]
                if answer.status_code >= 500:
                    wrong.append(f"{who} {address}{query} answers {answer.status_code}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("address", ["/counter/find/", "/bureau/find/"])
def test_a_find_box_answers_nobody_of_another_county_with_nothing(
    city: Any, there: County, address: str
) -> None:
    role = "counter_clerk" if "counter" in address else "bureau_officer"
    client = ground.signed_in(city.people[f"{role}@{ground.LEAD}.{HERE}"])
    for text in (there.person.number, there.person.name, there.case_number, there.receipt_id,
                 f"http://testserver/r/{there.receipt_id}/"):  # fmt: skip
        answer = client.post(address, {"text": text, "q": text})
        assert answer.status_code == 200, text
        assert str(there.case_id) not in ground.body(answer), text
        others = [m for m in (*there.person.marks, there.case_number) if m not in text]
        assert [m for m in others if m in ground.body(answer) and m not in text] == [], text


def test_many_ticked_rows_of_another_county_change_nothing(city: Any, there: County) -> None:
    before = ground.stored()
    for who, client in ground.officers(city).items():
        for address, is_named in ground.addresses(there.ids, every="none"):
            if is_named or not address.startswith(DESKS):
                continue
            answer = client.post(address, posted(there))
            assert answer.status_code < 500, f"{who} {address}"
            text = ground.body(client.get("/bureau/") if "bureau" in who else answer)
            assert there.case_number not in text, f"{who} {address}"
    assert ground.changed(before, ground.stored()) == []


def test_a_department_sees_nothing_of_anothers_items(city: Any, here: County) -> None:
    before = ground.stored(without=("cases_viewrecord",))
    wrong = []
    for name, client in ground.officers(city).items():
        if not name.startswith("department_officer@public_security"):
            continue
        for number in (1, 2, 5, 8, 12, 13):
            for route, _ in ground.addresses(
                here.ids | {"number": number}, only="/department/<uuid:case_id>"
            ):
                for answer in (client.get(route), client.post(route, posted(here))):
                    if answer.status_code not in (404, 405):
                        wrong.append(f"{route} answers {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert ground.changed(before, ground.stored(without=("cases_viewrecord",))) == []


def test_a_department_gets_neither_the_account_nor_the_other_items_papers(
    city: Any, here: County
) -> None:
    client = ground.signed_in(city.people[f"department_officer@public_security.{HERE}"])
    page = ground.body(client.get(f"/department/{here.case_id}/3/"))
    assert here.person.account not in page and here.person.account[-4:] not in page
    assert here.person.phone not in page
    reveal = f"/department/{here.case_id}/3/reveal/bank_account/"
    assert client.post(reveal).status_code == 404
    for kind in ("receipt", "registration_form", "acceptance_notice", "requirements_notice"):
        assert client.get(f"/papers/{here.case_id}/{kind}/0/").status_code == 404


def test_the_number_of_somebody_elsewhere_tells_the_clerk_no_name(city: Any, there: County) -> None:
    client = ground.signed_in(city.people[f"counter_clerk@{ground.LEAD}.{HERE}"])
    answer = client.post("/counter/start/", {"district": HERE, "text": there.person.number})
    page = client.post(answer["Location"], {"name": "别的名", "identity_number": there.person.number},
                       follow=True)  # fmt: skip
    assert page.status_code == 200
    text = ground.body(page)
    assert there.person.name not in text
    assert there.case_number not in text


def test_a_machines_address_is_no_way_in_for_anybody_with_a_browser(
    city: Any, here: County, there: County
) -> None:
    """Who has no signature is answered in JSON, and nothing is told or changed."""
    machines = {r for r, v in access.routes() if v.access.door is access.Door.PARTNER}
    assert len(machines) >= 4
    people = {**everyone(city, here), "stranger": ground.signed_in()}
    wrong, before = [], ground.stored()
    for who, client in people.items():
        for route in sorted(machines):
            for address, _ in ground.addresses(there.ids, only=route):
                for answer in (client.get(address), client.post(address, posted(there))):
                    if answer.status_code not in (401, 405) or "message" not in answer.json():
                        wrong.append(f"{who} {address} answers {answer.status_code}")
                    shown = [mark for mark in there.marks if mark in ground.body(answer)]
                    wrong += [f"{who} {address} shows {mark}" for mark in shown]
    assert not wrong, "\n".join(wrong)
    assert ground.changed(before, ground.stored()) == []
