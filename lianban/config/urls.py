"""Every address begins here; each face owns what follows its first word."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from lianban.config import health

FACES = {
    "": ("lianban.web.components.urls", "lianban.web.applicant.urls"),
    "counter/": ("lianban.web.counter.urls",),
    "bureau/": ("lianban.web.bureau.urls",),
    "department/": ("lianban.web.department.urls",),
}

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    *(
        path(prefix, include(module))
        for prefix, modules in FACES.items()
        for module in modules
        if find_spec(module)
    ),
]

handler400 = "lianban.config.errors.bad_request"
handler403 = "lianban.config.errors.forbidden"
handler404 = "lianban.config.errors.not_found"
handler500 = "lianban.config.errors.server_error"
