"""Logs are JSON lines, and no person's number gets into one, whoever forgot."""

import json
import logging
import logging.config

import pytest

from lianban.config import logs

# Invented; the check digit is right.
IDENTITY_NUMBER, MOBILE, BANK_CARD = "11010119900307002X", "13800138000", "6222020000000000000"


def line_of(capsys: pytest.CaptureFixture[str], text: str, *values: object) -> dict[str, str]:
    description = logs.described(level="INFO")
    formatter = description["formatters"]["json"]
    written = logging.StreamHandler()
    written.setFormatter(formatter["()"](**{k: v for k, v in formatter.items() if k != "()"}))
    logger = logging.getLogger("lianban.test_logs")
    logger.addHandler(written)
    logger.propagate = False
    try:
        logger.warning(text, *values)
    finally:
        logger.removeHandler(written)
    line = json.loads(capsys.readouterr().err)
    assert isinstance(line, dict)
    return line


@pytest.mark.parametrize("number", [IDENTITY_NUMBER, MOBILE, BANK_CARD])
def test_a_persons_number_is_taken_out_of_a_log(
    number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    event = line_of(capsys, "编号：%s。", number)["event"]
    assert event == "编号：[removed]。"


def test_a_line_break_in_a_value_stays_inside_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert line_of(capsys, "name %s", "a\r\nb")["event"] == "name a\r\nb"


@pytest.mark.parametrize("text", ["2026-11-24T07:00:00", "018f3a52-1380-4013-8000-000000000000"])
def test_times_and_our_own_ids_stay(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert line_of(capsys, "at %s", text)["event"] == f"at {text}"
