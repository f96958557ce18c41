"""Issued documents: their numbers, their codes, and what a stranger learns from them."""

import dataclasses
import hashlib
import io
import re
import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection, transaction
from pypdf import PdfReader

from lianban import vault
from lianban.accounts.apps import keyring_from_settings
from lianban.documents import authenticity, issue, models, qr, verify
from tests.documents import samples

pytestmark = pytest.mark.django_db
CASE = uuid.UUID("8c1f0e52-0000-4000-8000-000000000001")
PREFIX = "清退役联受"


@pytest.fixture(autouse=True)
def keys() -> Iterator[None]:
    """Give the vault keys of its own."""
    vault.configure(lambda: vault.Keyring.of(masters=[b"m" * 32], index_key=b"i" * 32))
    yield
    vault.configure(keyring_from_settings)


def issued(**changes: Any) -> models.IssuedDocumentRecord:
    """Issue the acceptance notice with some arguments changed."""
    arguments: dict[str, Any] = {
        "document": samples.ACCEPTANCE,
        "case_id": CASE,
        "prefix": PREFIX,
        "base_url": "https://yijianshi.example/",
    }
    with transaction.atomic():
        return issue.issue(**{**arguments, **changes})


def test_numbers_of_one_series_follow_one_another_and_start_anew_each_year() -> None:
    first, second = issued(), issued(case_id=uuid.uuid4())
    eve = dataclasses.replace(
        samples.ACCEPTANCE, issued_at=datetime(2026, 12, 31, 15, 59, tzinfo=UTC)
    )
    new_year = dataclasses.replace(
        samples.ACCEPTANCE, issued_at=datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    )
    assert first.number == "清退役联受〔2026〕000001号"
    assert second.number == "清退役联受〔2026〕000002号"
    assert issued(document=eve, item=1).number == "清退役联受〔2026〕000003号"
    assert issued(document=new_year, item=2).number == "清退役联受〔2027〕000001号"
    assert issued(item=3, prefix="清退役联办").number == "清退役联办〔2026〕000001号"


def test_issuing_again_gives_the_first_document_and_uses_no_number() -> None:
    first = issued()
    assert issued().pk == first.pk
    assert issued(item=4).pk != first.pk
    assert issued(item=4).number.endswith("000002号")
    assert issued(sequence=2).number.endswith("000003号")


def test_a_transaction_that_fails_gives_its_number_back() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        issue.issue(
            document=samples.ACCEPTANCE, case_id=CASE, prefix=PREFIX, base_url="https://x.example"
        )
        raise RuntimeError
    assert issued().number.endswith("000001号")


def test_the_file_carries_its_number_and_its_code_and_is_sealed() -> None:
    record = issued()
    file = issue.open_file(models.IssuedDocumentRecord.objects.get(pk=record.pk))
    text = re.sub(r"\s+", "", PdfReader(io.BytesIO(file)).pages[0].extract_text())
    assert record.number in text
    assert record.verification_code in text
    assert record.sha256 == hashlib.sha256(file).hexdigest()
    assert b"%PDF" not in bytes(record.sealed_file)


def test_a_file_moved_to_another_row_does_not_open() -> None:
    record, other = issued(), issued(item=2)
    other.sealed_file = record.sealed_file
    with pytest.raises(vault.Unreadable):
        issue.open_file(other)


def test_a_stranger_learns_that_the_paper_is_ours_and_nothing_of_the_person() -> None:
    record = issued()
    facts = verify.look_up(record.verification_code)
    assert facts == verify.VerifiedDocument(
        kind="acceptance_notice",
        title="受理通知书",
        number=record.number,
        issued_date=date(2026, 9, 14),
        office="清源市临江县退役军人事务局",
        sha256=record.sha256,
    )
    told = str(dataclasses.asdict(facts))
    assert "赵建国" not in told and "002X" not in told and "TY2026" not in told


def test_a_code_may_be_typed_as_people_type() -> None:
    code = issued().verification_code
    typed = f" {code[:4]}-{code[4:8]} {code[8:]}".lower().replace("0", "o").replace("1", "l")
    assert verify.look_up(typed) is not None


@pytest.mark.parametrize("code", ["", "0" * 16, "x", "U" * 16, "0" * 10_000, "'; drop", "\x00"])
def test_a_code_that_is_not_ours_finds_nothing(code: str) -> None:
    issued()
    assert verify.look_up(code) is None


@pytest.mark.parametrize(
    "changes", [{"number": "清退役联受〔2026〕999999号"}, {"body_hash": "0" * 64}]
)
def test_a_record_changed_behind_our_back_no_longer_verifies(changes: dict[str, str]) -> None:
    record = issued()
    models.IssuedDocumentRecord.objects.filter(pk=record.pk).update(**changes)
    assert verify.look_up(record.verification_code) is None


def test_a_code_depends_on_number_content_and_key() -> None:
    given = {"document_number": "1", "body_hash": "a", "key": b"k"}
    codes = {
        authenticity.verification_code(**{**given, **change})  # type: ignore[arg-type]
        for change in ({}, {"document_number": "2"}, {"body_hash": "b"}, {"key": b"l"})
    }
    assert len(codes) == 4
    assert all(re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{16}", code) for code in codes)


def test_documents_of_a_case_are_listed_without_their_files() -> None:
    records = [issued(), issued(item=1), issued(case_id=uuid.uuid4())]
    listed = list(issue.of_case(case_id=CASE))
    assert [record.pk for record in listed] == [record.pk for record in records[:2]]
    assert "sealed_file" in listed[0].get_deferred_fields()


@pytest.mark.django_db(transaction=True)
def test_desks_that_issue_at_once_leave_no_gap_and_no_double() -> None:
    issued(case_id=uuid.uuid4())
    cases = (CASE, CASE, uuid.uuid4(), uuid.uuid4())
    together = threading.Barrier(len(cases))
    numbers: list[str] = []

    def desk(case_id: uuid.UUID) -> None:
        try:
            together.wait()
            numbers.append(issued(case_id=case_id).number)
        finally:
            connection.close()

    desks = [threading.Thread(target=desk, args=(case,)) for case in cases]
    for one in desks:
        one.start()
    for one in desks:
        one.join()
    assert len(numbers) == 4
    assert {number[-7:] for number in numbers} == {"000002号", "000003号", "000004号"}


def test_a_qr_code_is_svg_that_a_page_can_hold() -> None:
    code = qr.svg("https://yijianshi.example/verify/7Q2M9XK4TB0VHC3D")
    assert code.startswith("<svg") and code.endswith("</svg>")
    assert "viewBox" in code and "<script" not in code
    assert qr.svg("<b>&") == qr.svg("<b>&")
    with pytest.raises(ValueError, match="too long"):
        qr.svg("x" * 5000)
