"""`lianban exchange …`: honest exit codes, one JSON, and help everywhere."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lianban.catalogue import load
from lianban.catalogue.finding import PolicyRefused
from lianban.engine.refusal import Refused
from lianban.exchange import contract, partners, signing
from lianban.exchange.models import InboxMessage, PartnerKey, PartnerRecord, ReconcileRecord
from lianban.ops import environment, exchange, main
from lianban.outbox.models import OutboxMessage
from tests.exchange import kit
from tests.exchange import partner as p
from tests.exchange.test_relay import START, handed_in
from tests.services.cast import City

PUBLIC = signing.PrivateKey.from_seed("x", bytes(range(32))).public.hex()
CONNECT = ["connect", "--code", "public_security", "--name", "公安系统", "--adapter", "demo"]
CONNECT += ["--address", "http://127.0.0.1:9/"]
HELP = [
    [], ["partners"], ["connect"], ["key"], ["key", "add"], ["key", "retire"], ["key", "revoke"],
    ["own-key"], ["counts"], ["resend"], ["reconcile"], ["conformance"], ["reference"],
    ["file"], ["file", "out"], ["file", "in"],
]  # fmt: skip


def run(*words: str) -> int:
    try:
        return main.main(["exchange", *words])
    except SystemExit as ended:  # argparse ends by itself
        assert isinstance(ended.code, int)
        return ended.code


def said(capsys: pytest.CaptureFixture[str], *words: str, code: int = main.GOOD) -> Any:
    """What a command prints as JSON."""
    capsys.readouterr()
    assert run(*words, "--json") == code
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("words", HELP, ids=" ".join)
def test_every_command_of_the_exchange_explains_itself(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*words, "--help") == main.GOOD
    assert " ".join(["lianban exchange", *words]) in capsys.readouterr().out


def test_help_is_tested_for_every_command() -> None:
    assert {words[0] for words in HELP if words} == set(exchange.COMMANDS)


@pytest.mark.parametrize("words", [[], ["nonsense"], ["key"], ["connect", "--code", "x"]])
def test_a_wrong_call_of_the_exchange_is_neither_good_nor_bad(words: list[str]) -> None:
    assert run(*words) == main.WRONG_CALL


def test_the_reference_names_every_message_of_the_contract(
    capsys: pytest.CaptureFixture[str],
) -> None:
    schemas = said(capsys, "reference")
    words = {contract.word_of(name) for side in ("in", "out") for name in schemas[side]}
    assert words == {*contract.IN, *contract.OUT}
    assert run("reference") == main.GOOD
    assert "cn.lianban.dispatch.v1" in capsys.readouterr().out


@pytest.mark.django_db
def test_a_partner_is_connected_listed_and_given_keys(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(capsys, "partners") == {"partners": []}
    file = tmp_path / "key"
    file.write_text(PUBLIC + "\n")
    key = ["--key-id", "police-1", "--public-key", str(file)]
    assert run(*CONNECT, *key) == main.GOOD
    assert run(*CONNECT, *key) == main.GOOD, "a repeat is harmless"
    (one,) = said(capsys, "partners")["partners"]
    assert (one["code"], one["mode"], one["health"]) == ("public_security", "push", "well")
    assert one["address"] == "http://127.0.0.1:9" and one["oldest_waiting"] is None
    assert [k["public_key"] for k in one["keys"]] == [PUBLIC]
    add = ["key", "add", "--code", "public_security", "--public-key", PUBLIC, "--key-id"]
    assert run(*add, "police-2") == main.GOOD
    assert run(*add, "police-3") == main.BAD, "two at most"
    assert run("key", "retire", "--key-id", "police-1", "--until", "2099-01-01T08:00") == main.GOOD
    assert run("key", "revoke", "--key-id", "police-2") == main.GOOD
    first, second = PartnerKey.objects.order_by("key_id")
    assert first.valid_until and first.valid_until.year >= 2098 and second.revoked_at
    assert run("partners") == main.GOOD
    assert "police-1" in capsys.readouterr().out


@pytest.mark.django_db
@pytest.mark.parametrize(
    "words",
    [
        [*CONNECT[:-3], "public_security"],
        [*CONNECT[:-4], "--adapter", "nonsense"],
        [*CONNECT, "--key-id", "k"],
        [*CONNECT, "--key-id", "k", "--public-key", "abc"],
        [*CONNECT, "--liaison", "nobody"],
        ["key", "add", "--code", "nobody", "--key-id", "k", "--public-key", PUBLIC],
        ["key", "retire", "--key-id", "nobody"],
        ["key", "retire", "--key-id", "nobody", "--until", "soon"],
        ["key", "revoke", "--key-id", "nobody"],
        ["resend", "nonsense"],
        ["resend", "00000000-0000-0000-0000-000000000000"],
        ["reconcile", "--department", "nobody"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_done_says_why_and_changes_nothing(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*words) == main.WRONG_CALL
    assert capsys.readouterr().err.strip()
    assert not PartnerRecord.objects.exists()


@pytest.mark.django_db
def test_nobody_connects_a_department_that_no_plan_names(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("connect", "--code", "weather", *CONNECT[3:]) == main.WRONG_CALL
    told = capsys.readouterr().err
    assert "weather" in told and "public_security" in told and "sms" in told
    with pytest.raises(Refused, match="方案里没有") as refused:
        p.connect("weather", "http://127.0.0.1:9")
    assert refused.value.code == "unknown_department" and not PartnerRecord.objects.exists()


@pytest.mark.django_db
def test_a_plan_that_is_not_fit_yet_stands_in_nobodys_way(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = environment.ROOT / "tests" / "fixtures" / "policy"
    monkeypatch.setenv("LIANBAN_POLICY_DIR", str(folder))
    with pytest.raises(PolicyRefused):
        load.load(folder / "literal")
    assert p.connect("first", "http://127.0.0.1:9").code == "first"


@pytest.mark.django_db
def test_who_is_connected_may_move_after_the_plan_has_dropped_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: dict[str, Any] = {"code": "public_security", "name": "公安", "adapter": "demo"}
    partners.connect(**said, address="http://127.0.0.1:9", at=START)
    monkeypatch.setattr(partners.editions, "departments", frozenset)
    moved = partners.connect(**said, address="http://127.0.0.1:8", at=START)
    assert moved.address == "http://127.0.0.1:8"


@pytest.mark.django_db
def test_our_own_key_is_what_a_vendor_verifies_with(capsys: pytest.CaptureFixture[str]) -> None:
    own = said(capsys, "own-key")
    key = partners.own_key()
    assert (own["key_id"], own["public_key"]) == (key.key_id, key.public.hex())
    assert run("own-key") == main.GOOD
    assert key.public.hex() in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_counts_say_where_every_message_stands_and_resend_puts_one_back(
    capsys: pytest.CaptureFixture[str],
) -> None:
    city = City(edition="retirement-2024").build()
    partner = p.connect("public_security", "http://127.0.0.1:9")
    handed_in(city)
    InboxMessage.objects.create(
        partner=partner, message_id="12345678", type="status", subject="LB1-01",
        received_at=START, digest="", body=b"", state="parked",
    )  # fmt: skip
    rows = OutboxMessage.objects.filter(department="public_security").order_by("id")
    number, dead = rows.count(), rows[0]
    rows.filter(id=dead.id).update(state="dead")
    found = said(capsys, "counts")
    one = found["partners"]["public_security"]
    assert (one["waiting"], one["dead"], one["parked"], one["sent"]) == (number - 1, 1, 1, 0)
    assert found["total"]["waiting"] == OutboxMessage.objects.filter(state="pending").count()
    assert said(capsys, "partners")["partners"][0]["waiting"] == number - 1
    assert run("resend", str(dead.message_id)) == main.GOOD
    assert said(capsys, "counts")["partners"]["public_security"]["dead"] == 0
    assert run("counts") == main.GOOD
    assert "public_security: " in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_reconcile_is_bad_where_books_differ_and_good_where_they_agree(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    city = City(edition="retirement-2024").build()
    ours = partners.own_key()
    with kit.system(tmp_path, "public_security", port=9, ours=ours, works=False) as address:
        p.connect("armed_forces", "", mode="poll")
        partner = partners.connect(
            code="public_security", name="公安", adapter="demo", address=address, at=p.CONNECTED
        )
        theirs = kit.THEIRS
        partners.add_key(
            code=partner.code, key_id=theirs.key_id, public_key=theirs.public, at=p.CONNECTED
        )
        PartnerRecord.objects.filter(code="armed_forces").update(address="")
        found = said(capsys, "reconcile", code=main.BAD)
        assert [(one["partner"], one["error"]) for one in found["partners"]] == [
            ("armed_forces", "no_book"), (partner.code, ""),
        ]  # fmt: skip
        assert run("reconcile") == main.BAD and "还没有交过账" in capsys.readouterr().out
        PartnerRecord.objects.filter(code="armed_forces").update(adapter="sms")
        found = said(capsys, "reconcile")
        assert found["partners"][0]["sent"] == 0 and found["without_a_book"] == ["armed_forces"]
        handed_in(city)
        rows = OutboxMessage.objects.filter(department=partner.code, topic="dispatch")
        rows.update(state="sent", done_at=START + timedelta(hours=1))
        (one,) = said(capsys, "reconcile", "--department", partner.code, code=main.BAD)["partners"]
        assert one["missing"] == one["sent"] == rows.count() == len(one["differences"])
        assert run("reconcile") == main.BAD
        assert "missing" in capsys.readouterr().out
    assert ReconcileRecord.objects.count() == 7


@pytest.mark.django_db(transaction=True)
def test_a_nightly_job_for_each_partner_compares_the_books() -> None:
    from procrastinate.contrib.django import app

    from lianban.ops import reconcile_job

    partner = p.connect("public_security", "http://127.0.0.1:9")
    p.connect("armed_forces", "", mode="poll")
    p.connect("courier", "", mode="poll")
    PartnerRecord.objects.filter(code="courier").update(adapter="courier")
    assert "lianban.ops.reconcile_job.reconcile_all" in app.tasks
    reconcile_job.reconcile_all(0)
    reconcile_job.reconcile_all(0)
    listed = app.job_manager.list_jobs(task="lianban.ops.reconcile_job.reconcile_one")
    locks = {job.queueing_lock for job in listed}
    assert locks == {f"reconcile:{code}" for code in (partner.code, "armed_forces")}
    reconcile_job.reconcile_one(partner.code)
    assert ReconcileRecord.objects.get().error == "no_connection"
