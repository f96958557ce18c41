"""What a door does right after reception was registered: the settlement notice gets its number."""

from contextlib import suppress
from datetime import datetime
from uuid import UUID

from lianban.cases import queries
from lianban.documents import papers, settlement
from lianban.engine.refusal import Refused
from lianban.web.components import access
from lianban.web.components.papers import public_address


def number_notice(request: access.Request, case_id: UUID, *, at: datetime) -> None:
    """Number the notice if the step at `at` reached a milestone that makes one; else do nothing.

    A door that forgets it does no harm: the notice is numbered when somebody first looks at it.
    """
    with suppress(Refused):  # the case may be another district's since
        view = queries.get(case_id=case_id, actor=request.actor, at=at)
        if any(milestone.reached_at == at for milestone in view.case.milestones.values()):
            papers.record_of(view, kind=settlement.KIND, base_url=public_address(request))
