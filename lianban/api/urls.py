"""Addresses for machines. Each view says who may call it, as every route of the house does."""

from collections.abc import Iterator

from django.urls import URLPattern, path

from lianban.accounts.doors import declare
from lianban.api import document, views

app_name = "exchange_api"


def _declared() -> Iterator[URLPattern]:
    """The operations' routes, each with the declaration of its own view.

    One that declares nothing stays without, and the server does not start.
    """
    patterns, _, _ = views.api.urls
    for pattern in patterns:
        if not isinstance(pattern, URLPattern) or not hasattr(views, pattern.name or ""):
            continue  # the library's own start page; nothing is there
        access = getattr(getattr(views, str(pattern.name)), "access", None)
        if access is not None and pattern.callback is not None:
            declare(pattern.callback, access)
        yield pattern


urlpatterns = [path("openapi.json", document.openapi, name="openapi"), *_declared()]
