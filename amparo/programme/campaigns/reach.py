"""Which departments contacted the line during a campaign, and which were silent: in bands, never in counts.

Of a department with fewer than ten contacts the map says that they are fewer than ten, or none (docs/decisions/0019).
"""

import json
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.conf import settings
from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from amparo.foundation.places import outline

from .counts import Known, known
from .models import Campaign, monday

WEEK = timedelta(weeks=1)
BANDS = (_("fewer than ten, or none"), _("10 to 19"), _("20 to 49"), _("50 to 99"), _("100 or more"))


@dataclass(frozen=True)
class Place:
    shape: outline.Outline
    band: int  # 0: fewer than ten; 1 to 4
    was_reached: bool  # the campaign names this department, or a place of it; or it names none

    @property
    def label(self) -> str | Promise:
        return BANDS[self.band]

    @property
    def step(self) -> str:
        """Shade on the map."""
        return str(self.band) if self.band else "hidden"


@dataclass(frozen=True)
class Reach:
    first: date
    last: date
    known: Known  # places; without enough, a silent department may only mean that nobody asked
    places: tuple[Place, ...]  # empty: withheld

    width, height = outline.WIDTH, outline.HEIGHT
    bands = tuple(enumerate(BANDS))[1:]

    @property
    def silent(self) -> list[str]:
        """Departments that the campaign reached and that hardly contacted the line."""
        return [place.shape.name for place in self.places if place.was_reached and not place.band]


def reach_of(campaign: Campaign, today: date) -> Reach | None:
    """Return the reach of a campaign in the whole weeks, from Monday on, that it touched and that are over.

    None: no week is over yet.
    """
    first, after = monday(campaign.starts), min(monday(campaign.ends) + WEEK, monday(today))
    if first >= after:
        return None
    with connection.cursor() as cursor:
        cursor.execute("select campaigns_bands_of_places(%s, %s, %s)", [first, after, settings.TIME_ZONE])
        found = json.loads(cursor.fetchone()[0])
    reach = Reach(first, after - timedelta(days=1), known(found["known"], found["contacts"]), ())
    if reach.known.total is None or not reach.known.is_enough:
        return reach
    named = {ubigeo[:2] for ubigeo in campaign.ubigeos}
    places = (
        Place(shape, found["bands"].get(shape.ubigeo, 0), not named or shape.ubigeo in named)
        for shape in outline.outlines()
    )
    return replace(reach, places=tuple(places))
