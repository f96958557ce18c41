"""What the answers lead to: the whole list, in order, with reasons; items may be left out."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lianban.cases.content import Content
from lianban.catalogue import checklist, graph, planning, visits
from lianban.catalogue.model import Edition, Item, Material
from lianban.catalogue.planning import Disposition, Kind, Plan, PlanRefused
from lianban.catalogue.visits import Visits
from lianban.web.applicant import answers, guide, panel, place
from lianban.web.applicant.answers import Answers
from lianban.web.components import access
from lianban.web.components.forms import Form, TextField

_FORMS = {"original": "原件", "copy": "复印件", "photo": "照片"}


@dataclass(frozen=True)
class Line:
    """One item of the list: who does it, in how many working days, after what."""

    disposition: Disposition
    department: str
    after: str
    may_leave: bool


@dataclass(frozen=True)
class Wave:
    """Items that go on at the same time."""

    number: int
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Bring:
    """One material: its name, how many, and the items that need it."""

    name: str
    form: str
    copies: int
    items: str
    note: str


@access.public
@require_safe
def result(request: access.AnyRequest) -> HttpResponse:
    """Show the list, or whom to ask when this is not the place."""
    found = answers.load(request)
    if found is None:
        raise Http404
    plan = found.plan
    if plan.eligible is False:
        context = {"text": found.edition.not_eligible, "rows": guide.answered_rows(found)}
        return render(request, "applicant/not_eligible.html", context)
    if found.unanswered:
        return HttpResponseRedirect(reverse("applicant:guide"))
    return render(request, "applicant/result.html", _context(found, plan))


def _context(found: Answers, plan: Plan) -> dict[str, object]:
    found_visits = visits.least(plan)
    return {
        "panel": panel.panel(plan),
        "waves": _waves(plan),
        "satisfied": plan.of(Kind.SATISFIED),
        "unticked": plan.of(Kind.UNTICKED),
        "evidence": frozenset(int(number) for number in found.content.evidence),
        "not_applicable": plan.of(Kind.NOT_APPLICABLE),
        "materials": _materials(plan),
        "edition": found.edition,
        "visits": _visits(plan, found_visits),
        "why_not_fewer": visits.why_not_fewer(plan, found_visits),
        "by_mail": [visits.bring(plan, each) for each in found_visits.by_mail],
        "notes": checklist.notes(plan),
        "rows": guide.answered_rows(found),
        "draft": found.draft,
        "online": place.is_online(found.edition),
    }


def _waves(plan: Plan) -> list[Wave]:
    waves: dict[int, list[Line]] = {}
    for disposition in plan.of(Kind.OPEN, Kind.EXTERNAL):
        item = disposition.item
        waves.setdefault(plan.waves[item.code], []).append(
            Line(
                disposition,
                plan.edition.department_names[disposition.department],
                "、".join(_after(plan, item)),
                disposition.kind is Kind.OPEN and item.code != plan.edition.entry,
            )
        )
    return [Wave(number, tuple(lines)) for number, lines in sorted(waves.items())]


def _after(plan: Plan, item: Item) -> Iterable[str]:
    for milestone in plan.edition.milestones:
        if milestone.code in plan.milestone_requires(item.code):
            yield milestone.name
    for number in plan.item_requires(item.code):
        yield plan.edition.item(number).short_name


def _materials(plan: Plan) -> list[Bring]:
    found = []
    for needed in checklist.materials(plan):
        what = needed.what
        assert isinstance(what, Material)
        names = "、".join(plan.edition.item(number).short_name for number in needed.items)
        form = _FORMS.get(what.form, "")
        found.append(Bring(checklist.name_of(plan, what), form, what.copies, names, what.help))
    return found


def _visits(plan: Plan, found: Visits) -> list[tuple[str, str, str]]:
    return [
        (
            visit.place_name(plan),
            "、".join(plan.edition.item(number).short_name for number in visit.items),
            visit.why.replace(";", "、"),
        )
        for visit in found.visits
    ]


# Leaving an item out ----------------------------------------------------------------------


class LeaveOut(Form):
    """Asks how an item that others wait for is left out."""

    how = forms.ChoiceField(
        label="请选一种",
        widget=forms.RadioSelect,
        choices=[
            ("evidence", "我在别处办好了，有证明"),
            ("all", "我不办，等它的也一起不办"),
        ],
    )
    proof = TextField(
        label="在哪里办好的，有什么证明",
        max_length=200,
        error_messages={"required": "请写在哪里办好的，有什么证明"},
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound:
            self.fields["proof"].required = self.data.get("how") == "evidence"


@access.public
@require_http_methods(["GET", "HEAD", "POST"])
def leave_out(request: access.AnyRequest, number: int) -> HttpResponse:
    """Tell what waits for an item, and leave it out the way the person chooses."""
    found, item = _chosen(request, number)
    waiting, together = _consequence(found.edition, found.content, number)
    form = LeaveOut(request.POST if request.method == "POST" else None)
    if together is None:
        form.fields["how"].choices = form.fields["how"].choices[:1]  # type: ignore[attr-defined]
    if not waiting:
        form.fields["how"].choices[1] = ("all", "我不办")  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["how"] == "evidence":
            proof = {**found.content.evidence, str(number): form.cleaned_data["proof"]}
            content = replace(found.content, evidence=proof)
        else:
            assert together is not None
            content = replace(found.content, unticked=together)
        answers.keep(request, replace(found, content=content, last=""))
        return HttpResponseRedirect(reverse("applicant:result"))
    context = {"item": item, "waiting": waiting, "form": form, "together": together}
    status = 422 if form.errors else 200
    return render(request, "applicant/leave_out.html", context, status=status)


@access.public
@require_POST
def take_back(request: access.AnyRequest, number: int) -> HttpResponse:
    """Take an item in again, and with it what it waits for."""
    found = answers.load(request)
    if found is None:
        raise Http404
    edition, content = found.edition, found.content
    if number not in edition.by_number:
        raise Http404
    code = edition.item(number).code
    back = {code} | graph.ancestors(planning.edges(edition), code)
    content = replace(
        content,
        unticked=tuple(n for n in content.unticked if edition.item(n).code not in back),
        evidence={n: text for n, text in content.evidence.items() if n != str(number)},
    )
    answers.keep(request, replace(found, content=content, last=""))
    return HttpResponseRedirect(reverse("applicant:result"))


def _chosen(request: access.AnyRequest, number: int) -> tuple[Answers, Item]:
    found = answers.load(request)
    if found is None or found.unanswered:
        raise Http404
    open_ = {d.item.number: d.item for d in found.plan.of(Kind.OPEN)}
    if number not in open_ or number == found.edition.entry_number:
        raise Http404
    return found, open_[number]


def _consequence(
    edition: Edition, content: Content, number: int
) -> tuple[list[Item], tuple[int, ...] | None]:
    """The items that wait for this one, and everything to leave out together.

    None when that is impossible because an outside body acts for one that waits.
    """
    unticked, waiting = {*content.unticked, number}, set[int]()
    while True:
        try:
            replace(content, unticked=tuple(unticked)).plan(edition)
        except PlanRefused as refused:
            if refused.code != "needs_evidence":
                return _items(edition, waiting), None
            waiting |= set(refused.items)
            unticked |= set(refused.items)
            continue
        return _items(edition, waiting), tuple(sorted(unticked))


def _items(edition: Edition, numbers: set[int]) -> list[Item]:
    return [edition.item(number) for number in sorted(numbers)]
