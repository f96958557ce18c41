"""Form fields whose errors say what is wrong and how to mend it, in plain words.

Every form of the faces derives from `Form`. Fields check shapes only; whether a value fits the
case (birthday and number, discharge after enlistment) is decided by the cases room.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from lianban import clock
from lianban.accounts import identity_number, person_name
from lianban.accounts.identity_number import IdentityNumber

UNITS = (("year", "年"), ("month", "月"), ("day", "日"))
_CHOSEN = (forms.ChoiceField, forms.TypedChoiceField)
_NUL = "里面有看不见的空字符，请删掉重新输入"


class Label(str):
    """A choice's words with a small note below them: `Label("自己领", note="带旧户口簿")`."""

    note: str
    __slots__ = ("note",)

    def __new__(cls, words: str, *, note: str = "") -> "Label":
        """Keep the note beside the words."""
        label = super().__new__(cls, words)
        label.note = note
        return label


class Form(forms.Form):
    """A form without browser checks (the words are ours) and with our words for what is missing."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            _say_what_is_missing(field, str(field.label or name))


def _say_what_is_missing(field: forms.Field, label: str) -> None:
    ours = getattr(type(field), "required_words", None)
    verb = "请选" if isinstance(field, _CHOSEN) else "请填写"
    if isinstance(field, forms.FileField):
        verb = "请上传"
    if isinstance(field, forms.BooleanField):
        verb = "请先勾选："
    stock = forms.Field.default_error_messages["required"]
    if str(field.error_messages.get("required", stock)) == str(stock):
        field.error_messages["required"] = ours or f"{verb}{label}"
    if isinstance(field, forms.ChoiceField):
        field.error_messages["invalid_choice"] = f"{label}没有这一项，请从列出的里面选"


class TextField(forms.CharField):
    """One line of text: trimmed, without NUL and other control characters, with a limit.

    Its length is counted in code points, so a rare character counts as one.
    """

    label_of_length = "最多 {limit} 个字，现在是 {length} 个"

    def __init__(self, *, max_length: int = 100, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.max_length = max_length
        self.validators = []

    def clean(self, value: Any) -> Any:
        """Return the trimmed text; refuse what cannot be stored or is too long."""
        text = self.to_python(value) or ""
        if not text:
            self.validate(text)
            return text
        if "\x00" in text:
            raise ValidationError(_NUL, code="nul")
        if any(_is_control(c) for c in text):
            raise ValidationError("里面有看不见的字符，请重新输入一遍", code="control")
        self.check_length(text)
        return self.accept(text)

    def check_length(self, text: str) -> None:
        """Refuse a text that is too long, and say by how much."""
        if self.max_length is not None and len(text) > self.max_length:
            words = self.label_of_length.format(limit=self.max_length, length=len(text))
            raise ValidationError(words, code="too_long")

    def accept(self, text: str) -> Any:
        """Turn a text that has passed into the field's value."""
        return text


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cs")


class LongTextField(TextField):
    """Several lines of text (500 characters unless told otherwise)."""

    widget = forms.Textarea

    def __init__(self, *, max_length: int = 500, rows: int = 4, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": rows}))
        super().__init__(max_length=max_length, **kwargs)

    def to_python(self, value: Any) -> Any:
        """Lines end with one character; tabs are spaces."""
        text = super().to_python(value) or ""
        return text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")

    def clean(self, value: Any) -> Any:
        """Check every line, return the whole."""
        text = self.to_python(value)
        if "\x00" in text:
            raise ValidationError(_NUL, code="nul")
        self.check_length(text)
        super().clean(text.replace("\n", " "))
        return text


class NameField(TextField):
    """A person's name as on the identity card; stored as typed."""

    label_of_length = "姓名最多 {limit} 个字，现在是 {length} 个"

    def __init__(self, *, max_length: int = 50, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"autocomplete": "name"}))
        super().__init__(max_length=max_length, **kwargs)

    def accept(self, text: str) -> str:
        """Refuse characters that only one computer can show."""
        if person_name.private_characters(name=text):
            raise ValidationError(
                "有一个字是某台电脑自造的，别处认不出来。请用输入法重新打；打不出来，请到窗口办",
                code="private_use",
            )
        return text


class IdentityNumberField(TextField):
    """An identity number; the value is an `IdentityNumber`. Fifteen digits are converted."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"autocomplete": "off"}))
        super().__init__(max_length=40, **kwargs)

    def accept(self, text: str) -> IdentityNumber:
        """Read the number; say what does not fit."""
        try:
            return identity_number.parse(text, today=clock.now().date())
        except identity_number.NotANumber as wrong:
            raise ValidationError(str(wrong), code="identity_number") from None


class MobileField(TextField):
    """A mobile number of the mainland: 11 digits."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}))
        super().__init__(max_length=40, **kwargs)

    def accept(self, text: str) -> str:
        """Drop spaces, hyphens and +86; return 11 digits."""
        digits = _phone_digits(text).removeprefix("+86")
        if not digits.isascii() or not digits.isdigit():
            raise ValidationError("手机号码只写数字", code="characters")
        if len(digits) != 11:
            words = f"手机号码应是 11 位，现在是 {len(digits)} 位"
            raise ValidationError(words, code="length")
        if digits[0] != "1" or digits[1] in "012":
            raise ValidationError("手机号码开头应是 13 到 19，请再看一遍", code="prefix")
        return digits


class PhoneField(TextField):
    """A mobile or a fixed-line number with its area code."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"type": "tel"}))
        super().__init__(max_length=40, **kwargs)

    def accept(self, text: str) -> str:
        """Return digits only, 7 to 15 of them."""
        digits = _phone_digits(text).removeprefix("+86")
        if not digits.isascii() or not digits.isdigit():
            raise ValidationError("电话只写数字，座机请带区号", code="characters")
        if not 7 <= len(digits) <= 15:
            words = f"电话应是 7 到 15 位，现在是 {len(digits)} 位"
            raise ValidationError(words, code="length")
        return digits


def _phone_digits(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text)
    return "".join(c for c in folded if not (c.isspace() or c in "-—–()"))


class DateParts(forms.MultiWidget):
    """Year, month and day as three inputs; `name` itself may also bring 2026-09-01."""

    template_name = "components/date_parts.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        parts: dict[str, forms.Widget | type[forms.Widget]] = {
            name: forms.TextInput(attrs={"data_unit": unit, "inputmode": "numeric"})
            for name, unit in UNITS
        }
        super().__init__(parts, attrs)

    def decompress(self, value: Any) -> list[Any]:
        """Split a date, or an ISO text, into its parts."""
        if isinstance(value, str):
            return _iso_parts(value)
        return [value.year, value.month, value.day] if value else [None, None, None]

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """Return three texts as typed."""
        whole = data.get(name)
        if isinstance(whole, str) and whole.strip():
            return _iso_parts(whole.strip())
        return super().value_from_datadict(data, files, name)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Name the inputs' ids like the inputs: id_left_on_year."""
        context = super().get_context(name, value, attrs)
        for part, (unit, _) in zip(context["widget"]["subwidgets"], UNITS, strict=True):
            part["attrs"]["id"] = f"{context['widget']['attrs'].get('id', f'id_{name}')}_{unit}"
        return context

    def id_for_label(self, id_: str) -> str:
        """Return the first input's id, where a link from the error summary leads."""
        return f"{id_}_{UNITS[0][0]}" if id_ else id_


def _iso_parts(text: str) -> list[str]:
    parts = text[:10].split("-")
    return parts if len(parts) == 3 else [text, "", ""]


class ChineseDateField(forms.Field):
    """A date as year, month and day. `earliest` and `latest` are days, both included."""

    widget = DateParts

    def __init__(
        self, *, earliest: date = date(1900, 1, 1), latest: date | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.earliest, self.latest = earliest, latest

    def clean(self, value: Any) -> date | None:
        """Return the date; say which part is missing or does not exist."""
        parts = [_plain(part) for part in (value or ["", "", ""])]
        if not any(parts):
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        numbers = self._numbers(parts)
        try:
            found = date(*numbers)
        except (ValueError, OverflowError):
            year, month, day = numbers
            words = f"没有 {year}年{month}月{day}日 这一天"
            if not 1 <= month <= 12:
                words = f"月份应是 1 到 12，现在是 {month}"
            raise ValidationError(words, code="no_such_day") from None
        return self._within(found)

    def _numbers(self, parts: Sequence[str]) -> tuple[int, int, int]:
        missing = "、".join(unit for part, (_, unit) in zip(parts, UNITS, strict=True) if not part)
        if missing:
            raise ValidationError(f"还没写{missing}", code="incomplete")
        for part, (_, unit) in zip(parts, UNITS, strict=True):
            if not (part.isascii() and part.isdigit() and len(part) <= 4):
                raise ValidationError(f"{unit}只写数字", code="characters")
        if len(parts[0]) != 4:
            raise ValidationError("年份要写四位，例如 2026", code="short_year")
        year, month, day = (int(part) for part in parts)
        return year, month, day

    def _within(self, found: date) -> date:
        if found < self.earliest:
            words = f"不能早于 {self.earliest.year}年{self.earliest.month}月{self.earliest.day}日"
            raise ValidationError(words, code="too_early")
        if self.latest and found > self.latest:
            words = f"不能晚于 {self.latest.year}年{self.latest.month}月{self.latest.day}日"
            raise ValidationError(words, code="too_late")
        return found


def _plain(part: Any) -> str:
    return unicodedata.normalize("NFKC", str(part or "")).strip()
