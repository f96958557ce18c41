"""Fill a form at the window from a photo of a card, as far as it is confirmed."""

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from lianban.cases.services import drafts
from lianban.web.components import access, card_page
from lianban.web.components.refusals import hidden
from lianban.web.counter.intake import who
from lianban.web.counter.intake_page import clerk


@clerk
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@hidden
def read(request: access.Request, draft_id: UUID) -> HttpResponse:
    """Read the card of the person at the window."""
    draft = drafts.get(draft_id=draft_id, actor=request.actor)
    place = card_page.Place(
        draft_id=draft.id,
        edition=draft.edition,
        values=draft.content.fields,
        template="counter/card.html",
        context={"whose": draft.content.fields.get(who(draft.edition)[0].code, "") or "新办件"},
        back=reverse("counter:intake", args=[draft.id]),
    )
    return card_page.page(request, place)
