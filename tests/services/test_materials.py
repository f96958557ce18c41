"""Materials: files in a draft and in a case, originals that were seen, what a notice asked for."""

import io
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from django.test import Client

from lianban import clock
from lianban.accounts.actor import Actor
from lianban.accounts.models import User
from lianban.cases import queries, services
from lianban.cases.content import Content
from lianban.cases.models import DraftRecord, FileRecord, MaterialRecord, ViewRecord
from lianban.cases.services import drafts, hand_in, materials, sealed_files, supplies
from lianban.engine import commands as c
from lianban.engine.refusal import Refused
from lianban.journal.models import JournalEntry
from tests.services import hostile
from tests.services.cast import CONSCRIPT, FIELDS, City, moment, originals_seen

pytestmark = pytest.mark.django_db(transaction=True)
AT = moment("2026-09-03 09:00")
LATER = moment("2026-09-04 09:00")
CERTIFICATE, LETTER, HOME = "discharge_certificate", "administrative_letter", "settlement_proof"
ENLISTMENT = "enlistment_notice"


@pytest.fixture
def city() -> City:
    return City().build()


def draft_of(actor: Actor, **ways: str) -> drafts.Draft:
    draft = drafts.start(district="439901", actor=actor, at=AT)
    content = Content(answers=CONSCRIPT, fields=FIELDS)
    codes = hand_in.needed_codes(content.plan(draft.edition))
    content = replace(content, materials=dict.fromkeys(codes, "promised") | ways)
    return drafts.save(draft_id=draft.id, content=content, actor=actor, at=AT)


def add(actor: Actor, material: str = CERTIFICATE, **where: object) -> FileRecord:
    content = where.pop("content", None) or hostile.pdf()
    at = where.pop("at", AT)
    upload = io.BytesIO(content)
    return materials.add_file(
        material=material, upload=upload, name="扫描.pdf", actor=actor, at=at, **where
    )


def handed_in(city: City, **ways: str) -> UUID:
    draft = draft_of(city.clerk, **ways)
    receipt = hand_in.hand_in_at_counter(draft_id=draft.id, actor=city.clerk, at=AT)
    return receipt.case_id


def states(case_id: UUID, actor: Actor) -> dict[str, str]:
    view = queries.get(case_id=case_id, actor=actor, at=LATER)
    shown = queries.materials(view)
    assert all(one.state == one.record.state for one in shown)
    return {one.material.code: one.state for one in shown}


def code_of(act: object, **arguments: object) -> str:
    with pytest.raises(Refused) as caught:
        act(**arguments)  # type: ignore[operator]
    return caught.value.code


# Files of a draft -----------------------------------------------------------------------------


def test_a_file_counts_as_uploaded_and_lies_sealed(city: City) -> None:
    person = city.applicant()
    draft = draft_of(person, **{CERTIFICATE: ""})
    record = add(person, draft_id=draft.id)
    opened = drafts.get(draft_id=draft.id, actor=person)
    assert opened.content.materials[CERTIFICATE] == "uploaded"
    assert opened.content.fields == FIELDS
    row = FileRecord.objects.get(id=record.id)
    assert b"%PDF" not in bytes(row.content)
    shown, content = materials.open_file(file_id=record.id, actor=person, at=AT)
    assert content.startswith(b"%PDF") and len(content) == shown.size
    assert (shown.name, shown.content_type) == ("扫描.pdf", "application/pdf")


def test_a_double_click_keeps_one_file(city: City) -> None:
    person = city.applicant()
    draft = draft_of(person)
    assert add(person, draft_id=draft.id).id == add(person, draft_id=draft.id).id
    assert FileRecord.objects.count() == 1


def test_the_last_file_taken_away_leaves_the_material_open(city: City) -> None:
    person = city.applicant()
    draft = draft_of(person)
    first = add(person, draft_id=draft.id)
    second = add(person, draft_id=draft.id, content=hostile.pdf(2))
    materials.remove_file(file_id=first.id, actor=person, at=AT)
    ways = drafts.get(draft_id=draft.id, actor=person).content.materials
    assert ways[CERTIFICATE] == "uploaded"
    materials.remove_file(file_id=second.id, actor=person, at=AT)
    assert CERTIFICATE not in drafts.get(draft_id=draft.id, actor=person).content.materials


def test_thirty_files_fit_and_one_more_does_not(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = city.applicant()
    draft = draft_of(person)
    monkeypatch.setattr(sealed_files, "MOST_FILES", 3)
    for pages in (1, 2, 3):
        add(person, draft_id=draft.id, content=hostile.pdf(pages))
    more = {"draft_id": draft.id, "content": hostile.pdf(4)}
    assert code_of(lambda: add(person, **more)) == "too_many_files"
    monkeypatch.setattr(sealed_files, "MOST_FILES", 30)
    monkeypatch.setattr(sealed_files, "MOST_BYTES", 2_000)
    assert code_of(lambda: add(person, **more)) == "too_many_files"


def test_another_person_finds_neither_draft_nor_file(city: City) -> None:
    person, other = city.applicant(), city.applicant("13800000009")
    draft = draft_of(person)
    record = add(person, draft_id=draft.id)
    for stranger in (other, city.clerk, city.bureau, Actor.receipt_holder(case_id=uuid4())):
        assert code_of(lambda actor=stranger: add(actor, draft_id=draft.id)) == "unknown_draft"
        arguments = {"file_id": record.id, "actor": stranger, "at": AT}
        assert code_of(materials.open_file, **arguments) == "unknown_file"
        assert code_of(materials.remove_file, **arguments) == "unknown_file"
    assert FileRecord.objects.count() == 1


def test_a_material_that_the_plan_does_not_know_is_refused(city: City) -> None:
    person = city.applicant()
    draft = draft_of(person)
    assert code_of(lambda: add(person, "passport", draft_id=draft.id)) == "unknown_material"


def test_what_nobody_offered_cannot_be_chosen(city: City) -> None:
    person = city.applicant()
    draft = draft_of(person)

    def choose(**ways: str) -> drafts.Draft:
        return materials.promise(draft_id=draft.id, ways=ways, actor=person, at=AT)

    assert code_of(choose, **{CERTIFICATE: "seen"}) == "unknown_way"
    assert code_of(choose, **{CERTIFICATE: "with_dossier"}) == "unknown_way"
    assert code_of(choose, **{CERTIFICATE: "uploaded"}) == "missing_file"
    opened = choose(**{CERTIFICATE: "", "pension_transfer_form": "with_dossier"})
    assert CERTIFICATE not in opened.content.materials
    assert opened.content.materials["pension_transfer_form"] == "with_dossier"


def test_a_clerk_ticks_an_original_while_the_form_is_filled_in(city: City) -> None:
    draft = draft_of(city.clerk)
    materials.promise(draft_id=draft.id, ways={CERTIFICATE: "seen"}, actor=city.clerk, at=AT)
    receipt = hand_in.register(draft_id=draft.id, actor=city.clerk, at=AT)
    row = MaterialRecord.objects.get(case_id=receipt.case_id, code=CERTIFICATE)
    assert (row.seen_by_id, row.seen_at) == (city.clerk.user_id, AT)
    assert states(receipt.case_id, city.clerk)[CERTIFICATE] == "seen"


# Files of a case ------------------------------------------------------------------------------


def test_a_file_goes_with_its_draft_into_the_case_and_each_opening_is_kept(city: City) -> None:
    person = city.applicant()
    draft = draft_of(person)
    record = add(person, draft_id=draft.id)
    case_id = hand_in.submit(draft_id=draft.id, actor=person, at=AT).case_id
    assert not DraftRecord.objects.exists()
    assert states(case_id, person)[CERTIFICATE] == "uploaded"
    police = city.officer("department_officer", "public_security")
    for actor in (person, city.clerk, police):
        assert materials.open_file(file_id=record.id, actor=actor, at=LATER)[1]
    seen = ViewRecord.objects.filter(case_id=case_id, what=f"file:{record.id}")
    assert [row.user_id for row in seen] == [person.user_id, city.clerk.user_id, police.user_id]
    arguments = {"file_id": record.id, "actor": person, "at": LATER}
    assert code_of(materials.remove_file, **arguments) == "unknown_file"


def test_a_department_opens_only_what_its_items_need(city: City) -> None:
    person = city.applicant()
    draft = draft_of(person)
    record = add(person, LETTER, draft_id=draft.id)
    hand_in.submit(draft_id=draft.id, actor=person, at=AT)
    for stranger in (
        city.officer("department_officer", "public_security"),
        city.officer("bureau_officer", "veterans_affairs", "439902"),
        city.applicant("13800000009"),
    ):
        arguments = {"file_id": record.id, "actor": stranger, "at": LATER}
        assert code_of(materials.open_file, **arguments) == "unknown_file"
    assert not ViewRecord.objects.exists()


# Originals ------------------------------------------------------------------------------------


def test_one_tick_serves_every_item_and_what_was_missing_is_there(city: City) -> None:
    case_id = handed_in(city, **{CERTIFICATE: "missing", HOME: "missing"})
    assert states(case_id, city.clerk)[CERTIFICATE] == "missing"
    case = supplies.tick_seen(case_id=case_id, codes=[CERTIFICATE], actor=city.clerk, at=LATER)
    assert case.missing == (HOME,)
    assert states(case_id, city.bureau)[CERTIFICATE] == "seen"
    before = JournalEntry.objects.count()
    supplies.tick_seen(case_id=case_id, codes=[CERTIFICATE], actor=city.clerk, at=LATER)
    assert JournalEntry.objects.count() == before


def test_a_tick_answers_the_notice_that_asked_for_it(city: City) -> None:
    case_id = handed_in(city, **{HOME: "missing"})
    services.run(c.RequestCorrection((LETTER,)), case_id=case_id, actor=city.clerk, at=AT)
    assert states(case_id, city.clerk)[LETTER] == "missing"
    codes = [HOME, LETTER]
    case = supplies.tick_seen(case_id=case_id, codes=codes, actor=city.clerk, at=LATER)
    assert case.state == "submitted"
    assert not case.notice.outstanding


def test_a_deferred_material_that_comes_is_no_longer_owed(city: City) -> None:
    case_id = handed_in(city, **{ENLISTMENT: "missing"})
    command = c.AcceptWithDeferral((ENLISTMENT,))
    services.run(command, case_id=case_id, actor=city.clerk, at=AT)
    assert states(case_id, city.clerk)[ENLISTMENT] == "deferred"
    case = supplies.tick_seen(case_id=case_id, codes=[ENLISTMENT], actor=city.clerk, at=LATER)
    assert not case.deferrals
    assert states(case_id, city.clerk)[ENLISTMENT] == "seen"


def test_only_the_counter_and_the_bureau_tick(city: City) -> None:
    case_id = handed_in(city)
    police = city.officer("department_officer", "public_security")
    owner = Actor.receipt_holder(case_id=case_id)
    arguments = {"case_id": case_id, "codes": [CERTIFICATE], "at": LATER}
    assert code_of(supplies.tick_seen, actor=owner, **arguments) == "not_permitted"
    assert code_of(supplies.tick_seen, actor=police, **arguments) == "unknown_case"
    assert MaterialRecord.objects.filter(seen_at__isnull=False).count() == 0
    supplies.tick_seen(actor=city.bureau, **arguments)


# Sending back ---------------------------------------------------------------------------------


def asked_for(city: City, *defects: str) -> tuple[UUID, Actor]:
    person = city.applicant()
    draft = draft_of(person)
    add(person, draft_id=draft.id)
    case_id = hand_in.submit(draft_id=draft.id, actor=person, at=AT).case_id
    command = c.RequestCorrection(defects)
    asked = moment("2026-09-03 15:00")
    services.run(command, case_id=case_id, actor=city.bureau, at=asked)
    return case_id, person


def test_what_a_notice_asks_for_needs_a_new_file(city: City) -> None:
    case_id, person = asked_for(city, CERTIFICATE)
    arguments = {"case_id": case_id, "codes": [CERTIFICATE], "actor": person, "at": LATER}
    assert code_of(supplies.supply, **arguments) == "missing_file"
    add(person, case_id=case_id, content=hostile.pdf(2), at=LATER)
    assert states(case_id, person)[CERTIFICATE] == "missing"
    case = supplies.supply(**arguments)
    assert case.state == "submitted"
    assert states(case_id, person)[CERTIFICATE] == "uploaded"
    assert supplies.supply(**arguments).sequence == case.sequence


def test_the_very_file_that_a_notice_found_wanting_is_refused_with_the_reason(city: City) -> None:
    case_id, person = asked_for(city, CERTIFICATE)
    with pytest.raises(Refused, match="同一个文件") as refused:
        add(person, case_id=case_id, at=LATER)
    assert refused.value.code == "same_file"
    assert FileRecord.objects.filter(case_id=case_id).count() == 1


def test_bringing_it_to_the_counter_is_an_answer_too(city: City) -> None:
    case_id, person = asked_for(city, LETTER)
    case = supplies.supply(case_id=case_id, codes=(), promised=[LETTER], actor=person, at=LATER)
    assert case.state == "submitted"
    assert states(case_id, person)[LETTER] == "promised"


def test_a_field_is_mended_in_place_and_becomes_a_new_version(city: City) -> None:
    case_id, person = asked_for(city, "backup_phone", LETTER)

    def send(phone: str) -> object:
        return supplies.supply(
            case_id=case_id, codes=(), promised=[LETTER], fields={"backup_phone": phone},
            actor=person, at=LATER,
        )  # fmt: skip

    assert code_of(lambda: send("call me")) == "form_incomplete"
    view = queries.get(case_id=case_id, actor=person, at=LATER)
    assert queries.content(view).fields["backup_phone"] == FIELDS["backup_phone"]
    assert view.case.state == "correction_due"
    send("13800000077")
    view = queries.get(case_id=case_id, actor=person, at=LATER)
    assert queries.content(view).fields["backup_phone"] == "13800000077"
    assert view.case.state == "submitted"


def test_an_item_that_asked_goes_on_when_the_file_comes(city: City) -> None:
    draft = draft_of(city.clerk)
    case_id = hand_in.register(draft_id=draft.id, actor=city.clerk, at=AT).case_id
    originals_seen(case_id, by=city.clerk, at=AT)
    services.run(c.Grant(1), case_id=case_id, actor=city.clerk, at=AT)
    services.run(c.ReceiveDossier(), case_id=case_id, actor=city.bureau, at=AT)
    services.run(c.RegisterReception(), case_id=case_id, actor=city.bureau, at=AT)
    services.run(c.GatherBatch(), case_id=case_id, actor=city.bureau, at=AT)
    police = city.officer("department_officer", "public_security")
    services.run(c.RequestCorrection((HOME,), 3), case_id=case_id, actor=police, at=AT)
    add(city.clerk, HOME, case_id=case_id, at=LATER)
    case = supplies.supply(case_id=case_id, codes=[HOME], actor=city.clerk, at=LATER)
    assert case.sub_cases[3].state == "received"
    view = queries.get(case_id=case_id, actor=police, at=LATER)
    [shown] = [one for one in queries.materials(view) if one.material.code == HOME]
    assert (shown.state, len(shown.files)) == ("uploaded", 1)


def test_a_stranger_sends_nothing_into_a_case(city: City) -> None:
    case_id = handed_in(city, **{HOME: "missing"})
    stranger = city.applicant("13800000009")
    assert code_of(lambda: add(stranger, case_id=case_id)) == "unknown_case"
    arguments = {"case_id": case_id, "codes": [HOME], "actor": stranger, "at": LATER}
    assert code_of(supplies.supply, **arguments) == "unknown_case"
    assert not FileRecord.objects.exists()


# The door -------------------------------------------------------------------------------------


def signed_in(actor: Actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(id=actor.user_id))
    return client


def test_a_file_is_handed_out_as_a_download_that_can_do_nothing(city: City) -> None:
    person = city.applicant()
    draft = drafts.start(district="439901", actor=person, at=clock.now())
    record = add(person, draft_id=draft.id)
    answer = signed_in(person).get(f"/files/{record.id}/")
    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Security-Policy"].startswith("sandbox")


def test_a_file_of_somebody_else_does_not_exist(city: City) -> None:
    person, other = city.applicant(), city.applicant("13800000009")
    draft = drafts.start(district="439901", actor=person, at=clock.now())
    record = add(person, draft_id=draft.id)
    assert signed_in(other).get(f"/files/{record.id}/").status_code == 404
    assert Client().get(f"/files/{record.id}/").status_code == 302
