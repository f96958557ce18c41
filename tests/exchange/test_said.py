"""What watchers read of a message: every key, and no value of a person, wherever a sender put it."""

import json

import pytest

from lianban.exchange import contract
from lianban.exchange.watching import said
from tests.services.cast import FIELDS, identity_number

NUMBER = identity_number()
PERSONAL = (
    FIELDS["name"], NUMBER, FIELDS["mobile"], FIELDS["bank_account"], FIELDS["home_address"],
    "https://link.example/abc",
)  # fmt: skip


def shown(data: object) -> str:
    return "\n".join(f"{line.where}: {line.shown}" for line in said.lines(data))


def test_every_part_that_names_somebody_is_masked_and_the_keys_stay() -> None:
    name, _, phone, account, home, link = PERSONAL
    parts: list[contract.Part] = [
        contract.Dispatch(
            item="household_registration", item_name="户口登记", district="439901", edition="e",
            fields={"name": contract.FieldValue(label="姓名", value=name)},
            materials={"photo": contract.MaterialValue.model_validate({
                "name": "照片", "grade": "C", "files": [{
                    "name": f"{name}.png", "content_type": "image/png", "size": 9,
                    "digest": "0" * 64, "link": link, "link_until": "2026-10-19T10:00:00+08:00",
                }],
            })},
        ),
        contract.SendText(to=phone, text=f"{name}您好"),
        contract.OrderWaybill(sender="局", recipient=name, phone=phone, address=home, pieces=1),
        contract.OrderPayment(
            payee=name, bank="柳城银行", account=account, amount_fen=10_000, purpose="经济补助"
        ),
    ]  # fmt: skip
    for part in parts:
        words = shown(part.model_dump(mode="json"))
        assert [one for one in PERSONAL if one in words] == [], words
    words = shown(parts[0].model_dump(mode="json"))
    assert "fields / name（姓名）: ****" in words
    assert "materials / photo / name: 照片" in words and "link: ****" in words
    assert "to: ****" in shown(parts[1].model_dump(mode="json"))


@pytest.mark.parametrize(
    "data",
    [
        {"reason": f"找 {NUMBER} 本人，电话 {FIELDS['mobile']}"},
        {"reason": f"电话 {FIELDS['mobile'][:3]} {FIELDS['mobile'][3:7]} {FIELDS['mobile'][7:]}"},
        {NUMBER: "x"},
        {"label": NUMBER, "value": NUMBER},
        {"state": NUMBER, "supplied": [NUMBER], "deep": {"er": [{"subject": NUMBER}]}},
        [NUMBER, [NUMBER]],
        NUMBER,
        {"name": FIELDS["name"], "materials": {"a": {"files": [{"name": FIELDS["name"]}]}}},
    ],
)
def test_a_sender_cannot_put_a_person_where_it_is_read(data: object) -> None:
    body = {"subject": NUMBER, "type": NUMBER, "data": data}
    read = said.incoming(json.dumps(body).encode())
    words = "\n".join([read.subject, read.word, *(f"{x.where}: {x.shown}" for x in read.lines)])
    for value in (NUMBER, FIELDS["mobile"], FIELDS["mobile"][7:], FIELDS["name"]):
        assert value not in words


def test_what_names_our_own_things_is_read() -> None:
    assert said.subject("LB202610190000011-03") == "LB202610190000011-03"
    assert said.subject("text:0b9d2a52-3d5a-4e62-9d6c-1c6f0c7a0a11").startswith("text:0b9d")
    assert "due_on: 2026-10-20" in shown({"due_on": "2026-10-20"})
    assert "matches: 否" in shown({"matches": False})
    assert "files: 没有" in shown({"files": []})


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"\xff", b'"x"', b"[" * 100_000])
def test_what_cannot_be_read_is_said_so(body: bytes) -> None:
    assert said.incoming(body).problem


def test_a_body_of_a_thousand_floors_ends() -> None:
    deep: object = "x"
    for _ in range(500):
        deep = {"a": deep}
    assert len(list(said.lines(deep))) == 1
