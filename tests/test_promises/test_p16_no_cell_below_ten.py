"""P16: No published figure shows or implies a count below ten, neither alone nor beside what was published before."""

import csv
import io
import itertools
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from amparo.figures.protection import rules as suppression
from amparo.figures.protection.rules import REST, SafeTable, SafeYear, protect, protect_again, protect_year
from amparo.figures.publishing.models import Edition
from amparo.figures.publishing.rules import draft_edition, publish_edition
from amparo.figures.publishing.sheets import ReadableEdition
from amparo.figures.snapshot.months import Quarter
from amparo.figures.snapshot.rules import count_months, newest_countable_quarter
from amparo.foundation.access.models import Role, User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.foundation.core.small_counts import SMALLEST, round_to_five
from amparo.line.contacts.models import Contact
from amparo.line.contacts.picklists import State, Type
from tests.repetitions import repeat

from .access import colleague, contact_of

UNIQUES = 1_000
MOST = repeat(9, 12)  # of three cells together, where all counts are tried
DEPARTMENTS = ["not said", *(f"department {n}" for n in range(25))]
TABLES = st.lists(st.integers(0, 60), min_size=2, max_size=26).map(lambda counts: dict(zip(DEPARTMENTS, counts)))  # noqa: B905

Range = tuple[float, float]


# What is shown.


@given(TABLES, TABLES)
def test_no_number_that_is_shown_is_below_ten(counts, later):
    released = protect(counts)
    for each in (released, protect_again([released], counts | {cell: later.get(cell, 0) for cell in counts})):
        assert all(round_to_five(number) >= 10 for number in each.shown.values())
        assert each.total is None or each.total >= 10


# Who knows the rule, and tries all counts there are: on a scale where two are a crowd.


@pytest.fixture
def small_scale(monkeypatch):
    monkeypatch.setattr(suppression, "SMALLEST", 2)
    monkeypatch.setattr(suppression, "ENOUGH", 3)


def all_counts(cells: str, most: int) -> list[dict[str, int]]:
    every = itertools.product(range(most + 1), repeat=len(cells))
    return [dict(zip(cells, counts, strict=True)) for counts in every if sum(counts) <= most]


def part_of(counts: dict[str, int], part: str, published: SafeTable) -> int:
    return sum(counts[cell] for cell in published.hidden) if part == REST else counts[part]


def seen(published: SafeTable) -> tuple:
    return tuple(published.shown.items()), published.hidden, published.total


def worked_out(first: Callable, again: Callable, cells: str = "abc", most: int = MOST) -> list[tuple]:
    """What somebody learns of a count, or a change, below two from two editions and from how many there are now."""
    worlds, found = defaultdict(list), []
    every = all_counts(cells, most)
    for then in every:
        released = first(then)
        before = seen(released)
        for now in every:
            worlds[before, seen(again([released], now)), sum(now.values())].append((then, now, released))
    for (_, (_, _, total), size), possible in worlds.items():
        released = possible[0][2]
        if released.total is None or size < suppression.ENOUGH:  # then nobody is told how many there are now
            continue
        for cell, when in itertools.product(released.hidden, (0, 1)):
            values = {world[when][cell] for world in possible}
            found += [(cell, values)] if min(values) < 2 and not {0, 1} <= values else []
        for part in released.parts if total is not None and len(released.parts) > 1 else ():
            changes = {part_of(now, part, released) - part_of(then, part, released) for then, now, _ in possible}
            found += [(part, changes)] if min(map(abs, changes)) < 2 and not {-1, 0, 1} <= changes else []
    return found


@pytest.mark.soak
@pytest.mark.parametrize(("cells", "most"), [("ab", repeat(18, 24)), ("abc", MOST), ("abcd", repeat(6, 8))])
def test_whoever_tries_all_counts_works_nothing_out(small_scale, cells, most):
    assert worked_out(protect, protect_again, cells, most) == []


def small_ones_alone(counts: dict[str, int]) -> SafeTable:
    """What is often done: a cell below ten is hidden, and the total told."""
    hidden = tuple(cell for cell, count in counts.items() if count < SMALLEST)
    shown = {cell: count for cell, count in counts.items() if cell not in hidden}
    return SafeTable(shown, hidden, sum(counts[cell] for cell in hidden))


def test_the_control_hiding_small_cells_alone_is_worked_out(small_scale):
    assert worked_out(small_ones_alone, protect_again)


def test_the_control_counting_anew_without_a_look_at_what_was_told_is_worked_out(small_scale):
    assert worked_out(protect, lambda earlier, now: protect(now))


def test_the_control_hidden_ones_that_are_too_few_together_are_worked_out(small_scale, monkeypatch):
    monkeypatch.setattr(suppression, "_is_unknowable", lambda hidden, earlier, now: True)
    assert worked_out(protect, protect_again)


# Who has the real tables, and narrows each hidden one by the sums.


def narrowed(published: SafeTable) -> dict[str, Range]:
    """Between what and what each hidden cell must be, for somebody who knows order, rule, numbers and total."""
    if published.total is None:
        return {}
    order = [*published.shown, *published.hidden]
    before = [cell for cell in DEPARTMENTS if cell in order]
    first_shown = min((before.index(cell) for cell in published.shown), default=len(before))
    rest = published.total - sum(published.shown.values())
    may_be_large = {cell for cell in published.hidden if before.index(cell) < first_shown}  # the others must be small
    is_known: dict[str, Range] = {cell: (0, rest if cell in may_be_large else 9) for cell in published.hidden}
    for _round in published.hidden:
        for cell in published.hidden:
            others = [is_known[other] for other in published.hidden if other != cell]
            low, high = is_known[cell]
            is_known[cell] = max(low, rest - sum(o[1] for o in others)), min(high, rest - sum(o[0] for o in others))
    return is_known


def recovered(published: SafeTable, counts: dict[str, int]) -> int:
    """How many cells with one person in them are known to have one."""
    return sum(counts[cell] == 1 for cell, between in narrowed(published).items() if between == (1, 1))


def country(chance: random.Random) -> dict[str, int]:
    """A quarter in which one person called from one department, and from some of the others few."""
    counts = {cell: chance.choice((0, 0, chance.randint(1, 9), chance.randint(10, 300))) for cell in DEPARTMENTS}
    many = {cell: count or chance.randint(10, 300) for cell, count in counts.items()}
    return {**many, chance.choice(DEPARTMENTS): 1}


def plain_country(chance: random.Random) -> dict[str, int]:
    """A country with one unique and many contacts from everywhere else: alone, a unique is easiest to find."""
    return {**{cell: chance.randint(10, 300) for cell in DEPARTMENTS}, chance.choice(DEPARTMENTS): 1}


@pytest.mark.parametrize("invent", [country, plain_country])
def test_of_a_thousand_planted_uniques_none_is_recovered(invent):
    countries = [invent(random.Random(seed)) for seed in range(UNIQUES)]
    assert sum(recovered(protect(counts), counts) for counts in countries) == 0


def test_the_control_hidden_alone_nearly_all_are_recovered():
    countries = [plain_country(random.Random(seed)) for seed in range(UNIQUES)]
    assert sum(recovered(small_ones_alone(counts), counts) for counts in countries) == UNIQUES


# Who subtracts one edition from another.


def one_more(counts: dict[str, int], chance: random.Random) -> tuple[str, dict[str, int]]:
    """The same quarter counted again: one contact more in one department, and many more in another."""
    one, many = chance.sample([cell for cell, count in counts.items() if count >= 10], 2)
    return one, {**counts, one: counts[one] + 1, many: counts[many] + chance.randint(10, 80)}


def subtracted(before: SafeTable, after: SafeTable) -> set[str]:
    """Cells of which somebody knows that just one more was counted, also when all the others are as they were."""
    return {cell for cell, number in after.shown.items() if number - before.shown.get(cell, number) == 1}


def differences_found(again: Callable, invent: Callable = country) -> int:
    found = 0
    for seed in range(UNIQUES):
        chance = random.Random(seed)
        before = protect(counts := invent(chance))
        one, later = one_more(counts, chance)
        after = again([before], later)
        was, now = before.parts, after.parts
        difference = sum(later.values()) - sum(counts.values())  # somebody knows that, too
        elsewhere = sum(now[part] - was[part] for part in now if part in was)
        still = [part for part in now if part in was and now[part] == was[part]]
        found += one in subtracted(before, after) or (difference - elsewhere == 1 and len(still) == 1)
    return found


def test_of_a_thousand_small_changes_none_is_recovered_by_subtracting():
    assert differences_found(protect_again) == 0


def test_the_control_editions_that_do_not_look_at_each_other_are_subtracted():
    assert differences_found(lambda earlier, later: protect(later)) > UNIQUES / 2


# Who subtracts the quarters of a year from the year.


def all_years(cells: str, totals: tuple[int, ...]) -> Iterator[tuple[tuple[dict[str, int], tuple], ...]]:
    """All counts of quarters with these totals, each beside what is seen of it. Who knows the totals knows more than is
    published.
    """
    quarters = [
        [dict(zip(cells, counts, strict=True)) for counts in itertools.product(range(total + 1), repeat=len(cells))
         if sum(counts) == total] for total in totals
    ]  # fmt: skip
    return itertools.product(*([(counts, seen(protect(counts))) for counts in each] for each in quarters))


def worked_out_of_years(release: Callable, cells: str, totals: tuple[int, ...]) -> tuple[list, int]:
    """Counts below two that the year and its quarters give away, and how many years show what a quarter hides."""
    worlds, found, unlocked = defaultdict(list), [], 0
    for year_of_quarters in all_years(cells, totals):
        quarters, released = zip(*year_of_quarters, strict=True)
        year = release(quarters)
        worlds[released, seen(year.table), year.without].append(quarters)
    for (released, (shown, *_rest), _without), possible in worlds.items():
        unlocked += any(cell in hidden for cell, _count in shown for _shown, hidden, _total in released)
        for place, (_shown, hidden, _total) in enumerate(released):
            for cell in hidden:
                values = {world[place][cell] for world in possible}
                found += [(cell, values)] if min(values) < 2 and not {0, 1} <= values else []
    return found, unlocked


YEARS = [
    ("abc", (5, 5, 5)),
    ("abc", repeat((1, 2, 5, 5), (4, 5, 5, 5))),
    ("abc", (2, 2, 2, 5)),
    ("abc", (2, 5, 5)),
    ("abcd", repeat((2, 5, 5), (4, 5, 5))),
]


@pytest.mark.soak
@pytest.mark.parametrize(("cells", "totals"), YEARS)
def test_whoever_tries_all_years_works_nothing_out(small_scale, cells, totals):
    found, unlocked = worked_out_of_years(protect_year, cells, totals)
    assert found == []
    assert unlocked  # the year does show what a quarter hides


def sum_of_quarters(quarters: tuple[dict[str, int], ...]) -> SafeYear:
    """What is often done: the sum is protected as if its quarters were not published."""
    return SafeYear(protect({cell: sum(counts[cell] for counts in quarters) for cell in quarters[0]}), ())


def test_the_control_a_year_that_does_not_look_at_its_quarters_is_worked_out(small_scale):
    assert worked_out_of_years(sum_of_quarters, "abc", (5, 5, 5))[0]


def test_the_control_a_year_that_shows_what_cannot_be_shared_out_is_worked_out(small_scale, monkeypatch):
    """Without rule 3a. Nothing this small is worked out without 3b or 3c; the proof needs them."""
    monkeypatch.setattr(suppression, "_may_be_shared_out", lambda there, quarters: there >= suppression.SMALLEST)
    assert worked_out_of_years(protect_year, "abc", (5, 5, 5))[0]


def four_quarters(chance: random.Random) -> list[dict[str, int]]:
    """A year: from some places few call in each quarter, from others many; and one called once, from one of them."""
    size = {cell: chance.choice((2, 5, 30, 200)) for cell in DEPARTMENTS}
    quarters = [{cell: chance.randint(0, 2 * size[cell]) for cell in DEPARTMENTS} for _quarter in range(4)]
    place = chance.choice(DEPARTMENTS)
    return [{**counts, place: 1 if number == 1 else max(counts[place], 10)} for number, counts in enumerate(quarters)]


def found_by_subtracting(quarters: list[dict[str, int]], year: SafeTable) -> int:
    """How many people of a cell with one person in it are known from the year and its quarters, rounded or not."""
    released = [protect(counts) for counts in quarters]
    found = 0
    for cell, count in year.shown.items():
        hidden = [place for place, table in enumerate(released) if cell in table.hidden]
        left = count - sum(table.shown.get(cell, 0) for table in released)
        alone = len(hidden) == 1 or (hidden and left <= 1)
        found += bool(alone and any(quarters[place][cell] == 1 for place in hidden))
    return found


def test_of_a_thousand_planted_uniques_none_is_recovered_from_a_year():
    years_ = [four_quarters(random.Random(seed)) for seed in range(UNIQUES)]
    released = [protect_year(quarters) for quarters in years_]
    assert sum(found_by_subtracting(quarters, year.table) for quarters, year in zip(years_, released, strict=True)) == 0
    assert sum(len(year.table.shown) for year in released) > UNIQUES


def twelve_months(chance: random.Random) -> list[dict[str, int]]:
    """A year of twelve months, each published by itself."""
    size = {cell: chance.choice((1, 2, 20, 200)) for cell in DEPARTMENTS}
    months = [{cell: chance.randint(0, 2 * size[cell]) for cell in DEPARTMENTS} for _month in range(12)]
    place = chance.choice(DEPARTMENTS)
    return [{**counts, place: 1 if number == 1 else max(counts[place], 10)} for number, counts in enumerate(months)]


def quarters_and_months(chance: random.Random) -> list[dict[str, int]]:
    return [*four_quarters(chance)[:3], *twelve_months(chance)[:3]]


TOLD_BY_MONTHS = repeat(300, UNIQUES)  # years


@pytest.mark.soak
@pytest.mark.parametrize("invent", [twelve_months, quarters_and_months])
def test_of_many_planted_uniques_none_is_recovered_from_a_year_told_by_months(invent):
    years_ = [invent(random.Random(seed)) for seed in range(TOLD_BY_MONTHS)]
    released = [protect_year(months) for months in years_]
    assert sum(found_by_subtracting(months, year.table) for months, year in zip(years_, released, strict=True)) == 0
    unlocked = sum(
        any(cell in protect(counts).hidden for counts in months)
        for months, year in zip(years_, released, strict=True)
        for cell in year.table.shown
    )
    assert unlocked > TOLD_BY_MONTHS  # the year does show what months hide


def test_the_control_a_year_beside_its_months_gives_uniques_away():
    years_ = [quarters_and_months(random.Random(seed)) for seed in range(TOLD_BY_MONTHS)]
    found = sum(found_by_subtracting(months, sum_of_quarters(months).table) for months in years_)
    assert found > TOLD_BY_MONTHS / 2


def test_the_control_a_year_beside_its_quarters_gives_uniques_away():
    years_ = [four_quarters(random.Random(seed)) for seed in range(UNIQUES)]
    assert sum(found_by_subtracting(quarters, sum_of_quarters(quarters).table) for quarters in years_) > UNIQUES / 2


# What really leaves the house.


@pytest.fixture
def publishers(db) -> tuple[User, User]:
    return colleague("paula", Role.PUBLISHER), colleague("bruno", Role.PUBLISHER)


def people_called(places: dict[str, int], quarter: Quarter) -> None:
    ana, at = colleague("ana"), quarter.ends - timedelta(days=40)
    for ubigeo, many in places.items():
        for _ in range(many):
            contact = contact_of(ana)
            about = {"state": State.WRAPPED, "type": Type.REPORT, "ubigeo": ubigeo, "started": at, "ended": at}
            with acting_as(ana.acting()):
                Contact.objects.filter(pk=contact.pk).update(**about)


def numbers_told(edition: Edition) -> set[int]:
    rows = csv.DictReader(io.StringIO(ReadableEdition.of(edition.document).as_csv()))
    return {int(row["count"]) for row in rows if row["count"]}


def test_no_edition_tells_of_the_one_who_called_from_there(publishers):
    quarter = newest_countable_quarter(timezone.now())
    people_called({"15": 22, "08": 14, "25": 1, "": 32}, quarter)
    draft = draft_edition(quarter, by=publishers[0], now=timezone.now())
    edition = publish_edition(draft, by=publishers[1], now=timezone.now())
    assert numbers_told(edition) == {15, 20, 70}  # Cusco, Lima, all together; not the one, nor those who hide her


def test_no_edition_is_of_a_time_that_overlaps_another(publishers):
    quarter = newest_countable_quarter(timezone.now())
    draft_edition(quarter, by=publishers[0], now=timezone.now())
    second = quarter.months[1].first
    for first_day, months in ((quarter.first, 3), (second, 3), (quarter.first.replace(day=2), 3), (quarter.first, 2)):
        refused_by_the_database(publishers[0], quarter, first_day, months, "overlap|of_a_month_or_a_quarter")
    for month in quarter.months:
        refused_by_the_database(publishers[0], quarter, month.first, 1, "overlap")
        with pytest.raises(Refused, match="edición de estos meses"):
            draft_edition(month, by=publishers[0], now=timezone.now())
    draft_edition(quarter.previous.months[2], by=publishers[0], now=timezone.now())  # the control: the month before
    with pytest.raises(Refused, match="edición de estos meses"):
        draft_edition(quarter.previous, by=publishers[0], now=timezone.now())
    refused_by_the_database(publishers[0], quarter, quarter.previous.first, 3, "overlap")


def refused_by_the_database(publisher: User, counted: Quarter, first_day: date, months: int, why: str) -> None:
    snapshot = count_months(counted, by=publisher, now=timezone.now())
    row = {"first_day": first_day, "months": months, "drafted_at": timezone.now(), "drafted_by": publisher}
    with pytest.raises(IntegrityError, match=why), acting_as(publisher.acting()):
        Edition.objects.create(snapshot=snapshot, **row)


def test_the_control_times_that_overlap_are_subtracted():
    three_months = {"not said": 40, "north": 30, "south": 20}
    four_months = {"not said": 60, "north": 31, "south": 45}  # and so one called from the north in the fourth
    assert subtracted(protect(three_months), protect(four_months)) == {"north"}
