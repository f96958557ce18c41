"""The items of the plan, held against the city's document and what was resolved about it."""

from datetime import date
from pathlib import Path

from lianban.catalogue import calendar, check, condition, load, situation, source
from lianban.catalogue.model import Edition, Item, TimeLimit
from tests.catalogue.document import plain

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "policy"


def limits(item: Item) -> list[TimeLimit]:
    return [limit for limit in (item.pledged, item.statutory, *item.personal) if limit]


NAMES = [
    "退役报到",
    "预备役登记",
    "户口登记(退役军人恢复户口)",
    "核发居民身份证",
    "军人退役基本养老保险关系(含职业年金)转移接续",
    "基本医疗保险关系转移接续",
    "军人退役党(团)组织关系转接",
    "自主就业退役士兵一次性经济补助给付",
    "退役士兵教育培训",
    "军人退役伤残抚恤关系转移审查",
    "军人退役社会保障卡申领",
    "社会保险登记",
    "基本医疗保险参保和变更登记",
    "机动车驾驶证换领",
    "军地养老保险关系转移接续",
]

CODES = [
    "report_in",
    "reserve_registration",
    "household_registration",
    "identity_card",
    "pension_transfer",
    "medical_transfer",
    "party_league_transfer",
    "one_time_subsidy",
    "training",
    "disability_transfer",
    "social_security_card",
    "social_insurance",
    "medical_insurance",
    "driving_licence",
    "other_pension_transfer",
]


def test_the_fifteen_items_have_the_names_of_the_document(plan: Edition) -> None:
    assert [plain(item.name) for item in plan.items] == NAMES
    assert [item.number for item in plan.items] == list(range(1, 16))


def test_the_items_keep_their_codes_in_both_editions(either: Edition) -> None:
    assert [item.code for item in either.items] == CODES
    assert all(len(item.short_name) <= 7 for item in either.items)


def test_each_item_is_decided_by_the_department_of_the_document(plan: Edition) -> None:
    words = {item.number: plan.department_names[item.departments[0]] for item in plan.items}
    bureau, police, labour = "退役军人事务部门", "公安部门", "人力资源和社会保障部门"
    assert words == {
        **dict.fromkeys((1, 8, 9, 10), bureau),
        **dict.fromkeys((3, 4, 14), police),
        **dict.fromkeys((5, 6, 11, 12, 15), labour),
        2: "人武部门",
        7: "组织部门",
        13: "医保部门",
    }
    assert plan.item(7).departments == ("party_organisation", "youth_league")


def test_prerequisites_are_those_of_the_document_with_its_circles_resolved(plan: Edition) -> None:
    numbers = {item.code: item.number for item in plan.items}
    found = {item.number: [numbers.get(r, r) for r in item.requires] for item in plan.items}
    assert found == {
        1: [],
        **{n: ["reception"] for n in (2, 3, 7, 8, 9, 10, 14)},
        4: [3],
        5: [12],
        6: [3, 13],
        11: [5, 6],
        12: [3],
        13: [3],
        15: [12],
    }
    reached = {m.code: (m.command, m.requires) for m in plan.milestones}
    assert reached == {
        "reception": ("register_reception", ("report_in", "dossier_received")),
        "dossier_received": ("receive_dossier", ()),
    }


def test_the_counter_batches_and_the_online_channel_pre_reviews(plan: Edition) -> None:
    counter, online = plan.channels["counter"], plan.channels["online"]
    assert (counter.enabled, counter.pre_review, counter.dispatch) == (True, False, "batch")
    assert (online.enabled, online.pre_review, online.dispatch) == (True, True, "immediate")


def test_the_counter_may_decide_the_report_and_what_the_armed_forces_entrust(plan: Edition) -> None:
    assert [item.number for item in plan.items if item.entrusted_to_counter] == [1, 2]


def test_long_tails_may_be_split_off(plan: Edition) -> None:
    assert [item.number for item in plan.items if item.may_split_off] == [5, 6, 10, 14, 15]


def test_the_literal_table_is_refused_and_its_circles_named() -> None:
    read = source.read(FIXTURES / "literal")
    findings = check.full(read, load.build(read))
    loops = [f.items for f in findings if f.code == "self_prerequisite"]
    assert loops == [(12,), (13,), (15,)]
    [stuck] = [f for f in findings if f.code == "unreachable"]
    assert (stuck.items, stuck.because) == ((5, 11), (12,))
    assert len(findings) == 4
    assert all(f.line == 7 and f.file and f.file.startswith("items/") for f in findings)


def test_no_limit_is_verified_before_the_city_confirms_it(either: Edition) -> None:
    found = [limit for item in either.items for limit in limits(item)]
    assert len(found) == 15 + 3 + 4
    assert all(limit.source and not limit.verified for limit in found)


def test_pledged_days_and_the_start_of_their_clocks(either: Edition) -> None:
    pledged = {i.number: (i.pledged.days, i.pledged.starts) for i in either.items if i.pledged}
    assert pledged == {
        1: (1, "ready"),
        2: (5, "dispatch"),
        3: (1, "dispatch"),
        4: (10, "dispatch"),
        5: (15, "funds_arrived"),
        6: (15, "dispatch"),
        7: (10, "dispatch"),
        8: (20, "ready"),
        9: (5, "ready"),
        10: (60, "ready"),
        11: (10, "dispatch"),
        12: (10, "dispatch"),
        13: (10, "dispatch"),
        14: (1, "dispatch"),
        15: (15, "funds_arrived"),
    }
    assert {i.pledged.counts for i in either.items if i.pledged} == {"working"}


def test_statutory_and_personal_limits_with_their_articles(either: Edition) -> None:
    plan = either
    statutory = {
        i.number: (i.statutory.days, i.statutory.counts) for i in plan.items if i.statutory
    }
    assert statutory == {4: (60, "natural"), 12: (10, "working"), 13: (10, "working")}
    personal = [
        (i.number, limit.days, limit.counts, limit.since, limit.source)
        for i in plan.items
        for limit in i.personal
    ]
    assert personal == [
        (1, 30, "natural", "discharge_date", "退役军人安置条例 第五十一条"),
        (2, 40, "natural", "discharge_date", "兵役法 第十七条"),
        (2, 30, "natural", "placement_fixed_date", "兵役法 第十七条"),
        (10, 60, "natural", "discharge_date", "军人抚恤优待条例 第三十条"),
    ]


def test_while_an_item_waits_somebody_looks_again(either: Edition) -> None:
    ten = {i.number for i in either.items if i.review_days == 10}
    assert ten == {1, 2, 3, 4, 11, 12, 13}
    assert {i.review_days for i in either.items} == {10, 20}


def test_only_three_items_ever_need_the_person(either: Edition) -> None:
    found = {i.number: [(p.place, p.why, p.counted) for p in i.presence] for i in either.items}
    assert {number: where for number, where in found.items() if where} == {
        1: [("counter", "originals", True)],
        4: [("counter", "fingerprints", True)],
        14: [("vehicle_office", "examination", False)],
    }


def test_results_and_the_ways_they_are_delivered(plan: Edition) -> None:
    found = {i.number: (i.result.name, i.result.delivery) for i in plan.items if i.result}
    card = ("courier", "pick_up")
    transfer = ("转入告知", ("electronic", "courier", "pick_up"))
    assert found == {
        1: ("报到回执、落户通知书", ("pick_up",)),
        2: ("登记结果", ("electronic",)),
        3: ("居民户口簿", card),
        4: ("居民身份证", card),
        5: transfer,
        6: transfer,
        7: ("接收回执", ("electronic",)),
        8: ("一次性经济补助核定表", ("electronic",)),
        9: ("教育培训核准通知书", ("electronic", "pick_up")),
        10: ("残疾军人证", card),
        11: ("社会保障卡", card),
        12: ("参保登记", ("electronic",)),
        13: ("参保登记", ("electronic",)),
        14: ("机动车驾驶证", card),
        15: transfer,
    }


def test_the_rules_follow_the_licensing_law(either: Edition) -> None:
    rules = either.rules
    assert (rules.notice_days, rules.silence, rules.extension_most_days) == (5, "accepted", 10)
    assert (rules.deferral_most_days, rules.deferral_before_limit_days) == (20, 2)
    assert (rules.correction_review_days, rules.conclude_days) == (10, 5)
    assert rules.natural_days_roll


def test_there_are_as_many_applicants_as_the_law_knows(either: Edition) -> None:
    plan = either
    assert situation.count(plan) == 8_812_800
    assert situation.count(plan, plan.eligible) == 7_948_800


def test_no_question_is_asked_that_no_condition_reads(either: Edition) -> None:
    read = source.read(load.find(either.id))
    plan = load.build(read)
    used = {a.question for _, _, c in check.conditions(plan, read) for a in condition.atoms(c)}
    assert {question.key for question in plan.questions} == used


def test_both_editions_pass_the_check(either: Edition) -> None:
    read = source.read(load.find(either.id))
    assert check.full(read, load.build(read)) == []


def test_the_later_plan_follows_the_order_of_the_law(plan: Edition, later: Edition) -> None:
    changed = {
        new.number: new.requires
        for old, new in zip(plan.items, later.items, strict=True)
        if old.requires != new.requires
    }
    assert changed == {
        6: ("medical_insurance",),
        8: ("reception", "dossier_received"),
        10: ("reception", "household_registration", "dossier_received"),
        11: ("social_insurance",),
    }
    reception = later.milestones[0]
    assert (reception.code, reception.command, reception.requires) == (
        "reception",
        "",
        ("report_in",),
    )
    assert {c.dispatch for c in later.channels.values()} == {"immediate"}
    assert later.item(6).departments == ("medical_insurance",)
    assert later.item(2).name == "兵役登记信息变更与预备役登记"


def test_the_later_plan_adds_the_materials_that_the_law_asks_for(
    plan: Edition, later: Edition
) -> None:
    assert later.materials[:16] == plan.materials[:16]
    added = [
        (m.name, [later.by_code[c].number for c in m.items])
        for m in later.materials[16:]
        if m.items
    ]
    assert added == [
        ("本人银行卡账户", [8]),
        ("军队驾驶证", [14]),
        ("身体条件证明", [14]),
        ("户口登记簿", [10]),
        ("军人残疾等级评定表", [10]),
        ("换领残疾军人证申报审批表", [10]),
    ]


def test_the_eleven_national_items_are_marked(plan: Edition, later: Edition) -> None:
    marked = {item.national: item.number for item in later.items if item.national}
    assert marked == {1: 1, 2: 8, 3: 9, 4: 3, 5: 4, 6: 12, 7: 15, 8: 11, 9: 13, 10: 6, 11: 2}
    assert not any(item.national for item in plan.items)


def test_the_calendar_knows_the_holidays_and_make_up_days_of_2026() -> None:
    days = calendar.load(load.POLICY_FOLDER / "calendar" / "china.yaml")
    off = ["2026-09-25", "2026-10-01", "2026-10-02", "2026-10-05", "2026-10-06", "2026-10-07"]
    assert not any(days.is_working(date.fromisoformat(day)) for day in off)
    assert days.is_working(date(2026, 9, 20)) and days.is_working(date(2026, 10, 10))
    assert days.confirmed_until == date(2026, 12, 31)
    assert all(day.weekday() < 5 for day in days.days_off)
    assert all(day.weekday() >= 5 for day in days.working)


def test_the_bench_plan_asks_nothing_of_anybody() -> None:
    bench = load.load(FIXTURES / "bench")
    assert [item.number for item in bench.items] == list(range(1, 16))
    assert not bench.materials and not bench.milestones
    assert situation.count(bench) == 1
