"""`lianban policy check|plan`: prove a plan, or show what it means for one person. No Django."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

import yaml

from lianban.catalogue import check as proof
from lianban.catalogue import load, planning, report, schema, situation, source
from lianban.catalogue.finding import Finding, PolicyRefused

GOOD, BAD, WRONG_CALL = 0, 1, 2


def register(subparsers: Any) -> None:
    """Add the command's parser."""
    parser = subparsers.add_parser(
        "policy", help="check a plan, or show what it means for a person"
    )
    commands = parser.add_subparsers(dest="policy_command", required=True, metavar="COMMAND")
    checking = commands.add_parser(
        "check", help="prove a plan: references, circles, conditions, owners"
    )
    checking.add_argument("policy", help="an edition id or a folder")
    checking.set_defaults(act=check)
    planning_ = commands.add_parser(
        "plan", help="items, materials and visits for one person's answers"
    )
    planning_.add_argument("--policy", required=True, help="an edition id or a folder")
    planning_.add_argument(
        "--answers", required=True, help="a YAML or JSON file, or - for standard input"
    )
    planning_.add_argument(
        "--partial", action="store_true", help="print what is sure although answers are missing"
    )
    planning_.set_defaults(act=plan)
    drawing = commands.add_parser("picture", help="draw one person's plan as an SVG")
    drawing.add_argument("--policy", required=True, help="an edition id or a folder")
    drawing.add_argument("--answers", required=True, help="a YAML or JSON file, or -")
    drawing.set_defaults(act=picture)
    for command in (checking, planning_):
        command.add_argument("--json", action="store_true", help="print one JSON object")


def check(options: argparse.Namespace) -> int:
    """Print findings and figures; 1 when there is a finding."""
    folder = _find(options.policy)
    if folder is None:
        return WRONG_CALL
    result = _checked(folder)
    if options.json:
        _print(result)
    else:
        for finding in result["findings"]:
            print(f"{finding['file']}:{finding['line']}  {finding['message']}")
        for warning in result["warnings"]:
            print(f"注意 {warning['file']}:{warning['line']}  {warning['message']}")
        print(
            "可以用" if result["ok"] else f"有 {len(result['findings'])} 处要改", result["figures"]
        )
    return GOOD if result["ok"] else BAD


def _checked(folder: Path) -> dict[str, Any]:
    read = source.read(folder)
    findings: list[Finding] = schema.findings(read)
    warnings: list[Finding] = []
    figures: dict[str, int] = {}
    plan_data = read["plan.yaml"].data
    name = plan_data.get("id") if isinstance(plan_data, dict) else None
    if not findings:
        try:
            edition = load.build(read)
        except PolicyRefused as refused:
            findings = refused.findings
        else:
            findings, figures = proof.full(read, edition), proof.figures(edition)
            warnings = proof.warnings(read, edition)
    return {
        "ok": not findings,
        "edition": {"id": name or folder.name, "hash": load.content_hash(read)},
        "findings": [finding.as_json() for finding in findings],
        "warnings": [warning.as_json() for warning in warnings],
        "figures": figures,
    }


def plan(options: argparse.Namespace) -> int:
    """Print the plan for one person; 1 when the answers lead to none."""
    folder = _find(options.policy)
    document = read_document(options.answers)
    if folder is None or document is None:
        return WRONG_CALL
    try:
        edition = load.load(folder)
        result, code = _planned(edition, document, options.partial)
    except PolicyRefused as refused:
        return refuse(
            {"findings": [finding.as_json() for finding in refused.findings]}, str(refused)
        )
    except situation.AnswersRefused as refused:
        return refuse({"error": "impossible_answers", "problems": refused.problems}, str(refused))
    except planning.PlanRefused as refused:
        return refuse({"error": refused.code, "items": list(refused.items)}, str(refused))
    if options.json or code:
        _print(result)
    else:
        _tell(result)
    return code


def picture(options: argparse.Namespace) -> int:
    """Print the SVG of one person's plan; 1 when the answers lead to none."""
    from lianban.ops.picture import of_plan

    folder, document = _find(options.policy), read_document(options.answers)
    if folder is None or document is None:
        return WRONG_CALL
    try:
        answers, unticked, evidence = choices(document)
        made = planning.plan(load.load(folder), answers, unticked=unticked, evidence=evidence)
    except (PolicyRefused, situation.AnswersRefused, planning.PlanRefused) as refused:
        return refuse({"error": type(refused).__name__}, str(refused))
    print(of_plan(made), end="")
    return GOOD


def _planned(edition: Any, document: dict[str, Any], partial: bool) -> tuple[dict[str, Any], int]:
    answers, unticked, evidence = choices(document)
    made = planning.plan(edition, answers, unticked=unticked, evidence=evidence)
    missing = situation.unanswered(edition, answers)
    if missing and not partial and made.eligible is not False:
        print("还有问题没有回答：" + "、".join(missing), file=sys.stderr)
        return {"unanswered": missing}, BAD
    result = report.as_json(made)
    return ({"undecided": []} if partial else {}) | result, GOOD


def choices(document: dict[str, Any]) -> tuple[dict[str, str], tuple[int, ...], dict[int, str]]:
    """Split an answers document into answers, unticked numbers and evidence by number.

    Raises `situation.AnswersRefused` when it has another shape.
    """
    rest = dict(document)
    try:
        unticked = tuple(int(number) for number in _list(rest.pop("unticked", None)))
        evidence = {int(k): str(v) for k, v in (rest.pop("evidence", None) or {}).items()}
    except (TypeError, ValueError, AttributeError) as error:
        problem = "unticked 应是事项序号的列表，evidence 应是 {序号: 证明}"
        raise situation.AnswersRefused([problem]) from error
    wrong = [f"{key} 的答案应是一个词" for key, value in rest.items() if not isinstance(value, str)]
    if wrong:
        raise situation.AnswersRefused(wrong)
    return rest, unticked, evidence


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list | None):
        raise TypeError(value)
    return value or []


def read_document(name: str) -> dict[str, Any] | None:
    """Read a YAML or JSON object as strings from a file or, for `-`, standard input; None: wrong call."""
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
        data = source.read_text(text, name=name).data
    except OSError as error:
        print(f"读不到 {name}：{error.strerror}", file=sys.stderr)
        return None
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        print(f"{name} 不是合法的 YAML 或 JSON：{error}", file=sys.stderr)
        return None
    if not isinstance(data, dict):
        print(f"{name} 应是「键: 值」的形式", file=sys.stderr)
        return None
    return data


def _find(policy: str) -> Path | None:
    try:
        folder = os.environ.get("LIANBAN_POLICY_DIR")
        return load.find(policy, folder=Path(folder) if folder else None)
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return None


def refuse(result: dict[str, Any], message: str) -> int:
    """Print why there is no answer, for machines and for people; the exit code is 1."""
    _print(result)
    print(message, file=sys.stderr)
    return BAD


def _print(result: dict[str, Any]) -> None:
    print(json.dumps(result, ensure_ascii=False, indent=2))


def _tell(result: dict[str, Any]) -> None:
    for item in result["items"]:
        waits = [*map(str, item["requires"]), *item["milestones"]]
        print(
            f"第 {item['wave'] or '?'} 步  {item['number']:>2} {item['name']}  等：{'、'.join(waits) or '无'}"
        )
    print("材料：" + "、".join(material["name"] for material in result["materials"]))
    print(f"最少跑 {result['visits']['least']} 次")
    for note in result["notes"]:
        print("· " + note)
