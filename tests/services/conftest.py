"""What every test of a service may ask for: quick password hashing, and a moment of its own."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from lianban import clock
from tests.services.sign_in_ground import AT


@pytest.fixture(autouse=True)
def quick_hashing(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    present = SimpleNamespace(now=AT)
    monkeypatch.setattr(clock, "now", lambda: present.now)
    return present
