"""The invented months: the pages count what the recipe says, and an interrupted build is finished, not repeated."""

from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from amparo.demo import houses, people, programme
from amparo.demo.history import building, conversations, progress, recipe
from amparo.figures.publishing.analysis.answers import Published, answer
from amparo.figures.publishing.analysis.breakdowns import BREAKDOWNS
from amparo.figures.publishing.analysis.periods import Period
from amparo.figures.publishing.models import CrossedYear
from amparo.figures.snapshot.months import Month, Quarter
from amparo.figures.snapshot.rules import newest_countable_quarter
from amparo.foundation.access.models import User
from amparo.foundation.core import published_documents
from amparo.foundation.core.actor import SWITCHBOARD, acting_as
from amparo.foundation.core.small_counts import rounded_or_hidden
from amparo.line.contacts.models import Contact
from amparo.line.contacts.picklists import SUBSTANTIVE
from amparo.line.contacts.rules import open_contact
from amparo.line.roster.cover import local_hour
from amparo.line.switchboard.models import Call, Ending, State
from amparo.programme.campaigns import counts
from amparo.programme.campaigns.models import Campaign
from amparo.programme.campaigns.reach import reach_of
from amparo.screens.supervision import wallboard
from amparo.screens.supervision.measures import work_of_month

MONTHS = 1
COUNTED = {Ending.GAVE_UP: "abandoned", Ending.MESSAGE: "left_message", Ending.SILENCE: "cut_off"}


@pytest.fixture
def invented(db):
    people.invent_people()
    houses.invent_houses()
    programme.invent_programme()
    _forget()
    yield
    _forget()
    for folder in ("events", "testimonies", "plan", "news"):
        published_documents.replace_documents(folder, {})


def _forget() -> None:
    progress._path().unlink(missing_ok=True)


def _recipe() -> list[recipe.PastCall]:
    return recipe.past_calls(*_built())


def _built() -> tuple[datetime, int, recipe.CampaignEffects]:
    state = progress.read_progress()
    assert state
    return state.now, state.months, building.campaign_effects(User.objects.get(username="carla"))


@pytest.mark.usefixtures("invented")
def test_an_interrupted_build_goes_on_and_the_pages_count_what_the_recipe_says(monkeypatch):
    """One build for both: each takes ten seconds."""
    build_in_two_parts(monkeypatch)
    month_and_wallboard_count_what_the_recipe_says()
    a_second_build_writes_nothing()


def build_in_two_parts(monkeypatch):
    class Interrupted(Exception):
        pass

    def stop_at(number: int, *more: object) -> None:
        if number == 30:
            raise Interrupted
        write(number, *more)

    write = conversations.write_call
    monkeypatch.setattr(conversations, "write_call", stop_at)
    with pytest.raises(Interrupted):
        building.build_history(lambda what: None, MONTHS)
    assert building.is_build_wanted()
    monkeypatch.undo()
    building.build_history(lambda what: None, MONTHS)
    planned = len(_recipe())
    with acting_as(SWITCHBOARD):
        assert Call.objects.count() == planned
    assert not building.is_build_wanted()


def a_second_build_writes_nothing():
    with acting_as(User.objects.get(username="marta").acting()):
        numbers = Contact.objects.count()
    building.build_history(lambda what: None, MONTHS)
    with acting_as(User.objects.get(username="marta").acting()):
        assert Contact.objects.count() == numbers


def month_and_wallboard_count_what_the_recipe_says():
    calls, chats = _recipe(), recipe.past_chats(*_built())
    marta, now = User.objects.get(username="marta"), timezone.now()
    first = recipe.first_day(now, MONTHS)
    for month in (first, timezone.localdate(now).replace(day=1)):
        then = local_hour((month + timedelta(days=31)).replace(day=1))
        offered = [it for it in calls if it.is_offered and local_hour(month) <= it.arrived < then]
        expected = Counter("answered" if it.is_answered else COUNTED[Ending(it.ending)] for it in offered)
        with acting_as(marta.acting()):
            found = {it.measure.name: it.value for it in work_of_month(month, now).total}
        assert found["offered"] == len(offered)
        assert month > first or len(offered) > 40
        assert {name: found[name] for name in ("answered", *COUNTED.values())} == {
            name: expected[name] for name in ("answered", *COUNTED.values())
        }
        written = [it for it in chats if local_hour(month) <= it.begun < then]
        with acting_as(marta.acting()):
            assert work_of_month(month, now).written[0].value == len(written)
        assert month > first or len(written) > 2
        by_language = Counter(it.language for it in offered)
        with acting_as(marta.acting()):
            lines = [line.values[0].value for line in work_of_month(month, now).by_language]
        assert lines == [by_language[code] for code in ("es", "qu", "en")]
    carla, since = (
        User.objects.get(username="carla"),
        building.campaign_effects(User.objects.get(username="carla")).since,
    )
    for word in ("DOS VECES", "TERMINAL"):
        heard = sum(it.contact is not None and it.contact.fields.get("heard_code") == word for it in calls)
        with acting_as(carla.acting()):
            found = counts.count_brought(local_hour(since), now, "", word, None).contacts
        assert found == rounded_or_hidden(heard)
    with acting_as(carla.acting()):
        reach = reach_of(Campaign.objects.get(), timezone.localdate(now))
    assert "Ate, Lima, Lima" in reach.silent_places  # reached by the campaign, but nobody called
    called = {it.contact.fields.get("place") for it in calls if it.contact and it.arrived >= local_hour(since)}
    assert called >= set(programme.CALLING)
    assert programme.SILENT not in called
    today = [it for it in calls if it.is_offered and it.arrived >= local_hour(timezone.localdate(now))]
    with acting_as(marta.acting()):
        assert wallboard.numbers(now).offered == len(today)


@pytest.mark.usefixtures("invented")
def test_earlier_months_have_figures_and_what_is_recorded_meanwhile_stays_first_on_the_list():
    """Figures by year, and one quarter by months. Whatever the day, 24 months before the last one hold one whole year,
    and the quarter before the newest.
    """
    with connection.cursor() as cursor:
        cursor.execute("delete from news_note")  # one would cite what is published when this test's transaction ends
    ana, now = User.objects.get(username="ana"), timezone.now()
    call = Call.objects.create(arrived_at=now, answered_at=now, state=State.TALKING, operators=[ana.pk])
    own = open_contact(call, by=ana, now=now)
    building.build_history(lambda what: None, MONTHS, earlier=24)
    state = progress.read_progress()
    counted = [it for it in recipe.earlier_calls(state.now, MONTHS, 24) if it.contact.type in SUBSTANTIVE]
    published = Published.read()
    year = min((it for it in published.periods if not it.part and it.first == it.last), key=lambda it: it.first)
    found = answer(published, BREAKDOWNS["contacts.contacts_by_department"], year)
    begins, ends = (local_hour(date(first, 1, 1)) for first in (year.first, year.first + 1))
    of_the_year = [it for it in counted if begins <= it.arrived < ends]
    assert abs(found.total - len(of_the_year)) <= 2.5
    assert found.total > 300
    assert CrossedYear.objects.filter(year=year.first).count() == 3
    months = [it.part for it in published.periods if isinstance(it.part, Month)]
    assert {Quarter.of(it.first) for it in months} == {newest_countable_quarter(state.now).previous}
    for month in months:
        chosen = Period(month.first.year, month.first.year, month)
        total = answer(published, BREAKDOWNS["contacts.contacts_by_type"], chosen)
        exact = [it for it in counted if local_hour(month.first) <= it.arrived < month.ends]
        assert abs(total.total - len(exact)) <= 2.5
    with acting_as(SWITCHBOARD):
        before = Call.objects.count()
    building.build_history(lambda what: None, MONTHS, earlier=24)  # a second start writes nothing twice
    with acting_as(SWITCHBOARD):
        assert Call.objects.count() == before
    first = local_hour(recipe.first_day(state.now, MONTHS))
    caused = building.campaign_effects(User.objects.get(username="carla"))
    kept = {it.arrived for it in recipe.past_calls(state.now, MONTHS, caused) if it.arrived < first}  # of its events
    with acting_as(ana.acting()):
        earlier = Contact.objects.filter(started__lt=first)
        assert not earlier.exclude(call__arrived_at__in=kept).exists()  # forgotten
    what_somebody_recorded_while_the_months_were_built_is_first_on_the_list(own, ana, now)


def what_somebody_recorded_while_the_months_were_built_is_first_on_the_list(own: Contact, ana: User, now: datetime):
    with acting_as(ana.acting()):
        listed = list(Contact.objects.newest_of(ana))
    assert listed[0] == own
    earlier = [contact.started for contact in listed if contact.started < now - timedelta(days=2)]
    assert len(earlier) > 10
    assert earlier == sorted(earlier, reverse=True)


@pytest.mark.usefixtures("invented")
def test_a_line_that_took_a_call_gets_no_invented_past():
    assert building.is_build_wanted()  # the control
    with acting_as(SWITCHBOARD):
        Call.objects.create(arrived_at=timezone.now())
    assert not building.is_build_wanted()
