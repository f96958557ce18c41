"""Who is away, and who does the work meanwhile."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models


class AbsenceRecord(models.Model):
    """An officer's leave: from the first to the last day the deputy acts on what the officer has."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    officer = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="absences")
    deputy = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="deputises")
    from_on = models.DateField()
    to_on = models.DateField()
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    noted_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["deputy", "to_on"])]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="absence_ends_after_it_begins",
                condition=models.Q(to_on__gte=models.F("from_on")),
            ),
            models.CheckConstraint(
                name="nobody_deputises_for_oneself",
                condition=~models.Q(deputy=models.F("officer")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.officer_id} {self.from_on}"
