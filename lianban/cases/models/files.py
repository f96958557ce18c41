"""Files that came in: the copy that people see, and the original under seal."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from lianban.cases.models.case import DraftRecord, JointCaseRecord


class FileRecord(models.Model):
    """One file of a material, written anew and sealed, and the original beside it."""

    class State(models.TextChoices):
        """Whether a file may be opened: only a clean one may."""

        CHECKING = "checking", "正在检查"
        CLEAN = "clean", "可以看"
        REFUSED = "refused", "没有通过安全检查"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    draft = models.ForeignKey(DraftRecord, models.SET_NULL, null=True, related_name="files")
    case = models.ForeignKey(JointCaseRecord, models.PROTECT, null=True, related_name="files")
    #: Whoever scanned a page of a form and has not filed it yet; such a file has no owner.
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="scans"
    )
    #: What the code on a scanned page said, and how many pages of the form are in the file.
    mark = models.CharField(max_length=120, blank=True)
    material = models.CharField(max_length=60, blank=True)
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=40)
    size = models.IntegerField()
    pages = models.IntegerField(default=1)
    #: Where it stands among the files of its material.
    place = models.IntegerField(default=0)
    digest = models.CharField(max_length=64)
    content = models.BinaryField()
    #: The bytes as they came, sealed, and their SHA-256 (hex).
    original = models.BinaryField(null=True)
    original_digest = models.CharField(max_length=64, blank=True)
    original_size = models.IntegerField(default=0)
    state = models.CharField(max_length=10, choices=State, default=State.CLEAN)
    checked_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["created_at"],
                condition=models.Q(state="checking"),
                name="files_to_check",
            )
        ]

    def __str__(self) -> str:
        return str(self.id)
