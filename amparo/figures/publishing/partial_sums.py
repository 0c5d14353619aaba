"""What a published sum is called: a sum that leaves months out names those that it holds, and never says "in all"."""

from collections.abc import Iterable, Sequence

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from amparo.figures.snapshot.months import CalendarYear, Month, Months
from amparo.figures.snapshot.tables import Definition


def months_in_words(months: Sequence[Month], left_out: Iterable[Months]) -> str:
    """Return the months of a sum in words: "January to September 2026". Blank: it leaves none out.

    `months`: all of the period, in order. `left_out`: the months, quarters and years that are not in the sum.
    """
    missing = {month for part in left_out for month in part.months}
    counted = [month for month in months if month not in missing]
    if len(counted) == len(months):
        return ""
    if not counted:
        return _("no month")
    runs: list[list[Month]] = []
    for month in counted:
        if runs and runs[-1][-1] == month.previous:
            runs[-1].append(month)
        else:
            runs.append([month])
    *most, last = [_run_in_words(run[0], run[-1]) for run in runs]
    return _("%(most)s and %(last)s") % {"most": ", ".join(most), "last": last} if most else last


def total_label(definition: Definition, months: str) -> str:
    """Return what a sum is called. `months`: from `months_in_words`; blank: it holds all months of its period."""
    if not months:
        return str(definition.total_label)
    if definition.allows_several_cells:
        return str(capfirst(_("%(months)s, also those in no part") % {"months": months}))
    return str(capfirst(months))


def _run_in_words(first: Month, last: Month) -> str:
    """Return a run of months in words. Full years are named by their numbers."""
    if (first.first.month, last.first.month) == (1, CalendarYear.length):
        years = first.first.year, last.first.year
        return str(years[0]) if years[0] == years[1] else f"{years[0]}–{years[1]}"
    if first == last:
        return str(first)
    if first.first.year != last.first.year:
        return _("%(first)s to %(last)s") % {"first": first, "last": last}
    names = {"first": date_format(first.first, "F"), "last": date_format(last.first, "F"), "year": last.first.year}
    return _("%(first)s to %(last)s %(year)s") % names
