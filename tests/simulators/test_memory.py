"""What a system has answered stays, whatever becomes of its process or of the platform."""

import http.client
import secrets
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from lianban.exchange import contract
from simulators.main import main
from simulators.memory import Memory
from tests.simulators import ground
from tests.simulators.ground import Platform, Town, dispatch
from tests.simulators.test_kinds import Streets

ABOUT = contract.sub_case(f"{ground.CASE}1", 3)
WHOLE = ("receive", "accept", "decide", "issue")


@pytest.fixture(scope="module")
def streets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Streets]:
    with ground.serving(Platform()) as platform:
        town = Town(tmp_path_factory.mktemp("town"), platform)
        for kind in ("armed_forces", "bank", "sms"):
            town.add(kind, kind)
        with town.running("--only", "bank", "sms", "armed_forces") as process:
            yield Streets(platform, process.addresses)


def away() -> Platform:
    """A platform that has an address, and is away."""
    with ground.serving(Platform()) as platform:
        return platform


def test_a_repeated_message_is_said_to_be_one_and_has_one_effect(streets: Streets) -> None:
    platform, address = streets.platform, streets.addresses["armed_forces"]
    name = secrets.token_hex(8)
    first, second = (
        ground.tell(platform, address, "dispatch", ABOUT, dispatch(), message_id=name)
        for _ in range(2)
    )
    platform.wait_for(ABOUT, *WHOLE)
    gone = {"why": "withdrawn"}
    other = ground.tell(platform, address, "withdraw", ABOUT, gone, message_id=name)
    assert first.content == {"id": name, "outcome": "accepted"}
    assert second.content == {"id": name, "outcome": "repeated"}
    assert other.status == 409
    assert platform.said(ABOUT) == list(WHOLE)


def test_what_the_platform_cannot_take_now_comes_again_with_the_same_id(streets: Streets) -> None:
    streets.platform.refused.clear()
    streets.platform.moody = "text:moody-1"
    streets.platform.moods += [500, 401, 503, 500]
    streets.tell("sms", "send_text", "text:moody-1", {"to": "13900000001", "text": "已受理"})
    streets.platform.wait_for("text:moody-1", "text_delivered")
    assert streets.platform.moods == []
    (arrived,) = streets.platform.about("text:moody-1")
    assert streets.platform.refused == [arrived.id] * 4


def test_what_the_platform_never_takes_does_not_hold_up_the_rest(streets: Streets) -> None:
    about = contract.sub_case(f"{ground.CASE}2", 3)
    streets.platform.moody = about
    streets.platform.moods += [422, 409]
    streets.tell("bank", "dispatch", about, dispatch())
    streets.platform.wait_for(about, "decide", "issue")


def test_an_address_without_a_system_is_not_found(streets: Streets) -> None:
    url = streets.addresses["bank"].replace("/bank", "/taxation/book")
    assert ground.CLIENT.get(url).status_code == 404


def test_a_message_that_is_too_large_is_not_read(streets: Streets) -> None:
    host = streets.addresses["bank"].split("/")[2]
    line = http.client.HTTPConnection(host, timeout=ground.PATIENCE)
    line.putrequest("POST", "/bank/messages")
    line.putheader("Content-Length", str(contract.MOST_BYTES + 1))
    line.endheaders()
    assert line.getresponse().status == 413
    line.close()


def test_a_system_that_is_killed_goes_on_where_it_stood(tmp_path: Path) -> None:
    platform, name = away(), secrets.token_hex(8)
    town = Town(tmp_path, platform)
    town.add("public_security", "public_security")
    with town.running() as process:
        address = process.addresses["public_security"]
        ground.tell(platform, address, "dispatch", ABOUT, dispatch(), message_id=name)
        process.kill()
    with ground.serving(platform), town.running() as process:
        address = process.addresses["public_security"]
        again = ground.tell(platform, address, "dispatch", ABOUT, dispatch(), message_id=name)
        assert again.content["outcome"] == "repeated"
        platform.wait_for(ABOUT, *WHOLE)
        assert [one.sequence for one in platform.about(ABOUT)] == ["1", "2", "3", "4"]
        line = ground.call(platform, f"{address}/sub-cases/{ABOUT}").content
        assert (line["outcome"], line["round"]) == ("granted", 1)


def test_a_withdrawn_sub_case_is_left_alone(tmp_path: Path) -> None:
    platform, other = away(), contract.sub_case(f"{ground.CASE}3", 3)
    town = Town(tmp_path, platform)
    town.add("bank", "bank")
    with town.running() as process:
        address = process.addresses["bank"]
        ground.tell(platform, address, "dispatch", ABOUT, dispatch())
        ground.tell(platform, address, "withdraw", ABOUT, {"why": "terminated"})
        assert ground.call(platform, f"{address}/sub-cases/{ABOUT}").content["state"] == "withdrawn"
        with ground.serving(platform):
            ground.tell(platform, address, "dispatch", other, dispatch())
            platform.wait_for(other, *WHOLE)
    assert platform.said(ABOUT) in ([], ["receive"])


@pytest.mark.parametrize("options", [("--only", "nobody"), ("--chaos", "politeness")])
def test_a_wrong_option_is_answered_with_what_is_wrong(
    tmp_path: Path, options: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    town = Town(tmp_path, Platform(address="http://localhost:1"))
    town.add("bank", "bank")
    assert main([str(town.write()), *options]) == 2
    assert options[1] in capsys.readouterr().err


def test_whoever_is_woken_by_a_change_finds_the_memory_free(tmp_path: Path) -> None:
    memory, seen = Memory(tmp_path / "memory", source="x", speed=1.0), []

    def look() -> None:
        asking = Thread(target=lambda: seen.append(memory.next_due()), daemon=True)
        asking.start()
        asking.join(30)

    with memory.change():
        memory.then(look)
        assert seen == []
    assert seen == [None]
    memory.then(look)
    assert seen == [None, None]
    memory.close()
