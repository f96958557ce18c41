"""What every test of a service may ask for: quick password hashing, and a moment of its own."""

from collections.abc import Iterator
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from lianban import clock

#: The moment at which a test begins.
AT = datetime(2026, 9, 3, 9, 0, tzinfo=clock.SHANGHAI)


@pytest.fixture(autouse=True)
def quick_hashing(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    present = SimpleNamespace(now=AT)
    monkeypatch.setattr(clock, "now", lambda: present.now)
    return present
