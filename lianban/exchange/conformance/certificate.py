"""The certificate: which rules a system has passed, signed with the key of who played."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lianban.exchange import contract, signing
from lianban.exchange.conformance.caller import Caller
from lianban.exchange.conformance.invented import Post
from lianban.exchange.conformance.listener import MESSAGES_PATH, Platform, listening
from lianban.exchange.conformance.play import Verdict, run
from lianban.exchange.conformance.rules import Rule
from lianban.exchange.conformance.stage import Bounds, Stage


@dataclass(frozen=True)
class Certificate:
    """What was tested, when, with what, and what came of it."""

    url: str
    callback: str
    tested_at: datetime
    verdict: Verdict
    key: signing.PrivateKey
    partner_key: bytes

    @property
    def is_good(self) -> bool:
        """Whether no rule was broken."""
        return self.verdict.broken is None

    def data(self) -> dict[str, Any]:
        """The certificate as plain data; `signature` is over all the rest in canonical JSON."""
        said = self._said()
        return said | {"signature": signing.detached(canonical(said), key=self.key)}

    def _said(self) -> dict[str, Any]:
        verdict, broken = self.verdict, self.verdict.broken
        return {
            "certificate": "lianban-exchange-conformance",
            "contract": contract.VERSION,
            "conforms": self.is_good,
            "url": self.url,
            "callback": self.callback,
            "tested_at": self.tested_at.isoformat(timespec="seconds"),
            "partner_key_id": verdict.partner_key_id,
            "partner_key": self.partner_key.hex(),
            "passed": [_rule(rule) for rule in verdict.passed],
            "not_arisen": [rule.code for rule in verdict.not_arisen],
            "broken": None
            if broken is None
            else _rule(broken.rule)
            | {
                "expected": broken.expected,
                "found": broken.found,
                "what_to_do": broken.rule.what_to_do,
            },
            "signed_by": self.key.key_id,
            "signed_with": self.key.public.hex(),
        }


def canonical(data: dict[str, Any]) -> bytes:
    """The bytes that are signed: keys sorted, no blanks, UTF-8."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "number": rule.number,
        "code": rule.code,
        "sentence": rule.sentence,
        "clause": rule.clause,
    }


def play(
    caller: Caller, post: Post, *, host: str, port: int, address: str, bounds: Bounds, tell: Any
) -> Certificate:
    """Play the contract against the system that `caller` speaks to, and say what came of it.

    The partner's calls are taken on `host` and `port` (0: any), at the address by which it knows us
    (empty: that host and port). Raises `OSError` where nobody can listen there.
    """
    platform = Platform(
        address=address.rstrip("/"),
        key=caller.key,
        partner_key=caller.partner_key,
        now=caller.now,
        waits={"429": bounds.retry_after, "hold": bounds.hold},
    )
    at = caller.now()
    with listening(platform, host=host, port=port) as bound:
        platform.address = platform.address or f"http://{host}:{bound}"
        verdict = run(Stage(caller, platform, post, bounds, tell))
    return Certificate(
        caller.url, platform.address + MESSAGES_PATH, at, verdict, caller.key, caller.partner_key
    )
