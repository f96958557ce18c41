"""What can go wrong in the vault. No message ever carries a plaintext, a key or a token."""


class VaultFailure(Exception):
    """Anything the vault cannot do."""


class Unreadable(VaultFailure):
    """A token was cut, changed, moved to another place, or sealed with a key we do not hold."""


class NotConfigured(VaultFailure):
    """The vault was asked for something before `vault.configure` named its keys."""


class BadKeyFile(VaultFailure):
    """A key file is missing, open to other users, or does not hold 32 bytes."""
