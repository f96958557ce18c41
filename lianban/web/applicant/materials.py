"""Materials, each once: uploaded, brought to the counter, or coming with the dossier."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from lianban import clock
from lianban.cases import draft_files, reuse, uploads
from lianban.cases.services import materials as services
from lianban.catalogue import checklist
from lianban.catalogue.model import Material
from lianban.engine.refusal import Refused
from lianban.web.applicant import form as forms
from lianban.web.applicant import pages
from lianban.web.applicant.pages import MATERIALS, Paper
from lianban.web.components import access, files
from lianban.web.components.refusals import hidden, status_of

PROMISED, WITH_DOSSIER, UPLOADED = "promised", "with_dossier", "uploaded"
WORDS = {
    PROMISED: "带到窗口",
    WITH_DOSSIER: "随档案来",
    UPLOADED: "已上传",
    reuse.REUSED: "沿用上次",
}
_KINDS = {"original": "原件", "copy": "复印件", "photo": "照片"}


@dataclass(frozen=True)
class Card:
    """One material as the page shows it."""

    material: Material
    name: str
    kind: str
    items: str
    #: Each way to fulfil it where there are several: the papers of one way, joined.
    options: tuple[str, ...]
    way: str
    files: tuple[Any, ...] = field(default=())
    error: str = ""
    #: An earlier case holds it, and it still stands.
    offer: reuse.Offer | None = None

    @property
    def word(self) -> str:
        """How it comes, in words; empty while nobody said."""
        return WORDS.get(self.way, "")


@access.applicant_account
@never_cache
@require_safe
@hidden
@forms.with_paper
def materials(request: access.Request, paper: Paper) -> HttpResponse:
    """Show every material with what was said of it."""
    return _page(request, paper)


@access.applicant_account
@require_POST
@hidden
@forms.with_paper
def choose(request: access.Request, paper: Paper, code: str) -> HttpResponse:
    """Say how one material comes, or add a file to it; an empty way takes the choice back."""
    _needed(paper, code)
    if "file" in request.FILES:
        return _take(request, paper, code)
    try:
        if request.POST.get("way", UPLOADED) == UPLOADED:  # also a form that was cut off
            raise Refused("missing_file", "请先选一个文件，再点上传")
        ways = {code: request.POST.get("way", "")}
        services.promise(draft_id=paper.draft.id, ways=ways, actor=request.actor, at=clock.now())
    except Refused as refusal:
        if status_of(refusal) == 404:
            raise
        return _page(
            request,
            forms.reloaded(request, paper),
            errors={code: refusal.message},
            status=422,
        )
    return HttpResponseRedirect(f"{pages.address(MATERIALS)}#m-{code}")


@access.applicant_account
@require_POST
@hidden
@forms.with_paper
def promise_rest(request: access.Request, paper: Paper) -> HttpResponse:
    """Bring to the counter whatever nobody decided yet."""
    ways = dict.fromkeys(paper.undecided, PROMISED)
    services.promise(draft_id=paper.draft.id, ways=ways, actor=request.actor, at=clock.now())
    messages.success(request, f"{len(ways)} 份都记成带到窗口了，还可以再改")
    return HttpResponseRedirect(pages.address(MATERIALS))


def _take(request: access.Request, paper: Paper, code: str) -> HttpResponse:
    """Keep every file that is good; say of each other one what is wrong."""
    sent = request.FILES.getlist("file")
    problems = files.take(request, sent, material=code, draft_id=paper.draft.id)
    if not problems:
        return HttpResponseRedirect(f"{pages.address(MATERIALS)}#m-{code}")
    now = forms.reloaded(request, paper)
    return _page(request, now, errors={code: "\n".join(problems)}, status=422)


def _needed(paper: Paper, code: str) -> None:
    if code not in {needed.what.code for needed in checklist.materials(paper.plan)}:
        raise Http404(code)


def _page(
    request: access.Request,
    paper: Paper,
    *,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    shown = cards(request, paper, errors or {})
    context = {
        "paper": paper,
        "cards": shown,
        "undecided": len(paper.undecided),
        "errors": [(f"m-{card.material.code}", card.error) for card in shown if card.error],
        "steps": paper.steps(MATERIALS),
        "previous": paper.ahead_of(MATERIALS),
        "types": uploads.ACCEPT,
    }
    return render(request, "applicant/materials.html", context, status=status)


def cards(request: access.Request, paper: Paper, errors: dict[str, str]) -> list[Card]:
    """Every material that this person needs, once."""
    told = paper.draft.content.materials
    held = draft_files.by_material(draft_id=paper.draft.id, actor=request.actor)
    draft, found = paper.draft, []
    offers = reuse.offers(
        edition=draft.edition, content=draft.content, actor=request.actor, today=clock.now().date()
    )
    for needed in checklist.materials(paper.plan):
        what = needed.what
        assert isinstance(what, Material)
        found.append(
            Card(
                what,
                checklist.name_of(paper.plan, what),
                _kind(what),
                "、".join(paper.plan.edition.item(n).short_name for n in needed.items),
                _options(paper, what),
                told.get(what.code, ""),
                tuple(held.get(what.code, ())),
                errors.get(what.code, ""),
                offers.get(what.code),
            )
        )
    return found


def _kind(material: Material) -> str:
    kind = _KINDS.get(material.form, "")
    unit = "张" if material.form == "photo" else "份"
    return f"{kind} {material.copies} {unit}" if kind else ""


def _options(paper: Paper, material: Material) -> tuple[str, ...]:
    left = checklist.alternatives(paper.plan, material)
    names = {piece.code: piece.name for piece in material.pieces}
    joined = tuple("和".join(names[code] for code in option) for option in left)
    return joined if len(joined) > 1 else ()
