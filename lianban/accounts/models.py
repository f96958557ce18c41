"""Rows of the accounts room: districts, offices, users, their roles, codes and limits.

Departments are plan data and stand here only as codes. The natural person with an identity number
is not here but in the cases room: an account says who signed in, not whom a case is about.
"""

from __future__ import annotations

import uuid
from typing import ClassVar, Self

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.crypto import salted_hmac

from lianban import vault


class District(models.Model):
    """An administrative division by its GB/T 2260 code; the city at the top, counties below."""

    class Level(models.TextChoices):
        CITY = "city"
        COUNTY = "county"

    code = models.CharField(max_length=12, primary_key=True)
    name = models.CharField(max_length=60)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True)
    level = models.CharField(max_length=10, choices=Level)
    policy_edition = models.CharField(max_length=60, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["code"]

    def __str__(self) -> str:
        return self.name


class Office(models.Model):
    """A department's office in a district; `department` is a code of the plan."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    department = models.CharField(max_length=40)
    district = models.ForeignKey(District, models.PROTECT)
    name = models.CharField(max_length=80)
    phone = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=200, blank=True)
    is_counter = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["district", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district", "name"], name="office_name_in_district"),
        ]
        indexes: ClassVar = [models.Index(fields=["department", "district"])]

    def __str__(self) -> str:
        return self.name


class User(AbstractBaseUser):
    """One who signs in: an officer by user name and password, an applicant by phone and code."""

    class Kind(models.TextChoices):
        OFFICER = "officer"
        APPLICANT = "applicant"

    last_login = None

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=Kind)
    username = models.CharField(max_length=60, unique=True, null=True, blank=True)
    name = models.CharField(max_length=60, blank=True)
    office = models.ForeignKey(Office, models.PROTECT, null=True, blank=True)
    phone = models.BinaryField(null=True)
    phone_blind_index = models.BinaryField(null=True, unique=True)
    must_set_password = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    auth_version = models.IntegerField(default=1)

    USERNAME_FIELD = "username"
    objects: ClassVar[BaseUserManager[Self]] = BaseUserManager()

    class Meta:
        ordering: ClassVar = ["username"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="user_signs_in_by_one_way",
                condition=models.Q(
                    kind="officer", username__isnull=False, phone_blind_index__isnull=True
                )
                | models.Q(
                    kind="applicant", username__isnull=True, phone_blind_index__isnull=False
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.username or str(self.id)

    def _get_session_auth_hash(self, secret: str | bytes | None = None) -> str:
        """Bind a session to password and `auth_version`: raising the version ends every session."""
        state = f"{self.password} {self.auth_version}"
        return salted_hmac(
            "lianban.accounts.session", state, secret=secret, algorithm="sha256"
        ).hexdigest()

    def set_phone(self, number: str) -> None:
        """Seal a mobile number (11 digits) to this row and index it."""
        self.phone = vault.encrypt(
            number.encode(), table="accounts_user", column="phone", row=str(self.id)
        )
        self.phone_blind_index = vault.blind_index(number, purpose="phone")

    def read_phone(self) -> str:
        """Return the mobile number, or "" for an officer. Raises vault.Unreadable."""
        if self.phone is None:
            return ""
        return vault.decrypt(
            bytes(self.phone), table="accounts_user", column="phone", row=str(self.id)
        ).decode()


class Role(models.TextChoices):
    """What an officer is entrusted with; which commands that opens stands in `permissions`."""

    COUNTER_CLERK = "counter_clerk", "综合窗口人员"
    BUREAU_OFFICER = "bureau_officer", "退役军人事务部门经办人"
    BUREAU_HEAD = "bureau_head", "退役军人事务部门负责人"
    DEPARTMENT_OFFICER = "department_officer", "部门经办人"
    ADMINISTRATOR = "administrator", "系统管理员"


class RoleGrant(models.Model):
    """One role of one officer."""

    user = models.ForeignKey(User, models.CASCADE, related_name="role_grants")
    role = models.CharField(max_length=20, choices=Role)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "role"], name="role_once_per_user"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"


class OneTimeCode(models.Model):
    """The one living sign-in code of a phone; code and phone only as keyed digests."""

    phone_blind_index = models.BinaryField(primary_key=True)
    code_hash = models.BinaryField()
    expires_at = models.DateTimeField()
    tries = models.IntegerField(default=0)

    def __str__(self) -> str:
        return "one-time code"


class AttemptWindow(models.Model):
    """How often a rule was met by a key within one fixed window of time."""

    rule = models.CharField(max_length=40)
    key = models.BinaryField()
    window_at = models.DateTimeField()
    count = models.IntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["rule", "key", "window_at"], name="attempt_window"),
        ]
        indexes: ClassVar = [models.Index(fields=["window_at"])]

    def __str__(self) -> str:
        return f"{self.rule} {self.count}"
