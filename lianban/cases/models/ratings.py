"""What the person thinks of the service (好差评), and the call back that a bad rating brings."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from lianban.cases.models.case import JointCaseRecord


class RatingRecord(models.Model):
    """One rating of one item, or of the case as a whole, by the person alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(JointCaseRecord, models.PROTECT, related_name="ratings")
    #: None: the case as a whole.
    item = models.IntegerField(null=True)
    #: Who is rated: the item's department, or the lead.
    department = models.CharField(max_length=40)
    #: 5 very satisfied … 1 very dissatisfied.
    level = models.SmallIntegerField()
    #: Sealed words of the person.
    comment = models.BinaryField()
    rated_at = models.DateTimeField()
    #: The day by which somebody must have called back; only for a bad rating.
    call_by = models.DateField(null=True)
    called_at = models.DateTimeField(null=True)
    called_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    #: Sealed: what was said and what was mended.
    answer = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case", "item"], name="one_rating_a_thing", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=models.Q(level__gte=1, level__lte=5), name="five_levels"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["call_by", "id"],
                condition=models.Q(call_by__isnull=False, called_at__isnull=True),
                name="calls_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.item} {self.level}"


class PackRecord(models.Model):
    """The archive pack (归档信息包) of a concluded case, sealed; made once, the same ever after."""

    case = models.OneToOneField(JointCaseRecord, models.PROTECT, related_name="pack")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True)
    #: Bytes, unsealed.
    size = models.IntegerField()
    #: SHA-256 of the ZIP.
    digest = models.CharField(max_length=64)
    content = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.case_id} {self.digest[:12]}"
