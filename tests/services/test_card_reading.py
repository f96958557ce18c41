"""Reading a card: from lines as the reader recorded them; the reader itself where it is installed."""

import io
from datetime import date
from pathlib import Path
from typing import Any

import manimgx_fonts_cjk
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw, ImageFont

from lianban.cases import card_reading, decoding
from lianban.cases.card_reading import Card
from lianban.cases.content import Content
from lianban.cases.services import card, drafts
from lianban.engine.refusal import Refused
from tests.services.cast import CONSCRIPT, City, identity_number, moment

TODAY = date(2026, 10, 19)
AT = moment("2026-10-19 10:00")
NUMBER = identity_number()


def line(text: str, x: int, y: int, sure: float = 0.99, *, wide: int = 0) -> list[Any]:
    """A line as the reader gives it: 36 pixels high."""
    end = x + (wide or 34 * len(text))
    return [text, [[x, y], [end, y], [end, y + 36], [x, y + 36]], sure]


#: As recorded from a drawn card: labels and values are lines of their own, or run together.
CARD = [
    line("姓名", 53, 62, wide=120),
    line("陈小川", 171, 62, 0.999),
    line("性别男", 52, 135, 0.934),
    line("民族漢", 292, 137, 0.927),
    line("出生", 57, 219, wide=120),
    line("2005年3月1日", 172, 218, 0.998),
    line("住址", 54, 303, wide=90),
    line("湖南省长沙市芙蓉区柳城路", 177, 305),
    line("沿河小区12号3栋201室", 177, 352, 0.97),
    line("公民身份号码", 58, 545, wide=190),
    line(NUMBER, 327, 549, 0.999, wide=400),
]
CERTIFICATE = [
    line("退出现役证件", 313, 105),
    line("姓名：陈小川", 108, 275),
    line(f"公民身份号码：{NUMBER}", 113, 387),
    line("入伍时间：2024年9月1日", 115, 497, 0.91),
    line("退出现役时间：2026.9.1", 115, 607, 0.7),
    line("证件编号：退字第2026090123号", 120, 717),
]


def read(*recorded: list[Any]) -> Card:
    return card_reading.read(card_reading.lines(recorded), today=TODAY)


def said(*recorded: list[Any]) -> dict[str, str]:
    return {each.kind: each.value for each in read(*recorded).proposals}


def without(text: str, *more: list[Any]) -> list[list[Any]]:
    return [*(each for each in CARD if each[0] != text), *more]


# What is read -----------------------------------------------------------------------------------


def test_an_identity_card_proposes_name_number_and_the_whole_address() -> None:
    assert said(*CARD) == {
        "name": "陈小川",
        "identity_number": NUMBER,
        "address": "湖南省长沙市芙蓉区柳城路沿河小区12号3栋201室",
    }
    found = read(*CARD)
    assert found.number is not None
    assert (found.number.sex, found.number.birth_date) == ("male", date(2005, 3, 1))
    sure = {each.kind: each.confidence for each in found.proposals}
    assert sure["address"] == 0.97, "as sure as its least sure line"


def test_a_discharge_certificate_proposes_its_dates_and_number() -> None:
    assert said(*CERTIFICATE) == {
        "name": "陈小川",
        "identity_number": NUMBER,
        "enlisted_on": "2024-09-01",
        "discharged_on": "2026-09-01",
        "certificate_number": "退字第2026090123号",
    }


def test_the_order_of_the_lines_does_not_matter() -> None:
    assert said(*reversed(CARD)) == said(*CARD)


def test_a_name_with_a_dot_keeps_it() -> None:
    dotted = without("陈小川", line("买买提•艾力", 171, 62))
    assert said(*dotted)["name"] == "买买提·艾力"


# What is not guessed ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "number", [NUMBER[:-1] + "7", NUMBER[:-1], NUMBER + "1", NUMBER.replace("0", "O", 1), "1" * 18]
)
def test_a_number_whose_check_digit_does_not_hold_is_not_proposed(number: str) -> None:
    assert "identity_number" not in said(*without(NUMBER, line(number, 327, 549)))


def test_a_number_that_contradicts_the_printed_sex_or_birthday_is_not_proposed() -> None:
    assert "identity_number" not in said(*without("性别男", line("性别女", 52, 135)))
    other_day = line("2005年3月11日", 172, 218)
    assert "identity_number" not in said(*without("2005年3月1日", other_day))


def test_of_two_numbers_neither_is_proposed() -> None:
    other = identity_number(born="19990101")
    assert "identity_number" not in said(*CARD, line(other, 327, 700))


@pytest.mark.parametrize("name", ["陈", "CHEN", "陈小川2", "性别男", ""])
def test_what_is_no_name_is_not_proposed(name: str) -> None:
    assert "name" not in said(*without("陈小川", line(name, 171, 62)))


@pytest.mark.parametrize(
    "day", ["2024年9月", "2024年13月1日", "9月1日", "2023年2月29日", "24年9月1日"]
)
def test_a_date_that_is_not_whole_is_not_proposed(day: str) -> None:
    assert "enlisted_on" not in said(line(f"入伍时间：{day}", 115, 497))


def test_a_date_without_a_label_that_we_know_is_not_proposed() -> None:
    assert said(line("发证时间：2026年9月1日", 115, 497), line("2026年9月1日", 115, 600)) == {}


def test_a_line_that_the_reader_is_unsure_of_is_no_evidence() -> None:
    assert "name" not in said(*without("陈小川", line("陈小川", 171, 62, 0.41)))
    assert read() == Card()


# What is taken over -----------------------------------------------------------------------------


@pytest.mark.django_db
def test_what_was_typed_is_never_overwritten() -> None:
    city = City().build()
    draft = drafts.start(district="439901", actor=city.clerk, at=AT)
    content = Content(answers=CONSCRIPT, fields={"name": "陈晓川", "home_address": "  "})
    draft = drafts.save(draft_id=draft.id, content=content, actor=city.clerk, at=AT)
    offers = {
        one.code: one
        for one in card.offers(read(*CARD), edition=draft.edition, values=draft.content.fields)
    }
    assert not offers["name"].is_free and offers["name"].typed == "陈晓川"
    assert offers["home_address"].is_free and offers["identity_number"].how_sure == "看得清楚"
    sent = {code: one.value for code, one in offers.items()} | {"bank_account": "1" * 19}
    filled = card.fill(draft_id=draft.id, values=sent, actor=city.clerk, at=AT)
    assert set(filled) == {"identity_number", "home_address"}
    kept = drafts.get(draft_id=draft.id, actor=city.clerk).content.fields
    assert kept["name"] == "陈晓川" and kept["identity_number"] == NUMBER
    assert "bank_account" not in kept, "only what a card can say"


# The reader -------------------------------------------------------------------------------------


def photo() -> bytes:
    """A drawn identity card."""
    font = Path(manimgx_fonts_cjk.__file__).parent / "NotoSansCJK-VF.otf.ttc"
    image = Image.new("RGB", (1010, 640), "#e8eef2")
    draw = ImageDraw.Draw(image)
    for text, x, y in (
        ("姓 名", 60, 60), ("陈小川", 190, 60), ("性 别", 60, 135), ("男", 190, 135),
        ("住 址", 60, 300), ("湖南省长沙市芙蓉区柳城路", 190, 300), ("12号3栋201室", 190, 350),
        ("公民身份号码", 60, 540), (NUMBER, 330, 540),
    ):  # fmt: skip
        draw.text((x, y), text, font=ImageFont.truetype(font, 36, index=2), fill="black")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=88)
    return out.getvalue()


@pytest.mark.skipif(not card.can_read(), reason="the optional reader (lianban[ocr]) is not here")
def test_the_reader_reads_a_drawn_card_offline() -> None:
    upload = SimpleUploadedFile("card.jpg", photo(), "image/jpeg")
    found = {each.kind: each.value for each in card.read(
        upload=upload, name="card.jpg", today=TODAY
    ).proposals}  # fmt: skip
    assert found["name"] == "陈小川" and found["identity_number"] == NUMBER
    assert found["address"] == "湖南省长沙市芙蓉区柳城路12号3栋201室"


@pytest.mark.skipif(card.can_read(), reason="the optional reader (lianban[ocr]) is here")
def test_without_the_reader_the_answer_says_to_type() -> None:
    with pytest.raises(Refused) as refused:
        card.read(upload=io.BytesIO(photo()), name="card.jpg", today=TODAY)
    assert refused.value.code == "no_reader" and "直接填写" in refused.value.message
    assert decoding.run("lines", photo()).status == decoding.DAMAGED
