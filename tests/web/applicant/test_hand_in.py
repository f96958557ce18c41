"""Materials, the check, handing in once, and the receipt."""

import re
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from PIL import Image

from lianban.cases.models import JointCaseRecord
from tests.services.cast import FIELDS
from tests.web.applicant.people import Person

SIGNED = {k: FIELDS[k] for k in ("self_employment_signature", "commitment_signature")}


@pytest.fixture
def ready(person: Person) -> Person:
    person.fill_everything()
    return person


def picture(name: str = "通知书.jpg") -> SimpleUploadedFile:
    held = BytesIO()
    Image.new("RGB", (300, 400), "white").save(held, "JPEG")
    return SimpleUploadedFile(name, held.getvalue(), "image/jpeg")


def test_a_double_click_gives_the_same_receipt(ready: Person) -> None:
    page = ready.text("/form/check/")
    draft = re.search(r'name="draft" value="([^"]+)"', page)
    assert draft is not None
    first = ready.post("/form/submit/", {**SIGNED, "draft": draft[1]})
    second = ready.post("/form/submit/", {**SIGNED, "draft": draft[1]})
    assert first.status_code == second.status_code == 302
    assert first["Location"] == second["Location"]
    assert JointCaseRecord.objects.count() == 1
    assert "receipt-secret" in ready.text(first["Location"]), "the second click keeps the secret"


def test_the_receipt_tells_number_edition_dates_and_what_comes_next(ready: Person) -> None:
    address = ready.post("/form/submit/", SIGNED)["Location"]
    page = ready.text(address)
    case = JointCaseRecord.objects.get()
    assert case.case_number in page
    assert case.edition_hash.removeprefix("sha256:")[:12] in page
    assert "<svg" in page and "接下来" in page and "前</strong>告诉您受理没有" in page
    assert FIELDS["identity_number"] not in page, "the number is masked"


def test_a_receipt_is_not_found_by_anybody_else(ready: Person) -> None:
    address = ready.post("/form/submit/", SIGNED)["Location"]
    other = Person()
    other.sign_in("13900000002")
    assert other.get(address).status_code == 404
    assert Person().get(address).status_code == 302


def test_another_name_is_no_signature(ready: Person) -> None:
    answer = ready.post("/form/submit/", {**SIGNED, "commitment_signature": "王小明"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "承诺信息：请签本人姓名「陈小川」" in page
    assert 'value="王小明"' in page
    assert JointCaseRecord.objects.count() == 0


def test_what_is_still_wrong_is_named_with_a_way_to_it(ready: Person) -> None:
    ready.post("/form/basic/", {**FIELDS, "education": "", "go": "later"})
    answer = ready.post("/form/submit/", SIGNED)
    assert answer.status_code == 422
    assert 'href="/form/basic/?check#id_education"' in answer.content.decode()


def test_a_material_of_which_nobody_said_how_it_comes_holds_the_form_up(ready: Person) -> None:
    ready.post("/form/materials/enlistment_notice/", {"way": ""})
    answer = ready.post("/form/submit/", SIGNED)
    assert answer.status_code == 422
    assert "还有 1 份材料没说怎么交" in answer.content.decode()


def test_a_second_case_of_the_same_person_is_refused_with_everything_kept(ready: Person) -> None:
    ready.post("/form/submit/", SIGNED)
    ready.fill_everything()
    answer = ready.post("/form/submit/", SIGNED)
    assert answer.status_code == 409
    assert "已经有一件正在办理" in answer.content.decode()
    assert 'value="陈小川"' in answer.content.decode()


def test_a_file_is_uploaded_listed_and_removed(ready: Person) -> None:
    sent = {"way": "uploaded", "file": picture()}
    answer = ready.post("/form/materials/enlistment_notice/", sent)
    assert answer["Location"] == "/form/materials/#m-enlistment_notice"
    page = ready.text("/form/materials/")
    assert "通知书.jpg" in page and "已上传" in page
    remove = re.search(r'action="(/files/[^"]+/remove/)"', page)
    assert remove is not None
    other = Person()
    other.sign_in("13900000002")
    assert other.post(remove[1]).status_code == 404, "somebody else's file does not exist"
    assert ready.post(remove[1]).status_code == 302
    assert "通知书.jpg" not in ready.text("/form/materials/")


def test_a_file_of_another_kind_is_refused_beside_its_material(ready: Person) -> None:
    sent = {"way": "uploaded", "file": SimpleUploadedFile("a.svg", b"<svg onload=alert(1)>")}
    answer = ready.post("/form/materials/enlistment_notice/", sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="e-enlistment_notice"' in page


def test_an_upload_without_a_file_says_so(ready: Person) -> None:
    answer = ready.post("/form/materials/enlistment_notice/", {"way": "uploaded"})
    assert answer.status_code == 422
    assert "请先选一个文件" in answer.content.decode()


def test_only_what_may_come_with_the_dossier_is_left_to_it(ready: Person) -> None:
    with_dossier = {"way": "with_dossier"}
    assert ready.post("/form/materials/pension_transfer_form/", with_dossier).status_code == 302
    assert ready.post("/form/materials/enlistment_notice/", with_dossier).status_code == 422
    assert ready.post("/form/materials/no_such/", with_dossier).status_code == 404


def test_a_plan_that_changed_meanwhile_is_told(ready: Person) -> None:
    from lianban.cases.models import DraftRecord

    DraftRecord.objects.update(edition_hash="sha256:0")
    assert "办事方案更新过" in ready.text("/form/check/")


def test_two_clicks_at_once_make_one_case_and_one_receipt(ready: Person) -> None:
    page = ready.text("/form/check/")
    draft = re.search(r'name="draft" value="([^"]+)"', page)
    assert draft is not None
    data = {**SIGNED, "draft": draft[1]}

    def click(_: int) -> tuple[int, str]:
        twin = Person()
        twin.client.cookies = ready.client.cookies
        answer = twin.post("/form/submit/", data)
        connections.close_all()
        return answer.status_code, answer.get("Location", "")

    with ThreadPoolExecutor(max_workers=3) as pool:
        answers = list(pool.map(click, range(3)))
    assert len(set(answers)) == 1 and answers[0][0] == 302
    assert JointCaseRecord.objects.count() == 1
