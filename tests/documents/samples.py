"""Invented people and papers for the tests of the documents room."""

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import Any

from lianban.documents import content, delivery_content, dossier_content, qr

AT = datetime(2026, 9, 14, 10, 30, tzinfo=timezone(timedelta(hours=8)))
CODE = "7Q2M9XK4TB0VHC3D"
SHEET: dict[str, Any] = {
    "office": "清源市临江县退役军人事务局",
    "issued_at": AT,
    "case_number": "TY2026091400012-7",
    "edition": "retirement-2022（3f9a21c8）",
    "office_address": "临江县政务服务中心一楼综合窗口",
    "office_phone": "12345",
    "number": "清退役联受〔2026〕000123号",
    "verification_url": f"https://yijianshi.example/verify/{CODE}",
}
NOTICE: dict[str, Any] = {
    **SHEET,
    "addressee": "赵建国",
    "identity_number": "1101**********002X",
    "legal_bases": ("《中华人民共和国行政许可法》第三十二条",),
}
REMEDIES = content.Remedies(
    review_body="清源市人民政府",
    review_address="清源市人民路1号",
    court="临江县人民法院",
    court_address="临江县法院路6号",
)
SIGNED = content.Signature(name="赵建国", signed_date=date(2026, 9, 14))
FORM = content.RegistrationForm(
    **SHEET,
    city="清源市",
    name="赵建国",
    gender="男",
    political_status="共青团员",
    education="大学专科",
    enlisted_date=date(2024, 9, 1),
    discharged_date=date(2026, 9, 1),
    identity_number="11010519491231002X",
    home_address="临江县望江街道柳林路18号501室",
    phone="13800000000",
    backup_phone="13900000000",
    ticked=frozenset({"household_registration", "medical_insurance_flexible"}),
    other_items=(
        content.TickBox(label="退役报到", is_ticked=True),
        content.TickBox(label="预备役登记"),
    ),
    household_book_delivery="courier",
    identity_card_delivery="pick_up",
    other_deliveries=(content.DeliveryChoice(result="社会保障卡", way="electronic"),),
    postal_address="临江县望江街道柳林路18号501室",
    recipient="李秀兰",
    recipient_phone="13900000000",
    self_employment_signature=SIGNED,
    commitment_signature=SIGNED,
)
LINES = (
    content.ItemLine(name="退役报到", department="退役军人事务部门", due_date=date(2026, 9, 15)),
    content.ItemLine(
        name="核发居民身份证",
        department="公安部门",
        due_date=date(2027, 1, 4),
        is_provisional=True,
        note="须本人到场采集指纹",
    ),
    content.ItemLine(name="社会保险登记", department="人社部门", time_limit="10个工作日"),
)
REQUIREMENTS = content.RequirementsNotice(
    **NOTICE,
    items=LINES,
    materials=(
        content.MaterialLine(name="入伍通知书", form="原件", copies=1, serves=("退役报到",)),
        content.MaterialLine(name="二寸彩色免冠照片", copies=4, serves=("退役报到",)),
    ),
    missing=("二寸彩色免冠照片（还差2张）",),
    given_by="窗口工作人员陈晓",
)
ACCEPTANCE = content.AcceptanceNotice(
    **NOTICE,
    applied_date=date(2026, 9, 13),
    items=LINES,
    received_materials=("入伍通知书", "退出现役证件"),
)
NON_ACCEPTANCE = content.NonAcceptanceNotice(
    **NOTICE,
    matters=("退役报到",),
    reason="安置地为邻江市，不属于本机关职权范围。",
    right_authority="邻江市退役军人事务局",
    right_authority_phone="12345",
    remedies=REMEDIES,
)
CORRECTION = content.CorrectionNotice(
    **NOTICE,
    items=("户口登记",),
    defects=(
        content.Defect(subject="住所证明", problem="缺第2页", remedy="补交完整原件"),
        content.Defect(subject="联系人电话", problem="只有10位", remedy="改成11位号码"),
    ),
    due_date=date(2026, 9, 21),
    submit_to="综合窗口",
    consequence="到期没有补正的，视为撤回本项申请。",
)
DEFERRAL = content.DeferralUndertaking(
    **NOTICE,
    items=("退役士兵教育培训",),
    deferred=(
        content.DeferredLine(name="二寸彩色免冠照片", form="4张", due_date=date(2026, 9, 28)),
    ),
    consequence="到期没有补交的，愿意承担终止办理的后果。",
    phone="13800000000",
    signature=SIGNED,
)
DENIAL = content.DenialDecision(
    **NOTICE,
    item="一次性经济补助给付",
    facts="安置方式为安排工作。",
    reason="补助发给选择自主就业的退役士兵。",
    remedies=REMEDIES,
)
CONCLUSION = content.ConclusionNotice(
    **NOTICE,
    accepted_date=date(2026, 9, 14),
    items=(
        content.ConcludedLine(
            name="退役报到",
            department="退役军人事务部门",
            outcome="准予",
            ended_date=date(2026, 9, 15),
            result="报到回执",
            delivery="自行领取",
        ),
    ),
    going_on=("伤残抚恤关系转移审查",),
)
RECEIPT = content.Receipt(
    **NOTICE,
    submitted_at=AT,
    items=LINES,
    materials=("入伍通知书",),
    next_steps=("公安部门办户口，办好后告诉您。",),
    my_case_url="https://yijianshi.example/my/8c1f0e52",
    query_code="7KQ4-M2XD",
)
AMOUNT = content.AmountAssessment(
    **NOTICE,
    subject="自主就业一次性经济补助",
    item="自主就业退役士兵一次性经济补助给付",
    enlisted_date=date(2024, 9, 1),
    discharged_date=date(2026, 9, 11),
    established=("怎样退出现役：正常退役",),
    not_counted="滞留部队的天数：10 天（档案记载）",
    steps=(
        content.AmountStep(label="服役时间", value="2 年", source="兵役法 第二十九条"),
        content.AmountStep(
            label="标准", value="义务兵，每年 4,500.00 元", source="外地公布", is_verified=False
        ),
        content.AmountStep(label="算式", value="4,500.00 × 2 = 9,000.00 元"),
    ),
    amount="9,000.00",
    amount_in_words="玖仟元整",
    unverified="上表注明“标准待本市确认”的，以本市确认的为准。",
    account="本人账户，尾号 0018",
    computed_by=content.Signature(name="王经办", signed_date=date(2026, 9, 12)),
    approved_by=content.Signature(name="李复核", signed_date=date(2026, 9, 13)),
)
DELIVERY_RECORD = delivery_content.DeliveryRecord(
    **NOTICE,
    item="户口登记",
    result="居民户口簿",
    result_number="清公户〔2026〕7 号",
    result_date=date(2026, 9, 12),
    result_office="清源县公安局",
    handed_over_at=AT,
    handed_over_by="王明",
    way="当面交付",
    signature=SIGNED,
)
POSTING_LABELS = delivery_content.PostingLabels(
    **SHEET,
    batch="YJ20260914-110101-01",
    labels=(
        delivery_content.PostingLabel(
            name="赵建国",
            phone="13800000000",
            address="清源县沿河路 12 号",
            contents="居民户口簿",
            case_number="LB20260914000001X",
            qr=qr.svg("LB20260914000001X"),
        ),
    ),
)
SETTLEMENT = dossier_content.SettlementNotice(
    **{**NOTICE, "addressee": "临江县公安局", "identity_number": ""},
    person="赵建国",
    person_number="11010519491231002X",
    discharged_date=date(2026, 9, 1),
    home_address="临江县望江街道柳林路18号501室",
    lead="上述同志已在本机关办理报到和接收，请予办理户口登记。",
    validity="本通知书自出具之日起 30 日内有效。",
    valid_until=date(2026, 10, 14),
)
RETURN = dossier_content.DossierReturnLetter(
    **{**NOTICE, "addressee": "移交本档案的单位", "identity_number": ""},
    person="赵建国",
    person_masked="110***********002X",
    dossier_number="D-ABCDE-12345",
    missing=("士兵登记表", "退役审批材料"),
    remark="体检表只有复印件",
    lead="下列同志的档案缺少以下材料，现予退回。",
    closing="再次移交时请附本函复印件。",
)
DOSSIER_LABELS = dossier_content.DossierLabels(
    **SHEET,
    district="临江县",
    labels=(
        dossier_content.DossierLabel(
            name="赵建国",
            masked="110***********002X",
            code="D-ABCDE-12345",
            qr=qr.svg("D-ABCDE-12345"),
        ),
    ),
)
EVERY = (
    SETTLEMENT,
    RETURN,
    DOSSIER_LABELS,
    AMOUNT,
    FORM,
    REQUIREMENTS,
    ACCEPTANCE,
    NON_ACCEPTANCE,
    CORRECTION,
    DEFERRAL,
    DENIAL,
    CONCLUSION,
    RECEIPT,
    DELIVERY_RECORD,
    POSTING_LABELS,
)


def nameless(document: content.Document, **changes: Any) -> content.Document:
    """Return the document with some fields changed."""
    return replace(document, **changes)
