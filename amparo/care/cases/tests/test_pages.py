"""The pages of cases: what each role sees, and that a refused form comes back with its values."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from amparo.care.cases.models import Case, Event
from amparo.care.cases.rules import change_case, close_case, write_note
from amparo.care.people.models import Identity
from amparo.foundation.audit.labels import Purpose
from tests.pages import body

WORDS = "invented words of nobody"


@pytest.fixture
def at(db):
    """A test client signed in as a user."""

    def at(user) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return at


def local(moment) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%dT%H:%M}"


def page(case: Case, rest: str = "") -> str:
    return f"/cases/{case.pk}{rest}"


def test_a_case_is_opened_from_its_contact(at, ana, contact):
    answer = at(ana).post(f"/cases/from/{contact.pk}")
    assert answer["Location"] == page(Case.objects.get())
    assert at(ana).post(f"/cases/from/{contact.pk}")["Location"] == answer["Location"]


def test_the_page_tells_what_is_known_and_what_comes_next(at, ana, case, now):
    change_case(case, based_on=0, situation=WORDS, by=ana, now=now)
    shown = at(ana).get(page(case)).content.decode()
    assert case.code in shown
    assert case.persons[0].code_name in shown
    assert WORDS in shown


def test_a_stranger_gets_not_found(at, stranger, outsider, case):
    nowhere = at(stranger).get("/cases/00000000-0000-4000-8000-000000000000")
    assert body(at(stranger).get(page(case))) == body(nowhere)
    assert at(stranger).get(page(case)).status_code == 404
    assert at(outsider).get("/cases").status_code == 404


def test_a_supervisor_says_why_first(at, marta, ana, case, now):
    write_note(case, WORDS, by=ana, now=now)
    browser = at(marta)
    html = browser.get(page(case)).content.decode()
    assert WORDS not in html
    assert case.code in html
    browser.post(page(case, "/open"), {"purpose": Purpose.REVIEW})
    assert WORDS in browser.get(page(case)).content.decode()


@pytest.mark.parametrize(
    ("where", "typed"),
    [
        ("/notes", {"words": WORDS}),
        ("/situation", {"situation": WORDS, "urgency": "urgent", "based_on": 0}),
        ("/hand-overs", {"where_it_stands": WORDS}),
        ("/close", {"closing": "safe", "words": WORDS}),
        ("/take", {}),
    ],
)
def test_each_form_of_the_page_does_what_it_says(at, ana, case, where, typed):
    answer = at(ana).post(page(case, where), typed)
    assert answer["Location"] == page(case)
    assert not typed or WORDS in at(ana).get(page(case)).content.decode()


@pytest.mark.parametrize(
    ("where", "typed", "sentence"),
    [
        ("/tasks", {"kind": "call", "due": "2001-01-01T10:00", "words": WORDS}, "within a year"),
        ("/tasks", {"kind": "dance", "due": "2027-01-01T10:00", "words": WORDS}, "dance"),
        ("/close", {"closing": "", "words": WORDS}, "Why it is closed"),
        ("/situation", {"situation": WORDS, "urgency": "never", "based_on": 0}, "never"),
        ("/hand-overs", {"what_next": WORDS}, "Where it stands"),
        ("/people", {"part": "at_risk", "ubigeo_now": "Atlantis", "remarks": WORDS}, "Choose a place"),
    ],
)
def test_what_is_refused_comes_back_as_it_was_typed(at, ana, case, where, typed, sentence):
    answer = at(ana).post(page(case, where) + "?language=en", typed)
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert WORDS in shown
    assert sentence in re.search(r'role="alert">.*?<p>(.*?)</p>', shown, re.S)[1]


def test_two_who_write_the_same_are_told_and_nothing_is_lost(at, ana, ines, team, now):
    change_case(team, based_on=0, situation="what Ana wrote", by=ana, now=now)
    typed = {"situation": "what Inés wrote", "urgency": "routine", "based_on": 0}
    shown = at(ines).post(page(team, "/situation"), typed).content.decode()
    assert "what Inés wrote" in shown
    assert "what Ana wrote" in shown


def test_a_task_is_planned_done_and_moved(at, ana, case, now):
    browser, day = at(ana), timedelta(days=1)
    browser.post(page(case, "/tasks"), {"kind": "visit", "due": local(now + 2 * day), "words": WORDS})
    [task] = case.tasks.filter(kind="visit")
    browser.post(page(case, f"/tasks/{task.pk}/move"), {"due": local(now + day), "why": "she asked for it"})
    task.refresh_from_db()
    assert local(task.due) == local(now + day)
    browser.post(page(case, f"/tasks/{task.pk}/finish"), {"was_done": "yes", "result": "she came"})
    task.refresh_from_db()
    assert (task.is_open, task.was_done) == (False, True)


def test_what_comes_next_needs_a_date(at, ana, case):
    where = page(case, f"/tasks/{case.next_task.pk}/finish")
    answer = at(ana).post(where, {"was_done": "yes", "then": "call", "result": WORDS})
    assert answer.status_code == 422
    assert WORDS in answer.content.decode()
    assert case.tasks.get().is_open


def test_who_leaves_goes_back_to_the_list(at, ines, team):
    assert at(ines).post(page(team, f"/team/{ines.pk}/leave"))["Location"] == "/cases"
    assert at(ines).get(page(team)).status_code == 404


def test_a_person_is_described_and_what_happened_to_her(at, ana, case):
    browser, where = at(ana), page(case, f"/people/{case.persons[0].pk}")
    browser.post(
        where,
        {"age_at_events": "17", "gender": "feminine", "languages": ["qu"], "ubigeo_origin": "Cusco", "based_on": "0"},
    )
    browser.post(f"{where}/events", {"kind": "recruitment", "ubigeo": "Cusco", "since": "2026-10-01", "words": WORDS})
    person = case.persons[0]
    assert (person.age_at_events, person.age_certainty, person.ubigeo_origin) == (17, "estimated", "08")
    assert Event.objects.get().country == "PE"
    assert WORDS in browser.get(where).content.decode()


def test_what_happened_abroad_has_its_country_and_no_place_of_peru(at, ana, case):
    browser, where = at(ana), page(case, f"/people/{case.persons[0].pk}/events")
    both = browser.post(where, {"kind": "transit", "ubigeo": "Cusco", "country": "BO"})
    assert (both.status_code, Event.objects.count()) == (422, 0)
    browser.post(where, {"kind": "transit", "country": "BO"})
    event = Event.objects.get()
    assert (event.country, event.ubigeo, event.place) == ("BO", "", "Bolivia")
    assert "Bolivia" in browser.get(page(case, f"/people/{case.persons[0].pk}")).content.decode()


def test_what_a_colleague_wrote_of_her_meanwhile_is_compared_and_not_overwritten(at, ana, ines, team):
    person = team.persons[0]
    where = page(team, f"/people/{person.pk}")
    known = {"gender": "feminine", "languages": ["qu", "es"], "remarks": "what Ana heard", "based_on": "0"}
    assert at(ana).post(where, known).status_code == 302
    answer = at(ines).post(where + "?language=en", known | {"remarks": "what Inés heard"})
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "what Ana heard" in shown
    assert "what Inés heard" in shown
    assert shown.count("checked") == 2  # both languages are still ticked
    assert team.persons[0].remarks == "what Ana heard"
    again = known | {"remarks": "what both heard", "based_on": str(team.persons[0].version)}
    assert at(ines).post(where, again).status_code == 302
    assert team.persons[0].remarks == "what both heard"


def test_who_she_is_is_not_overwritten_unseen_either(at, ana, ines, team):
    person = team.persons[0]
    where = page(team, f"/people/{person.pk}/identity")
    at(ana).post(where, {"names": "Inventada Demo", "based_on": "0"})
    for user, name in ((ana, "Inventada Primera"), (ines, "Inventada Segunda")):
        browser = at(user)
        browser.post(f"{where}/open", {"purpose": Purpose.CARE})
        answer = browser.post(where, {"names": name, "based_on": "0"})
    assert answer.status_code == 422
    assert "Inventada Primera" in answer.content.decode()
    browser.post(where, {"names": "Inventada Tercera", "based_on": "1"})
    assert "Inventada Tercera" in browser.get(where).content.decode()


ASKS_THE_AGE = 'id="asked-now">How old were you'


def test_her_age_is_kept_where_one_listens(at, ana, case):
    browser, where = at(ana), page(case, f"/people/{case.persons[0].pk}")
    assert ASKS_THE_AGE in browser.get(f"{where}/screening?language=en").content.decode()
    browser.post(f"{where}/age", {"age_group": "unknown", "based_on": "0"})
    assert ASKS_THE_AGE not in browser.get(f"{where}/screening?language=en").content.decode()
    browser.post(f"{where}/age", {"age_at_events": "16", "age_group": "unknown", "based_on": "1"})
    person = case.persons[0]
    assert (person.age_at_events, person.age_certainty, person.age_group) == (16, "estimated", "")


def test_who_she_is_is_asked_why_each_time_even_of_who_works_on_it(at, ana, case, now):
    person = case.persons[0]
    browser, where = at(ana), page(case, f"/people/{person.pk}/identity")
    browser.post(where, {"names": "Inventada Demo", "born": "2009-02-03", "based_on": "0"})
    assert Identity.objects.get().person == person
    html = browser.get(where).content.decode()
    assert "Inventada Demo" not in html
    browser.post(f"{where}/open", {"purpose": Purpose.CARE})
    shown = browser.get(where).content.decode()
    assert "Inventada Demo" in shown
    assert "2009-02-03" in shown
    assert "Inventada" not in browser.get(page(case)).content.decode()


def test_the_lists(at, ana, marta, case, now, tomorrow):
    def listed(user, show: str) -> bool:
        return case.code in at(user).get("/cases", {"show": show}).content.decode()

    assert [listed(ana, show) for show in ("mine", "open", "late", "closed")] == [True, True, False, False]
    assert [listed(marta, show) for show in ("mine", "open")] == [False, True]
    close_case(case, "safe", by=ana, now=now)
    assert [listed(ana, show) for show in ("mine", "open", "closed")] == [False, False, True]


def queries_of(browser, where) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        assert browser.get(where).status_code == 200
    return len(queries)


def test_a_case_of_many_entries_costs_what_one_of_few_costs(at, ana, case, now, tomorrow):
    browser = at(ana)
    for number in range(30):
        write_note(case, f"{WORDS} {number}", by=ana, now=now)
    few = queries_of(browser, page(case))
    for number in range(200):
        write_note(case, f"{WORDS} {number}", by=ana, now=now)
    assert queries_of(browser, page(case)) == few


def test_the_second_leaf_of_the_timeline(at, ana, case, now):
    write_note(case, "the first of all", by=ana, now=now)
    for number in range(40):
        write_note(case, f"{WORDS} {number}", by=ana, now=now)
    assert "the first of all" not in at(ana).get(page(case)).content.decode()
    assert "the first of all" in at(ana).get(page(case), {"page": 2}).content.decode()
