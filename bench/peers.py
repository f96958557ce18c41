"""The bench's peers: what one human step is for each."""

import os
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
from lifecycle import GRAPH

NEXT = {n: [m for m, before in GRAPH.items() if n in before] for n in GRAPH}
AT = datetime(2026, 9, 3, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))

FLOOR_SCHEMA = """
CREATE TABLE floor_case (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  state smallint NOT NULL DEFAULT 1) WITH (fillfactor = 80);
CREATE TABLE floor_item (case_id bigint NOT NULL, item smallint NOT NULL, state smallint NOT NULL,
  pending smallint NOT NULL, PRIMARY KEY (case_id, item)) WITH (fillfactor = 50);
CREATE TABLE floor_history (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, case_id bigint NOT NULL,
  item smallint NOT NULL, action text NOT NULL, at timestamptz NOT NULL DEFAULT now());
CREATE INDEX ON floor_history (case_id);
"""
_ROOTS = ",".join(
    f"({n}::smallint,{0 if b else 1}::smallint,{len(b)}::smallint)" for n, b in GRAPH.items()
)
FLOOR_REGISTER = f"""
WITH c AS (INSERT INTO floor_case DEFAULT VALUES RETURNING id),
 s AS (INSERT INTO floor_item SELECT c.id, v.* FROM c, (VALUES {_ROOTS}) v(item, state, pending))
INSERT INTO floor_history (case_id, item, action) SELECT id, 0, 'register' FROM c RETURNING case_id
"""
FLOOR_GRANT = """
WITH d AS (UPDATE floor_item SET state = 2 WHERE case_id = %(c)s AND item = %(i)s AND state = 1
           RETURNING 1),
 o AS (UPDATE floor_item SET pending = pending - 1,
              state = CASE WHEN pending = 1 THEN 1 ELSE state END
        WHERE case_id = %(c)s AND item = ANY(%(n)s) AND EXISTS (SELECT FROM d))
INSERT INTO floor_history (case_id, item, action) SELECT %(c)s, %(i)s, 'grant' FROM d
"""
FLOOR_CONCLUDE = """
WITH d AS (UPDATE floor_case SET state = 2 WHERE id = %(c)s AND state = 1 AND NOT EXISTS
           (SELECT FROM floor_item WHERE case_id = %(c)s AND state <> 2) RETURNING 1)
INSERT INTO floor_history (case_id, item, action) SELECT %(c)s, 0, 'conclude' FROM d
"""


class Floor:
    """The smallest sane schema and one prepared statement a step."""

    def __init__(self, drafts: int) -> None:
        self.connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)

    def register(self) -> int:
        row = self.connection.execute(FLOOR_REGISTER, prepare=True).fetchone()
        assert row
        return int(row[0])

    def grant(self, case: int, item: int) -> None:
        self._one(FLOOR_GRANT, {"c": case, "i": item, "n": NEXT[item]})

    def conclude(self, case: int) -> None:
        self._one(FLOOR_CONCLUDE, {"c": case})

    def _one(self, sql: str, values: dict[str, Any]) -> None:
        if self.connection.execute(sql, values, prepare=True).rowcount != 1:
            raise RuntimeError(f"not open: {values}")


def set_up_django() -> None:
    """Load the settings and the models."""
    import django

    django.setup()


class Lianban:
    """The product's own services, everything on. Drafts are filled in before the clock starts."""

    def __init__(self, drafts: int) -> None:
        set_up_django()
        from lianban.accounts import actors
        from lianban.accounts.models import User

        self.actor = actors.from_user(User.objects.get(username="bench"))
        self.drafts = [self._draft(n) for n in range(drafts)]

    def _draft(self, number: int) -> UUID:
        from stdnum.iso7064 import mod_11_2

        from lianban.cases.content import Content
        from lianban.cases.services import drafts

        serial = os.getpid() % 10_000 * 1000 + number
        body = "439901" + _birth_and_serial(serial)
        fields = {"name": "陈小川", "identity_number": body + mod_11_2.calc_check_digit(body)}
        draft = drafts.start(district="439901", actor=self.actor, at=AT)
        answers = {q.key: q.choices[0].value for q in draft.edition.questions}
        content = Content(answers=answers, fields=fields)
        drafts.save(draft_id=draft.id, content=content, actor=self.actor, at=AT)
        return draft.id

    def register(self) -> UUID:
        from lianban.cases.services import hand_in

        return hand_in.register(draft_id=self.drafts.pop(), actor=self.actor, at=AT).case_id

    def grant(self, case: UUID, item: int) -> None:
        from lianban.cases import services
        from lianban.engine import commands as c

        services.run(c.Grant(item), case_id=case, actor=self.actor, at=AT)

    def conclude(self, case: UUID) -> None:
        from lianban.cases import services
        from lianban.engine import commands as c

        services.run(c.Conclude(), case_id=case, actor=self.actor, at=AT)


def _birth_and_serial(serial: int) -> str:
    """Eight digits of an invented birth date and three of a sequence, different for each serial."""
    day = date(1960, 1, 1) + timedelta(days=serial // 900 % 14_000)
    return f"{day:%Y%m%d}{serial % 900:03d}"


class Django:
    """What anyone would write: ORM, a row lock on the case, `save()` for every row."""

    def __init__(self, drafts: int) -> None:
        from plain import models

        self.models = models

    def register(self) -> int:
        return int(self.models.register())

    def grant(self, case: int, item: int) -> None:
        self.models.grant(case, item)

    def conclude(self, case: int) -> None:
        self.models.conclude(case)


PEERS: dict[str, Any] = {"floor": Floor, "lianban": Lianban, "django": Django}


def prepare() -> None:
    """Make every peer's tables, and the bench's own city with one officer."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as raw:
        raw.execute(FLOOR_SCHEMA)
        raw.execute((Path(__file__).parent / "plain" / "schema.sql").read_text())
    set_up_django()
    from django.core.management import call_command

    from lianban.accounts.models import District, Office, RoleGrant, User

    call_command("migrate", verbosity=0)
    District.objects.create(code="439901", name="东湖县", level="county", policy_edition="bench")
    office = Office.objects.create(department="bureau", district_id="439901", name="压测")
    officer = User.objects.create(kind="officer", username="bench", name="压测", office=office)
    for role in ("counter_clerk", "bureau_officer"):
        RoleGrant.objects.create(user=officer, role=role)


def verify() -> None:
    """Every peer's cases are all concluded, and our journal holds."""
    with psycopg.connect(os.environ["DATABASE_URL"]) as raw:
        for sql in (
            "SELECT count(*) FROM floor_case WHERE state <> 2",
            "SELECT count(*) FROM plain_case WHERE state <> 'closed'",
            "SELECT count(*) FROM cases_jointcaserecord WHERE state <> 'concluded'",
        ):
            row = raw.execute(sql).fetchone()
            assert row == (0,), (sql, row)
    from lianban.cases import verify as journal

    found = list(journal.problems())
    assert not found, found[:3]
