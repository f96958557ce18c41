"""Texts, envelopes, payments: what is done for everybody, and what comes back from it."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from lianban.cases import forms, queries, services
from lianban.cases.models import MailRecord, PaymentRecord, ResultRecord
from lianban.cases.services import payment_orders, postings
from lianban.engine import commands as c
from lianban.exchange.models import InboxMessage, PartnerRecord
from lianban.journal.models import JournalEntry
from tests.exchange import wire
from tests.services import money
from tests.services.cast import FIELDS, City
from tests.web.department import desk

pytestmark = pytest.mark.django_db
AT = money.AT
LATER = AT + timedelta(days=2)


@pytest.fixture
def city() -> City:
    return City().build()


def act(city: City, case_id: UUID, command: c.Command, number: int) -> None:
    actor = desk.officer(city, desk.row(case_id, number).department)
    services.run(command, case_id=case_id, actor=actor, at=AT)


def event_of(case_id: UUID, sequence: int) -> str:
    return JournalEntry.objects.get(case_id=case_id, sequence=sequence).event


# Texts -----------------------------------------------------------------------------------------


@pytest.fixture
def sms(city: City) -> PartnerRecord:
    return wire.connect("sms")


def test_the_person_is_told_by_text_of_what_the_plan_names_and_of_nothing_more(
    city: City, sms: PartnerRecord
) -> None:
    case_id = desk.with_departments(city, at=AT)
    act(city, case_id, c.Receive(14), 14)
    act(city, case_id, c.RequestCorrection(("discharge_certificate",), item=14), 14)
    act(city, case_id, c.Grant(2), 2)
    act(city, case_id, c.Deny(7, "不符合办理条件"), 7)
    found = [event_of(case_id, row.sequence) for row in wire.rows("sms", "text")]
    assert found == ["Registered", "Issued", "CorrectionRequested", "Granted", "Denied"]


def test_a_text_names_nobody_and_nothing_of_the_case(city: City, sms: PartnerRecord) -> None:
    case_id = desk.with_departments(city, at=AT)
    for number in (2, 3, 14):
        act(city, case_id, c.Grant(number), number)
    act(city, case_id, c.Deny(7, "不符合办理条件"), 7)
    view = queries.get(case_id=case_id, actor=city.clerk, at=AT)
    content = forms.latest(case_id)
    assert content is not None
    values = [v for v in (*content.fields.values(), *content.answers.values()) if len(v) > 1]
    values += [name for one in view.items for name in (one.item.name, one.item.short_name)]
    values += [result.name for one in view.items if (result := one.item.result)]
    values += [*view.edition.department_names.values(), view.case_number, view.district_name]
    texts = [wire.said(row, sms)["data"] for row in wire.rows("sms", "text")]
    assert len({one["text"] for one in texts}) >= 4
    for one in texts:
        assert one["to"] == FIELDS["mobile"]
        assert not re.search(r"[0-9A-Za-z]", one["text"])
        # the bureau signs as the sender, whatever the case is about
        words = one["text"].removeprefix("【退役军人事务】")
        assert [value for value in values if value in words] == []


def test_a_text_goes_to_the_phone_of_today_or_not_at_all(city: City, sms: PartnerRecord) -> None:
    case_id = desk.with_departments(city, at=AT)
    row = wire.rows("sms", "text")[0]
    content = forms.latest(case_id)
    assert content is not None
    moved = replace(content, fields=content.fields | {"mobile": "13800000077"})
    forms.add_version(case_id=case_id, content=moved, at=AT)
    assert wire.said(row, sms)["data"]["to"] == "13800000077"
    none = replace(content, fields=content.fields | {"mobile": ""})
    forms.add_version(case_id=case_id, content=none, at=AT)
    assert wire.said(row, sms) is None


def test_what_became_of_a_text_is_kept_and_moves_nothing(city: City, sms: PartnerRecord) -> None:
    case_id = desk.with_departments(city, at=AT)
    text = wire.said(wire.rows("sms", "text")[0], sms)
    before = queries.current(case_id)
    assert wire.hear(sms, "text_delivered", {"outcome": "failed"}, text["subject"]).status == 200
    assert queries.current(case_id) == before and InboxMessage.objects.get().state == "applied"
    strange = wire.hear(sms, "text_delivered", {"outcome": "failed"}, f"text:{UUID(int=7)}")
    assert strange.status == 202
    other = wire.connect("courier", "sms")
    assert wire.hear(other, "text_delivered", {"outcome": "failed"}, text["subject"]).status == 202


# Envelopes -------------------------------------------------------------------------------------


@pytest.fixture
def courier(city: City) -> PartnerRecord:
    return wire.connect("courier")


@pytest.fixture
def posted(city: City, courier: PartnerRecord) -> UUID:
    """A case whose household book waits in an envelope."""
    case_id = desk.with_departments(city, at=AT)
    act(city, case_id, c.Grant(3), 3)
    ready(city, case_id)
    return case_id


def ready(city: City, case_id: UUID) -> Any:
    result = ResultRecord.objects.get(sub_case__case_id=case_id, sub_case__number=3)
    return postings.make(result_ids=[result.id], actor=desk.officer(city), at=AT)


def result_of(case_id: UUID) -> ResultRecord:
    return ResultRecord.objects.get(sub_case__case_id=case_id, sub_case__number=3)


def mail_event(courier: PartnerRecord, kind: str, subject: str, number: str = "SF12345678") -> int:
    data = {"kind": kind, "tracking_number": number}
    return wire.hear(courier, "mail_event", data, subject, LATER).status


def test_an_envelope_is_collected_brought_and_received_by_the_couriers_word(
    courier: PartnerRecord, posted: UUID
) -> None:
    (row,) = wire.rows("courier", "waybill")
    waybill = wire.said(row, courier)
    assert waybill["data"] == {
        "sender": "439901 public_security",
        "recipient": "陈小川",
        "phone": FIELDS["recipient_phone"],
        "address": FIELDS["postal_address"],
        "pieces": 1,
    }
    assert json.dumps(waybill).count(FIELDS["identity_number"]) == 0
    for _ in range(2):
        assert mail_event(courier, "collected", waybill["subject"]) == 200
    mail = MailRecord.objects.get()
    assert (mail.tracking_number, mail.carrier) == ("SF12345678", courier.name)
    assert result_of(posted).state == "posted"
    for _ in range(2):
        assert mail_event(courier, "delivered", waybill["subject"]) == 200
    row = result_of(posted)
    assert (row.state, row.handed_to) == ("handed_over", "courier")
    assert str(queries.current(posted).sub_cases[3].state) == "concluded"
    said = JournalEntry.objects.filter(case_id=posted, event__in=["Posted", "MailReceived"])
    assert [(one.event, one.actor_kind) for one in said.order_by("sequence")] == [
        ("Posted", "partner"),
        ("MailReceived", "partner"),
    ]


def test_what_was_delivered_was_collected_whichever_comes_first(
    courier: PartnerRecord, posted: UUID
) -> None:
    subject = f"mail:{MailRecord.objects.get().id}"
    assert mail_event(courier, "delivered", subject) == 200
    assert mail_event(courier, "collected", subject) == 200
    assert result_of(posted).state == "handed_over"
    assert mail_event(courier, "returned", subject) == 202


def test_what_comes_back_waits_for_another_envelope(
    city: City, courier: PartnerRecord, posted: UUID
) -> None:
    subject = f"mail:{MailRecord.objects.get().id}"
    for _ in range(2):
        assert mail_event(courier, "returned", subject) == 200
    assert result_of(posted).state == "returned"
    back = JournalEntry.objects.get(case_id=posted, event="MailReturned")
    assert json.loads(back.body)["reason"] == "快递退回，没有写原因"
    assert mail_event(courier, "delivered", subject) == 202
    ready(city, posted)
    first, second = wire.rows("courier", "waybill")
    assert wire.said(first, courier) is None
    assert wire.said(second, courier)["subject"] != subject


def test_a_number_that_a_clerk_typed_first_leaves_nothing_to_order(
    city: City, courier: PartnerRecord, posted: UUID
) -> None:
    mail = MailRecord.objects.get()
    postings.post(
        posting_id=mail.posting_id, carrier="顺丰", numbers={mail.id: "SF00000001"},
        actor=desk.officer(city), at=AT,
    )  # fmt: skip
    assert wire.said(wire.rows("courier", "waybill")[0], courier) is None
    assert mail_event(courier, "collected", f"mail:{mail.id}") == 200
    assert MailRecord.objects.get().tracking_number == "SF00000001"


def test_only_the_plans_courier_speaks_of_envelopes(posted: UUID) -> None:
    mail = MailRecord.objects.get()
    other = wire.connect("bank", "courier")
    assert mail_event(other, "delivered", f"mail:{mail.id}") == 202
    courier = PartnerRecord.objects.get(code="courier")
    for subject in (f"mail:{UUID(int=5)}", "mail:7", f"payment:{mail.id}"):
        assert mail_event(courier, "collected", subject) == 202
    assert result_of(posted).state == "to_post"


# Payments --------------------------------------------------------------------------------------


@pytest.fixture
def bank(city: City) -> PartnerRecord:
    return wire.connect("bank")


@pytest.fixture
def ordered(city: City, bank: PartnerRecord) -> PaymentRecord:
    case_id = money.granted(city)
    payment_orders.order(payment_ids=[money.current(case_id).id], actor=city.bureau, at=AT)
    return money.current(case_id)


def payment_event(bank: PartnerRecord, subject: str, **data: str) -> int:
    said = {"reference": "PAY-0001", **data}
    return wire.hear(bank, "payment_event", said, subject, LATER).status


def test_a_payment_is_ordered_and_paid_by_the_banks_word(
    bank: PartnerRecord, ordered: PaymentRecord
) -> None:
    (row,) = wire.rows("bank", "payment")
    order = wire.said(row, bank)
    assert order["data"] == {
        "payee": "陈小川",
        "bank": FIELDS["bank_name"],
        "account": FIELDS["bank_account"],
        "amount_fen": ordered.amount_fen,
        "purpose": "自主就业一次性经济补助",
    }
    for _ in range(2):
        assert payment_event(bank, order["subject"], outcome="paid") == 200
    paid = PaymentRecord.objects.get(id=ordered.id)
    assert (paid.state, paid.paid_on) == ("paid", LATER.date())
    assert JournalEntry.objects.filter(event="Paid", actor_kind="partner").count() == 1
    assert wire.said(row, bank) is None


def test_a_returned_payment_keeps_a_reason_that_names_nobody(
    bank: PartnerRecord, ordered: PaymentRecord
) -> None:
    subject, account = f"payment:{ordered.id}", FIELDS["bank_account"]
    said = {"outcome": "returned", "reason": f"账号 {account} 不存在"}
    for _ in range(2):
        assert payment_event(bank, subject, **said) == 200
    row = PaymentRecord.objects.get(id=ordered.id)
    assert (row.state, row.return_reason) == ("returned", "银行退回")
    assert JournalEntry.objects.filter(event="PaymentReturned").count() == 1
    assert payment_event(bank, subject, outcome="paid") == 202


def test_only_the_plans_bank_speaks_of_payments(
    bank: PartnerRecord, ordered: PaymentRecord
) -> None:
    other = wire.connect("courier", "bank")
    assert payment_event(other, f"payment:{ordered.id}", outcome="paid") == 202
    assert payment_event(bank, f"payment:{UUID(int=5)}", outcome="paid") == 202
    assert PaymentRecord.objects.get(id=ordered.id).state == "in_batch"
