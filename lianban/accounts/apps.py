"""Wires the vault to the key files that the settings name."""

from pathlib import Path

from django.apps import AppConfig
from django.conf import settings

from lianban import vault


class Accounts(AppConfig):
    """People who sign in, and the offices and districts they work for."""

    name = "lianban.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the vault where its keys are; they are read when first needed."""
        vault.configure(keyring_from_settings)


def keyring_from_settings() -> vault.Keyring:
    """Return the key ring of the files that the settings name; the current master key seals.

    `VAULT_MASTER_KEY_FILE`, `VAULT_INDEX_KEY_FILE`; optional: `VAULT_OLDER_KEY_FILES` (list),
    `VAULT_CIPHER` and `VAULT_DIGEST` (AES-256-GCM with SHA-256, or SM4-GCM with SM3).
    Raises vault.BadKeyFile and ValueError, which name what is wrong.
    """
    older = getattr(settings, "VAULT_OLDER_KEY_FILES", [])
    return vault.Keyring.from_files(
        master_files=[Path(name) for name in (settings.VAULT_MASTER_KEY_FILE, *older)],
        index_file=Path(settings.VAULT_INDEX_KEY_FILE),
        cipher=getattr(settings, "VAULT_CIPHER", "aes-256-gcm"),
        digest=getattr(settings, "VAULT_DIGEST", "sha256"),
    )
