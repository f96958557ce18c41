"""The documents room as Django knows it."""

from django.apps import AppConfig


class Documents(AppConfig):
    """Issued documents and their numbers."""

    name = "lianban.documents"
    label = "documents"
    default_auto_field = "django.db.models.BigAutoField"
