"""What people did and looked at on one day, with the codes of the files, and what of it is unusual for each person."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from uuid import UUID

from django.apps import apps
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amparo.foundation.access.models import User
from amparo.foundation.audit import labels
from amparo.foundation.core.dates import midnight

HABIT = timedelta(days=90)
KNOWN_AFTER = 5  # days with work, before a person has a habit
FEWEST = 10  # files on a day: fewer are never unusual
FIRST_DAYS = 40  # files on a day of somebody who has no habit yet
QUIET_HOUR = 3  # looks in an hour in which this person never works

CODES = "codes_of_files"  # attribute of an AppConfig: the letter of its codes, and its SQL function of numbers


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
    hour: int  # in which it began, in the hotline's time zone
    code: str = ""  # of the file; blank: it has none
    who: User | None = None  # null: a process of ours, or somebody without an account here
    is_unusual: bool = False

    @property
    def name(self) -> str:
        return str(self.who) if self.who else labels.role_label(self.role)

    @property
    def role_label(self) -> str:
        return labels.role_label(self.role)

    @cached_property
    def actions_in_words(self) -> str:
        """At most three things that were done, in words; first those done to the file itself."""
        noun = self.about.partition(" ")[0]
        return ", ".join(dict.fromkeys(labels.verb_label(*act.split(" ", 1)) for act in self._acts(noun)))

    def _acts(self, noun: str) -> list[str]:
        return sorted(self.did, key=lambda act: act.split(" ", 1)[1] != noun)[:3]

    @property
    def why(self) -> str:
        return labels.purpose_label(self.purpose)


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
    looks: list[Look] = field(repr=False)
    rank: float  # how far from the habit: the farthest stands first


def looks_on_day(day: date) -> list[Look]:
    """Return the looks of one day in the hotline's time zone, newest first. Empty for anybody but an auditor."""
    begins = midnight(day)
    with connection.cursor() as cursor:
        hour = "extract(hour from since at time zone %s)::int"
        zone = timezone.get_current_timezone_name()
        cursor.execute(f"select *, {hour} from audit.looks(%s, %s)", [zone, begins, begins + timedelta(days=1)])
        looks = [Look(*row) for row in cursor.fetchall()]
    codes = codes_of({look.file for look in looks if look.file})
    people = User.objects.in_bulk({look.user_id for look in looks})
    for look in looks:
        look.code, look.who = codes.get(look.file, ""), people.get(look.user_id)
    return looks


def codes_of(files: set[UUID]) -> dict[UUID | None, str]:
    """Return the codes of these files, by the id of the data key; empty for anybody but an auditor."""
    codes: dict[UUID | None, str] = {}
    for letter, function in (getattr(it, CODES) for it in apps.get_app_configs() if hasattr(it, CODES)):
        with connection.cursor() as cursor:
            cursor.execute(f"select file, number from {function}(%s::uuid[])", [list(files)])
            codes |= {file: f"{letter}-{number}" for file, number in cursor.fetchall()}
    return codes


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


def mark_unusual(looks: Iterable[Look], habits: dict[int, Habit]) -> list[Unusual]:
    """Return what is unusual among the looks of one day, the most unusual first. Sets `is_unusual` of these looks."""
    by_person: dict[int, list[Look]] = {}
    for look in looks:
        if look.user_id:
            by_person.setdefault(look.user_id, []).append(look)
    found = [it for user, done in by_person.items() for it in _unusual_of_person(done, habits.get(user, Habit()))]
    for it in found:
        for look in it.looks:
            look.is_unusual = True
    return sorted(found, key=lambda it: -it.rank)


def _unusual_of_person(done: list[Look], habit: Habit) -> Iterable[Unusual]:
    who, user = done[0].name, done[0].user_id
    opened = [look for look in done if look.file]
    files = len({look.file for look in opened})
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
    for hour, number in sorted(Counter(look.hour for look in done).items()):
        if number >= QUIET_HOUR and not habit.hours & {hour, (hour - 1) % 24, (hour + 1) % 24}:
            what = _("worked from %(hour)02d:00 to %(next)02d:00") % {"hour": hour, "next": (hour + 1) % 24}
            at_that_hour = [look for look in done if look.hour == hour]
            yield Unusual(who, user, what, _("Never at that hour in 90 days."), at_that_hour, number / QUIET_HOUR / 2)
    first = [look for look in done if not habit.did & set(look.did)]
    if first:
        actions = ", ".join(sorted({look.actions_in_words for look in first}))
        yield Unusual(who, user, actions, _("For the first time in 90 days."), first, 0.5)
