"""The paper round trip: a printed form comes back, finds its case, and is filed as a material."""

import io
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from lianban import clock
from lianban.accounts.models import User
from lianban.cases import form_pages, queries
from lianban.cases.models import FileRecord, JointCaseRecord
from lianban.cases.services import drafts, hand_in
from lianban.documents import papers
from lianban.journal.models import JournalEntry
from tests.documents.printed import as_jpeg, drawn, form_with, turned
from tests.hostile.ground import body, changed, draft_of, someone, stored
from tests.hostile.ground import signed_in as browser
from tests.services import hostile
from tests.services.cast import City

pytestmark = pytest.mark.django_db(transaction=True)
LEAD, HERE, THERE = "veterans_affairs", "439901", "439902"


@pytest.fixture
def counter(city: City) -> SimpleNamespace:
    """A clerk at the counter, and a form of somebody who sits there."""
    clerk = city.officer("counter_clerk", LEAD, HERE)
    who = someone(501)
    draft = draft_of(clerk, who, HERE)
    client = browser(User.objects.get(id=clerk.user_id))
    return SimpleNamespace(city=city, actor=clerk, who=who, draft=draft, client=client)


def scanned(client: Client, *files: tuple[str, bytes]) -> Any:
    sent = [SimpleUploadedFile(name, content) for name, content in files]
    return client.post("/counter/scans/", {"file": sent})


def test_a_half_filled_form_that_was_printed_comes_back_to_its_draft(
    counter: SimpleNamespace,
) -> None:
    form = papers.form_of_draft(counter.draft, at=clock.now())
    answer = scanned(counter.client, ("表.jpg", as_jpeg(turned(drawn(form), 93))))
    assert answer.status_code == 302
    shown = body(counter.client.get(answer["Location"]))
    assert "您正在替本人填的表" in shown
    picture = counter.client.get(answer["Location"] + "page/")
    assert picture["Content-Type"] == "image/jpeg"
    filed = counter.client.post(answer["Location"] + "file/")
    assert filed["Location"] == f"/counter/forms/{counter.draft.id}/"
    assert counter.client.post(answer["Location"] + "file/").status_code == 404
    case_id = hand_in.register(
        draft_id=counter.draft.id, actor=counter.actor, at=clock.now()
    ).case_id
    assert form_pages.FORM in _materials(case_id, counter)


def _materials(case_id: UUID, counter: SimpleNamespace) -> list[str]:
    view = queries.get(case_id=case_id, actor=counter.actor, at=clock.now())
    return [one.material.code for one in queries.materials(view) if one.files]


def test_a_form_scanned_after_hand_in_is_filed_with_the_case_once(counter: SimpleNamespace) -> None:
    form = papers.form_of_draft(counter.draft, at=clock.now())
    case_id = hand_in.register(
        draft_id=counter.draft.id, actor=counter.actor, at=clock.now()
    ).case_id
    for _ in range(2):
        answer = scanned(counter.client, ("表.pdf", form))
        shown = body(counter.client.get(answer["Location"]))
        assert counter.who.name in shown and counter.who.number not in shown
        counter.client.post(answer["Location"] + "file/")
    assert FileRecord.objects.filter(case_id=case_id).count() == 1
    assert not FileRecord.objects.filter(holder__isnull=False).exists()
    assert _materials(case_id, counter) == [form_pages.FORM]
    assert JournalEntry.objects.filter(case_id=case_id, event="FormFiled").exists()
    file = FileRecord.objects.get(case_id=case_id)
    assert counter.client.get(f"/files/{file.id}/").status_code == 200
    assert "登记表（纸质）" in body(counter.client.get(f"/counter/cases/{case_id}/"))


def test_a_form_that_the_person_began_at_home_goes_on_at_the_counter(
    counter: SimpleNamespace,
) -> None:
    who = someone(502)
    person = counter.city.applicant(who.phone)
    own = draft_of(person, who, HERE)
    form = papers.form_of_draft(own, at=clock.now())
    answer = scanned(counter.client, ("表.jpg", as_jpeg(drawn(form))))
    shown = body(counter.client.get(answer["Location"]))
    assert "本人在网上填了一半" in shown and who.name not in shown
    begun = counter.client.post(answer["Location"] + "file/")["Location"]
    assert who.name in body(counter.client.get(begun))
    assert drafts.get(draft_id=own.id, actor=person).content.fields["name"] == who.name


def test_a_page_without_a_readable_code_is_filed_by_its_number_and_nothing_is_lost(
    counter: SimpleNamespace,
) -> None:
    case_id = hand_in.register(
        draft_id=counter.draft.id, actor=counter.actor, at=clock.now()
    ).case_id
    answer = scanned(
        counter.client, ("空.jpg", hostile.image()), ("坏.pdf", b"%PDF-"), ("b.gif", hostile.GIF)
    )
    assert answer.status_code == 422 and body(answer).count("没收下：") == 2
    assert "没有认出表上的码" in body(answer)
    scan = f"/counter/scans/{FileRecord.objects.get().id}/"
    wrong = counter.client.post(scan + "file/", {"how": "number", "text": "LB0"})
    assert wrong.status_code == 422 and 'value="LB0"' in body(wrong)
    number = JointCaseRecord.objects.get().case_number
    assert counter.client.post(scan + "file/", {"how": "number", "text": number}).status_code == 302
    assert FileRecord.objects.get().case_id == case_id


def test_two_peoples_pages_in_one_scan_are_not_filed_by_guess(counter: SimpleNamespace) -> None:
    pages = [drawn(form_with(UUID(int=n))) for n in (1, 2)]
    out = io.BytesIO()
    pages[0].save(out, "PDF", resolution=150, save_all=True, append_images=pages[1:])
    answer = scanned(counter.client, ("两个人.pdf", out.getvalue()))
    assert "几个人的表" in body(counter.client.get(answer["Location"]))
    assert counter.client.post(answer["Location"] + "file/").status_code == 422
    assert counter.client.post(answer["Location"] + "drop/").status_code == 302
    assert not FileRecord.objects.exists()


def test_nobody_else_sees_or_files_a_scan_and_other_districts_stay_unknown(
    counter: SimpleNamespace,
) -> None:
    elsewhere = counter.city.officer("counter_clerk", LEAD, THERE)
    theirs = draft_of(elsewhere, someone(503), THERE)
    form = papers.form_of_draft(theirs, at=clock.now())
    answer = scanned(counter.client, ("表.jpg", as_jpeg(drawn(form))))
    assert "别的区县" in body(counter.client.get(answer["Location"]))
    before = stored()
    stranger = browser(User.objects.get(id=elsewhere.user_id))
    for part in ("", "page/"):
        assert stranger.get(answer["Location"] + part).status_code == 404
    for part in ("file/", "drop/"):
        assert stranger.post(answer["Location"] + part).status_code == 404
    assert changed(before, stored()) == []


def test_a_clerk_scans_materials_into_a_form_and_into_a_case(counter: SimpleNamespace) -> None:
    files = f"/counter/forms/{counter.draft.id}/files/"
    photo = SimpleUploadedFile("证.jpg", hostile.image())
    bad = SimpleUploadedFile("坏.pdf", b"%PDF-")
    answer = counter.client.post(files + "discharge_certificate/", {"file": [photo, bad]})
    assert answer.status_code == 422 and "「坏.pdf」没传上" in body(answer)
    assert "证.jpg" in body(counter.client.get(files))
    assert counter.client.post(files + "discharge_certificate/").status_code == 422
    assert counter.client.post(files + "no_such/").status_code == 404
    case_id = hand_in.register(
        draft_id=counter.draft.id, actor=counter.actor, at=clock.now()
    ).case_id
    files = f"/counter/cases/{case_id}/files/"
    photo = SimpleUploadedFile("又一张.png", hostile.image("PNG"))
    answer = counter.client.post(files + "photo/", {"file": photo})
    assert answer.status_code == 302
    assert "又一张.png" in body(counter.client.get(files))
    assert FileRecord.objects.filter(case_id=case_id).count() == 2
