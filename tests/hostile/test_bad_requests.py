"""Bad requests: broken keys, ids, filters, numbers and bodies, and what is shown escaped."""

import io
import uuid
import zipfile
from typing import Any
from urllib.parse import quote

import pytest

from lianban.accounts.models import User
from lianban.cases import queries
from lianban.cases.models import EnquiryRecord, JointCaseRecord
from lianban.cases.services import hand_in, materials
from tests.hostile import ground
from tests.hostile.ground import HERE, LEAD, County, officer
from tests.hostile.test_bad_input import BAD_TEXTS, LONG
from tests.services.cast import CONSCRIPT, identity_number

pytestmark = pytest.mark.django_db


# Lists and addresses -----------------------------------------------------------------------------

UUID_TEXT = "00000000-0000-0000-0000-000000000001"
KEYS = (
    "~", f"-~{UUID_TEXT}", "2026-01-01~not-a-uuid", f"2026-13-45~{UUID_TEXT}",
    f"2026-01-01~{UUID_TEXT}", f"2026-01-01T00:00:00~{UUID_TEXT}",
    f"0001-01-01T00:00:00+14:00~{UUID_TEXT}", f"9999-12-31T23:59:59-14:00~{UUID_TEXT}",
    f"9999-12-31~{UUID_TEXT}", "長" * 3000,
)  # fmt: skip


def test_no_broken_key_of_a_list_breaks_it(city: Any, here: County) -> None:
    lists = {
        "bureau_head@veterans_affairs": [
            "/bureau/cases/?show=all", "/bureau/cases/?show=due", "/bureau/items/?tab=done",
            "/bureau/items/?tab=open", "/bureau/returned/?", "/bureau/dossiers/?show=all",
            "/bureau/dossiers/?show=people", "/bureau/reception/?", "/bureau/batches/?",
        ],
        "counter_clerk@veterans_affairs": [
            f"/counter/waiting/{show}/?" for show in ("to_accept", "correction", "owed", "hand_out")
        ],
        "department_officer@public_security": ["/department/?tab=done", "/department/?tab=open"],
        "department_officer@education": [
            "/department/enquiries/?tab=open", "/department/enquiries/?tab=answered"
        ],
    }  # fmt: skip
    wrong = []
    for name, addresses in lists.items():
        client = ground.signed_in(city.people[f"{name}.{HERE}"])
        for address in addresses:
            for place, key in enumerate(KEYS):
                side = ("after", "before")[place % 2]
                answer = client.get(f"{address}&{side}={quote(key)}")
                if answer.status_code != 200:
                    wrong.append(f"{address} {side}={key[:60]} answers {answer.status_code}")
    assert not wrong, "\n".join(wrong)


QUERIES = (
    "tab=nonsense&show=nonsense", "item=99999999999999999999", "item=²", "item=-1",
    "district=%27&q=%25_", "q=" + "9" * 300, "tab=open&tab=mine&show=all&show=due",
    "after[]=1&q=%ff%fe",
)  # fmt: skip


def test_no_unknown_filter_breaks_a_list(city: Any, here: County) -> None:
    people = ground.officers(city)
    people["administrator"] = ground.signed_in(ground.administrator(city, HERE))
    del people[f"bureau_officer@{LEAD}.{HERE}"]
    wrong = []
    for who, client in people.items():
        for address, is_named in ground.addresses(here.ids, every="none", only=ground.face(who)):
            for query in QUERIES if not is_named else ():
                answer = client.get(f"{address}?{query}")
                if answer.status_code not in (200, 302, 405):
                    wrong.append(f"{who} {address}?{query} answers {answer.status_code}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "part", ["not-a-uuid", "..%2f..%2fetc%2fpasswd", "%00", "%F0%9F", "1' OR 1=1"]
)
def test_a_broken_id_in_an_address_is_not_found(city: Any, part: str) -> None:
    for face, role in (("counter", "counter_clerk"), ("bureau", "bureau_officer")):
        answer = officer(city, role).get(f"/{face}/cases/{quote(part, safe='%')}/")
        assert answer.status_code in (400, 404)


NUMBERS = ("0", "-1", "999999", "9" * 5000, "1e9", "²", "", "abc", "0x10")


def test_no_number_in_a_form_breaks_it(city: Any, here: County) -> None:
    head = officer(city, "bureau_head")
    police = officer(city, "department_officer", "public_security")
    before = _sequence(here)
    wrong = []
    for text in NUMBERS:
        posts = (
            (head, f"/bureau/cases/{here.case_id}/items/8/",
             {"do": "extend", "extend-days": text, "extend-own": "理由", "sequence": text}),
            (head, f"/bureau/cases/{here.case_id}/", {"do": "conclude", "sequence": text}),
            (police, f"/department/{here.case_id}/3/with/extend/",
             {"days": text, "reason": "other", "words": "理由", "seen": text}),
        )  # fmt: skip
        for client, address, data in posts:
            answer = client.post(address, data)
            if answer.status_code not in (400, 409, 422):
                wrong.append(f"{address} {text[:10]!r} answers {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert _sequence(here) == before


def _sequence(here: County) -> int:
    return JointCaseRecord.objects.get(id=here.case_id).sequence


REASONS = (LONG, "", "  ", "　", "身份证 " + identity_number(), "电话 13800000001",
           "卡号 6222 0200 0000 0000 001", "号 43010220050301001 1", "号 ４３０１０２２００５０３０１００１１")  # fmt: skip


def test_a_reason_that_cannot_stand_is_refused_and_kept_as_typed(city: Any, here: County) -> None:
    before, wrong = _sequence(here), []
    head = officer(city, "bureau_head")
    police = officer(city, "department_officer", "public_security")
    clerk = officer(city, "counter_clerk")
    bureau, item = f"/bureau/cases/{here.case_id}/", f"/department/{here.case_id}/3/"
    for text in REASONS:
        other = {"reason": "other", "words": text}
        for client, address, data in (
            (head, f"{bureau}items/8/", {"do": "deny", "deny-own": text}),
            (head, bureau, {"do": "terminate", "terminate-own": text}),
            (police, f"{item}with/suspend/", other),
            (police, f"{item}with/return/", other),
            (police, f"{item}decide/", other | {"outcome": "deny", "step": "give"}),
            (clerk, f"/counter/cases/{here.case_id}/items/2/deny/", {"own": text}),
        ):
            answer = client.post(address, data)
            if not 400 <= answer.status_code < 500:
                wrong.append(f"{address} {text[:20]!r} answers {answer.status_code}")
            if text.strip() and text not in ground.body(answer):
                wrong.append(f"{address} {text[:20]!r} is lost")
    assert not wrong, "\n".join(wrong)
    assert _sequence(here) == before


def test_a_result_number_that_is_too_long_or_a_persons_own_is_refused(
    city: Any, here: County
) -> None:
    number = identity_number()
    wide = number.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    before = _sequence(here)
    head = officer(city, "bureau_head")
    police = officer(city, "department_officer", "public_security")
    clerk = officer(city, "counter_clerk")
    for text in (LONG, number, wide, f"{number[:6]} {number[6:14]} {number[14:]}"):
        granted = {"outcome": "grant", "result_number": text, "step": "give"}
        bureau = {"do": "grant", "grant-result_number": text}
        for client, address, data in (
            (head, f"/bureau/cases/{here.case_id}/items/8/", bureau),
            (police, f"/department/{here.case_id}/3/decide/", granted),
            (clerk, f"/counter/cases/{here.case_id}/items/2/grant/", {"result_number": text}),
        ):
            assert 400 <= client.post(address, data).status_code < 500, (address, text[:20])
    assert _sequence(here) == before


def test_duplicate_keys_and_strange_bodies_are_harmless(city: Any, here: County) -> None:
    client = officer(city, "bureau_head")
    address = f"/bureau/cases/{here.case_id}/"
    before = _sequence(here)
    for content_type, body in (
        ("application/x-www-form-urlencoded", "do=nonsense&do=conclude&do=nonsense"),
        ("application/json", '{"do": "conclude", "do": "terminate"}'),
        ("application/json", "[" * 100_000),
        ("text/plain", "do=conclude"),
        ("multipart/form-data; boundary=x", "--x\r\nnot a part"),
        ("multipart/form-data", "no boundary"),
        ("application/x-www-form-urlencoded; charset=nonsense", "do=conclude"),
        ("application/x-www-form-urlencoded", "%ff%fe=%c0%80&=&&==&do=%E4"),
    ):
        answer = client.generic("POST", address, body, content_type)
        assert 400 <= answer.status_code < 500, (content_type, answer.status_code)
    assert _sequence(here) == before


# Signing in, and the administrator ------------------------------------------------------------------


@pytest.mark.parametrize("text", BAD_TEXTS)
def test_no_text_breaks_the_doors_and_the_administrators_pages(city: Any, text: str) -> None:
    client = ground.signed_in()
    for address, name in (("/sign-in/", "phone"), ("/sign-in/officer/", "username"),
                          ("/r/abc/", "secret"), ("/verify/?code=", "")):  # fmt: skip
        data = {name: text, "password": text}
        answer = client.post(address, data) if name else client.get(address + quote(text[:900]))
        assert 400 <= answer.status_code < 500 or answer.status_code == 302, address
    admin = ground.signed_in(ground.administrator(city, HERE))
    office = city.people[f"bureau_officer@{LEAD}.{HERE}"].office_id
    before = User.objects.count()
    data = {"name": text, "username": text, "office": office, "roles": ["counter_clerk", text]}
    assert admin.post("/staff/add/", data).status_code == 422
    assert User.objects.count() == before


# What is shown is escaped -----------------------------------------------------------------------------

EVIL = '"><img src=x onerror=alert(1)>'


def test_what_people_typed_is_shown_escaped_on_every_page(city: Any) -> None:
    person = ground.someone(7)
    actor = city.applicant(person.phone)
    draft = ground.draft_of(
        actor, person, HERE, answers={"children_schooling": "needed"},
        home_address=EVIL, bank_name=EVIL, postal_address=EVIL, training_kind=EVIL,
    )  # fmt: skip
    materials.add_file(
        draft_id=draft.id, material="photo", upload=ground.picture(), name=f"{EVIL}.png",
        actor=actor, at=ground.clock.now(),
    )  # fmt: skip
    receipt = hand_in.submit(draft_id=draft.id, actor=actor, at=ground.clock.now())
    ground.sent(city, receipt.case_id)
    head = officer(city, "bureau_head")
    assert head.post(
        f"/bureau/cases/{receipt.case_id}/items/8/", {"do": "deny", "deny-own": EVIL}
    ).status_code == 302  # fmt: skip
    police = officer(city, "department_officer", "public_security")
    assert police.post(
        f"/department/{receipt.case_id}/3/decide/",
        {"outcome": "grant", "result_number": EVIL, "step": "give",
         "seen": _seen_by_police(city, receipt.case_id)},
    ).status_code == 302  # fmt: skip
    people = {
        **ground.officers(city), "own": ground.signed_in(User.objects.get(id=actor.user_id))
    }  # fmt: skip
    wrong, shown = [], 0
    for who, client in people.items():
        for address, _ in ground.addresses(
            {"case_id": receipt.case_id, "draft_id": draft.id, "file_id": draft.id,
             "user_id": draft.id, "batch_id": draft.id, "dossier_id": draft.id,
             "enquiry_id": _enquiry(receipt.case_id), "number": 3},
            only="/" if who == "own" else ground.face(who), every="none",
        ):  # fmt: skip
            if address.startswith(("/papers/", "/guide/", "/sign-in/")):
                continue
            text = ground.body(client.get(address))
            shown += "&lt;img src=x" in text
            if "<img src=x" in text:
                wrong.append(f"{who} {address}")
    assert not wrong, "\n".join(wrong)
    assert shown >= 5, "it is shown somewhere, escaped"


def _enquiry(case_id: uuid.UUID) -> uuid.UUID:
    return EnquiryRecord.objects.get(case_id=case_id).id


def _seen_by_police(city: Any, case_id: uuid.UUID) -> str:
    from lianban.web.department import options

    actor = city.officer("department_officer", "public_security")
    view = queries.get(case_id=case_id, actor=actor, at=ground.clock.now())
    return options.seen(view.item(3))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")', "\t=1"])
def test_no_cell_of_the_summary_sheet_is_a_formula(text: str) -> None:
    from lianban.cases.batch_lists import BatchView, SheetRow
    from lianban.web.bureau import summary_sheet

    row = SheetRow(uuid.uuid4(), text, text, text, 3, text, text, "ready", "", text)
    batch = BatchView(uuid.uuid4(), "HZ1", text, ground.clock.now(), text, 1)
    with zipfile.ZipFile(io.BytesIO(summary_sheet.write(batch, [row]))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        names = book.namelist()
    assert "<f>" not in sheet and "hyperlink" not in sheet.lower()
    assert 't="s"' in sheet and not [name for name in names if "rels" in name and "sheet1" in name]


def test_answers_that_the_plan_does_not_have_are_refused(city: Any) -> None:
    client = ground.signed_in()
    for key in CONSCRIPT:
        for value in ("nonsense", "", EVIL, LONG):
            assert client.post(f"/guide/{key}/", {"answer": value}).status_code in (302, 422)
            assert client.post(f"/guide/{key}/preview/", {"answer": value}).status_code in (
                404,
                422,
            )
