"""`lianban migrate`: bring the database to this version, one process at a time."""

from django.core.management import call_command
from django.db import connection

from lianban.ops.command import Commands

# Any fixed number will do: it names the advisory lock that lets one process migrate.
LOCK = 640_053


def register(subparsers: Commands) -> None:
    """Add `migrate`."""
    parser = subparsers.add_parser(
        "migrate", help="bring the database to this version", description=__doc__
    )
    parser.set_defaults(act=lambda _options: migrate())


def migrate() -> int:
    """Apply what is missing; a second process waits for the first."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        call_command("migrate", interactive=False, verbosity=0)
    finally:
        connection.close()  # the lock ends with the session
    return 0
