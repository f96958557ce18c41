"""The demonstration's roster: a few invented people who are expected, and a few lines to look at."""

import csv
import io
import random
from datetime import datetime

from lianban.accounts.actor import Actor
from lianban.accounts.models import District
from lianban.cases.services import roster

#: On the roster of the first county's bureau; `lianban demo accounts` tells it.
EXPECTED = ("周小北", "990101200303150012")
_HEADINGS = ("姓名", "身份证号", "入伍时间", "退役时间", "军衔", "安置方式", "学历", "安置地")
_NAMES = ("林大江", "何向东", "马致远", "高海平", "郭立新", "罗文斌", "朱晓峰", "胡一鸣")
_SERVED = ("2024-09-01", "2026-09-01", "上等兵", "自主就业", "高中")


def load(bureau: Actor, *, numbers: list[str], at: datetime) -> None:
    """Bring a roster in for this bureau's county; each number is an invented person's."""
    assert bureau.district is not None
    home = District.objects.get(code=bureau.district)
    other = District.objects.filter(parent=home.parent, active=True).exclude(code=home.code).first()
    lines = [
        [name, number, *_SERVED, home.name] for name, number in zip(_NAMES, numbers, strict=False)
    ]
    lines[1][1] = _wrong(lines[1][1])
    if other is not None:
        lines[2][-1] = other.name
    lines.append([lines[3][0], lines[3][1], *_SERVED, home.name])
    lines.append([*EXPECTED, *_SERVED, home.name])
    text = io.StringIO()
    csv.writer(text).writerows([_HEADINGS, *lines])
    roster_id = roster.upload(
        content=text.getvalue().encode(),
        name="秋季移交名册.csv",
        district=home.code,
        actor=bureau,
        at=at,
    )
    roster.work(roster_id=roster_id, now=lambda: at)
    roster.apply(roster_id=roster_id, actor=bureau, at=at)
    roster.work(roster_id=roster_id, now=lambda: at)


def _wrong(number: str) -> str:
    return number[:-1] + random.Random(number).choice([d for d in "0123456789" if d != number[-1]])
