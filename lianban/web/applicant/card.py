"""Fill the form from a photo of a card, as far as the person confirms it."""

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from lianban.web.applicant import form as forms
from lianban.web.applicant.pages import Paper, address
from lianban.web.components import access, card_page
from lianban.web.components.refusals import hidden


@access.applicant_account
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@hidden
@forms.with_paper
def read(request: access.Request, paper: Paper) -> HttpResponse:
    """Read a card for the person who fills in the form."""
    place = card_page.Place(
        draft_id=paper.draft.id,
        edition=paper.draft.edition,
        values=paper.values,
        template="applicant/card.html",
        context={},
        back=address(paper.codes[0]),
    )
    return card_page.page(request, place)
