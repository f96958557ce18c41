"""The person's own money: what they see of it, and changing the account after a second look."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from lianban.accounts.models import User
from lianban.cases.models import PaymentRecord
from lianban.cases.services import payment_answers, payment_orders
from lianban.cases.services.payment_answers import Answer
from lianban.engine import commands as c
from tests.services import money
from tests.services.cast import City
from tests.services.money import AT
from tests.web.applicant_my import story

pytestmark = pytest.mark.django_db
NEW = {"holder": "陈小川", "bank": "东湖农商银行城关支行", "account": "6228 4804 0256 4890 018"}


@pytest.fixture
def own(settings: object) -> story.Own:
    settings.LIANBAN_DEMO = True  # type: ignore[attr-defined]
    return story.own(City().build()).in_handling()


def returned(own: story.Own) -> None:
    """Approved, granted, sent, and back from the bank."""
    own.run(c.Grant(8), own.city.bureau, "2026-09-09 10:00")
    row = money.current(own.case_id)
    at = row.since + timedelta(days=1)
    batch = payment_orders.order(payment_ids=[row.id], actor=own.city.bureau, at=at)
    assert batch.batch_id
    answer = Answer(f"{batch.number}-001", "", "账户已经销户")
    [done] = payment_answers.settle(
        batch_id=batch.batch_id, answers=[answer], actor=own.city.bureau, at=AT
    )
    assert done.done


def item(own: story.Own) -> str:
    return own.client().get(own.address + "8/").content.decode()


def test_an_amount_is_told_once_it_is_approved_with_every_step(own: story.Own) -> None:
    assert "还没有核算" in item(own) and "尾号" in item(own)
    money.computed(own.case_id, own.city.bureau)
    assert "等另一个人复核" in item(own) and "9,000.00" not in item(own)
    money.approved(own.case_id, own.city.head)
    page = item(own)
    assert "9,000.00 元" in page and "怎么算的" in page and "待本市确认" in page
    assert "什么时候到账" in page and "8 月底" in page
    assert "6222020000000000001" not in page


def test_a_returned_payment_asks_for_another_account_which_a_code_confirms(own: story.Own) -> None:
    returned(own)
    assert "账户已经销户" in item(own) and "改收款账户" in item(own)
    address, client = own.address + "8/account/", own.client()
    assert "下一步，发验证码" in client.get(address).content.decode()
    sent = client.post(address, NEW | {"do": "code"}).content.decode()
    code = re.search(r'id="demonstration-code"[^>]*>([0-9]{6})<', sent)
    assert code and "东湖农商银行城关支行" in sent
    wrong = client.post(address, NEW | {"do": "change", "code": "000"})
    assert (wrong.status_code, "验证码不对" in wrong.content.decode()) == (422, True)
    other = NEW | {"do": "change", "code": code[1], "holder": "王明明"}
    assert "打到本人的账户" in client.post(address, other).content.decode()
    short = NEW | {"do": "change", "code": code[1], "account": "62"}
    assert "12 到 21 位" in client.post(address, short).content.decode()
    answer = client.post(address, NEW | {"do": "change", "code": code[1]})
    assert answer.status_code == 302
    row = money.current(own.case_id)
    assert (row.state, row.account_tail) == ("approved", "0018")
    assert "收款账户改了" in client.get(own.address + "history/").content.decode()
    assert "收款账户改了" in client.get(own.address + "messages/").content.decode()


def test_an_account_stays_while_the_money_is_on_its_way(own: story.Own) -> None:
    own.run(c.Grant(8), own.city.bureau, "2026-09-09 10:00")
    row = money.current(own.case_id)
    at = row.since + timedelta(days=1)
    payment_orders.order(payment_ids=[row.id], actor=own.city.bureau, at=at)
    page = own.client().get(own.address + "8/account/").content.decode()
    assert "已经送财政付款" in page and "<form" not in page.split("<main")[1]
    answer = own.client().post(own.address + "8/account/", NEW | {"do": "change", "code": "123456"})
    assert answer.status_code == 422
    assert PaymentRecord.objects.get().account_tail == "0001"


def test_whoever_opens_the_case_by_receipt_is_sent_to_the_counter(own: story.Own) -> None:
    page = own.receipt_client().get(own.address + "8/account/").content.decode()
    assert "请到窗口改" in page
    answer = own.receipt_client().post(own.address + "8/account/", NEW | {"do": "code"})
    assert answer.status_code == 422
    assert own.client().get(own.address + "3/account/").status_code == 404


def test_the_counter_changes_it_when_both_cards_were_seen(own: story.Own) -> None:
    clerk = Client()
    clerk.force_login(User.objects.get(id=own.city.clerk.user_id))
    address = f"/counter/cases/{own.case_id}/account/8/"
    assert f'href="{address}"' in clerk.get(f"/counter/cases/{own.case_id}/").content.decode()
    one = clerk.post(address, NEW | {"identity_card": "on"})
    assert (one.status_code, "核对银行卡" in one.content.decode()) == (422, True)
    both = NEW | {"identity_card": "on", "bank_card": "on"}
    assert clerk.post(address, both | {"holder": "王明明"}).status_code == 422
    assert clerk.post(address, both).status_code == 302
    assert money.computed(own.case_id, own.city.bureau).account_tail == "0018"
    assert clerk.get(f"/counter/cases/{own.case_id}/account/3/").status_code == 404
