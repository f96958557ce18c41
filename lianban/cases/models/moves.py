"""A case that is to go to another district (易地安置)."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from lianban.accounts.models import District
from lianban.cases.models.case import JointCaseRecord


class MoveRecord(models.Model):
    """One district's bureau offers a case, the other one's takes it or does not."""

    class State(models.TextChoices):
        OPEN = "open", "等对方接收"
        ACCEPTED = "accepted", "对方已接收"
        DECLINED = "declined", "对方没有接收"
        TAKEN_BACK = "taken_back", "自己收回了"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(JointCaseRecord, models.PROTECT, related_name="moves")
    from_district = models.ForeignKey(District, models.PROTECT, related_name="+")
    to_district = models.ForeignKey(District, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    #: Why it was not taken.
    words = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(state="open"), name="one_open_move"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["from_district", "state", "proposed_at", "id"]),
            models.Index(fields=["to_district", "state", "proposed_at", "id"]),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.from_district_id} {self.to_district_id}"
