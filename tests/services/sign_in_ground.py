"""What the tests of signing in stand on: a moment, an officer, and plain hashing."""

import re
from typing import Any

import pytest
from django.test import Client

from lianban.accounts.models import District, Office, RoleGrant, User
from lianban.engine.refusal import Refused

PHONE, HOME = "13800000204", "192.0.2.7"
PASSWORD = "six blue lanterns"


def made_officer(*roles: str, username: str = "lin", start: bool = False) -> User:
    city, _ = District.objects.get_or_create(code="990100", name="甲市", level="city")
    county, _ = District.objects.get_or_create(
        code="990102", name="乙区", level="county", parent=city
    )
    office, _ = Office.objects.get_or_create(department="lead", district=county, name="窗口")
    user = User(
        kind="officer", username=username, name="林某", office=office, must_set_password=start
    )
    user.set_password(PASSWORD)
    user.save()
    RoleGrant.objects.bulk_create(RoleGrant(user=user, role=role) for role in roles)
    return user


def signed_in(client: Client, *roles: str, **more: Any) -> User:
    user = made_officer(*roles, **more)
    client.post("/sign-in/officer/", {"username": user.username, "password": PASSWORD})
    return user


def without_input(answer: Any) -> str:
    """Return a page without what was typed, its token and its own address."""
    return re.sub(r'(value|content|action)="[^"]*"', "", answer.content.decode())


def refusal_of(expected: str, act: Any, /, **arguments: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        act(**arguments)
    assert caught.value.code == expected
    return caught.value
