"""Addresses of the counter's face. None of them carries a number or a name."""

from django.urls import path

from lianban.web.counter import (
    account,
    agent,
    card,
    case_acts,
    case_page,
    coming_page,
    desk,
    finish,
    intake_page,
    receipt,
    slots,
)

app_name = "counter"

_draft, _case = "forms/<uuid:draft_id>/", "cases/<uuid:case_id>/"
urlpatterns = [
    path("", desk.desk, name="desk"),
    path("find/", desk.find, name="find"),
    path("start/", desk.start, name="start"),
    path("waiting/<slug:show>/", desk.waiting, name="waiting"),
    path("day/", desk.day, name="day"),
    path("slots/", slots.day, name="slots"),
    path("slots/open/", slots.opening, name="open_slots"),
    path("slots/close/", slots.close, name="close_slots"),
    path("slots/<uuid:appointment_id>/arrived/", slots.arrived, name="arrived"),
    path(_draft, intake_page.intake, name="intake"),
    path(_draft + "live/", intake_page.live, name="live"),
    path(_draft + "move/", intake_page.move, name="move"),
    path(_draft + "finish/<slug:how>/", finish.finish, name="finish"),
    path(_draft + "refuse/", finish.refuse, name="refuse"),
    path(_draft + "give-up/", finish.give_up, name="give_up"),
    path(_draft + "agent/", agent.of_form, name="agent"),
    path(_draft + "card/", card.read, name="card"),
    path(_case, case_page.case, name="case"),
    path(_case + "receipt/", receipt.receipt, name="receipt"),
    path(_case + "receipt/handed-over/", receipt.handed_over, name="handed_over"),
    path(_case + "reveal/<slug:code>/", case_page.reveal, name="reveal"),
    path(_case + "seen/", case_acts.tick, name="tick"),
    path(_case + "correct/", case_acts.correct, name="correct"),
    path(_case + "visits/", coming_page.visits, name="visits"),
    path(_case + "visits/<uuid:appointment_id>/", coming_page.change, name="change_visit"),
    path(_case + "visits/<uuid:appointment_id>/cancel/", coming_page.cancel, name="cancel_visit"),
    path(_case + "withdraw/", case_acts.withdraw, name="withdraw"),
    path(_case + "agent/", agent.of_case, name="case_agent"),
    path(_case + "account/<int:number>/", account.change, name="account"),
    path(_case + "act/<slug:how>/", case_acts.act, name="act"),
    path(_case + "items/<int:number>/<slug:how>/", case_acts.decide, name="decide"),
]
