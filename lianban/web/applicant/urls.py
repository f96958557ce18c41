"""Addresses of the applicant's face. None of them carries an answer or any other personal fact."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from lianban.web.applicant import (
    agent,
    card,
    check,
    expected,
    form,
    guide,
    landing,
    materials,
    receipt,
    result,
    start,
)

app_name = "applicant"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", landing.landing, name="landing"),
    path("place/", landing.choose_place, name="place"),
    path("guide/", guide.guide, name="guide"),
    path("guide/result/", result.result, name="result"),
    path("guide/leave-out/<int:number>/", result.leave_out, name="leave_out"),
    path("guide/take-back/<int:number>/", result.take_back, name="take_back"),
    path("guide/<slug:key>/", guide.question, name="question"),
    path("guide/<slug:key>/preview/", guide.preview, name="preview"),
    path("start/", start.start, name="start"),
    path("expected/", expected.expected, name="expected"),
    path("form/", start.form_start, name="form_start"),
    path("form/give-up/", start.give_up, name="give_up"),
    path("form/materials/", materials.materials, name="materials"),
    path("form/materials/rest/", materials.promise_rest, name="promise_rest"),
    path("form/materials/<slug:code>/", materials.choose, name="material"),
    path("form/check/", check.check, name="check"),
    path("form/submit/", check.submit, name="submit"),
    path("form/agent/", agent.of_form, name="agent"),
    path("form/card/", card.read, name="card"),
    path("form/<slug:code>/", form.section, name="form"),
    path("form/<slug:code>/save/", form.autosave, name="autosave"),
    path("receipt/<uuid:case_id>/", receipt.receipt, name="receipt"),
]
if find_spec("lianban.web.applicant.my_urls"):
    urlpatterns.append(path("my/", include("lianban.web.applicant.my_urls")))
