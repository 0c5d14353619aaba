"""The notes below numbers, on a page, a picture and a spreadsheet alike: definition, caution, rounding, licence."""

from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext as _

from amparo.figures.publishing.sheets import LICENCE
from amparo.figures.snapshot.tables import Definition

from .periods import Period


def notes(definition: Definition, period: Period, caution: str, hidden: str) -> Iterator[tuple[str, str]]:
    """Yield each note as a name and its text.

    `caution`: what the numbers do not mean. `hidden`: which numbers are not shown.
    """
    yield _("Unit"), str(definition.unit)
    yield _("Of which"), str(definition.population)
    yield _("When"), str(period)
    yield _("Counted by"), str(definition.counted_by)
    yield _("Caution"), caution
    yield _("Rounding"), _("To the nearest five. Sums of rounded numbers may differ a little from their total.")
    yield _("What is hidden"), hidden
    yield _("Licence"), LICENCE
    if settings.ENVIRONMENT.demo:
        yield _("Note"), _("Demonstration: demo data.")
