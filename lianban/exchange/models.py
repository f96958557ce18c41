"""Rows of the exchange room: partners and their keys, what came in, tries, tasks and files."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models


class PartnerRecord(models.Model):
    """A system that we exchange with: a department's own, or a service such as the courier's."""

    class Mode(models.TextChoices):
        """How messages reach it."""

        PUSH = "push", "平台推送"
        POLL = "poll", "对方来取"
        FILE = "file", "文件交换"

    #: The code of the department or service in the plan.
    code = models.CharField(max_length=40, primary_key=True)
    name = models.CharField(max_length=60)
    #: The folder under `exchange/adapters` that speaks for it.
    adapter = models.CharField(max_length=40)
    mode = models.CharField(max_length=10, choices=Mode, default=Mode.PUSH)
    #: Where its system answers, without a slash at the end; empty unless it is pushed to.
    address = models.URLField(max_length=200, blank=True)
    #: Who is told first when something is wrong.
    liaison = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    connected_at = models.DateTimeField()
    #: Nothing is sent while somebody holds it.
    held_at = models.DateTimeField(null=True)
    held_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    #: Messages a minute that we send at most, and that we take at most.
    sends_a_minute = models.IntegerField(default=600)
    takes_a_minute = models.IntegerField(default=600)
    #: Failures in a row; nothing is tried before `closed_until` once they are several.
    failures = models.IntegerField(default=0)
    closed_until = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    last_ok_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=80, blank=True, default="")
    #: Calls refused for their signature, and for a clock that is wrong.
    refused_count = models.IntegerField(default=0)
    skewed_count = models.IntegerField(default=0)
    #: The minute in which calls are counted, and how many came in it.
    counted_minute = models.DateTimeField(null=True)
    counted = models.IntegerField(default=0)
    #: The last page that a polling partner was given.
    page = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return self.code


class PartnerKey(models.Model):
    """A public key (Ed25519) of a partner. Two may be valid at once, while they are changed."""

    key_id = models.CharField(max_length=80, primary_key=True)
    partner = models.ForeignKey(PartnerRecord, models.CASCADE, related_name="keys")
    public_key = models.BinaryField()
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.key_id


class SeenNonce(models.Model):
    """A nonce that a key has used; kept until no signature with it could be young enough."""

    key_id = models.CharField(max_length=80)
    nonce = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["key_id", "nonce"], name="nonce_once")
        ]
        indexes: ClassVar = [models.Index(fields=["at"])]

    def __str__(self) -> str:
        return self.key_id


class InboxMessage(models.Model):
    """A message that came in, and the answer it was given: the row and its effect are one write."""

    class State(models.TextChoices):
        """What became of it."""

        APPLIED = "applied", "已处理"
        PARKED = "parked", "待人工处理"
        REFUSED = "refused", "不予接收"
        #: Looked at by a person, who decided what to do.
        SETTLED = "settled", "已人工处理"

    partner = models.ForeignKey(PartnerRecord, models.PROTECT, related_name="received")
    message_id = models.CharField(max_length=80)
    type = models.CharField(max_length=40)
    subject = models.CharField(max_length=60)
    #: The sender's own count for this subject, where it gives one.
    partner_sequence = models.BigIntegerField(null=True)
    case_id = models.UUIDField(null=True)
    item = models.IntegerField(null=True)
    received_at = models.DateTimeField()
    #: SHA-256 (hex) of the body.
    digest = models.CharField(max_length=64)
    #: The body, sealed.
    body = models.BinaryField()
    state = models.CharField(max_length=10, choices=State)
    #: Why it was parked or refused.
    code = models.CharField(max_length=40, blank=True)
    #: What the sender was answered: status and body, with no personal value.
    answer_status = models.IntegerField(default=200)
    answer = models.JSONField(default=dict)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["partner", "message_id"], name="inbox_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["partner", "received_at"]),
            # asked for every message: how far its sender has come, and what waits for it
            models.Index(fields=["partner", "subject", "partner_sequence"], name="inbox_subject"),
            models.Index(
                fields=["case_id", "item"],
                condition=models.Q(state="parked"),
                name="inbox_parked",
            ),
            # what may have to be forgotten: asked every few minutes, of a table that only grows
            models.Index(
                fields=["received_at"], condition=~models.Q(body=b""), name="inbox_not_forgotten"
            ),
        ]

    def __str__(self) -> str:
        return self.message_id


class TryRecord(models.Model):
    """One try to send a message: when, how it ended, how long it took."""

    message = models.ForeignKey(
        "outbox.OutboxMessage", models.CASCADE, related_name="tries", db_constraint=False
    )
    partner_code = models.CharField(max_length=40)
    at = models.DateTimeField()
    #: A code of `exchange.answers`; `ok` where it arrived.
    ended = models.CharField(max_length=40)
    status = models.IntegerField(null=True)
    milliseconds = models.IntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["partner_code", "at"])]

    def __str__(self) -> str:
        return f"{self.message_id} {self.ended}"


class TaskRecord(models.Model):
    """Something in the exchange that a named person must look at."""

    class Kind(models.TextChoices):
        """Why somebody must look."""

        REFUSED = "refused", "对方拒收"
        DEAD = "dead", "多次发送失败"
        UNREACHABLE = "unreachable", "对方系统联系不上"
        MISCONFIGURED = "misconfigured", "对接设置有误"
        PARKED = "parked", "来件对不上"
        DIFFERENCE = "difference", "两边账目不一致"
        MISMATCH = "mismatch", "核验不一致"
        FILE = "file", "文件有未收的行"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20, choices=Kind)
    partner = models.ForeignKey(PartnerRecord, models.PROTECT, related_name="tasks")
    #: What it is about, so that it is opened once: a message's or a sub-case's name, or nothing.
    about = models.CharField(max_length=80, blank=True)
    case_id = models.UUIDField(null=True)
    item = models.IntegerField(null=True)
    #: A code that says more: the error, the reason of refusal, the kind of difference.
    code = models.CharField(max_length=80, blank=True)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="exchange_tasks"
    )
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "partner", "about"],
                condition=models.Q(closed_at__isnull=True),
                name="one_open_task",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.about}"


class ExchangeFile(models.Model):
    """A numbered file of file mode: handed out, or come back filled in."""

    class Direction(models.TextChoices):
        """Which way it went."""

        OUT = "out", "发出"
        IN = "in", "收回"

    class Holds(models.TextChoices):
        """What it is about."""

        ITEMS = "items", "办件"
        BOOK = "book", "对账"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partner = models.ForeignKey(PartnerRecord, models.PROTECT, related_name="files")
    direction = models.CharField(max_length=3, choices=Direction)
    holds = models.CharField(max_length=10, choices=Holds, default=Holds.ITEMS)
    #: Printed on the sheet; a file that comes back carries the number of the one it answers.
    number = models.CharField(max_length=40, unique=True)
    #: The district of the office that made it, and whose sub-cases are in it with those of the
    #: districts below; empty where it was made for the whole city.
    district = models.CharField(max_length=12, blank=True, default="")
    #: SHA-256 (hex) of the workbook, and our detached signature over it (Base64).
    digest = models.CharField(max_length=64)
    signature = models.CharField(max_length=120, blank=True)
    #: The workbook, sealed.
    content = models.BinaryField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    #: Rows in it; for one that came back, how many were taken, and the refused ones with why.
    row_count = models.IntegerField(default=0)
    taken_count = models.IntegerField(default=0)
    refused = models.JSONField(default=list)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["partner", "made_at"])]

    def __str__(self) -> str:
        return self.number


class ClockRecord(models.Model):
    """How far the clock of one of our own processes was from the database's when last measured."""

    #: What the process does, and where.
    place = models.CharField(max_length=80, primary_key=True)
    #: When, by the database's clock: the other one may be wrong.
    at = models.DateTimeField()
    #: Ahead of the database's; negative: behind.
    milliseconds = models.BigIntegerField()

    def __str__(self) -> str:
        return self.place


class HandedBook(models.Model):
    """A partner's book that was handed in (交来的账): page by page, or as a 对账表; whole, or half."""

    partner = models.ForeignKey(PartnerRecord, models.CASCADE, related_name="handed_books")
    #: The partner's own name for it; of a 对账表 the file's number.
    name = models.CharField(max_length=80)
    #: Of a 对账表: the district of the office that made it. Its lines are of that office alone.
    district = models.CharField(max_length=12, blank=True, default="")
    #: The moment of which it tells.
    as_of = models.DateTimeField()
    begun_at = models.DateTimeField()
    #: Null while pages are missing: half a book is never compared.
    completed_at = models.DateTimeField(null=True)
    #: How many pages have come, and the last line's sub-case.
    page_count = models.IntegerField(default=0)
    last = models.CharField(max_length=60, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["partner", "name"], name="handed_book_once")
        ]

    def __str__(self) -> str:
        return self.name


class HandedPage(models.Model):
    """A page of a book that was handed in. No line holds a personal value."""

    book = models.ForeignKey(HandedBook, models.CASCADE, related_name="pages")
    number = models.IntegerField()
    #: SHA-256 (hex) of the page: the same page again is known by it.
    digest = models.CharField(max_length=64)
    #: `BookLine`s in the order of names; of a 对账表 also names that the department does not have.
    lines = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["book", "number"], name="handed_page_once")
        ]

    def __str__(self) -> str:
        return f"{self.book_id}/{self.number}"


class ReconcileRecord(models.Model):
    """One comparison of our book with a partner's: when, and what was found."""

    partner = models.ForeignKey(PartnerRecord, models.CASCADE, related_name="reconciled")
    at = models.DateTimeField()
    #: Of which moment the partner's book tells, where it was handed in; null where it was read.
    book_at = models.DateTimeField(null=True)
    #: How many were sent, seen, decided, missing, contradicting, unknown.
    counts = models.JSONField(default=dict)
    #: Why the partner's book could not be read; empty where it could.
    error = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["partner", "at"])]

    def __str__(self) -> str:
        return f"{self.partner_id} {self.at:%Y-%m-%d}"
