"""The front end's lock names no addresses, and its pages reach for nothing outside."""

import json
from pathlib import Path

FRONTEND = Path(__file__).parents[2] / "frontend"
TEMPLATES = Path(__file__).parents[2] / "lianban"


def test_the_lock_names_packages_and_digests_but_no_addresses():
    text = (FRONTEND / "package-lock.json").read_text(encoding="utf-8")
    assert "http" not in text
    packages = json.loads(text)["packages"]
    assert all(p.get("integrity") for name, p in packages.items() if name)


def test_no_template_has_inline_scripts_styles_or_handlers():
    for path in TEMPLATES.rglob("templates/**/*.html"):
        text = path.read_text(encoding="utf-8")
        assert " style=" not in text, path
        assert "<style" not in text, path
        assert " onclick=" not in text, path
        assert "javascript:" not in text, path
        assert all(" src=" in part.split(">")[0] for part in text.split("<script")[1:]), path


def test_no_style_or_script_of_ours_names_another_server():
    for path in [*FRONTEND.glob("src/*.scss"), *FRONTEND.glob("src/*.js")]:
        text = path.read_text(encoding="utf-8")
        assert "http:" not in text.replace("http://www.w3.org", ""), path
        assert "@font-face" not in text, path
