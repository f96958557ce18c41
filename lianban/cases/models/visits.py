"""Rows of appointments and visits: an office's free times, who booked them, and who came."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from lianban.accounts.models import Office
from lianban.cases.models.case import JointCaseRecord


class SlotRecord(models.Model):
    """A time at which an office sees people for one purpose, and how many of its places are taken."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    office = models.ForeignKey(Office, models.PROTECT, related_name="slots")
    #: Codes of the plan: where, and the reason for which the person comes.
    place = models.CharField(max_length=40)
    purpose = models.CharField(max_length=40)
    starts_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()
    capacity = models.PositiveSmallIntegerField()
    taken = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="slot_is_never_overbooked",
                condition=models.Q(taken__gte=0, taken__lte=models.F("capacity")),
            ),
            models.UniqueConstraint(
                fields=["office", "place", "purpose", "starts_at"], name="one_slot_a_time"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["purpose", "starts_at"])]

    def __str__(self) -> str:
        return f"{self.purpose} {self.starts_at:%Y-%m-%d %H:%M}"


class AppointmentRecord(models.Model):
    """A time that is booked for a case."""

    class State(models.TextChoices):
        BOOKED = "booked", "约好了"
        CANCELLED = "cancelled", "取消了"
        KEPT = "kept", "来过了"
        MISSED = "missed", "没有来"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(JointCaseRecord, models.PROTECT, related_name="appointments")
    slot = models.ForeignKey(SlotRecord, models.PROTECT, related_name="appointments")
    #: The slot's, so that one live appointment a case and purpose is a constraint.
    purpose = models.CharField(max_length=40)
    items = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State, default=State.BOOKED)
    booked_at = models.DateTimeField()
    booked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    changed_at = models.DateTimeField()
    #: The department whose own system gave this time; empty: it was chosen among those open.
    given_by = models.CharField(max_length=40, blank=True, default="", db_default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case", "purpose"],
                condition=models.Q(state="booked"),
                name="one_live_appointment_a_purpose",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["slot", "state"])]

    def __str__(self) -> str:
        return f"{self.case_id} {self.purpose} {self.state}"


class VisitRecord(models.Model):
    """The person came: one row a case, place and day, whatever was done there."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(JointCaseRecord, models.PROTECT, related_name="visits")
    place = models.CharField(max_length=40)
    on = models.DateField()
    office = models.ForeignKey(Office, models.PROTECT, null=True, related_name="+")
    items = models.JSONField(default=list)
    at = models.DateTimeField()
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case", "place", "on"], name="one_visit_a_place_and_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.place} {self.on}"
