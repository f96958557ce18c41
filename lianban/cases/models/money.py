"""Money that an item pays: what was computed and approved, and the batches that pay it."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from lianban.accounts.models import District
from lianban.cases.models.case import JointCaseRecord


class PaymentBatchRecord(models.Model):
    """One list of payments for the finance office, as it was sent."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=30, unique=True)
    district = models.ForeignKey(District, models.PROTECT)
    department = models.CharField(max_length=40)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    count = models.IntegerField()
    total_fen = models.BigIntegerField()
    #: The sealed XLSX, and the SHA-256 of the file itself.
    content = models.BinaryField()
    digest = models.CharField(max_length=64)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["district", "made_at", "id"])]

    def __str__(self) -> str:
        return self.number


class PaymentRecord(models.Model):
    """What one person is paid for one item. A correction makes a new row and keeps the old one."""

    class State(models.TextChoices):
        COMPUTED = "computed", "待复核"
        APPROVED = "approved", "已核定"
        IN_BATCH = "in_batch", "已送财政"
        PAID = "paid", "已到账"
        RETURNED = "returned", "银行退回"
        REPLACED = "replaced", "已重新核算"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(JointCaseRecord, models.PROTECT, related_name="payments")
    item = models.IntegerField()
    district = models.ForeignKey(District, models.PROTECT)
    department = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=State)
    since = models.DateTimeField()
    #: The same person, item and period are paid once, wherever they apply.
    person_index = models.BinaryField()
    item_code = models.CharField(max_length=40)
    period = models.CharField(max_length=10)
    amount_fen = models.BigIntegerField()
    #: How it came about, without a personal value; and its keyed digest, which the journal names.
    breakdown = models.JSONField()
    digest = models.CharField(max_length=64)
    #: The form version that it was computed from.
    form_hash = models.CharField(max_length=64)
    #: Sealed JSON: holder, bank, account.
    account = models.BinaryField()
    account_tail = models.CharField(max_length=4)
    #: What an officer should look at: a number that fails its own check digit.
    account_warning = models.CharField(max_length=60, blank=True)
    computed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    computed_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True)
    batch = models.ForeignKey(
        PaymentBatchRecord, models.PROTECT, null=True, related_name="payments"
    )
    #: Its number on the list, by which the finance office answers.
    reference = models.CharField(max_length=40, blank=True)
    paid_on = models.DateField(null=True)
    return_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person_index", "item_code", "period"],
                condition=~models.Q(state="replaced"),
                name="one_payment_a_person_item_and_period",
            ),
            models.CheckConstraint(
                condition=models.Q(amount_fen__gte=0), name="payment_is_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(approved_by__isnull=True)
                | ~models.Q(approved_by=models.F("computed_by")),
                name="two_people_for_an_amount",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["department", "district", "state", "since", "id"])
        ]

    def __str__(self) -> str:
        return str(self.id)
