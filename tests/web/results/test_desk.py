"""The desk for results: found by code, handed over, posted, returned; nothing typed is lost."""

import io
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from pypdf import PdfReader

from lianban import clock
from lianban.accounts.actor import Actor
from lianban.cases import queries, result_lists
from lianban.cases.models import JointCaseRecord, MailRecord, PostingRecord, ResultRecord
from lianban.cases.result_lists import ResultView
from lianban.cases.services import claims, results
from lianban.engine import commands as c
from tests.services.cast import City, identity_number
from tests.web.department import desk
from tests.web.department.desk import seen, text

pytestmark = pytest.mark.django_db
LONG = "柳城区北门街道办事处" + "很长的地名" * 24 + "9 号楼 3 单元 1204 室"


@pytest.fixture
def case_id(city: City) -> UUID:
    found = desk.with_departments(city)
    applicant = city.applicant()
    JointCaseRecord.objects.filter(id=found).update(applicant_id=applicant.user_id)
    for number in (3, 14):
        claims.act(
            c.Grant(number), case_id=found, item=number, actor=desk.officer(city), at=clock.now()
        )
    return found


@pytest.fixture
def clerk(city: City) -> Client:
    client = Client()
    client.force_login(city.people["counter_clerk@veterans_affairs.439901"])
    return client


@pytest.fixture
def owner(case_id: UUID) -> Client:
    client = Client()
    applicant = JointCaseRecord.objects.get(id=case_id).applicant
    assert applicant
    client.force_login(applicant)
    return client


def own(case_id: UUID, item: int) -> tuple[ResultView, str]:
    """A result as its person sees it, with its code."""
    row = JointCaseRecord.objects.get(id=case_id)
    actor = Actor(kind="applicant", user_id=row.applicant_id, name="申请人")
    view = queries.get(case_id=case_id, actor=actor, at=clock.now())
    found = next(one for one in result_lists.of_case(view) if one.item == item)
    return found, result_lists.code_for_person(view, found, actor=actor)


def post(client: Client, address: str, data: dict[str, Any], *, status: int = 302) -> str:
    answer = client.post(address, data)
    assert answer.status_code == status, text(answer)[-3000:]
    return answer["Location"] if status == 302 else text(answer)


def test_a_department_grants_with_a_file_and_a_bad_one_keeps_what_was_typed(
    city: City, owner: Client
) -> None:
    case_id = desk.with_departments(city, sequence="002", name="林远")
    desk.grant(city, case_id, 3)
    client = desk.browser(city, desk.PENSION)
    address = desk.address(case_id, 12, "decide/")
    day = {"issued_on_year": "2026", "issued_on_month": "10", "issued_on_day": "16"}
    typed = {"outcome": "grant", "result_number": "柳社 12 号", **day}
    data = typed | {"seen": seen(client, case_id, 12)}
    assert "电子文件" in text(client.post(address, data | {"step": "look"}))
    bad = io.BytesIO(b"MZ not a paper")
    bad.name = "证.exe"
    words = post(client, address, data | {"step": "give", "file": bad}, status=400)
    assert "只收" in words and "柳社 12 号" in words and 'value="16"' in words
    good = desk.photograph()
    good.name = "参保.png"
    post(client, address, data | {"step": "give", "file": good})
    row = ResultRecord.objects.get(sub_case__case_id=case_id, sub_case__number=12)
    assert (row.state, row.number, row.issued_on.day) == ("electronic", "柳社 12 号", 16)
    answer = client.get(f"/results/{row.id}/file/")
    assert answer.status_code == 200 and answer["Content-Disposition"].startswith("attachment")
    assert owner.get(f"/results/{row.id}/file/").status_code == 404


def test_the_desk_finds_by_code_and_hands_over_only_what_was_checked_and_signed(
    case_id: UUID, clerk: Client
) -> None:
    shown, code = own(case_id, 14)
    assert "没有找到" in post(clerk, "/results/", {"q": "LC00000000"}, status=422)
    assert "没有这个取件码" in post(clerk, "/results/", {"q": "2345-6789"}, status=422)
    address = post(clerk, "/results/", {"q": code.lower()})
    assert address == f"/results/{shown.id}/"
    words = text(clerk.get(address))
    assert "到车管所领" in words and identity_number() not in words and code not in words
    words = post(clerk, f"{address}hand-over/", {"receiver": "陈小川"}, status=422)
    assert "请先核对身份证件" in words and 'value="陈小川"' in words
    wrong = {"receiver": "林远", "checked": "on"}
    assert "请签本人姓名" in post(clerk, f"{address}hand-over/", wrong, status=422)
    for _ in range(2):
        post(clerk, f"{address}hand-over/", {"receiver": "陈小川", "checked": "on"})
    words = text(clerk.get(address))
    assert "本人签收" in words and "送达回证" in words
    link = words.split('href="/papers/')[1].split('"')[0]
    paper = clerk.get(f"/papers/{link}")
    read = "".join(page.extract_text() for page in PdfReader(io.BytesIO(paper.content)).pages)
    assert "送达回证" in read and "机动车驾驶证" in read and read.count("陈小川") >= 2


def test_envelopes_are_labelled_posted_returned_and_posted_again(
    city: City, case_id: UUID, clerk: Client, owner: Client
) -> None:
    shown, _ = own(case_id, 3)
    new = {"way-3": "courier", "postal_address": LONG, "recipient": "陈小川"}
    new |= {"recipient_phone": "13800000001"}
    post(clerk, f"/results/{shown.id}/change/", new)
    batch = post(clerk, "/results/make/", {"row": [str(shown.id), "nonsense"], "show": "to_post"})
    sheet = clerk.get(f"{batch}labels/")
    reader = PdfReader(io.BytesIO(sheet.content))
    read = "".join("".join(page.extract_text() for page in reader.pages).split())
    assert LONG.replace(" ", "") in read and "到付" in read and "13800000001" in read
    assert desk.case_number(case_id) in read and identity_number() not in read
    number = desk.case_number(case_id)
    bad = {"carrier": "柳城快递", "text": f"{number} LC20260001\n乱写的一行"}
    words = post(clerk, batch, bad, status=422)
    assert "第 2 行" in words and "乱写的一行" in words and 'value="LC20260001"' in words
    assert MailRecord.objects.filter(posted_at__isnull=False).count() == 0
    post(clerk, batch, {"carrier": "柳城快递", "text": f"{number} LC20260001"})
    assert "LC20260001" in text(owner.get(f"/my/{case_id}/results/"))
    back = {"number": "LC20260001", "reason": ""}
    words = post(clerk, "/results/came-back/", back, status=422)
    assert "请选退回的原因" in words and 'value="LC20260001"' in words
    post(clerk, "/results/came-back/", back | {"reason": "mail_returned.wrong_address"})
    assert "地址不对" in text(owner.get(f"/my/{case_id}/results/"))
    short = {"way-3": "courier", "postal_address": "", "recipient": "陈小川"}
    short |= {"recipient_phone": "13800000001"}
    words = post(owner, f"/my/{case_id}/delivery/", short, status=422)
    assert "请填写邮寄地址" in words
    post(owner, f"/my/{case_id}/delivery/", short | {"postal_address": "柳城区南门街 1 号"})
    again = post(clerk, "/results/make/", {"row": str(shown.id), "show": "to_post"})
    post(clerk, again, {"carrier": "柳城快递", "text": f"{number} LC20260002"})
    late = short | {"way-3": "pick_up", "postal_address": "柳城区南门街 1 号"}
    words = post(owner, f"/my/{case_id}/delivery/", late, status=422)
    assert "已经寄出（LC20260002）" in words and "打快递的电话" in words
    assert own(case_id, 3)[0].state == "posted"
    words = post(clerk, "/results/arrived/", {"list": "LC20260009 LC20260002"}, status=422)
    assert "LC20260009" in words and own(case_id, 3)[0].state == "handed_over"
    assert PostingRecord.objects.count() == 2


def test_the_person_sees_the_code_large_and_confirms_what_arrived(
    city: City, case_id: UUID, clerk: Client, owner: Client
) -> None:
    shown, code = own(case_id, 14)
    words = text(owner.get(f"/my/{case_id}/results/"))
    assert code in words and "到车管所领" in words
    for path in ("", "14/"):
        assert owner.get(f"/my/{case_id}/{path}").status_code == 200
    book, _ = own(case_id, 3)
    batch = post(clerk, "/results/make/", {"row": str(book.id), "show": "to_post"})
    text_ = f"{desk.case_number(case_id)} LC20260001"
    post(clerk, batch, {"carrier": "柳城快递", "text": text_})
    mail = MailRecord.objects.get()
    post(owner, f"/my/{case_id}/received/{mail.id}/", {})
    assert own(case_id, 3)[0].state == "handed_over"
    stranger = Client()
    stranger.force_login(city.people["counter_clerk@veterans_affairs.439902"])
    assert stranger.get(f"/results/{shown.id}/").status_code == 404
    assert stranger.get(batch).status_code == 404


def test_everybody_can_check_a_result_and_nobody_learns_whose_it_is(
    city: City, case_id: UUID
) -> None:
    shown, _ = own(case_id, 14)
    results.add_file(
        result_id=shown.id, upload=desk.photograph(), name="证.png",
        actor=desk.officer(city), at=clock.now(),
    )  # fmt: skip
    words = text(Client().get(f"/verify/{shown.verification_code.lower()}/"))
    assert "是真的" in words and "机动车驾驶证" in words and "陈小川" not in words
    assert own(case_id, 14)[0].digest[:8] in words
    from lianban.cases import services

    services.run(c.Reopen("我们办错了", 14), case_id=case_id, actor=city.head, at=clock.now())
    answer = Client().get(f"/verify/{shown.verification_code}/")
    assert answer.status_code == 410 and "已经撤销" in text(answer)
