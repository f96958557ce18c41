"""The files that a department and we exchanged: who made them, when, with which hash."""

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from lianban.exchange import partners
from lianban.exchange.file_mode import files
from lianban.web.bureau import exchange, shell
from lianban.web.components import access, refusals
from lianban.web.components.parts import Crumb


@shell.bureau
@require_safe
@refusals.hidden
def listed(request: access.Request, partner_code: str) -> HttpResponse:
    """List the files of one department, of the bureau's own districts, to look at only."""
    partner = partners.get(partner_code)
    places = exchange.places(partner.name, "文件")
    places[1] = Crumb(partner.name, reverse("bureau:exchange_partner", args=[partner_code]))
    context = {
        "partner": partner,
        "page": files.page_of(partner, actor=request.actor, **shell.keys(request)),
        "places": places,
    }
    return shell.page(request, "exchange_files.html", context)
