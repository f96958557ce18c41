"""Logs: one JSON object a line, and never a person's number in it."""

import re
from typing import Any

import structlog

# A net under the rule that no caller logs personal data: identity numbers (GB 11643: 17 digits
# and a check character, or 15 digits), mainland mobile numbers, bank cards (GB/T 15694: up to 19).
_PERSONAL = re.compile(r"(?<![0-9A-Za-z-])(?:\d{17}[\dXx]|\d{15,19}|1[3-9]\d{9})(?![0-9A-Za-z-])")


def masked(_logger: object, _method: str, event: Any) -> Any:
    """Replace whatever looks like a person's number in every text of a log entry."""
    return {key: _without_numbers(value) for key, value in event.items()}


def _without_numbers(value: Any) -> Any:
    if isinstance(value, str):
        return _PERSONAL.sub("[removed]", value)
    if isinstance(value, dict):
        return {key: _without_numbers(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_without_numbers(inner) for inner in value]
    return value


def described(*, level: str) -> dict[str, Any]:
    """Return the standard library's logging description, and set structlog to feed it."""
    before: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=False),
    ]
    structlog.configure(
        processors=[*before, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    after = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        masked,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": after,
                "foreign_pre_chain": before,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            "procrastinate": {"level": "WARNING"},
            "httpx": {"level": "WARNING"},  # it writes addresses, and links are secrets
            "pikepdf": {"level": "WARNING"},
        },
    }
