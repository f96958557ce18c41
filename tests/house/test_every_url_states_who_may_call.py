"""No address answers before somebody wrote down for whom."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path

from lianban.web.components import access


def silent(request: HttpRequest) -> HttpResponse:
    return HttpResponse("a view that says nothing")


urlpatterns = [path("forgotten/", silent)]


def test_every_url_states_who_may_call() -> None:
    assert access.undeclared() == []
    assert len(list(access.routes())) > 10


@override_settings(ROOT_URLCONF=__name__)
def test_a_route_that_says_nothing_stops_the_server_from_starting() -> None:
    (error,) = access.every_route_states_who_may_call()
    assert error.is_serious() and "/forgotten/" in error.msg
    with pytest.raises(ImproperlyConfigured, match="forgotten"):
        access.Guard(lambda request: HttpResponse())


def test_a_role_that_does_not_exist_cannot_be_declared() -> None:
    with pytest.raises(ImproperlyConfigured, match="emperor"):
        access.officer("emperor")
