"""The trust grade of a material by the way it came, and what a grade means in words."""

from collections.abc import Mapping

from lianban.cases.models import MaterialRecord
from lianban.catalogue.model import Edition
from lianban.engine import trust, verification
from lianban.engine.case import Graded, JointCase

_State = MaterialRecord.State
#: How a material is said to come, to the grade with which it comes (国办函〔2016〕108号).
BY_WAY: Mapping[str, str] = {
    _State.SEEN: "B",
    _State.UPLOADED: "C",
    _State.PROMISED: "D",
    _State.WITH_DOSSIER: "D",
}
#: Who met a need, in words. `item:N` is the case's own item N, `verified:D` the department D.
_SOURCES = {
    "hand_in": "提交时",
    "counter": "窗口看过原件",
    "department": "部门看过原件",
    "dossier": "随部队档案来",
    "mail": "寄来的原件核过",
    "upload": "本人上传",
    "declared": "本人说会带来",
    "earlier": "上一次办件核过，还有效",
}


def by_way(ways: Mapping[str, str]) -> dict[str, str]:
    """Material code to grade, for those that are there or promised."""
    return {code: BY_WAY[way] for code, way in ways.items() if way in BY_WAY}


def source_words(edition: Edition, graded: Graded) -> str:
    """Who vouches for a material."""
    kind, _, number = graded.source.partition(":")
    if kind == "item" and number.isdecimal():
        return f"本次联办的「{edition.item(int(number)).short_name}」办出来的"
    if kind == verification.SOURCE:
        return f"{edition.department_names.get(number, '')}核验一致"
    return _SOURCES.get(kind, "")


def weak(edition: Edition, case: JointCase, number: int) -> tuple[str, ...]:
    """Codes of an item's materials that must be trusted further before it may be granted."""
    sub = case.sub_cases.get(number)
    return trust.weak(edition, case, sub) if sub else ()
