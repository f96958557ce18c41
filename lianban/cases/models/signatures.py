"""Signatures: a name that was typed, or strokes that were drawn, sealed; never an image."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from lianban.cases.models.case import DraftRecord, JointCaseRecord


class SignatureRecord(models.Model):
    """One signature under one statement, of a form that is being filled in or of a case."""

    class Way(models.TextChoices):
        TYPED = "typed", "输入姓名"
        DRAWN = "drawn", "手写"

    class Role(models.TextChoices):
        PERSON = "person", "本人"
        AGENT = "agent", "代办人"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    draft = models.ForeignKey(DraftRecord, models.CASCADE, null=True, related_name="signatures")
    case = models.ForeignKey(JointCaseRecord, models.PROTECT, null=True, related_name="signatures")
    #: What was signed: a field's code, or a code of the plan's wording (`signatures.yaml`).
    purpose = models.CharField(max_length=60)
    role = models.CharField(max_length=10, choices=Role)
    way = models.CharField(max_length=10, choices=Way)
    #: Sealed: the name in letters, and the strokes as JSON (nothing where the name was typed).
    name = models.BinaryField()
    strokes = models.BinaryField()
    signed_at = models.DateTimeField()
    #: Who was present; nobody where it was signed at home.
    witness = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    #: Keyed hash of the whole signature, by which the journal names it.
    digest = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["draft", "purpose"], name="one_signature_a_draft_field")
        ]
        indexes: ClassVar = [models.Index(fields=["case", "purpose", "signed_at"])]

    def __str__(self) -> str:
        return str(self.id)
