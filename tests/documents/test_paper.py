"""Every document, set and read back from its own file."""

import io
import re
from datetime import UTC, datetime

import pytest
from pypdf import PdfReader

from lianban.documents import content, delivery_content, render
from tests.documents import samples


def read_back(document: content.Document) -> str:
    """Return the file's text without white space, which only the layout made."""
    reader = PdfReader(io.BytesIO(render.render(document)))
    return re.sub(r"\s+", "", "".join(page.extract_text() for page in reader.pages))


def assert_in_order(text: str, *phrases: str) -> None:
    """Assert that each phrase comes after the one before it."""
    at = 0
    for phrase in phrases:
        found = text.find(phrase, at)
        assert found >= 0, f"{phrase!r} is missing after {text[max(0, at - 30) : at]!r}"
        at = found + len(phrase)


def test_the_registration_form_has_the_plan_forms_words_in_their_order() -> None:
    assert_in_order(
        read_back(samples.FORM),
        "清源市军人退役服务事项“一件事”联办办理登记表",
        *("基本信息", "姓名", "赵建国", "性别", "男", "政治面貌", "共青团员", "文化程度"),
        *("入伍时间", "2024年9月1日", "退伍时间", "2026年9月1日"),
        *("身份证号", "11010519491231002X", "家庭住址", "申请人手机号码", "备用联系人电话"),
        *("需办理事项", "退役接收", "恢复户口登记", "身份证换领、补领"),
        *("医保参保(城乡居民医疗保险", "职工医保", "灵活就业", "党(团)员组织关系转入"),
        *("机动车驾驶证换发", "基本养老保险关系接续", "其他联办事项", "退役报到"),
        *("送达方式", "户口本:", "邮寄(到付)", "自行领取(持旧户口本到户籍地派出所领取)"),
        *("身份证:", "邮寄(到付)", "自行领取(持旧户口本到户籍地派出所领取)"),
        *("参保缴费凭证:", "邮寄(到付)", "自行领取", "社会保障卡：电子送达"),
        *("邮寄地址", "联系人", "李秀兰", "联系电话", "自主就业申请"),
        "本人要求自主就业,申请领取自主就业一次性经济补助金。",
        *("申请人签名:赵建国", "日期:2026年9月14日", "承诺信息"),
        "本人核对填写内容正确无误并承诺以上信息真实有效,愿意自行承担相关事宜引发的法律责任。",
        *("申请人签名:赵建国", "日期:2026年9月14日"),
    )


def test_only_the_chosen_boxes_of_the_form_are_ticked() -> None:
    text = read_back(samples.FORM)
    assert re.search(r"恢复户口登记(✓□|□✓)", text)
    assert re.search(r"身份证换领、补领□医保参保", text)
    assert re.search(r"户口本:(✓□|□✓)邮寄\(到付\)□自行领取", text)
    assert re.search(r"参保缴费凭证:□邮寄\(到付\)□自行领取", text)
    assert text.count("✓") == 5


def test_a_blank_form_prints_for_the_counter_on_one_page() -> None:
    blank = content.RegistrationForm(office="", issued_at=samples.AT, city="清源市")
    pages = PdfReader(io.BytesIO(render.render(blank))).pages
    text = re.sub(r"\s+", "", pages[0].extract_text())
    assert len(pages) == 1
    assert "✓" not in text
    assert_in_order(text, "入伍时间年月日", "申请人签名:日期:年月日")


def test_a_tick_without_a_box_is_refused() -> None:
    with pytest.raises(ValueError, match="no box named horse"):
        content.RegistrationForm(office="", issued_at=samples.AT, ticked=frozenset({"horse"}))


@pytest.mark.parametrize("name", sorted(content.FORM_BOXES))
def test_every_box_named_in_the_content_is_printed_by_the_form(name: str) -> None:
    form = content.RegistrationForm(office="", issued_at=samples.AT, ticked=frozenset({name}))
    assert read_back(form).count("✓") == 1


NOTICES = {
    samples.REQUIREMENTS: (
        *("一次性告知书", "清退役联受〔2026〕000123号", "赵建国", "退役报到", "核发居民身份证"),
        *("须本人到场采集指纹", "10个工作日", "1", "入伍通知书", "原件", "2", "二寸彩色免冠照片"),
        *("目前还缺的材料", "还差2张", "行政许可法", "告知人：窗口工作人员陈晓"),
    ),
    samples.ACCEPTANCE: (
        *("受理通知书", "赵建国", "2026年9月13日", "TY2026091400012-7", "行政许可法", "受理"),
        *("退役报到", "2026年9月15日", "2027年1月4日(暂定)", "入伍通知书", "退出现役证件"),
    ),
    samples.NON_ACCEPTANCE: (
        *("不予受理通知书", "赵建国", "退役报到", "不属于本机关职权范围", "邻江市退役军人事务局"),
        *("60日", "清源市人民政府", "行政复议", "6个月", "临江县人民法院", "行政诉讼"),
    ),
    samples.CORRECTION: (
        *("补正通知书", "户口登记", "共2项", "1", "住所证明", "缺第2页", "补交完整原件"),
        *("2", "联系人电话", "改成11位号码", "2026年9月21日", "综合窗口", "视为撤回本项申请"),
    ),
    samples.DEFERRAL: (
        *("容缺受理承诺书", "赵建国", "1101**********002X", "13800000000", "退役士兵教育培训"),
        *("二寸彩色免冠照片", "4张", "2026年9月28日", "承担终止办理的后果", "承诺人签名：赵建国"),
    ),
    samples.DENIAL: (
        *("不予办理决定书", "赵建国", "一次性经济补助给付", "安置方式为安排工作"),
        *("补助发给选择自主就业的退役士兵", "行政许可法", "60日", "清源市人民政府"),
        *("行政复议", "6个月", "临江县人民法院", "临江县法院路6号", "行政诉讼"),
    ),
    samples.SETTLEMENT: (
        *("落户通知书", "临江县公安局", "赵建国", "11010519491231002X", "2026年9月1日"),
        *("柳林路18号501室", "请予办理户口登记", "有效期至2026年10月14日"),
    ),
    samples.RETURN: (
        *("档案退回补充函", "移交本档案的单位", "赵建国", "110***********002X", "D-ABCDE-12345"),
        *("共2项", "1", "士兵登记表", "2", "退役审批材料", "体检表只有复印件", "请附本函复印件"),
    ),
    samples.CONCLUSION: (
        *("办结通知书", "赵建国", "2026年9月14日受理", "退役报到", "准予", "2026年9月15日"),
        *("报到回执", "自行领取", "继续办理的事项", "伤残抚恤关系转移审查"),
    ),
    samples.AMOUNT: (
        *("自主就业一次性经济补助核定表", "赵建国", "1101**********002X", "2024年9月1日"),
        *("怎样退出现役：正常退役", "滞留部队的天数：10天（档案记载）", "本人账户，尾号0018"),
        *("服役时间", "2年", "兵役法第二十九条", "4,500.00元", "外地公布（标准待本市确认）"),
        *("核定金额", "¥9,000.00", "大写", "人民币玖仟元整", "以本市确认的为准"),
        *("核算人：王经办", "复核人：李复核", "2026年9月12日", "2026年9月13日"),
    ),
    samples.RECEIPT: (
        *("军人退役“一件事”联办回执", "赵建国", "2026年9月14日10:30", "TY2026091400012-7"),
        *("查询码", "7KQ4-M2XD", "退役报到", "2026年9月15日", "接下来", "公安部门办户口"),
    ),
}


@pytest.mark.parametrize(("notice", "phrases"), NOTICES.items(), ids=lambda v: type(v).__name__)
def test_a_notice_says_what_it_must_in_order(
    notice: content.Document, phrases: tuple[str, ...]
) -> None:
    assert_in_order(
        read_back(notice),
        *phrases,
        *("7Q2M9XK4TB0VHC3D", "清源市临江县退役军人事务局", "2026年9月14日", "第1页共"),
    )


@pytest.mark.parametrize("document", samples.EVERY, ids=lambda v: type(v).__name__)
def test_every_document_has_a_place_for_the_seal_and_page_numbers(
    document: content.Document,
) -> None:
    text = read_back(document)
    is_paper = not isinstance(document, delivery_content.PostingLabels)
    assert ("印章位置" in text) is is_paper
    assert re.search(r"第1页共\d页", text)


@pytest.mark.parametrize("document", samples.EVERY, ids=lambda v: type(v).__name__)
def test_every_document_is_archival_and_accessible_and_says_what_it_is(
    document: content.Document,
) -> None:
    reader = PdfReader(io.BytesIO(render.render(document)))
    metadata = reader.xmp_metadata
    assert metadata is not None
    marks = metadata.stream.get_data().decode()
    assert re.search(r"pdfaid:part>2<", marks)
    assert re.search(r"pdfaid:conformance>A<", marks)
    assert re.search(r"pdfuaid:part>1<", marks)
    assert reader.metadata is not None
    assert reader.metadata.title
    assert reader.metadata.author == "清源市临江县退役军人事务局"
    assert str(reader.trailer["/Root"]["/Lang"]).startswith("zh")
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]


def test_dates_are_told_in_chinese_time() -> None:
    night = samples.nameless(samples.DENIAL, issued_at=datetime(2026, 9, 14, 16, 30, tzinfo=UTC))
    assert "2026年9月15日" in read_back(night)


def test_the_same_content_gives_the_same_bytes() -> None:
    for document in samples.EVERY:
        assert render.render(document) == render.render(document)


def test_form_acceptance_conclusion_and_receipt_name_the_plans_edition() -> None:
    for document in (samples.FORM, samples.ACCEPTANCE, samples.CONCLUSION, samples.RECEIPT):
        assert_in_order(read_back(document), "retirement-2022", "3f9a21c8")


def test_an_acceptance_of_thirteen_items_fits_one_page() -> None:
    line = content.ItemLine(
        name="基本医疗保险参保和变更登记",
        department="人力资源和社会保障部门",
        due_date=samples.AT.date(),
        is_provisional=True,
    )
    notice = samples.nameless(samples.ACCEPTANCE, items=(line,) * 13)
    assert len(PdfReader(io.BytesIO(render.render(notice))).pages) == 1


def test_every_kind_of_document_is_tried_here() -> None:
    assert {type(document) for document in samples.EVERY} == set(render.REGISTRY)


def test_a_moment_without_a_time_zone_is_refused() -> None:
    naive = samples.nameless(samples.DENIAL, issued_at=samples.AT.replace(tzinfo=None))
    with pytest.raises(ValueError, match="time zone"):
        render.render(naive)
