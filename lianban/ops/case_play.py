"""`lianban case play FILE`: play a script against the pure engine. No Django, no database."""

import argparse
import json
import os
import sys
from datetime import date
from pathlib import Path
from typing import Any

from lianban.catalogue import calendar, load, situation
from lianban.catalogue.finding import PolicyRefused
from lianban.catalogue.model import Edition
from lianban.engine.play import Player, ScriptError
from lianban.ops import states_doc
from lianban.ops.policy import choices, read_document, refuse

GOOD, BAD, WRONG_CALL = 0, 1, 2


def register(subparsers: Any) -> None:
    """Add the command's parser."""
    parser = subparsers.add_parser("case", help="play a script of commands against the pure engine")
    commands = parser.add_subparsers(dest="case_command", required=True, metavar="COMMAND")
    playing = commands.add_parser("play", help="play a script; 1 when an expectation fails")
    playing.add_argument("file", help="a YAML or JSON script, or - for standard input")
    playing.add_argument("--json", action="store_true", help="print one JSON object")
    playing.set_defaults(act=play)
    table = commands.add_parser("states", help="print docs/states.md, from the transition table")
    table.set_defaults(act=print_states)


def print_states(options: argparse.Namespace) -> int:
    """Print the page of states and transitions."""
    print(states_doc.text(), end="")
    return GOOD


def play(options: argparse.Namespace) -> int:
    """Play the script and print what came out."""
    script = read_document(options.file)
    if script is None:
        return WRONG_CALL
    try:
        player = player_for(script)
        player.play(script.get("steps") or [])
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return WRONG_CALL
    except (ScriptError, situation.AnswersRefused) as error:
        return refuse({"ok": False, "error": str(error)}, str(error))
    except PolicyRefused as error:
        return refuse({"ok": False, "findings": [f.as_json() for f in error.findings]}, str(error))
    return _report(player, options.json)


def player_for(script: dict[str, Any]) -> Player:
    """Make the player of a script. Raises what `load` and `choices` raise, and `ScriptError`."""
    folder = os.environ.get("LIANBAN_POLICY_DIR")
    _require(script, "policy", str)
    for key, kind in (("answers", dict), ("facts", dict), ("steps", list)):
        _require({key: script.get(key) or kind()}, key, kind)
    found = load.find(script["policy"], folder=Path(folder) if folder else None)
    answers, unticked, evidence = choices(script.get("answers") or {})
    edition = load.load(found)
    _require_dates(edition, script.get("facts") or {})
    return Player(
        edition=edition,
        calendar=_calendar(script.get("calendar", "default")),
        answers=answers,
        facts=script.get("facts") or {},
        unticked=unticked,
        evidence=evidence,
    )


def _require(script: dict[str, Any], key: str, kind: type) -> None:
    if not isinstance(script.get(key), kind):
        words: dict[type, str] = {str: "一个词", dict: "「键: 值」", list: "列表"}
        raise ScriptError(f"脚本的 {key} 应是{words[kind]}")


def _require_dates(edition: Edition, facts: dict[str, Any]) -> None:
    """The rules read dates from the facts: each must be one."""
    for code in {limit.since for item in edition.items for limit in item.personal} & facts.keys():
        try:
            date.fromisoformat(facts[code])
        except (TypeError, ValueError) as error:
            raise ScriptError(f"facts 的 {code} 应是日期，写成 2026-09-01") from error


def _calendar(wanted: Any) -> calendar.Calendar:
    base = calendar.load(load.POLICY_FOLDER / "calendar" / "china.yaml")
    if wanted == "default":
        return base
    try:
        changes = [
            (date.fromisoformat(change["date"]), change["working"] == "true")
            for change in wanted.get("changes") or ()
        ]
        until = wanted.get("confirmed_until")
        return base.changed(changes, date.fromisoformat(until) if until else None)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ScriptError(f"calendar 写错了：{error}") from error


def _report(player: Player, as_json: bool) -> int:
    result = player.report()
    if as_json:
        print(json.dumps(result, ensure_ascii=False, indent=2))
    for failure in result["failures"]:
        wanted, found = failure["expected"], failure["found"]
        print(
            f"第 {failure['step']} 步 {failure['key']}：应为 {wanted}，实为 {found}",
            file=sys.stderr,
        )
    if not as_json and not result["failures"]:
        print(f"全部符合：{result['events']} 个事件，联办件 {result['case']['case']}")
    return GOOD if result["ok"] else BAD
