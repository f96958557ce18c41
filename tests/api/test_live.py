"""The vendor's own program from the guide, over real HTTP, against a running server."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lianban import clock
from lianban.exchange.models import InboxMessage
from lianban.ops.environment import ROOT
from tests.api import caller
from tests.api.caller import POLICE, envelope

pytestmark = pytest.mark.django_db(transaction=True)
GUIDE = ROOT / "docs" / "how-to" / "connect-a-department.md"


@pytest.fixture
def now() -> None:
    """The guide's program reads the machine's own clock, and so does the door here."""


def program() -> Callable[..., tuple[int, bytes]]:
    """The program of the guide, as it is printed there."""
    text = GUIDE.read_text().partition("```python\n")[2].partition("```")[0]
    names: dict[str, Any] = {}
    exec(compile(text, str(GUIDE), "exec"), names)
    call: Callable[..., tuple[int, bytes]] = names["call"]
    return call


def test_the_program_of_the_guide_is_understood_by_the_server(live_server: Any) -> None:
    assert clock.now().year >= 2026
    own = caller.connect(POLICE)
    call, key = program(), Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
    address = f"{live_server.url}/exchange/v1"
    status, body = call(key, own.key_id, "GET", f"{address}/book?after=&limit=5")
    assert (status, json.loads(body)) == (200, {"lines": [], "next": ""})
    said = envelope("receive", "LB202609030000012-03", message_id="guide-00001")
    status, body = call(key, own.key_id, "POST", f"{address}/messages", said)
    assert (status, json.loads(body)["outcome"]) == (202, "parked")
    again = call(key, own.key_id, "POST", f"{address}/messages", said)
    assert again == (status, body) and InboxMessage.objects.count() == 1
    stranger = Ed25519PrivateKey.from_private_bytes(bytes(32))
    status, body = call(stranger, own.key_id, "POST", f"{address}/messages", said)
    assert (status, json.loads(body)["code"]) == (401, "bad_signature")
