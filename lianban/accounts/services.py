"""Signing in. Every function here may be called by a stranger: limits count first.

The answer to a wrong, an unknown and a disabled account is the same, and takes the same time.
"""

import hmac
import re
import secrets
import unicodedata
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth import password_validation
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from lianban import vault
from lianban.accounts import limiter
from lianban.accounts.limiter import Limit
from lianban.accounts.models import OneTimeCode, User
from lianban.engine.refusal import Refused

PASSWORD_MOST = 128
CODE_LIFE = timedelta(minutes=5)
CODE_TRIES = 5
_QUARTER, _HOUR = timedelta(minutes=15), timedelta(hours=1)
_ACCOUNT_HERE = Limit("officer account and network", 10, _QUARTER)
_ACCOUNT = Limit("officer account", 100, _QUARTER)
_NETWORK = Limit("officer network", 300, _QUARTER)
_EVERYONE = Limit("officer everyone", 3000, _QUARTER)
_PASSWORD_CHANGE = Limit("password change", 20, _QUARTER)
_CODES_PHONE = Limit("codes for a phone", 10, _HOUR)
_CODES_NETWORK = Limit("codes for a network", 120, _HOUR)
_TRIES_NETWORK = Limit("code tries of a network", 300, _QUARTER)
_RECEIPT = Limit("receipt", 10, _QUARTER)
_RECEIPT_NETWORK = Limit("receipt network", 100, _QUARTER)
_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)

_TRY_CODE = """
    UPDATE accounts_onetimecode SET tries = tries + 1
    WHERE phone_blind_index = %s AND expires_at > %s AND tries < %s
    RETURNING code_hash
"""


def sign_in_officer(*, username: str, password: str, address: str, at: datetime) -> User:
    """Return the officer with this user name and password.

    `address` is the caller's IP address. Raises Refused("too_many_tries", retry_at=…) before any
    hashing, and Refused("wrong_credentials") for whatever is wrong.
    """
    account, here = username.strip().lower()[:150], limiter.network(address)
    account_here = f"{account}\n{here}"
    limiter.count(_EVERYONE, key="", at=at)
    limiter.count(_NETWORK, key=here, at=at)
    limiter.count(_ACCOUNT, key=account, at=at)
    limiter.count(_ACCOUNT_HERE, key=account_here, at=at)
    user = User.objects.filter(username=account, kind=User.Kind.OFFICER, is_active=True).first()
    # "!" is no password: Django then hashes all the same, so that the time tells nothing.
    fits = check_password(password[:PASSWORD_MOST], user.password if user else "!")
    if user is None or not fits or len(password) > PASSWORD_MOST:
        raise Refused("wrong_credentials")
    limiter.forget(_ACCOUNT_HERE, key=account_here, at=at)
    return user


def set_password(*, user_id: UUID, password: str, current: str, at: datetime) -> User:
    """Set an officer's own password and end every session signed in with the old one.

    `current` is the password so far; with only a start password, which was typed a moment ago, it
    is not asked for. Raises Refused("wrong_current"), Refused("weak_password", reasons=[…]) with
    sentences for the page, Refused("too_many_tries", retry_at=…).
    """
    limiter.count(_PASSWORD_CHANGE, key=str(user_id), at=at)
    with transaction.atomic():
        officers = User.objects.filter(kind=User.Kind.OFFICER, is_active=True)
        user = officers.select_for_update().get(pk=user_id)
        if not user.must_set_password and not user.check_password(current[:PASSWORD_MOST]):
            raise Refused("wrong_current")
        _require_strong(user, password)
        user.set_password(password)
        user.must_set_password = False
        user.auth_version += 1
        user.save(update_fields=["password", "must_set_password", "auth_version"])
    return user


def _require_strong(user: User, password: str) -> None:
    reasons: list[str] = []
    if len(password) > PASSWORD_MOST:
        reasons.append(f"密码最多 {PASSWORD_MOST} 个字符。")
    if user.username and user.username.lower() in password.lower():
        reasons.append("密码里不能有用户名。")
    if user.check_password(password):
        reasons.append("新密码不能和原来的一样。")
    try:
        password_validation.validate_password(password, user)
    except ValidationError as problem:
        reasons.extend(problem.messages)
    if reasons:
        raise Refused("weak_password", reasons=reasons)


def mobile(typed: str) -> str:
    """Return an 11-digit mainland mobile number from what was typed.

    Blanks, hyphens, full-width digits and +86 are taken. Raises Refused("bad_phone", digits=…)
    with the number of digits found.
    """
    plain = re.sub(r"[\s‐-―-]", "", unicodedata.normalize("NFKC", typed))
    plain = re.sub(r"^(\+|00)86", "", plain)
    if not _MOBILE.fullmatch(plain):
        raise Refused("bad_phone", digits=sum(sign.isdigit() for sign in plain))
    return plain


def request_code(*, phone: str, address: str, at: datetime) -> str:
    """Return a new six-digit code for a phone; an earlier one stops working.

    The door sends it. The answer is the same whether the phone is known or not.
    Raises Refused("bad_phone") or Refused("too_many_tries", retry_at=…).
    """
    number = mobile(phone)
    limiter.count(_CODES_NETWORK, key=limiter.network(address), at=at)
    limiter.count(_CODES_PHONE, key=number, at=at)
    code = f"{secrets.randbelow(10**6):06d}"
    index = vault.blind_index(number, purpose="phone")
    fresh = OneTimeCode(
        phone_blind_index=index, code_hash=_code_hash(index, code), expires_at=at + CODE_LIFE
    )
    OneTimeCode.objects.bulk_create(
        [fresh],
        update_conflicts=True,
        unique_fields=["phone_blind_index"],
        update_fields=["code_hash", "expires_at", "tries"],
    )
    return code


def sign_in_applicant(*, phone: str, code: str, address: str, at: datetime) -> User:
    """Return the account of a phone, made at the first sign-in, and use the code up.

    Raises Refused("wrong_code") for a wrong, old or used code, after five tries, and for a
    disabled account; Refused("bad_phone"), Refused("too_many_tries", retry_at=…).
    """
    number = mobile(phone)
    limiter.count(_TRIES_NETWORK, key=limiter.network(address), at=at)
    index = vault.blind_index(number, purpose="phone")
    if not _use_code(index, code=code, at=at):
        raise Refused("wrong_code")
    user = _applicant(number, index)
    if not user.is_active:
        raise Refused("wrong_code")
    return user


def request_own_code(*, user_id: UUID, address: str, at: datetime) -> tuple[str, str]:
    """Return phone and new code for a signed-in person who must show once more that it is them.

    Raises Refused("no_phone") or Refused("too_many_tries", retry_at=…).
    """
    number = _own_phone(user_id)
    return number, request_code(phone=number, address=address, at=at)


def confirm_code(*, user_id: UUID, code: str, address: str, at: datetime) -> None:
    """Use up the code that was sent to the person's own phone.

    Raises Refused("wrong_code"), Refused("no_phone"), Refused("too_many_tries", retry_at=…). Call it
    outside a transaction that a refusal would roll back: the try must count.
    """
    index = vault.blind_index(_own_phone(user_id), purpose="phone")
    limiter.count(_TRIES_NETWORK, key=limiter.network(address), at=at)
    if not _use_code(index, code=code, at=at):
        raise Refused("wrong_code", "验证码不对，或者过了时间。请核对，或者重新发一个")


def _own_phone(user_id: UUID) -> str:
    user = User.objects.filter(id=user_id, kind=User.Kind.APPLICANT, is_active=True).first()
    if user is None:
        raise Refused("no_phone", "没有绑定手机的，请带身份证和银行卡到窗口改")
    return user.read_phone()


def prove_phone(*, phone: str, code: str, address: str, at: datetime) -> str:
    """Return the mobile number whose owner knows the code that was sent to it, and use the code up.

    Raises Refused("wrong_code"), Refused("bad_phone"), Refused("too_many_tries", retry_at=…).
    """
    number = mobile(phone)
    limiter.count(_TRIES_NETWORK, key=limiter.network(address), at=at)
    if not _use_code(vault.blind_index(number, purpose="phone"), code=code, at=at):
        raise Refused("wrong_code")
    return number


def _code_hash(index: bytes, code: str) -> bytes:
    return vault.blind_index(code, purpose=f"one-time code {index.hex()}")


def _use_code(index: bytes, *, code: str, at: datetime) -> bool:
    """Count the try, compare, and let exactly one right try win."""
    with connection.cursor() as cursor:
        cursor.execute(_TRY_CODE, [index, at, CODE_TRIES])
        row = cursor.fetchone()
    if row is None or not hmac.compare_digest(bytes(row[0]), _code_hash(index, code)):
        return False
    used = OneTimeCode.objects.filter(phone_blind_index=index, code_hash=bytes(row[0])).delete()
    return used[0] == 1


def _applicant(number: str, index: bytes) -> User:
    fresh = User(kind=User.Kind.APPLICANT)
    fresh.set_phone(number)
    fresh.set_unusable_password()
    User.objects.bulk_create([fresh], ignore_conflicts=True)
    return User.objects.get(phone_blind_index=index)


def applicant_account(*, phone: str) -> User:
    """Return the account of a phone, made if there is none, for a person helped at the counter.

    Raises Refused("bad_phone").
    """
    number = mobile(phone)
    return _applicant(number, vault.blind_index(number, purpose="phone"))


def count_receipt_try(*, receipt_id: str, address: str, at: datetime) -> None:
    """Count one try to open a receipt. Raises Refused("too_many_tries", retry_at=…)."""
    here = limiter.network(address)
    limiter.count(_RECEIPT_NETWORK, key=here, at=at)
    limiter.count(_RECEIPT, key=f"{receipt_id[:64]}\n{here}", at=at)


def sweep(*, at: datetime) -> None:
    """Delete codes that ran out and attempt windows that ended; a periodic task calls this."""
    OneTimeCode.objects.filter(expires_at__lt=at).delete()
    limiter.sweep(at=at)
