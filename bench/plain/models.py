"""The same case as anyone would write it with an ORM; the yardstick, not a straw man."""

from typing import ClassVar

import django
from django.conf import settings
from django.db import models, transaction
from lifecycle import GRAPH

if not settings.configured:
    from lianban.ops import environment

    settings.configure(
        USE_TZ=True,
        SECRET_KEY="bench",
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "CONN_MAX_AGE": None,
                **environment.database(),
            }
        },
        INSTALLED_APPS=[],
    )
    django.setup()


class Case(models.Model):
    state = models.TextField(default="open")

    class Meta:
        app_label = "plain"
        db_table = "plain_case"


class Item(models.Model):
    case = models.ForeignKey(Case, models.CASCADE, related_name="items")
    item = models.IntegerField()
    state = models.TextField(default="waiting")

    class Meta:
        app_label = "plain"
        db_table = "plain_item"
        unique_together: ClassVar = [("case", "item")]


class History(models.Model):
    case = models.ForeignKey(Case, models.CASCADE)
    item = models.IntegerField()
    action = models.TextField()

    class Meta:
        app_label = "plain"
        db_table = "plain_history"


def _open_ready(case: Case) -> None:
    done = set(case.items.filter(state="done").values_list("item", flat=True))
    for row in case.items.filter(state="waiting"):
        if set(GRAPH[row.item]) <= done:
            row.state = "open"
            row.save()


@transaction.atomic
def register() -> int:
    case = Case.objects.create()
    for number in GRAPH:
        Item.objects.create(case=case, item=number)
    _open_ready(case)
    History.objects.create(case=case, item=0, action="register")
    return int(case.pk)


@transaction.atomic
def grant(case_id: int, number: int) -> None:
    case = Case.objects.select_for_update().get(pk=case_id)
    row = case.items.get(item=number)
    if row.state != "open":
        raise RuntimeError(f"not open: {number}")
    row.state = "done"
    row.save()
    _open_ready(case)
    History.objects.create(case=case, item=number, action="grant")


@transaction.atomic
def conclude(case_id: int) -> None:
    case = Case.objects.select_for_update().get(pk=case_id)
    if case.items.exclude(state="done").exists():
        raise RuntimeError("still open")
    case.state = "closed"
    case.save()
    History.objects.create(case=case, item=0, action="conclude")
