"""Somebody comes for the person: the clerk writes down who it is and by what authority."""

from functools import partial
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from lianban import clock
from lianban.cases import agents as rules
from lianban.cases import queries
from lianban.cases.services import agents, drafts, materials
from lianban.web.components import access, agent_page
from lianban.web.components.refusals import hidden
from lianban.web.counter.intake import who
from lianban.web.counter.intake_page import clerk


@clerk
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@hidden
def of_form(request: access.Request, draft_id: UUID) -> HttpResponse:
    """Who acts for the person of a form."""
    at, draft = clock.now(), drafts.get(draft_id=draft_id, actor=request.actor)
    keep = partial(agents.keep_in_draft, draft_id=draft.id, actor=request.actor, at=at)
    name = draft.content.fields.get(who(draft.edition)[0].code, "")
    place = agent_page.Place(
        edition=draft.edition,
        agent=rules.of_data(draft.content.agent),
        by_officer=True,
        keep=lambda agent: keep(agent=agent),
        revoke=lambda: keep(agent=None),
        add_file=lambda upload: materials.add_file(
            draft_id=draft.id,
            material=draft.edition.agent.authority,
            upload=upload,
            name=upload.name or "",
            actor=request.actor,
            at=at,
        ),
        template="counter/agent.html",
        context={"whose": name or "新办件"},
        back=reverse("counter:intake", args=[draft.id]),
    )
    return agent_page.page(request, place)


@clerk
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@hidden
def of_case(request: access.Request, case_id: UUID) -> HttpResponse:
    """Who acts for the person of a case."""
    at, actor = clock.now(), request.actor
    view = queries.get(case_id=case_id, actor=actor, at=at)
    place = agent_page.Place(
        edition=view.edition,
        agent=agents.acting(case_id=view.id),
        by_officer=True,
        keep=lambda agent: agents.appoint(case_id=view.id, agent=agent, actor=actor, at=at),
        revoke=lambda: agents.revoke(case_id=view.id, actor=actor, at=at),
        add_file=lambda upload: materials.add_file(
            case_id=view.id,
            material=view.edition.agent.authority,
            upload=upload,
            name=upload.name or "",
            actor=actor,
            at=at,
        ),
        template="counter/agent.html",
        context={"whose": view.person_name},
        back=reverse("counter:case", args=[view.id]),
    )
    return agent_page.page(request, place)
