"""Bad input, everywhere: a clear answer, what was typed kept, nothing stored, never a 5xx."""

import uuid
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from lianban.accounts.models import User
from lianban.cases import editions, queries
from lianban.cases.models import DossierRecord, DraftRecord, JointCaseRecord, PersonRecord
from lianban.cases.services import drafts
from lianban.engine import commands as c
from tests.hostile import ground
from tests.hostile.ground import HERE, County, officer
from tests.services.cast import FIELDS, identity_number

pytestmark = pytest.mark.django_db

PAGES = ("basic", "service", "contact", "account", "licence", "delivery")
LONG = "长" * 10_000


def applicant(city: Any) -> Client:
    """Somebody with an account and a form that is filled in."""
    actor = city.applicant("13700020002")
    ground.draft_of(actor, ground.someone(2), HERE)
    return ground.signed_in(User.objects.get(id=actor.user_id))


def typed() -> dict[str, dict[str, str]]:
    """What each page of the form takes, by page."""
    edition = editions.in_force("retirement-2022")
    found: dict[str, dict[str, str]] = {}
    for one in edition.fields:
        if one.code in FIELDS:
            found.setdefault(one.section, {})[one.code] = FIELDS[one.code]
    return found


# Characters that nobody can keep -----------------------------------------------------------------


#: Machines are answered by their signature first, and what they send is garbled in `tests/api`.
MACHINES = "/exchange/v1/"


def test_a_nul_is_a_bad_request_at_every_address(city: Any, here: County) -> None:
    wrong = []
    people = {"clerk": officer(city, "counter_clerk"), "head": officer(city, "bureau_head"),
              "police": officer(city, "department_officer", "public_security"),
              "own": ground.signed_in(here.user)}  # fmt: skip
    for who, client in people.items():
        for address, _ in ground.addresses(here.ids, every="none"):
            if "nonsense" in address or "9999" in address or address.startswith(MACHINES):
                continue
            for answer in (client.get(f"{address}?q=a%00b"), client.post(address, {"q": "a\0b"})):
                if answer.status_code != 400:
                    wrong.append(f"{who} {address} answers {answer.status_code}")
    assert not wrong, "\n".join(wrong)


BAD_TEXTS = (
    LONG,
    "   ",
    "　　",
    "\u200b\u200b",
    "\x07\x1b[31m",
    "\u202egpj.exe",
    "\ufeff",
    "a\r\nSet-Cookie: x=1",
    "<script>alert(1)</script>",
    "'; DROP TABLE cases_jointcaserecord; --",
    "{{ 7*7 }}{% debug %}",
    "\ue000",
    "𠮷𪛖",
    "9" * 5000,
    "-1",
    "1e400",
    "NaN",
    "²",
    "２０２６",
)


def test_no_text_in_any_field_of_the_form_breaks_it(city: Any) -> None:
    client, wrong = applicant(city), []
    for page in PAGES:
        for text in BAD_TEXTS:
            bad = dict.fromkeys(typed_fields(page), text)
            answer = client.post(f"/form/{page}/", {**FIELDS, **bad, "go": "next"})
            if answer.status_code not in (302, 422):
                wrong.append(f"{page} {text[:20]!r} answers {answer.status_code}")
            if text == LONG and bad and ground.body(answer).count(LONG) < len(bad):
                wrong.append(f"{page} loses what was typed")
    assert not wrong, "\n".join(wrong)


def typed_fields(page: str) -> list[str]:
    edition = editions.in_force("retirement-2022")
    kinds = ("choice", "date")
    return [
        f.code for f in edition.fields
        if f.section == page and f.code in FIELDS and f.type not in kinds
    ]  # fmt: skip


@pytest.mark.parametrize("text", [LONG, "   ", "　　", "<b>", "\ue000", "9" * 5000])
def test_no_text_in_any_field_at_the_counter_breaks_it(city: Any, text: str) -> None:
    from tests.web.counter.clerk import Clerk

    clerk = Clerk(city)
    address, wrong = clerk.begin(), []
    client = officer(city, "counter_clerk")
    page = clerk.page(address, fields=dict.fromkeys(FIELDS, text))
    for where in (address, f"{address}live/", f"{address}finish/accept/", f"{address}refuse/"):
        answer = client.post(where, page | {"own": text})
        if not 200 <= answer.status_code < 500:
            wrong.append(f"{where} answers {answer.status_code}")
        if text == LONG and "refuse" not in where and "live" not in where:
            wrong += [] if LONG in ground.body(answer) else [f"{where} loses what was typed"]
    assert not wrong, "\n".join(wrong)
    assert JointCaseRecord.objects.filter(state="accepted").count() == 0


def date_parts(name: str, year: str, month: str, day: str) -> dict[str, str]:
    return {f"{name}_year": year, f"{name}_month": month, f"{name}_day": day}


@pytest.mark.parametrize(
    "parts",
    [("2026", "2", "30"), ("2023", "2", "29"), ("0", "0", "0"), ("99999", "1", "1"), ("-1", "1", "1"),
     ("2026", "13", "1"), ("二〇二六", "九", "一"), ("2026", "", "1"), ("9" * 5000, "1", "1"),
     ("2099", "1", "1"), ("1800", "1", "1"), ("1e3", "1", "1"), ("²", "1", "1")],
)  # fmt: skip
def test_a_date_that_is_none_is_said_beside_its_field(
    city: Any, parts: tuple[str, str, str]
) -> None:
    client = applicant(city)
    other = {k: v for k, v in FIELDS.items() if k != "discharge_date"}
    answer = client.post("/form/service/", {**other, **date_parts("discharge_date", *parts)})
    assert answer.status_code == 422
    assert "govuk-error-message" in ground.body(answer)
    if len(parts[0]) < 10 and "-" not in parts[0]:
        assert f'value="{parts[0]}"' in ground.body(answer)


def test_a_discharge_before_enlistment_is_refused_with_both_dates(city: Any) -> None:
    client = applicant(city)
    data = {"enlisted_date": "", "discharge_date": ""}
    data |= date_parts("enlisted_date", "2024", "9", "1")
    data |= date_parts("discharge_date", "2023", "9", "1")
    answer = client.post("/form/service/", {**FIELDS, **data})
    assert answer.status_code == 422
    assert "2023-09-01" in ground.body(answer) and "2024-09-01" in ground.body(answer)


# Identity numbers --------------------------------------------------------------------------------


def ending_in_x() -> str:
    return next(
        number for n in range(1, 200, 2)
        if (number := identity_number(sequence=f"{n:03d}")).endswith("X")
    )  # fmt: skip


def stored_number(case_id: uuid.UUID) -> str:
    content = _form(case_id)
    return content["identity_number"]


def _form(case_id: uuid.UUID) -> dict[str, str]:
    from lianban.cases import forms

    found = forms.latest(case_id)
    assert found is not None
    return found.fields


def test_a_small_x_is_stored_as_a_capital(city: Any) -> None:
    person = ground.someone(3)
    number = ending_in_x()
    receipt = ground.at_counter(city, person, identity_number=number[:-1] + "x")
    assert stored_number(receipt.case_id) == number
    found = queries.find(number.lower(), actor=city.clerk, today=ground.clock.now().date())
    assert [row["id"] for row in found] == [receipt.case_id]


def test_an_old_number_leads_to_the_same_person(city: Any) -> None:
    number = identity_number(born="19870301", sequence="123")
    old = number[:6] + number[8:17]
    first = ground.at_counter(city, ground.someone(3), identity_number=old)
    assert stored_number(first.case_id) == number
    client = officer(city, "counter_clerk")
    for text in (old, number):
        assert str(first.case_id) in ground.body(client.post("/counter/find/", {"text": text}))


@pytest.mark.parametrize(
    ("number", "word"),
    [
        (identity_number()[:-1] + ("1" if identity_number()[-1] != "1" else "2"), "最后一位"),
        ("4301022005030", "18 位"),
        ("43010220050301001Y", "X"),
        (identity_number(born="20200301"), "2020-03-01"),
        (identity_number(born="18800301"), "1880-03-01"),
    ],
)
def test_a_wrong_number_is_refused_in_words_and_kept_as_typed(
    city: Any, number: str, word: str
) -> None:
    answer = applicant(city).post("/form/basic/", {**FIELDS, "identity_number": number})
    assert answer.status_code == 422
    assert word in ground.body(answer) and number in ground.body(answer)


def test_a_birthday_that_is_not_in_the_calendar_is_refused(city: Any) -> None:
    from stdnum.iso7064 import mod_11_2

    body = "43010220050230001"
    number = body + mod_11_2.calc_check_digit(body)
    answer = applicant(city).post("/form/basic/", {**FIELDS, "identity_number": number})
    assert answer.status_code == 422 and "出生日期不存在" in ground.body(answer)


def test_a_birthday_that_contradicts_the_number_is_refused_at_the_counter(city: Any) -> None:
    from tests.web.counter.clerk import Clerk

    clerk = Clerk(city)
    address = clerk.begin()
    parts = date_parts("birth_date", "2001", "1", "1")
    answer = officer(city, "counter_clerk").post(
        f"{address}finish/accept/", clerk.page(address) | parts
    )
    assert answer.status_code == 422
    assert "2005-03-01" in ground.body(answer)
    assert JointCaseRecord.objects.count() == 0


def test_the_same_number_under_another_name_never_merges(city: Any) -> None:
    first = ground.someone(4)
    receipt = ground.at_counter(city, first)
    ground.give(city, receipt.case_id, c.Terminate("理由"))
    client = applicant(city)
    stranger = ground.someone(2)
    draft = DraftRecord.objects.get()
    user_id = draft.applicant_id
    content = drafts.get(draft_id=draft.id, actor=_actor(user_id)).content
    from dataclasses import replace

    fields = {**content.fields, "identity_number": first.number}
    drafts.save(
        draft_id=draft.id, content=replace(content, fields=fields), actor=_actor(user_id),
        at=ground.clock.now(),
    )  # fmt: skip
    answer = client.post(
        "/form/submit/",
        {"self_employment_signature": stranger.name, "commitment_signature": stranger.name},
    )
    assert 400 <= answer.status_code < 500
    assert first.name not in ground.body(answer)
    assert PersonRecord.objects.count() == 1 and DraftRecord.objects.count() == 1


def _actor(user_id: Any) -> Any:
    from lianban.accounts import actors

    return actors.from_user(User.objects.get(id=user_id))


# Names -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dot", ["·", "•", "・", "･", "‧"])
def test_every_spelling_of_the_dot_finds_the_name(city: Any, dot: str) -> None:
    receipt = ground.at_counter(city, ground.someone(5, name=f"阿依{dot}古丽"))
    assert PersonRecord.objects.get().name == f"阿依{dot}古丽"
    clerk, police = (
        officer(city, "counter_clerk"),
        officer(city, "department_officer", "public_security"),
    )
    for other in "·•・･‧":
        text = f"阿依{other}古丽"
        assert str(receipt.case_id) in ground.body(clerk.post("/counter/find/", {"text": text}))
    assert police.get("/department/?q=" + quote("阿依·古丽")).status_code == 200


def test_a_private_character_is_refused_with_help_and_a_rare_one_is_kept(city: Any) -> None:
    client = applicant(city)
    refused = client.post("/form/basic/", {**FIELDS, "name": "陈\ue863"})
    assert refused.status_code == 422 and "窗口" in ground.body(refused)
    assert client.post("/form/basic/", {**FIELDS, "name": "𠮷小川"}).status_code == 302


def test_a_dossier_with_bad_lines_keeps_them_and_notes_the_others(city: Any) -> None:
    client = officer(city, "bureau_officer")
    good = ground.someone(6)
    bad = ["陈\ue863 " + identity_number(), f"{LONG[:60]} " + identity_number(), "只有名字",
           "=cmd|' /C calc'!A0 430102200503010012", f"陈小川 {good.number[:-1]}?"]  # fmt: skip
    lines = "\n".join([f"{good.name} {good.number}", *bad])
    answer = client.post(
        "/bureau/dossiers/add/", {"district": HERE, "state": "expected", "lines": lines}
    )
    assert answer.status_code == 422
    assert DossierRecord.objects.count() == 1
    assert "只有名字" in ground.body(answer) and "&#x27; /C calc" in ground.body(answer)


def test_a_voucher_that_does_not_exist_is_not_kept_with_a_dossier(city: Any) -> None:
    client, person = officer(city, "bureau_officer"), ground.someone(6)
    client.post(
        "/bureau/dossiers/add/",
        {"district": HERE, "state": "received", "lines": f"{person.name} {person.number}",
         "vouchers": ["nonsense", "长" * 5000]},
    )  # fmt: skip
    assert DossierRecord.objects.get().vouchers == []
    receipt = ground.at_counter(city, person)  # and the person's hand-in goes well
    assert receipt.is_new
