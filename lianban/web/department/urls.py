"""Addresses of the departments' face."""

from django.urls import path

from lianban.web.department import (
    act,
    bulk,
    decide,
    enquiries,
    exchange,
    exchange_files,
    item_page,
    slots,
    worklist,
)

app_name = "department"

_item = "<uuid:case_id>/<int:number>/"
_file = "files/<uuid:exchange_file_id>/"
_message = "exchange/messages/<uuid:message_id>/"
urlpatterns = [
    path("", worklist.items, name="worklist"),
    path("claim/", worklist.claim, name="claim_rows"),
    path("give-back/", worklist.give_back, name="give_back_rows"),
    path("grant/", bulk.grant, name="grant_rows"),
    path("enquiries/", enquiries.items, name="enquiries"),
    path("enquiries/<uuid:enquiry_id>/", enquiries.answer, name="enquiry"),
    path("exchange/", exchange.own, name="exchange"),
    path(_message, exchange.message, name="exchange_message"),
    path(_message + "resend/", exchange.send_again, name="exchange_resend"),
    path("files/", exchange_files.listed, name="files"),
    path("files/out/", exchange_files.hand_out, name="files_out"),
    path("files/book/", exchange_files.hand_out_book, name="files_book"),
    path("files/key/", exchange_files.key, name="files_key"),
    path(_file, exchange_files.one, name="file"),
    path(_file + "workbook/", exchange_files.workbook, name="file_workbook"),
    path(_file + "signature/", exchange_files.signature, name="file_signature"),
    path(_file + "refused/", exchange_files.refused, name="file_refused"),
    path("slots/", slots.day, name="slots"),
    path("slots/open/", slots.opening, name="open_slots"),
    path("slots/close/", slots.close, name="close_slots"),
    path("slots/<uuid:appointment_id>/arrived/", slots.arrived, name="arrived"),
    path(_item, item_page.show, name="item"),
    path(_item + "came/", slots.came, name="came"),
    path(_item + "reveal/<slug:code>/", item_page.reveal, name="reveal"),
    path(_item + "originals/", item_page.seen_originals, name="originals"),
    path(_item + "claim/", act.claim, name="claim"),
    path(_item + "give-back/", act.give_back, name="give_back"),
    path(_item + "step/<slug:command>/", act.step, name="step"),
    path(_item + "decide/", decide.decide, name="decide"),
    path(_item + "with/<slug:command>/", act.with_words, name="with_words"),
]
