"""Addresses of the bureau's face."""

from django.urls import path

from lianban.web.bureau import (
    cockpit,
    dossiers,
    gathering,
    item,
    item_lists,
    lists,
    pre_review,
    revealing,
    roster,
    roster_rows,
)

app_name = "bureau"
_case = "cases/<uuid:case_id>/"
_item = _case + "items/<int:number>/"

urlpatterns = [
    path("", lists.start, name="start"),
    path("find/", lists.find, name="find"),
    path("cases/", lists.cases, name="cases"),
    path(_case, cockpit.case, name="case"),
    path(_case + "review/", pre_review.review, name="review"),
    path(_case + "reveal/<slug:page>/<slug:code>/", revealing.reveal, name="reveal"),
    path(_item, item.item, name="item"),
    path(_item + "originals/", item.seen_originals, name="originals"),
    path(_item + "claim/", item.claim, name="claim"),
    path(_item + "give-back/", item.give_back, name="give_back"),
    path("items/", item_lists.items, name="items"),
    path("returned/", item_lists.returned, name="returned"),
    path("dossiers/", dossiers.listed, name="dossiers"),
    path("dossiers/move/", dossiers.move, name="move"),
    path("dossiers/add/", dossiers.add, name="add_dossiers"),
    path("dossiers/<uuid:dossier_id>/", dossiers.one, name="dossier"),
    path("dossiers/<uuid:dossier_id>/number/", dossiers.reveal, name="reveal_dossier"),
    path("rosters/", roster.rosters, name="rosters"),
    path("rosters/template.xlsx", roster.template, name="roster_template"),
    path("rosters/rows/", roster_rows.queue, name="roster_queue"),
    path("rosters/rows/<uuid:row_id>/", roster_rows.row, name="roster_row"),
    path("rosters/rows/<uuid:row_id>/number/", roster_rows.reveal, name="reveal_roster_row"),
    path("rosters/<uuid:roster_id>/", roster.one, name="roster"),
    path("rosters/<uuid:roster_id>/apply/", roster.apply, name="apply_roster"),
    path("rosters/<uuid:roster_id>/undo/", roster.undo, name="undo_roster"),
    path("reception/", gathering.reception, name="reception"),
    path("batches/", gathering.gather, name="gather"),
    path("batches/<uuid:batch_id>/", gathering.batch, name="batch"),
    path("batches/<uuid:batch_id>/sheet.xlsx", gathering.sheet, name="sheet"),
]
