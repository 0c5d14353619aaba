"""Which departments and districts contacted the line during a campaign, and which were silent. Only bands are shown.

Of a place with fewer than ten contacts the maps say that they are fewer than ten, or none (docs/decisions/0019). Of a
contact, only the department or the province may be known: then its district is not silent, but unknown (0055).
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from amparo.foundation.core.dates import monday_of
from amparo.foundation.places import outline, places

from .counts import KnownShare, known_share
from .models import Campaign

WEEK = timedelta(weeks=1)
BANDS = (_("fewer than ten, or none"), _("10 to 19"), _("20 to 49"), _("50 to 99"), _("100 or more"))


@dataclass(frozen=True)
class Department:
    shape: outline.Outline
    band: int  # 0: fewer than ten; 1 to 4
    was_reached: bool  # the campaign names this department, or a place of it; or it names none

    @property
    def label(self) -> str | Promise:
        return BANDS[self.band]

    @property
    def shade(self) -> str:
        """Shade on the map."""
        return str(self.band) if self.band else "hidden"


@dataclass(frozen=True)
class Reach:
    """From where people contacted the line in a campaign. `bands` leaves out places with fewer than ten contacts."""

    first: date
    last: date
    known: KnownShare  # contacts with a known place; if few, a silent department may mean that nobody asked
    in_districts: KnownShare  # of these, with a known district
    bands: Mapping[str, int]  # of departments and districts, by ubigeo
    coarse_departments: frozenset[str]  # their districts are withheld: too few are known, or they would tell too much
    named: tuple[str, ...]  # the places of the campaign, by ubigeo; empty: the whole country

    width, height = outline.WIDTH, outline.HEIGHT
    labels = tuple(enumerate(BANDS))[1:]

    @property
    def is_shown(self) -> bool:
        return self.known.total is not None and self.known.is_enough

    @property
    def departments(self) -> tuple[Department, ...]:
        """The departments with their bands. Empty: too few contacts have a known place."""
        if not self.is_shown:
            return ()
        return tuple(
            Department(
                shape,
                self.bands.get(shape.ubigeo, 0),
                self.names_place_within(shape.ubigeo) or self.covers(shape.ubigeo),
            )
            for shape in outline.outlines()
        )

    def shows_districts_of(self, department: str) -> bool:
        return self.is_shown and department not in self.coarse_departments

    def covers(self, ubigeo: str) -> bool:
        """Whether the campaign names this place or one around it, or names no place at all."""
        return not self.named or any(ubigeo.startswith(name) for name in self.named)

    def names_place_within(self, ubigeo: str) -> bool:
        """Whether the campaign names this place or one within it."""
        return any(name.startswith(ubigeo) for name in self.named)

    def is_silent(self, ubigeo: str) -> bool:
        """Whether a place hardly contacted the line: its department, or the district, has fewer than ten contacts.

        If its department has ten or more, a district counts as silent only if enough of these contacts name a district.
        """
        department = ubigeo[:2]
        if department not in self.bands:
            return True
        return len(ubigeo) == 6 and department not in self.coarse_departments and ubigeo not in self.bands

    @property
    def silent_places(self) -> list[str]:
        """Labels of the places that the campaign names and that hardly contacted the line."""
        if not self.is_shown:
            return []
        named = self.named or tuple(shape.ubigeo for shape in outline.outlines())
        return [places.place_label(ubigeo) for ubigeo in named if self.is_silent(ubigeo)]

    @property
    def other_silent_districts(self) -> int:
        """How many silent districts lie within the places that the campaign names.

        Districts that it names themselves, and those of silent departments, are not counted.
        """
        return sum(
            place.ubigeo[:2] in self.bands and place.ubigeo not in self.named and self.is_silent(place.ubigeo)
            for place in places.districts("")
            if self.is_shown and self.covers(place.ubigeo)
        )

    @property
    def closest_maps(self) -> list[tuple[str, str]]:
        """Ubigeo and label of each department or province whose map shows a place of the campaign most closely."""
        codes = dict.fromkeys(ubigeo[:4] for ubigeo in self.named)
        return [(code, places.place_label(code)) for code in codes]

    @property
    def names_of_coarse_departments(self) -> list[str]:
        """Names of the campaign's departments whose districts are withheld: whether these are silent is not known."""
        coarse = self.coarse_departments
        return [each.shape.name for each in self.departments if each.was_reached and each.shape.ubigeo in coarse]


def reach_of(campaign: Campaign, today: date) -> Reach | None:
    """Return the reach of a campaign in the whole weeks, from Monday on, that it touched and that are over.

    None: no week is over yet.
    """
    first, after = monday_of(campaign.starts), min(monday_of(campaign.ends) + WEEK, monday_of(today))
    if first >= after:
        return None
    sizes = Counter(place.ubigeo[:2] for place in places.districts(""))
    with connection.cursor() as cursor:
        cursor.execute(
            "select campaigns_bands_of_places(%s, %s, %s, %s)", [first, after, settings.TIME_ZONE, json.dumps(sizes)]
        )
        found = json.loads(cursor.fetchone()[0])
    bands = {ubigeo: band for ubigeo, band in {**found["departments"], **found["districts"]}.items() if band}
    return Reach(
        first, after - timedelta(days=1), known_share(found["known"], found["contacts"]),
        known_share(found["in_districts"], found["known"]), bands, frozenset(found["coarse"]), tuple(campaign.ubigeos),
    )  # fmt: skip
