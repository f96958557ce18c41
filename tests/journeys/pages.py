"""Going to every page that somebody may see, with real ids, at both widths.

Two modules share this, so that two workers share the way: those who come, and those who decide.
"""

import io
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from playwright.sync_api import ConsoleMessage, Page

from lianban import clock
from lianban.accounts import actors
from lianban.accounts.actor import Actor
from lianban.accounts.models import User
from lianban.cases import queries, services
from lianban.cases.content import Content
from lianban.cases.models import (
    AppointmentRecord,
    JointCaseRecord,
    ResultRecord,
    SlotRecord,
    SubCaseRecord,
)
from lianban.cases.services import delivery, dossiers, drafts, roster, scans
from lianban.documents import papers
from lianban.documents.models import IssuedDocumentRecord
from lianban.engine.commands import Reopen
from lianban.ops import demo, demo_astray, demo_people, demo_visits
from lianban.ops.demo_results import show_results
from lianban.outbox.models import OutboxMessage
from lianban.web.components.access import Access, Door
from tests.exchange import file_desk
from tests.journeys import people
from tests.journeys.records import DISTRICT, RECORDS, appointments
from tests.services import hostile, money
from tests.services.cast import CONSCRIPT, FIELDS
from tests.web.exchange import ground as watched

OpenPage = Callable[..., Page]
Barriers = Callable[[Page], list[str]]
NOW = datetime(2026, 10, 19, 10, 0, tzinfo=clock.SHANGHAI)
SIZES = ((1280, 900), (390, 844))
PEOPLE = 24
#: Values of parameters that are words; a page that is not here and needs one answers 404.
WORDS: dict[str, tuple[str, ...]] = {
    "applicant:question": ("rank", "pension_insurance", "children_schooling"),
    "applicant:form": ("basic", "service", "delivery", "more"),
    "counter:waiting": ("to_accept", "correction", "owed", "pick_up"),
    "department:with_words": (
        "request_correction", "accept_with_deferral", "suspend", "extend", "return",
    ),
}  # fmt: skip
#: Never pages; departments have no receipts, so not everybody finds every one.
DOWNLOADS = (
    "results:file",
    "results:labels",
    "papers:paper",
    "files:file",
    "files:original",
    "bureau:letter",
    "counter:scan_image",
    "bureau:download_pack",
    "department:file_workbook",
    "department:file_signature",
    "department:file_refused",
    "department:files_key",
)
#: Pages that only an item has that pays.
PAYING = ("bureau:amount", "bureau:approve_amount", "applicant:my_account", "counter:account")
NUMBERS = {"applicant:leave_out": (3,), "applicant:take_back": (14,)}


@dataclass(frozen=True)
class Route:
    """One address of the server with the names of its parameters."""

    name: str
    parameters: tuple[str, ...]
    access: Access


def routes() -> Iterator[Route]:
    """Every route that has a name."""
    return _routes(get_resolver(), "", ())


def _routes(resolver: URLResolver, space: str, before: tuple[str, ...]) -> Iterator[Route]:
    for entry in resolver.url_patterns:
        own = (*before, *entry.pattern.converters)
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from _routes(entry, inner, own)
        elif isinstance(entry, URLPattern) and entry.name:
            yield Route(space + entry.name, own, entry.callback.access)


@dataclass
class Walk:
    """One person going everywhere they may."""

    page: Page
    barriers: Barriers
    actor: Actor | None
    found: list[str] = field(default_factory=list)
    visited: set[str] = field(default_factory=set)
    looked: set[str] = field(default_factory=set)
    tried: set[str] = field(default_factory=set)

    def go(self) -> None:
        for route in routes():
            if route.name in DOWNLOADS:
                continue
            is_public = route.access.door is Door.PUBLIC
            if is_public == (self.actor is None) and route.access.admits(self.actor):
                for address in self._addresses(route):
                    self._visit(route, address)

    def hear(self, said: ConsoleMessage) -> None:
        """Note what the browser complains of."""
        if said.type == "error":
            self.found.append(f"{self.page.url}: console: {said.text}")

    def _visit(self, route: Route, address: str) -> None:
        self.tried.add(route.name)
        answer = self.page.request.get(address)
        if answer.status == 405:  # only ever posted to
            return
        if not answer.ok:
            self.found.append(f"{route.name} {address}: {answer.status}")
        if answer.url.split("?")[0] in self.visited or "html" not in answer.headers["content-type"]:
            return
        self.visited.add(answer.url.split("?")[0])
        self.page.goto(address)
        for width, height in self._sizes(route):
            self.page.set_viewport_size({"width": width, "height": height})
            self.found += [f"{width}: {each}" for each in self.barriers(self.page)]
            self.found += people.flaws(self.page)

    def _sizes(self, route: Route) -> Collection[tuple[int, int]]:
        """Both widths for each kind of page; its further states at one of them, in turn."""
        if route.name not in self.looked:
            self.looked.add(route.name)
            return SIZES
        return (SIZES[len(self.visited) % len(SIZES)],)

    def _addresses(self, route: Route) -> Iterator[str]:
        if "case_id" in route.parameters:
            yield from self._of_cases(route)
            return
        for chosen in product(*(self._choices(route, name) for name in route.parameters)):
            yield reverse(route.name, args=chosen)

    def _of_cases(self, route: Route) -> Iterator[str]:
        if "appointment_id" in route.parameters:
            for booked in appointments(self.actor).values_list("case_id", "id")[:1]:
                yield reverse(route.name, args=booked)
            return
        for case_id, number in self._cases(route):
            values = {"case_id": [case_id], "number": [number]}
            choices = [values.get(p) or self._choices(route, p) for p in route.parameters]
            for chosen in product(*choices):
                yield reverse(route.name, args=chosen)

    def _cases(self, route: Route) -> list[tuple[Any, int]]:
        """One case, or one item, in each state that this person sees."""
        items = SubCaseRecord.objects.select_related("case").order_by("case_id", "number")
        assert self.actor
        if self.actor.kind == "applicant":
            items = items.filter(case__applicant_id=self.actor.user_id)
        else:
            items = items.filter(case__district_id=DISTRICT)
        is_own = route.name == "results:of_item" and "department_officer" in self.actor.roles
        if is_own or route.name.startswith(("department:", "reassign:")):
            items = items.filter(department=self.actor.department)
        by_item = "number" in route.parameters
        if route.name in PAYING:
            items = items.filter(number=money.ITEM)
        one: dict[str, tuple[Any, int]] = {}
        for item in items:
            one.setdefault(item.state if by_item else item.case.state, (item.case_id, item.number))
        return list(one.values())

    def _choices(self, route: Route, name: str) -> list[Any]:
        if route.name == "papers:verified":
            return [IssuedDocumentRecord.objects.get().verification_code]
        if name == "number":
            return list(NUMBERS.get(route.name, (1,)))
        if name in RECORDS:
            return list(RECORDS[name](self.actor)[:1])
        return list(WORDS.get(route.name, ("any",)))


def build(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """The demonstration city with some people, and something of each kind that has a page."""
    settings.LIANBAN_DEMO = True
    settings.PASSWORD_HASHERS = [people.QUICK_HASHER]
    monkeypatch.setattr(clock, "now", lambda: NOW)
    demo.load_city()
    assert list(demo_people.carry_all(count=PEOPLE, at=NOW))
    book_one()
    bureau, clerk = officer("donghu-jingban"), officer("donghu-chuangkou")
    for actor in (clerk, applicant()):
        draft = drafts.start(district=DISTRICT, actor=actor, at=NOW)
        content = Content(answers=CONSCRIPT, fields={"name": FIELDS["name"]})
        drafts.save(draft_id=draft.id, content=content, actor=actor, at=NOW)
    something_to_post(clerk)
    show_results(clerk, at=NOW)
    watch_police()
    demo_astray.load(at=NOW)
    case = JointCaseRecord.objects.filter(district_id=DISTRICT).first()
    assert case
    view = queries.get(case_id=case.id, actor=bureau, at=NOW)
    papers.pdf(view, kind="receipt", item=None, actor=bureau, at=NOW, base_url="http://testserver")
    dossiers.record(
        rows=[(FIELDS["name"], FIELDS["identity_number"])],
        state="arrived",
        district=DISTRICT,
        vouchers=[],
        actor=bureau,
        at=NOW,
    )
    scan = hostile.image(size=(210, 297))
    scans.take(upload=io.BytesIO(scan), name="扫描.jpg", actor=clerk, at=NOW)
    roster_id = roster.upload(
        content="姓名,身份证号\n周文,430102".encode(),
        name="名册.csv",
        district=DISTRICT,
        actor=bureau,
        at=NOW,
    )
    roster.work(roster_id=roster_id, now=lambda: NOW)


def something_to_post(clerk: Actor) -> None:
    """Where nothing is to be posted, somebody whose result lies at a counter wants it by courier."""
    here = ResultRecord.objects.filter(district_id=DISTRICT, withdrawn_at=None)
    if here.filter(state="to_post").exists():
        return
    one = here.filter(state="to_hand_over").select_related("sub_case").order_by("sub_case_id")[0]
    address = {key: FIELDS[key] for key in ("recipient", "recipient_phone", "postal_address")}
    delivery.change(
        case_id=one.sub_case.case_id,
        ways={one.sub_case.number: "courier"},
        address=address,
        actor=clerk,
        at=NOW,
    )


def _at_the_police() -> SubCaseRecord:
    """An item that lies with the police; one that they decided is taken up again if there is none."""
    own = SubCaseRecord.objects.filter(department=watched.POLICE, district_id=DISTRICT)
    items = own.order_by("case_id", "number")
    decided = items.filter(outcome="granted", case__state="in_handling")
    for one in [] if items.filter(state="dispatched").exists() else decided:
        again = Reopen("重新办理", one.number)
        services.run(again, case_id=one.case_id, actor=officer("donghu-juzhang"), at=NOW)
        if items.filter(state="dispatched").exists():
            break
    found = items.filter(state="dispatched").first()
    assert found
    return found


def watch_police() -> None:
    """The police have a system: one message did not arrive, and one that came fits nothing. Before
    that, they were handed a file.
    """
    watched.police(at=NOW - timedelta(days=90))  # before all cases
    item = _at_the_police()
    others = OutboxMessage.objects.filter(department=watched.POLICE).exclude(
        case_id=item.case_id, item=item.number
    )
    others.update(state="sent", done_at=NOW)
    file_desk.one_file(officer("donghu-gongan"), at=NOW)
    watched.dead(item.case_id, item.number)
    watched.parked(item.case_id, item.number)


def book_one() -> None:
    """The police have times, and the applicant has one of them."""
    demo_visits.open_times(at=NOW)
    case = JointCaseRecord.objects.filter(applicant_id=applicant().user_id).first()
    slot = SlotRecord.objects.filter(office__district_id=DISTRICT, taken=0).order_by("id")[0]
    assert case
    _, is_new = AppointmentRecord.objects.get_or_create(
        case=case,
        purpose=slot.purpose,
        state="booked",
        defaults={"slot": slot, "items": [4], "booked_at": NOW, "changed_at": NOW},
    )
    SlotRecord.objects.filter(id=slot.id).update(taken=int(is_new))


def officer(username: str) -> Actor:
    return actors.from_user(User.objects.get(username=username))


def applicant() -> Actor:
    """Somebody whose case is being handled here."""
    cases = JointCaseRecord.objects.filter(district_id=DISTRICT, applicant__isnull=False)
    paying = cases.filter(state="in_handling", sub_cases__number=money.ITEM)
    case = paying.order_by("case_number").first()
    assert case and case.applicant
    return actors.from_user(case.applicant)


#: Those who come and the counter that they come to; everybody else decides.
COMING = ("a stranger", "an applicant", "a clerk")
WHO: dict[str, Callable[[], Actor | None]] = {
    "a stranger": lambda: None,
    "an applicant": applicant,
    "a clerk": lambda: officer("donghu-chuangkou"),
    "the bureau": lambda: officer("donghu-jingban"),
    "the police": lambda: officer("donghu-gongan"),
    "the schools": lambda: officer("donghu-jiaoyu"),
    "an administrator": lambda: officer("guanli"),
}


def walk_all(
    names: Collection[str], open_page: OpenPage, barriers: Barriers, url: str
) -> tuple[set[str], list[str]]:
    """Go everywhere as each of these people: the routes that were tried, and what was found."""
    found, tried = [], set(DOWNLOADS)
    for who in names:
        walk = Walk(open_page(), barriers, WHO[who]())
        walk.page.on("console", walk.hear)
        enter(walk.page, walk.actor, url)
        walk.go()
        found += [f"{who}: {each}" for each in walk.found]
        tried |= walk.tried
        walk.page.context.close()
    return tried, found


def open_to(names: Collection[str]) -> set[str]:
    """The routes that one of these people may call."""
    actors_ = [WHO[who]() for who in names]
    return {route.name for route in routes() for actor in actors_ if route.access.admits(actor)}


def enter(page: Page, actor: Actor | None, url: str) -> None:
    """Sign in, or answer the guide, without the pages for it; journeys go through those."""
    client = Client()
    if actor:
        client.force_login(User.objects.get(id=actor.user_id))
    else:
        for key, value in CONSCRIPT.items():
            client.post(f"/guide/{key}/", {"answer": value})
    for name, held in client.cookies.items():
        page.context.add_cookies([{"name": name, "value": held.value, "url": url}])
