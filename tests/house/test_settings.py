"""Every setting is documented, and a wrong one is refused with words that help."""

import re
from pathlib import Path

import pytest

from lianban.ops import environment, main
from lianban.ops.environment import ROOT

NAME = re.compile(r"\b(LIANBAN_[A-Z_]+[A-Z]|DATABASE_URL)\b")
READS = re.compile(
    r"""environment\.(?:text|flag|number|ratio|words)\(\s*["'](\w+)["']"""
    r"""|(?:^|[^.\w])(?:text|flag|number|ratio|words)\(\s*["'](\w+)["']"""
    r"""|os\.(?:environ\.get|getenv)\(\s*["'](\w+)["']"""
    r"""|(?:environment\.|\b)secret(?:_file)?\(["'](\w+)["']""",
    re.MULTILINE,
)


def read_in_code() -> set[str]:
    """Return every variable that the code reads, by its full name."""
    names = set()
    for path in (ROOT / "lianban").rglob("*.py"):
        for *plain, secret in READS.findall(path.read_text()):
            names.add("".join(plain) or f"LIANBAN_{secret.upper()}_FILE")
    return {name for name in names if NAME.fullmatch(name)}


def test_every_setting_is_documented_and_no_other() -> None:
    documented = set(NAME.findall((ROOT / "docs" / "settings.md").read_text()))
    assert documented == read_in_code()


@pytest.mark.parametrize(
    ("name", "value"),
    [("LIANBAN_PORT", "eighty"), ("LIANBAN_PORT", "70000"), ("LIANBAN_ENV", "prod")],
)
def test_a_wrong_setting_is_a_wrong_call_that_names_it(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, value)
    monkeypatch.delenv("LIANBAN_DATA_DIR")
    monkeypatch.setattr("os.execve", lambda *_: pytest.fail("started"))
    code = main.main(["serve"]) if name == "LIANBAN_PORT" else _production_words()
    assert code == main.WRONG_CALL
    if name == "LIANBAN_PORT":
        assert name in capsys.readouterr().err


def _production_words() -> int:
    with pytest.raises(environment.Misconfigured, match="LIANBAN_ENV"):
        environment.is_production()
    return main.WRONG_CALL


def test_production_does_not_start_without_its_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIANBAN_ENV", "production")
    monkeypatch.setenv("LIANBAN_DATA_DIR", str(tmp_path))
    with pytest.raises(environment.Misconfigured, match="LIANBAN_MASTER_KEY_FILE"):
        environment.secret_file("master_key")
    assert list(tmp_path.iterdir()) == []


def test_a_demonstration_makes_its_secrets_once_and_for_itself_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIANBAN_DATA_DIR", str(tmp_path))
    first = environment.secret("master_key")
    assert first == environment.secret("master_key")
    assert environment.secret_file("master_key").stat().st_mode & 0o777 == 0o600
    assert len(bytes.fromhex(first)) == 32
