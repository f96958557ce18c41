"""A chaos twin does what its behaviours say, and what is mild in the end loses nothing."""

import gzip
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import httpx
import pytest

from lianban.exchange import contract, signing
from simulators import chaos
from tests.simulators import ground
from tests.simulators.ground import Platform, Town, dispatch
from tests.simulators.test_kinds import Streets

WHOLE = ("receive", "accept", "decide", "issue")
GARBAGE = ["html", "half_json", "gzip_bomb", "endless", "redirect", "unsigned", "wrong_key"]
GARBAGE += ["other_digest", "reset", "slow"]
REFUSALS = ["500", "429", "503"]
OWN = ["repeats", "reorders", "loses", "contradicts", "steals", "invents"]
SOMETIMES = ["sometimes", "other_times"]
SEED = "7"
_numbers = count(1)


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Streets]:
    """A twin for every behaviour, each of which always does it; and a mild one."""
    with ground.serving(Platform()) as platform:
        town = Town(tmp_path_factory.mktemp("chaos"), platform)
        for behaviour in [*GARBAGE, *REFUSALS, *OWN]:
            town.add(f"at_{behaviour}", "armed_forces", f"{behaviour}=1")
        town.add("mild", "armed_forces", "mild=0.6")
        for code in SOMETIMES:
            town.add(code, "sms", "500=0.5")
        with town.running("--slow-seconds", "0.5", "--seed", SEED) as process:
            yield Streets(platform, process.addresses)


def subject() -> str:
    return contract.sub_case(f"{ground.CASE}2", next(_numbers))


@dataclass
class Raw:
    """An answer as it came."""

    status: int
    content: bytes
    headers: httpx.Headers
    is_signed: bool


def raw(twins: Streets, behaviour: str, about: str) -> Raw:
    """Dispatch a sub-case to a twin."""
    url = f"{twins.addresses[f'at_{behaviour}']}/messages"
    body = ground.letter("dispatch", about, dispatch())
    message = signing.Message("POST", url, body, {"Content-Type": contract.MEDIA_TYPE})
    signing.sign(message, key=twins.platform.key, at=ground.now())
    status, content, headers = ground.read(message, url, timeout=0.4)
    answer = signing.Answer(message, status, content, dict(headers.items()))
    try:
        signing.verify_answer(answer, keys=twins.platform.partners.get, at=ground.now())
    except signing.Forged:
        return Raw(status, content, headers, is_signed=False)
    return Raw(status, content, headers, is_signed=True)


@pytest.mark.parametrize("behaviour", REFUSALS)
def test_a_twin_that_refuses_leaves_no_effect(twins: Streets, behaviour: str) -> None:
    about = subject()
    got = raw(twins, behaviour, about)
    assert got.status == int(behaviour)
    assert ("Retry-After" in got.headers) is (behaviour != "500")
    assert got.is_signed
    assert twins.platform.said(about) == []


@pytest.mark.parametrize("behaviour", ["html", "redirect", "unsigned", "wrong_key", "other_digest"])
def test_an_answer_that_is_not_its_own_comes_after_the_effect(
    twins: Streets, behaviour: str
) -> None:
    about = subject()
    got = raw(twins, behaviour, about)
    assert got.status == (307 if behaviour == "redirect" else 200)
    assert not got.is_signed
    twins.platform.wait_for(about, *WHOLE)


def test_half_an_answer_is_signed_all_the_same(twins: Streets) -> None:
    about = subject()
    got = raw(twins, "half_json", about)
    assert got.is_signed
    with pytest.raises(ValueError, match=r"line \d+ column \d+"):
        json.loads(got.content)
    twins.platform.wait_for(about, *WHOLE)


def test_a_bomb_is_small_until_it_is_unpacked(twins: Streets) -> None:
    got = raw(twins, "gzip_bomb", subject())
    assert len(got.content) < 1 << 20
    assert len(gzip.decompress(got.content)) > 50 << 20


def test_an_endless_answer_goes_on_past_what_is_read(twins: Streets) -> None:
    got = raw(twins, "endless", subject())
    assert len(got.content) > 1 << 20


@pytest.mark.parametrize(
    ("behaviour", "failure"), [("reset", httpx.NetworkError), ("slow", httpx.ReadTimeout)]
)
def test_an_answer_that_never_comes_has_had_its_effect(
    twins: Streets, behaviour: str, failure: type[Exception]
) -> None:
    about = subject()
    with pytest.raises((failure, httpx.RemoteProtocolError)):
        raw(twins, behaviour, about)
    twins.platform.wait_for(about, *WHOLE)


def test_a_twin_repeats_its_messages_with_the_same_id(twins: Streets) -> None:
    about = subject()
    twins.tell("at_repeats", "dispatch", about, dispatch())
    twins.platform.wait(lambda: twins.platform.said(about).count("issue") >= 2)
    ids = [one.id for one in twins.platform.about(about)]
    assert len(set(ids)) == 4
    assert len(ids) >= 8
    assert sorted(ids, key=ids.index) == ids


def test_a_twin_sends_the_next_message_first(twins: Streets) -> None:
    about = subject()
    twins.tell("at_reorders", "dispatch", about, dispatch())
    twins.platform.wait_for(about, "accept", "receive", "issue", "decide")
    assert [one.sequence for one in twins.platform.about(about)] == ["2", "1", "4", "3"]


def test_a_twin_accepts_and_forgets(twins: Streets) -> None:
    about = subject()
    twins.tell("at_loses", "dispatch", about, dispatch())
    assert twins.ask("at_loses", f"sub-cases/{about}").status == 404
    assert twins.ask("at_loses", "book").content["lines"] == []


def test_a_twin_contradicts_itself(twins: Streets) -> None:
    about = subject()
    twins.tell("at_contradicts", "dispatch", about, dispatch())
    twins.platform.wait_for(about, "receive", "accept", "decide", "decide", "issue")
    decisions = [one for one in twins.platform.about(about) if one.type.endswith("decide.v1")]
    assert [one.data["outcome"] for one in decisions] == ["granted", "denied"]
    assert twins.ask("at_contradicts", f"sub-cases/{about}").content["outcome"] == "granted"


def test_a_twin_decides_what_it_was_not_sent(twins: Streets) -> None:
    about = contract.sub_case(f"{ground.CASE}4", 5)
    twins.tell("at_steals", "dispatch", about, dispatch())
    twins.platform.wait_for(contract.sub_case(f"{ground.CASE}4", 6), "decide")


def test_a_twin_speaks_of_what_does_not_exist(twins: Streets) -> None:
    twins.tell("at_invents", "dispatch", subject(), dispatch())
    twins.platform.wait(lambda: "status" in twins.platform.said("LB000000000000000-01"))


def test_a_mild_twin_loses_nothing_and_does_nothing_twice(twins: Streets) -> None:
    names = [contract.sub_case(f"{ground.CASE}5", item) for item in range(1, 13)]
    for about in names:
        deliver(twins, about)
    twins.platform.wait(lambda: all(len(ids(twins, about)) >= 4 for about in names))
    for about in names:
        assert len(ids(twins, about)) == 4


def ids(twins: Streets, about: str) -> set[str]:
    return {one.id for one in twins.platform.about(about)}


def deliver(twins: Streets, about: str) -> None:
    """Send a dispatch again and again with one id until it is taken, as the relay does."""
    name, address = secrets.token_hex(8), twins.addresses["mild"]
    for _ in range(chaos.PATIENCE + 1):
        try:
            said = ground.tell(
                twins.platform, address, "dispatch", about, dispatch(), message_id=name, timeout=0.4
            )
        except (signing.Forged, httpx.HTTPError, ValueError):
            continue
        if said.status == 200:
            return
    raise AssertionError("a mild twin has more patience than this")


def test_the_same_seed_ill_treats_the_same_messages(twins: Streets, tmp_path: Path) -> None:
    asked = [secrets.token_hex(8) for _ in range(20)]
    first = [statuses(twins.platform, twins.addresses[code], asked) for code in SOMETIMES]
    with ground.serving(Platform()) as platform:  # one that knows nobody else by these names
        town = Town(tmp_path, platform)
        for code in SOMETIMES:
            town.add(code, "sms", "500=0.5")
        with town.running("--seed", SEED) as process:
            again = [statuses(platform, process.addresses[code], asked) for code in SOMETIMES]
    assert again == first
    assert first[0] != first[1]
    assert set(first[0]) == {200, 500}


def statuses(platform: Platform, address: str, asked: list[str]) -> list[int]:
    text = {"to": "13900000001", "text": "已受理"}
    return [
        ground.tell(platform, address, "send_text", f"text:{name}", text, message_id=name).status
        for name in asked
    ]


def test_a_group_shares_its_rate_among_its_answers() -> None:
    mild = chaos.rates(["mild=0.6"])
    assert sum(mild[one] for one in chaos.ANSWERS) == pytest.approx(0.6)
    assert mild["repeats"] == mild["reorders"] == 0.6
    assert not set(mild) & {"loses", *chaos.LIES}
    with pytest.raises(ValueError, match="politeness"):
        chaos.rates(["politeness"])
