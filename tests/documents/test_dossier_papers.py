"""落户通知书 at reception, the letter of a return, and labels whose codes are read back."""

import dataclasses
import io
from datetime import timedelta
from uuid import UUID

import pypdfium2
import pytest
import zxingcpp
from pypdf import PdfReader

from lianban.cases import dossier_code, dossier_lists, services
from lianban.cases.models import DossierRecord
from lianban.cases.services import dossier_checks, dossiers
from lianban.cases.services.dossier_checks import Checked
from lianban.documents import dossier_papers, papers, settlement, verify
from lianban.documents.models import IssuedDocumentRecord
from lianban.engine import commands as c
from lianban.engine.refusal import Refused
from tests.documents.carried import (
    AT,
    BASE,
    day,
    kinds,
    read,
    registered,
    text_of,
    view_of,
    with_offices,
)
from tests.documents.test_paper import assert_in_order
from tests.services.cast import FIELDS, City, identity_number, originals_seen

pytestmark = pytest.mark.django_db(transaction=True)
HERE, NUMBER, NAME = "439901", FIELDS["identity_number"], FIELDS["name"]


@pytest.fixture
def city() -> City:
    return with_offices()


def test_who_settles_gets_a_numbered_notice_that_the_police_open_and_verify(city: City) -> None:
    case_id = registered(city)
    assert (settlement.KIND, None) not in kinds(case_id, city.clerk)
    carry_on(city, case_id)
    police = city.officer("department_officer", "public_security")
    assert kinds(case_id, police) == [(settlement.KIND, None)]
    assert_in_order(
        read(case_id, police, settlement.KIND),
        *("落户通知书", "东湖县退役军人事务落户〔2026〕000001号", "东湖县公安局", NAME, NUMBER),
        *("2026年9月1日", "30日内有效", "有效期至2026年10月4日"),
    )
    record = papers.record_of(view_of(case_id, police), kind=settlement.KIND, base_url=BASE)
    assert record and IssuedDocumentRecord.objects.filter(kind=settlement.KIND).count() == 1
    found = verify.look_up(record.verification_code)
    assert found and found.number == record.number
    assert found.addressed_office == "东湖县公安局"
    assert found.valid_until == day(1).date() + timedelta(days=30)
    assert NAME not in str(dataclasses.asdict(found))
    other = city.officer("department_officer", "medical_insurance")
    assert (settlement.KIND, None) not in kinds(case_id, other)


def carry_on(city: City, case_id: UUID) -> None:
    originals_seen(case_id, by=city.clerk, at=day(0, 11))
    services.run(c.Grant(1), case_id=case_id, actor=city.clerk, at=day(0, 11))
    services.run(c.ReceiveDossier(), case_id=case_id, actor=city.bureau, at=day(1))
    services.run(c.RegisterReception(), case_id=case_id, actor=city.bureau, at=day(1))
    services.run(c.GatherBatch(), case_id=case_id, actor=city.bureau, at=day(1))


def test_the_letter_of_a_return_names_what_is_missing_and_no_unit(city: City) -> None:
    dossiers.record(rows=[(NAME, NUMBER)], state="arrived", district=HERE, actor=city.bureau, at=AT)
    row = DossierRecord.objects.get()
    told = {"dossier_id": row.id, "actor": city.bureau, "at": AT}
    sequence = dossier_checks.send_back(seen=Checked(remark="体检表模糊"), **told)
    letter = {**told, "sequence": sequence, "base_url": BASE}
    file = dossier_papers.return_letter(**letter)
    assert dossier_papers.return_letter(**letter) == file
    text = text_of(file)
    assert_in_order(
        text,
        *("档案退回补充函", "东湖县退役军人事务档退〔2026〕000001号", "移交本档案的单位", "机要"),
        *(NAME, dossier_code.encode(row.id), "入伍材料", "退役审批材料", "体检表模糊"),
    )
    assert NUMBER not in text
    stranger = city.officer("bureau_officer", "veterans_affairs", "439902")
    with pytest.raises(Refused, match="没有这份档案"):
        dossier_papers.return_letter(**{**letter, "actor": stranger})


def test_every_label_is_read_back_as_its_dossier(city: City) -> None:
    people = [(f"周{n}", number_of(n)) for n in "一二三四"]
    dossiers.record(rows=people, state="expected", district=HERE, actor=city.bureau, at=AT)
    rows = dossier_lists.expected(actor=city.bureau, district=HERE, most=10)
    file = dossier_papers.labels(rows=rows, district=HERE, at=AT)
    picture = pypdfium2.PdfDocument(file)[0].render(scale=3).to_pil()
    read_back = {found.text for found in zxingcpp.read_barcodes(picture)}
    assert read_back == {dossier_code.encode(row.id) for row in rows}
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(file)).pages)
    assert not any(number in text for _, number in people)


def number_of(sign: str) -> str:
    return identity_number(sequence=f"{'一二三四'.index(sign) + 11:03d}")
