"""The journal's one table. Its trigger (migration 0001) forbids changing or deleting a row."""

from typing import ClassVar

from django.db import models


class JournalEntry(models.Model):
    """One event of one case, chained to the entry before it."""

    case_id = models.UUIDField()
    #: 1 for the first event of the case.
    sequence = models.IntegerField()
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)
    actor_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=60, blank=True)
    #: The event's name in `engine.events`.
    event = models.CharField(max_length=40)
    #: The event's canonical JSON, exactly as it was hashed.
    body = models.TextField()
    #: SHA-256 over this entry and the hash before it.
    digest = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case_id", "sequence"], name="journal_order")
        ]
        indexes: ClassVar = [models.Index(fields=["at"])]

    def __str__(self) -> str:
        return f"{self.case_id} {self.sequence} {self.event}"
