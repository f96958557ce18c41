"""The exchange room as Django knows it."""

from django.apps import AppConfig


class Exchange(AppConfig):
    """Partners, messages in and out."""

    name = "lianban.exchange"
    label = "exchange"
