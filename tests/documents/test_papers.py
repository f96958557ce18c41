"""A case carried through its services, and every paper of it opened and read back."""

import json
import re
from dataclasses import replace

import pytest

from lianban.accounts.actor import Actor
from lianban.cases import services
from lianban.cases.content import Content
from lianban.cases.models import ViewRecord
from lianban.cases.services import drafts, hand_in, supplies
from lianban.documents import paper_contents, papers, render
from lianban.documents.models import IssuedDocumentRecord
from lianban.engine import commands as c
from lianban.engine.refusal import Refused
from lianban.journal.models import JournalEntry
from tests.documents.carried import (
    AT,
    carried_to_its_end,
    day,
    filled,
    kinds,
    opened,
    read,
    registered,
    submitted,
    text_of,
    under_way,
    view_of,
    with_offices,
)
from tests.documents.test_paper import assert_in_order
from tests.services.cast import CONSCRIPT, FIELDS, City

pytestmark = pytest.mark.django_db(transaction=True)
ENLISTMENT, CERTIFICATE = "enlistment_notice", "discharge_certificate"


@pytest.fixture
def city() -> City:
    return with_offices()


# A whole case ---------------------------------------------------------------------------------


def test_a_concluded_case_has_its_papers_and_they_say_what_happened(city: City) -> None:
    case_id = carried_to_its_end(city)
    assert kinds(case_id, city.clerk) == [
        ("receipt", None),
        ("registration_form", None),
        ("requirements_notice", None),
        ("acceptance_notice", None),
        ("settlement_notice", None),
        ("denial_decision", 14),
        ("amount_assessment", 8),
        ("conclusion_notice", None),
    ]
    number = view_of(case_id, city.clerk).case_number
    assert_in_order(
        read(case_id, city.clerk, "conclusion_notice"),
        *("办结通知书", "东湖县退役军人事务联结〔2026〕000001号", "陈小川"),
        *(number, "2026年9月3日受理", "2026年11月1日办结"),
        *("退役报到", "退役军人事务部门", "准予2026年9月6日"),
        *("户口登记（退役军人恢复户口）", "公安部门", "准予", "居民户口簿", "邮寄（到付）"),
        *("机动车驾驶证换领", "公安部门", "不予办理", "2026年9月5日"),
        *("第四十四条", "东湖县退役军人事务局", "2026年11月1日"),
    )
    assert "继续办理" not in read(case_id, city.clerk, "conclusion_notice")


def test_a_denial_gives_its_reason_and_where_to_turn(city: City) -> None:
    case_id = under_way(city)
    police = city.officer("department_officer", "public_security")
    services.run(c.Deny(14, "licence_expired"), case_id=case_id, actor=police, at=day(2))
    said = read(case_id, police, "denial_decision", 14)
    assert_in_order(
        said,
        *(
            "不予办理决定书",
            "东湖县公安联不办〔2026〕000001号",
            "陈小川（身份证号：430***********0011",
        ),
        *("您于2026年9月3日申请办理的“机动车驾驶证换领”", "决定不予办理"),
        *("不予办理的理由", "军队驾驶证已过期，只能直接申请考试"),
        *("行政许可法》第三十八条第二款", "行政复议法》第二十条", "救济途径"),
        *("60日内，向东湖县人民政府申请行政复议", "6个月内", "东湖县人民法院提起行政诉讼"),
        *("地址：东湖县政务中心1楼", "0739-12345", "东湖县公安局", "2026年9月5日"),
    )
    assert FIELDS["identity_number"] not in said


# At hand-in -----------------------------------------------------------------------------------


def test_the_registration_form_has_its_ticks_and_deliveries_as_chosen(city: City) -> None:
    case_id = registered(city)
    said = read(case_id, city.clerk, "registration_form")
    assert_in_order(
        said,
        "柳城市军人退役服务事项“一件事”联办办理登记表",
        *("办件编号：LB", "表号：东湖县退役军人事务联表〔2026〕000001号"),
        *("姓名", "陈小川", "性别", "男", "政治面貌", "中共党员", "文化程度", "高中"),
        *("入伍时间", "2024年9月1日", "退伍时间", "2026年9月1日"),
        *("身份证号", FIELDS["identity_number"], "家庭住址", "柳城区沿河路12号"),
        *("申请人手机号码", "13800000001", "备用联系人电话", "13800000002"),
        *("需办理事项", "送达方式", "邮寄地址", "柳城区沿河路12号", "联系人", "陈小川"),
        *("自主就业申请", "申请人签名:陈小川", "日期:2026年9月3日"),
        *("承诺信息", "申请人签名:陈小川", "日期:2026年9月3日"),
        *("受理窗口：东湖县退役军人事务局", "登记日期：2026年9月3日", "retirement-2022"),
    )
    on, off = "(✓□|□✓)", "□(?!✓)"
    for words in (
        rf"恢复户口登记{on}身份证换领、补领{on}",
        rf"城乡居民医疗保险{off}职工医保{off}灵活就业{on}",
        rf"组织关系转入{on}机动车驾驶证换发{on}基本养老保险关系接续{on}",
        rf"户口本:{on}邮寄\(到付\){off}自行领取",
        rf"身份证:{on}邮寄\(到付\){off}自行领取",
        rf"参保缴费凭证:{off}邮寄\(到付\){off}自行领取",
        "社会保障卡：自行领取；机动车驾驶证：自行领取",
        rf"{on}退役报到",
        rf"{off}伤残抚恤转移",
    ):
        assert re.search(words, said), words


def test_a_person_without_medical_insurance_of_employees_has_the_other_box(city: City) -> None:
    draft = filled(city.clerk)
    answers = CONSCRIPT | {"medical_insurance": "resident"}
    content = replace(draft.content, answers=answers)
    draft = drafts.save(draft_id=draft.id, content=content, actor=city.clerk, at=AT)
    said = text_of(papers.form_of_draft(draft, at=AT))
    assert re.search(r"城乡居民医疗保险(✓□|□✓)职工医保□灵活就业□(?!✓)", said)


def test_the_receipt_prints_its_secret_for_the_session_that_handed_in_and_keeps_it_nowhere(
    city: City,
) -> None:
    draft = filled(city.clerk, **{CERTIFICATE: "seen"})
    receipt = hand_in.register(draft_id=draft.id, actor=city.clerk, at=AT)
    said = read(receipt.case_id, city.clerk, "receipt", secret=receipt.secret)
    assert_in_order(
        said,
        *("回执", "陈小川", "（2026年9月3日9:00）", receipt.case_number, receipt.secret),
        *("您办理的事项（共13项）", "退役报到", "退役军人事务部门", "2026年9月4日"),
        *("户口登记", "公安部门", "1个工作日", "已收材料（共1种）", "1.退出现役证件", "接下来"),
    )
    again = read(receipt.case_id, city.clerk, "receipt")
    assert receipt.secret not in again
    number = re.search(r"东湖县\w+联收〔2026〕\d+号", again)
    assert number and number.group() in said


def test_the_one_time_notice_lists_every_item_and_material(city: City) -> None:
    draft = filled(city.clerk, **{ENLISTMENT: "missing"})
    receipt = hand_in.hand_in_at_counter(draft_id=draft.id, actor=city.clerk, at=AT)
    said = read(receipt.case_id, city.clerk, "requirements_notice")
    assert_in_order(
        said,
        *("一次性告知书", "办理事项（共13项）", "退役报到", "居民身份证"),
        *("须本人到军人退役“一件事”综合窗口（指纹采集）", "10个工作日", "申请材料（共"),
        *("入伍通知书", "原件", "退役报到、一次性经济补助", "合法稳定住所证明"),
        *("目前还缺的材料（共1种）", "入伍通知书", "优化营商环境条例", "告知人：王明"),
    )


def test_an_acceptance_says_what_was_there_and_until_when(city: City) -> None:
    case_id = registered(city, **{CERTIFICATE: "seen"})
    said = read(case_id, city.clerk, "acceptance_notice")
    assert_in_order(
        said,
        *("受理通知书", "东湖县退役军人事务联受〔2026〕000001号", "您于2026年9月3日提出"),
        *("现予受理，受理日期为2026年9月3日", "退役报到", "2026年9月4日", "户口登记"),
        *("已收材料（共1种）", "退出现役证件", "东湖县退役军人事务局"),
    )


def test_silence_past_the_limit_is_told_as_what_it_is(city: City) -> None:
    case_id = submitted(city, city.applicant())
    services.run(c.PassTime(), case_id=case_id, actor=Actor.system(), at=day(30))
    said = read(case_id, city.bureau, "acceptance_notice")
    assert_in_order(said, "5个工作日内未告知补正", "受理日期为2026年9月3日")
    assert "经审查" not in said


# On the way -----------------------------------------------------------------------------------


def test_what_is_not_accepted_says_why(city: City) -> None:
    case_id = submitted(city, city.applicant())
    command = c.RefuseAcceptance(reason="not_on_roster")
    services.run(command, case_id=case_id, actor=city.head, at=day(1))
    assert_in_order(
        read(case_id, city.bureau, "non_acceptance_notice"),
        *("不予受理通知书", "联不受〔2026〕000001号", "不予受理的理由", "移交名册上没有您"),
        *("救济途径", "东湖县人民政府", "东湖县人民法院", "2026年9月4日"),
    )


def test_a_correction_lists_every_defect_once_and_each_notice_has_a_paper(city: City) -> None:
    person = city.applicant()
    case_id = submitted(city, person, **{ENLISTMENT: "missing"})
    command = c.RequestCorrection((CERTIFICATE, "home_address"))
    services.run(command, case_id=case_id, actor=city.bureau, at=day(1))
    said = read(case_id, person, "correction_notice")
    assert_in_order(
        said,
        *("补正通知书", "需要补正的内容（共3项）", "退出现役证件", "不齐全或者不符合规定形式"),
        *("补交原件1份", "家庭住址", "填写有误", "改正", "入伍通知书", "没有交"),
        *("请在2026年9月18日前补正", "综合窗口", "东湖县退役军人事务局", "2026年9月4日"),
    )


def test_a_mended_form_is_a_new_paper_and_the_old_one_stays(city: City) -> None:
    person = city.applicant()
    case_id = submitted(city, person)
    command = c.RequestCorrection(("backup_phone",))
    services.run(command, case_id=case_id, actor=city.bureau, at=day(1))
    fields = {"backup_phone": "13800000077"}
    supplies.supply(case_id=case_id, codes=(), fields=fields, actor=person, at=day(2))
    found = papers.available(view_of(case_id, person))
    links = [link for link in found if link.kind == "registration_form"]
    assert len(links) == 2
    first, second = (
        read(case_id, person, "registration_form", sequence=link.sequence) for link in links
    )
    assert FIELDS["backup_phone"] in first and "13800000077" not in first
    assert "13800000077" in second


def test_a_deferral_names_the_material_and_the_day(city: City) -> None:
    person = city.applicant()
    case_id = submitted(city, person, **{ENLISTMENT: "missing"})
    command = c.AcceptWithDeferral((ENLISTMENT,))
    services.run(command, case_id=case_id, actor=city.bureau, at=day(1))
    assert_in_order(
        read(case_id, person, "deferral_undertaking"),
        *("容缺受理承诺书", "东湖县退役军人事务局", "陈小川", "13800000001", "退役报到"),
        *("容缺材料（共1种）", "入伍通知书", "原件", "承诺人签名："),
    )


def test_an_items_correction_is_its_departments_paper(city: City) -> None:
    case_id = under_way(city)
    police = city.officer("department_officer", "public_security")
    command = c.RequestCorrection(("settlement_proof",), 3)
    services.run(command, case_id=case_id, actor=police, at=day(2))
    assert kinds(case_id, police) == [("settlement_notice", None), ("correction_notice", 3)]
    assert_in_order(
        read(case_id, police, "correction_notice", 3),
        *("东湖县公安联补〔2026〕000001号", "中的“户口登记（退役军人恢复户口）”"),
        *("合法稳定住所证明", "东湖县公安局", "2026年9月5日"),
    )


# Who, when, how often -------------------------------------------------------------------------


def test_a_paper_says_what_was_so_then_however_late_it_is_opened(city: City) -> None:
    case_id = carried_to_its_end(city)
    said = read(case_id, city.clerk, "acceptance_notice")
    assert_in_order(said, "退役报到", "2026年9月4日", "户口登记", "1个工作日")
    record = IssuedDocumentRecord.objects.get(kind="acceptance_notice")
    assert record.issued_at == AT


def test_a_paper_opened_twice_is_one_paper_and_each_opening_is_kept(city: City) -> None:
    case_id = registered(city)
    first = opened(case_id, city.clerk, "acceptance_notice")
    assert opened(case_id, city.bureau, "acceptance_notice") == first
    assert IssuedDocumentRecord.objects.count() == 1
    seen = ViewRecord.objects.filter(case_id=case_id, what__startswith="paper:acceptance_notice")
    assert [row.user_id for row in seen] == [city.clerk.user_id, city.bureau.user_id]


def test_a_department_finds_no_paper_but_its_items(city: City) -> None:
    case_id = under_way(city)
    police = city.officer("department_officer", "public_security")
    assert kinds(case_id, police) == [("settlement_notice", None)]  # addressed to it
    for kind in ("registration_form", "receipt", "requirements_notice", "acceptance_notice"):
        with pytest.raises(Refused) as caught:
            opened(case_id, police, kind)
        assert caught.value.code == "unknown_paper"
    assert not IssuedDocumentRecord.objects.exists()


def test_nothing_is_on_paper_that_did_not_happen(city: City) -> None:
    case_id = registered(city)
    for kind, item in (("denial_decision", 3), ("conclusion_notice", None), ("horse", None)):
        with pytest.raises(Refused, match="没有这份文书"):
            opened(case_id, city.clerk, kind, item)


def test_every_kind_that_can_be_set_has_an_occasion() -> None:
    beside_a_case = {"dossier_return_letter", "dossier_labels", "posting_labels"}
    assert set(paper_contents.BUILDERS) == set(render.REGISTRY.values()) - beside_a_case


# Before there is a case -----------------------------------------------------------------------


def test_a_half_filled_form_prints_for_the_counter(city: City) -> None:
    draft = drafts.start(district="439901", actor=city.clerk, at=AT)
    fields = {"name": "𠮷田一郎", "enlisted_date": "yesterday", "identity_number": "12"}
    content = Content(answers={"rank": "conscript"}, fields=fields)
    draft = drafts.save(draft_id=draft.id, content=content, actor=city.clerk, at=AT)
    said = text_of(papers.form_of_draft(draft, at=AT))
    assert_in_order(
        said, "柳城市军人退役服务事项", "姓名", "𠮷田一郎", "入伍时间", "年月日", "身份证号", "12"
    )
    empty = drafts.save(draft_id=draft.id, content=Content(), actor=city.clerk, at=AT)
    assert "✓" not in text_of(papers.form_of_draft(empty, at=AT))


def test_what_lacks_is_told_before_anything_is_handed_in(city: City) -> None:
    draft = filled(city.clerk, **{ENLISTMENT: "missing", CERTIFICATE: "seen"})
    said = text_of(papers.requirements_of_draft(draft, given_by="王明", at=AT))
    assert_in_order(said, "一次性告知书", "陈小川", "目前还缺的材料（共1种）", "入伍通知书", "王明")


def test_a_second_notice_says_why_the_first_could_not_and_both_carry_their_digests() -> None:
    city = with_offices()
    case_id = under_way(city)
    police = city.officer("department_officer", "public_security")
    ask = c.RequestCorrection(("settlement_proof",), 3)
    services.run(ask, case_id=case_id, actor=police, at=day(2))
    first = read(case_id, city.bureau, "correction_notice", 3)
    services.run(c.Correct(("settlement_proof",), 3), case_id=case_id, actor=city.clerk, at=day(3))
    services.run(ask, case_id=case_id, actor=police, at=day(4))
    second = read(case_id, city.bureau, "correction_notice", 3)
    assert "上次告知" not in first and "第1次告知" in first
    assert "上次告知以后补来的这一份还不对" in second and "第2次告知" in second
    entries = JournalEntry.objects.filter(case_id=case_id, event="CorrectionRequested")
    for notice, entry in zip((first, second), entries.order_by("sequence"), strict=True):
        assert json.loads(entry.body)["digest"] in notice.replace("\u200b", "")
