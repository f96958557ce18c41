"""At the counter: name and number typed, and what the troop's roster says is filled in."""

from typing import Any

from lianban.cases.services import roster
from tests.services import rosters
from tests.services.cast import City, identity_number, moment
from tests.web.counter.clerk import Clerk

AT = moment("2026-09-02 09:00")


def announce(city: City) -> None:
    headings = ["姓名", "身份证号", "入伍时间", "安置方式", "退役证号"]
    line: list[Any] = ["陈小川", identity_number(), "2024-09-01", "安排工作", "退字000001"]
    roster_id = roster.upload(
        content=rosters.workbook([line], headings=headings), name="名册.xlsx",
        district="439901", actor=city.bureau, at=AT,
    )  # fmt: skip
    roster.work(roster_id=roster_id, now=lambda: AT)
    roster.apply(roster_id=roster_id, actor=city.bureau, at=AT)
    roster.work(roster_id=roster_id, now=lambda: AT)


WHO = {"name": "陈小川", "identity_number": identity_number()}


def test_the_typed_person_is_expected_and_the_cards_come_filled_in(
    clerk: Clerk, city: City
) -> None:
    announce(city)
    address = clerk.begin()
    page = clerk.post(f"{address}live/", {**WHO, "q_rank": "conscript"}).content.decode()
    assert "我们在等这个人" in page
    radio = page[page.index('id="q_placement_assigned_job"') :][:140]
    assert "checked" in radio and "hx-preserve" not in radio
    content = clerk.draft(address).content
    assert content.answers == {"rank": "conscript", "placement": "assigned_job"}
    assert content.fields["enlisted_date"] == "2024-09-01"
    assert content.fields["discharge_certificate_number"] == "退字000001"
    assert "部队名册上写的。不对？改了就行" in clerk.text(address)


def test_what_the_clerk_changes_stays_changed_and_is_said(clerk: Clerk, city: City) -> None:
    announce(city)
    address = clerk.begin()
    clerk.post(f"{address}live/", WHO)
    typed = {**WHO, "q_rank": "conscript", "q_placement": "self_employed"}
    clerk.post(f"{address}live/", typed)
    assert clerk.draft(address).content.answers["placement"] == "self_employed"
    assert "部队名册上写的是安排工作" in clerk.text(address)


def test_another_name_brings_nothing(clerk: Clerk, city: City) -> None:
    announce(city)
    address = clerk.begin()
    page = clerk.post(f"{address}live/", {**WHO, "name": "陈大川"}).content.decode()
    assert "我们在等这个人" not in page
    assert not clerk.draft(address).content.answers
