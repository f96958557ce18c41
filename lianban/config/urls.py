"""Every address begins here; each face owns what follows its first word."""

from django.urls import include, path

from lianban.config import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("exchange/v1/", include("lianban.api.urls")),
    path("", include("lianban.web.components.urls")),
    path("", include("lianban.web.applicant.urls")),
    path("counter/", include("lianban.web.counter.urls")),
    path("bureau/", include("lianban.web.bureau.urls")),
    path("department/", include("lianban.web.department.urls")),
]

handler400 = "lianban.config.errors.bad_request"
handler403 = "lianban.config.errors.forbidden"
handler404 = "lianban.config.errors.not_found"
handler500 = "lianban.config.errors.server_error"
