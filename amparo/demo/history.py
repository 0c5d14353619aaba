"""The command `amparo demo history`: invented contacts of the last months, and what follows from them.

They fill the pictures of the campaign and of the performance. An edition of the figures is then published from them,
and with it the press note that cites it.
"""

import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from amparo.figures.publishing.models import Edition
from amparo.figures.publishing.rules import draft_edition, publish_edition
from amparo.figures.snapshot.rules import newest_countable
from amparo.foundation.access.models import User
from amparo.foundation.core.actor import SWITCHBOARD, acting_as
from amparo.foundation.core.refusal import Misconfigured
from amparo.line.contacts.models import Contact
from amparo.line.contacts.picklists import HeardOfUs, Type
from amparo.line.contacts.rules import open_contact
from amparo.line.switchboard.models import Call, State
from amparo.programme.campaigns.models import Spot
from amparo.programme.events.models import Event
from amparo.programme.news.models import Note
from amparo.programme.news.rules import publish_note
from amparo.screens.desk.news_views import citable

SEED = 1  # the same months each time
PLACES = ("15", "15", "15", "08", "08", "17", "16", "21", "04", "")
TYPES = (Type.INFORMATION, Type.INFORMATION, Type.PREVENTION, Type.REPORT, Type.ASSISTANCE, Type.CRISIS)
# Enough were asked for the split of the calls to be shown.
SOURCES = (
    HeardOfUs.RADIO, HeardOfUs.RADIO, HeardOfUs.POSTER, HeardOfUs.SOCIAL_MEDIA, HeardOfUs.TV, HeardOfUs.EVENT,
    HeardOfUs.FRIEND, HeardOfUs.NOT_KNOWN, HeardOfUs.NOT_ASKED, HeardOfUs.NOT_ASKED,
)  # fmt: skip
# Days before today with contacts; contacts on each, and how many times as many since the campaign began.
DAYS, A_DAY, LIFT, OF_THE_CAMPAIGN = 200, 3.2, 1.3, 25
A_DAY_AFTER, A_DAY_BEFORE = 22, 13  # contacts on a day after the performance, and on the same days before
type Tell = Callable[[str], None]


def play(tell: Tell) -> None:
    """Create the contacts once, publish their edition, and then the note that cites it."""
    now, ana = timezone.now(), User.objects.get(username="ana")
    paula, bruno = User.objects.get(username="paula"), User.objects.get(username="bruno")
    quarter = newest_countable(now)
    if Edition.objects.filter(first_day=quarter.first).exists():
        raise Misconfigured("The invented history is there already.")
    chance, made = random.Random(SEED), 0
    for at, line in _moments(now, chance):
        _contact(at, line, ana, chance)
        made += 1
        if made % 100 == 0:
            tell(f"{made} invented contacts")
    tell(f"{made} invented contacts in all.")
    edition = publish_edition(draft_edition(quarter, by=paula, now=now), by=bruno, now=now)
    tell(f"{paula} drafted the figures of {edition.quarter}, and {bruno} published them: /figures")
    with acting_as(paula.acting()):
        drafts = list(Note.objects.filter(published_at=None).exclude(drafted_by=paula))
    for note in drafts:
        publish_note(note, citations={each.marker: each for each, _label in citable()}, by=paula, now=now)
        tell(f"{paula} published the note that cites them: /news/{note.slug}")


def _moments(now: datetime, chance: random.Random) -> Iterator[tuple[datetime, str]]:
    """When each contact begins, and on which number of the hotline."""
    morning = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    for ago in range(DAYS, 0, -1):
        mean = A_DAY * (LIFT if ago <= OF_THE_CAMPAIGN else 1)
        for _ in range(max(1, round(chance.gauss(mean, 1)))):
            yield morning - timedelta(days=ago) + timedelta(hours=chance.uniform(7, 22)), ""
    with acting_as(User.objects.get(username="carla").acting()):
        spots, event = list(Spot.objects.in_order()), Event.objects.newest_first()[0]
    for spot, after in zip(spots, (16, 24), strict=False):
        for week in range(5):
            for _ in range(after if week == 0 else 4):
                yield spot.aired_at - timedelta(weeks=week) + timedelta(minutes=chance.uniform(1, 115)), spot.line
    for day in range(3):
        for week in range(5):
            for _ in range(A_DAY_AFTER if week == 0 else A_DAY_BEFORE - week):
                at = event.starts_at + timedelta(days=day) - timedelta(weeks=week)
                yield at + timedelta(hours=chance.uniform(0.1, 23.9)), ""


def _contact(at: datetime, line: str, ana: User, chance: random.Random) -> None:
    with acting_as(SWITCHBOARD):
        call = Call.objects.create(
            line=line, state=State.ENDED, arrived_at=at, answered_at=at, ended_at=at, operators=[ana.pk]
        )
    with transaction.atomic():
        contact = open_contact(call, by=ana, now=at)
        with acting_as(ana.acting()):
            Contact.objects.filter(pk=contact.pk).update(
                state="wrapped", type=chance.choice(TYPES), ubigeo=chance.choice(PLACES), safe_to_talk="yes",
                heard_of_us=chance.choice(SOURCES), ended=at + timedelta(minutes=9),
            )  # fmt: skip
