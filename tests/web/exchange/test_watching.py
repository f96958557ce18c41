"""The bureau watches the exchange: every system, what waits, what was given up, what fits nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from lianban import clock
from lianban.accounts.models import Role
from lianban.engine.refusal import Refused
from lianban.exchange import retention
from lianban.exchange.models import HandedBook, PartnerRecord, TaskRecord
from lianban.exchange.watching import holding
from lianban.outbox.models import OutboxMessage
from tests.web.bureau import desk
from tests.web.exchange import ground
from tests.web.exchange.ground import POLICE

pytestmark = pytest.mark.django_db
PARTNER = f"/bureau/exchange/partners/{POLICE}/"


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:400]
    return str(answer.content.decode())


def test_without_partners_the_page_says_that_all_is_done_here(officer: Client) -> None:
    assert "还没有接部门的系统" in text(officer.get("/bureau/exchange/"))


def test_every_partner_says_how_it_is_and_what_waits(
    officer: Client, city: Any, police: PartnerRecord
) -> None:
    desk.sent(city)
    since = clock.now() - timedelta(hours=3)
    PartnerRecord.objects.update(
        failing_since=since, failures=7, last_error="no_connection", refused_count=4, skewed_count=1
    )
    waiting = f"{OutboxMessage.objects.filter(department=POLICE).count()} 条"
    said = text(officer.get("/bureau/exchange/"))
    for words in ("联系不上", "07:00", "连着失败 7 次", "拒签 4 次", "时钟不准 1 次", waiting):
        assert words in said, words
    said = text(officer.get(PARTNER))
    assert "连不上对方系统" in said and "暂停发送" in said
    assert desk.number(OutboxMessage.objects.filter(department=POLICE)[0].case_id) in said


def test_a_partner_whose_book_is_missing_or_too_old_is_shown_so(
    officer: Client, police: PartnerRecord
) -> None:
    lists = ("/bureau/exchange/", PARTNER)
    assert not any("对方的账" in text(officer.get(page)) for page in lists), "we read it"
    PartnerRecord.objects.update(mode="poll")
    assert "对方还没交过账" in text(officer.get("/bureau/exchange/"))
    assert "还没交过" in text(officer.get(PARTNER))
    at = clock.now() - timedelta(days=8)
    HandedBook.objects.create(
        partner=police, name="book-0001", as_of=at, begun_at=at, completed_at=at
    )
    assert "对方的账太旧" in text(officer.get("/bureau/exchange/"))
    assert "太旧了，请对方交新的" in text(officer.get(PARTNER))
    HandedBook.objects.update(as_of=clock.now())
    assert "对方的账太旧" not in text(officer.get("/bureau/exchange/"))
    assert "抄的" in text(officer.get(PARTNER))


@pytest.mark.parametrize(
    ("show", "words"),
    [("waiting", "没有等着发的"), ("dead", "没有送不到的"), ("sent", "还没有送到过"),
     ("parked", "没有对不上的来件"), ("came", "对方还没有发来过"), ("nonsense", "没有等着发的")],
)  # fmt: skip
def test_an_empty_list_says_so(
    officer: Client, police: PartnerRecord, show: str, words: str
) -> None:
    assert words in text(officer.get(f"{PARTNER}?show={show}&after=x&before=99999999999999999999"))


def test_what_a_message_says_is_shown_without_any_value_of_the_person(
    officer: Client, city: Any, police: PartnerRecord
) -> None:
    case_id = desk.sent(city)
    row = ground.message(case_id)
    said = text(officer.get(f"/bureau/exchange/messages/{row.message_id}/"))
    assert "fields / identity_number（身份证号）" in said
    assert f"/bureau/cases/{case_id}/items/3/" in said
    body = said.split("说什么")[1]
    for value in ground.PERSONAL:
        assert value not in body, value


def test_a_message_that_was_given_up_is_sent_again_after_a_question(
    officer: Client, city: Any, police: PartnerRecord
) -> None:
    row = ground.dead(desk.sent(city))
    page = f"/bureau/exchange/messages/{row.message_id}/"
    assert "没有等着发的" not in text(officer.get(f"{PARTNER}?show=dead"))
    assert "连不上对方系统" in text(officer.get(page))
    assert "重发这条吗" in text(officer.get(page + "resend/"))
    row.refresh_from_db()
    assert row.state == "dead"
    assert officer.post(page + "resend/").status_code == 302
    assert officer.post(page + "resend/").status_code == 302
    again = OutboxMessage.objects.get(id=row.id)
    assert (again.state, again.message_id) == ("pending", row.message_id)
    assert not TaskRecord.objects.filter(closed_at=None).exists()


def test_what_the_desk_does_is_not_sent(officer: Client, city: Any) -> None:
    case_id = desk.sent(city)
    ground.police()
    row = ground.message(case_id)
    OutboxMessage.objects.filter(id=row.id).update(state="desk")
    address = f"/bureau/exchange/messages/{row.message_id}/resend/"
    assert "没有要发的" in text(officer.post(address, follow=True))
    row.refresh_from_db()
    assert row.state == "desk"


def test_another_countys_messages_and_tasks_are_not_there(city: Any, police: PartnerRecord) -> None:
    case_id = desk.sent(city)
    row = ground.dead(case_id)
    parked = ground.came(ground.sub_case(case_id, 14), "decide", outcome="denied", reason="早了")
    task = TaskRecord.objects.get(about=str(row.message_id))
    there = ground.head(city, "439902")
    for page in (
        f"messages/{row.message_id}/", f"messages/{row.message_id}/resend/",
        f"tasks/{task.id}/", f"inbox/{parked.id}/",
    ):  # fmt: skip
        assert there.get(f"/bureau/exchange/{page}").status_code == 404, page
        assert there.post(f"/bureau/exchange/{page}").status_code in (404, 405), page
    for page in (f"partners/{POLICE}/?show=dead", "tasks/?show=all", ""):
        assert desk.number(case_id) not in text(there.get(f"/bureau/exchange/{page}"))
    assert OutboxMessage.objects.get(id=row.id).state == "dead"


def test_what_fits_nothing_is_laid_aside_with_a_note(
    officer: Client, city: Any, police: PartnerRecord
) -> None:
    row = ground.came(
        "LB20269999999999X-03", "decide", outcome="denied", reason="电话 13800000001 打不通"
    )
    page = f"/bureau/exchange/inbox/{row.id}/"
    said = text(officer.get(page))
    assert row.state == "parked" and "打不通" in said
    assert "13800000001" not in said
    assert "请写一句怎么处理的" in text(officer.post(page, {"do": "settle", "note": " "}), 422)
    assert officer.post(page, {"do": "nonsense"}).status_code == 404
    note = {"do": "settle", "note": "对方发错了，电话里说好了"}
    assert officer.post(page, note).status_code == 302
    assert officer.post(page, note).status_code == 302
    row.refresh_from_db()
    task = TaskRecord.objects.get(about=row.message_id)
    assert (row.state, task.note) == ("settled", note["note"]) and task.closed_by
    assert "处理过了" in text(officer.get(page))
    assert note["note"] in text(officer.get(f"/bureau/exchange/tasks/{task.id}/"))


def test_what_came_too_early_is_applied_again(
    officer: Client, city: Any, police: PartnerRecord
) -> None:
    case_id = desk.received(city)
    row = ground.came(ground.sub_case(case_id), "receive")
    page = f"/bureau/exchange/inbox/{row.id}/"
    assert row.state == "parked"
    assert "现在还是对不上" in text(officer.post(page, {"do": "again"}, follow=True))
    desk.give(desk.c.GatherBatch(), case_id, city.bureau)
    assert "对上了" in text(officer.post(page, {"do": "again"}, follow=True))
    assert desk.state(case_id, city.bureau).sub_cases[3].state == "received"


def test_what_was_kept_long_enough_is_not_tried_again_and_the_page_says_so(
    officer: Client, city: Any, police: PartnerRecord
) -> None:
    row = ground.came(ground.sub_case(desk.received(city)), "receive")
    page = f"/bureau/exchange/inbox/{row.id}/"
    assert "再对一次" in text(officer.get(page))
    retention.forget(at=clock.now() + timedelta(days=181))
    said = text(officer.get(page))
    assert "不能再试" in said and "再对一次" not in said and "只留摘要" in said
    assert "内容已按规定清除，不能再照它办" in text(
        officer.post(page, {"do": "again"}, follow=True)
    )
    note = {"do": "settle", "note": "电话问过，他们重发了"}
    assert officer.post(page, note).status_code == 302
    row.refresh_from_db()
    assert row.state == "settled"


def test_tasks_are_ones_own_or_all_and_closed_with_a_note(
    officer: Client, city: Any, police: PartnerRecord
) -> None:
    case_id = desk.sent(city)
    ground.dead(case_id)
    task = TaskRecord.objects.get()
    listed = "/bureau/exchange/tasks/"
    assert '<span class="lb-count">1' in text(officer.get("/bureau/"))
    TaskRecord.objects.update(assigned_to=city.people["bureau_officer@veterans_affairs.439902"])
    assert "没有等您看的" in text(officer.get(listed))
    assert desk.number(case_id) in text(officer.get(f"{listed}?show=all"))
    page = f"{listed}{task.id}/"
    assert "再重发" in text(officer.get(page))
    assert "请写一句怎么处理的" in text(officer.post(page, {"note": ""}), 422)
    long = "长" * 501
    assert long in text(officer.post(page, {"note": long}), 422)
    assert officer.post(page, {"note": "改由本局窗口办"}).status_code == 302
    assert "改由本局窗口办" in text(officer.get(page))
    assert "王明" in text(officer.get(f"{listed}?show=closed"))


def test_closing_the_task_of_what_fits_nothing_lays_it_aside(
    officer: Client, police: PartnerRecord
) -> None:
    row = ground.came("LB20269999999999X-03", "receive")
    task = TaskRecord.objects.get(about=row.message_id)
    officer.post(f"/bureau/exchange/tasks/{task.id}/", {"note": "对方发错了"})
    row.refresh_from_db()
    assert row.state == "settled"


def test_sending_is_stopped_and_goes_on_after_a_question(
    officer: Client, city: Any, police: PartnerRecord
) -> None:
    assert "一条不丢" in text(officer.get(PARTNER + "hold/"))
    assert PartnerRecord.objects.get().held_at is None
    officer.post(PARTNER + "hold/")
    held = PartnerRecord.objects.get()
    assert held.held_by and held.held_at == clock.now()
    assert "暂停发送" in text(officer.get("/bureau/exchange/"))
    assert officer.get(PARTNER + "hold/").status_code == 302
    assert "马上接着发" in text(officer.get(PARTNER + "release/"))
    officer.post(PARTNER + "release/")
    assert PartnerRecord.objects.get().held_at is None
    assert officer.post("/bureau/exchange/partners/nobody/hold/").status_code == 404


def test_only_the_lead_department_stops_what_is_sent(city: Any, police: PartnerRecord) -> None:
    officer = city.officer("department_officer", POLICE)
    for act in (holding.hold, holding.release):
        with pytest.raises(Refused, match="牵头部门"):
            act(code=POLICE, actor=officer, at=clock.now())
    assert PartnerRecord.objects.get().held_at is None


@pytest.mark.parametrize("role", ["counter_clerk@veterans_affairs", f"department_officer@{POLICE}"])
def test_others_are_told_whom_to_ask(city: Any, police: PartnerRecord, role: str) -> None:
    client = Client()
    client.force_login(city.people[f"{role}.439901"])
    for page in ("", "tasks/", f"partners/{POLICE}/", f"partners/{POLICE}/hold/"):
        assert Role.BUREAU_HEAD.label in text(client.get(f"/bureau/exchange/{page}"), 403)
    assert client.post(PARTNER + "hold/").status_code == 403
    assert PartnerRecord.objects.get().held_at is None


def test_numbers_beyond_all_rows_are_not_there(officer: Client, police: PartnerRecord) -> None:
    for number in ("0", "99999999999999999999"):
        assert officer.get(f"/bureau/exchange/inbox/{number}/").status_code == 404
