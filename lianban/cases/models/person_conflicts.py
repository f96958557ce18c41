"""A corrected identity number that belongs to somebody else's row."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from lianban.cases.models.case import JointCaseRecord, PersonRecord


class PersonConflictRecord(models.Model):
    """A correction that an officer must decide: the same person, or a wrong number again."""

    class State(models.TextChoices):
        OPEN = "open", "等核对"
        SAME = "same", "是同一个人"
        DISMISSED = "dismissed", "不是，没有改"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(JointCaseRecord, models.PROTECT, related_name="person_conflicts")
    #: Whose number it is already.
    other = models.ForeignKey(PersonRecord, models.PROTECT, related_name="+")
    #: Sealed JSON: the name and the number that were to be written.
    sealed = models.BinaryField()
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    raised_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(state="open"), name="one_open_person_conflict"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["state", "raised_at", "id"])]

    def __str__(self) -> str:
        return str(self.case_id)
