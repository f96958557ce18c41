"""Hold a policy's files against the published JSON Schema, and complain in Chinese with the line."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from lianban.catalogue.finding import Finding
from lianban.catalogue.source import Document, Source

SCHEMA_FILE = Path(__file__).with_name("policy.schema.json")

#: Files of a policy, and the definition each must meet.
FILES = {
    "plan.yaml": "plan",
    "materials.yaml": "materials",
    "situations.yaml": "situations",
    "form.yaml": "form",
    "departments.yaml": "departments",
}
#: Files that a policy may do without.
OPTIONAL = {"agent.yaml": "agent", "dossier.yaml": "dossier"}


def findings(source: Source) -> list[Finding]:
    """Everything in which the files differ from the schema, and files that are missing."""
    found = list(source.findings)
    broken = {finding.file for finding in found}
    for name in FILES:
        if name not in source.documents and name not in broken:
            found.append(Finding("missing_file", f"缺少文件 {name}，请补上", file=name, line=1))
    if not any(source.items()):
        found.append(
            Finding("missing_file", "items/ 里没有任何事项，请至少写一项", file="items/", line=1)
        )
    for document in source.documents.values():
        found.extend(_complaints(document))
    return found


def _definition(name: str) -> str | None:
    if name.startswith("items/"):
        return "item"
    if name.startswith("wording/"):
        return "wording"
    return (FILES | OPTIONAL).get(name)


def _complaints(document: Document) -> list[Finding]:
    definition = _definition(document.file)
    if definition is None:
        message = f"不认识文件 {document.file}，请改名或移走"
        return [Finding("unknown_file", message, file=document.file, line=1)]
    return [
        Finding("schema", _message(error), file=document.file, line=document.line(*_place(error)))
        for error in _validator(definition).iter_errors(document.data)
    ]


def _place(error: Any) -> tuple[str | int, ...]:
    """Where the complaint points: at the first unknown key, where that is the matter."""
    unexpected = error.kind.as_dict().get("unexpected") or []
    return (*error.instance_path, *unexpected[:1])


@cache
def _validator(definition: str) -> Any:
    schema = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    return jsonschema_rs.validator_for({**schema, "$ref": f"#/$defs/{definition}"})


def _message(error: Any) -> str:
    place = ".".join(map(str, error.instance_path)) or "整个文件"
    kind, detail = error.kind.name, error.kind.as_dict()
    value = json.dumps(error.instance, ensure_ascii=False)[:40]
    if kind == "required":
        return f"{place} 缺少「{detail.get('property')}」，请补上"
    if kind == "additionalProperties":
        return f"{place} 有不认识的键 {'、'.join(detail.get('unexpected', []))}，请删去或改正拼写"
    if kind == "enum":
        options = "、".join(map(str, detail.get("options", [])))
        return f"{place} 的值 {value} 不在允许的范围，请改为：{options}"
    if kind == "pattern":
        return f"{place} 的值 {value} 写法不对，应符合 {detail.get('pattern')}"
    if kind == "type":
        return f"{place} 的值 {value} 类型不对，请按样例改写"
    return f"{place} 的值 {value} 不合格式（{kind}），请按样例改写"
