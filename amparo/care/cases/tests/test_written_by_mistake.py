"""Events marked as mistakes appear only on the timeline."""

import pytest
from django.test import Client

from amparo.care.cases.models import Case, Event
from amparo.care.cases.picklists import EventKind
from amparo.care.cases.rules import add_event, add_member, close_case, mark_event_as_mistake, write_note
from amparo.care.cases.timeline import timeline
from amparo.foundation.audit.models import Entry as InLedger
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.pagination import PER_PAGE
from amparo.foundation.core.refusal import Refused

WORDS = "invented words of what happened"


@pytest.fixture
def event(case, ana, now) -> Event:
    where = {"ubigeo": "0801", "country": "PE", "words": WORDS}
    return add_event(case.persons[0], EventKind.RECRUITMENT, by=ana, now=now, **where)


def words_of(case: Case) -> list[str]:
    return [entry.sentence for entry in timeline(case).rows if "Cusco" in entry.sentence]


def at(user) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user)
    return client


def test_a_mistaken_event_is_hidden_and_the_timeline_shows_it(case, event, ana, ines, now):
    add_member(case, ines, by=ana, now=now)
    mark_event_as_mistake(event, by=ines, now=now)
    right = add_event(case.persons[0], EventKind.RECRUITMENT, by=ines, now=now, ubigeo="17", country="PE")
    assert (list(Event.objects.all()), list(case.persons[0].events.all())) == ([right], [right])
    assert words_of(case) == [
        "Taken out, written by mistake: recruitment, Cusco, Cusco.",
        "What happened to the person: recruitment, Cusco, Cusco.",
    ]
    assert case.entries.get(kind="taken_out").by == ines


def test_the_timeline_names_a_mistaken_event_however_old(case, event, ana, now):
    for _each in range(PER_PAGE):
        write_note(case, "invented", by=ana, now=now)
    mark_event_as_mistake(event, by=ana, now=now)
    assert words_of(case) == ["Taken out, written by mistake: recruitment, Cusco, Cusco."]


def test_marking_a_mistake_twice_adds_one_entry(case, event, ana, now):
    mark_event_as_mistake(event, by=ana, now=now)
    mark_event_as_mistake(Event.all_objects.get(pk=event.pk), by=ana, now=now)
    assert case.entries.filter(kind="taken_out").count() == 1


def test_in_a_closed_case_it_stays(case, event, ana, now):
    close_case(case, "safe", by=ana, now=now)
    with pytest.raises(Refused, match="The case is closed"):
        mark_event_as_mistake(event, by=ana, now=now)
    assert Event.objects.get() == event


def test_a_stranger_finds_nothing_to_take_out(case, event, stranger, outsider, now):
    for user, why in ((stranger, Case.DoesNotExist), (outsider, Refused)):
        with pytest.raises(why), acting_as(user.acting()):
            mark_event_as_mistake(event, by=user, now=now)
    assert Event.objects.get() == event


def test_it_is_in_the_ledger(case, event, ana, now):
    mark_event_as_mistake(event, by=ana, now=now)
    assert InLedger.objects.filter(key=case.key_id, what="mark_event_as_mistake").exists()


def test_on_the_page_of_the_person(case, event, ana, stranger, now):
    where = f"/cases/{case.pk}/people/{event.person_id}"
    out = f"{where}/events/{event.pk}/out"
    assert (out in at(ana).get(where).content.decode(), WORDS in at(ana).get(where).content.decode()) == (True, True)
    assert at(stranger).post(out).status_code == 404
    assert at(ana).get(out).status_code == 405
    for _time in range(2):
        assert at(ana).post(out)["Location"] == where
    shown = at(ana).get(where).content.decode()
    assert (out in shown, WORDS in shown) == (False, False)
    assert "Taken out, written by mistake" in at(ana).get(f"/cases/{case.pk}?language=en").content.decode()


def test_only_that_of_this_very_person_and_none_once_it_is_closed(case, event, ana, now):
    caller = case.persons.get(part="caller")
    assert at(ana).post(f"/cases/{case.pk}/people/{caller.pk}/events/{event.pk}/out").status_code == 404
    close_case(case, "safe", by=ana, now=now)
    where = f"/cases/{case.pk}/people/{event.person_id}"
    assert at(ana).post(f"{where}/events/{event.pk}/out").status_code == 409
    assert f"{event.pk}/out" not in at(ana).get(where).content.decode()
    assert Event.objects.get() == event
