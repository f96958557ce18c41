"""Messages to other systems, written in the transaction that caused them: the row is the truth."""

from typing import ClassVar

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now


class OutboxMessage(models.Model):
    """Something that a partner's system must be told. Ids only; no personal value.

    What is said is composed from the case when it is sent; `message_id` stays the same however often
    that is tried.
    """

    class State(models.TextChoices):
        """Where a message stands."""

        PENDING = "pending", "等待发送"
        SENT = "sent", "已送达"
        #: The partner had no system at that time: its desk does the work.
        DESK = "desk", "在本平台办理"
        #: Given up, until somebody sends it again.
        DEAD = "dead", "发送失败"

    #: The name of the message on the wire, the same at every try: its idempotency key.
    message_id = models.UUIDField(unique=True, db_default=RandomUUID(), editable=False)
    case_id = models.UUIDField()
    #: The journal sequence of the event that caused it.
    sequence = models.IntegerField()
    item = models.IntegerField(null=True)
    #: What it is about: an event's name, or a word of `cases.tell`.
    topic = models.CharField(max_length=40)
    #: The partner's code: a department, or a service such as the courier.
    department = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    state = models.CharField(
        max_length=10, choices=State, default=State.PENDING, db_default=State.PENDING
    )
    #: The first try since it was written, or since a person sent it again.
    begun_at = models.DateTimeField(null=True)
    #: Tries begun, and those of late whose process died before their end was written.
    attempts = models.IntegerField(default=0, db_default=0)
    abandoned = models.IntegerField(default=0, db_default=0)
    #: Not tried before this moment.
    next_at = models.DateTimeField(db_default=Now())
    #: Somebody sends it now; past this moment it is free again.
    leased_until = models.DateTimeField(null=True)
    #: What went wrong the last time: a code of `exchange.answers`, never a value.
    last_error = models.CharField(max_length=80, blank=True, default="", db_default="")
    last_status = models.IntegerField(null=True)
    #: SHA-256 (hex) of the body as it was first sent.
    digest = models.CharField(max_length=64, blank=True, default="", db_default="")
    #: The page of a polling partner, or the number of a file, in which it was handed out.
    offered_in = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case_id", "sequence", "department", "item", "topic"],
                name="outbox_once",
                nulls_distinct=False,
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["department", "next_at", "id"],
                condition=models.Q(state="pending"),
                name="outbox_open",
            ),
            models.Index(
                fields=["department", "case_id", "id"],
                condition=models.Q(state="pending"),
                name="outbox_order",
            ),
            models.Index(fields=["case_id", "item"], name="outbox_case"),
            # asked whenever somebody looks at the partners: what was given up, what arrived today
            models.Index(
                fields=["department", "id"],
                condition=models.Q(state="dead"),
                name="outbox_dead",
            ),
            models.Index(
                fields=["department", "done_at"],
                condition=models.Q(state="sent"),
                name="outbox_arrived",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.case_id}/{self.item}"
