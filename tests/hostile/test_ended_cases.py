"""Every button on a case that has ended: a clear answer, and nothing changes."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from lianban.accounts.models import User
from lianban.cases.models import JointCaseRecord
from lianban.cases.services import hand_in
from lianban.engine import commands as c
from lianban.web.bureau import actions
from lianban.web.department import options
from tests.hostile import at_once, ground
from tests.hostile.ground import HERE, LEAD

pytestmark = pytest.mark.django_db

#: Reads are noted, flash words are not part of a case.
READ = ("cases_viewrecord",)
#: Looked at after every single button.
CASE_TABLES = (
    "cases_jointcaserecord", "cases_subcaserecord", "cases_materialrecord", "journal_journalentry",
    "cases_dossierrecord", "cases_filerecord", "cases_formversionrecord",
)  # fmt: skip
Post = tuple[Client, str, dict[str, Any]]


def concluded(city: Any, person: ground.Someone) -> tuple[Any, UUID]:
    actor, receipt = ground.online(city, person)
    ground.finished(city, ground.sent(city, receipt.case_id))
    ground.give(city, receipt.case_id, c.Conclude())
    return actor, receipt.case_id


def withdrawn(city: Any, person: ground.Someone) -> tuple[Any, UUID]:
    from lianban.cases import services

    actor, receipt = ground.online(city, person, missing=("photo",))
    ground.give(city, receipt.case_id, c.RequestCorrection(("photo",)))
    services.run(c.Withdraw(), case_id=receipt.case_id, actor=actor, at=ground.clock.now())
    return actor, receipt.case_id


def terminated(city: Any, person: ground.Someone) -> tuple[Any, UUID]:
    actor, receipt = ground.online(city, person)
    ground.sent(city, receipt.case_id)
    ground.give(city, receipt.case_id, c.Deliver(1), c.Terminate("理由"))
    return actor, receipt.case_id


def refused(city: Any, person: ground.Someone) -> tuple[Any, UUID]:
    actor, receipt = ground.online(city, person)
    ground.give(city, receipt.case_id, c.RefuseAcceptance("不归本地办"))
    return actor, receipt.case_id


def buttons(city: Any, case_id: UUID, own: Client) -> Iterator[Post]:
    """Every POST that a page offers at some time of a case, filled in as it should be."""
    head = ground.signed_in(city.people[f"bureau_head@{LEAD}.{HERE}"])
    clerk = ground.signed_in(city.people[f"counter_clerk@{LEAD}.{HERE}"])
    police = ground.signed_in(city.people[f"department_officer@public_security.{HERE}"])
    record = JointCaseRecord.objects.get(id=case_id)
    sequence = str(record.sequence)
    yield from _bureau(head, case_id, sequence)
    home = f"/counter/cases/{case_id}/"
    for how in ("accept", "notice", "defer", "refuse"):
        yield clerk, f"{home}act/{how}/", {"own": "理由", "sequence": sequence}
    for number in (1, 2, 3, 4):
        for how in ("grant", "deny", "deliver"):
            yield clerk, f"{home}items/{number}/{how}/", {"own": "理由", "sequence": sequence}
    yield clerk, f"{home}seen/", {"seen": ["photo", "placement_notice"]}
    yield clerk, f"{home}correct/", {"home_address": "新地址 1 号"}
    yield clerk, f"{home}withdraw/", {"sequence": sequence}
    yield from _department(police, case_id)
    my = f"/my/{case_id}/"
    yield own, f"{my}withdraw/", {"sure": "yes", "sequence": sequence}
    yield own, f"{my}3/withdraw/", {"sure": "yes", "sequence": sequence}
    yield own, f"{my}correct/", {"promise-photo": "1", "file-photo": ground.picture()}


def _bureau(head: Client, case_id: UUID, sequence: str) -> Iterator[Post]:
    more = {
        "sequence": sequence, "days": "1", "kind": "registered", "department": "public_security",
        "prerequisite": "reception", "defects": "photo", "materials": "photo", "own": "理由",
    }  # fmt: skip
    tables = (("", actions.CASE), ("review/", actions.PRE_REVIEW), ("items/3/", actions.ITEM),
              ("items/8/", actions.ITEM))  # fmt: skip
    for rest, table in tables:
        for action in table:
            if action.name == "reopen":  # the one thing that an ended case is there for
                continue
            data = more | {"do": action.name} | {f"{action.name}-{k}": v for k, v in more.items()}
            yield head, f"/bureau/cases/{case_id}/{rest}", data
    for number in (3, 8):
        yield head, f"/bureau/cases/{case_id}/items/{number}/claim/", {}
    for address in ("reception/", "batches/"):
        yield head, f"/bureau/{address}", {"case": str(case_id)}


def _department(police: Client, case_id: UUID) -> Iterator[Post]:
    item, row = f"/department/{case_id}/3/", f"{case_id}.3"
    yield police, f"{item}claim/", {}
    yield police, "/department/claim/", {"row": row}
    yield police, "/department/grant/", {"row": row, "step": "give", f"number.{row}": "文1"}
    for command in options.STEPS:
        yield police, f"{item}step/{command}/", {}
    for command in options.WITH_WORDS:
        yield police, f"{item}with/{command}/", {
            "codes": "photo", "reason": "other", "words": "理由", "days": "1"
        }  # fmt: skip
    for outcome in ("grant", "deny"):
        yield police, f"{item}decide/", {
            "outcome": outcome, "reason": "other", "words": "理由", "step": "give"
        }  # fmt: skip


@pytest.mark.parametrize("ending", [concluded, withdrawn, terminated, refused])
def test_no_button_changes_a_case_that_has_ended(city: Any, ending: Any) -> None:
    actor, case_id = ending(city, ground.someone(1))
    police = ground.signed_in(city.people[f"department_officer@public_security.{HERE}"])
    police.get(f"/department/{case_id}/3/")  # numbers the notice, which no door has done here
    own = ground.signed_in(User.objects.get(id=actor.user_id))
    everything, wrong = ground.stored(without=READ), []
    before = ground.stored(only=CASE_TABLES)
    for client, address, data in buttons(city, case_id, own):
        answer = client.post(address, data)
        name = f"{address} {data.get('do', '')}"
        if not (answer.status_code == 302 or 400 <= answer.status_code < 500
                or address.endswith("grant/")):  # fmt: skip
            wrong.append(f"{name} answers {answer.status_code}")
        if answer.status_code >= 400 and len(ground.body(answer)) < 200:
            wrong.append(f"{name} says nothing")
        if tables := ground.changed(before, after := ground.stored(only=CASE_TABLES)):
            wrong.append(f"{name} changes {tables}")
            before = after
    assert not wrong, "\n".join(wrong)
    assert ground.changed(everything, ground.stored(without=READ)) == []
    assert at_once.the_journal_holds()


def test_a_form_of_a_case_that_was_handed_in_cannot_be_handed_in_again(city: Any) -> None:
    receipt = ground.at_counter(city, ground.someone(1))
    clerk = ground.signed_in(city.people[f"counter_clerk@{LEAD}.{HERE}"])
    ground.give(city, receipt.case_id, c.Terminate("理由"))
    before = ground.stored(without=READ)
    home = f"/counter/forms/{receipt.case_id}/"
    for rest in ("", "live/", "move/", "give-up/", "refuse/", "finish/accept/", "finish/notice/",
                 "finish/defer/"):  # fmt: skip
        answer = clerk.post(home + rest, {"district": HERE, "own": "理由", "name": "别人"})
        assert answer.status_code in (302, 404), rest
    assert ground.changed(before, ground.stored(without=READ)) == []


def test_a_page_that_is_older_than_the_case_changes_nothing(city: Any) -> None:
    _, receipt = ground.online(city, ground.someone(1))
    old = str(JointCaseRecord.objects.get(id=receipt.case_id).sequence)
    ground.sent(city, receipt.case_id)
    head = ground.signed_in(city.people[f"bureau_head@{LEAD}.{HERE}"])
    before = ground.stored(without=READ)
    data = {"do": "terminate", "terminate-own": "理由要留着", "sequence": old}
    answer = head.post(f"/bureau/cases/{receipt.case_id}/", data)
    assert answer.status_code == 409
    assert "刚被别人改过" in ground.body(answer) and "理由要留着" in ground.body(answer)
    assert ground.changed(before, ground.stored(without=READ)) == []


@pytest.mark.django_db(transaction=True)
def test_an_ended_case_is_not_reopened_beside_a_running_one(city: Any) -> None:
    actor, first = terminated(city, ground.someone(1))
    draft = ground.draft_of(actor, ground.someone(1), HERE)
    hand_in.submit(draft_id=draft.id, actor=actor, at=ground.clock.now())
    head = ground.signed_in(city.people[f"bureau_head@{LEAD}.{HERE}"])
    answer = head.post(f"/bureau/cases/{first}/", {"do": "reopen", "reopen-own": "当时弄错了"})
    assert answer.status_code == 409
    text = ground.body(answer)
    assert "另有一件正在办理" in text and "当时弄错了" in text
    assert at_once.the_journal_holds()
