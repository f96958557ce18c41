"""Addresses of *my case*, below `my/`. None of them carries a personal fact."""

from django.urls import path

from lianban.web.applicant import (
    agent,
    my_account,
    my_again,
    my_case,
    my_correct,
    my_item,
    my_messages,
    my_rate,
    my_results,
    my_visits,
    my_withdraw,
)

urlpatterns = [
    path("", my_case.cases, name="my_case"),
    path("<uuid:case_id>/", my_case.case, name="my_case"),
    path("<uuid:case_id>/correct/", my_correct.correct, name="my_correct"),
    path("<uuid:case_id>/messages/", my_messages.messages, name="my_messages"),
    path("<uuid:case_id>/history/", my_messages.history, name="my_history"),
    path("<uuid:case_id>/visits/", my_visits.visits, name="my_visits"),
    path("<uuid:case_id>/visits/calendar.ics", my_visits.calendar, name="visits_calendar"),
    path("<uuid:case_id>/visits/<uuid:appointment_id>/", my_visits.change, name="change_visit"),
    path(
        "<uuid:case_id>/visits/<uuid:appointment_id>/cancel/",
        my_visits.cancel,
        name="cancel_visit",
    ),
    path("<uuid:case_id>/rate/", my_rate.rate, name="my_rate"),
    path("<uuid:case_id>/results/", my_results.listed, name="my_results"),
    path("<uuid:case_id>/delivery/", my_results.change, name="my_delivery"),
    path("<uuid:case_id>/received/<uuid:mail_id>/", my_results.received, name="my_received"),
    path("<uuid:case_id>/again/", my_again.again, name="my_again"),
    path("<uuid:case_id>/phone/", my_again.phone, name="my_phone"),
    path("<uuid:case_id>/withdraw/", my_withdraw.whole, name="my_withdraw"),
    path("<uuid:case_id>/agent/", agent.of_case, name="my_agent"),
    path("<uuid:case_id>/<int:number>/", my_item.item, name="my_item"),
    path("<uuid:case_id>/<int:number>/account/", my_account.change, name="my_account"),
    path("<uuid:case_id>/<int:number>/withdraw/", my_withdraw.item, name="my_withdraw_item"),
]
