"""What an officer fills in about an item."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from lianban import clock
from lianban.accounts import identity_number
from lianban.catalogue.model import Edition
from lianban.web.components.forms import ChineseDateField, Form, Label, LongTextField, TextField
from lianban.web.department import options

OTHER = "other"
_OTHER = "别的理由，写在下面"


def noted(words: str, note: str) -> Label:
    """A choice with a small note below it."""
    return Label(words, note=note)


class ResultNumber(TextField):
    """The department's own number of what it issues; never the person's identity number."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=60, **kwargs)

    def accept(self, text: str) -> str:
        """Refuse an identity number: it would stand unsealed beside the case."""
        try:
            identity_number.parse(text, today=clock.now().date())
        except identity_number.NotANumber:
            return text
        raise ValidationError("这里写文号或流水号，不要写身份证号", code="personal")


class Reason(Form):
    """A standard reason, and words of one's own."""

    reason = forms.ChoiceField(
        label="理由", widget=forms.RadioSelect, error_messages={"required": "请选一个理由"}
    )
    words = LongTextField(label="补充说明", max_length=300, rows=3, required=False)

    def __init__(self, *args: Any, edition: Edition, command: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        listed = options.reasons(edition, command)
        field = self.fields["reason"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [*listed, (OTHER, _OTHER)]
        self.standard = dict(listed)

    def clean(self) -> dict[str, Any]:
        """A reason that is not listed must be written."""
        found = super().clean() or {}
        if found.get("reason") == OTHER and not found.get("words") and "words" not in self.errors:
            self.add_error("words", "选了“别的理由”，请写出来")
        return found

    def text(self) -> str:
        """The reason as it is told: the standard words, then one's own."""
        chosen = self.standard.get(self.cleaned_data["reason"], "")
        return "。".join(part for part in (chosen, self.cleaned_data["words"]) if part)


class Decision(Reason):
    """Granted with the result's number, or denied with a reason."""

    field_order = ("outcome", "result_number", "issued_on", "reason", "words")
    outcome = forms.ChoiceField(
        label="决定",
        widget=forms.RadioSelect,
        choices=(
            ("grant", Label("准予", note="写结果的文号，没有就空着")),
            ("deny", Label("不予办理", note="要选理由，决定书写明怎么复议、起诉")),
        ),
        error_messages={"required": "请选准予还是不予办理"},
    )
    result_number = ResultNumber(label="结果的文号或流水号", required=False)
    issued_on = ChineseDateField(label="结果的日期", required=False)

    def __init__(self, *args: Any, edition: Edition, **kwargs: Any) -> None:
        super().__init__(*args, edition=edition, command="deny", **kwargs)
        issued = self.fields["issued_on"]
        assert isinstance(issued, ChineseDateField)
        issued.latest = clock.now().date()
        field = self.fields["reason"]
        assert isinstance(field, forms.ChoiceField)
        field.label, field.required = "不予办理的理由（准予可以不选）", False
        field.widget = forms.Select()
        field.choices = [("", "请选"), *self.standard.items(), (OTHER, _OTHER)]

    def clean(self) -> dict[str, Any]:
        """Only a denial needs a reason."""
        found = super().clean()
        if found.get("outcome") == "deny" and not found.get("reason"):
            self.add_error("reason", "不予办理要选一个理由")
        return found


class Extension(Reason):
    """More days, once, with grounds."""

    field_order = ("days", "reason", "words")
    days = forms.IntegerField(
        label="延长几个工作日",
        error_messages={"required": "请填写延长几个工作日", "invalid": "请填数字，例如 5"},
    )

    def __init__(self, *args: Any, edition: Edition, command: str, **kwargs: Any) -> None:
        super().__init__(*args, edition=edition, command=command, **kwargs)
        most = edition.rules.extension_most_days
        field = self.fields["days"]
        field.help_text = f"1 到 {most} 个，只能延一次"
        field.widget.attrs["inputmode"] = "numeric"
        words = f"应是 1 到 {most} 之间的整数"
        field.validators = [_Between(1, most, words)]


class Return(Reason):
    """Why it is sent back, and whose it is, as far as the office knows."""

    field_order = ("reason", "department", "district", "words")
    department = forms.ChoiceField(label="归哪个部门（知道就选）", required=False)
    district = forms.ChoiceField(label="归哪个区县（知道就选）", required=False)

    def __init__(
        self,
        *args: Any,
        edition: Edition,
        command: str,
        own: str,
        districts: dict[str, str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, edition=edition, command=command, **kwargs)
        owners = {code for item in edition.items for code in item.departments} - {own}
        names = [(d.code, d.name) for d in edition.departments if d.code in owners]
        for name, choices in (("department", names), ("district", list(districts.items()))):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", "不清楚"), *choices]

    def code(self) -> str:
        """The plan's reason code, nothing for own words."""
        chosen: str = self.cleaned_data["reason"]
        return "" if chosen == OTHER else chosen


class _Between:
    def __init__(self, least: int, most: int, words: str) -> None:
        self.least, self.most, self.words = least, most, words

    def __call__(self, value: int) -> None:
        if not self.least <= value <= self.most:
            raise ValidationError(self.words, code="range")


class Several(Form):
    """Some of the listed materials and fields."""

    codes = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)

    def __init__(
        self, *args: Any, label: str, choices: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["codes"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.label, field.choices = label, choices
        field.error_messages["required"] = "请至少选一样"
