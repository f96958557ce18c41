"""Results: what was issued, how it goes to the person, and the envelopes that carry it."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from lianban.accounts.models import District, Office
from lianban.cases.models.case import JointCaseRecord, SubCaseRecord
from lianban.cases.models.signatures import SignatureRecord


class PostingRecord(models.Model):
    """One batch of envelopes that a desk makes ready together."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=30, unique=True)
    district = models.ForeignKey(District, models.PROTECT)
    office = models.ForeignKey(Office, models.PROTECT, null=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["district", "made_at", "id"])]

    def __str__(self) -> str:
        return self.number


class MailRecord(models.Model):
    """One envelope of a batch: everything that goes to one person in it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    posting = models.ForeignKey(PostingRecord, models.PROTECT, related_name="mails")
    case = models.ForeignKey(JointCaseRecord, models.PROTECT, related_name="mails")
    carrier = models.CharField(max_length=30, blank=True)
    tracking_number = models.CharField(max_length=40, blank=True)
    posted_at = models.DateTimeField(null=True)
    returned_at = models.DateTimeField(null=True)
    #: A code of the plan's reasons.
    return_reason = models.CharField(max_length=60, blank=True)
    received_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["posting", "case"], name="one_envelope_a_person")
        ]
        indexes: ClassVar = [models.Index(fields=["tracking_number"])]

    def __str__(self) -> str:
        return str(self.id)


class ResultRecord(models.Model):
    """The result of one granted item; a new decision after a reopening gets a row of its own."""

    class State(models.TextChoices):
        TO_HAND_OVER = "to_hand_over", "待领取"
        TO_POST = "to_post", "待邮寄"
        POSTED = "posted", "在路上"
        RETURNED = "returned", "被退回"
        HANDED_OVER = "handed_over", "已交给本人"
        ELECTRONIC = "electronic", "电子版"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sub_case = models.ForeignKey(SubCaseRecord, models.PROTECT, related_name="results")
    #: Of the decision: whose it is, in words that stay as they were.
    department = models.CharField(max_length=40)
    district = models.ForeignKey(District, models.PROTECT)
    office = models.ForeignKey(Office, models.PROTECT, null=True)
    office_name = models.CharField(max_length=80)
    number = models.CharField(max_length=60, blank=True)
    issued_on = models.DateField()
    verification_code = models.CharField(max_length=16, unique=True)
    withdrawn_at = models.DateTimeField(null=True)
    way = models.CharField(max_length=20)
    state = models.CharField(max_length=20, choices=State)
    #: When it came to its present state.
    since = models.DateTimeField()
    #: The file, sealed as an applicant's files are; `digest` is the plain SHA-256 of the file.
    file_name = models.CharField(max_length=120, blank=True)
    content_type = models.CharField(max_length=40, blank=True)
    size = models.IntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)
    content = models.BinaryField(null=True)
    #: The pick-up code, sealed, and the index by which a desk finds it.
    code = models.BinaryField(null=True)
    code_index = models.BinaryField(null=True, db_index=True)
    #: The envelope that it is in, or was in last.
    mail = models.ForeignKey(MailRecord, models.PROTECT, null=True, related_name="results")
    #: `self`, `agent` or `courier`; empty where it was noted without more.
    handed_to = models.CharField(max_length=10, blank=True)
    handed_over_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    signature = models.ForeignKey(SignatureRecord, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["sub_case"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="one_standing_result",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["district", "state", "since", "id"])]

    def __str__(self) -> str:
        return str(self.id)
