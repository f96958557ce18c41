"""Some fields of the combined form as Django fields, made from the plan; the rules stay in the
cases room. For every face that fills the form in.
"""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict

from lianban.catalogue.model import Field
from lianban.catalogue.planning import Plan
from lianban.web.components.forms import ChineseDateField, DateParts, Form

#: More than this is shown again but not kept.
KEPT_LENGTH = 2000
_ATTRIBUTES: dict[str, dict[str, str]] = {
    "name": {"autocomplete": "name"},
    "signature": {"autocomplete": "off"},
    "identity_number": {"autocomplete": "off", "autocapitalize": "characters"},
    "mobile": {"type": "tel", "autocomplete": "tel"},
    "phone": {"type": "tel"},
    "address": {"autocomplete": "street-address"},
    "account": {"inputmode": "numeric", "autocomplete": "off"},
    "number": {"inputmode": "numeric"},
}
_WIDTHS = {"address": "full", "number": "s", "text": "l", "account": "l"}


class SectionForm(Form):
    """Shows the values of some fields with what is wrong beside them."""

    def __init__(
        self,
        plan: Plan,
        fields: tuple[Field, ...],
        values: Mapping[str, str],
        wrong: Mapping[str, str],
    ) -> None:
        self.wrong = wrong
        super().__init__(initial=dict(values))
        for field in fields:
            made = _made(plan, field)
            made.widget.is_required = False
            self.fields[field.code] = made
        self.order_fields(field.code for field in fields)

    def full_clean(self) -> None:
        """Take the complaints of the rules as the form's errors."""
        found = ErrorDict()
        for code, words in self.wrong.items():
            if code in self.fields:
                found[code] = self.error_class([words], error_class="")
        self._errors = found


def width_of(field: Field) -> str:
    """How wide the input is drawn."""
    return _WIDTHS.get(field.type, "m")


def read(
    fields: tuple[Field, ...], data: Mapping[str, Any]
) -> tuple[dict[str, str], dict[str, str]]:
    """What was typed, by field code, and what is wrong with the dates' parts.

    A field that the page did not send is left out: it keeps its value.
    """
    values: dict[str, str] = {}
    wrong: dict[str, str] = {}
    for field in fields:
        if field.code not in data and f"{field.code}_year" not in data:
            continue
        if field.type != "date":
            values[field.code] = str(data.get(field.code, "")).strip()
            continue
        parts = DateParts().value_from_datadict(data, None, field.code)
        values[field.code], problem = _date(parts)
        if problem:
            wrong[field.code] = problem
    return values, wrong


def _date(parts: list[str | None]) -> tuple[str, str]:
    texts = [(part or "").strip() for part in parts]
    if not any(texts):
        return "", ""
    try:
        found = ChineseDateField(required=False).clean(texts)
    except ValidationError as error:
        return "-".join(texts), error.messages[0]
    return found.isoformat() if found else "", ""


def _made(plan: Plan, field: Field) -> forms.Field:
    options: dict[str, Any] = {
        "label": field.label,
        "help_text": field.help,
        "required": field.required or bool(field.for_delivery),
    }
    if field.type == "choice":
        choices = [(c.value, c.label) for c in field.choices if c.when.holds(plan.answers)]
        widget = forms.RadioSelect if len(choices) <= 4 else forms.Select
        if widget is forms.Select:
            choices.insert(0, ("", "请选择"))
        return forms.ChoiceField(choices=choices, widget=widget, **options)
    if field.type == "date":
        return ChineseDateField(**options)
    if field.type == "long_text":
        made = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), **options)
        made.max_length = field.max_length or None
        return made
    attributes = _ATTRIBUTES.get(field.type, {})
    return forms.CharField(widget=forms.TextInput(attrs=attributes), **options)
