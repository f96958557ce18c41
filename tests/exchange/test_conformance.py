"""The conformance kit: it passes what is good, names what is not, and says what to do."""

import json
import subprocess
import sys
import time
from base64 import b64decode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from lianban.accounts import identity_number
from lianban.cases import case_number
from lianban.clock import now
from lianban.exchange import contract
from lianban.exchange.conformance import certificate, invented
from lianban.exchange.conformance.rules import RULES
from lianban.exchange.conformance.stage import Bounds
from lianban.ops import main
from simulators import chaos
from tests.exchange import kit
from tests.exchange.kit import OURS
from tests.exchange.weak import WEAK, knows_no_times

BOUNDS = Bounds(patience=30, quiet=0.2, retry_after=1, hold=1, grace=1.1, cases=1)
#: Nothing is waited for where waiting is not what is tested.
HASTY = Bounds(patience=30, quiet=0.1, retry_after=0, hold=0, grace=0.0, cases=1)
#: Rules that are about waiting.
PATIENT = {
    "honours_retry_after": BOUNDS,
    "withdraw_stops": BOUNDS,
    "decides_in_time": replace(HASTY, patience=1.5),
    "goes_on_after_correction": replace(HASTY, patience=2.0),
}
#: What is sent to each kind of system.
POSTS: dict[str, Callable[[str], invented.Post]] = {
    "sms": lambda address: invented.text(),
    "courier": lambda address: invented.mail(),
    "bank pays": lambda address: invented.payment(),
    "public_security verifies": lambda address: invented.verification(address=address),
}
GOOD = [
    "armed_forces",
    "bank",
    "bank pays",
    "courier",
    "human_resources",
    "medical_insurance",
    "party_organisation",
    "public_security",
    "public_security verifies",
    "sms",
    "youth_league",
]
#: Every chaos behaviour, and the rule that it breaks.
CAUGHT = {
    "500": "answers_without_failing",
    "429": "answers_without_failing",
    "503": "answers_without_failing",
    "slow": "answers_in_time",
    "reset": "answers_in_time",
    "html": "answers_in_json",
    "half_json": "answers_in_json",
    "gzip_bomb": "answers_are_small",
    "endless": "answers_are_small",
    "redirect": "answers_itself",
    "unsigned": "answers_are_signed",
    "wrong_key": "answers_are_signed",
    "other_digest": "answers_are_signed",
    "repeats": "sends_nothing_twice",
    "reorders": "calls_come_in_order",
    "loses": "remembers_what_it_accepted",
    "contradicts": "never_contradicts",
    "steals": "calls_name_what_was_sent",
    "invents": "calls_name_what_was_sent",
}


def play(
    folder: Path, name: str, *, behaviours: tuple[str, ...] = (), bounds: Bounds = BOUNDS
) -> certificate.Certificate:
    """Play against one kind of system, in the plan's own terms where it is a department."""
    port, kind = kit.free_port(), name.split()[0]
    address = f"http://127.0.0.1:{port}"
    department = invented.department(code="", policy="", address=address)
    post = POSTS[name](address) if name in POSTS else department
    with kit.system(folder, kind, port=port, behaviours=behaviours) as url:
        answer = 1.0 if "slow=1" in behaviours else 10.0
        return kit.play(url, port=port, post=post, bounds=bounds, answer=answer)


def test_every_good_system_passes_every_rule_that_concerns_it(tmp_path: Path) -> None:
    with ThreadPoolExecutor(len(GOOD)) as pool:
        found = dict(
            zip(GOOD, pool.map(lambda name: play(tmp_path / name, name), GOOD), strict=True)
        )
    broken = {name: str(one.verdict.broken) for name, one in found.items() if not one.is_good}
    assert broken == {}
    assert [rule.code for rule in found["public_security"].verdict.passed] == list(RULES)
    assert {rule.code for rule in found["sms"].verdict.not_arisen} == {
        "asks_for_what_was_sent", "goes_on_after_correction", "fetches_files_signed",
        "withdraw_stops", "remembers_what_it_accepted", "book_can_be_read", "book_tells_a_sub_case", "book_is_complete",
        "book_comes_in_pages", "unknown_sub_case_is_not_found", "book_is_guarded",
        "takes_or_refuses_a_time",
    }  # fmt: skip


@pytest.mark.parametrize("behaviour", CAUGHT)
def test_a_system_that_behaves_badly_is_caught_by_the_rule_that_it_breaks(
    tmp_path: Path, behaviour: str
) -> None:
    found = play(tmp_path, "public_security", behaviours=(f"{behaviour}=1",))
    assert found.verdict.broken is not None
    assert found.verdict.broken.rule.code == CAUGHT[behaviour]
    said = found.data()
    assert not said["conforms"]
    assert said["broken"]["expected"] and said["broken"]["found"] and said["broken"]["what_to_do"]


def test_every_rule_is_broken_by_some_behaviour_or_weakness_and_every_behaviour_is_tried() -> None:
    assert set(CAUGHT) == set(chaos.GROUPS["all"])
    assert {*CAUGHT.values(), *(name.split(":")[0] for name in WEAK)} == set(RULES)


@pytest.mark.parametrize("name", WEAK)
def test_a_system_with_one_weakness_is_told_which(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    WEAK[name](monkeypatch)
    rule = name.split(":")[0]
    found = play(tmp_path, "public_security", bounds=PATIENT.get(rule, HASTY))
    assert found.verdict.broken is not None, "nothing was noticed"
    assert found.verdict.broken.rule.code == rule, str(found.verdict.broken)


def test_a_system_that_knows_no_appointments_conforms_as_it_did(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    knows_no_times(monkeypatch)
    found = play(tmp_path, "public_security", bounds=HASTY)
    broken = found.verdict.broken
    # a hasty play waits for nothing, so it may be held up later; times are behind it by then
    assert "takes_or_refuses_a_time" in [rule.code for rule in found.verdict.passed], broken


def test_what_the_plan_gives_an_item_is_what_is_sent() -> None:
    post = invented.department(
        code="public_security", policy="retirement-2024", address="http://localhost"
    )
    at = now()
    sent = post.data(post.subject(at), at)
    assert isinstance(sent, contract.Dispatch)
    assert {"name", "identity_number"} <= set(sent.fields) and sent.materials
    number = sent.fields["identity_number"].value
    assert identity_number.parse(number, today=at.date()).number == number
    assert case_number.is_valid(post.subject(at).rpartition("-")[0])
    with pytest.raises(LookupError, match="方案里没有部门"):
        invented.department(code="nobody", policy="retirement-2024", address="")


def test_a_certificate_is_signed_over_all_that_it_says(tmp_path: Path) -> None:
    said = play(tmp_path, "sms", behaviours=("html=1",)).data()
    signature = b64decode(said.pop("signature"))
    public = Ed25519PublicKey.from_public_bytes(OURS.public)
    public.verify(signature, certificate.canonical(said))
    said["conforms"] = True
    with pytest.raises(InvalidSignature):
        public.verify(signature, certificate.canonical(said))


def _drips_headers(handler: BaseHTTPRequestHandler) -> None:
    """Never silent for long, and never done."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    with suppress(OSError):
        for number in range(600):
            handler.wfile.write(f"X-{number}: drip\r\n".encode())
            time.sleep(0.05)


def test_a_system_that_drips_its_headers_is_too_slow() -> None:
    handler = type("Handler", (BaseHTTPRequestHandler,), {"do_GET": _drips_headers})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads, server.block_on_close = True, False
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        url, port = f"http://127.0.0.1:{server.server_port}", kit.free_port()
        post = invented.department(code="", policy="", address=f"http://127.0.0.1:{port}")
        found = kit.play(url, port=port, post=post, bounds=HASTY, answer=0.4)
        server.shutdown()
    assert found.verdict.broken is not None
    assert found.verdict.broken.rule.code == "answers_in_time"


COMMAND = """
import sys
from lianban.ops.main import main
code = main(sys.argv[1:])
assert "django" not in sys.modules, "Django was loaded"
sys.exit(code)
"""


def test_the_command_needs_no_django_and_prints_a_certificate(tmp_path: Path) -> None:
    port = kit.free_port()
    seed = tmp_path / "seed"
    seed.write_text(bytes(range(32)).hex() + "\n")
    with kit.system(tmp_path / "memory", "sms", port=port) as url:
        done = subprocess.run(
            [
                *(sys.executable, "-c", COMMAND, "exchange", "conformance", "--url", url),
                *("--key", str(seed), "--key-id", OURS.key_id, "--kind", "text"),
                *("--partner-key", kit.THEIRS.public.hex(), "--platform-port", str(port)),
                *("--quiet", "0.1", "--retry-after", "0", "--json"),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == main.GOOD, done.stderr
    said = json.loads(done.stdout)
    assert said["conforms"] and said["contract"] == "v1" and said["url"] == url
    assert "✓" in done.stderr


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"--key": "/nowhere/seed"}, "no such file"),
        ({"--partner-key": "abc"}, "64 hex digits"),
        ({"--url": "ftp://x"}, "http://"),
        ({"--department": "nobody"}, "--policy"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(
    tmp_path: Path, change: dict[str, str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = tmp_path / "seed"
    seed.write_text(bytes(range(32)).hex())
    options = {
        "--url": "http://127.0.0.1:9",
        "--key": str(seed),
        "--key-id": "kit-1",
        "--partner-key": kit.THEIRS.public.hex(),
    } | change
    words = [word for pair in options.items() for word in pair]
    assert main.main(["exchange", "conformance", *words]) == main.WRONG_CALL
    assert why in capsys.readouterr().err


def test_a_system_that_is_not_there_is_a_broken_rule_and_no_crash(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = tmp_path / "seed"
    seed.write_text(bytes(range(32)).hex())
    words = ["--url", f"http://127.0.0.1:{kit.free_port()}", "--key", str(seed)]
    words += ["--key-id", "kit-1", "--partner-key", kit.THEIRS.public.hex()]
    assert main.main(["exchange", "conformance", *words]) == main.BAD
    out = capsys.readouterr().out
    assert "answers_in_time" in out and "怎么办" in out
