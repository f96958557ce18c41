"""Addresses that all faces share: signing in, and the officers an administrator keeps."""

from django.urls import include, path

from lianban.web.components import (
    absences,
    files,
    large_print,
    papers,
    person,
    reassign,
    sign_in,
    staff,
    verify,
)

_sign_in = [
    path("sign-in/", sign_in.phone, name="phone"),
    path("sign-in/code/", sign_in.code, name="code"),
    path("sign-in/officer/", sign_in.officer, name="officer"),
    path("sign-in/password/", sign_in.password, name="password"),
    path("sign-in/face/", sign_in.face, name="face"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("signed-out/", sign_in.signed_out, name="signed_out"),
    path("r/<slug:receipt_id>/", sign_in.open_receipt, name="receipt"),
]
_staff = [
    path("", staff.officers, name="officers"),
    path("add/", staff.add, name="add"),
    path("<uuid:user_id>/", staff.change, name="change"),
    path("<uuid:user_id>/disable/", staff.disable, name="disable"),
    path("<uuid:user_id>/enable/", staff.enable, name="enable"),
    path("<uuid:user_id>/password/", staff.reset_password, name="reset_password"),
]
_person = [path("<uuid:case_id>/", person.correct, name="correct")]
_absences = [
    path("", absences.listed, name="listed"),
    path("<uuid:absence_id>/end/", absences.end, name="end"),
]
_reassign = [path("<uuid:case_id>/<int:number>/", reassign.reassign, name="reassign")]
_files = [
    path("<uuid:file_id>/", files.file, name="file"),
    path("<uuid:file_id>/remove/", files.remove, name="remove"),
    path("<uuid:file_id>/move/", files.move, name="move"),
    path("<uuid:file_id>/original/", files.original, name="original"),
]
_papers = [
    path("papers/draft/<uuid:draft_id>/form/", papers.draft_form, name="draft_form"),
    path(
        "papers/draft/<uuid:draft_id>/requirements/",
        papers.draft_requirements,
        name="draft_requirements",
    ),
    path("papers/<uuid:case_id>/<slug:kind>/<int:item>/", papers.paper, name="paper"),
    path(
        "papers/<uuid:case_id>/<slug:kind>/<int:item>/<int:sequence>/", papers.paper, name="paper"
    ),
    path("verify/", verify.ask, name="verify"),
    path("verify/<str:code>/", verify.answer, name="verified"),
]

urlpatterns = [
    path("", include((_sign_in, "sign_in"))),
    path("staff/", include((_staff, "staff"))),
    path("person/", include((_person, "person"))),
    path("absences/", include((_absences, "absences"))),
    path("reassign/", include((_reassign, "reassign"))),
    path("files/", include((_files, "files"))),
    path("", include((_papers, "papers"))),
    path(
        "large-print/", include(([path("", large_print.toggle, name="large_print")], "components"))
    ),
]
