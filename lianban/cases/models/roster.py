"""The troop's roster (部队名册): one row for each imported file, and one for each of its lines."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from lianban.accounts.models import District
from lianban.cases.models.dossiers import DossierRecord


class RosterRecord(models.Model):
    """One imported file and how far it is. It stays after an undo; its lines do not."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", "正在核对"
        CHECKED = "checked", "核对好了，还没导入"
        APPLYING = "applying", "正在导入"
        APPLIED = "applied", "已导入"
        UNDONE = "undone", "已撤销"
        FAILED = "failed", "没能读完"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    district = models.ForeignKey(District, models.PROTECT)
    name = models.CharField(max_length=120)
    #: SHA-256 of the file, in hex.
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State)
    #: The sealed file; emptied as soon as every line has a row.
    content = models.BinaryField(null=True)
    #: Lines of the file, and how many of them the present step has done.
    total = models.IntegerField()
    done = models.IntegerField(default=0)
    #: Headings that the form has no field for, as they stand in the file.
    ignored = models.JSONField(default=list)
    #: How many lines an undo took back, and how many it had to leave.
    taken_back = models.IntegerField(default=0)
    kept = models.IntegerField(default=0)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    made_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["district", "made_at", "id"])]

    def __str__(self) -> str:
        return str(self.id)


class RosterRowRecord(models.Model):
    """One line: who it says comes, what became of it, and what an officer decided about it."""

    class Outcome(models.TextChoices):
        NEW = "new", "新来的"
        KNOWN = "known", "对上了"
        CONFLICT = "conflict", "要核对"
        LEFT = "left", "不收"
        KEPT = "kept", "撤销时留下的"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    roster = models.ForeignKey(RosterRecord, models.CASCADE, related_name="rows")
    line = models.IntegerField()
    #: Where it is looked after now: another county, once it was forwarded there.
    district = models.ForeignKey(District, models.PROTECT)
    name = models.CharField(max_length=50)
    #: Empty when the text in the file is no number; what was typed is in `details`.
    identity_number = models.BinaryField(null=True)
    identity_index = models.BinaryField(null=True, db_index=True)
    #: Sealed JSON: number and place as typed, form fields, answers, cells nobody could read.
    details = models.BinaryField()
    unread = models.IntegerField(default=0)
    outcome = models.CharField(max_length=10, choices=Outcome)
    #: What stands against taking it in; "" once settled.
    conflict = models.CharField(max_length=30, blank=True)
    #: Since when somebody has to look.
    since = models.DateTimeField()
    #: Codes of conflicts that an officer has settled for this line.
    settled = models.JSONField(default=list)
    resolution = models.CharField(max_length=20, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True)
    #: The dossier that it met or made.
    dossier = models.ForeignKey(DossierRecord, models.SET_NULL, null=True, related_name="+")
    has_made_dossier = models.BooleanField(default=False)
    applied_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["roster", "line"], name="one_row_a_roster_line")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["district", "since", "id"],
                condition=models.Q(outcome="conflict"),
                name="roster_conflicts",
            )
        ]

    def __str__(self) -> str:
        return f"{self.roster_id}:{self.line}"
