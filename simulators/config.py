"""The configuration file; its form stands in the package's docstring."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulators.signing import Key

PREFIX = "/exchange/v1"


class BadConfig(Exception):
    """The file cannot be used; the message says where it is wrong."""


@dataclass(frozen=True)
class Platform:
    """The platform, as a stranger knows it."""

    address: str
    keys: dict[str, bytes]


@dataclass(frozen=True)
class SystemConfig:
    """One system."""

    code: str
    kind: str
    key: Key
    chaos: tuple[str, ...] = ()


@dataclass(frozen=True)
class Config:
    """All of the file."""

    platform: Platform
    host: str
    port: int
    memory: Path
    systems: tuple[SystemConfig, ...]


def read(path: Path, *, only: list[str]) -> Config:
    """Read the file; `only` names the systems that are wanted, all where it is empty.

    Raises `BadConfig`.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        platform, systems = data["platform"], data["systems"]
        unknown = [code for code in only if code not in systems]
        if unknown:
            raise BadConfig(f"{path}: no system {', '.join(unknown)}")
        public = bytes.fromhex(platform["public_key"])
        return Config(
            platform=Platform(platform["address"].rstrip("/"), {platform["key_id"]: public}),
            host=data.get("host", "127.0.0.1"),
            port=int(data["port"]),
            memory=path.parent / data["memory"],
            systems=tuple(_system(path, code, systems[code]) for code in only or systems),
        )
    except KeyError as failure:
        raise BadConfig(f"{path}: {failure} is missing") from failure
    except (OSError, ValueError, TypeError, AttributeError) as failure:
        raise BadConfig(f"{path}: {failure}") from failure


def _system(path: Path, code: str, data: dict[str, Any]) -> SystemConfig:
    key = Key.read(data["key_id"], path.parent / data["private_key"])
    return SystemConfig(code, data["kind"], key, tuple(data.get("chaos", ())))
