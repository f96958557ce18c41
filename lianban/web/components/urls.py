"""Addresses that all faces share: signing in, and the officers an administrator keeps."""

from django.urls import include, path

from lianban.web.components import (
    absences,
    bulk,
    exchange_page,
    files,
    large_print,
    papers,
    person,
    posting_pages,
    ratings,
    reassign,
    result_desk,
    result_page,
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
_ratings = [
    path("", ratings.calls, name="calls"),
    path("<uuid:rating_id>/", ratings.call, name="call"),
]
_results = [
    path("", result_desk.desk, name="desk"),
    path("make/", result_desk.make, name="make"),
    path("arrived/", result_desk.arrived, name="arrived"),
    path("came-back/", result_desk.came_back, name="came_back"),
    path("postings/", posting_pages.listed, name="postings"),
    path("postings/<uuid:posting_id>/", posting_pages.posting, name="posting"),
    path("postings/<uuid:posting_id>/labels/", posting_pages.labels, name="labels"),
    path("of/<uuid:case_id>/<int:number>/", result_page.of_item, name="of_item"),
    path("<uuid:result_id>/", result_page.result, name="result"),
    path("<uuid:result_id>/hand-over/", result_page.hand_over, name="hand_over"),
    path("<uuid:result_id>/change/", result_page.change, name="change"),
    path("<uuid:result_id>/address/", result_page.address, name="address"),
    path("<uuid:result_id>/add-file/", result_page.add_file, name="add_file"),
    path("<uuid:result_id>/file/", result_page.file, name="file"),
]
_bulk = [path("", bulk.rows, name="rows")]
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
    path("bulk/", include((_bulk, "bulk"))),
    path("reassign/", include((_reassign, "reassign"))),
    path("files/", include((_files, "files"))),
    path("ratings/", include((_ratings, "ratings"))),
    path("results/", include((_results, "results"))),
    path("exchange/", include(([path("", exchange_page.show, name="reference")], "contract"))),
    path("", include((_papers, "papers"))),
    path(
        "large-print/", include(([path("", large_print.toggle, name="large_print")], "components"))
    ),
]
