"""The pages of the troop's roster: told what is wrong, progress without scripts, conflicts settled."""

import re
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from lianban.cases.models import DossierRecord, RosterRowRecord, ViewRecord
from lianban.cases.services import roster
from tests.services import rosters
from tests.services.cast import City, identity_number
from tests.web.bureau import desk
from tests.web.bureau.conftest import TODAY

pytestmark = pytest.mark.django_db(transaction=True)

HEADINGS = ["姓名", "身份证号", "安置地"]


def file(*lines: list[str], name: str = "名册.xlsx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, rosters.workbook(lines, headings=HEADINGS))


def sent(client: Client, upload: SimpleUploadedFile) -> Any:
    return client.post("/bureau/rosters/", {"district": "439901", "file": upload})


def worked(roster_id: UUID) -> None:
    roster.work(roster_id=roster_id, now=lambda: TODAY)


def brought(client: Client, *lines: list[str]) -> UUID:
    """A roster that was uploaded and checked at the pages."""
    answer = sent(client, file(*lines))
    assert answer.status_code == 302, answer.content.decode()
    roster_id = UUID(re.findall(r"[0-9a-f-]{36}", answer["Location"])[0])
    worked(roster_id)
    return roster_id


def test_what_is_no_roster_is_refused_beside_the_field(officer: Client) -> None:
    for upload in (
        SimpleUploadedFile("a.xlsx", b"nothing"),
        SimpleUploadedFile("a.xlsx", b""),
        SimpleUploadedFile("a.csv", "姓名,电话\n陈小川,1".encode()),
    ):
        answer = sent(officer, upload)
        assert answer.status_code == 422
        assert "govuk-error-message" in answer.content.decode()
    assert officer.post("/bureau/rosters/", {}).status_code == 422


def test_the_same_file_again_leads_to_the_first(officer: Client) -> None:
    roster_id = brought(officer, ["陈小川", identity_number(), ""])
    answer = sent(officer, file(["陈小川", identity_number(), ""]))
    assert answer.status_code == 422
    assert f"/bureau/rosters/{roster_id}/" in answer.content.decode()


def test_progress_is_shown_and_can_be_refreshed_without_scripts(officer: Client) -> None:
    answer = sent(officer, file(["陈小川", identity_number(), ""]))
    page = officer.get(answer["Location"]).content.decode()
    assert '<progress class="lb-bar-progress"' in page
    assert 'value="0" max="1"' in page
    assert "刷新" in page


def test_a_roster_is_taken_in_and_back_by_its_buttons(officer: Client) -> None:
    roster_id = brought(officer, ["陈小川", identity_number(), ""])
    here = f"/bureau/rosters/{roster_id}/"
    assert "导入 1 个新来的" in officer.get(here).content.decode()
    assert not DossierRecord.objects.exists()
    officer.post(here + "apply/")
    worked(roster_id)
    assert DossierRecord.objects.get().name == "陈小川"
    page = officer.post(here + "undo/", follow=True).content.decode()
    assert "收回 1 份，留下 0 份" in page
    assert not DossierRecord.objects.exists()
    assert officer.post(here + "undo/", follow=True).status_code == 200


def test_a_line_shows_both_sides_masked_and_who_looked_is_kept(officer: Client, city: City) -> None:
    desk.handed_in(city, name="陈晓川")
    brought(officer, ["陈小川", identity_number(), ""])
    row = RosterRowRecord.objects.get()
    here = f"/bureau/rosters/rows/{row.id}/"
    page = officer.get(here).content.decode()
    assert "陈晓川" in page
    assert identity_number() not in page
    assert identity_number() in officer.post(here + "number/").content.decode()
    assert ViewRecord.objects.get(what="roster").case_id == row.id


def test_a_wrong_correction_keeps_what_was_typed_and_a_right_one_goes_on(officer: Client) -> None:
    brought(officer, ["陈小川", "430102", ""])
    here = f"/bureau/rosters/rows/{RosterRowRecord.objects.get().id}/"
    typed = {
        "conflict": "bad_number",
        "resolution": "correct",
        "number": "43010220050301",
        "name": "",
    }
    answer = officer.post(here, typed)
    assert answer.status_code == 422
    assert 'value="43010220050301"' in answer.content.decode()
    answer = officer.post(here, typed | {"number": identity_number()})
    assert answer.status_code == 302
    assert RosterRowRecord.objects.get().outcome == "new"
    page = officer.post(here, typed, follow=True).content.decode()
    assert "刚被别人处理过" in page


def test_lines_that_need_the_same_are_settled_together(officer: Client) -> None:
    brought(officer, *(["陈小川", "43010", ""], ["周文", "43011", ""], ["王五", "43012", ""]))
    first, second, _ = RosterRowRecord.objects.order_by("line")
    typed = {"conflict": "bad_number", "resolution": "ignore", "row": [first.id, second.id]}
    page = officer.post("/bureau/rosters/rows/settle/", typed, follow=True).content.decode()
    assert "请写为什么不收" in page
    officer.post("/bureau/rosters/rows/settle/", typed | {"reason": "部队重报"})
    outcomes = RosterRowRecord.objects.order_by("line").values_list("outcome", flat=True)
    assert list(outcomes) == ["left", "left", "conflict"]
    together = officer.get("/bureau/rosters/rows/?conflict=bad_number").content.decode()
    assert "改正姓名或号码" not in together  # a number is mended one by one


def test_another_county_sees_neither_roster_nor_line(officer: Client, city: City) -> None:
    roster_id = brought(officer, ["陈小川", "430102", "西山县"])
    row = RosterRowRecord.objects.get()
    stranger = desk.browser(city, district="439902")
    for address in (
        f"/bureau/rosters/{roster_id}/",
        f"/bureau/rosters/rows/{row.id}/",
        f"/bureau/rosters/rows/?roster={roster_id}",
    ):
        assert stranger.get(address).status_code == 404, address
    for address in (
        f"/bureau/rosters/{roster_id}/apply/",
        f"/bureau/rosters/{roster_id}/undo/",
        f"/bureau/rosters/rows/{row.id}/number/",
        f"/bureau/rosters/rows/{row.id}/",
    ):
        assert stranger.post(address).status_code == 404, address
    assert "陈小川" not in stranger.get("/bureau/rosters/rows/").content.decode()


def test_the_template_has_the_headings_that_are_read(officer: Client) -> None:
    from lianban.accounts import sheets

    answer = officer.get("/bureau/rosters/template.xlsx")
    ((_, grid),) = sheets.read(answer.content, name="a.xlsx")
    assert list(grid[0])[:2] == ["姓名", "身份证号"]
    assert "安置地" in grid[0]
