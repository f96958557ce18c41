"""`lianban demo`: the demonstration city, its officers, and invented people at every stage."""

import argparse
import random
import sys
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction

from lianban.accounts import staff_import, staff_table
from lianban.accounts.models import RoleGrant, User
from lianban.cases import counts
from lianban.clock import now
from lianban.ops import (
    demo_astray,
    demo_dossiers,
    demo_people,
    demo_ratings,
    demo_roster,
    demo_visits,
    environment,
    people,
    simulators,
)
from lianban.ops.command import Commands
from lianban.ops.demo_results import add_one_file, show_results

#: The one password of all demonstration officers; no such account exists in production.
PASSWORD = "Liucheng-2026"
PEOPLE = 200
#: After so many people.
_COUNTED_ANEW = frozenset({5, 20, 60})


def register(subparsers: Commands) -> None:
    """Add `demo load` and `demo accounts`."""
    parser = subparsers.add_parser("demo", help="the demonstration city", description=__doc__)
    commands = parser.add_subparsers(dest="demo_command", required=True, metavar="COMMAND")
    loading = commands.add_parser("load", help="load the city and its people")
    loading.add_argument(
        "--if-empty", action="store_true", help="do nothing where a city is already"
    )
    people_ = environment.number("LIANBAN_DEMO_PEOPLE", default=PEOPLE)
    loading.add_argument("--people", type=int, default=people_, help="how many invented people")
    loading.set_defaults(act=load)
    listing = commands.add_parser("accounts", help="list the demonstration accounts")
    listing.set_defaults(act=accounts)


def load(options: argparse.Namespace) -> int:
    """Load the city, then carry its people, with progress on standard error."""
    if User.objects.exists():
        if options.if_empty:
            return 0
        print("这个数据库里已经有人员，演示数据只装进空库", file=sys.stderr)
        return 1
    with transaction.atomic():  # stopped half-way, it leaves an empty database to start from again
        load_city()
        load_people(count=options.people, at=now())
        demo_visits.open_times(at=now())
        load_roster(at=now())
        load_results(at=now())
        load_dossiers(at=now())
        demo_astray.load(at=now())
        demo_ratings.rate(at=now())
    return 0


def load_city() -> None:
    """Bring in the city from its tables; its officers share one password."""
    departments, editions = people.plans()
    tables = staff_table.read(environment.DEMO_CITY)
    staff_import.check(tables, departments=departments, editions=editions)
    if tables.complaints:
        raise ValueError("; ".join(map(str, tables.complaints)))
    same = make_password(PASSWORD)
    staff_import.apply(tables, departments=departments, hashed=lambda _start: same)
    User.objects.filter(kind=User.Kind.OFFICER).update(must_set_password=False)


def load_people(*, count: int, at: datetime) -> None:
    """Carry invented people to where they would be at `at`."""
    for done in demo_people.carry_all(count=count, at=at):
        if done in _COUNTED_ANEW:
            _count_anew()
        if done % 20 == 0 or done == count:
            print(f"演示人员 {done}/{count}", file=sys.stderr)


def _count_anew() -> None:
    """Let the database count what this transaction wrote: it plans by what it counted last."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE cases_jointcaserecord, cases_subcaserecord, cases_resultrecord")


def load_roster(*, at: datetime) -> None:
    """Bring in the roster of the first county: people who are expected, and lines to look at."""
    bureau = demo_people.Cast().bureaus()[0]
    dice = random.Random(at.year)
    numbers = [demo_people.invented_number(bureau.district or "", dice) for _ in range(8)]
    demo_roster.load(bureau, numbers=numbers, at=at)


def load_dossiers(*, at: datetime) -> None:
    """Bring in dossiers of the first county, in every state."""
    bureau = demo_people.Cast().bureaus()[0]
    dice = random.Random(at.year + 1)
    numbers = [demo_people.invented_number(bureau.district or "", dice) for _ in range(8)]
    demo_dossiers.load(bureau, numbers=numbers, at=at)


def load_results(*, at: datetime) -> None:
    """Let results go on their ways: fetched, posted, returned, electronic with a file."""
    cast = demo_people.Cast()
    for bureau in cast.bureaus():
        clerk = cast.clerk(bureau.district or "", bureau.department or "")
        show_results(clerk, at=at)
    offices = [o[0] for (_, _, role), o in cast.by_place.items() if role == "department_officer"]
    next((office for office in offices if add_one_file(office, at=at)), None)


def accounts(_options: argparse.Namespace) -> int:
    """Print who may sign in, and how many cases there are."""
    print(f"办事人员的密码都是 {PASSWORD}")
    grants = RoleGrant.objects.select_related("user__office__district").order_by(
        "user__office__district", "role", "user__username"
    )
    for grant in grants:
        office = grant.user.office
        where = office.name if office else ""
        print(f"  {grant.user.username:<20} {grant.get_role_display()}  {where}")
    print(f"退役军人用手机号登录，验证码显示在页面上，例如 {demo_people.PHONE}")
    print("部队名册上在等的人：{}，身份证号 {}（虚构）".format(*demo_roster.EXPECTED))
    print(f"联办件 {counts.cases()} 件")
    if environment.has_simulators():
        print(simulators.told(), end="")
    return 0
