"""Somebody acts for the person: said in the form, or of a case, and taken back."""

from functools import partial

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from lianban import clock
from lianban.cases import agents as rules
from lianban.cases.queries import CaseView
from lianban.cases.services import agents, materials
from lianban.web.applicant import form as forms
from lianban.web.applicant.my_open import case_href, own_case
from lianban.web.applicant.pages import CHECK, Paper, address
from lianban.web.components import access, agent_page
from lianban.web.components.parts import Crumb
from lianban.web.components.refusals import hidden


@access.applicant_account
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@hidden
@forms.with_paper
def of_form(request: access.Request, paper: Paper) -> HttpResponse:
    """Who acts for the person while the form is filled in."""
    at, draft = clock.now(), paper.draft
    keep = partial(agents.keep_in_draft, draft_id=draft.id, actor=request.actor, at=at)
    place = agent_page.Place(
        edition=draft.edition,
        agent=rules.of_data(draft.content.agent),
        by_officer=False,
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
        template="applicant/agent.html",
        context={},
        back=address(CHECK),
    )
    return agent_page.page(request, place)


@access.applicant
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@own_case
def of_case(request: access.Request, view: CaseView) -> HttpResponse:
    """Who acts for the person of a case."""
    at, actor = clock.now(), request.actor
    place = agent_page.Place(
        edition=view.edition,
        agent=agents.acting(case_id=view.id),
        by_officer=False,
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
        template="applicant/my/agent.html",
        context={
            "view": view,
            "here": "case",
            "crumbs": [Crumb("我的办件", case_href(view)), Crumb("代办人")],
            "has_account": actor.user_id is not None,
        },
        back=reverse("applicant:my_case", args=[view.id]),
    )
    return agent_page.page(request, place)
