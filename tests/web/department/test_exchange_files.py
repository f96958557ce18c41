"""The files of a department that has no system to connect: exported, filled in, brought back."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from lianban.accounts import sheets
from lianban.exchange.file_mode import files
from lianban.exchange.models import ExchangeFile, PartnerRecord
from tests.exchange import file_desk
from tests.services.cast import City
from tests.web.department import desk
from tests.web.department.desk import text

pytestmark = pytest.mark.django_db
PAGE = "/department/files/"


@pytest.fixture
def police(city: City) -> PartnerRecord:
    return file_desk.connect()


def export(client: Client) -> ExchangeFile:
    answer = client.post(PAGE + "out/")
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    return ExchangeFile.objects.filter(direction="out").latest("number")


def bring(client: Client, content: bytes, name: str = "填好的.xlsx") -> Any:
    return client.post(PAGE, {"file": SimpleUploadedFile(name, content)})


def test_an_officer_exports_downloads_and_brings_back(city: City, police: PartnerRecord) -> None:
    case_id = desk.with_departments(city)
    client = desk.browser(city)
    assert '<a href="/department/files/"' in text(client.get("/department/"))
    page = text(client.get(PAGE))
    assert "<strong>4</strong> 条等着导出" in page and "还没有导出过" in page
    made = export(client)
    page = text(client.get(PAGE))
    assert made.number in page and made.digest in page and "现在没有等着导出的" in page
    own = f"{PAGE}{made.id}/"
    page = text(client.get(own))
    assert made.signature in page and "openssl pkeyutl" in page
    answer = client.get(own + "workbook/")
    assert f'filename="{made.number}.xlsx"' in answer["Content-Disposition"]
    assert (answer.content[:2], answer["Cache-Control"]) == (b"PK", "no-store")
    assert len(client.get(own + "signature/").content) == 64
    assert client.get(PAGE + "key/").content.startswith(b"-----BEGIN PUBLIC KEY-----")
    place = file_desk.places(made)
    fill = {place[14]: {"办理情况": "受理"}, place[3]: {"办理情况": "退回"}}
    answer = bring(client, file_desk.filled(made, fill))
    back = ExchangeFile.objects.get(direction="in")
    assert (answer.status_code, answer["Location"]) == (302, f"{PAGE}{back.id}/")
    page = text(client.get(answer["Location"]))
    assert "收下了 1 行" in page and "“退回”要写原因" in page and "新送来的，第 5 行" in page
    refused = client.get(f"{PAGE}{back.id}/refused/")
    assert sheets.read(refused.content, name="a.xlsx")[0][1][3][1] == "5"
    assert client.get(f"{PAGE}{back.id}/signature/").status_code == 404
    assert desk.row(case_id, 14).state == "accepted"
    assert "1 行没有收" in text(client.get(own)) and back.made_by is not None


def test_two_presses_make_one_file(city: City, police: PartnerRecord) -> None:
    desk.with_departments(city)
    client = desk.browser(city)
    assert export(client) == export(client)
    assert "现在没有等着导出的" in text(client.get(PAGE))


def test_a_file_that_cannot_be_taken_is_named_beside_its_field(
    city: City, police: PartnerRecord
) -> None:
    desk.with_departments(city)
    client = desk.browser(city)
    made = export(client)
    large = b"PK\x03\x04" + bytes(sheets.MOST_BYTES)
    for content, words in (
        (b"", "这个文件是空的"),
        (b"not a table", "不是完好的 XLSX"),
        (large, "文件太大"),
        (files.content_of(made), "一行也没有填"),
    ):
        answer = bring(client, content)
        assert answer.status_code == 422 and words in text(answer), words
        assert 'href="#id_file"' in text(answer)
    assert client.post(PAGE).status_code == 422
    assert not ExchangeFile.objects.filter(direction="in").exists()


def test_a_file_is_nobody_elses(city: City, police: PartnerRecord) -> None:
    desk.with_departments(city)
    made = export(desk.browser(city))
    own = f"{PAGE}{made.id}/"
    for stranger in (
        desk.browser(city, district="439902"),
        desk.browser(city, "medical_insurance"),
    ):
        for part in ("", "workbook/", "signature/", "refused/"):
            assert stranger.get(own + part).status_code == 404
        assert made.number not in text(stranger.get(PAGE))
        assert stranger.post(PAGE + "out/").status_code == 302
    filled = file_desk.filled(made, {"1": {"办理情况": "受理"}})
    answer = bring(desk.browser(city, district="439902"), filled)
    assert answer.status_code == 422 and "不是导出给您单位的文件" in text(answer)
    assert "不用文件交换" in text(desk.browser(city, "medical_insurance").get(PAGE))
    assert ExchangeFile.objects.get() == made


def test_the_bureau_looks_at_the_list_and_opens_nothing(city: City, police: PartnerRecord) -> None:
    desk.with_departments(city)
    made = export(desk.browser(city))
    client = Client()
    client.force_login(city.people["bureau_officer@veterans_affairs.439901"])
    page = text(client.get(f"/bureau/exchange/partners/{desk.POLICE}/files/"))
    assert made.number in page and made.digest in page and str(made.id) not in page
    assert "/files/" in text(client.get(f"/bureau/exchange/partners/{desk.POLICE}/"))
    assert client.get("/bureau/exchange/partners/nobody/files/").status_code == 404
    other = Client()
    other.force_login(city.people["bureau_officer@veterans_affairs.439902"])
    assert made.number not in text(other.get(f"/bureau/exchange/partners/{desk.POLICE}/files/"))


def test_old_files_stay_at_hand_when_a_system_is_connected(
    city: City, police: PartnerRecord
) -> None:
    desk.with_departments(city)
    client = desk.browser(city)
    made = export(client)
    PartnerRecord.objects.update(mode="poll")
    page = text(client.get(PAGE))
    assert made.number in page and "不用再导出" in page
    client.post(PAGE + "out/")
    assert ExchangeFile.objects.count() == 1


def test_an_officer_exports_a_listing_of_both_books_and_brings_it_back(
    city: City, police: PartnerRecord
) -> None:
    desk.with_departments(city)
    client = desk.browser(city)
    assert client.post(PAGE + "book/")["Location"] == PAGE
    assert "还没有送给本部门的" in text(client.get(PAGE)) and not ExchangeFile.objects.exists()
    export(client)
    assert client.get(PAGE + "book/").status_code == 405
    client.post(PAGE + "book/")
    made = ExchangeFile.objects.get(holds="book")
    assert "发出，对账表" in text(client.get(PAGE))
    page = text(client.get(f"{PAGE}{made.id}/"))
    assert "导出的对账表" in page and "表格里没有姓名和证件号" in page
    empty = bring(client, client.get(f"{PAGE}{made.id}/workbook/").content)
    assert empty.status_code == 422 and "“您单位的账”里选" in text(empty)
    answer = bring(client, file_desk.filled(made, {"1": {"您单位的账": "在办"}}))
    assert "收下了 1 行" in text(client.get(answer["Location"]))
