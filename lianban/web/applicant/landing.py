"""The first page: what it is, whether it is for me, what to bring, online or at the counter."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from lianban.catalogue.model import Edition
from lianban.web.applicant import answers, place
from lianban.web.components import access

_TOP, _STEP, _JOIN = 28, 42, 175


@dataclass(frozen=True)
class Stub:
    """One line of the illustration: an item that joins the one form."""

    label: str
    y: int
    path: str
    is_light: bool

    @property
    def text_y(self) -> float:
        """The baseline of the label."""
        return self.y + 5.5


@dataclass(frozen=True)
class Column:
    """Departments with their items."""

    title: str
    items: tuple[str, ...]


@access.public
@require_safe
def landing(request: access.AnyRequest) -> HttpResponse:
    """Show what the city's plan says to a person who comes for the first time."""
    found = answers.load(request)
    if found is None:
        return render(request, "applicant/no_plan.html")
    words = found.edition.wording.get("landing", {})
    return render(
        request,
        "applicant/landing.html",
        {
            "words": words,
            "title": words.get("title", "").replace("，", "，\n").split("\n"),
            "date": words.get("date_text", "").partition("。")[::2],
            "is_for": _numbered(words, "for_"),
            "is_not_for": _numbered(words, "not_for_"),
            "bring": _numbered(words, "bring_"),
            "steps": _numbered(words, "step_"),
            "columns": _columns(found.edition),
            "stubs": _stubs(found.edition),
            "online": place.is_online(found.edition),
            "places": place.settling_places(),
            "district": found.district,
            "draft": found.draft,
            "has_answers": bool(found.content.answers),
        },
    )


@access.public
@require_POST
def choose_place(request: access.AnyRequest) -> HttpResponse:
    """Read the plan of another district; answers that it also asks stay."""
    wanted = request.POST.get("district", "")
    found = answers.in_session(request)
    known = {district.code for district in place.settling_places()}
    if found is not None and wanted in known:
        edition = place.edition_of(wanted)
        assert edition is not None
        answers.keep(request, answers.Answers(edition, found.content, wanted, found.last))
    return HttpResponseRedirect(reverse("applicant:landing"))


def _numbered(words: Mapping[str, str], prefix: str) -> list[tuple[str, str]]:
    """The texts `prefix1`, `prefix2` …, each split at its first stop into a line and a note."""
    found = []
    for number in range(1, 20):
        text = words.get(f"{prefix}{number}")
        if text is None:
            break
        first, _, rest = text.partition("。")
        found.append((first, rest))
    return found


def _columns(edition: Edition) -> list[Column]:
    """A column for each department with several items; the others stand together in the last."""
    names = {department.code: department.short_name for department in edition.departments}
    groups: dict[tuple[str, ...], list[str]] = {}
    for item in edition.items:
        groups.setdefault(item.departments, []).append(item.short_name)
    many = [Column(_joined(names, k), tuple(v)) for k, v in groups.items() if len(v) > 1]
    few = [(k, v) for k, v in groups.items() if len(v) == 1]
    if few:
        title = _joined(names, tuple(code for key, _ in few for code in key))
        many.append(Column(title, tuple(item for _, items in few for item in items)))
    return many


def _joined(names: Mapping[str, str], codes: tuple[str, ...]) -> str:
    return "、".join(dict.fromkeys(names.get(code, code) for code in codes))


def _stubs(edition: Edition) -> list[Stub]:
    """Eight items, one of each department first, drawn from top to bottom."""
    firsts = {item.departments: item for item in reversed(edition.items)}
    chosen = sorted(firsts.values(), key=lambda item: item.number)
    chosen += [item for item in edition.items if item not in chosen]
    chosen = sorted(chosen[:8], key=lambda item: item.number)
    return [
        Stub(
            item.short_name,
            y := _TOP + _STEP * place_,
            f"M92 {y}H118C190 {y} 190 {_JOIN} 262 {_JOIN}",
            place_ % 2 == 0,
        )
        for place_, item in enumerate(chosen)
    ]
