"""People who act for the person (代办人): both identities are kept."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from lianban.cases.models.case import JointCaseRecord


class AgentRecord(models.Model):
    """Somebody who acts for the person of a case, until it is revoked."""

    class Authority(models.TextChoices):
        NONE = "none", "没有委托书"
        UPLOADED = "uploaded", "委托书已上传"
        SEEN = "seen", "委托书原件已核"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(JointCaseRecord, models.PROTECT, related_name="agents")
    #: Sealed, as are the number and the phone.
    name = models.BinaryField()
    identity_number = models.BinaryField()
    identity_index = models.BinaryField()
    phone = models.BinaryField()
    #: A code of the plan's `agent.yaml`.
    relation = models.CharField(max_length=40)
    authority = models.CharField(max_length=10, choices=Authority)
    valid_until = models.DateField(null=True)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    appointed_at = models.DateTimeField()
    appointed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case"],
                condition=models.Q(revoked_at__isnull=True),
                name="one_agent_a_case",
            )
        ]

    def __str__(self) -> str:
        return str(self.id)
