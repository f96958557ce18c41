"""Agents (代办人): appointed with the form or at the counter, kept with the case, revoked."""

from uuid import UUID

from lianban import vault
from lianban.cases.agents import Agent
from lianban.cases.models import AgentRecord

_TABLE = "cases_agentrecord"


def acting(*, case_id: UUID) -> Agent | None:
    """Who acts for the person of a case now, opened; None where nobody does."""
    row = AgentRecord.objects.filter(case_id=case_id, revoked_at=None).first()
    return opened(row) if row else None


def opened(row: AgentRecord) -> Agent:
    """An agent's row, opened. Raises `vault.Unreadable`."""
    return Agent(
        name=_open(row, "name"),
        identity_number=_open(row, "identity_number"),
        phone=_open(row, "phone"),
        relation=row.relation,
        authority=row.authority,
        valid_until=row.valid_until,
    )


def _open(row: AgentRecord, column: str) -> str:
    sealed = bytes(getattr(row, column))
    return vault.decrypt(sealed, table=_TABLE, column=column, row=str(row.id)).decode()
