"""What the platform's messages must hold, by their word; what else they hold is left aside."""

from typing import Any

from simulators.plan import Unheard

_CONTENT: dict[str, type] = {"fields": dict, "materials": dict}
NEEDS: dict[str, dict[str, type]] = {
    "dispatch": {"item": str, "item_name": str, "district": str, "edition": str, **_CONTENT},
    "correction_supplied": {"supplied": list, **_CONTENT},
    "external_event": {"kind": str},
    "appointment": {"state": str, "starts_at": str, "ends_at": str, "place": str, "purpose": str},
    "withdraw": {"why": str},
    "verify": _CONTENT,
    "send_text": {"to": str, "text": str},
    "order_waybill": {"sender": str, "recipient": str, "phone": str, "address": str, "pieces": int},
    "order_payment": {"payee": str, "bank": str, "account": str, "amount_fen": int, "purpose": str},
}
_FIELD: dict[str, type] = {"label": str, "value": str}
_MATERIAL: dict[str, type] = {"name": str}
_FILE: dict[str, type] = {"link": str, "digest": str, "link_until": str}


def check(word: str, data: dict[str, Any]) -> None:
    """Compare a message's data with what its word needs. Raises `Unheard`."""
    needs = NEEDS.get(word, {})
    whole = {key: {} for key in _CONTENT if key in needs} | data
    _compare(whole, needs, "data")
    for code, value in whole.get("fields", {}).items():
        _compare(value, _FIELD, f"fields.{code}")
    for code, material in whole.get("materials", {}).items():
        _compare(material, _MATERIAL, f"materials.{code}")
        for file in material.get("files", []):
            _compare(file, _FILE, f"materials.{code}.files")


def _compare(found: Any, needs: dict[str, type], where: str) -> None:
    if not isinstance(found, dict):
        raise Unheard("wrong_data", f"{where[:80]} is no object")
    for key, wanted in needs.items():
        if type(found.get(key)) is not wanted:
            raise Unheard("wrong_data", f"{where[:80]}.{key} is missing, or of another type")
