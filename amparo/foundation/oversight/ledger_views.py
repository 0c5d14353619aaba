"""The auditor's room: the looks of one day, with what is unusual first; and every entry as it was sealed."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from amparo.foundation.access import permissions
from amparo.foundation.access.models import User
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.audit import labels
from amparo.foundation.audit.models import Entry
from amparo.foundation.audit.rules import SHOWN, entries_before, sealer_status, unusual_openings_of
from amparo.foundation.core.spreadsheets import as_csv

from .forms import DayForm, EntriesForm
from .looks import (
    Habit,
    Look,
    LookCount,
    Unusual,
    codes_of,
    count_looks,
    habits_of_this_hour,
    looks_on_day,
    mark_unusual,
)

IN_A_GROUP, ALONE = 25, 500  # looks of one group that are shown: among others, and when a filter leaves it alone
HOURS, WIDE, HIGH = 24, 0.7, 120  # of the chart: columns, the part of a column that its bar fills, pixels
NIGHT = (*range(6), 22, 23)
CODE = re.compile(r"[A-Za-z]+-\d+")  # what may be the code of a file, and no name
NO_FILE = "-"  # the key of the group of all looks at no file


@dataclass(frozen=True)
class HourBar:
    """A bar of the chart by hour: x in per cent, so that the chart fits every screen; y and height in pixels."""

    hour: int
    number: int
    unusual: int
    highest: int

    @property
    def left(self) -> str:
        return _per_cent(self.hour)

    @property
    def x(self) -> str:
        return _per_cent(self.hour + (1 - WIDE) / 2)

    @property
    def middle(self) -> str:
        return _per_cent(self.hour + 1 / 2)

    @property
    def height(self) -> int:
        return round(HIGH * self.number / self.highest)

    @property
    def unusual_height(self) -> int:
        return round(HIGH * self.unusual / self.highest)

    @property
    def y(self) -> int:
        return 20 + HIGH - self.height

    @property
    def unusual_y(self) -> int:
        return 20 + HIGH - self.unusual_height

    @property
    def label_y(self) -> int:
        return self.y - 5

    @property
    def is_night(self) -> bool:
        return self.hour in NIGHT

    @property
    def label(self) -> str:
        return f"{self.hour:02d}:00"


def _per_cent(hours: float) -> str:
    """Return these hours as a percentage of a day, with a decimal point in every language, because SVG needs it."""
    return f"{100 * hours / HOURS:.2f}%"


@dataclass(frozen=True)
class LookGroup:
    key: str  # for addresses
    name: str
    note: str
    counts: list[LookCount]

    @cached_property
    def number(self) -> int:
        return sum(count.number for count in self.counts)

    @cached_property
    def unusual(self) -> int:
        return sum(count.number for count in self.counts if count.is_unusual)


@dataclass(frozen=True)
class LedgerDay:
    """What is counted of one day, what of it is unusual, and the counts that the filters of the address leave."""

    form: DayForm
    filters: dict[str, Any]
    day: date
    habits: dict[int, Habit]
    counts: list[LookCount]
    unusual: list[Unusual]
    chosen: list[LookCount]
    by_file: bool

    def looks_of(self, counts: list[LookCount], limit: int | None = None) -> list[Look]:
        return looks_on_day(self.day, self.habits, counts, by_file=self.by_file, limit=limit)


@staff(permissions.audit)
@require_GET
def ledger(request: StaffRequest) -> HttpResponse:
    """The auditor's page of one day: what is unusual, the looks in each hour, and all looks by person, file or hour."""
    it, today = _ledger_day(request), timezone.localdate()
    day, by, filters = it.day, it.filters["by"], it.filters
    groups = _groups(it.chosen, by)
    context = {
        "day": day, "before": day - timedelta(days=1), "after": day + timedelta(days=1) if day < today else None,
        "by": by, "groups_by": DayForm.GROUPS, "form": it.form, "filters": filters, "rare": it.unusual,
        "bars": _hour_bars(it.counts) if it.counts else [], "number": sum(count.number for count in it.chosen),
        "groups": groups, "looks": it.looks_of(groups[0].counts, ALONE) if len(groups) == 1 else [],
        "query": urlencode({name: value for name, value in filters.items() if value not in (None, "")}),
        "sealer": sealer_status(), "reasons": _reasons(it.counts), "room": "ledger",
    }  # fmt: skip
    return render(request, "oversight/ledger.html", context)


@staff(permissions.audit)
@require_GET
def ledger_group(request: StaffRequest) -> HttpResponse:
    """Return the newest looks of one group of a day, for an auditor who opens it. Takes the filters of the page."""
    it = _ledger_day(request)
    by = it.filters["by"]
    group = next(iter(_groups(it.chosen, by)), LookGroup("", "", "", []))
    context = {"group": group, "looks": it.looks_of(group.counts, IN_A_GROUP), "by": by}
    return render(request, "oversight/_looks.html", context)


@staff(permissions.audit)
@require_GET
def ledger_csv(request: StaffRequest) -> HttpResponse:
    """Download the looks of one day as CSV, by the same filters as the page, in the order of their time."""
    it = _ledger_day(request)
    head = [_("When"), _("Until"), _("Who"), _("Role"), _("What"), _("Code"), _("Why"), _("Times"), _("Unusual")]
    rows = [_csv_row(look) for look in sorted(it.looks_of(it.chosen), key=lambda look: look.since)]
    return as_csv([head, *rows], f"ledger-{it.day.isoformat()}")


def _csv_row(look: Look) -> list[str | int]:
    since, until = (timezone.localtime(at).strftime("%Y-%m-%d %H:%M:%S") for at in (look.since, look.until))
    why = look.why or _("their current work")
    return [since, until, look.name, look.role_label, look.actions_in_words, look.code, why, look.times,
            _("yes") if look.is_unusual else ""]  # fmt: skip


def _reason_label(name: str) -> str:
    return _("their current work") if name == DayForm.WORK else labels.purpose_label(name)


def _filters(request: StaffRequest) -> tuple[DayForm, dict[str, Any]]:
    """Return the filters of the address; unless it can be read, those of today without any other filter."""
    form, today = DayForm(request.GET), timezone.localdate()
    filters = form.cleaned_data if form.is_valid() else {}
    return form, filters | {"day": min(filters.get("day") or today, today), "by": filters.get("by") or "person"}


def _ledger_day(request: StaffRequest) -> LedgerDay:
    """Count the looks of the day that the address names. Each file is counted by itself only if the address asks so."""
    form, filters = _filters(request)
    day: date = filters["day"]
    by_file = filters["by"] == "case" or bool(CODE.fullmatch(filters.get("q") or ""))
    habits = habits_of_this_hour(day, by=request.user)
    counts = count_looks(day, habits, by_file=by_file)
    unusual = mark_unusual(counts, habits)
    return LedgerDay(form, filters, day, habits, counts, unusual, _filtered(counts, filters), by_file)


def _filtered(counts: list[LookCount], filters: dict[str, Any]) -> list[LookCount]:
    why, hour, person, group = (filters.get(name) for name in ("why", "hour", "person", "group"))
    words = (filters.get("q") or "").lower()
    return [
        count
        for count in counts
        if (not why or why == (count.purpose or DayForm.WORK))
        and (hour is None or count.hour == hour)
        and (person is None or count.user_id == person)
        and (not group or group == _group_key(count, filters["by"]))
        and (not words or words == count.code.lower() or words in count.name.lower())
    ]


def _groups(counts: Iterable[LookCount], by: str) -> list[LookGroup]:
    """Group the counts; the groups with the most unusual looks stand first, then the largest; hours in their order."""
    found: dict[str, list[LookCount]] = {}
    for count in counts:
        found.setdefault(_group_key(count, by), []).append(count)
    groups = [_group(key, of, by) for key, of in found.items()]
    if by == "hour":
        return sorted(groups, key=lambda group: group.name)
    return sorted(groups, key=lambda group: (-group.unusual, -group.number, group.name))


def _group_key(count: LookCount, by: str) -> str:
    """Return what all looks of a group have in common.

    Visitors have no account and each a secret of their own: all with the same kind of secret are one group.
    """
    if by == "person":
        return f"{count.user_id} {count.role if count.user_id else count.name}"
    return f"{count.hour:02d}" if by == "hour" else count.code or NO_FILE


def _group(key: str, counts: list[LookCount], by: str) -> LookGroup:
    first = counts[0]
    if by == "person":
        note = labels.role_label(first.role) if first.who else _visitors(counts)
        return LookGroup(key, first.name, note, counts)
    return LookGroup(key, f"{key}:00" if by == "hour" else first.code or _("Without a file"), "", counts)


def _visitors(counts: list[LookCount]) -> str:
    """Return the number of visitors in words; blank if there is one. Each visitor has a role of their own."""
    number = len({count.role for count in counts})
    return ngettext("%(n)s visitor", "%(n)s visitors", number) % {"n": number} if number > 1 else ""


def _reasons(counts: list[LookCount]) -> list[tuple[str, str, int]]:
    """Return each reason that was given, its label, and the number of its looks: the most frequent first."""
    numbers = Counter[str]()
    for count in counts:
        numbers[count.purpose or DayForm.WORK] += count.number
    return [(name, _reason_label(name), numbers[name]) for name in sorted(numbers, key=lambda it: (-numbers[it], it))]


def _hour_bars(counts: list[LookCount]) -> list[HourBar]:
    number, rare = Counter[int](), Counter[int]()
    for count in counts:
        number[count.hour] += count.number
        rare[count.hour] += count.number if count.is_unusual else 0
    highest = max(number.values(), default=1)
    return [HourBar(hour, number[hour], rare[hour], highest) for hour in range(HOURS)]


@staff(permissions.audit)
@require_GET
def entries(request: StaffRequest) -> HttpResponse:
    """The page of all entries as they were sealed, newest first; or of the files that one person opened."""
    form = EntriesForm(request.GET)
    data = form.cleaned_data if form.is_valid() else {}
    before, of = data.get("before") or 2**62, data.get("opened_by")
    found = unusual_openings_of(of, before) if of else entries_before(before)
    older = found[-1].pk if len(found) == SHOWN else None
    context = {"lines": _entry_lines(found), "older": older, "person": of and User.objects.filter(pk=of).first()}
    return render(request, "oversight/entries.html", context | {"room": "ledger"})


def _entry_lines(entries: list[Entry]) -> list[dict[str, Any]]:
    """Prepare entries for the page: add the codes of files and the names of our people, which the ledger lacks."""
    codes = codes_of({entry.key for entry in entries if entry.key})
    of_people = [entry for entry in entries if entry.noun == "user"]
    people = User.objects.in_bulk({entry.user_id for entry in entries} | {_person_id(entry) for entry in of_people})
    return [
        {
            "entry": entry, "who": people.get(entry.user_id), "role": labels.role_label(entry.role),
            "did": labels.verb_label(entry.what, entry.noun), "why": labels.purpose_label(entry.purpose),
            "about": codes.get(entry.key)
            or (people.get(_person_id(entry)) if entry in of_people else _number_without_code(entry)),
        }
        for entry in entries
    ]  # fmt: skip


def _number_without_code(entry: Entry) -> str:
    """Return the number of a row that has no code, such as an edition; blank if its id is no number."""
    number = entry.about.partition(" ")[2]
    return number if number.isdigit() else ""


def _person_id(entry: Entry) -> int:
    """Return the id of the user that this entry is about."""
    return int(entry.about.partition(" ")[2])
