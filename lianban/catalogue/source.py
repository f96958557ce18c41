"""Read a policy's YAML files as strings only, and remember on which line each value stands.

YAML reads `yes`, dates and long numbers as other types; a policy is law, so every scalar stays the
string that the bureau wrote. Numbers and booleans are converted by the schema's patterns in `load`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from lianban.catalogue.finding import Finding

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

#: A place inside a file: keys and list positions from the top.
Place = tuple[str | int, ...]


@dataclass
class Document:
    """One YAML file: its data, and the line of every value in it."""

    file: str
    data: Any
    lines: dict[Place, int] = field(default_factory=dict)

    def line(self, *place: str | int) -> int:
        """Return the line of `place`, or of the nearest value around it; 1 is the first line."""
        at = place
        while at and at not in self.lines:
            at = at[:-1]
        return self.lines.get(at, 1)


@dataclass
class Source:
    """All documents of one policy folder by file name, and what could not even be read."""

    folder: Path
    documents: dict[str, Document] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def __getitem__(self, file: str) -> Document:
        return self.documents.get(file) or Document(file, None)

    def items(self) -> Iterator[Document]:
        """The files of the items, in the order of their names."""
        return (
            self.documents[name] for name in sorted(self.documents) if name.startswith("items/")
        )


def read(folder: Path) -> Source:
    """Read every `*.yaml` below `folder`. What is not YAML becomes a finding, not an exception."""
    source = Source(folder)
    for path in sorted(folder.rglob("*.yaml")):
        name = path.relative_to(folder).as_posix()
        try:
            source.documents[name] = read_text(path.read_text(encoding="utf-8"), name=name)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            problem = f"这一行不是合法的 YAML：{error.problem}。请检查缩进、引号和冒号"
            source.findings.append(Finding("yaml", problem, file=name, line=line))
        except (UnicodeDecodeError, yaml.YAMLError) as error:
            problem = f"读不出这个文件：{error}。请存为 UTF-8 编码的 YAML"
            source.findings.append(Finding("yaml", problem, file=name, line=1))
    return source


def read_text(text: str, *, name: str) -> Document:
    """Parse one YAML text. Raises `yaml.YAMLError`; a key written twice is one."""
    document = Document(name, None)
    node = yaml.compose(text, Loader=_LOADER)
    document.data = None if node is None else _plain(node, (), document)
    return document


def _plain(node: yaml.Node, place: Place, document: Document) -> Any:
    document.lines[place] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in result:
                raise yaml.MarkedYAMLError(
                    problem=f"键 {key} 写了两次", problem_mark=key_node.start_mark
                )
            result[key] = _plain(value_node, (*place, key), document)
            document.lines[(*place, key)] = key_node.start_mark.line + 1
        return result
    if isinstance(node, yaml.SequenceNode):
        return [_plain(child, (*place, i), document) for i, child in enumerate(node.value)]
    return str(node.value)
