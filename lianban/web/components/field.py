"""How a Django form field is drawn: which pattern, which classes, which ids describe it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.safestring import SafeString

_CLASS = {"select": "govuk-select", "textarea": "govuk-textarea", "file": "govuk-file-upload"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One radio or checkbox, its words, and a small note below them."""

    tag: SafeString
    id: str
    label: str
    note: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A field ready to draw.

    `kind` is input, date, choices, checkbox, textarea, select or file. `width` s, m, l or full;
    `source` tells where a prefilled value comes from, `source_href`/`source_link` how to object,
    `source_icon` info or lock; `columns` 2 puts choices side by side; `hint` replaces the help
    text; `heading` makes the label the page's h1 (one question a page); `key_hints` numbers choices.
    """

    kind: str
    label: str
    hint: str
    errors: tuple[str, ...]
    id: str
    described: str
    widget: SafeString
    choices: tuple[Choice, ...]
    limit: int
    source: str
    source_href: str
    source_link: str
    source_icon: str
    columns: int
    heading: bool
    key_hints: bool
    is_hidden: bool


def shown(
    bound: BoundField,
    *,
    width: str = "",
    source: str = "",
    source_href: str = "",
    source_link: str = "不对？告诉我们",
    source_icon: str = "info",
    columns: int = 1,
    hint: str = "",
    heading: bool = False,
    key_hints: bool = False,
) -> Shown:
    """Prepare a bound field for `components/field.html`."""
    kind = _kind(bound.field.widget)
    errors = tuple(str(error) for error in bound.errors)
    hint = hint or str(bound.help_text)
    parts = [f"{bound.auto_id}-hint"] if hint else []
    parts += [f"{bound.auto_id}-error"] if errors else []
    limit = getattr(bound.field, "max_length", None) or 0
    return Shown(
        kind=kind,
        label=_label(bound),
        hint=hint,
        errors=errors,
        id=bound.id_for_label or bound.auto_id,
        described=" ".join(parts),
        widget=SafeString("") if kind == "choices" else _widget(bound, kind, width, parts, errors),
        choices=tuple(_choices(bound)) if kind == "choices" else (),
        limit=limit if kind == "textarea" else 0,
        source=source,
        source_href=source_href,
        source_link=source_link,
        source_icon=source_icon,
        columns=columns,
        heading=heading,
        key_hints=key_hints,
        is_hidden=bound.is_hidden,
    )


def first_id(bound: BoundField) -> str:
    """Return the id of the field's first input, where a link from the summary leads."""
    if _kind(bound.field.widget) == "choices":
        return f"{bound.auto_id}_0"
    return bound.id_for_label or bound.auto_id


def _kind(widget: forms.Widget) -> str:
    kinds: list[tuple[type | tuple[type, ...], str]] = [
        (forms.CheckboxInput, "checkbox"),
        ((forms.RadioSelect, forms.CheckboxSelectMultiple), "choices"),
        (forms.MultiWidget, "date"),
        (forms.Textarea, "textarea"),
        (forms.Select, "select"),
        (forms.FileInput, "file"),
    ]
    return next((kind for types, kind in kinds if isinstance(widget, types)), "input")


def _label(bound: BoundField) -> str:
    label = str(bound.label)
    optional = not bound.field.required and not isinstance(bound.field.widget, forms.CheckboxInput)
    return f"{label}（可以不填）" if optional and "可以不" not in label else label


def _widget(
    bound: BoundField, kind: str, width: str, described: list[str], errors: tuple[str, ...]
) -> SafeString:
    name = _CLASS.get(kind, "govuk-input")
    classes = [] if kind == "checkbox" else [name]
    if errors and kind not in ("checkbox", "file"):
        classes.append(f"{name}--error")
    if width and kind not in ("checkbox", "date"):
        classes.append(f"lb-w-{width}")
    if kind == "textarea":
        classes.append("govuk-js-character-count")
    attributes: dict[str, Any] = {"class": " ".join(classes)} if classes else {}
    if described:
        attributes["aria-describedby"] = " ".join(described)
    if errors and kind != "date":
        attributes["aria-invalid"] = "true"
    return bound.as_widget(attrs=attributes)


def _choices(bound: BoundField) -> Iterator[Choice]:
    for option in bound:
        label = option.data["label"]
        yield Choice(
            tag=option.tag(),
            id=option.id_for_label,
            label=str(label),
            note=getattr(label, "note", ""),
        )
