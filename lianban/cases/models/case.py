"""Rows of the cases room. Only this room touches them; writes of a case go through `store`."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from lianban.accounts.models import District


class EditionRecord(models.Model):
    """The documents of an edition as they were when a case pinned it."""

    hash = models.CharField(max_length=80, primary_key=True)
    edition_id = models.CharField(max_length=60)
    documents = models.JSONField()

    def __str__(self) -> str:
        return self.edition_id


class PersonRecord(models.Model):
    """A natural person, found by the keyed index of the identity number."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=50)
    #: The name with its dots folded to U+00B7, for searching.
    name_folded = models.CharField(max_length=50)
    identity_number = models.BinaryField()
    identity_index = models.BinaryField(unique=True)

    def __str__(self) -> str:
        return str(self.id)


class DraftRecord(models.Model):
    """A form that is being filled in, by a person or by a clerk with the person beside."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    applicant = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="draft"
    )
    clerk = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="drafts"
    )
    edition_id = models.CharField(max_length=60)
    edition_hash = models.CharField(max_length=80)
    district = models.ForeignKey(District, models.PROTECT)
    #: Sealed JSON: answers, fields, choices.
    content = models.BinaryField()
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.id)


class JointCaseRecord(models.Model):
    """A joint case: the engine's aggregate, and columns to find it by."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case_number = models.CharField(max_length=24, unique=True)
    person = models.ForeignKey(PersonRecord, models.PROTECT, related_name="cases")
    applicant = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="cases"
    )
    district = models.ForeignKey(District, models.PROTECT)
    channel = models.CharField(max_length=10)
    edition_id = models.CharField(max_length=60)
    edition_hash = models.CharField(max_length=80)
    state = models.CharField(max_length=20)
    since = models.DateTimeField()
    submitted_at = models.DateTimeField()
    accepted_on = models.DateField(null=True)
    #: Latest known date of its open items; provisional past the confirmed calendar.
    due_on = models.DateField(null=True)
    is_provisional = models.BooleanField(default=False)
    open_count = models.IntegerField()
    item_count = models.IntegerField()
    #: The day by which somebody must act next.
    clock_on = models.DateField(null=True)
    #: Who must act next, codes.
    next_actors = models.JSONField(default=list)
    #: The rest of the engine's aggregate.
    detail = models.JSONField()
    sequence = models.IntegerField()
    head = models.BinaryField()
    receipt_id = models.CharField(max_length=32, unique=True)
    receipt_secret = models.BinaryField()
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person"],
                condition=models.Q(
                    state__in=["submitted", "correction_due", "accepted", "in_handling"]
                ),
                name="one_open_case_a_person",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["district", "state", "submitted_at", "id"]),
            models.Index(fields=["submitted_at", "id"]),
        ]

    def __str__(self) -> str:
        return self.case_number


class SubCaseRecord(models.Model):
    """A sub-case: the engine's value in `detail`, and columns for worklists."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(JointCaseRecord, models.PROTECT, related_name="sub_cases")
    number = models.IntegerField()
    department = models.CharField(max_length=40)
    district = models.ForeignKey(District, models.PROTECT)
    state = models.CharField(max_length=20)
    outcome = models.CharField(max_length=10, blank=True)
    since = models.DateTimeField()
    due_on = models.DateField(null=True)
    is_provisional = models.BooleanField(default=False)
    clock_on = models.DateField(null=True)
    detail = models.JSONField()
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="claims"
    )
    claimed_at = models.DateTimeField(null=True)
    #: The number of the result that the department issued.
    result_number = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "number"], name="one_sub_case_an_item")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["department", "district", "clock_on", "id"],
                condition=models.Q(
                    state__in=[
                        "ready",
                        "dispatched",
                        "received",
                        "correction_due",
                        "accepted",
                        "suspended",
                        "delivering",
                    ]
                ),
                name="worklist",
            ),
            models.Index(fields=["department", "district", "since", "id"], name="done_list"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.number}"


class FormVersionRecord(models.Model):
    """What the person declared, sealed with a key of its own; erasing the key erases the version."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(JointCaseRecord, models.PROTECT, related_name="form_versions")
    version = models.IntegerField()
    wrapped_key = models.BinaryField(null=True)
    sealed = models.BinaryField()
    #: SHA-256 of the sealed bytes: the name by which an event refers to the version.
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "version"], name="form_version_order")
        ]

    def __str__(self) -> str:
        return f"{self.case_id} v{self.version}"


class MaterialRecord(models.Model):
    """One material of a case: where it stands, and who has seen the original."""

    class State(models.TextChoices):
        MISSING = "missing", "还缺"
        PROMISED = "promised", "带到窗口"
        UPLOADED = "uploaded", "已上传"
        SEEN = "seen", "原件已核"
        DEFERRED = "deferred", "容缺后补"
        WITH_DOSSIER = "with_dossier", "随档案来"

    case = models.ForeignKey(JointCaseRecord, models.PROTECT, related_name="materials")
    code = models.CharField(max_length=60)
    state = models.CharField(max_length=20, choices=State)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    seen_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "code"], name="one_material_a_case")
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.code}"


class MessageRecord(models.Model):
    """An in-app message to the person; its words come from the pinned edition when it is read."""

    case = models.ForeignKey(JointCaseRecord, models.PROTECT, related_name="messages")
    sequence = models.IntegerField()
    kind = models.CharField(max_length=40)
    item = models.IntegerField(null=True)
    at = models.DateTimeField()
    #: Proof that it was seen: when, and by which account or receipt.
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "sequence"], name="one_message_an_event")
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"


class BatchRecord(models.Model):
    """One gathering (定期汇总) of a counter's cases."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    district = models.ForeignKey(District, models.PROTECT)
    number = models.CharField(max_length=30, unique=True)
    gathered_at = models.DateTimeField()
    gathered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True)
    cases = models.ManyToManyField(JointCaseRecord, related_name="batches")

    def __str__(self) -> str:
        return self.number


class EnquiryRecord(models.Model):
    """A question beside the sub-cases, answered by a department."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(JointCaseRecord, models.PROTECT, related_name="enquiries")
    code = models.CharField(max_length=40)
    department = models.CharField(max_length=40)
    district = models.ForeignKey(District, models.PROTECT)
    due_on = models.DateField()
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "code"], name="one_enquiry_a_case")
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.code}"


class ViewRecord(models.Model):
    """Who looked at which person's full number, or opened which file, and when."""

    case_id = models.UUIDField()
    user_id = models.UUIDField(null=True)
    #: The department whose own system looked; empty for people.
    department = models.CharField(max_length=40, blank=True, default="", db_default="")
    what = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["case_id", "at"])]

    def __str__(self) -> str:
        return f"{self.what} {self.case_id}"
