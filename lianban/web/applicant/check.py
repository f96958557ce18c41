"""The last page: everything read back, what is still wrong, the signatures, and handing in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from lianban import clock
from lianban.cases import agents, form_rules
from lianban.cases.services import hand_in, signatures
from lianban.catalogue.model import Field
from lianban.catalogue.planning import Kind
from lianban.engine.refusal import Refused
from lianban.web.applicant import answers, materials, pages, place, section_form
from lianban.web.applicant import form as forms
from lianban.web.applicant.pages import CHECK, MATERIALS, MORE, Page, Paper
from lianban.web.applicant.section_form import SectionForm
from lianban.web.components import access, dates, receipt_secret, signing
from lianban.web.components.parts import Row
from lianban.web.components.refusals import hidden, status_of

_HINTS = {
    False: "请输入您的姓名，就是签名",
    True: "谁签，输入谁的姓名：您，或者有委托书的代办人",
}


@dataclass(frozen=True)
class Read:
    """One page of the form as it is read back."""

    title: str
    href: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Signature:
    """One statement and the field that signs it."""

    title: str
    statement: str
    bound: object
    #: What the pad sent with a page that was refused, and what was drawn before.
    strokes: str = ""
    kept: signatures.Signature | None = None


@access.applicant_account
@never_cache
@require_safe
@hidden
@forms.with_paper
def check(request: access.Request, paper: Paper) -> HttpResponse:
    """Read everything back, say what is still wrong, and ask for the signatures."""
    return _page(request, paper, paper.values, {})


@access.applicant_account
@never_cache
@sensitive_post_parameters()
@require_POST
@hidden
def submit(request: access.Request) -> HttpResponse:
    """Sign and hand in. A second click finds the form gone and gets the first one's receipt."""
    draft = answers.open_draft(request)
    if draft is None:
        return _hand_in(request, _posted_id(request))
    return _signed(request)


@forms.with_paper
def _signed(request: access.Request, paper: Paper) -> HttpResponse:
    fields = _signature_fields(paper)
    values, _ = section_form.read(fields, request.POST)
    strokes = signing.strokes(request.POST, (field.code for field in fields))
    values = signatures.with_names(paper.draft, values, strokes)
    try:
        paper = forms.keep(request, paper, values, at=clock.now(), done=CHECK)
        signatures.sign_form(
            draft_id=paper.draft.id, strokes=strokes, actor=request.actor, at=clock.now()
        )
        if paper.undecided:
            raise Refused("form_incomplete", "还有材料没说怎么交")
        return _hand_in(request, paper.draft.id)
    except Refused as refusal:
        if refusal.code == "unknown_draft":
            return _hand_in(request, paper.draft.id)
        return _page(request, paper, {**paper.values, **values}, values, refusal=refusal)


def _hand_in(request: access.Request, draft_id: UUID) -> HttpResponse:
    receipt = hand_in.submit(draft_id=draft_id, actor=request.actor, at=clock.now())
    if receipt.secret:
        receipt_secret.keep(request, case_id=receipt.case_id, secret=receipt.secret)
    return HttpResponseRedirect(reverse("applicant:receipt", args=[receipt.case_id]))


def _posted_id(request: access.Request) -> UUID:
    try:
        return UUID(request.POST.get("draft", ""))
    except ValueError:
        raise Refused("unknown_draft", "没有这份草稿，可能已经提交或放弃") from None


def _signature_fields(paper: Paper) -> tuple[Field, ...]:
    return tuple(field for page in paper.signatures for field in page.fields)


# Showing ----------------------------------------------------------------------------------


def _page(
    request: access.Request,
    paper: Paper,
    values: Mapping[str, str],
    signed: Mapping[str, str],
    *,
    refusal: Refused | None = None,
) -> HttpResponse:
    fields = _signature_fields(paper)
    wrong = {c: w for c, w in paper.complaints.items() if signed and c in {f.code for f in fields}}
    form = SectionForm(paper.plan, fields, values, wrong)
    context = {
        "paper": paper,
        "form": form,
        "signatures": _signatures(paper, form, request.POST),
        "today": section_form.today_words(),
        "agent_rules": paper.draft.edition.agent,
        "agent_words": agents.words(paper.draft.edition, agents.of_data(paper.draft.content.agent)),
        "sign_hint": _HINTS[bool(paper.draft.content.agent)],
        "parts": _parts(paper),
        "materials": _material_rows(request, paper),
        "items": paper.plan.of(Kind.OPEN, Kind.EXTERNAL),
        "problems": _problems(paper, form, refusal),
        "open_pages": _open_pages(paper),
        "materials_href": pages.address(MATERIALS),
        "steps": paper.steps(CHECK),
        "previous": paper.ahead_of(CHECK),
        "online": place.is_online(paper.draft.edition),
    }
    status = 200 if refusal is None else _status(refusal)
    return render(request, "applicant/check.html", context, status=status)


def _status(refusal: Refused) -> int:
    return 422 if refusal.code == "form_incomplete" else status_of(refusal)


def _open_pages(paper: Paper) -> list[tuple[str, str, int]]:
    """The pages on which something is wrong: title, address, how many."""
    every = [*paper.pages, _more(paper)] if paper.more else list(paper.pages)
    found = [(page, len(paper.wrong_on(page))) for page in every]
    return [(p.title, f"{pages.address(p.code)}?check", count) for p, count in found if count]


def _more(paper: Paper) -> Page:
    return Page(MORE, "更多信息", "", tuple(f for each in paper.more for f in each.fields))


def _problems(paper: Paper, form: SectionForm, refusal: Refused | None) -> list[tuple[str, str]]:
    """What keeps the form from being handed in: an address and words for each."""
    if refusal is None:
        return []
    if refusal.code != "form_incomplete":
        return [("", refusal.message or "现在交不了，请过一会儿再试")]
    where = {
        field.code: f"{pages.address(page.code)}?check#id_{field.code}"
        for page in [*paper.pages, _more(paper)]
        for field in page.fields
    }
    titles = {field.code: page.title for page in paper.signatures for field in page.fields}
    found = []
    for code, words in paper.complaints.items():
        if code in titles:
            found.append((f"#{form[code].auto_id}", f"{titles[code]}：{words}"))
        else:
            found.append((where.get(code, ""), words))
    if paper.undecided:
        words = f"还有 {len(paper.undecided)} 份材料没说怎么交"
        found.append((pages.address(MATERIALS), words))
    return found


def _signatures(paper: Paper, form: SectionForm, sent: Mapping[str, str]) -> list[Signature]:
    kept = signatures.of_draft(draft_id=paper.draft.id)
    drawn = signing.strokes(sent, kept.keys() | set(form.fields))
    return [
        Signature(
            page.title,
            field.help,
            form[field.code],
            drawn.get(field.code, ""),
            kept.get(field.code) if field.code not in drawn else None,
        )
        for page in paper.signatures
        for field in page.fields
    ]


def _parts(paper: Paper) -> list[Read]:
    full = form_rules.complete(paper.plan, paper.values, today=clock.now().date())
    found = []
    every = [*paper.pages, _more(paper)] if paper.more else list(paper.pages)
    for page in every:
        rows = [*forms.told_rows(paper, page)]
        for field in page.fields:
            rows += _rows(paper, field, full)
        if rows:
            href = f"{pages.address(page.code)}?check"
            found.append(Read(page.title, href, tuple(rows)))
    return found


def _rows(paper: Paper, field: Field, full: Mapping[str, str]) -> list[Row]:
    """The field, and what its value leads to (a birthday from the number)."""
    value = full.get(field.code, "")
    if field.for_delivery and field not in form_rules.asked(paper.plan, paper.values):
        return []
    if not value and not field.required:
        return []
    rows = [Row(field.label, _words(field, value) or "还没填")]
    for other in paper.plan.edition.fields:
        if other.derived_from == field.code and full.get(other.code):
            rows.append(Row(other.label, _words(other, full[other.code])))
    return rows


def _words(field: Field, value: str) -> str:
    if field.type == "choice":
        return next((c.label for c in field.choices if c.value == value), value)
    if field.type == "date":
        try:
            return dates.full_day(date.fromisoformat(value))
        except ValueError:
            return value
    return value


def _material_rows(request: access.Request, paper: Paper) -> list[Row]:
    return [
        Row(card.name, f"已上传 {len(card.files)} 个文件" if card.files else card.word or "还没定")
        for card in materials.cards(request, paper, {})
    ]
