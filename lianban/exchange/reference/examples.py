"""An example of every message, answer and book, both ways: for the reference page, the OpenAPI
document, and vendors' own tests.

People, numbers and addresses are invented; numbers have good check digits. Items and departments are
words of no plan, since a city's plan is data.
"""

import hashlib
from base64 import b64encode
from datetime import UTC, date, datetime, timedelta
from typing import Any

from stdnum.iso7064 import mod_11_2

from lianban.exchange import contract as c

AT = datetime(2026, 10, 19, 2, 0, tzinfo=UTC)
OURS, THEIRS = "urn:lianban:example", "urn:example:department"
CASE_NUMBER = "LB20261019000001" + mod_11_2.calc_check_digit("20261019000001")
SUB_CASE = c.sub_case(CASE_NUMBER, 3)
_PERSON = "43990120050301001" + mod_11_2.calc_check_digit("43990120050301001")
_PHONE, _ADDRESS = "13800000001", "示例市示例区沿河路 12 号"
_PICTURE = b"\x89PNG\r\n\x1a\n (an example)"
_PAPER = b"%PDF-1.7 (an example)"
_TOKEN = "0190f3b2c4d57e6f8a9b0c1d2e3f4a5b.1792376100.ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

_CONTENT: Any = {
    "fields": {
        "name": c.FieldValue(label="姓名", value="陈小川"),
        "identity_number": c.FieldValue(label="身份证号", value=_PERSON),
        "mobile": c.FieldValue(label="手机号码", value=_PHONE),
    },
    "materials": {
        "photo": c.MaterialValue(
            name="证件照",
            grade="C",
            files=[
                c.FileLink(
                    name="照片.png",
                    content_type="image/png",
                    size=len(_PICTURE),
                    digest=hashlib.sha256(_PICTURE).hexdigest(),
                    link=f"https://lianban.example/exchange/v1/files/{_TOKEN}",
                    link_until=AT + timedelta(minutes=15),
                )
            ],
        )
    },
}

#: What we tell a partner, by word.
OUT: dict[str, c.Part] = {
    "dispatch": c.Dispatch(
        item="example_item",
        item_name="示例事项",
        round=1,
        district="990101",
        edition="example-2026",
        due_on=date(2026, 10, 26),
        results=[
            c.EarlierResult(
                item="earlier_item",
                name="示例证明",
                number="示证〔2026〕17 号",
                issued_on=date(2026, 10, 16),
            )
        ],
        **_CONTENT,
    ),
    "correction_supplied": c.CorrectionSupplied(supplied=["photo"], **_CONTENT),
    "external_event": c.ExternalEvent(kind="funds_arrived"),
    "appointment": c.Appointment(
        state="booked",
        starts_at=AT + timedelta(days=1),
        ends_at=AT + timedelta(days=1, minutes=20),
        place="example_hall",
        place_name="示例大厅",
        purpose="fingerprints",
        purpose_name="按指纹",
        office_name="示例区户政窗口",
    ),
    "withdraw": c.Withdraw(why="withdrawn"),
    "verify": c.Verify(**_CONTENT),
    "send_text": c.SendText(to=_PHONE, text="您申请的事项有新进展，请登录查看。"),
    "order_waybill": c.OrderWaybill(
        sender="示例区综合窗口",
        recipient="陈小川",
        phone=_PHONE,
        address=_ADDRESS,
        pieces=1,
    ),
    "order_payment": c.OrderPayment(
        payee="陈小川",
        bank="示例银行",
        account="6222020000000000001",
        amount_fen=4860000,
        purpose="一次性补助",
    ),
}
#: What a partner tells us, by word.
IN: dict[str, c.Part] = {
    "receive": c.Nothing(),
    "accept": c.Nothing(),
    "refuse_acceptance": c.RefuseAcceptance(reason_code="not_eligible", reason="不符合办理条件"),
    "return": c.Return(reason_code="incomplete", reason="照片看不清，请核对后再推送"),
    "transfer": c.Transfer(reason="户籍不在本辖区", department="other_department"),
    "request_correction": c.RequestCorrection(defects=["photo"]),
    "suspend": c.Suspend(reason="等待上级部门复核"),
    "resume": c.Nothing(),
    "extend": c.Extend(days=5, grounds="需要实地核查"),
    "appoint": c.Appoint(
        starts_at=AT + timedelta(days=1), ends_at=AT + timedelta(days=1, minutes=20)
    ),
    "arrived": c.Arrived(came_at=AT),
    "decide": c.Decide(
        outcome="granted",
        result=c.Issue(number="示字〔2026〕42 号", issued_on=date(2026, 10, 20)),
    ),
    "issue": c.Issue(
        number="示字〔2026〕42 号",
        issued_on=date(2026, 10, 20),
        file=c.ResultFile(
            name="结果.pdf",
            digest=hashlib.sha256(_PAPER).hexdigest(),
            content=b64encode(_PAPER).decode(),
        ),
    ),
    "deliver": c.Nothing(),
    "external_event": c.ExternalEvent(kind="employer_registers"),
    "status": c.Status(state="on_desk", note="已分给经办人"),
    "verified": c.Verified(
        materials={"photo": c.VerifiedMaterial(matches=True)}, identity_matches=True
    ),
    "text_delivered": c.TextDelivered(outcome="delivered"),
    "mail_event": c.MailEvent(kind="collected", tracking_number="EX2026101900017"),
    "payment_event": c.PaymentEvent(outcome="paid", reference="P20261020-0017"),
}
#: Messages about something other than a sub-case, and how its name begins.
_SUBJECTS = {
    "send_text": "text",
    "text_delivered": "text",
    "order_waybill": "mail",
    "mail_event": "mail",
    "order_payment": "payment",
    "payment_event": "payment",
    "verify": "verify",
    "verified": "verify",
}

RECEIPT = c.Receipt(id="gate-00000042", outcome="applied", state="received")
PARKED = c.Receipt(id="gate-00000042", outcome="parked", code="ended")
COMPLAINT = c.Complaint(
    code="wrong_body",
    message="消息里有一处不合约定",
    where="data.reason_code",
    what_to_do="请按 where 指的地方改正，用新编号再发。",
)
PARTNER_RECEIPT = c.PartnerReceipt(id="0190f3b2-c4d5-7e6f-8a9b-0c1d2e3f4a5b", outcome="accepted")
LINE = c.BookLine(
    sub_case=SUB_CASE,
    state="decided",
    outcome="granted",
    seen_at=AT,
    decided_at=AT + timedelta(days=1),
    result_number="示字〔2026〕42 号",
)
BOOK = c.BookPage(lines=[LINE])
BOOK_PART = c.BookPart(
    book="book-20261020", as_of=AT + timedelta(days=1), page=1, lines=[LINE], complete=True
)
BOOK_RECEIPT = c.BookReceipt(book="book-20261020", page=1, complete=True)


def subject(word: str) -> str:
    """What an example is about: a sub-case, or a text, an envelope, a payment or a question of ours."""
    kind = _SUBJECTS.get(word)
    return f"{kind}:5f3c2f6e-7d51-4a40-9f6b-0d8b6c1a2e90" if kind else SUB_CASE


def told(word: str) -> c.Envelope:
    """An example of what we tell."""
    return c.envelope(
        word=word,
        message_id="0190f3b2-c4d5-7e6f-8a9b-0c1d2e3f4a5b",
        source=OURS,
        subject=subject(word),
        at=AT,
        data=OUT[word],
        sequence=17,
    )


def heard(word: str) -> c.Envelope:
    """An example of what we are told."""
    return c.envelope(
        word=word,
        message_id="gate-00000042",
        source=THEIRS,
        subject=subject(word),
        at=AT,
        data=IN[word],
        sequence=4,
        round=None if word in _SUBJECTS else 1,
    )


PAGE = c.Page(messages=[told("withdraw")], cursor=7, more=False)
