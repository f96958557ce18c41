"""No personal value outside its seal: not in a table, a log, an address or a title."""

import logging
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from lianban.accounts.models import User
from lianban.cases.models import JointCaseRecord
from lianban.engine import commands as c
from tests.hostile import ground
from tests.hostile.ground import HERE, LEAD, Someone

pytestmark = pytest.mark.django_db


def pieces(person: Someone) -> Iterator[str]:
    """The values and such pieces of them as would tell who it is."""
    for value in (person.number, person.phone, person.account):
        yield value
        yield value[-8:]
    yield person.number[6:14] + person.number[14:17]
    yield person.address
    yield person.address[6:]


def spilled(person: Someone) -> list[str]:
    """The tables and columns in which a piece stands readable."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns "
            "WHERE table_schema = 'public'"
        )
        columns = cursor.fetchall()
        found = []
        for table, column, kind in columns:
            for piece in pieces(person):
                if kind == "bytea":
                    where, value = f'position(%s::bytea in "{column}") > 0', piece.encode()
                else:
                    where, value = f'"{column}"::text LIKE %s', f"%{piece}%"
                cursor.execute(f'SELECT count(*) FROM "{table}" WHERE {where}', [value])
                if cursor.fetchone()[0]:
                    found.append(f"{table}.{column} holds {piece}")
    return found


class Watched:
    """A browser that notes every address it goes to and every title it sees."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.seen: list[str] = []

    def get(self, address: str) -> HttpResponse:
        self.seen.append(address)
        return self._noted(self.client.get(address))

    def post(self, address: str, data: dict[str, Any]) -> HttpResponse:
        self.seen.append(address)
        return self._noted(self.client.post(address, data))

    def _noted(self, answer: HttpResponse) -> HttpResponse:
        assert answer.status_code < 500
        text = ground.body(answer) if "html" in answer.get("Content-Type", "") else ""
        self.seen.append(answer.get("Location", ""))
        self.seen += re.findall(r'(?:href|action|hx-\w+|src)="([^"]*)"', text)
        self.seen += re.findall(r"<title>(.*?)</title>", text, re.DOTALL)
        return answer


@pytest.fixture
def heard(caplog: pytest.LogCaptureFixture) -> Any:
    caplog.set_level(logging.DEBUG)
    for name in ("django", "django.request", "django.db.backends", "lianban"):
        caplog.set_level(logging.INFO, logger=name)
    return caplog


def test_a_whole_life_of_a_case_spills_nothing(city: Any, heard: Any) -> None:
    person = ground.someone(8)
    own, case_id = handed_in_through_pages(city, person)
    clerk = Watched(ground.signed_in(city.people[f"counter_clerk@{LEAD}.{HERE}"]))
    head = Watched(ground.signed_in(city.people[f"bureau_head@{LEAD}.{HERE}"]))
    police = Watched(ground.signed_in(city.people[f"department_officer@public_security.{HERE}"]))
    for text in (person.number, person.number[:15], person.name, person.phone):
        clerk.post("/counter/find/", {"text": text})
        head.post("/bureau/find/", {"q": text})
    clerk.post("/counter/start/", {"district": HERE, "text": person.number})
    ground.sent(city, case_id)
    readers = {"own": own, "clerk": clerk, "head": head, "police": police}
    for reader in readers.values():
        for address, _ in ground.addresses(
            {"case_id": case_id, "number": 3}, only="<uuid:case_id>"
        ):
            if "/papers/" not in address or "registration_form/0/1/" in address:
                reader.get(address)
    head.post(f"/bureau/cases/{case_id}/reveal/case/identity_number/", {})
    clerk.post(f"/counter/cases/{case_id}/reveal/bank_account/", {})
    police.post(f"/department/{case_id}/3/reveal/identity_number/", {})
    head.post(f"/bureau/cases/{case_id}/items/8/", {"do": "deny", "deny-own": person.number})
    ground.finished(city, case_id)
    ground.give(city, case_id, c.Conclude())
    assert JointCaseRecord.objects.get(id=case_id).state == "concluded"
    assert spilled(person) == []
    for who, reader in readers.items():
        text = "\n".join(reader.seen)
        assert [p for p in pieces(person) if p in text] == [], who
    said = "\n".join(record.getMessage() for record in heard.records)
    assert [p for p in pieces(person) if p in said] == []


def handed_in_through_pages(city: Any, person: Someone) -> tuple[Watched, UUID]:
    """Guide, sign-in by code, form, hand-in: as a person does it."""
    from tests.services.cast import CONSCRIPT

    client = Watched(ground.signed_in())
    for key, value in CONSCRIPT.items():
        client.post(f"/guide/{key}/", {"answer": value})
    client.post("/sign-in/", {"phone": person.phone})
    page = ground.body(client.get("/sign-in/code/"))
    found = re.search(r"(?<!\d)\d{6}(?!\d)", re.sub(r"<meta[^>]*>|<input[^>]*>", "", page))
    assert found
    client.post("/sign-in/code/", {"code": found.group()})
    client.post("/start/", {"district": HERE})
    fields = person.fields
    for page_code in ("basic", "service", "contact", "account", "licence", "delivery"):
        assert client.post(f"/form/{page_code}/", {**fields, "go": "next"}).status_code == 302
        client.post(f"/form/{page_code}/save/", dict(fields))
    client.post("/form/materials/rest/", {})
    client.post("/form/materials/photo/", {"file": ground.picture(f"{person.number}.png")})
    client.get("/form/check/")
    answer = client.post("/form/submit/", dict(fields))
    assert answer.status_code == 302 and "/receipt/" in answer["Location"]
    client.get(answer["Location"])
    return client, UUID(answer["Location"].split("/")[2])


def test_a_form_that_is_being_filled_in_spills_nothing(city: Any, heard: Any) -> None:
    person = ground.someone(9)
    actor = city.applicant(person.phone)
    ground.draft_of(actor, person, HERE, children_schooling="needed")
    ground.draft_of(city.clerk, person, HERE)
    client = ground.signed_in(User.objects.get(id=actor.user_id))
    client.post("/form/basic/", {**person.fields, "identity_number": person.number[:-1] + "?"})
    assert spilled(person) == []


def test_what_was_answered_elsewhere_as_proof_is_not_readable_in_the_journal(city: Any) -> None:
    from dataclasses import replace

    from lianban.cases.services import drafts, hand_in

    person = ground.someone(9)
    actor = city.applicant(person.phone)
    draft = ground.draft_of(actor, person, HERE)
    proof = f"登记在 {person.number}，电话 {person.phone}，{person.address}"
    content = replace(draft.content, evidence={"12": proof})
    drafts.save(draft_id=draft.id, content=content, actor=actor, at=ground.clock.now())
    hand_in.submit(draft_id=draft.id, actor=actor, at=ground.clock.now())
    assert spilled(person) == []


def test_the_departments_find_box_puts_no_number_into_an_address(city: Any) -> None:
    person = ground.someone(8)
    ground.sent(city, ground.at_counter(city, person).case_id, is_online=False)
    police = Watched(ground.signed_in(city.people[f"department_officer@public_security.{HERE}"]))
    page = ground.body(police.get("/department/"))
    box = re.search(r"<form[^>]*>(?:(?!</form>).)*name=\"q\"", page, re.DOTALL)
    assert box and 'method="post"' in box.group()
    answer = police.post("/department/", {"q": person.number})
    assert answer.status_code == 200 and person.name in ground.body(answer)
    assert person.number not in "\n".join(police.seen)
