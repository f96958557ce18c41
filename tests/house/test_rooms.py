"""What import-linter and ruff cannot see: relations, templates, sizes, names."""

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps

from lianban.ops.environment import ROOT

# Lowest first; a relation may point to its own room or one further down.
SPINE = ["catalogue", "engine", "vault", "accounts journal outbox", "cases", "documents"]
SPINE += ["exchange", "web api", "ops", "config"]
FACES = ["applicant", "counter", "bureau", "department", "city"]
FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc", "base", "manager", "util", "helper"}

LIANBAN = ROOT / "lianban"
MODULES = [path for path in sorted(LIANBAN.rglob("*.py")) if "migrations" not in path.parts]
TEMPLATES = sorted(LIANBAN.rglob("templates/**/*.html"))
REFERENCE = re.compile(r"""\{%-?\s*(?:include|extends)\s+["']([^"']+)["']""")
ADDRESS = re.compile(r"""\{%-?\s*url\s+["']([^"':]+):""")


def height(module: str) -> int:
    """Return how high in the spine the room of a module stands."""
    room = module.split(".")[1]
    return next(height for height, rooms in enumerate(SPINE) if room in rooms.split())


def test_foreign_keys_point_down() -> None:
    wrong = [
        f"{model.__name__}.{field.name} -> {field.related_model.__module__}"
        for model in apps.get_models()
        if model.__module__.startswith("lianban.")
        for field in model._meta.get_fields()
        if field.is_relation
        and not field.auto_created
        and isinstance(field.related_model, type)
        and field.related_model.__module__.startswith("lianban.")
        and height(field.related_model.__module__) > height(model.__module__)
    ]
    assert wrong == []


def test_the_engine_asks_for_the_offices_day_of_a_moment() -> None:
    """`.date()` of a moment in UTC is yesterday between midnight and eight."""
    asked = {
        path.name for path in MODULES if ".date()" in path.read_text() and "engine" in path.parts
    }
    assert asked == set()


def test_no_model_is_called_case() -> None:
    assert "Case" not in {model.__name__ for model in apps.get_models()}


def face_of(path: Path) -> str | None:
    """Return the face that a file under web/ belongs to; the shared parts belong to none."""
    inside = path.relative_to(LIANBAN).parts
    return inside[1] if inside[0] == "web" and inside[1] in FACES else None


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_do_not_cross_faces(template: Path) -> None:
    text = template.read_text()
    own = face_of(template)
    used = {name.split("/")[0] for name in REFERENCE.findall(text)}
    used |= set(ADDRESS.findall(text))
    assert used & set(FACES) <= ({own} if own else set())


def test_a_template_lies_in_a_folder_named_after_its_face() -> None:
    wrong = [
        str(template.relative_to(ROOT))
        for template in TEMPLATES
        if (face := face_of(template))
        and template.parts[template.parts.index("templates") + 1] != face
    ]
    assert wrong == []


def test_no_file_is_long() -> None:
    tests = [path for path in (ROOT / "tests").rglob("*.py") if path.is_file()]
    long = {
        str(path.relative_to(ROOT)): lines
        for path in [*MODULES, *tests]
        if (lines := len(path.read_text().splitlines())) > 400
    }
    assert long == {}


def test_no_function_is_long() -> None:
    long = {
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}": lines
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and (lines := _length(node)) > 40
    }
    assert long == {}


def _length(node: ast.FunctionDef) -> int:
    assert node.end_lineno is not None
    return node.end_lineno - node.lineno + 1


def test_every_room_and_module_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in MODULES
        if not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


def test_no_module_is_called_after_nothing() -> None:
    assert [str(path) for path in MODULES if path.stem in FORBIDDEN_NAMES] == []
