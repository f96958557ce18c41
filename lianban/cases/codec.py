"""The engine's values as JSON for the rows, and back. Defaults are left out to keep rows small."""

from datetime import date, datetime
from typing import Any

from lianban.engine.case import (
    Clock,
    Deferral,
    Graded,
    JointCase,
    Milestone,
    Notice,
    Pause,
    SubCase,
)
from lianban.engine.states import CaseState, Outcome, State


def sub_to_data(sub: SubCase) -> dict[str, Any]:
    """One sub-case as JSON values."""
    data: dict[str, Any] = {
        "n": sub.number,
        "s": sub.state,
        "d": sub.department,
        "t": sub.since.isoformat(),
        "r": sub.requires,
        "m": sub.milestones,
    }
    optional = {
        "way": sub.delivery,
        "mat": sub.materials,
        "out": sub.outcome,
        "disp": sub.dispatched_on and sub.dispatched_on.isoformat(),
        "clock": sub.clock and [sub.clock.started_on.isoformat(), sub.clock.days, sub.clock.counts],
        "pause": [[p.from_on.isoformat(), p.to_on and p.to_on.isoformat()] for p in sub.pauses],
        "ext": sub.extended_days,
        "event": sub.event_on and sub.event_on.isoformat(),
        "waived": sub.waived,
        "notice": _notice_to_data(sub.notice),
        "back": sub.resumes_to,
        "returned": sub.returned,
        "outside": sub.external,
        "tail": sub.split_off,
        "review": sub.needs_review,
        "reviewed": sub.reviewed_on and sub.reviewed_on.isoformat(),
    }
    return data | {key: value for key, value in optional.items() if value}


def sub_from_data(data: dict[str, Any]) -> SubCase:
    """Rebuild a sub-case from `sub_to_data`."""
    clock = data.get("clock")
    return SubCase(
        number=data["n"],
        state=State(data["s"]),
        department=data["d"],
        since=datetime.fromisoformat(data["t"]),
        requires=tuple(data["r"]),
        milestones=tuple(data["m"]),
        delivery=data.get("way", ""),
        materials=tuple(data.get("mat", ())),
        outcome=Outcome(data["out"]) if "out" in data else None,
        dispatched_on=_date(data.get("disp")),
        clock=Clock(date.fromisoformat(clock[0]), clock[1], clock[2]) if clock else None,
        pauses=tuple(Pause(date.fromisoformat(a), _date(b)) for a, b in data.get("pause", ())),
        extended_days=data.get("ext", 0),
        event_on=_date(data.get("event")),
        waived=tuple(data.get("waived", ())),
        notice=_notice_from_data(data.get("notice")),
        resumes_to=State(data["back"]) if "back" in data else None,
        returned=data.get("returned", False),
        external=data.get("outside", False),
        split_off=data.get("tail", False),
        needs_review=data.get("review", False),
        reviewed_on=_date(data.get("reviewed")),
    )


def case_to_data(case: JointCase) -> dict[str, Any]:
    """What of the case stands in no column of its own and in no sub-case."""
    deferrals = {c: [d.due_on.isoformat(), d.items, d.lapsed] for c, d in case.deferrals.items()}
    milestones = {
        m.code: [m.requires, m.milestones, m.reached_at and m.reached_at.isoformat()]
        for m in case.milestones.values()
    }
    optional = {
        "deemed": case.deemed_accepted,
        "gathered": case.gathered,
        "missing": case.missing,
        "notice": _notice_to_data(case.notice),
        "deferrals": deferrals,
        "grades": {
            code: [g.grade, g.source, g.valid_until and g.valid_until.isoformat()]
            for code, g in case.grades.items()
        },
    }
    kept = {key: value for key, value in optional.items() if value}
    return {"dispatch": case.dispatch, "milestones": milestones, **kept}


def case_from_data(
    detail: dict[str, Any], columns: dict[str, Any], subs: list[dict[str, Any]]
) -> JointCase:
    """Rebuild the case from its columns, its `detail` and its sub-cases' details."""
    return JointCase(
        state=CaseState(columns["state"]),
        edition_id=columns["edition_id"],
        edition_hash=columns["edition_hash"],
        channel=columns["channel"],
        dispatch=detail["dispatch"],
        since=columns["since"],
        submitted_at=columns["submitted_at"],
        accepted_on=columns["accepted_on"],
        deemed_accepted=detail.get("deemed", False),
        gathered=detail.get("gathered", False),
        missing=tuple(detail.get("missing", ())),
        notice=_notice_from_data(detail.get("notice")),
        deferrals={
            code: Deferral(date.fromisoformat(due), tuple(items), lapsed)
            for code, (due, items, lapsed) in detail.get("deferrals", {}).items()
        },
        grades=grades_from_data(detail),
        sub_cases={data["n"]: sub_from_data(data) for data in subs},
        milestones={
            code: Milestone(code, tuple(requires), tuple(after), _moment(reached))
            for code, (requires, after, reached) in detail["milestones"].items()
        },
        sequence=columns["sequence"],
    )


def grades_from_data(detail: dict[str, Any]) -> dict[str, Graded]:
    """The grades of a case's materials from its `detail`."""
    return {
        code: Graded(grade, source, _date(until))
        for code, (grade, source, until) in detail.get("grades", {}).items()
    }


def _notice_to_data(notice: Notice) -> list[Any] | None:
    if not notice.given:
        return None
    at = notice.at and notice.at.isoformat()
    return [notice.outstanding, notice.given, notice.fresh, at]


def _notice_from_data(data: list[Any] | None) -> Notice:
    if not data:
        return Notice()
    return Notice(tuple(data[0]), data[1], tuple(data[2]), _moment(data[3]))


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
