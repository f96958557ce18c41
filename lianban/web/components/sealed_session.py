"""Personal values between two pages: sealed in the session row, where they would lie in clear."""

import base64

from django.http import HttpRequest

from lianban import vault


def keep(request: HttpRequest, name: str, value: str) -> None:
    """Keep a value for this session."""
    token = vault.encrypt(value.encode(), table="django_session", column=name, row="")
    request.session[name] = base64.b64encode(token).decode()


def read(request: HttpRequest, name: str) -> str:
    """The value, or nothing where none was kept or its seal is damaged."""
    kept = request.session.get(name)
    if not kept:
        return ""
    try:
        token = base64.b64decode(kept)
        return vault.decrypt(token, table="django_session", column=name, row="").decode()
    except vault.Unreadable:
        return ""
