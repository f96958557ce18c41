"""What stands between us and a partner: it can bury nothing, and hold up nobody for ever."""

import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from lianban.cases.models import FileRecord
from lianban.exchange import compose, relay, signing
from lianban.exchange.models import TaskRecord
from lianban.outbox.models import OutboxMessage
from tests.exchange import partner as p
from tests.exchange.test_relay import START, State, city, connected, handed_in, rows, system
from tests.services.cast import City

__all__ = ["city", "system"]  # the ground of those tests
pytestmark = pytest.mark.django_db(transaction=True)
POLICE = "public_security"


@pytest.mark.parametrize("status", [400, 413])
def test_a_proxy_that_refuses_everything_buries_no_message_and_is_somebodys_task(
    city: City, system: p.System, status: int
) -> None:
    clock = p.Clock(START)
    connected(system, clock, POLICE)
    handed_in(city)
    page = {"Content-Type": "text/html"}
    system.answers += [lambda h, _: h.raw(status, b"<html>no</html>", page)] * 20
    done = relay.drain(POLICE, now=clock)
    assert (done.dead, done.retried) == (0, 1)
    assert not rows(POLICE).exclude(state=State.PENDING).exists()
    assert TaskRecord.objects.get().kind == TaskRecord.Kind.MISCONFIGURED
    system.answers.clear()
    clock.at += timedelta(minutes=1)
    relay.drain(POLICE, now=clock)
    assert not rows(POLICE).exclude(state=State.SENT).exists()


def test_a_complaint_nested_without_end_is_one_refusal(city: City, system: p.System) -> None:
    clock = p.Clock(START)
    connected(system, clock, POLICE)
    handed_in(city)

    def deep(handler: Any, message: signing.Message) -> None:
        body = b"[" * 200_000
        answer = signing.Answer(message, 422, body, {"Content-Type": "application/json"})
        signing.sign_answer(answer, key=handler.key, at=clock())
        handler.raw(422, body, answer.headers)

    system.answers.append(deep)
    assert relay.drain(POLICE, now=clock).dead == 1
    assert rows(POLICE).get(state=State.DEAD).last_error == "status_422"


@pytest.fixture
def dripping() -> Iterator[str]:
    """An address that answers with headers without end, a sign at a time."""
    ends = threading.Event()

    def drip() -> None:
        with server.accept()[0] as line:
            line.recv(65536)
            line.sendall(b"HTTP/1.1 200 OK\r\nX-Endless: ")
            while not ends.wait(0.1):
                try:
                    line.sendall(b"a")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        ends.set()
        thread.join()


def test_headers_that_drip_without_end_are_too_slow(
    city: City, dripping: str, settings: Any
) -> None:
    settings.EXCHANGE_TIMEOUT_SECONDS = 1
    p.connect(POLICE, dripping)
    handed_in(city)
    done = relay.drain(POLICE, now=p.Clock(START), most=1)
    assert (done.retried, done.sent) == (1, 0)
    assert rows(POLICE).exclude(last_error="").get().last_error == "too_slow"


def test_a_message_whose_file_is_gone_takes_the_relay_with_it_no_more(
    city: City, system: p.System, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = p.Clock(START)
    connected(system, clock, POLICE)
    handed_in(city, 2)
    first, usual = rows(POLICE).order_by("next_at", "id").first(), compose.compose

    def composed(row: OutboxMessage, **said: Any) -> Any:
        if row.id == first.id:
            raise FileRecord.DoesNotExist
        return usual(row, **said)

    monkeypatch.setattr(compose, "compose", composed)
    assert relay.drain(POLICE, now=clock).retried == 1
    first.refresh_from_db()
    assert (first.state, first.last_error) == (State.PENDING, "not_composed")
    waiting = rows(POLICE).filter(state=State.PENDING)
    assert set(waiting.values_list("case_id", flat=True)) == {first.case_id}
