"""Build the invented months with the real actions, each at its invented time. What was built is not built again.

Each call, with all that followed from it, is one transaction. So an interrupted build is consistent, and the next start
continues it.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from amparo.figures.publishing.models import Edition
from amparo.figures.publishing.rules import draft_edition, publish_edition
from amparo.figures.publishing.tasks import fill_the_plan
from amparo.figures.snapshot.months import Month, Quarter
from amparo.figures.snapshot.rules import SETTLES, newest_countable_quarter
from amparo.foundation.access.models import User
from amparo.foundation.audit.labels import Purpose
from amparo.foundation.core import accounts
from amparo.foundation.core.actor import SWITCHBOARD, acting_as
from amparo.foundation.core.home import set_permissions
from amparo.foundation.oversight.models import AccessReason
from amparo.foundation.oversight.openings import open_file
from amparo.foundation.vault.retention import destroy_due_keys
from amparo.line.contacts.models import Contact, DataSubjectRequest
from amparo.line.contacts.picklists import HeardOfUs
from amparo.line.contacts.rights import receive_request
from amparo.line.roster.cover import local_hour
from amparo.line.roster.models import ShiftHandOver
from amparo.line.roster.rules import hand_over_shift
from amparo.line.switchboard.models import Call
from amparo.programme.campaigns.models import Campaign, Spot
from amparo.programme.campaigns.picklists import Medium
from amparo.programme.events.models import Event
from amparo.programme.news.models import Note
from amparo.programme.news.rules import publish_note
from amparo.programme.plan import public as public_plan
from amparo.programme.plan.models import Plan
from amparo.programme.plan.publication_rules import propose_publication, show_publication
from amparo.screens.desk.hand_over import sheet_of
from amparo.screens.desk.news_views import citable_figures

from ..programme import SILENT
from ..services import invent_more_services
from . import cases, conversations, progress, recipe
from .chats import write_chats
from .progress import BuildProgress
from .reviews import plan_ahead, review_weeks

NICENESS = 15  # calls come first
REPORT_EVERY = 20  # calls
ALERTED_AT = 25  # files outside one's work within seven days (oversight)
SPOT_BRINGS = {"radio": (18, 5), "tv": (22, 5)}  # calls within two hours, and in the same hours of other weeks
SPOT_LASTS, EVENT_LASTS = timedelta(hours=1.9), timedelta(days=3)
HEARD = {"radio": HeardOfUs.RADIO, "tv": HeardOfUs.TV}

type Tell = Callable[[str], None]


def build_beside_the_line(tell: Tell) -> None:
    """Build the invented months with low priority, in a process of its own, unless `is_build_wanted` says no."""
    if not is_build_wanted():
        return
    os.nice(NICENESS)
    build_history(tell, recipe.MONTHS, recipe.EARLIER)
    if accounts.has_account_per_process():
        set_permissions(settings.ENVIRONMENT)  # the web process reads what was published


def is_build_wanted() -> bool:
    """True if a build was begun here and not completed, or if there are no calls yet."""
    before = progress.read_progress()
    if before:
        return not before.is_complete
    with acting_as(SWITCHBOARD):
        return not Call.objects.exists()


def build_history(tell: Tell, months: int, earlier: int = 0) -> None:
    """Build what is missing of the last `months`, and, for figures alone, of the `earlier` months before them.

    A build that was begun before keeps its own numbers of months, and the arguments are ignored.
    """
    with connection.cursor() as cursor:
        cursor.execute("set synchronous_commit = off")  # it waits for no disk; what a crash takes is built again
    state = progress.read_progress() or BuildProgress(timezone.now().isoformat(), months, 0, 0, earlier=earlier)
    people = {user.username: user for user in User.objects.filter(is_invented=True).select_related("agency")}
    caused = campaign_effects(people["carla"])
    calls = recipe.past_calls(state.now, state.months, caused)
    state = replace(state, planned=len(calls))
    progress.write_progress(state)
    invent_more_services(people["delia"], state.now)
    _write_months(calls, people, state, tell)
    write_chats(recipe.past_chats(state.now, state.months, caused), people, state.now)
    invent_data_request(people, state.now)
    open_too_many_files(people["marta"], state.now)
    hand_over_invented_shift(people["rufino"], state.now)
    review_weeks(people, state.now)
    plan_ahead(people["marta"], state.now)
    _write_earlier_months(people, state)
    _publish_figures(people, state.now, state.months + state.earlier)
    destroy_due_keys(state.now)  # as each night of those months would have
    progress.write_progress(replace(state, built=len(calls), is_complete=True))
    tell(f"The invented months are whole: {len(calls)} calls.")


def campaign_effects(carla: User) -> recipe.CampaignEffects:
    """Return how the invented campaign's spots and performance change the calls of the recipe."""
    with acting_as(carla.acting()):
        since = Campaign.objects.order_by("pk")[0].starts
        spots, event = list(Spot.objects.in_order()), Event.objects.newest_first()[0]
    of_spots = [
        recipe.Push(spot.aired_at, SPOT_LASTS, *SPOT_BRINGS[spot.medium], HEARD[spot.medium], spot.line, spot.code)
        for spot in spots
        if spot.medium in SPOT_BRINGS
    ]
    pushes = (*of_spots, recipe.Push(event.starts_at, EVENT_LASTS, 33, 10, HeardOfUs.EVENT))
    shared = "".join(spot.code for spot in spots if spot.medium == Medium.SOCIAL)
    words = dict.fromkeys((HeardOfUs.SOCIAL_MEDIA, HeardOfUs.POSTER), shared)
    return recipe.CampaignEffects(since, pushes, words, SILENT)


def _write_months(calls: list[recipe.PastCall], people: dict[str, User], state: BuildProgress, tell: Tell) -> None:
    with acting_as(SWITCHBOARD):
        known = set(Call.objects.values_list("pk", flat=True))
    case = 0
    for number, past in enumerate(calls):
        case += past.becomes_a_case
        if conversations.id_of_call(number) not in known:
            with transaction.atomic():
                contact = conversations.write_call(number, past, people, state.now)
                if contact and past.becomes_a_case:
                    cases.write_case(contact, case, people, state.now)
        if number % REPORT_EVERY == 0:
            progress.write_progress(replace(state, built=number))
        if number % (len(calls) // 6) == 0:
            tell(f"The invented months are being built: {100 * number // len(calls)} %.")


def _write_earlier_months(people: dict[str, User], state: BuildProgress) -> None:
    """Write the calls, contacts and cases of the earlier months, one month at a time, as far as figures count them."""
    calls = recipe.earlier_calls(state.now, state.months, state.earlier)
    for month, past_calls in groupby(calls, key=lambda past: timezone.localdate(past.arrived).replace(day=1)):
        with acting_as(SWITCHBOARD):
            is_written = Call.objects.filter(
                arrived_at__gte=local_hour(month), arrived_at__lt=Month(month).ends
            ).exists()
        if is_written:
            continue
        conversations.write_forgotten_month(list(past_calls), people, state.now)


def invent_data_request(people: dict[str, User], now: datetime) -> None:
    """Record that a person asked some days ago to read their data; nobody has answered yet."""
    ana = people["ana"]
    with acting_as(ana.acting()):
        if DataSubjectRequest.objects.exists():
            return
        closed = Contact.objects.visible_to(ana).filter(operator=ana, ended__lt=now - timedelta(days=4))
        contact = closed.order_by("-started")[0]
    receive_request(contact, "read_back", by=ana, now=now - timedelta(days=3))


def open_too_many_files(marta: User, now: datetime) -> None:
    """Let the supervisor open so many old contacts that an alert goes to another institution's auditor."""
    with acting_as(marta.acting()):
        if AccessReason.objects.exists():
            return
        oldest = list(Contact.objects.visible_to(marta).order_by("started")[:ALERTED_AT])
    for contact in oldest:
        open_file(contact, purpose=Purpose.REVIEW, by=marta, now=now)


def hand_over_invented_shift(rufino: User, now: datetime) -> None:
    """Let an operator hand over a shift. Nobody acknowledges it, so the page has something to show."""
    with acting_as(rufino.acting()):
        if ShiftHandOver.objects.exists():
            return
        counts = sheet_of(rufino, now).counts
    hand_over_shift(counts, "Inventado: el teléfono del segundo puesto no suena.", by=rufino, now=now)


def _publish_figures(people: dict[str, User], now: datetime, months: int) -> None:
    """Publish the figures of each quarter (of one of them, month by month), then the plan and the note that cites them.

    Two people publish an edition: paula drafts it, and bruno publishes it.
    """
    paula, bruno = people["paula"], people["bruno"]
    quarter, last = Quarter.of(recipe.first_day(now, months)), newest_countable_quarter(now)
    if quarter.first < recipe.first_day(now, months):
        quarter = Quarter(quarter.first_day_after)
    by_months = last.previous  # not the last one: the newest edition should be of a whole quarter
    while quarter <= last:
        for period in quarter.months if quarter == by_months else [quarter]:
            at = period.ends + SETTLES + timedelta(days=2)
            if not Edition.objects.filter(first_day=period.first).exists():
                publish_edition(draft_edition(period, by=paula, now=min(at, now)), by=bruno, now=min(at, now))
        quarter = Quarter(quarter.first_day_after)
    if not Edition.objects.published().exists():
        return  # too few months for a whole quarter
    _fill_and_publish_plan(people["pilar"], bruno, now)
    with acting_as(paula.acting()):
        drafts = list(Note.objects.filter(published_at=None).exclude(drafted_by=paula))
    for note in drafts:
        publish_note(note, citations={each.marker: each for each, _label in citable_figures()}, by=paula, now=now)


def _fill_and_publish_plan(pilar: User, bruno: User, now: datetime) -> None:
    """Fill the plan's automatic indicator from the published figures, as the worker does, and publish the plan.

    Two people show a plan: pilar proposes it, and bruno shows it.
    """
    fill_the_plan(int(now.timestamp()))
    with acting_as(pilar.acting()):
        plan = Plan.objects.select_related("law").get(is_invented=True)
        seen = public_plan.digest_of(public_plan.public_document(plan, now))
    proposed = propose_publication(plan, seen=seen, by=pilar, now=now)
    show_publication(proposed, seen=seen, by=bruno, now=now)
