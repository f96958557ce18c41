"""Troop dossiers (档案): the dossier itself, each scan of one, each return, and who was reminded."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from lianban.accounts.models import District
from lianban.cases.models.case import JointCaseRecord


class DossierRecord(models.Model):
    """A troop dossier: expected, arrived, checked; with or without its person."""

    class State(models.TextChoices):
        EXPECTED = "expected", "待移交"
        ARRIVED = "arrived", "已到"
        CHECKING = "checking", "核对中"
        INCOMPLETE = "incomplete", "不齐已退"
        RECEIVED = "received", "已接收"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    district = models.ForeignKey(District, models.PROTECT)
    name = models.CharField(max_length=50)
    #: Another name under which the same number came; an officer decides, nothing merges by itself.
    other_name = models.CharField(max_length=50, blank=True)
    identity_number = models.BinaryField()
    identity_index = models.BinaryField(unique=True)
    state = models.CharField(max_length=20, choices=State)
    #: Codes of vouchers and letters that came with it.
    vouchers = models.JSONField(default=list)
    remark = models.CharField(max_length=200, blank=True)
    arrived_on = models.DateField(null=True)
    updated_at = models.DateTimeField()
    #: The plan's pieces that somebody has looked for: code to `{"there": bool, "pages": int | None}`.
    pieces = models.JSONField(default=dict)
    #: Sealed JSON: voucher's material code to the number that stands on it.
    voucher_numbers = models.BinaryField(null=True)
    #: Material code to the day that stands on the paper, for papers that end.
    paper_dates = models.JSONField(default=dict)
    #: The last day of the letter among them that ends first.
    letter_until = models.DateField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["district", "state", "updated_at", "id"])]

    def __str__(self) -> str:
        return str(self.id)


class DossierScanRecord(models.Model):
    """One scan at the reception of dossiers, and what an undo of it would bring back."""

    class Outcome(models.TextChoices):
        MATCHED = "matched", "对上了"
        UNEXPECTED = "unexpected", "没预告过"
        NAME_DIFFERS = "name_differs", "名字不一致"
        ELSEWHERE = "elsewhere", "别的区县"
        ALREADY = "already", "已经接收"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    #: Where it was scanned.
    district = models.ForeignKey(District, models.PROTECT)
    dossier = models.ForeignKey(DossierRecord, models.SET_NULL, null=True, related_name="scans")
    outcome = models.CharField(max_length=20, choices=Outcome)
    #: As it was known at the scan; empty where nobody knew it.
    name = models.CharField(max_length=50, blank=True)
    #: Sealed; only while nobody knows the name and there is no dossier yet.
    identity_number = models.BinaryField(null=True)
    has_made_dossier = models.BooleanField(default=False)
    #: The dossier's columns before the scan, for the undo; empty when it changed nothing.
    before = models.JSONField(default=dict)
    scanned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["scanned_by", "at", "id"])]

    def __str__(self) -> str:
        return f"{self.outcome} {self.id}"


class DossierReturnRecord(models.Model):
    """An incomplete dossier went back to where it came from, for these pieces."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dossier = models.ForeignKey(DossierRecord, models.CASCADE, related_name="returns")
    #: Counts the returns of one dossier, from 1; it is the letter's sequence, too.
    sequence = models.IntegerField()
    #: Codes of the required pieces that were not in it.
    pieces = models.JSONField(default=list)
    #: The dossier's state before, for the undo.
    before = models.CharField(max_length=20)
    returned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField()
    #: Since when its letter has a number: from then on it stands.
    printed_at = models.DateTimeField(null=True)
    taken_back_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dossier", "sequence"], name="one_dossier_return")
        ]

    def __str__(self) -> str:
        return f"{self.dossier_id} {self.sequence}"


class DossierNoteRecord(models.Model):
    """Somebody asked for a dossier, or reminded its person: by letter or by telephone."""

    class Kind(models.TextChoices):
        LETTER = "letter", "发函"
        PHONE = "phone", "打电话"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    #: One of the two: the case that waits for a dossier, or the dossier that waits for its person.
    case = models.ForeignKey(JointCaseRecord, models.CASCADE, null=True, related_name="+")
    dossier = models.ForeignKey(DossierRecord, models.CASCADE, null=True, related_name="notes")
    kind = models.CharField(max_length=10, choices=Kind)
    on = models.DateField()
    words = models.CharField(max_length=200, blank=True)
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(case__isnull=True) ^ models.Q(dossier__isnull=True),
                name="dossier_note_about_one",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"
