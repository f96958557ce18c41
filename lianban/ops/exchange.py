"""`lianban exchange`: partners and their keys, counts, books, and whether a system keeps the contract.

Each command has a module of its own, imported only when that command is called: what needs no
Django, such as the conformance kit, does without.
"""

import argparse
import importlib
from collections.abc import Sequence
from typing import Any

WITHOUT_DJANGO = {
    "conformance": ("lianban.ops.exchange_conformance", "whether a system keeps the contract"),
    "reference": ("lianban.ops.exchange_reference", "print the contract's messages"),
}
WITH_DJANGO = {
    "partners": ("lianban.ops.exchange_partners", "how each partner is"),
    "connect": ("lianban.ops.exchange_partners", "connect a partner's system"),
    "key": ("lianban.ops.exchange_partners", "add, retire or revoke a partner's key"),
    "own-key": ("lianban.ops.exchange_partners", "print our own key for the vendor"),
    "counts": ("lianban.ops.exchange_counts", "messages by where they stand"),
    "resend": ("lianban.ops.exchange_counts", "send a message once more"),
    "reconcile": ("lianban.ops.exchange_reconcile", "compare both sides' books"),
    "file": ("lianban.ops.exchange_files", "hand files out, and take them back"),
}
COMMANDS = WITHOUT_DJANGO | WITH_DJANGO


def register(subparsers: Any) -> None:
    """Add the command's parser."""
    parser = subparsers.add_parser(
        "exchange",
        help="the exchange with departments' systems",
        epilog="Exit codes: 0 good, 1 the thing is bad, 2 the call is wrong.",
    )
    commands = parser.add_subparsers(
        dest="exchange_command", required=True, metavar="COMMAND", parser_class=_Later
    )
    for name, (_, summary) in COMMANDS.items():
        commands.add_parser(name, help=summary, add_help=False)


class _Later(argparse.ArgumentParser):
    """A command that is known by name; its own parser is made when it is called."""

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Import the command's module, and let its parser read the words."""
        name = self.prog.split()[-1]
        if name in WITH_DJANGO:
            from lianban.ops.main import set_up_django

            set_up_django()
        parser = argparse.ArgumentParser(prog=self.prog.removesuffix(name).strip())
        commands = parser.add_subparsers(dest="exchange_command", required=True)
        importlib.import_module(COMMANDS[name][0]).register(commands)
        return parser.parse_known_args([name, *(args or ())], namespace)
