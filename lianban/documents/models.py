"""Rows of the documents room: what was issued, and the last number of each series."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models


class DocumentSeriesRecord(models.Model):
    """A series of numbers: one prefix in one year. Its row lock keeps the numbers gap-free."""

    prefix = models.CharField(max_length=60)
    year = models.IntegerField()
    last = models.IntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["prefix", "year"], name="document_series"),
        ]

    def __str__(self) -> str:
        return f"{self.prefix}〔{self.year}〕"


class IssuedDocumentRecord(models.Model):
    """One issued document: its public facts in clear, its file sealed by the vault.

    ``item`` is the plan's item number, empty where the document concerns the whole joint case;
    ``sequence`` counts documents of one kind for the same case and item. ``body_hash`` is the
    keyed hash of what the document says, ``sha256`` the plain one of the file.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case_id = models.UUIDField(db_index=True)
    item = models.IntegerField(null=True)
    kind = models.CharField(max_length=40)
    sequence = models.IntegerField(default=1)
    number = models.CharField(max_length=80, unique=True)
    issued_at = models.DateTimeField()
    office_name = models.CharField(max_length=80)
    #: The office to which it is addressed, where it goes to one; a person's name never.
    addressed_office = models.CharField(max_length=80, blank=True, default="")
    #: The last day on which it may be used, where it ends.
    valid_until = models.DateField(null=True)
    body_hash = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)
    verification_code = models.CharField(max_length=16, unique=True)
    sealed_file = models.BinaryField()

    class Meta:
        ordering: ClassVar = ["issued_at", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case_id", "kind", "item", "sequence"],
                name="document_issued_once",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return self.number
