"""Results on their way to the person: given, fetched, posted, returned, changed, proved."""

import io
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import xlsxwriter
from PIL import Image

from lianban import clock
from lianban.accounts.actor import Actor
from lianban.cases import forms, messages, queries, result_lists, services
from lianban.cases.models import (
    JointCaseRecord,
    MailRecord,
    MessageRecord,
    ResultRecord,
    SubCaseRecord,
    ViewRecord,
)
from lianban.cases.services import claims, delivery, postings, results
from lianban.engine import commands as c
from lianban.engine.refusal import Refused
from lianban.journal.models import JournalEntry
from tests.services.cast import FIELDS, City
from tests.web.department import desk

pytestmark = pytest.mark.django_db
AT = datetime(2026, 10, 19, 10, 0, tzinfo=clock.SHANGHAI)
LATER = AT + timedelta(days=2)


@pytest.fixture
def city() -> City:
    return City().build()


@pytest.fixture
def case_id(city: City) -> UUID:
    """Household book and identity card go by courier, licence and card are fetched."""
    found = desk.with_departments(city, at=AT)
    JointCaseRecord.objects.filter(id=found).update(applicant_id=city.applicant().user_id)
    return found


@pytest.fixture
def owner(case_id: UUID) -> Actor:
    row = JointCaseRecord.objects.get(id=case_id)
    return Actor(kind="applicant", user_id=row.applicant_id, name="申请人")


def grant(city: City, case_id: UUID, *numbers: int, **given: Any) -> None:
    for number in numbers:
        actor = desk.officer(city, desk.row(case_id, number).department)
        result = results.checked(**given)
        claims.act(c.Grant(number), case_id=case_id, item=number, actor=actor, at=AT, result=result)


def result(case_id: UUID, item: int) -> ResultRecord:
    return ResultRecord.objects.get(
        sub_case__case_id=case_id, sub_case__number=item, withdrawn_at=None
    )


def view(case_id: UUID, actor: Actor) -> queries.CaseView:
    return queries.get(case_id=case_id, actor=actor, at=AT)


def said(case_id: UUID) -> list[str]:
    return list(JournalEntry.objects.filter(case_id=case_id).values_list("event", flat=True))


def code(case_id: UUID, item: int, owner: Actor) -> str:
    shown = view(case_id, owner)
    found = next(r for r in result_lists.of_case(shown) if r.item == item)
    return result_lists.code_for_person(shown, found, actor=owner)


def refused(**more: Any) -> Any:
    return pytest.raises(Refused, **more)


def test_a_grant_brings_number_day_and_file_in_one_act(
    city: City, case_id: UUID, owner: Actor
) -> None:
    day = AT.date() - timedelta(days=1)
    grant(
        city,
        case_id,
        14,
        number="柳驾 7 号",
        issued_on=day,
        upload=desk.photograph(),
        name="驾.png",
    )
    row = result(case_id, 14)
    assert (row.number, row.issued_on, row.content_type) == ("柳驾 7 号", day, "image/png")
    assert SubCaseRecord.objects.get(case_id=case_id, number=14).result_number == "柳驾 7 号"
    assert row.office_name == "439901 public_security" and row.state == "to_hand_over"
    assert "ResultRecorded" in said(case_id)
    kept, content = results.open_file(result_id=row.id, actor=owner, at=AT)
    assert Image.open(io.BytesIO(content)).format == "PNG" and kept.size == len(content)
    assert content not in bytes(ResultRecord.objects.get(id=row.id).content or b"")
    assert ViewRecord.objects.filter(what=f"result:{row.id}", user_id=owner.user_id).count() == 1
    stranger = city.applicant("13800000009")
    with refused(match="没有这个文件"):
        results.open_file(result_id=row.id, actor=stranger, at=AT)


def test_a_bad_file_leaves_the_item_undecided(city: City, case_id: UUID) -> None:
    with refused(match="只收"):
        grant(city, case_id, 14, upload=io.BytesIO(b"MZ\x90 not a paper"), name="证.exe")
    assert desk.row(case_id, 14).outcome == "" and not ResultRecord.objects.filter(
        sub_case__number=14
    )


def test_a_result_is_fetched_with_its_code_and_a_signature(
    city: City, case_id: UUID, owner: Actor
) -> None:
    grant(city, case_id, 14)
    typed = code(case_id, 14, owner)
    assert len(typed) == 9 and not set(typed) & set("01OILUVBSZ")
    found = result_lists.by_code(typed.lower(), actor=city.clerk, at=AT)
    assert (found.item, found.person_name) == (14, "陈小川")
    assert "430102" in result_lists.identity_of(found)[:6] or "*" in result_lists.identity_of(found)
    act = {"result_id": found.id, "strokes": "", "actor": city.clerk, "at": AT}
    with refused(match="打勾"):
        results.hand_over(is_checked=False, name="陈小川", **act)
    with refused(match="请签本人姓名"):
        results.hand_over(is_checked=True, name="林远", **act)
    assert desk.row(case_id, 14).state == "delivering"
    for _ in range(2):
        results.hand_over(is_checked=True, name="陈小川", **act)
    row = result(case_id, 14)
    assert (row.state, row.handed_to, row.code) == ("handed_over", "self", None)
    assert row.signature is not None and row.signature.purpose == "hand_over:14"
    assert desk.row(case_id, 14).state == "concluded"
    assert said(case_id).count("HandedOver") == 1 and "VisitMade" in said(case_id)
    with refused(match="没有这个取件码"):
        result_lists.by_code(typed, actor=city.clerk, at=AT)


def test_codes_cannot_be_guessed_and_other_counties_find_none(
    city: City, case_id: UUID, owner: Actor
) -> None:
    grant(city, case_id, 14)
    typed = code(case_id, 14, owner)
    other = city.officer("counter_clerk", "veterans_affairs", "439902")
    with refused(match="没有这个取件码"):
        result_lists.by_code(typed, actor=other, at=AT)
    for _ in range(result_lists.GUESSES.most):
        with refused(match="没有这个取件码"):
            result_lists.by_code("2345 6789", actor=city.clerk, at=AT)
    with refused() as stopped:
        result_lists.by_code(typed, actor=city.clerk, at=AT)
    assert stopped.value.code == "too_many_tries"


def test_one_envelope_carries_all_that_goes_to_one_person(
    city: City, case_id: UUID, owner: Actor
) -> None:
    grant(city, case_id, 3, 4)
    ids = [result(case_id, 3).id, result(case_id, 4).id]
    posting = postings.make(result_ids=ids, actor=city.clerk, at=AT).posting
    [envelope] = postings.envelopes(posting)
    assert envelope.contents == ("居民户口簿", "居民身份证")
    [(_, address)] = postings.addressed(posting, actor=city.clerk, at=AT)
    assert (address.name, address.address) == (FIELDS["recipient"], FIELDS["postal_address"])
    assert ViewRecord.objects.filter(what=f"label:{posting.number}").count() == 1
    with refused(match="已经在别的批次里"):
        postings.make(result_ids=ids, actor=city.clerk, at=AT)
    post = {"posting_id": posting.id, "actor": city.clerk, "at": AT}
    with refused() as wrong:
        postings.post(carrier="柳城快递", numbers={envelope.mail.id: "12"}, **post)
    assert list(wrong.value.details["problems"]) == [envelope.mail.id]
    assert (
        postings.post(carrier="柳城快递", numbers={envelope.mail.id: "lc 2026-0001"}, **post) == 1
    )
    assert postings.post(carrier="柳城快递", numbers={envelope.mail.id: "LC20260001"}, **post) == 0
    shown = result_lists.of_case(view(case_id, owner))
    assert {(r.state, r.tracking_number) for r in shown if r.way == "courier"} == {
        ("posted", "LC20260001")
    }
    titles = [one.title for one in messages.of_case(view(case_id, owner))]
    assert "居民户口簿寄出了" in titles
    results.received(mail_id=envelope.mail.id, actor=owner, at=LATER)
    results.received(mail_id=envelope.mail.id, actor=owner, at=LATER)
    assert [desk.row(case_id, n).state for n in (3, 4)] == ["concluded", "concluded"]
    assert said(case_id).count("MailReceived") == 2


def posted(city: City, case_id: UUID, number: str, *items: int) -> MailRecord:
    ids = [result(case_id, item).id for item in items]
    posting = postings.make(result_ids=ids, actor=city.clerk, at=AT).posting
    [envelope] = postings.envelopes(posting)
    numbers = {envelope.mail.id: number}
    postings.post(
        posting_id=posting.id, carrier="柳城快递", numbers=numbers, actor=city.clerk, at=AT
    )
    return MailRecord.objects.get(id=envelope.mail.id)


def test_returned_mail_asks_for_another_address_and_goes_out_again(
    city: City, case_id: UUID, owner: Actor
) -> None:
    grant(city, case_id, 3)
    posted(city, case_id, "LC20260001", 3)
    back = {"reason": "mail_returned.wrong_address", "actor": city.clerk, "at": LATER}
    with refused(match="请核对"):
        postings.returned(text="LC20269999", **back)
    with refused(match="原因"):
        postings.returned(text="LC20260001", **{**back, "reason": "nonsense"})
    for _ in range(2):
        postings.returned(text="lc2026 0001", **back)
    assert said(case_id).count("MailReturned") == 1 and result(case_id, 3).state == "returned"
    assert MessageRecord.objects.filter(case_id=case_id, kind="mail_returned").count() == 1
    new = {"postal_address": "柳城区北门街 9 号"}
    delivery.change(case_id=case_id, ways={}, address=new, actor=owner, at=LATER)
    assert result(case_id, 3).state == "to_post"
    content = forms.latest(case_id)
    assert content is not None and content.fields["postal_address"] == new["postal_address"]
    posted(city, case_id, "LC20260002", 3)
    assert result(case_id, 3).state == "posted" and MailRecord.objects.count() == 2


def test_address_and_way_change_until_a_result_is_posted(
    city: City, case_id: UUID, owner: Actor
) -> None:
    grant(city, case_id, 3, 4)
    ids = [result(case_id, 3).id]
    posting = postings.make(result_ids=ids, actor=city.clerk, at=AT).posting
    change = {"case_id": case_id, "actor": owner, "at": AT}
    delivery.change(ways={}, address={"postal_address": "柳城区北门街 9 号"}, **change)
    assert postings.envelopes(posting) == [] and result(case_id, 3).mail is None
    delivery.change(ways={3: "pick_up"}, address={}, **change)
    row = result(case_id, 3)
    assert (row.way, row.state) == ("pick_up", "to_hand_over") and row.code
    content = forms.latest(case_id)
    assert content is not None and content.fields["delivery_household_book"] == "pick_up"
    posted(city, case_id, "LC20260001", 4)
    with refused(match="已经寄出（LC20260001）"):
        delivery.change(ways={4: "pick_up"}, address={}, **change)
    with refused(match="不能这样送达"):
        delivery.change(ways={3: "electronic"}, address={}, **change)
    with refused() as incomplete:
        delivery.change(ways={3: "courier"}, address={"recipient": ""}, **change)
    assert incomplete.value.details["complaints"] == {"recipient": "请填写联系人"}
    assert result(case_id, 3).way == "pick_up"
    assert said(case_id).count("AddressChanged") == 2


def test_tracking_numbers_are_read_from_text_and_tables_with_every_wrong_line_named(
    city: City, case_id: UUID
) -> None:
    grant(city, case_id, 3)
    ids = [result(case_id, 3).id]
    posting = postings.make(result_ids=ids, actor=city.clerk, at=AT).posting
    number, [envelope] = desk.case_number(case_id), postings.envelopes(posting)
    read = postings.read_text(posting, f"陈小川 {number}：LC2026 \n{number[:-1]} LC20260001\n\n")
    assert read.numbers == {} or read.problems
    read = postings.read_text(posting, f"乱写\n陈小川 {number}，LC20260001\n{number} LC20260002")
    assert read.numbers == {envelope.mail.id: "LC20260001"}
    assert read.problems == [
        "第 1 行：没有办件编号，或者抄错了一位",
        f"第 3 行：{number} 前面写过一次了",
    ]
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate((("编号", "姓名", "单号"), (number, "陈小川", "LC20260003"))):
            sheet.write_row(place, 0, row)
    table = postings.read_file(posting, out.getvalue(), name="单号.xlsx")
    assert table.numbers == {envelope.mail.id: "LC20260003"} and table.problems == []


def test_a_code_proves_a_result_until_it_is_taken_up_again(city: City, case_id: UUID) -> None:
    grant(city, case_id, 14, number="柳驾 7 号")
    row = result(case_id, 14)
    proof = result_lists.proof(row.verification_code)
    assert proof is not None and (proof.number, proof.withdrawn_on) == ("柳驾 7 号", None)
    assert "陈小川" not in repr(proof)
    services.run(c.Reopen("我们办错了", 14), case_id=case_id, actor=city.head, at=LATER)
    proof = result_lists.proof(row.verification_code)
    assert proof is not None and proof.withdrawn_on == LATER.date()
    grant(city, case_id, 14)
    assert result(case_id, 14).verification_code != row.verification_code
    assert result_lists.proof("0" * 16) is None


def test_a_desk_sees_what_it_may_deliver_and_no_code(
    city: City, case_id: UUID, owner: Actor
) -> None:
    grant(city, case_id, 3, 14)
    police = desk.officer(city)
    own, all_ = result_lists.counts(actor=police), result_lists.counts(actor=city.clerk)
    assert (own["pick_up"], own["to_post"]) == (1, 1)
    assert (all_["pick_up"], all_["to_post"]) == (2, 1)
    pension = desk.officer(city, desk.PENSION)
    assert result_lists.listed(actor=pension, show="pick_up").rows == []
    [shown] = result_lists.listed(actor=police, show="pick_up").rows
    assert result_lists.code_for_person(view(case_id, city.clerk), shown, actor=city.clerk) == ""
    assert code(case_id, 14, owner)
    with refused(match="没有这个结果"):
        result_lists.one(result_id=shown.id, actor=pension)
    assert replace(shown, since=AT - timedelta(days=9)).age(AT.date()) == 9
