"""What people did and looked at on one day, with the codes of the files, and what of it is unusual for each person."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.cache import caches
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from psycopg.types.json import Jsonb

from amparo.foundation.access.models import User
from amparo.foundation.audit import labels
from amparo.foundation.core.dates import midnight

HABIT = timedelta(days=90)
KNOWN_AFTER = 5  # days with work, before a person has a habit
FEWEST = 10  # files on a day: fewer are never unusual
FIRST_DAYS = 40  # files on a day of somebody who has no habit yet
KEPT_FROM = 500  # days with work, of all people together
QUIET_HOUR = 3  # looks in an hour in which this person never works

CODES = "codes_of_files"  # attribute of an AppConfig: the letter of its codes, and its SQL function of numbers


@dataclass
class LookCount:
    """How many looks of one day are alike: of one person, for one reason, in one hour, and as unusual as each other."""

    user_id: int
    role: str
    purpose: str
    hour: int  # in which they began, in the hotline's time zone
    is_of_file: bool
    file: UUID | None  # null: not counted by file, or no file
    first_did: list[str] | None  # verb and noun of what this person had never done; null: nothing, or no habit is known
    noun: str | None  # of what was done for the first time
    number: int
    files: int  # those which no other count of this person includes
    code: str = ""  # of the file; blank: it has none, or not counted by file
    who: User | None = None  # null: a process of ours, or somebody without an account here
    is_unusual: bool = False

    @property
    def name(self) -> str:
        return _name(self.who, self.role)

    @property
    def likeness(self) -> tuple[int, int, bool, bool]:
        """What decides whether a look is unusual."""
        return (self.user_id, self.hour, self.is_of_file, self.first_did is not None)


@dataclass
class Look:
    """One thing that one person did or looked at. `times`: how many ledger entries it stands for."""

    user_id: int
    role: str
    purpose: str
    did: list[str]  # verb and noun of each kind of entry in it
    about: str
    file: UUID | None
    since: datetime
    until: datetime
    times: int
    first_number: int | None  # null: not sealed yet
    last_number: int | None
    hour: int
    first_did: list[str] | None
    code: str = ""
    who: User | None = None
    is_unusual: bool = False

    @property
    def name(self) -> str:
        return _name(self.who, self.role)

    @property
    def role_label(self) -> str:
        return labels.role_label(self.role)

    @property
    def actions_in_words(self) -> str:
        return _in_words(self.did, self.about.partition(" ")[0])

    @property
    def why(self) -> str:
        return labels.purpose_label(self.purpose)

    @property
    def likeness(self) -> tuple[int, int, bool, bool]:
        return (self.user_id, self.hour, self.file is not None, self.first_did is not None)


def _name(who: User | None, role: str) -> str:
    return str(who) if who else labels.role_label(role)


def _in_words(did: list[str], noun: str) -> str:
    """Return at most three things that were done, in words; first those done to the file itself."""
    first = sorted(did, key=lambda act: act.split(" ", 1)[1] != noun)[:3]
    return ", ".join(dict.fromkeys(labels.verb_label(*act.split(" ", 1)) for act in first))


@dataclass(frozen=True)
class Habit:
    """What a person usually does: measured over earlier days, without those on which they did not work."""

    days: int = 0
    usual: float = 0  # files on a day, the median
    most: int = 0
    hours: frozenset[int] = frozenset()
    did: frozenset[str] = frozenset()

    @property
    def is_known(self) -> bool:
        return self.days >= KNOWN_AFTER

    @property
    def limit(self) -> int:
        """A day with this many opened files, or more, is unusual."""
        return max(FEWEST, round(2 * self.usual) + 1, self.most + 1) if self.is_known else FIRST_DAYS


@dataclass(frozen=True)
class Unusual:
    """Something that differs from a person's own habit. It is no accusation."""

    who: str
    user_id: int
    what: str
    usual: str
    counts: list[LookCount] = field(repr=False)
    rank: float  # how far from the habit: the farthest stands first


def count_looks(day: date, habits: dict[int, Habit], *, by_file: bool) -> list[LookCount]:
    """Count the looks of one day in the hotline's time zone. Empty for anybody but an auditor.

    Only with `by_file` the looks at each file are counted for themselves, and have its code.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""select user_id, role, purpose, hour, file is not null, {"file" if by_file else "null::uuid"}, first_did,
              case when first_did is not null then split_part(about, ' ', 1) end,
              count(*), count(*) filter (where is_another_file)
            from audit.looks_compared(%s, %s, %s, %s) group by 1, 2, 3, 4, 5, 6, 7, 8""",
            _compared(day, habits),
        )
        counts = [LookCount(*row) for row in cursor.fetchall()]
    codes = codes_of({count.file for count in counts if count.file})
    people = User.objects.in_bulk({count.user_id for count in counts})
    for count in counts:
        count.code, count.who = codes.get(count.file, ""), people.get(count.user_id)
    return counts


def looks_on_day(
    day: date, habits: dict[int, Habit], of: list[LookCount], *, by_file: bool, limit: int | None = None
) -> list[Look]:
    """Return the looks that stand in these counts of a day, at most `limit`, newest first."""
    same = "user_id, role, purpose, hour"
    chosen: list[Any] = [[c.user_id for c in of], [c.role for c in of], [c.purpose for c in of], [c.hour for c in of]]
    arrays = "%s::int[], %s::text[], %s::text[], %s::int[]"
    if by_file:
        same += ", coalesce(file::text, '')"
        arrays += ", %s::text[]"
        chosen.append([str(c.file or "") for c in of])
    with connection.cursor() as cursor:
        cursor.execute(
            f"""select user_id, role, purpose, did, about, file, since, until, times, first_number, last_number, hour,
              first_did
            from audit.looks_compared(%s, %s, %s, %s) where ({same}) in (select * from unnest({arrays}))
            order by until desc, since desc limit %s""",
            [*_compared(day, habits), *chosen, limit],
        )
        looks = [Look(*row) for row in cursor.fetchall()]
    unusual, people = {c.likeness for c in of if c.is_unusual}, {c.user_id: c.who for c in of}
    codes = codes_of({look.file for look in looks if look.file})
    for look in looks:
        look.code, look.who = codes.get(look.file, ""), people[look.user_id]
        look.is_unusual = look.likeness in unusual
    return looks


def _compared(day: date, habits: dict[int, Habit]) -> list[Any]:
    """Return the arguments of `audit.looks_compared`."""
    begins = midnight(day)
    known = {str(user): list(habit.did) for user, habit in habits.items() if habit.is_known}
    return [begins, begins + timedelta(days=1), timezone.get_current_timezone_name(), Jsonb(known)]


def codes_of(files: set[UUID]) -> dict[UUID | None, str]:
    """Return the codes of these files, by the id of the data key; empty for anybody but an auditor."""
    numbers = [getattr(it, CODES) for it in apps.get_app_configs() if hasattr(it, CODES)]
    each = (f"select '{letter}-' || number, file from {function}(%(files)s::uuid[])" for letter, function in numbers)
    with connection.cursor() as cursor:
        cursor.execute(" union all ".join(each), {"files": list(files)})
        return {file: code for code, file in cursor.fetchall()}


def habits_before(day: date) -> dict[int, Habit]:
    """Return each person's habit in the 90 days before, by the id of the person."""
    ends = midnight(day)
    with connection.cursor() as cursor:
        zone = timezone.get_current_timezone_name()
        cursor.execute("select * from audit.habits(%s, %s, %s)", [ends - HABIT, ends, zone])
        return {
            user: Habit(days, usual, most, frozenset(hours), frozenset(did))
            for user, days, usual, most, hours, did in cursor.fetchall()
        }


def habits_of_this_hour(day: date, *, by: User) -> dict[int, Habit]:
    """Return the habits before a day as this process read them for this auditor within the hour, or read them.

    Those of a small or new hotline are read each time: that takes milliseconds.
    """
    key = f"habits:{by.pk}:{day.isoformat()}"
    habits: dict[int, Habit] = caches["counts"].get(key) or habits_before(day)
    if sum(habit.days for habit in habits.values()) >= KEPT_FROM:
        caches["counts"].add(key, habits)
    return habits


def mark_unusual(counts: Iterable[LookCount], habits: dict[int, Habit]) -> list[Unusual]:
    """Return what is unusual among the looks of one day, the most unusual first. Sets `is_unusual` of these counts."""
    by_person: dict[int, list[LookCount]] = {}
    for count in counts:
        if count.user_id:
            by_person.setdefault(count.user_id, []).append(count)
    found = [it for user, done in by_person.items() for it in _unusual_of_person(done, habits.get(user, Habit()))]
    for it in found:
        for count in it.counts:
            count.is_unusual = True
    return sorted(found, key=lambda it: -it.rank)


def _unusual_of_person(done: list[LookCount], habit: Habit) -> Iterable[Unusual]:
    who, user = done[0].name, done[0].user_id
    opened = [count for count in done if count.is_of_file]
    files = sum(count.files for count in opened)
    if files >= habit.limit:
        what = ngettext("%(n)s file in one day", "%(n)s files in one day", files) % {"n": files}
        usual = (
            _("Usually %(usual)s, at most %(most)s.") % {"usual": round(habit.usual), "most": habit.most}
            if habit.is_known
            else _("Works here for fewer than five days, so there is no habit to compare with.")
        )
        yield Unusual(who, user, what, usual, opened, files / habit.limit)
    if not habit.is_known:
        return
    at_hours = Counter[int]()
    for count in done:
        at_hours[count.hour] += count.number
    for hour, number in sorted(at_hours.items()):
        if number >= QUIET_HOUR and not habit.hours & {hour, (hour - 1) % 24, (hour + 1) % 24}:
            what = _("worked from %(hour)02d:00 to %(next)02d:00") % {"hour": hour, "next": (hour + 1) % 24}
            then = [count for count in done if count.hour == hour]
            yield Unusual(who, user, what, _("Never at that hour in 90 days."), then, number / QUIET_HOUR / 2)
    first = [count for count in done if count.first_did]
    if first:
        actions = ", ".join(sorted({_in_words(count.first_did or [], count.noun or "") for count in first}))
        yield Unusual(who, user, actions, _("For the first time in 90 days."), first, 0.5)
