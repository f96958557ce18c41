"""Money: computed and approved by two people, granted, sent, paid or returned; never paid twice."""

import hashlib
import io
import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import python_calamine
import xlsxwriter
from django.db import IntegrityError

from lianban.accounts import services as accounts
from lianban.accounts.actor import Actor
from lianban.cases import access_log, forms, paying, payment_lists, queries, services
from lianban.cases.models import MessageRecord, PaymentRecord
from lianban.cases.paying import Account
from lianban.cases.services import bank_account, payment_answers, payment_orders, payments
from lianban.cases.services.payment_answers import Answer
from lianban.engine import commands as c
from lianban.engine.refusal import Refused
from lianban.journal.models import JournalEntry
from tests.services import money
from tests.services.cast import FIELDS, City, identity_number
from tests.services.money import AT, ITEM

pytestmark = pytest.mark.django_db
NEW = Account("陈小川", "东湖农商银行城关支行", "6228480402564890018")


@pytest.fixture
def city() -> City:
    return City().build()


def refused(code: str, act: Any, **values: Any) -> Refused:
    with pytest.raises(Refused) as found:
        act(**values)
    assert found.value.code == code, found.value
    return found.value


def events(case_id: UUID) -> list[str]:
    rows = JournalEntry.objects.filter(case_id=case_id).order_by("sequence")
    return [row.event for row in rows]


def sent(city: City, case_id: UUID) -> payment_orders.Ordered:
    rows = [money.current(case_id).id]
    return payment_orders.order(payment_ids=rows, actor=city.bureau, at=AT)


def answered(city: City, batch: UUID | None, *answers: Answer) -> list[tuple[bool, str]]:
    assert batch
    at = AT + timedelta(days=3)
    rows = payment_answers.settle(batch_id=batch, answers=answers, actor=city.bureau, at=at)
    return [(row.done, row.message) for row in rows]


def cells(file: bytes) -> list[list[Any]]:
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(file))
    return book.get_sheet_by_index(0).to_python()


# Computing and approving -----------------------------------------------------------------------


def test_an_amount_is_computed_by_one_and_approved_by_another(city: City) -> None:
    case_id = money.ready(city)
    row = money.computed(case_id, city.bureau)
    assert (row.state, row.amount_fen, row.account_tail) == ("computed", 900_000, "0001")
    refused("same_person", payments.approve, case_id=case_id, item=ITEM, digest=row.digest,
            actor=city.bureau, at=AT)  # fmt: skip
    refused("stale", payments.approve, case_id=case_id, item=ITEM, digest="0" * 64,
            actor=city.head, at=AT)  # fmt: skip
    row = money.approved(case_id, city.head)
    assert (row.state, row.approved_by_id) == ("approved", city.head.user_id)
    money.approved(case_id, city.head)
    assert events(case_id)[-2:] == ["AmountComputed", "AmountApproved"]


def test_the_database_itself_forbids_one_person_for_both(city: City) -> None:
    row = money.computed(money.ready(city), city.bureau)
    with pytest.raises(IntegrityError):
        PaymentRecord.objects.filter(id=row.id).update(approved_by=row.computed_by_id)


def test_what_is_kept_and_journalled_holds_no_personal_value(city: City) -> None:
    case_id = money.granted(city)
    row = money.current(case_id)
    sent(city, case_id)
    bodies = "".join(JournalEntry.objects.filter(case_id=case_id).values_list("body", flat=True))
    kept = json.dumps(row.breakdown, ensure_ascii=False)
    own = (FIELDS["bank_account"], FIELDS["name"], identity_number())
    for value in own:
        assert value not in bodies + kept
        assert value.encode() not in bytes(row.account)
    assert re.search(r"(?<![0-9a-f])9,?000(?![0-9a-f])", bodies) is None  # no digest's part
    assert FIELDS["discharge_date"] not in kept
    assert FIELDS["bank_account"] not in repr(paying.account_of(row))


def test_computing_again_after_a_correction_keeps_the_old_amount(city: City) -> None:
    case_id = money.ready(city)
    first = money.computed(case_id, city.bureau)
    assert money.computed(case_id, city.bureau).id == first.id
    money.approved(case_id, city.head)
    again = money.computed(case_id, city.bureau, days=40, reason="档案里记着滞留 40 天")
    assert (again.state, again.amount_fen) == ("computed", 900_000)
    refused("amount_not_approved", services.run, command=c.Grant(ITEM), case_id=case_id,
            actor=city.bureau, at=AT)  # fmt: skip
    view = queries.get(case_id=case_id, actor=city.bureau, at=AT)
    [old] = payment_lists.earlier(view, ITEM)
    assert (old.id, old.approved_by, old.state) == (first.id, "王明", "replaced")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"facts": {"left_service": "dismissed"}}, "excluded"),
        ({"facts": {}}, "unknown_fact"),
        ({"days": 3}, "no_reason"),
        ({"days": -1}, "dates"),
        ({"days": 9000, "reason": "滞留"}, "dates"),
        ({"days": 3, "reason": "x" * 201}, "too_long"),
        ({"days": 3, "reason": "电话 13800000001"}, "personal_value"),
    ],
)
def test_what_cannot_be_computed_says_why(city: City, values: dict[str, Any], code: str) -> None:
    case_id = money.ready(city)
    refused(code, money.computed, case_id=case_id, actor=city.bureau, **values)
    assert paying.current(case_id, ITEM) is None


def test_only_the_items_office_computes_and_only_for_items_that_pay(city: City) -> None:
    case_id = money.ready(city)
    other = city.officer("bureau_officer", "veterans_affairs", "439902")
    for actor in (other, city.officer("department_officer", "armed_forces")):
        refused("unknown_case" if actor is other else "not_permitted", money.computed,
                case_id=case_id, actor=actor)  # fmt: skip
    refused("not_permitted", money.computed, case_id=case_id, actor=city.clerk)
    refused("unknown_case", money.computed, case_id=case_id, actor=city.bureau, item=1)


def test_a_grant_without_an_approved_amount_is_refused(city: City) -> None:
    case_id = money.ready(city)
    grant = {"command": c.Grant(ITEM), "case_id": case_id, "actor": city.bureau, "at": AT}
    assert "核算" in str(refused("amount_not_approved", services.run, **grant).message)
    money.computed(case_id, city.bureau)
    refused("amount_not_approved", services.run, **grant)
    refused("amount_not_approved", services.run_all, commands=[c.Grant(ITEM)], case_id=case_id,
            actor=city.bureau, at=AT)  # fmt: skip
    money.approved(case_id, city.head)
    assert services.run(**grant).sub_cases[ITEM].outcome == "granted"


def test_the_same_money_is_not_paid_in_two_districts(city: City) -> None:
    first = money.ready(city)
    money.computed(first, city.bureau)
    services.run(c.Withdraw(), case_id=first, actor=city.clerk, at=AT)
    second = money.ready(city, district="439902")
    found = refused("paid_elsewhere", money.computed, case_id=second,
                    actor=city.officer("bureau_officer", "veterans_affairs", "439902"))  # fmt: skip
    assert "别的办件" in found.message


# Sending and answers ---------------------------------------------------------------------------


def test_the_list_for_the_finance_office_is_text_numbered_and_sealed(city: City) -> None:
    case_id = money.granted(city, bank_name="=HYPERLINK(1)")
    first = sent(city, case_id)
    assert sent(city, case_id).batch_id == first.batch_id
    assert first.batch_id
    number, file = payment_orders.open_file(batch_id=first.batch_id, actor=city.bureau, at=AT)
    rows = cells(file)
    assert rows[2][:7] == [
        "序号",
        "付款编号",
        "姓名",
        "身份证号",
        "开户银行",
        "银行卡号",
        "金额（元）",
    ]
    assert rows[3][:7] == ["1", f"{number}-001", "陈小川", identity_number(), "=HYPERLINK(1)",
                           FIELDS["bank_account"], 9000.0]  # fmt: skip
    assert rows[4][5:7] == ["合计", 9000.0]
    batch = payment_orders.find(batch_id=first.batch_id, actor=city.bureau)
    assert (batch.digest, batch.count, batch.total_fen) == (
        hashlib.sha256(file).hexdigest(), 1, 900_000,
    )  # fmt: skip
    assert FIELDS["bank_account"].encode() not in bytes(batch.content)
    view = queries.get(case_id=case_id, actor=city.bureau, at=AT)
    assert [look.what for look in access_log.of_case(view)] == ["付款清单"]


def test_what_is_not_ready_stays_off_the_list_with_its_reason(city: City) -> None:
    case_id = money.ready(city)
    money.computed(case_id, city.bureau)
    assert sent(city, case_id).rows[0].message == "金额还没有复核"
    money.approved(case_id, city.head)
    found = sent(city, case_id)
    assert (found.batch_id, found.rows[0].message[:9]) == (None, "这一项还没有准予，"[:9])
    stranger = city.officer("bureau_officer", "veterans_affairs", "439902")
    rows = [money.current(case_id).id]
    assert payment_orders.order(payment_ids=rows, actor=stranger, at=AT).rows == []
    refused("nothing_chosen", payment_orders.order, payment_ids=[], actor=city.bureau, at=AT)


def test_paid_dates_come_back_row_by_row_and_wrong_rows_are_named(city: City) -> None:
    batch = sent(city, money.granted(city))
    good = f"{batch.number}-001"
    wrong = answered(
        city, batch.batch_id,
        Answer("FK20260101-439901-01-001", "2026-10-20"),
        Answer(good, "2026-13-40"),
    )  # fmt: skip
    assert [done for done, _ in wrong] == [False, False]
    assert ["付款编号" in wrong[0][1], "支付日期没写对" in wrong[1][1]] == [True, True]
    for answer, words in (
        (Answer(good, "2026-12-01"), "还没有到"),
        (Answer(good, "2026-10-01"), "还早"),
        (Answer(good, "2026-10-20", amount="9000.01"), "金额和送去的不一样"),
        (Answer(good, "2026-10-20", amount="many"), "不是一个数"),
        (Answer(good, "", "退到卡号 6222020000000000001"), "不要写"),
    ):
        [(done, message)] = answered(city, batch.batch_id, answer)
        assert (done, words in message) == (False, True), message
    twice = answered(city, batch.batch_id, Answer(good, "2026-10-20"), Answer(good, "2026-10-21"))
    assert [done for done, _ in twice] == [False, False]
    right = Answer(good, "2026/10/20", amount="9,000.00")
    assert answered(city, batch.batch_id, right) == [(True, "记下了：已到账")]
    assert answered(city, batch.batch_id, right) == [(True, "早就记下了")]
    assert answered(city, batch.batch_id, Answer(good, "2026-10-21"))[0][0] is False


def test_the_list_that_was_sent_is_read_when_it_comes_back_filled_in(city: City) -> None:
    case_id = money.granted(city)
    batch = sent(city, case_id)
    assert batch.batch_id
    _, file = payment_orders.open_file(batch_id=batch.batch_id, actor=city.bureau, at=AT)
    assert payment_answers.read_table(file, name="x.xlsx") == []
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(cells(file)):
            for column, value in enumerate(row):
                sheet.write(number, column, value)
        sheet.write(3, 7, "2026年10月21日")
    read = payment_answers.read_table(out.getvalue(), name="x.xlsx")
    assert answered(city, batch.batch_id, *read) == [(True, "记下了：已到账")]
    assert str(money.current(case_id).paid_on) == "2026-10-21"
    assert events(case_id)[-2:] == ["PaymentOrdered", "Paid"]
    refused("bad_file", payment_answers.read_table, content=b"nothing", name="x.xlsx")
    refused("bad_file", payment_answers.read_table, content="姓名\n陈".encode(), name="x.csv")


def test_pasted_lines_are_read_as_people_write_them() -> None:
    text = "FK20261019-439901-01-001\t2026.10.21\n\nfk20261019-439901-01-002，账号不存在\n乱写"
    assert payment_answers.read_lines(text) == [
        Answer("FK20261019-439901-01-001", "2026.10.21"),
        Answer("FK20261019-439901-01-002", "", "账号不存在"),
        Answer("乱写"),
    ]


# The account -----------------------------------------------------------------------------------


def coded(person: Actor) -> bank_account.ByCode:
    assert person.user_id
    _, code = accounts.request_own_code(user_id=person.user_id, address="127.0.0.1", at=AT)
    return bank_account.ByCode(code, "127.0.0.1")


def changed(case_id: UUID, actor: Actor, proof: Any, account: Account = NEW) -> None:
    bank_account.change(
        case_id=case_id, item=ITEM, account=account, proof=proof, actor=actor, at=AT
    )


def test_a_returned_payment_goes_to_another_account_once_the_person_is_verified(city: City) -> None:
    person = city.applicant()
    case_id = money.granted(city, by=person)
    batch = sent(city, case_id)
    refused("in_batch", changed, case_id=case_id, actor=person, proof=coded(person))
    back = Answer(f"{batch.number}-001", "", "账户已经销户")
    assert answered(city, batch.batch_id, back)[0][0]
    kinds = MessageRecord.objects.filter(case_id=case_id).values_list("kind", flat=True)
    assert "payment_returned" in kinds
    wrong = bank_account.ByCode("000000x", "127.0.0.1")
    refused("wrong_code", changed, case_id=case_id, actor=person, proof=wrong)
    changed(case_id, person, coded(person))
    row = money.current(case_id)
    assert (row.state, row.account_tail, row.amount_fen) == ("approved", "0018", 900_000)
    old = PaymentRecord.objects.get(reference=back.reference)
    assert (old.state, old.return_reason, old.account_tail) == ("replaced", "账户已经销户", "0001")
    again = sent(city, case_id)
    assert (again.batch_id != batch.batch_id, again.rows[0].done) == (True, True)
    assert "AccountChanged" in events(case_id)


def test_at_the_counter_card_and_identity_card_are_seen_before_the_account_changes(
    city: City,
) -> None:
    case_id = money.ready(city)
    one = bank_account.ByPapers(identity_card=True, bank_card=False)
    refused("not_seen", changed, case_id=case_id, actor=city.clerk, proof=one)
    both = bank_account.ByPapers(identity_card=True, bank_card=True)
    refused("not_permitted", changed, case_id=case_id, actor=city.bureau, proof=both)
    changed(case_id, city.clerk, both)
    assert money.computed(case_id, city.bureau).account_tail == "0018"
    other = Account("王小明", NEW.bank, NEW.number)
    found = refused("form_incomplete", changed, case_id=case_id, actor=city.clerk, proof=both,
                    account=other)  # fmt: skip
    assert set(found.details["complaints"]) == {"holder"}  # type: ignore[call-overload]


def test_a_person_cannot_say_that_their_own_papers_were_seen(city: City) -> None:
    person = city.applicant()
    case_id = money.ready(city, by=person)
    both = bank_account.ByPapers(identity_card=True, bank_card=True)
    refused("not_permitted", changed, case_id=case_id, actor=person, proof=both)
    refused("no_phone", changed, case_id=case_id, actor=Actor.receipt_holder(case_id=case_id),
            proof=bank_account.ByCode("123456", "127.0.0.1"))  # fmt: skip


def test_a_card_that_fails_its_check_digit_is_a_warning_and_no_more(city: City) -> None:
    row = money.computed(money.ready(city), city.bureau)
    assert row.account_warning == paying.LUHN
    right = money.computed(money.ready(city, sequence="002", bank_account=NEW.number), city.bureau)
    assert right.account_warning == ""


def test_an_account_that_changed_in_the_form_by_another_way_stops_the_payment(city: City) -> None:
    case_id = money.granted(city)
    content = forms.latest(case_id)
    assert content
    fields = content.fields | {"bank_account": NEW.number}
    forms.add_version(case_id=case_id, content=replace(content, fields=fields), at=AT)
    found = sent(city, case_id)
    assert (found.batch_id, "改过" in found.rows[0].message) == (None, True)
