"""What an officer proposes and the bureau's head decides."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from lianban.cases.models.case import JointCaseRecord


class ProposalRecord(models.Model):
    """A refusal, waiver or termination that waits for the head's approval."""

    class State(models.TextChoices):
        OPEN = "open", "等负责人批准"
        APPROVED = "approved", "已批准"
        SENT_BACK = "sent_back", "退回来了"
        TAKEN_BACK = "taken_back", "自己收回了"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(JointCaseRecord, models.PROTECT, related_name="proposals")
    item = models.IntegerField(null=True)
    #: The command that is proposed, and the rest of its values.
    command = models.CharField(max_length=40)
    values = models.JSONField(default=dict)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    #: Why it was sent back.
    words = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case", "item"],
                condition=models.Q(state="open"),
                nulls_distinct=False,
                name="one_open_proposal",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["state", "proposed_at", "id"])]

    def __str__(self) -> str:
        return f"{self.case_id} {self.command}"
