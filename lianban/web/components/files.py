"""A file of a material, handed out to those who may see it, and never shown inside our pages."""

from uuid import UUID

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from lianban import clock
from lianban.cases.services import materials
from lianban.web.components import access, refusals


@access.signed_in
@require_GET
@refusals.hidden
def file(request: access.Request, file_id: UUID) -> HttpResponse:
    """Download one file; 404 for those who may not see its material."""
    record, content = materials.open_file(file_id=file_id, actor=request.actor, at=clock.now())
    response = HttpResponse(content, content_type=record.content_type)
    disposition = content_disposition_header(as_attachment=True, filename=record.name)
    response["Content-Disposition"] = disposition or "attachment"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    return response
