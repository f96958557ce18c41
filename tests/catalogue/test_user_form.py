"""The materials, the registration form and the words, held against the city's document."""

import re

from lianban.catalogue.model import Edition
from tests.catalogue.document import plain

MATERIALS = [
    ("入伍通知书", "original", 1),
    ("退出现役证件", "original", 1),
    ("退出现役行政介绍信", "original", 1),
    ("接收安置通知书", "original", 1),
    ("申请人居民身份证", "original", 1),
    ("合法稳定住所证明,或拟入户居民户口簿和直系亲属关系证明", "original", 1),
    ("军人退役基本养老保险关系转移接续信息表", "original", 1),
    ("军人退役基本养老保险参保缴费凭证", "original", 1),
    ("军人职业年金缴费凭证", "original", 1),
    ("军人退役医疗保险个人账户转移凭证或义务兵退役医疗保险转移凭证", "original", 1),
    ("二寸彩色免冠照片", "photo", 4),
    ("党员组织关系介绍信", "original", 1),
    ("团员组织关系介绍信", "original", 1),
    ("残疾军人证或者移交政府安置的证明", "original", 1),
    ("服役期间负伤时部队医院完整的住院病历", "copy", 1),
    ("伤残抚恤关系转移审查个人书面申请", "original", 1),
]

SERVES = [
    [1, 8],
    [1, 2, 3, 5, 6, 8, 9, 10, 14],
    [1],
    [1],
    [1, 3, 4, 8, 9, 11, 12, 13, 14],
    [3],
    [5],
    [5],
    [5],
    [6],
    [1, 9, 11],
    [7],
    [7],
    [10],
    [10],
    [10],
]


def test_the_sixteen_materials_have_the_document_s_names_forms_and_numbers(plan: Edition) -> None:
    asked = [m for m in plan.materials if m.items]
    assert [(plain(m.name), m.form, m.copies) for m in asked] == MATERIALS
    assert {m.issuer for m in asked} == {"本人提供"}


def test_each_material_serves_its_items(plan: Edition) -> None:
    asked = [m for m in plan.materials if m.items]
    found = [[plan.by_code[code].number for code in m.items] for m in asked]
    assert found == SERVES


def test_vouchers_and_letters_may_come_with_the_dossier(plan: Edition) -> None:
    found = [m.code for m in plan.materials if m.may_arrive_with == "dossier_received"]
    assert found == [
        "pension_transfer_form",
        "pension_payment_voucher",
        "annuity_payment_voucher",
        "medical_transfer_voucher",
        "party_letter",
        "league_letter",
    ]


def test_main_materials_are_never_deferred(plan: Edition) -> None:
    deferrable = [m.code for m in plan.materials if m.deferrable]
    assert deferrable == ["enlistment_notice", "photo", "hospital_record"]


def test_the_registration_form_asks_what_the_document_asks_in_its_words(plan: Edition) -> None:
    asked = [f.label for f in plan.fields if f.section in ("basic", "service", "contact")]
    printed = [
        "姓名",
        "性别",
        "政治面貌",
        "文化程度",
        "入伍时间",
        "退伍时间",
        "身份证号",
        "家庭住址",
        "申请人手机号码",
        "备用联系人电话",
    ]
    assert set(printed) <= set(asked)
    assert {"邮寄地址", "联系人", "联系电话"} <= {
        f.label for f in plan.fields if f.section == "delivery"
    }
    titles = [section.title for section in plan.sections]
    assert {"基本信息", "送达方式", "自主就业申请", "承诺信息"} <= set(titles)


def test_delivery_is_offered_in_the_form_s_words_with_its_copied_note(plan: Edition) -> None:
    offered = {
        f.label: [plain(choice.label) for choice in f.choices]
        for f in plan.fields
        if f.label in ("户口本", "身份证", "参保缴费凭证")
    }
    note = "自行领取(持旧户口本到户籍地派出所领取)"
    assert offered == {
        "户口本": ["邮寄(到付)", note],
        "身份证": ["邮寄(到付)", note],
        "参保缴费凭证": ["邮寄(到付)", "自行领取"],
    }


def test_the_two_statements_stand_word_for_word(plan: Edition) -> None:
    words = plan.wording["form"]
    assert plain(words["title"]) == "军人退役服务事项“一件事”联办办理登记表"
    employment = "本人要求自主就业,申请领取自主就业一次性经济补助金。"
    commitment = (
        "本人核对填写内容正确无误并承诺以上信息真实有效,愿意自行承担相关事宜引发的法律责任。"
    )
    assert plain(words["employment_statement"]) == employment
    assert plain(words["commitment_statement"]) == commitment
    signed = {f.code: plain(f.help) for f in plan.fields if f.label == "申请人签名"}
    assert signed == {
        "self_employment_signature": employment,
        "commitment_signature": commitment,
    }


def test_the_form_s_tick_boxes_keep_their_words_and_order(plan: Edition) -> None:
    boxes = [plain(v) for k, v in plan.wording["form"].items() if k.startswith("box_")]
    assert boxes == [
        "退役接收",
        "恢复户口登记",
        "身份证换领、补领",
        "医保参保",
        "城乡居民医疗保险",
        "职工医保",
        "灵活就业",
        "党(团)员组织关系转入",
        "机动车驾驶证换发",
        "基本养老保险关系接续",
    ]


def test_nothing_is_asked_twice(either: Edition) -> None:
    plan = either
    keys = {question.key for question in plan.questions}
    repeats = [f.code for f in plan.fields if f.code in keys and f.question != f.code]
    assert repeats == []
    computed = {f.code: f.derived_from for f in plan.fields if f.derived_from}
    assert computed["birth_date"] == computed["sex"] == "identity_number"


def test_what_the_form_lacks_is_never_compulsory_online(either: Edition) -> None:
    assert [f.code for f in either.fields if f.full_element and f.required] == []


def test_personal_facts_are_marked_and_seen_only_where_they_are_needed(either: Edition) -> None:
    fields = {f.code: f for f in either.fields}
    marked = {"identity_number", "mobile", "phone", "address", "account"}
    plain_fields = [f.code for f in fields.values() if f.type in marked and not f.sensitive]
    assert plain_fields == []
    assert fields["bank_account"].items == ("one_time_subsidy",)
    medical = [f for f in fields.values() if f.code.startswith("disability_") and f.sensitive]
    assert len(medical) >= 4
    assert {f.items for f in medical} == {("disability_transfer",)}
    readers = set(fields["political_status"].items)
    assert readers == {"report_in", "party_league_transfer"}


def test_no_field_asks_for_a_unit(either: Edition) -> None:
    labels = " ".join(f.label for f in either.fields)
    assert not re.search("部队名称|番号|代号|部别|所在部队", labels)


def test_every_result_with_a_choice_of_ways_is_chosen_once(either: Edition) -> None:
    plan = either
    chosen = [code for f in plan.fields for code in f.delivers]
    several = [i.code for i in plan.items if i.result and len(i.result.delivery) > 1]
    assert sorted(chosen) == sorted(several)


def test_departments_and_partners(either: Edition) -> None:
    found = {d.code: (d.offices, d.connects_by) for d in either.departments}
    assert found == {
        "veterans_affairs": ("district", "desk"),
        "armed_forces": ("district", "adapter"),
        "public_security": ("district", "adapter"),
        "human_resources": ("district", "adapter"),
        "medical_insurance": ("district", "adapter"),
        "party_organisation": ("district", "adapter"),
        "youth_league": ("district", "adapter"),
        "education": ("district", "desk"),
        "taxation": ("none", "none"),
        "data_resources": ("city", "none"),
        "bank": ("none", "adapter"),
        "courier": ("none", "adapter"),
        "sms": ("none", "adapter"),
    }
    assert all(d.duties for d in either.departments)


def test_the_counter_also_takes_what_the_document_promises(plan: Edition) -> None:
    assert [(e.code, e.department) for e in plan.enquiries] == [("schooling", "education")]
    taken = set(plan.wording["counter"].values())
    assert {
        "学历再提升教育申请",
        "职业技能培训申请",
        "城乡居民基本医疗保险参保登记及缴费",
        "子女教育、入学入托政策咨询",
    } <= taken
    assert "税务部门" in plan.wording["counter"]["flexible_insurance_goes_to"]


def test_both_editions_say_the_same_things_in_their_words(plan: Edition, later: Edition) -> None:
    assert {f: set(words) for f, words in plan.wording.items()} == {
        f: set(words) for f, words in later.wording.items()
    }


def test_notices_use_only_known_placeholders(either: Edition) -> None:
    known = (
        "case_number city district item department date materials count result reason window phone "
        "place purpose time items opened days"
    )
    words = either.wording
    used = {p for text in words["notices"].values() for p in re.findall(r"\{(\w+)\}", text)}
    assert used <= set(known.split())
    for file in set(words) - {"notices"}:
        assert not [text for text in words[file].values() if "{" in text], file


def test_words_for_people_are_plain(either: Edition) -> None:
    plan = either
    spoken = [t.text for i in plan.items for t in (*i.why_not, *i.notes)]
    spoken += [i.why for i in plan.items] + [
        f.help for f in plan.fields if "signature" not in f.code
    ]
    spoken += [v for k, v in plan.wording["notices"].items() if k.startswith("message_")]
    spoken += list(plan.wording["landing"].values())
    stiff = [text for text in spoken if re.search("请知悉|贵|予以|相关|[,;:!?()]", text)]
    assert stiff == []
