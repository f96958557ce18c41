"""What the kit sends: invented people with valid check digits, and nothing of anybody real."""

import hashlib
import secrets
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from stdnum.iso7064 import mod_11_2

from lianban.catalogue import load
from lianban.catalogue.model import Edition, Field
from lianban.exchange import contract
from lianban.exchange.contract import FieldValue, FileLink, MaterialValue

#: A picture of one point.
PICTURE = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
)
PICTURE_PATH = "/exchange/v1/files/picture"
#: An area of GB/T 2260 that every system knows; nobody with this number and birthday is meant.
AREA = "110101"


def case_number(at: datetime) -> str:
    """A case number with a valid check digit that no earlier run has used, as far as chance goes."""
    body = f"{at:%Y%m%d}{secrets.randbelow(1_000_000):06d}"
    return f"LB{body}{mod_11_2.calc_check_digit(body)}"


def _identity_number() -> str:
    body = f"{AREA}19990101{secrets.randbelow(500) * 2 + 1:03d}"
    return body + mod_11_2.calc_check_digit(body)


def _by_type() -> dict[str, str]:
    return {
        "name": "测试",
        "identity_number": _identity_number(),
        "date": "2024-09-01",
        "mobile": f"1380000{secrets.randbelow(10_000):04d}",
        "phone": "010-00000000",
        "address": "测试路 1 号",
        "account": "6222020000000000000",
        "number": "1",
    }


@dataclass(frozen=True)
class Post:
    """What is sent, and how the kit tells that the partner has done with it."""

    word: str
    subject: Callable[[datetime], str]
    data: Callable[[str, datetime], contract.Part]
    #: Whether a book is kept of it.
    has_book: bool = True


def department(*, code: str, policy: str, address: str) -> Post:
    """A sub-case for a department: of an edition's plan, or a plain one where no code is given.

    Raises `FileNotFoundError` for an unknown policy, and `LookupError` where the plan gives this
    department nothing to decide.
    """
    edition = load.load(load.find(policy)) if code else None
    number, item, name = _item(edition, code) if edition else (1, "conformance", "符合性测试")

    def data(subject: str, at: datetime) -> contract.Part:
        return contract.Dispatch(
            item=item,
            item_name=name,
            district=AREA,
            edition=edition.id if edition else "conformance",
            due_on=at.date() + timedelta(days=30),
            fields=fields(edition, item),
            materials=materials(edition, item, address, at),
        )

    def subject(at: datetime) -> str:
        return contract.sub_case(case_number(at), number)

    return Post("dispatch", subject, data)


def _item(edition: Edition, code: str) -> tuple[int, str, str]:
    for item in edition.items:
        if any(owner.department == code for owner in item.owners):
            return item.number, item.code, item.name
    known = sorted({owner.department for item in edition.items for owner in item.owners})
    raise LookupError(f"方案里没有部门 {code} 办的事项。有事项的部门：{'、'.join(known)}")


def fields(edition: Edition | None, item: str) -> dict[str, FieldValue]:
    """Invented values of the fields that the plan gives to an item."""
    known = _by_type()
    if edition is None:
        plain = (("name", "姓名", "name"), ("identity_number", "公民身份号码", "identity_number"))
        return {code: FieldValue(label=label, value=known[kind]) for code, label, kind in plain}
    return {
        field.code: FieldValue(label=field.label, value=_value(field, known))
        for field in edition.fields
        if item in field.items
    }


def _value(field: Field, known: dict[str, str]) -> str:
    if field.type == "choice":
        return field.choices[0].value if field.choices else ""
    return known.get(field.type, "测试")


def materials(
    edition: Edition | None, item: str, address: str, at: datetime
) -> dict[str, MaterialValue]:
    """The materials that the plan gives to an item, each with one small picture."""
    picture = FileLink(
        name="测试.png",
        content_type="image/png",
        size=len(PICTURE),
        digest=hashlib.sha256(PICTURE).hexdigest(),
        link=address + PICTURE_PATH,
        link_until=at + timedelta(minutes=15),
    )
    if edition is None:
        return {"proof": MaterialValue(name="证明", grade="A", files=[picture])}
    return {
        material.code: MaterialValue(name=material.name, grade="A", files=[picture])
        for material in edition.materials
        if item in material.items
    }


def _service(word: str, kind: str, part: contract.Part) -> Post:
    return Post(word, lambda at: f"{kind}:{uuid4()}", lambda subject, at: part, has_book=False)


def text() -> Post:
    """A text message for a gateway."""
    part = contract.SendText(to=_by_type()["mobile"], text="【联办】测试短信，请不用理会。")
    return _service("send_text", "text", part)


def mail() -> Post:
    """A waybill for a courier."""
    part = contract.OrderWaybill(
        sender="测试窗口",
        recipient="测试",
        phone=_by_type()["mobile"],
        address=_by_type()["address"],
        pieces=1,
    )
    return _service("order_waybill", "mail", part)


def payment() -> Post:
    """A payment for a bank; the amount in fen."""
    part = contract.OrderPayment(
        payee="测试",
        bank="测试银行",
        account=_by_type()["account"],
        amount_fen=100,
        purpose="符合性测试",
    )
    return _service("order_payment", "payment", part)


def verification(*, address: str) -> Post:
    """A paper and a person to be verified (核验)."""

    def data(subject: str, at: datetime) -> contract.Part:
        return contract.Verify(fields=fields(None, ""), materials=materials(None, "", address, at))

    return Post("verify", lambda at: f"verify:{uuid4()}", data, has_book=False)
