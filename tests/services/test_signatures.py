"""Signatures: drawn and typed, sealed, of one form or one case, with who was present."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from lianban.accounts.actor import Actor
from lianban.cases import queries, signature_strokes
from lianban.cases.content import Content
from lianban.cases.models import SignatureRecord
from lianban.cases.services import counter, drafts, hand_in, signatures
from lianban.engine.refusal import Refused
from lianban.journal.models import JournalEntry
from tests.services.cast import CONSCRIPT, FIELDS, City, moment, ways

AT = moment("2026-10-19 10:00")
ME = FIELDS["name"]
COMMITMENT = "commitment_signature"


def drawn(*lines: list[list[int]], width: int = 1200, height: int = 700) -> str:
    """Strokes as a pad sends them; by themselves a wave and a line."""
    waves = [[[100, 100], [300, 300], [500, 120], [700, 320]], [[200, 400], [800, 420]]]
    return json.dumps({"w": width, "h": height, "s": list(lines) or waves})


# The strokes ------------------------------------------------------------------------------------


def test_strokes_are_drawn_as_an_image_of_numbers_only() -> None:
    strokes = signature_strokes.parse(drawn())
    assert strokes is not None
    image = signature_strokes.svg(strokes)
    assert image.startswith("<svg xmlns") and image.count("<path") == 2
    assert signature_strokes.parse(strokes.to_json()) == strokes


def test_an_empty_pad_is_no_signature_and_no_fault() -> None:
    assert signature_strokes.parse("") is None
    assert signature_strokes.parse('{"w":1200,"h":700,"s":[]}') is None


@pytest.mark.parametrize(
    "sent",
    [
        "<svg onload=alert(1)>",
        "[" * 5000,
        "null",
        "{}",
        drawn([[5, 5], [6, 6]]),
        drawn([[5, 5], [1300, 5]]),
        drawn([[-1, 5], [900, 5]]),
        drawn([]),
        drawn([[5, 5, 5]]),
        '{"w":1200,"h":700,"s":[[[NaN,1],[900,2]]]}',
        '{"w":1200,"h":700,"s":[[["1",1],["900",2]]]}',
        '{"w":1200,"h":700,"s":[[[true,1],[900,2]]]}',
        '{"w":1e9,"h":700,"s":[]}',
        '{"w":90000,"h":700,"s":[]}',
        '{"w":1200,"h":700,"s":[],"image":"data:image/png;base64,AA"}',
        drawn(*[[[1, 1], [900, 1]]] * 201),
        drawn([[x % 1200, 1] for x in range(4001)]),
        drawn([[x % 1200, 1] for x in range(9000)]),
    ],
)
def test_what_is_no_signature_is_refused(sent: str) -> None:
    with pytest.raises(Refused) as refused:
        signature_strokes.parse(sent)
    assert refused.value.code == "bad_strokes" and refused.value.message


# In the database --------------------------------------------------------------------------------


@pytest.fixture
def city() -> City:
    return City().build()


def form(city: City, *, by: Actor | None = None, **fields: str) -> drafts.Draft:
    """The conscript's form, ready to be handed in."""
    actor = by or city.clerk
    draft = drafts.start(district="439901", actor=actor, at=AT)
    content = Content(answers=CONSCRIPT, fields={**FIELDS, **fields})
    codes = hand_in.needed_codes(content.plan(draft.edition))
    content = replace(content, materials=ways(actor, codes))
    return drafts.save(draft_id=draft.id, content=content, actor=actor, at=AT)


def journal(case_id: UUID) -> list[dict[str, Any]]:
    """The bodies of what was signed."""
    entries = JournalEntry.objects.filter(case_id=case_id, event="Signed").order_by("sequence")
    return [json.loads(entry.body) for entry in entries]


def sign(
    *,
    actor: Actor,
    at: datetime = AT,
    name: str = ME,
    strokes: str = "",
    purpose: str = COMMITMENT,
    **owner: UUID,
) -> SignatureRecord:
    return signatures.sign(
        purpose=purpose, name=name, strokes=strokes, witness=actor, actor=actor, at=at, **owner
    )


@pytest.mark.django_db
def test_a_drawn_signature_goes_from_the_form_to_its_case_with_who_was_present(city: City) -> None:
    draft = form(city)
    sent: Mapping[str, str] = {COMMITMENT: drawn()}
    counter.keep(draft_id=draft.id, content=draft.content, strokes=sent, actor=city.clerk, at=AT)
    receipt = hand_in.register(draft_id=draft.id, actor=city.clerk, at=AT)
    kept = {one.purpose: one for one in signatures.of_case(case_id=receipt.case_id)}
    assert kept[COMMITMENT].way == "drawn" and kept[COMMITMENT].svg
    assert kept[COMMITMENT].witness == city.clerk.name and kept[COMMITMENT].signed_at == AT
    assert kept["self_employment_signature"].way == "typed"
    told = {body["purpose"]: body for body in journal(receipt.case_id)}
    assert {code: body["way"] for code, body in told.items()} == {
        COMMITMENT: "drawn",
        "self_employment_signature": "typed",
    }
    assert told[COMMITMENT]["digest"] == kept[COMMITMENT].digest


@pytest.mark.django_db
def test_neither_name_nor_strokes_lie_open_in_the_row_or_the_journal(city: City) -> None:
    draft = form(city)
    row = sign(draft_id=draft.id, strokes=drawn(), actor=city.clerk)
    row.refresh_from_db()
    assert ME.encode() not in bytes(row.name) and b"300" not in bytes(row.strokes)
    receipt = hand_in.register(draft_id=draft.id, actor=city.clerk, at=AT)
    assert all(ME not in json.dumps(body, ensure_ascii=False) for body in journal(receipt.case_id))


@pytest.mark.django_db
def test_the_newest_signature_of_a_form_counts_and_a_repeat_is_harmless(city: City) -> None:
    draft = form(city)
    first = sign(draft_id=draft.id, strokes=drawn(), actor=city.clerk)
    assert sign(draft_id=draft.id, strokes=drawn(), actor=city.clerk).id == first.id
    sign(draft_id=draft.id, strokes=drawn([[1, 1], [900, 500]]), actor=city.clerk)
    rows = SignatureRecord.objects.filter(draft_id=draft.id)
    assert rows.count() == 1 and rows.get().id != first.id


@pytest.mark.django_db
def test_a_stranger_cannot_sign(city: City) -> None:
    draft = form(city)
    with pytest.raises(Refused) as refused:
        sign(draft_id=draft.id, name="李四", strokes=drawn(), actor=city.clerk)
    assert refused.value.code == "not_the_signer" and ME in refused.value.message
    assert not SignatureRecord.objects.exists()


@pytest.mark.django_db
def test_strokes_without_letters_are_the_persons_own(city: City) -> None:
    draft = form(city)
    row = sign(draft_id=draft.id, name="", strokes=drawn(), actor=city.clerk)
    assert signatures.opened(row).name == ME and row.role == "person"


@pytest.mark.django_db
def test_a_case_is_signed_once_a_day_for_a_purpose(city: City) -> None:
    draft = form(city)
    receipt = hand_in.register(draft_id=draft.id, actor=city.clerk, at=AT)
    before = len(journal(receipt.case_id))
    for _ in range(2):
        sign(case_id=receipt.case_id, purpose="hand_over:12", strokes=drawn(), actor=city.clerk)
    assert len(journal(receipt.case_id)) == before + 1
    view = queries.get(case_id=receipt.case_id, actor=city.clerk, at=AT)
    assert "本人签了「领取结果」" in [line.text for line in queries.history(view)]


@pytest.mark.django_db
def test_another_countys_clerk_finds_no_case_to_sign(city: City) -> None:
    draft = form(city)
    receipt = hand_in.register(draft_id=draft.id, actor=city.clerk, at=AT)
    stranger = city.officer("counter_clerk", "veterans_affairs", "439902")
    with pytest.raises(Refused) as refused:
        sign(case_id=receipt.case_id, purpose="hand_over", actor=stranger)
    assert refused.value.code == "unknown_case"


@pytest.mark.django_db
def test_a_form_that_is_given_up_takes_its_signatures_along(city: City) -> None:
    draft = form(city)
    sign(draft_id=draft.id, strokes=drawn(), actor=city.clerk)
    drafts.give_up(draft_id=draft.id, actor=city.clerk)
    assert not SignatureRecord.objects.exists()
