"""`lianban people`: bring a city's districts, offices, officers and roles in from a table."""

import argparse
import csv
import json
import os
import sys
from pathlib import Path
from typing import TextIO

from lianban.accounts import staff_import, staff_table
from lianban.accounts.models import Role
from lianban.catalogue import load
from lianban.ops.command import Commands

_SHOWN = 50


def register(subparsers: Commands) -> None:
    """Add `people import` and `people template`."""
    parser = subparsers.add_parser(
        "people", help="districts, offices, officers", description=__doc__
    )
    commands = parser.add_subparsers(dest="people", required=True, metavar="COMMAND")
    taken = commands.add_parser("import", help="check a table, then bring it in, all or nothing")
    taken.add_argument("file", type=Path, help=".xlsx, .csv, or a folder of .csv files")
    taken.add_argument("--dry-run", action="store_true", help="check and count, write nothing")
    taken.add_argument(
        "--passwords",
        type=Path,
        metavar="FILE",
        help="write new officers' start passwords here (CSV, mode 0600), not to the screen",
    )
    taken.add_argument("--json", action="store_true", help="one JSON object on standard output")
    taken.set_defaults(act=bring_in)
    template = commands.add_parser("template", help="write an empty .xlsx to fill in")
    template.add_argument("file", type=Path)
    template.set_defaults(act=write_template)


def bring_in(options: argparse.Namespace) -> int:
    """Check the file, and unless something is wrong or it is a dry run, write it."""
    departments, editions = plans()
    tables = staff_table.read(options.file)
    staff_import.check(tables, departments=departments, editions=editions)
    if tables.complaints:
        return _complained(tables.complaints, as_json=options.json)
    if options.dry_run:
        counts = {sheet: len(rows) for sheet, rows in tables.rows.items()}
        return _told({"ok": True, "dry_run": True, "rows": counts}, as_json=options.json)
    try:
        handle = _opened(options.passwords)
    except OSError as problem:
        print(f"写不了 {options.passwords}：{problem.strerror}", file=sys.stderr)
        return 2
    done = staff_import.apply(
        tables,
        departments=departments,
        progress=lambda username: print(f"新账户 {username}", file=sys.stderr),
    )
    result: dict[str, object] = {"ok": True, "dry_run": False, **done.as_json()}
    if handle is None:
        result["start_passwords"] = done.start_passwords
    else:
        with handle:
            csv.writer(handle).writerows([("用户名", "初始密码"), *done.start_passwords.items()])
    return _told(result, as_json=options.json)


def write_template(options: argparse.Namespace) -> int:
    """Write the empty table; an existing file is left alone."""
    if options.file.suffix.lower() != ".xlsx" or options.file.exists():
        print("请给一个还不存在的 .xlsx 文件名", file=sys.stderr)
        return 2
    departments, _ = plans()
    try:
        staff_table.write_template(
            options.file, departments=departments.values(), roles=Role.labels
        )
    except OSError as problem:
        print(f"写不了 {options.file}：{problem}", file=sys.stderr)
        return 2
    return 0


def plans() -> tuple[dict[str, str], frozenset[str]]:
    """Return all plans' departments (code to name) and the editions' ids."""
    folder = Path(os.environ.get("LIANBAN_POLICY_DIR") or load.POLICY_FOLDER)
    editions = [load.load(file.parent) for file in sorted(folder.glob("*/plan.yaml"))]
    departments = {one.code: one.name for edition in editions for one in edition.departments}
    return departments, frozenset(edition.id for edition in editions)


def _opened(path: Path | None) -> TextIO | None:
    if path is None:
        return None
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    return os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="")


def _complained(complaints: list[staff_table.Complaint], *, as_json: bool) -> int:
    for complaint in complaints[:_SHOWN]:
        print(complaint, file=sys.stderr)
    if len(complaints) > _SHOWN:
        print(f"还有 {len(complaints) - _SHOWN} 处", file=sys.stderr)
    print(f"共 {len(complaints)} 处要改，什么都没有写入。", file=sys.stderr)
    if as_json:
        found = [vars(complaint) for complaint in complaints]
        print(json.dumps({"ok": False, "complaints": found}, ensure_ascii=False))
    return 1


def _told(result: dict[str, object], *, as_json: bool) -> int:
    if as_json:
        print(json.dumps(result, ensure_ascii=False))
        return 0
    print("检查通过，没有写入。" if result["dry_run"] else "已导入。")
    for name, value in result.items():
        if isinstance(value, dict):
            print(f"{name}: " + ", ".join(f"{key} {count}" for key, count in value.items()))
    return 0
