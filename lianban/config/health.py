"""Is the house in order: asked by load balancers and by the supervisor's tests."""

from django.db import Error, connection
from django.http import HttpRequest, JsonResponse

from lianban.web.components import access


@access.public
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 where the database answers, else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return JsonResponse({"database": "away"}, status=503, headers={"Retry-After": "5"})
    return JsonResponse({"database": "ok"}, headers={"Cache-Control": "no-store"})
