"""`lianban django …`: Django's own commands, for developers."""

import argparse

from django.core.management import execute_from_command_line

from lianban.ops.command import Commands


def register(subparsers: Commands) -> None:
    """Add `django`, which hands on every word after it."""
    parser = subparsers.add_parser(
        "django", help="Django's own commands", description=__doc__, prefix_chars="\0"
    )
    parser.add_argument("words", nargs=argparse.REMAINDER, help="as for django-admin")
    parser.set_defaults(act=hand_on)


def hand_on(options: argparse.Namespace) -> int:
    """Run the command; Django exits by itself where it fails."""
    execute_from_command_line(["lianban django", *options.words])
    return 0
