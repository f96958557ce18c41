"""Messages to other systems, written in the transaction that caused them."""

from typing import ClassVar

from django.db import models


class OutboxMessage(models.Model):
    """Something that a department's system must be told. Ids only; no personal value."""

    case_id = models.UUIDField()
    #: The journal sequence of the event that caused it: the message's idempotency key.
    sequence = models.IntegerField()
    item = models.IntegerField(null=True)
    #: The event's name.
    topic = models.CharField(max_length=40)
    department = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case_id", "sequence"], name="outbox_once")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["created_at"], condition=models.Q(done_at__isnull=True), name="outbox_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.case_id}/{self.item}"
