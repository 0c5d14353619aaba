"""Events: attendance with its qualifier, contacts in three days, pledges kept or not."""

from datetime import date, timedelta

import pytest
from django.db import ProgrammingError
from django.test import Client
from django.utils import timezone

from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.line.roster.cover import local_hour
from amparo.programme.events.models import Event, Pledge
from amparo.programme.events.rules import (
    add_pledge,
    add_testimony,
    change_event,
    change_pledge,
    close_pledge,
    publish_event,
    record_event,
    remove_event,
    remove_pledge,
    reopen_pledge,
    unpublish_event,
)

DAY = timedelta(days=1)


@pytest.fixture
def play(carla, now) -> Event:
    return record_event(
        kind="performance", title="La casa sin puertas", venue="Teatro de Ejemplo", invited=260,
        attendance=200, attendance_qualifier="more_than", decision_makers=64, cost=12400, by=carla,
        starts_at=local_hour(timezone.localdate(now) - 4 * DAY, 19),  # an hour later it is the same day still
    )  # fmt: skip


def test_more_than_two_hundred_stays_more_than_two_hundred(play, carla, at):
    page = at(carla).get(f"/events/{play.pk}?language=en").content.decode()
    assert "<b>more than 200" in page
    assert "<b>64</b>" in page
    assert "at most S/ 62.00" in page


def test_its_day_and_the_two_after_are_compared_with_the_four_weeks_before(play, called, carla, at, now):
    for day, many in enumerate((30, 21, 14)):
        called(many, play.starts_at + day * DAY + timedelta(hours=1))
        for week in range(1, 5):
            called(10 + week, play.starts_at + day * DAY + timedelta(hours=1) - timedelta(weeks=week))
    page = at(carla).get(f"/events/{play.pk}?language=en").content.decode()
    assert "<b>65</b>" in page
    assert "On the same days of the four weeks before: from 35 to 40." in page
    assert '<th scope="row">Day 3</th><td class="n">15</td><td class="n">12</td>' in page


@pytest.mark.parametrize("days", [-1, 0, 2])
def test_the_three_days_are_compared_when_they_are_over(carla, called, at, now, days):
    """Two hours of contacts beside three days of the weeks before would look like a loss."""
    event = record_event(kind="talk", title="x", venue="x", starts_at=now - days * DAY, by=carla)
    called(30, now - timedelta(hours=1))
    for week in range(1, 5):
        called(40, event.starts_at - timedelta(weeks=week))
    page = at(carla).get(f"/events/{event.pk}?language=en").content.decode()
    assert "Contacts in three days</h2><b>–</b>" in page
    assert "They are compared when the three days are over, on" in page
    assert "On the same days of the four weeks before" not in page
    assert 'class="chart pairs"' not in page


def test_a_day_below_ten_hides_all_days_but_their_sum(play, called, carla, at):
    for day, many in enumerate((30, 21, 9)):
        called(many, play.starts_at + day * DAY + timedelta(hours=1))
    page = at(carla).get(f"/events/{play.pk}?language=en").content.decode()
    assert "<b>60</b>" in page
    assert "Day 1" not in page


@pytest.mark.parametrize("now", range(7), indirect=True)
def test_the_effect_of_an_event_is_shown_as_that_of_a_campaign(carla, called, at, now, midnight):
    event = record_event(kind="talk", title="x", venue="x", starts_at=now - 20 * DAY, by=carla)

    def shown() -> str:
        return at(carla).get(f"/events/{event.pk}?language=en").content.decode()

    for ago in range(1, 120):  # 17 whole weeks
        called(1, midnight - ago * DAY)
    assert "Too little is known" in shown()  # seven a week
    for ago in range(1, 120):
        called(1, midnight - ago * DAY + timedelta(hours=9))
    assert "No effect shown" in shown()
    for ago in range(1, 15):
        called(2, midnight - ago * DAY + timedelta(hours=12))
    assert "The middle is 2.00, from " in shown()
    assert "Less than a year of weeks stands before it" in shown()
    assert "in 2 whole weeks beyond those expected" in shown()


def test_decision_makers_are_among_those_who_came(carla, now):
    with pytest.raises(Refused, match="cannot be more"):
        record_event(
            kind="talk", title="x", venue="x", starts_at=now, attendance=10, decision_makers=11, by=carla
        )  # fmt: skip


@pytest.mark.parametrize(
    ("due", "was_kept", "state"),
    [
        (date(2026, 12, 1), None, "open"), (date(2026, 11, 1), None, "overdue"), (None, None, "undated"),
        (date(2026, 11, 1), True, "kept"), (date(2026, 11, 1), False, "not_kept"),
    ],
)  # fmt: skip
def test_how_a_pledge_stands(play, carla, due, was_kept, state):
    pledge = add_pledge(play, text="x", made_by="Ministerio de Ejemplo", due=due, by=carla)
    if was_kept is not None:
        pledge = close_pledge(pledge, was_kept=was_kept, evidence="acta", on=date(2026, 11, 18), by=carla)
    assert pledge.state(date(2026, 11, 20)) == state


def test_a_pledge_is_kept_only_with_evidence_and_closed_once(play, carla, ana):
    pledge = add_pledge(play, text="x", made_by="x", by=carla)
    with pytest.raises(Refused, match="Say what shows"):
        close_pledge(pledge, was_kept=True, evidence=" ", on=date(2026, 11, 18), by=carla)
    with pytest.raises(Refused):
        close_pledge(pledge, was_kept=False, evidence="", on=date(2026, 11, 18), by=ana)
    close_pledge(pledge, was_kept=False, evidence="", on=date(2026, 11, 18), by=carla)
    with pytest.raises(Refused, match="closed already"):
        close_pledge(pledge, was_kept=True, evidence="acta", on=date(2026, 11, 18), by=carla)


@pytest.mark.parametrize(("language", "words"), [("es", "más de 200"), ("en", "more than 200")])
def test_everybody_reads_a_published_event(play, carla, now, django_capture_on_commit_callbacks, language, words):
    assert Client().get(f"/performances/{play.pk}").status_code == 404
    with django_capture_on_commit_callbacks(execute=True):
        publish_event(play, by=carla, now=now)
        add_pledge(play, text="Dos operadoras de quechua", made_by="Ministerio de Ejemplo", by=carla)
    page = Client().get(f"/performances/{play.pk}?language={language}").content.decode()
    assert words in page
    assert "Dos operadoras de quechua" in page
    assert play.title in Client().get(f"/performances?language={language}").content.decode()


def test_an_officer_writes_an_event_and_a_pledge_on_the_pages(carla, at):
    client = at(carla)
    sent = {
        "kind": "talk", "title": "Charla", "venue": "Plaza de Ejemplo", "ubigeo": "Iquitos, Maynas, Loreto",
        "starts_at": "12/11/2026 19:00", "attendance": "40", "attendance_qualifier": "about", "currency": "PEN",
    }  # fmt: skip
    made = client.post("/events", sent)
    where = made.headers["Location"]
    assert "about 40" in client.get(f"{where}?language=en").content.decode()
    client.post(f"{where}/pledges", {"text": "Otra charla", "made_by": "Municipio de Ejemplo", "due": "01/12/2026"})
    page = client.get(where).content.decode()
    assert "Otra charla" in page
    for head in ("Who made it", "Due on"):
        assert f'data-label="{head}"' in page, "on a telephone the head of the table is hidden"
    refused = client.post(f"{where}/pledges?language=en", {"text": "", "made_by": "x"})
    assert refused.status_code == 422


def typed(answer) -> dict[str, object]:
    """What a browser sends when nobody changes the form of this page."""
    return {each.html_name: each.field.widget.format_value(each.value()) or "" for each in answer.context["form"]}


def test_a_wrong_number_of_an_event_is_corrected_also_on_the_public_page(
    play, carla, now, at, django_capture_on_commit_callbacks
):  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        publish_event(play, by=carla, now=now)
    client, page = at(carla), f"/events/{play.pk}/change?language=en"
    sent = typed(client.get(page))
    refused = client.post(page, {**sent, "decision_makers": "201"})
    assert (refused.status_code, "cannot be more" in refused.content.decode()) == (422, True)
    with django_capture_on_commit_callbacks(execute=True):
        corrected = {**sent, "attendance": "180", "attendance_qualifier": "about", "ubigeo": "Cusco, Cusco"}
        assert client.post(page, corrected).status_code == 302
    assert "about 180" in Client().get(f"/performances/{play.pk}?language=en").content.decode()
    with acting_as(carla.acting()):
        found = Event.objects.get()
        assert (found.attendance, found.ubigeo, found.decision_makers, found.cost) == (180, "0801", 64, 12400)
        assert found.published_at == now
    assert Entry.objects.filter(what="change_event", about=f"event {play.pk}").exists()


def test_a_form_of_an_event_that_nobody_changes_changes_nothing(play, carla, at):
    client, page = at(carla), f"/events/{play.pk}/change"
    with acting_as(carla.acting()):
        [before] = Event.objects.values()
    assert client.post(page, typed(client.get(page))).status_code == 302
    with acting_as(carla.acting()):
        assert list(Event.objects.values()) == [before]


def test_an_event_that_was_a_mistake_is_removed(play, carla, at):
    assert "Remove the event" in at(carla).get(f"/events/{play.pk}/change?language=en").content.decode()
    assert at(carla).post(f"/events/{play.pk}/remove").headers["Location"] == "/events"
    with acting_as(carla.acting()):
        assert not Event.objects.exists()
    assert list(Entry.objects.filter(what="remove_event").values_list("about", flat=True)) == [f"event {play.pk}"]
    with pytest.raises(Refused, match="A colleague has removed"):
        remove_event(play, by=carla)


def test_nothing_is_added_to_an_event_that_a_colleague_removed(play, carla, now):
    remove_event(play, by=carla)
    with pytest.raises(Refused, match="A colleague has removed"):
        add_pledge(play, text="x", made_by="Ministerio de Ejemplo", by=carla)
    with pytest.raises(Refused, match="A colleague has removed"):
        add_testimony(play, text_es="x", outlets=[], until=now.date(), was_explained=True, by=carla, now=now)


def test_an_event_to_which_something_refers_stays(play, carla, now, at):
    add_pledge(play, text="x", made_by="Ministerio de Ejemplo", by=carla)
    refused = at(carla).post(f"/events/{play.pk}/remove?language=en")
    assert (refused.status_code, "A pledge or a testimony" in refused.content.decode()) == (422, True)
    page = at(carla).get(f"/events/{play.pk}/change?language=en").content.decode()
    assert ("A pledge or a testimony" in page, "Remove the event" in page) == (True, False)
    shown = publish_event(record_event(kind="talk", title="x", venue="x", starts_at=now, by=carla), by=carla, now=now)
    with pytest.raises(Refused, match="on the public page"):
        remove_event(shown, by=carla)
    with acting_as(carla.acting()):
        assert Event.objects.count() == 2


def test_an_event_is_taken_off_the_public_page_and_shown_again(
    play, carla, at, now, django_capture_on_commit_callbacks
):  # fmt: skip
    page, client = f"/performances/{play.pk}", at(carla)
    with django_capture_on_commit_callbacks(execute=True):
        publish_event(play, by=carla, now=now)
    assert "Take it off the public page" in client.get(f"/events/{play.pk}?language=en").content.decode()
    with django_capture_on_commit_callbacks() as waiting:
        add_pledge(play, text="x", made_by="Ministerio de Ejemplo", by=carla)
    assert client.post(f"/events/{play.pk}/unpublish").headers["Location"] == f"/events/{play.pk}"
    for write in waiting:  # a colleague's, which comes late
        write()
    assert Client().get(page).status_code == 404
    assert play.title not in Client().get("/performances").content.decode()
    unpublish_event(play, by=carla, now=now)  # twice changes nothing
    assert Entry.objects.filter(what="unpublish_event", about=f"event {play.pk}").exists()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/events/{play.pk}/publish")
    assert Client().get(page).status_code == 200


def test_an_event_that_was_ever_public_is_not_removed(play, carla, now):
    publish_event(play, by=carla, now=now)
    unpublish_event(play, by=carla, now=now)
    with pytest.raises(Refused, match="was on the public page"):
        remove_event(play, by=carla)
    with acting_as(carla.acting()):
        assert Event.objects.count() == 1


def test_a_pledge_is_corrected_and_opened_again(play, carla, at, now, django_capture_on_commit_callbacks):
    client = at(carla)

    def public() -> str:
        return Client().get(f"/performances/{play.pk}?language=en").content.decode()

    with django_capture_on_commit_callbacks(execute=True):
        publish_event(play, by=carla, now=now)
        pledge = add_pledge(play, text="Dos operadores", made_by="Ministerio de Ejemplo", by=carla)
        close_pledge(pledge, was_kept=False, evidence="", on=timezone.localdate(now), by=carla)
    page = f"/events/pledges/{pledge.pk}"
    assert f'href="{page}"' in client.get(f"/events/{play.pk}").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        sent = {**typed(client.get(page)), "text": "Dos operadoras de quechua"}
        assert client.post(page, {**sent, "based_on": 0}).headers["Location"] == f"/events/{play.pk}"
        client.post(f"{page}/reopen")
    assert "Dos operadoras de quechua" in public()
    with acting_as(carla.acting()):
        assert Pledge.objects.get().state(timezone.localdate(now)) == "undated"
    refused = client.post(f"{page}?language=en", {**sent, "text": "Una operadora", "based_on": 0})
    assert (refused.status_code, "changed this at" in refused.content.decode()) == (422, True)
    for verb in ("change_pledge", "reopen_pledge"):
        assert Entry.objects.filter(what=verb, about=f"pledge {pledge.pk}").exists()


def test_a_refused_form_below_a_heading_stays_open_with_what_was_typed(play, carla, at):
    pledge, client = add_pledge(play, text="x", made_by="Ministerio de Ejemplo", by=carla), at(carla)
    page = f"/events/{play.pk}?language=en"
    assert "<details open>" not in client.get(page).content.decode()
    added = client.post(f"/events/{play.pk}/pledges?language=en", {"text": "Un compromiso", "made_by": ""})
    assert "<details open><summary>Add a pledge" in added.content.decode()
    closed = client.post(f"/events/pledges/{pledge.pk}/close?language=en", {"was_kept": "yes", "evidence": " "})
    assert "<details open><summary>Say whether it was kept" in closed.content.decode()
    assert '<option value="yes" selected>' in closed.content.decode()


def test_nothing_is_chosen_of_a_pledge_until_the_officer_chooses(play, carla, at):
    pledge, client = add_pledge(play, text="x", made_by="Ministerio de Ejemplo", by=carla), at(carla)
    shown = client.get(f"/events/{play.pk}?language=en").content.decode()
    assert 'name="was_kept" required><option value="">' in shown
    refused = client.post(f"/events/pledges/{pledge.pk}/close?language=en", {"was_kept": "", "evidence": "Un acta"})
    assert refused.status_code == 422
    assert "Choose whether it was kept." in refused.content.decode()
    assert 'value="Un acta"' in refused.content.decode()
    pledge.refresh_from_db()
    assert pledge.was_kept is None


def test_a_pledge_that_was_a_mistake_is_removed(play, carla, at, now):
    client, pledge = at(carla), add_pledge(play, text="x", made_by="Ministerio de Ejemplo", by=carla)
    page = f"/events/pledges/{pledge.pk}"
    assert "Remove the pledge" in client.get(f"{page}?language=en").content.decode()
    assert client.post(f"{page}/remove").headers["Location"] == f"/events/{play.pk}"
    assert client.get(page).status_code == 404
    assert Entry.objects.filter(what="remove_pledge", about=f"pledge {pledge.pk}").exists()
    for verb in (lambda: reopen_pledge(pledge, by=carla, now=now), lambda: remove_pledge(pledge, by=carla)):
        with pytest.raises(Refused, match="A colleague has removed"):
            verb()


def test_a_pledge_of_an_event_that_was_public_stays(play, carla, at, now):
    pledge = add_pledge(play, text="x", made_by="Ministerio de Ejemplo", by=carla)
    for verb in (publish_event, unpublish_event):
        verb(play, by=carla, now=now)
        refused = at(carla).post(f"/events/pledges/{pledge.pk}/remove?language=en")
        assert (refused.status_code, "close it as not kept" in refused.content.decode()) == (422, True)
        page = at(carla).get(f"/events/pledges/{pledge.pk}?language=en").content.decode()
        assert ("close it as not kept" in page, "Remove the pledge" in page) == (True, False)
    with acting_as(carla.acting()):
        assert Pledge.objects.count() == 1


def test_a_pledge_that_was_closed_stays_and_so_does_its_closing(play, carla, at, now):
    pledge, today = add_pledge(play, text="x", made_by="Ministerio de Ejemplo", by=carla), timezone.localdate(now)
    close_pledge(pledge, was_kept=True, evidence="Resolución de ejemplo", on=today, by=carla)
    with pytest.raises(Refused, match="so it stays"):
        remove_pledge(pledge, by=carla)
    for _twice in range(2):
        reopen_pledge(pledge, by=carla, now=now)
    with pytest.raises(Refused, match="so it stays"):
        remove_pledge(pledge, by=carla)
    with acting_as(carla.acting()):
        rows = pledge.earlier_closings.values_list("was_kept", "closed_on", "evidence", "reopened_at", "reopened_by")
        assert list(rows) == [(True, today, "Resolución de ejemplo", now, carla.pk)]
    page = at(carla).get(f"/events/pledges/{pledge.pk}?language=en").content.decode()
    assert ("Resolución de ejemplo" in page, "Remove the pledge" in page) == (True, False)
    with pytest.raises(ProgrammingError), acting_as(carla.acting()):
        pledge.earlier_closings.update(evidence="")


def test_a_stranger_corrects_no_pledge_and_takes_no_event_off(play, carla, ana, now):
    pledge = add_pledge(play, text="x", made_by="x", by=carla)
    for verb in (
        lambda: change_pledge(pledge, text="y", made_by="y", due=None, by=ana, now=now),
        lambda: reopen_pledge(pledge, by=ana, now=now), lambda: remove_pledge(pledge, by=ana),
        lambda: unpublish_event(play, by=ana, now=now),
    ):  # fmt: skip
        with pytest.raises(Refused, match="not for your role"):
            verb()
    with acting_as(ana.acting()):
        assert Pledge.objects.all().delete()[0] == 0


def test_a_stranger_corrects_and_removes_no_event(play, ana, at):
    for verb in (lambda: change_event(play, title="x", by=ana, now=timezone.now()), lambda: remove_event(play, by=ana)):
        with pytest.raises(Refused, match="not for your role"):
            verb()
    assert at(ana).get(f"/events/{play.pk}/change").status_code == 404
    with acting_as(ana.acting()):
        assert Event.objects.all().delete()[0] == 0
