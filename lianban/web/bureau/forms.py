"""The forms that stand beside an action: what a decision needs besides the button."""

from typing import Any

from django import forms

from lianban.cases import queries, standing
from lianban.cases.queries import CaseView, ItemView, node_name
from lianban.cases.services import moves
from lianban.catalogue.model import Edition
from lianban.engine import prerequisite
from lianban.web.components.forms import Form, Label, LongTextField, TextField

CHOOSE = ("", "请选一条")


def standard_reasons(edition: Edition, command: str) -> list[tuple[str, str]]:
    """The plan's own reasons for a command: code and words."""
    words = edition.wording.get("reasons", {})
    start = f"{command}."
    return [(code, text) for code, text in words.items() if code.startswith(start)]


class ActionForm(Form):
    """A form about a case, or about one of its items."""

    def __init__(
        self, *args: Any, view: CaseView, item: ItemView | None = None, name: str, **kwargs: Any
    ) -> None:
        self.view, self.item, self.command_name = view, item, name
        kwargs.setdefault("prefix", name)
        kwargs.setdefault("auto_id", "id_%s")
        super().__init__(*args, **kwargs)
        self.prepare()

    def prepare(self) -> None:
        """Fill in the choices that this case has."""

    def choices(self, field: str, values: list[tuple[str, str]]) -> None:
        """Offer these values in a field."""
        chosen = self.fields[field]
        assert isinstance(chosen, forms.ChoiceField)
        chosen.choices = values


class Nothing(ActionForm):
    """A button alone."""


class Reason(ActionForm):
    """A standard reason of the plan, own words, or both."""

    standard = forms.ChoiceField(label="常用的理由（可以不选，自己写）", required=False)
    own = LongTextField(
        label="补充，或者自己写（可以不填）", required=False, max_length=300, rows=2
    )

    field_order: tuple[str, ...] = ("standard", "own")

    def prepare(self) -> None:
        """Offer the plan's reasons for this command."""
        self.choices("standard", [CHOOSE, *standard_reasons(self.view.edition, self.command_name)])
        if len(self.fields["standard"].choices) == 1:  # type: ignore[attr-defined]
            del self.fields["standard"]
            self.fields["own"].label = "理由（一定要写）"

    def clean(self) -> dict[str, Any]:
        """Join both; one of them must be there."""
        cleaned = super().clean() or {}
        words = self.view.edition.wording.get("reasons", {})
        standard = words.get(cleaned.get("standard", ""), "")
        parts = [text for text in (standard, cleaned.get("own", "")) if text]
        if not parts and not self.errors:
            first = next(iter(self.fields))
            self.add_error(first, "请选一条理由，或者自己写")
        cleaned["reason"] = "；".join(parts)
        return cleaned


class Extension(Reason):
    """Working days, and why."""

    days = forms.IntegerField(label="延长几个工作日", min_value=1)
    field_order = ("days", "standard", "own")

    def prepare(self) -> None:
        """Say how many the plan allows."""
        super().prepare()
        most = self.view.edition.rules.extension_most_days
        self.fields["days"].help_text = f"最多 {most} 个工作日，只能延一次"
        self.fields["days"].error_messages = {
            "required": "请填延长几个工作日",
            "invalid": f"请写 1 到 {most} 的整数",
            "min_value": f"请写 1 到 {most} 的整数",
        }

    def clean_days(self) -> int:
        """Within what the plan allows."""
        days: int = self.cleaned_data["days"]
        most = self.view.edition.rules.extension_most_days
        if days > most:
            raise forms.ValidationError(f"最多延 {most} 个工作日，现在写的是 {days}")
        return days


class Result(ActionForm):
    """The number of what is issued."""

    result_number = TextField(label="文号或证号", required=False, max_length=60)

    def prepare(self) -> None:
        """Name the result."""
        result = self.item.item.result if self.item else None
        if result:
            self.fields["result_number"].label = f"{result.name}的文号"


class Waiver(Reason):
    """Which prerequisite is waived, and on what grounds."""

    prerequisite = forms.ChoiceField(label="免哪一项前置")
    field_order = ("prerequisite", "standard", "own")

    def prepare(self) -> None:
        """Offer what is before the item and unmet."""
        super().prepare()
        assert self.item is not None
        self.choices("prerequisite", unmet(self.view, self.item))


def unmet(view: CaseView, item: ItemView) -> list[tuple[str, str]]:
    """What still keeps an item back: a value for the command, and words."""
    case = view.case
    nodes = [n for n in prerequisite.ancestors(case, item.sub) if not prerequisite.is_met(case, n)]
    return [(str(node), node_name(view.edition, node)) for node in nodes]


class Department(ActionForm):
    """Which department it goes to."""

    department = forms.ChoiceField(label="送给哪个部门")
    district = forms.ChoiceField(
        label="哪个区县的", required=False, help_text="整件还在本区县，只有这一项送过去办"
    )

    def prepare(self) -> None:
        """Offer every department that works on items; what the sender named, or the plan, is first."""
        assert self.item is not None
        here = {self.view.district: f"{self.view.district_name}（本区县）"}
        districts = here | moves.targets(self.view.district)
        self.choices("district", list(districts.items()))
        pointed = standing.pointed(case_id=self.view.id, item=self.item.sub.number)
        if pointed is not None:
            self.fields["department"].initial = pointed.department
            named = [code for code, name in districts.items() if name == pointed.district]
            self.fields["district"].initial = next(iter(named), self.view.district)
        edition = self.view.edition
        owners = {code for item in edition.items for code in item.departments}
        owners.discard(edition.lead_department)
        own = [d for d in edition.departments if d.code in owners]
        planned = set(self.item.item.departments)
        ordered = sorted(own, key=lambda d: d.code not in planned)
        self.choices(
            "department",
            [(d.code, f"{d.name}（方案写的）" if d.code in planned else d.name) for d in ordered],
        )


class Kind(ActionForm):
    """What the outside body did."""

    kind = forms.ChoiceField(label="办到了什么", widget=forms.RadioSelect)

    def prepare(self) -> None:
        """Offer the events that the plan names for this item."""
        assert self.item is not None
        self.choices("kind", event_kinds(self.view.edition, self.item))
        self.fields["kind"].initial = next(iter(event_kinds(self.view.edition, self.item)), ("",))[
            0
        ]


def event_kinds(edition: Edition, item: ItemView) -> list[tuple[str, str]]:
    """The outside events that this item may wait for, with words from the plan."""
    words = edition.wording.get("events", {})
    codes: list[str] = []
    if item.sub.external and item.item.external:
        codes += [item.item.external.event, *item.item.external.also]
    elif item.item.pledged and item.item.pledged.starts not in ("ready", "dispatch"):
        codes.append(item.item.pledged.starts)
    return [(code, words.get(code, code)) for code in dict.fromkeys(codes)]


class Defects(ActionForm):
    """Everything that is to be mended, in one notice."""

    defects = forms.MultipleChoiceField(
        label="要补什么（一次列全）", widget=forms.CheckboxSelectMultiple, required=False
    )

    def prepare(self) -> None:
        """Offer the materials and fields that the item uses; of a case, all of them."""
        self.choices("defects", [*self.materials(), *self.asked()])

    def materials(self) -> list[tuple[str, str]]:
        """Materials with the items that need them."""
        case, edition = self.view.case, self.view.edition
        subs = [self.item.sub] if self.item else list(case.sub_cases.values())
        codes = {code for sub in subs for code in sub.materials}
        return [(m.code, Label(m.name, note="材料")) for m in edition.materials if m.code in codes]

    def asked(self) -> list[tuple[str, str]]:
        """Fields that were filled in, each with what it says now."""
        items = [self.item] if self.item else list(self.view.items)
        codes = {shown.item.code for shown in items}
        return [
            (shown.field.code, Label(shown.label, note=f"填的是 {shown.shown}"))
            for shown in queries.form(self.view)
            if codes & set(shown.field.items)
            and not shown.field.derived_from
            and not shown.field.question
        ]

    def clean_defects(self) -> list[str]:
        """At least one; at the case, what is missing is in the notice anyway."""
        chosen: list[str] = self.cleaned_data["defects"]
        if not chosen and (self.item or not self.view.case.missing):
            raise forms.ValidationError("请至少勾一处要补的内容")
        return chosen


class Deferred(ActionForm):
    """Secondary materials that may come later."""

    materials = forms.MultipleChoiceField(
        label="哪些以后补", widget=forms.CheckboxSelectMultiple, required=False
    )

    def prepare(self) -> None:
        """Offer what is missing and may be deferred."""
        found = deferrable(self.view, self.item)
        self.choices("materials", found)
        self.fields["materials"].initial = [code for code, _ in found]

    def clean_materials(self) -> list[str]:
        """At least one."""
        chosen: list[str] = self.cleaned_data["materials"]
        if not chosen:
            raise forms.ValidationError("请至少勾一份以后补的材料")
        return chosen


def deferrable(view: CaseView, item: ItemView | None) -> list[tuple[str, str]]:
    """The missing materials that the plan lets come later."""
    notice = item.sub.notice if item else view.case.notice
    missing = {*view.case.missing, *notice.outstanding}
    if item:
        missing &= set(item.sub.materials)
    return [(m.code, m.name) for m in view.edition.materials if m.code in missing and m.deferrable]


class Vouchers(ActionForm):
    """What came along with the dossier."""

    vouchers = forms.MultipleChoiceField(
        label="一起来的凭证和介绍信", widget=forms.CheckboxSelectMultiple, required=False
    )

    def prepare(self) -> None:
        """Offer what may come with it and this case needs."""
        case, edition = self.view.case, self.view.edition
        needed = {code for sub in case.sub_cases.values() for code in sub.materials}
        found = [m for m in edition.materials if m.may_arrive_with and m.code in needed]
        self.choices("vouchers", [(m.code, m.name) for m in found])
