"""`lianban exchange conformance`: whether a system keeps the contract, before it is connected.

A vendor runs it beside the system: nothing else needs to run, no database, no Django.
"""

import argparse
import json
import sys
from functools import partial
from pathlib import Path
from typing import Any

from lianban.catalogue.finding import PolicyRefused
from lianban.clock import now
from lianban.exchange import signing
from lianban.exchange.conformance import certificate, invented
from lianban.exchange.conformance.caller import Caller
from lianban.exchange.conformance.rules import Rule
from lianban.exchange.conformance.stage import Bounds

GOOD, BAD, WRONG_CALL = 0, 1, 2
_SEED = 32
KINDS = ("department", "verify", "text", "mail", "payment")


def register(subparsers: Any) -> None:
    """Add the command's parser."""
    parser = subparsers.add_parser(
        "conformance",
        help="play the contract against a system, and print a certificate or the broken rule",
        description="Plays the platform against a partner's system, with invented people. Set that"
        " system up with the key of --key as the platform's, and with the printed address as the"
        " platform's address.",
        epilog="Exit codes: 0 it conforms, 1 a rule is broken, 2 the call is wrong.",
    )
    parser.add_argument("--url", required=True, help="the system's base address")
    parser.add_argument(
        "--key", required=True, help="a file with the platform's private seed: 64 hex digits"
    )
    parser.add_argument("--key-id", required=True, help="the name of that key")
    parser.add_argument(
        "--partner-key", required=True, help="the system's public key: 64 hex digits"
    )
    parser.add_argument(
        "--kind", choices=KINDS, default="department", help="what the system does (department)"
    )
    parser.add_argument("--department", default="", help="a code of the plan: send what it decides")
    parser.add_argument(
        "--policy", default="", help="the plan of --department: an edition id or folder"
    )
    listening = parser.add_argument_group("where the system's calls are taken")
    listening.add_argument("--platform-host", default="127.0.0.1", help="(127.0.0.1)")
    listening.add_argument("--platform-port", type=int, default=0, help="(0: any that is free)")
    listening.add_argument(
        "--platform-address", default="", help="our address as the system knows it, if another"
    )
    bounds = parser.add_argument_group("how long, in seconds")
    bounds.add_argument("--answer", type=float, default=10.0, help="for one answer (10)")
    bounds.add_argument("--patience", type=float, default=60.0, help="for a decision (60)")
    bounds.add_argument("--quiet", type=float, default=3.0, help="without a call at the end (3)")
    bounds.add_argument("--retry-after", type=int, default=2, help="that a 429 asks for (2)")
    parser.add_argument("--cases", type=int, default=3, help="plain sub-cases besides (3)")
    parser.add_argument("--json", action="store_true", help="print the certificate as JSON")
    parser.set_defaults(act=play)


def play(options: argparse.Namespace) -> int:
    """Play, and print what came of it."""
    try:
        key = signing.PrivateKey.from_seed(options.key_id, _seed(options.key))
        partner_key = _hex(options.partner_key, "--partner-key")
        if options.department and not options.policy:
            raise ValueError("--department needs --policy: the plan that knows it")
        tell = partial(_tell, to=sys.stderr if options.json else sys.stdout)
        found = _play(options, key, partner_key, tell)
    except (ValueError, LookupError, OSError, PolicyRefused) as wrong:
        print(f"lianban exchange conformance: {wrong}", file=sys.stderr)
        return WRONG_CALL
    print(_json(found) if options.json else _text(found))
    return GOOD if found.is_good else BAD


def _play(
    options: argparse.Namespace, key: signing.PrivateKey, partner_key: bytes, tell: Any
) -> certificate.Certificate:
    url = options.url.rstrip("/")
    if not url.startswith(("http://", "https://")):
        raise ValueError("--url begins with http:// or https://")
    host, port = options.platform_host, options.platform_port or _free_port(options.platform_host)
    address = options.platform_address.rstrip("/") or f"http://{host}:{port}"
    print(f"platform: {address}  key {key.key_id} {key.public.hex()}", file=sys.stderr)
    return certificate.play(
        Caller(url, key, partner_key, now, options.answer),
        _post(options, address),
        host=host,
        port=port,
        address=address,
        bounds=Bounds(
            patience=options.patience,
            quiet=options.quiet,
            retry_after=options.retry_after,
            cases=options.cases,
        ),
        tell=tell,
    )


def _post(options: argparse.Namespace, address: str) -> invented.Post:
    if options.kind == "department":
        return invented.department(code=options.department, policy=options.policy, address=address)
    if options.kind == "verify":
        return invented.verification(address=address)
    services = {"text": invented.text, "mail": invented.mail, "payment": invented.payment}
    return services[options.kind]()


def _free_port(host: str) -> int:
    import socket

    with socket.socket() as trial:
        trial.bind((host, 0))
        port: int = trial.getsockname()[1]
        return port


def _seed(path: str) -> bytes:
    file = Path(path)
    if not file.is_file():
        raise ValueError(f"--key: no such file: {path}")
    return _hex(file.read_text(encoding="utf-8", errors="replace").strip(), "--key")


def _hex(text: str, name: str) -> bytes:
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != _SEED:
        raise ValueError(f"{name}: 64 hex digits are needed")
    return found


def _tell(rule: Rule, to: Any) -> None:
    print(f"✓ {rule.number:>2} {rule.sentence}  ({rule.code})", file=to, flush=True)


def _json(found: certificate.Certificate) -> str:
    return json.dumps(found.data(), ensure_ascii=False, indent=2)


def _text(found: certificate.Certificate) -> str:
    verdict, broken = found.verdict, found.verdict.broken
    if broken is not None:
        rule = broken.rule
        return "\n".join(
            (
                "",
                f"✗ {rule.number} {rule.sentence}  ({rule.code})",
                f"  条款：{rule.clause}",
                f"  应当：{broken.expected}",
                f"  实际：{broken.found}",
                f"  怎么办：{rule.what_to_do}",
            )
        )
    left = "、".join(rule.sentence for rule in verdict.not_arisen) or "无"
    data = found.data()
    return "\n".join(
        (
            "",
            f"符合契约 {data['contract']}：{found.url}",
            f"测试时间 {data['tested_at']}，密钥 {data['partner_key_id']}",
            f"通过 {len(verdict.passed)} 条；没有遇到：{left}",
            f"签名 {data['signature']}（{data['signed_by']}，公钥 {data['signed_with']}）",
        )
    )
