"""A card is read for the person: offered with a box each, taken over only where it was empty."""

from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from lianban.cases import card_reading
from lianban.cases.models import FileRecord
from lianban.cases.services import card
from tests.services.cast import FIELDS
from tests.services.test_card_reading import CARD, NUMBER, TODAY
from tests.web.applicant.people import Person


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server with the reader, which sees the recorded card in every photo."""

    def read(**_: Any) -> card_reading.Card:
        return card_reading.read(card_reading.lines(CARD), today=TODAY)

    monkeypatch.setattr(card, "can_read", lambda: True)
    monkeypatch.setattr(card, "read", read)


def photo() -> SimpleUploadedFile:
    return SimpleUploadedFile("card.jpg", BytesIO(b"\xff\xd8\xff").getvalue(), "image/jpeg")


@pytest.mark.django_db
def test_nothing_is_offered_where_the_reader_is_not_installed(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(card, "can_read", lambda: False)
    person.begin()
    assert "拍身份证" not in person.text("/form/basic/")
    assert "直接填写" in person.text("/form/card/")


@pytest.mark.django_db
@pytest.mark.usefixtures("reader")
def test_each_value_has_its_own_box_and_what_was_typed_stands(person: Person) -> None:
    person.begin()
    assert "拍身份证，帮您填" in person.text("/form/basic/")
    person.post("/form/basic/", {"name": "陈晓川", "go": "later"})
    page = person.post("/form/card/", {"photo": photo()}).content.decode()
    assert "您填的是 <strong>陈晓川</strong>" in page and "卡上是 <strong>陈小川</strong>" in page
    assert 'name="use" value="identity_number"' in page and 'value="name"' not in page
    assert "看得清楚" in page and "男，2005年3月1日出生" in page
    assert not FileRecord.objects.exists(), "the photo is kept nowhere"
    sent: dict[str, object] = {
        "take": "1",
        "use": ["identity_number", "name"],
        "value_identity_number": NUMBER,
        "value_name": "陈小川",
        "value_home_address": FIELDS["home_address"],
    }
    assert person.post("/form/card/", sent).status_code == 302
    page = person.text("/form/basic/")
    assert NUMBER in page and "陈晓川" in page and "陈小川" not in page
    assert FIELDS["home_address"] not in page, "an unticked value changes nothing"


@pytest.mark.django_db
@pytest.mark.usefixtures("reader")
def test_a_photo_must_be_chosen(person: Person) -> None:
    person.begin()
    answer = person.post("/form/card/")
    assert answer.status_code == 422 and "请上传" in answer.content.decode()
