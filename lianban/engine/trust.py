"""How far materials can be trusted, and what must be trusted before an item may be decided.

Grades follow 国办函〔2016〕108号: A issued or fetched, B original seen, C uploaded, D declared. The
plan says which grade an item needs. A material of which nothing is recorded is not judged here.
"""

from collections.abc import Iterable, Mapping

from lianban.catalogue.model import Edition
from lianban.engine import commands as c
from lianban.engine import events as e
from lianban.engine import notices
from lianban.engine.case import Graded, JointCase, SubCase
from lianban.engine.desk import Desk
from lianban.engine.refusal import Refused

#: Best first.
GRADES = "ABCD"
#: The worst grade with which a material is there at all: D is a promise.
THERE = "C"


def is_enough(grade: str, needed: str) -> bool:
    """Whether a grade is as good as the one that is needed, or better."""
    return GRADES.index(grade) <= GRADES.index(needed)


def grade(desk: Desk, command: c.GradeMaterials) -> None:
    """Record what is there now; what waited for it waits no more. Raises `Refused`.

    A grade rises, or its end moves; a lower one beside a better one that still stands is no news.
    """
    if command.grade not in tuple(GRADES):
        raise Refused("unknown_grade", "没有这个可信等级", grade=command.grade)
    unknown = [code for code in command.codes if not _is_known(desk.edition, code)]
    if unknown:
        raise Refused("unknown_material", "方案里没有这项材料", materials=unknown)
    _record(desk, command.codes, Graded(command.grade, command.source, command.until))


def hand_in(desk: Desk, grades: Mapping[str, str]) -> None:
    """Record the grades with which the materials came. Raises `Refused('unknown_grade')`."""
    if set(grades.values()) - set(GRADES):
        raise Refused("unknown_grade", "没有这个可信等级")
    for letter in sorted(set(grades.values())):
        codes = tuple(code for code, given in grades.items() if given == letter)
        desk.add(e.MaterialGraded(desk.at, codes, letter, "hand_in"))


def issue(desk: Desk, sub: SubCase) -> None:
    """Let the result of a granted item be a material of what comes after it, by itself."""
    result = desk.item(sub.number).result
    if result is not None and result.code:
        _record(desk, (result.code,), Graded("A", f"item:{sub.number}"))


def _record(desk: Desk, codes: Iterable[str], graded: Graded) -> None:
    news = tuple(code for code in dict.fromkeys(codes) if _is_news(desk, code, graded))
    if not news:
        return
    desk.add(e.MaterialGraded(desk.at, news, graded.grade, graded.source, graded.valid_until))
    if is_enough(graded.grade, THERE) and not _has_ended(desk, graded):
        notices.correct(desk, None, news)


def _is_news(desk: Desk, code: str, graded: Graded) -> bool:
    known = desk.case.grades.get(code)
    if known is None or _has_ended(desk, known):
        return known != graded
    better = GRADES.index(graded.grade) < GRADES.index(known.grade)
    same = graded.grade == known.grade
    return better or (same and graded.valid_until != known.valid_until)


def _has_ended(desk: Desk, graded: Graded) -> bool:
    return graded.valid_until is not None and graded.valid_until < desk.today


def _is_known(edition: Edition, code: str) -> bool:
    results = {item.result.code for item in edition.items if item.result}
    return code in edition.material_by_code or (bool(code) and code in results)


def weak(edition: Edition, case: JointCase, sub: SubCase) -> tuple[str, ...]:
    """Codes of the item's materials whose grade is below the one that the plan needs."""
    item, found = edition.item(sub.number), []
    for code in sub.materials:
        graded, material = case.grades.get(code), edition.material_by_code.get(code)
        if graded and material and not is_enough(graded.grade, material.grade_for(item.code)):
            found.append(code)
    return tuple(found)


def expired(desk: Desk, sub: SubCase) -> tuple[str, ...]:
    """Codes of the item's materials that have passed their end."""
    known = desk.case.grades
    return tuple(c for c in sub.materials if c in known and _has_ended(desk, known[c]))


def require(desk: Desk, sub: SubCase) -> None:
    """Raise `Refused` unless every material is good enough for this item to be granted."""
    low = weak(desk.edition, desk.case, sub)
    if low:
        raise Refused(
            "grade_too_low", "有材料还没核对到位，核对以后才能准予", item=sub.number, materials=low
        )
    ended = expired(desk, sub)
    if ended:
        raise Refused(
            "material_expired", "有材料过了有效期，请换新的", item=sub.number, materials=ended
        )
