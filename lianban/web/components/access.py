"""Who may call a page: said beside every view, enforced for every request.

    @access.officer("counter_clerk")
    def desk(request: HttpRequest) -> HttpResponse: ...

A route that says nothing stops the server from starting (a system check, and the middleware's own
start). `request.actor` is the caller, None for a stranger. What an actor may do to one case is
not decided here but by `accounts.permissions`.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib.auth import logout
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils.http import url_has_allowed_host_and_scheme

from lianban import clock
from lianban.accounts import actors
from lianban.accounts.actor import Actor
from lianban.accounts.doors import Access, Door, declare, is_for_machines
from lianban.accounts.models import Role, User

SIGNED_IN_AT, SEEN_AT, RECEIPT_CASE = "signed_in_at", "seen_at", "receipt_case_id"
#: What an applicant answered before signing in; sealed, and the one thing that signing in keeps.
GUIDE = "guide"
_NOTE_EVERY = timedelta(minutes=1)

View = TypeVar("View", bound=Callable[..., HttpResponse])


class AnyRequest(HttpRequest):
    """A request to a public view: the caller may be a stranger."""

    actor: Actor | None
    is_private: bool


class Request(AnyRequest):
    """A request to a view for people who are signed in."""

    actor: Actor


def public(view: View) -> View:
    """Let anybody call this view."""
    return declare(view, Access(Door.PUBLIC, while_setting_password=True))


def signed_in(view: View) -> View:
    """Let every officer and applicant call this view, also one who opened a receipt."""
    return declare(view, Access(Door.SIGNED_IN))


def setting_password(view: View) -> View:
    """Let an officer call this view who must set a password first."""
    return declare(view, Access(Door.OFFICER, frozenset(Role.values), while_setting_password=True))


def applicant(view: View) -> View:
    """Let applicants call this view: by account, or by a receipt and its second secret."""
    return declare(view, Access(Door.APPLICANT))


def applicant_account(view: View) -> View:
    """Let only applicants with an account call this view (starting a case, drafts)."""
    return declare(view, Access(Door.ACCOUNT))


def officer(*roles: str) -> Callable[[View], View]:
    """Let officers with one of these roles call this view; without roles, every officer."""
    unknown = set(roles) - set(Role.values)
    if unknown:
        raise ImproperlyConfigured(f"no such role: {sorted(unknown)}")
    needed = frozenset(roles or Role.values)
    return lambda view: declare(view, Access(Door.OFFICER, needed))


# Every route says so -------------------------------------------------------------------------


def routes(resolver: URLResolver | None = None, prefix: str = "/") -> Iterator[tuple[str, Any]]:
    """Give every route of the server with its view."""
    for entry in (resolver or get_resolver()).url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry, path)
        elif isinstance(entry, URLPattern):
            yield path, entry.callback


def undeclared() -> list[str]:
    """Return the routes whose view does not say who may call it."""
    return [
        path for path, view in routes() if not isinstance(getattr(view, "access", None), Access)
    ]


def every_route_states_who_may_call(**_: Any) -> list[checks.CheckMessage]:
    """Report routes without a declaration as errors (a Django system check)."""
    return [
        checks.Error(
            f"{path} does not say who may call it",
            hint="Decorate its view with one of lianban.web.components.access.",
            id="lianban.E001",
        )
        for path in undeclared()
    ]


# Enforcement ---------------------------------------------------------------------------------


class Guard:
    """Middleware: gives the request its actor and turns away whom the view does not admit.

    Stands after AuthenticationMiddleware and HtmxMiddleware. Raises ImproperlyConfigured at start
    if a route says nothing.
    """

    def __init__(self, get_response: Callable[[AnyRequest], HttpResponse]) -> None:
        self.get_response = get_response
        silent = undeclared()
        if silent:
            raise ImproperlyConfigured(f"these routes do not say who may call them: {silent}")

    def __call__(self, request: AnyRequest) -> HttpResponse:
        request.actor, request.is_private = _actor(request), False
        response = self.get_response(request)
        answered = GUIDE in request.session
        if request.actor is not None or request.is_private or answered:
            response["Cache-Control"] = "no-store"
        return response

    def process_view(
        self, request: AnyRequest, view: Callable[..., HttpResponse], *_: Any
    ) -> HttpResponse | None:
        """Admit the caller (None), or answer in the view's place."""
        access = getattr(view, "access", None)
        if not isinstance(access, Access):
            raise ImproperlyConfigured(f"{request.path} does not say who may call it")
        request.is_private = access.door is not Door.PUBLIC
        if is_for_machines(view):
            return None  # the room `api` asks for the signature of every such call
        actor = request.actor
        if must_set_password(request) and not access.while_setting_password:
            return redirected(request, reverse("sign_in:password"))
        if access.admits(actor):
            return None
        if actor is None or (access.door is Door.ACCOUNT and actor.kind == "applicant"):
            return _to_sign_in(request, access)
        return render(request, "sign_in/not_permitted.html", _whom(access, actor), status=403)


def must_set_password(request: HttpRequest) -> bool:
    """Say whether the signed-in officer has only a start password so far."""
    return isinstance(request.user, User) and request.user.must_set_password


def _actor(request: HttpRequest) -> Actor | None:
    """Return the caller; a session that is too old ends here, for every page."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    signed_in = isinstance(request.user, User)
    receipt = request.session.get(RECEIPT_CASE)
    if not signed_in and receipt is None:
        return None
    if not _is_fresh(request, at=clock.now()):
        logout(request)
        return None
    if isinstance(request.user, User):
        return actors.from_user(request.user)
    return Actor.receipt_holder(case_id=UUID(receipt))


def _is_fresh(request: HttpRequest, *, at: datetime) -> bool:
    """Check idle and total life of the session, and note (at most once a minute) this visit."""
    stamp = at.timestamp()
    began = request.session.setdefault(SIGNED_IN_AT, stamp)
    seen = request.session.setdefault(SEEN_AT, stamp)
    if stamp - began > settings.SESSION_TOTAL_SECONDS:
        return False
    if stamp - seen > settings.SESSION_IDLE_SECONDS:
        return False
    if stamp - seen >= _NOTE_EVERY.total_seconds():
        request.session[SEEN_AT] = stamp
    return True


def safe_next(request: HttpRequest, wanted: str | None) -> str:
    """Return `wanted` if it is a path of this site, else ""."""
    if not wanted or not wanted.startswith("/"):
        return ""
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else ""


def redirected(request: HttpRequest, address: str) -> HttpResponse:
    """Send the browser elsewhere, the whole page also where htmx asked for a part."""
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=401, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def _to_sign_in(request: HttpRequest, access: Access) -> HttpResponse:
    """Send a stranger to the sign-in page; after it the page that was asked for comes back."""
    page = "sign_in:officer" if access.door is Door.OFFICER else "sign_in:phone"
    back = safe_next(request, _page_asked_for(request))
    return redirected(request, reverse(page) + (f"?{urlencode({'next': back})}" if back else ""))


def _page_asked_for(request: HttpRequest) -> str:
    """Return the page itself, or for a form or a part of a page the page it stands on."""
    whole = request.method in {"GET", "HEAD"} and "HX-Request" not in request.headers
    if whole:
        return request.get_full_path()
    came_from = urlsplit(
        request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    )
    if came_from.netloc != request.get_host():
        return ""
    return came_from.path + (f"?{came_from.query}" if came_from.query else "")


def _whom(access: Access, actor: Actor) -> dict[str, object]:
    """Return what the page tells one who may not enter: who may, and so whom to ask."""
    return {
        "for_officers": access.door is Door.OFFICER,
        "roles": [role.label for role in Role if role in access.roles],
        "layout": "components/desk.html" if actor.kind == "officer" else "components/page.html",
    }
