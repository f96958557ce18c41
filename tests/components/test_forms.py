"""Form fields: every refusal says what is wrong and how to mend it; what is typed stays."""

from datetime import date

import pytest
from django import forms as django_forms
from django.core.exceptions import ValidationError

from lianban.web.components import forms
from tests.components.test_render import Contact


def refusal(field, value) -> str:
    with pytest.raises(ValidationError) as refused:
        field.clean(value)
    return " ".join(refused.value.messages)


@pytest.mark.parametrize(("typed", "says"), [
    ("1380000204", "手机号码应是 11 位，现在是 10 位"),
    ("138000020444", "手机号码应是 11 位，现在是 12 位"),
    ("1380000204a", "手机号码只写数字"),
    ("12000002044", "开头应是 13 到 19"),
    ("٠١٢٣٤٥٦٧٨٩٠", "手机号码只写数字"),
])  # fmt: skip
def test_a_wrong_mobile_number_says_what_is_wrong(typed, says):
    assert says in refusal(forms.MobileField(), typed)


@pytest.mark.parametrize(
    "typed", ["138 0000 2044", "138-0000-2044", "+86 13800002044", "１３８００００２０４４"]
)
def test_a_mobile_number_may_be_typed_as_people_write_it(typed):
    assert forms.MobileField().clean(typed) == "13800002044"


def test_a_fixed_line_needs_digits_and_a_length():
    assert forms.PhoneField().clean("0000-5550132") == "00005550132"
    assert "7 到 15 位" in refusal(forms.PhoneField(), "12345")


@pytest.mark.parametrize("name", ["陈思远", "𠮷野", "买买提·吐尔逊", "𪛖" * 50, "O'Brien"])
def test_a_name_is_kept_as_typed_and_a_rare_character_counts_as_one(name):
    assert forms.NameField().clean(f" {name} ") == name


@pytest.mark.parametrize(("name", "says"), [
    ("𠮷" * 51, "姓名最多 50 个字，现在是 51 个"),
    ("一" * 10_000, "现在是 10000 个"),
    ("李\ue001", "电脑自造"),
    ("李\x00", "空字符"),
    ("李\n明", "看不见"),
])  # fmt: skip
def test_a_name_that_cannot_be_kept_is_refused_with_help(name, says):
    assert says in refusal(forms.NameField(), name)


def test_a_name_of_spaces_is_no_name():
    assert Contact({"name": "   "}).errors["name"] == ["请填写姓名"]


def test_an_identity_number_is_stored_in_one_spelling_and_shown_masked():
    found = forms.IdentityNumberField().clean(" 11010519491231002x ")
    assert found.number == "11010519491231002X"
    assert "19491231" not in str(found)


@pytest.mark.parametrize(("typed", "says"), [
    ("11010519491231002", "现在是 17 位"),
    ("110105194912310021", "最后一位"),
    ("11010519491231002\x00", "空字符"),
])  # fmt: skip
def test_a_wrong_identity_number_is_refused_with_help(typed, says):
    assert says in refusal(forms.IdentityNumberField(), typed)


@pytest.mark.parametrize(("parts", "says"), [
    (["2026", "2", "30"], "没有 2026年2月30日 这一天"),
    (["2026", "13", "1"], "月份应是 1 到 12，现在是 13"),
    (["2026", "", "1"], "还没写月"),
    (["", "", "1"], "还没写年、月"),
    (["26", "9", "1"], "年份要写四位"),
    (["二零", "9", "1"], "年只写数字"),
    (["0000", "9", "1"], "这一天"),
    (["1899", "1", "1"], "不能早于 1900年1月1日"),
    (["99999999999999999999", "1", "1"], "年只写数字"),
])  # fmt: skip
def test_a_wrong_date_says_which_part_and_why(parts, says):
    assert says in refusal(forms.ChineseDateField(), parts)


def test_a_date_may_not_lie_after_its_latest_day():
    field = forms.ChineseDateField(latest=date(2026, 10, 20))
    assert field.clean(["2026", "10", "20"]) == date(2026, 10, 20)
    assert "不能晚于 2026年10月20日" in refusal(field, ["2026", "10", "21"])


@pytest.mark.parametrize("data", [
    {"left_on": "2026-09-01"},
    {"left_on_year": "2026", "left_on_month": "9", "left_on_day": "1"},
    {"left_on_year": "２０２６", "left_on_month": " 09 ", "left_on_day": "01"},
])  # fmt: skip
def test_a_date_is_read_from_three_inputs_or_from_one_text(data):
    form = Contact(data)
    form.is_valid()
    assert form.cleaned_data["left_on"] == date(2026, 9, 1)


def test_a_long_text_keeps_its_lines_and_has_a_limit():
    field = forms.LongTextField(max_length=10, required=False)
    assert field.clean("一\r\n二") == "一\n二"
    assert "最多 10 个字，现在是 11 个" in refusal(field, "一" * 11)
    assert "空字符" in refusal(field, "一\x00")
    assert field.clean("") == ""


def test_what_is_missing_is_named_by_its_label():
    form = Contact({})
    assert form.errors["name"] == ["请填写姓名"]
    assert form.errors["way"] == ["请选户口簿怎么拿"]
    assert form.errors["promise"] == ["请先勾选：以上都是真的"]


def test_a_choice_that_is_not_offered_is_refused_without_repeating_it():
    form = Contact({"way": "<script>"})
    assert form.errors["way"] == ["户口簿怎么拿没有这一项，请从列出的里面选"]


def test_words_of_a_field_s_own_are_kept():
    class Own(forms.Form):
        unit = django_forms.CharField(label="单位", error_messages={"required": "写上单位"})

    assert Own({}).errors["unit"] == ["写上单位"]
