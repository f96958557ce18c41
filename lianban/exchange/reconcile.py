"""Both sides' books compared, partner by partner: what an answer of 200 has hidden comes out here.

A partner may have said that it took a message and lost it; or may have decided, and its message
never came. Each difference is a task, and is closed by itself when the books agree again.

The book of a partner with an address is read there, as it is now. One that can only ask hands its
book in, one that exchanges files fills in a 对账表: these tell of an earlier moment, and what happened
since is no difference.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db import transaction
from pydantic import ValidationError

from lianban.cases import books
from lianban.exchange import book, contract, handed, http, tasks
from lianban.exchange.answers import Temporary
from lianban.exchange.contract import BookLine, BookPage
from lianban.exchange.differences import Difference, between
from lianban.exchange.models import InboxMessage, PartnerRecord, ReconcileRecord, TaskRecord

#: Gives the partner's book behind a name, at a moment.
Fetch = Callable[[str, datetime], BookPage]
#: What happened in so short a time may still be under way.
_GRACE = timedelta(minutes=10)
_LIMIT = 200
#: Pages that are read at most: more than any department has sub-cases.
_MOST_PAGES = 20_000
#: Differences that become tasks of their own; more of them are one trouble, and one task.
MOST_TASKS = 200
#: Differences that are looked at: behind so many it is another book.
_MOST_DIFFERENCES = 5_000
_KEPT = timedelta(days=400)
_BOOK = "book"
_AGREED = "两边账目又一致了"


class BookUnreadable(Exception):
    """The partner's book cannot be read; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Reconciled:
    """What came of a comparison. Sub-cases by their names."""

    partner: str
    at: datetime
    #: Of which moment the partner's book tells, where it was handed in; None where it was read.
    book_at: datetime | None = None
    #: Sub-cases that we have sent; of them in the partner's book; of them decided on both sides.
    sent: int = 0
    seen: int = 0
    decided: int = 0
    #: Those of which no 对账表 says anything.
    unsaid: set[str] = field(default_factory=set)
    differences: list[Difference] = field(default_factory=list)
    #: Why the partner's book could not be read; empty where it could.
    error: str = ""

    @property
    def missing(self) -> list[Difference]:
        """What one side has and the other lost."""
        return self.of("missing")

    @property
    def contradicting(self) -> list[Difference]:
        """What both sides have, each otherwise."""
        return self.of("contradicting")

    @property
    def unknown(self) -> list[Difference]:
        """What the partner has and was never sent."""
        return self.of("unknown")

    def of(self, kind: str) -> list[Difference]:
        """The differences of one kind."""
        return [one for one in self.differences if one.kind == kind]

    @property
    def is_good(self) -> bool:
        """Whether the books could be read and agree."""
        return not self.error and not self.differences

    def counts(self) -> dict[str, int]:
        """Everything in numbers."""
        kinds = Counter(one.kind for one in self.differences)
        return {
            "sent": self.sent,
            "seen": self.seen,
            "decided": self.decided,
            "missing": kinds["missing"],
            "contradicting": kinds["contradicting"],
            "unknown": kinds["unknown"],
            "unsaid": len(self.unsaid),
        }


def reconcile(partner: PartnerRecord, *, at: datetime, fetch: Fetch | None = None) -> Reconciled:
    """Compare our book with a partner's, open and close tasks, and remember what came of it.

    A book that cannot be read, that was never handed in or long ago, is a task, too, and `error` in
    what is returned; nothing is closed then.
    """
    found = Reconciled(partner.code, at)
    try:
        _compare(found, partner, _opened(found, partner, fetch))
    except BookUnreadable as failure:
        found.error = failure.code
    except handed.Gone:
        found.error = "gone"
    with transaction.atomic():
        _note(found, partner)
        ReconcileRecord.objects.filter(partner=partner, at__lt=at - _KEPT).delete()
        ReconcileRecord.objects.create(
            partner=partner,
            at=at,
            book_at=found.book_at,
            counts=found.counts(),
            error=found.error[:40],
        )
    return found


def read(partner: PartnerRecord, after: str, *, at: datetime) -> BookPage:
    """One page of the partner's book, by a signed call. Raises `BookUnreadable`."""
    query = urlencode({"after": after, "limit": _LIMIT})
    try:
        got = http.get(partner, f"/book?{query}", at=at)
    except Temporary as failure:
        raise BookUnreadable(failure.code) from failure
    if got.status != 200:
        raise BookUnreadable(f"status_{got.status}")
    try:
        return BookPage.model_validate_json(got.body)
    except ValidationError as failure:
        raise BookUnreadable("not_a_book") from failure


# Theirs ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Theirs:
    """The partner's lines in the order of names, and the moment of which each tells."""

    lines: Iterator[BookLine]
    at: datetime
    #: Of 对账表: the sub-cases of which they say something, and when; None where a book is whole.
    moments: Mapping[str, datetime] | None = None

    def is_silent(self, name: str) -> bool:
        """Whether nothing was said of a sub-case, so that nothing can be missing."""
        return self.moments is not None and name not in self.moments

    def before(self, name: str) -> datetime:
        """What happened later may still be under way, or behind what the book can know."""
        return (self.moments or {}).get(name, self.at) - _GRACE


def _opened(found: Reconciled, partner: PartnerRecord, fetch: Fetch | None) -> _Theirs:
    """The partner's book. Raises `BookUnreadable` where none was handed in, or long ago."""
    if fetch is not None or handed.is_read(partner):
        ask = fetch or (lambda after, now: read(partner, after, at=now))
        return _Theirs(_theirs(ask, found.at), found.at)
    books = handed.whole(partner)
    if not books:
        raise BookUnreadable("no_book")
    found.book_at = books[0].as_of
    if found.book_at < found.at - handed.most_age(partner):
        raise BookUnreadable("old_book")
    if partner.mode == PartnerRecord.Mode.POLL:
        return _Theirs(handed.lines(books[-1]), books[-1].as_of)
    said: dict[str, BookLine | None] = {}
    moments: dict[str, datetime] = {}
    for one in books:  # where two offices say something of the same sub-case, the later counts
        mine = handed.sheet_lines(one)
        said |= mine
        moments |= dict.fromkeys(mine, one.as_of)
    lines = (said[name] for name in sorted(said))
    return _Theirs((line for line in lines if line is not None), found.book_at, moments)


# Comparing -------------------------------------------------------------------------------------


def _compare(found: Reconciled, partner: PartnerRecord, book_: _Theirs) -> None:
    """Go through both books side by side; both are in the order of names."""
    ours, theirs = _ours(partner), book_.lines
    our, their = next(ours, None), next(theirs, None)
    while our is not None or their is not None:
        order = _order(our, their)
        if order <= 0 and our is not None:
            found.sent += 1
        pair = (our if order <= 0 else None, their if order >= 0 else None)
        _look(found, partner, book_, *pair)
        if len(found.differences) >= _MOST_DIFFERENCES:
            raise BookUnreadable("many")
        our = next(ours, None) if order <= 0 else our
        their = next(theirs, None) if order >= 0 else their


def _order(our: books.Line | None, their: BookLine | None) -> int:
    """-1 where ours comes first, 1 where theirs does, 0 where they are the same sub-case."""
    if our is None or their is None:
        return 1 if our is None else -1
    name = _name(our)
    return (name > their.sub_case) - (name < their.sub_case)


def _look(
    found: Reconciled,
    partner: PartnerRecord,
    book_: _Theirs,
    our: books.Line | None,
    their: BookLine | None,
) -> None:
    if our is not None and their is not None:
        found.seen += 1
        found.decided += bool(our.outcome and their.outcome)
    if our is None and their is not None and _was_tried(partner, their.sub_case):
        return
    name = _name(our) if our is not None else their.sub_case if their is not None else ""
    if their is None and book_.is_silent(name):
        found.unsaid.add(name)
        return
    code = between(our, their, came=lambda: _came(partner, name), before=book_.before(name))
    if code:
        case_id, item = (our.case_id, our.item) if our is not None else _place(name)
        found.differences.append(Difference(code, name, case_id, item))


def _came(partner: PartnerRecord, name: str) -> frozenset[str]:
    """The words of the messages about a sub-case that were taken."""
    rows = InboxMessage.objects.filter(partner=partner, subject=name)
    rows = rows.exclude(state=InboxMessage.State.REFUSED)
    return frozenset(rows.values_list("type", flat=True))


def _name(line: books.Line) -> str:
    return contract.sub_case(line.case_number, line.item)


def _was_tried(partner: PartnerRecord, name: str) -> bool:
    """A message may have arrived although no answer came back."""
    named = contract.parse_sub_case(name)
    return named is not None and books.is_tried(
        department=partner.code, case_number=named[0], item=named[1]
    )


def _place(name: str) -> tuple[UUID | None, int | None]:
    named = contract.parse_sub_case(name)
    case_id = books.find(case_number=named[0], item=named[1]) if named else None
    return (case_id, named[1]) if named and case_id else (None, None)


def _ours(partner: PartnerRecord) -> Iterator[books.Line]:
    after = ("", 0)
    while lines := books.page(department=partner.code, after=after, limit=book.MOST):
        yield from lines
        after = (lines[-1].case_number, lines[-1].item)


def _theirs(fetch: Fetch, at: datetime) -> Iterator[BookLine]:
    """The partner's lines about sub-cases. Raises `BookUnreadable` where the pages have no order."""
    began, after, last = time.monotonic(), "", ""
    for _ in range(_MOST_PAGES):
        page = fetch(after, at + timedelta(seconds=time.monotonic() - began))
        for line in page.lines:
            if line.sub_case <= last:
                raise BookUnreadable("no_order")
            last = line.sub_case
            if contract.parse_sub_case(last):
                yield line
        if not page.next:
            return
        if page.next <= after:
            raise BookUnreadable("no_order")
        after = page.next
    raise BookUnreadable("no_end")


# Tasks -----------------------------------------------------------------------------------------


def _note(found: Reconciled, partner: PartnerRecord) -> None:
    """Open a task for each difference, and close those of differences that are gone."""
    if found.error:
        if not _is_new(partner, found):
            _open(partner, found.at, about=_BOOK, code=found.error)
        return
    wanted = {one.name: one for one in found.differences}
    listed = dict(list(wanted.items())[:MOST_TASKS])
    is_flood = len(wanted) > MOST_TASKS
    open_ = TaskRecord.objects.filter(
        partner=partner, kind=TaskRecord.Kind.DIFFERENCE, closed_at=None
    )
    for task in list(open_):
        if task.about in found.unsaid:
            continue
        now = wanted.get(task.about)
        stays = is_flood and task.code == "many" if task.about == _BOOK else now is not None
        if not stays or (now is not None and now.code != task.code):
            note = _AGREED if now is None else "现在是另一种不一致，另开一条"
            tasks.settle(
                kind=TaskRecord.Kind.DIFFERENCE,
                partner=partner,
                about=task.about,
                note=note,
                at=found.at,
            )
    for name, one in listed.items():
        _open(partner, found.at, about=name, code=one.code, case_id=one.case_id, item=one.item)
    if is_flood:
        _open(partner, found.at, about=_BOOK, code="many")


def _is_new(partner: PartnerRecord, found: Reconciled) -> bool:
    """Whether a partner was connected so lately that its first book is not late yet."""
    is_due = found.error == "no_book"
    return is_due and partner.connected_at > found.at - handed.most_age(partner)


def _open(partner: PartnerRecord, at: datetime, **said: Any) -> None:
    tasks.open_(kind=TaskRecord.Kind.DIFFERENCE, partner=partner, at=at, **said)
