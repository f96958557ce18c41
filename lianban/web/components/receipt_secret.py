"""The receipt's second secret, kept sealed in the session that handed the case in.

It is known only at hand-in; the pages right after it show and print it, no other session can.
"""

import base64
from uuid import UUID

from django.http import HttpRequest

from lianban import vault

KEY = "receipt_secret"


def keep(request: HttpRequest, *, case_id: UUID, secret: str) -> None:
    """Keep the secret of the case that was handed in last."""
    sealed = vault.encrypt(secret.encode(), table="django_session", column=KEY, row=str(case_id))
    request.session[KEY] = base64.b64encode(sealed).decode()


def read(request: HttpRequest, *, case_id: UUID) -> str:
    """The secret of this case, if this session handed it in last; else ""."""
    kept = request.session.get(KEY)
    if not kept:
        return ""
    try:
        token = base64.b64decode(kept)
        opened = vault.decrypt(token, table="django_session", column=KEY, row=str(case_id))
    except vault.Unreadable:
        return ""
    return opened.decode()
