"""Bring a city's districts, offices, officers and roles into the database from its tables.

First everything is checked and every complaint collected; only a table without complaints is
written, in one transaction. Doing it again changes nothing. What a table leaves out stays.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import QuerySet

from lianban.accounts import officers
from lianban.accounts.models import District, Office, Role, RoleGrant, User
from lianban.accounts.staff_table import Row, Tables

_LEVELS = {
    "市": District.Level.CITY,
    "city": District.Level.CITY,
    "区县": District.Level.COUNTY,
    "区": District.Level.COUNTY,
    "县": District.Level.COUNTY,
    "county": District.Level.COUNTY,
}
_YES_NO = {"是": True, "否": False, "": False, "yes": True, "no": False, "1": True, "0": False}
_CODE = re.compile(r"\d{6}(\d{6})?", re.ASCII)
_ROLES = {role.label: role.value for role in Role} | {role.value: role.value for role in Role}
OfficeKey = tuple[str, str]
Key = TypeVar("Key")


@dataclass
class Done:
    """How many rows of each sheet were added, changed and left, and the new start passwords."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    start_passwords: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, dict[str, int]]:
        """Return the counts as `{"offices": {"added": 1, …}, …}`."""
        sheets = ("districts", "offices", "officers", "roles")
        states = ("added", "changed", "unchanged")
        return {sheet: {state: self.counts[sheet, state] for state in states} for sheet in sheets}


def check(tables: Tables, *, departments: Mapping[str, str], editions: frozenset[str]) -> None:
    """Add to the tables' complaints whatever would make them wrong as a whole.

    `departments` maps the plan's codes to their names; either may stand in a table.
    """
    districts = _check_districts(tables, editions)
    offices = _check_offices(tables, districts, departments)
    usernames = _check_officers(tables, offices)
    _check_roles(tables, usernames)


def apply(
    tables: Tables,
    *,
    departments: Mapping[str, str],
    progress: Callable[[str], None] = lambda username: None,
    hashed: Callable[[str], str] = make_password,
) -> Done:
    """Write checked tables, all or nothing. `progress` hears each new officer's user name.

    New officers get a start password, which they replace when they first sign in; an officer
    whose office or roles changed must sign in again. `hashed` makes what is kept of a password,
    slowly by intention. Raises ValueError if there are complaints.
    """
    if tables.complaints:
        raise ValueError("these tables have complaints and are not written")
    done = Done()
    with transaction.atomic():
        _write_districts(tables, done)
        _write_offices(tables, done, departments)
        _write_officers(tables, done, progress, hashed)
        _write_roles(tables, done)
    return done


# Checking ------------------------------------------------------------------------------------


def _check_districts(tables: Tables, editions: frozenset[str]) -> set[str]:
    kept = dict(District.objects.values_list("code", "level"))
    levels = kept | {row["code"]: _LEVELS.get(row["level"], "") for row in tables.rows["districts"]}
    seen: dict[str, int] = {}
    for row in tables.rows["districts"]:
        _check_once(tables, row, "code", row["code"], seen)
        if row["code"] and not _CODE.fullmatch(row["code"]):
            tables.complain(row, "code", "区划代码是 6 位或 12 位数字（GB/T 2260）")
        if row["level"] and row["level"] not in _LEVELS:
            tables.complain(row, "level", f"写“市”或“区县”，不能写“{row['level']}”")
        if row["edition"] and row["edition"] not in editions:
            known = "、".join(sorted(editions))
            tables.complain(row, "edition", f"没有方案 {row['edition']}，现有：{known}")
        _check_parent(tables, row, levels)
    return set(levels)


def _check_parent(tables: Tables, row: Row, levels: Mapping[str, str]) -> None:
    level, parent = _LEVELS.get(row["level"]), row["parent"]
    if level == District.Level.CITY and parent:
        tables.complain(row, "parent", "市一级不用写上级代码")
    elif level == District.Level.COUNTY and levels.get(parent) != District.Level.CITY:
        tables.complain(row, "parent", f"找不到上级市“{parent}”，请先在“区划”里写上这个市")


def _check_offices(
    tables: Tables, districts: set[str], departments: Mapping[str, str]
) -> set[OfficeKey]:
    known = {*departments, *departments.values()}
    seen: dict[OfficeKey, int] = {}
    for row in tables.rows["offices"]:
        _check_once(tables, row, "office", (row["district"], row["office"]), seen)
        if row["district"] and row["district"] not in districts:
            tables.complain(row, "district", f"“区划”里没有 {row['district']}")
        if row["department"] and row["department"] not in known:
            listed = "、".join(departments.values())
            tables.complain(
                row, "department", f"方案里没有部门“{row['department']}”，可以写：{listed}"
            )
        if row["is_counter"].lower() not in _YES_NO:
            tables.complain(row, "is_counter", "写“是”或“否”")
    return set(seen) | set(Office.objects.values_list("district_id", "name"))


def _check_officers(tables: Tables, offices: set[OfficeKey]) -> set[str]:
    kept = set(_kept_officers().values_list("username", flat=True))
    with_role = {row["role_username"].lower() for row in tables.rows["roles"]}
    seen: dict[str, int] = {}
    for row in tables.rows["officers"]:
        username = row["username"].lower()
        _check_once(tables, row, "username", username, seen)
        if username and not officers.is_username(username):
            tables.complain(row, "username", "用户名要 2 到 60 位，只用字母、数字、点和连字符")
        if username not in kept and username not in with_role:
            tables.complain(row, "username", "这个人还没有角色，请在“角色”里加一行")
        place = (row["office_district"], row["officer_office"])
        if all(place) and place not in offices:
            tables.complain(
                row, "officer_office", f"区划 {place[0]} 里没有单位“{place[1]}”，请核对“办事机构”"
            )
    return set(seen) | {name for name in kept if name}


def _check_roles(tables: Tables, usernames: set[str]) -> None:
    for row in tables.rows["roles"]:
        if row["role_username"] and row["role_username"].lower() not in usernames:
            tables.complain(row, "role_username", f"“人员”里没有 {row['role_username']}")
        if row["role"] and row["role"] not in _ROLES:
            listed = "、".join(Role.labels)
            tables.complain(row, "role", f"没有角色“{row['role']}”，可以写：{listed}")


def _check_once(tables: Tables, row: Row, column: str, key: Key, seen: dict[Key, int]) -> None:
    if key in seen:
        tables.complain(row, column, f"和第 {seen[key]} 行重复，请留一行")
    seen.setdefault(key, row.number)


# Writing -------------------------------------------------------------------------------------


def _kept_officers() -> QuerySet[User]:
    return User.objects.filter(kind=User.Kind.OFFICER)


def _write_districts(tables: Tables, done: Done) -> None:
    rows = sorted(tables.rows["districts"], key=lambda row: bool(row["parent"]))
    for row in rows:
        values = {
            "name": row["name"],
            "level": _LEVELS[row["level"]],
            "parent_id": row["parent"] or None,
            "policy_edition": row["edition"],
        }
        if not _keep(District.objects.filter(code=row["code"]).first(), values, "districts", done):
            District.objects.create(code=row["code"], **values)


def _write_offices(tables: Tables, done: Done, departments: Mapping[str, str]) -> None:
    codes = {name: code for code, name in departments.items()}
    for row in tables.rows["offices"]:
        key = {"district_id": row["district"], "name": row["office"]}
        values = {
            "department": codes.get(row["department"], row["department"]),
            "phone": row["phone"],
            "address": row["address"],
            "is_counter": _YES_NO[row["is_counter"].lower()],
        }
        if not _keep(Office.objects.filter(**key).first(), values, "offices", done):
            Office.objects.create(**key, **values)


def _keep(
    kept: District | Office | None, values: Mapping[str, object], sheet: str, done: Done
) -> bool:
    """Bring a kept row to these values and count it; False says that it must be made."""
    if kept is None:
        done.counts[sheet, "added"] += 1
        return False
    changed = {name for name, value in values.items() if getattr(kept, name) != value}
    for name in changed:
        setattr(kept, name, values[name])
    if changed:
        kept.save(update_fields=sorted(changed))
    done.counts[sheet, "changed" if changed else "unchanged"] += 1
    return True


def _write_officers(
    tables: Tables, done: Done, progress: Callable[[str], None], hashed: Callable[[str], str]
) -> None:
    offices = {(one.district_id, one.name): one for one in Office.objects.all()}
    kept = {user.username: user for user in _kept_officers()}
    for row in tables.rows["officers"]:
        username = row["username"].lower()
        office = offices[row["office_district"], row["officer_office"]]
        user = kept.get(username)
        if user is None:
            progress(username)
            start = officers.new_start_password()
            fresh = User(kind=User.Kind.OFFICER, username=username, must_set_password=True)
            fresh.name, fresh.office = row["officer"], office
            fresh.password = hashed(start)
            fresh.save(force_insert=True)
            done.start_passwords[username] = start
            done.counts["officers", "added"] += 1
        elif (user.name, user.office_id) == (row["officer"], office.id):
            done.counts["officers", "unchanged"] += 1
        else:
            user.auth_version += user.office_id != office.id
            user.name, user.office = row["officer"], office
            user.save(update_fields=["name", "office", "auth_version"])
            done.counts["officers", "changed"] += 1


def _write_roles(tables: Tables, done: Done) -> None:
    """Give each officer named in the sheet exactly the roles that the sheet gives."""
    wanted: dict[str, set[str]] = {}
    for row in tables.rows["roles"]:
        wanted.setdefault(row["role_username"].lower(), set()).add(_ROLES[row["role"]])
    users = _kept_officers().filter(username__in=wanted).prefetch_related("role_grants")
    for user in users:
        assert user.username is not None
        now = {grant.role for grant in user.role_grants.all()}
        roles = wanted[user.username]
        if now == roles:
            done.counts["roles", "unchanged"] += 1
            continue
        user.role_grants.exclude(role__in=roles).delete()
        RoleGrant.objects.bulk_create(RoleGrant(user=user, role=role) for role in roles - now)
        if now:
            user.auth_version += 1
            user.save(update_fields=["auth_version"])
        done.counts["roles", "changed" if now else "added"] += 1
