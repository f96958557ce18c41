"""Is the house in order: asked by load balancers and by the supervisor's tests."""

from django.db import Error
from django.http import HttpRequest, JsonResponse

from lianban.exchange.watching import clocks
from lianban.web.components import access


@access.public
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 where the database answers, else 503.

    A clock that is off by more than two seconds is named and logged, and is no reason to go away:
    whoever else would serve has the same database, and may have a worse clock.
    """
    try:
        found = clocks.measure(clocks.WEB)
    except Error:
        return JsonResponse({"database": "away"}, status=503, headers={"Retry-After": "5"})
    clocks.warn(found)
    said: dict[str, object] = {"database": "ok", "clock": "off" if found.is_off else "ok"}
    if found.is_off:
        said["clock_seconds_ahead"] = round(found.ahead.total_seconds(), 1)
    return JsonResponse(said, headers={"Cache-Control": "no-store"})
