"""The console script `lianban`: parse, call one function, return an honest exit code.

0 good, 1 the thing is bad, 2 the call is wrong. A command's module is imported only when that
command is called, so `policy` and `case play` never load Django. Such a module has
`register(subparsers)`, which adds the command's parser and gives it, or each of its own
commands, a function with `set_defaults(act=...)`: it takes the parsed arguments and returns the
exit code.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec

from lianban.ops.environment import Misconfigured

GOOD, BAD, WRONG_CALL = 0, 1, 2

WITHOUT_DJANGO = {
    "policy": ("lianban.ops.policy", "check a plan, or show what it means for a person"),
    "case": ("lianban.ops.case_play", "play a script of commands against the pure engine"),
    "run": ("lianban.ops.supervisor", "start database, web and worker, and keep them running"),
    "stop": ("lianban.ops.stop", "stop what `lianban run` started"),
    "serve": ("lianban.ops.serve", "serve the pages"),
    "exchange": ("lianban.ops.exchange", "the exchange with departments' systems"),
}
WITH_DJANGO = {
    "worker": ("lianban.ops.worker", "do the background work"),
    "migrate": ("lianban.ops.migrate", "bring the database to this version"),
    "demo": ("lianban.ops.demo", "load the demonstration city, or list its accounts"),
    "simulators": ("lianban.ops.simulators", "run the demonstration's simulated systems"),
    "journal": ("lianban.ops.journal_verify", "verify the journal: its chain, and the rows"),
    "figures": ("lianban.ops.figures", "say whether asked-once and one-visit hold"),
    "people": ("lianban.ops.people", "import districts, offices and officers from a table"),
    "roster": ("lianban.ops.roster", "bring a troop's roster in, or take it back"),
    "django": ("lianban.ops.django_commands", "Django's own commands, for developers"),
}
COMMANDS = WITHOUT_DJANGO | WITH_DJANGO


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    asked = next((word for word in arguments if not word.startswith("-")), "")
    try:
        if asked in COMMANDS and find_spec(COMMANDS[asked][0]) is None:
            print(f"lianban {asked}: not built yet.", file=sys.stderr)
            return WRONG_CALL
        options = _parser(asked).parse_args(arguments)
        code: int = options.act(options)
    except Misconfigured as wrong:
        print(f"lianban: {wrong}", file=sys.stderr)
        return WRONG_CALL
    except KeyboardInterrupt:
        return 130
    return code


def _parser(asked: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lianban",
        description="One joint case for a soldier who leaves the service.",
        epilog="Exit codes: 0 good, 1 the thing is bad, 2 the call is wrong.",
    )
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (module, summary) in COMMANDS.items():
        if name == asked:
            if name in WITH_DJANGO:
                set_up_django()
            importlib.import_module(module).register(subparsers)
        else:
            subparsers.add_parser(name, help=summary)
    return parser


def set_up_django() -> None:
    """Load the settings and the models, once.

    Where no database is named, it is the one that `lianban run` has started on the data folder.
    """
    from lianban.ops import environment, postgres

    if "DATABASE_URL" not in os.environ:
        server = postgres.Server(folder=environment.data_dir() / "postgres")
        if server.answers():
            os.environ["DATABASE_URL"] = server.url()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lianban.config.settings")
    import django

    django.setup()


if __name__ == "__main__":
    sys.exit(main())
