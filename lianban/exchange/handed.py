"""Books that are handed in (交账): page by page by a partner that can only ask, or as a 对账表.

A book counts from the moment its last page is here. Of each partner, and of each office that fills
in 对账表, the last whole book is kept, and beside it one that is still coming.
"""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from lianban.cases import impersonal
from lianban.engine.refusal import Refused
from lianban.exchange import contract, registry
from lianban.exchange.contract import BookLine
from lianban.exchange.models import ExchangeFile, HandedBook, HandedPage, PartnerRecord

#: A partner's clock may go before ours by so much.
_SKEW = timedelta(minutes=5)
_OFTEN = {PartnerRecord.Mode.POLL: timedelta(days=7), PartnerRecord.Mode.FILE: timedelta(days=35)}
_DISPATCH = "dispatch"


def is_expected(partner: PartnerRecord) -> bool:
    """Whether this partner has to hand in its book: it has sub-cases, and no address."""
    is_asked = partner.mode in _OFTEN
    return is_asked and _DISPATCH in registry.adapter(partner.adapter).tells


def is_read(partner: PartnerRecord) -> bool:
    """Whether we read the partner's book at its address."""
    return partner.mode == PartnerRecord.Mode.PUSH and bool(partner.address)


def has_book(partner: PartnerRecord) -> bool:
    """Whether there is, or should be, a book of the partner's to compare with ours."""
    return is_read(partner) or is_expected(partner)


def most_age(partner: PartnerRecord) -> timedelta:
    """How old the book of a partner that hands it in may be: a week, or five for a 对账表."""
    return _OFTEN[PartnerRecord.Mode(partner.mode)]


@transaction.atomic
def take(*, partner: PartnerRecord, said: contract.BookPart, at: datetime) -> contract.BookReceipt:
    """Keep one page of a book. The same page again changes nothing, and is answered the same.

    Raises `Refused`, with codes of `exchange.complaints`: `no_book`, `not_yet`, `older_book`,
    `missing_page`, `id_reused` (another page, or another moment, under a known name),
    `book_ended`, `wrong_order`, `personal_number`.
    """
    _take_turn(partner)
    if partner.mode != PartnerRecord.Mode.POLL or not is_expected(partner):
        raise Refused("no_book")
    if said.as_of > at + _SKEW:
        raise Refused("not_yet")
    digest = hashlib.sha256(said.model_dump_json().encode()).hexdigest()
    book = HandedBook.objects.filter(partner=partner, name=said.book).first()
    if book is None or said.page > book.page_count:
        _add(book or _begun(partner, said, at), said, digest, at)
    elif not book.pages.filter(number=said.page, digest=digest).exists():
        raise Refused("id_reused")
    return contract.BookReceipt(book=said.book, page=said.page, complete=said.complete)


def _take_turn(partner: PartnerRecord) -> None:
    """One page of a partner at a time; its own row stays free for what it tells meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"book:{partner.code}"])


def _begun(partner: PartnerRecord, said: contract.BookPart, at: datetime) -> HandedBook:
    """A new book; half of an earlier one goes. Undone with the transaction where it is refused."""
    books = HandedBook.objects.filter(partner=partner)
    if books.filter(completed_at__isnull=False, as_of__gte=said.as_of).exists():
        raise Refused("older_book")
    books.filter(completed_at=None).delete()
    return HandedBook.objects.create(partner=partner, name=said.book, as_of=said.as_of, begun_at=at)


def _add(book: HandedBook, said: contract.BookPart, digest: str, at: datetime) -> None:
    if book.as_of != said.as_of:
        raise Refused("id_reused")
    if book.completed_at is not None:
        raise Refused("book_ended")
    if said.page != book.page_count + 1:
        raise Refused("missing_page")
    if said.lines and said.lines[0].sub_case <= book.last:
        raise Refused("wrong_order")
    _require_no_person(said.lines, at)
    lines = [line.model_dump(mode="json") for line in said.lines]
    HandedPage.objects.create(book=book, number=said.page, digest=digest, lines=lines)
    book.page_count, book.last = said.page, lines[-1]["sub_case"] if lines else book.last
    book.completed_at = at if said.complete else None
    book.save()
    if said.complete:  # whoever asks has one book; 对账表 of before are over
        HandedBook.objects.filter(partner_id=book.partner_id).exclude(id=book.id).delete()


def _require_no_person(lines: Iterable[BookLine], at: datetime) -> None:
    for line in lines:
        is_ours = contract.parse_sub_case(line.sub_case) is not None
        texts = (line.result_number, line.state, "" if is_ours else line.sub_case)
        try:
            for text in texts:
                impersonal.require_document_number(text, today=at.date())
        except Refused as refused:
            raise Refused("personal_number") from refused


def _forget_earlier(book: HandedBook) -> None:
    """The office's earlier 对账表 go, and what the partner handed in page by page, if it once did."""
    rows = HandedBook.objects.filter(partner_id=book.partner_id).exclude(id=book.id)
    is_sheet = Q(name__in=_sheets(book.partner_id))
    rows.filter(Q(district=book.district) | ~is_sheet).delete()


@transaction.atomic
def keep_sheet(out: ExchangeFile, lines: dict[str, BookLine | None], *, at: datetime) -> HandedBook:
    """Keep what a 对账表 says, by sub-case; None where the department does not have it.

    What an earlier upload of the same 对账表 said, and this one does not, stays; the office's earlier
    one goes.
    """
    _take_turn(out.partner)
    book, _ = HandedBook.objects.get_or_create(
        partner=out.partner,
        name=out.number,
        defaults={"district": out.district, "as_of": out.made_at, "begun_at": at},
    )
    said = sheet_lines(book) | lines
    plain = [_plain(name, said[name]) for name in sorted(said)]
    HandedPage.objects.update_or_create(book=book, number=1, defaults={"lines": plain})
    newer = HandedBook.objects.filter(
        partner=out.partner, district=out.district, as_of__gt=book.as_of
    )
    if newer.exists():
        raise Refused("older_book", "后来又导出过新的对账表，也传回来了，请填新的那一张")
    book.page_count, book.completed_at = 1, at
    book.save()
    _forget_earlier(book)
    return book


def _plain(name: str, line: BookLine | None) -> dict[str, object]:
    return line.model_dump(mode="json") if line else {"sub_case": name, "absent": True}


def sheet_lines(book: HandedBook) -> dict[str, BookLine | None]:
    """What a 对账表 says, by sub-case; None where the department does not have it."""
    page = book.pages.first()
    return {
        one["sub_case"]: None if "absent" in one else BookLine.model_validate(one)
        for one in (page.lines if page else [])
    }


def whole(partner: PartnerRecord) -> list[HandedBook]:
    """The last whole books of a partner, the oldest first: one, or one 对账表 for each office.

    What it handed in the other way, before its mode was changed, does not count.
    """
    rows = HandedBook.objects.filter(partner=partner, completed_at__isnull=False)
    is_sheet = Q(name__in=_sheets(partner.code))
    rows = rows.filter(is_sheet if partner.mode == PartnerRecord.Mode.FILE else ~is_sheet)
    return list(rows.order_by("as_of", "id"))


def _sheets(code: str) -> QuerySet[Any]:
    return ExchangeFile.objects.filter(partner_id=code).values("number")


def lines(book: HandedBook) -> Iterator[BookLine]:
    """A whole book's lines about sub-cases, in the order of names. Raises `Gone`."""
    for number in range(1, book.page_count + 1):
        page = book.pages.filter(number=number).first()
        if page is None:
            raise Gone
        read = map(BookLine.model_validate, page.lines)
        yield from (line for line in read if contract.parse_sub_case(line.sub_case))


class Gone(Exception):
    """A newer book took this one's place while it was read."""


def forget(*, before: datetime) -> int:
    """Forget books that nobody has replaced since a moment; how many they were."""
    _, gone = HandedBook.objects.filter(begun_at__lt=before).delete()
    return gone.get("exchange.HandedBook", 0)
