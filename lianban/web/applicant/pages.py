"""The pages of the form, in the plan's order: sections, what may be left out, materials, the check."""

from dataclasses import dataclass
from typing import Literal

from django.urls import reverse

from lianban import clock
from lianban.cases import agents, form_rules
from lianban.cases.services.drafts import Draft
from lianban.catalogue import checklist
from lianban.catalogue.model import Field, Section
from lianban.catalogue.planning import Plan
from lianban.web.components.parts import Step

MORE, MATERIALS, CHECK = "more", "materials", "check"


@dataclass(frozen=True)
class Page:
    """One page of the form and the fields on it."""

    code: str
    title: str
    help: str
    fields: tuple[Field, ...]
    #: The fields that the guide has answered, shown to read.
    told: tuple[Field, ...] = ()


@dataclass(frozen=True)
class Paper:
    """The whole form as one draft stands: its pages, and what is still wrong on each."""

    draft: Draft
    plan: Plan
    pages: tuple[Page, ...]
    #: Sections whose fields are signatures; they are signed on the check page.
    signatures: tuple[Page, ...]
    #: Sections that may be left out altogether, on one page.
    more: tuple[Page, ...]
    complaints: dict[str, str]

    @property
    def values(self) -> dict[str, str]:
        """What was typed, by field code."""
        return self.draft.content.fields

    @property
    def undecided(self) -> list[str]:
        """Codes of materials of which nobody said how they come."""
        told = self.draft.content.materials
        return [n.what.code for n in checklist.materials(self.plan) if not told.get(n.what.code)]

    def page(self, code: str) -> Page | None:
        """One page of fields, or None."""
        return next((page for page in self.pages if page.code == code), None)

    def wrong_on(self, page: Page) -> dict[str, str]:
        """What is wrong on one page, by field code."""
        return {f.code: self.complaints[f.code] for f in page.fields if f.code in self.complaints}

    @property
    def first_open(self) -> str:
        """The first page that is not in order yet."""
        done = self.draft.content.done
        for page in self.pages:
            if page.code not in done or self.wrong_on(page):
                return page.code
        return MATERIALS if self.undecided else CHECK

    def after(self, code: str) -> str:
        """The address of the page that follows."""
        codes = self.codes
        return address(codes[codes.index(code) + 1])

    def ahead_of(self, code: str) -> str:
        """The address of the page before, or of the guide's result."""
        codes = self.codes
        place = codes.index(code)
        return address(codes[place - 1]) if place else reverse("applicant:result")

    @property
    def codes(self) -> list[str]:
        """The pages' codes, in order."""
        more = [MORE] if self.more else []
        return [*(page.code for page in self.pages), *more, MATERIALS, CHECK]

    def steps(self, here: str) -> list[Step]:
        """The pages as `{% steps %}` shows them."""
        found = [self._step(page, here) for page in self.pages]
        done = self.draft.content.done
        if self.more:
            state: Literal["done", "here", ""] = "done" if MORE in done else ""
            found.append(
                Step("更多信息", "here" if here == MORE else state, "可以不填", address(MORE))
            )
        count, open_ = len(checklist.materials(self.plan)), len(self.undecided)
        note = f"还有 {open_} 份没定" if open_ and MATERIALS in done else f"{count} 份"
        state = "here" if here == MATERIALS else "" if open_ else "done"
        found.append(Step("交材料", state, note, address(MATERIALS)))
        found.append(Step("核对并签名", "here" if here == CHECK else "", "", address(CHECK)))
        return found

    def _step(self, page: Page, here: str) -> Step:
        wrong = len(self.wrong_on(page))
        visited = page.code in self.draft.content.done
        note = f"有 {wrong} 处要改" if wrong and visited else ""
        state: Literal["done", "here", ""] = "done" if visited and not wrong else ""
        return Step(page.title, "here" if page.code == here else state, note, address(page.code))


def address(code: str) -> str:
    """The address of one page of the form."""
    return reverse("applicant:form", args=[code])


def paper(draft: Draft) -> Paper:
    """Lay the draft's form out. Raises what `Content.plan` raises."""
    plan = draft.content.plan(draft.edition)
    values, today = draft.content.fields, clock.now().date()
    signing = agents.signing(
        edition=draft.edition, agent=agents.of_data(draft.content.agent), on=today
    )
    complaints = form_rules.complaints(plan, values, today=today, signing=signing)
    pages, signatures, more = [], [], []
    for section in draft.edition.sections:
        asked = _asked(plan, values, section)
        needed = tuple(f for f in asked if not f.full_element)
        told = _told(plan, section)
        if needed and all(field.type == "signature" for field in needed):
            signatures.append(_page(section, needed))
        elif needed:
            pages.append(_page(section, needed, told))
        optional = tuple(f for f in asked if f.full_element)
        if optional:
            more.append(_page(section, optional))
    return Paper(draft, plan, tuple(pages), tuple(signatures), tuple(more), complaints)


def _page(section: Section, fields: tuple[Field, ...], told: tuple[Field, ...] = ()) -> Page:
    return Page(section.code, section.title, section.help, fields, told)


def _asked(plan: Plan, values: dict[str, str], section: Section) -> list[Field]:
    """What is asked on the page: also an address for the post, before a way is chosen."""
    ways = dict(values)
    for field in plan.edition.fields:
        for choice in field.choices if field.delivers and field.section == section.code else ():
            if choice.value in _posted(plan):
                ways[field.code] = choice.value
    asked = form_rules.asked(plan, ways, section=section.code)
    return asked + _typed_though_derived(plan, values, section)


def _posted(plan: Plan) -> frozenset[str]:
    return frozenset(f.for_delivery for f in plan.edition.fields if f.for_delivery)


def _typed_though_derived(plan: Plan, values: dict[str, str], section: Section) -> list[Field]:
    """A date that the number gives, and that was typed as well: shown where it contradicts."""
    return [
        n.what
        for n in checklist.fields(plan)
        if isinstance(n.what, Field)
        and n.what.section == section.code
        and n.what.type == "date"
        and n.what.derived_from
        and values.get(n.what.code)
    ]


def _told(plan: Plan, section: Section) -> tuple[Field, ...]:
    return tuple(
        n.what
        for n in checklist.fields(plan)
        if isinstance(n.what, Field) and n.what.question and n.what.section == section.code
    )
