"""A survivor's words: only where she allows, only as long as she allows, and gone everywhere at once."""

from datetime import timedelta

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from amparo.foundation.audit.models import Entry
from amparo.foundation.core import published_documents
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused, Unreachable
from amparo.foundation.vault.keys import KeyDestroyed
from amparo.programme.events import models, public, tasks
from amparo.programme.events.picklists import Outlet
from amparo.programme.events.rules import (
    add_testimony,
    allow_outlets,
    publish_event,
    publish_testimony,
    record_event,
    withdraw_outlet,
    withdraw_testimony,
)

WORDS, ENGLISH = "Palabras inventadas de quetzal.", "Invented words of a quetzal."
LANGUAGES = [code for code, _name in settings.LANGUAGES]
DAY = timedelta(days=1)
SITE = [Outlet.SITE_ES, Outlet.SITE_EN]


@pytest.fixture
def tell(carla, now):
    def tell(event=None, outlets=(Outlet.STAGE, *SITE), days=30, given=now, **more) -> models.Testimony:
        until = timezone.localdate(now) + timedelta(days=days)
        words = {"text_es": WORDS, "text_en": ENGLISH, "signed_as": "Kusi", "was_explained": True, **more}
        return add_testimony(event, outlets=outlets, until=until, **words, by=carla, now=given)

    return tell


@pytest.fixture
def published(tell, carla, now, django_capture_on_commit_callbacks) -> models.Testimony:
    testimony = tell()
    with django_capture_on_commit_callbacks(execute=True):
        return publish_testimony(testimony, by=carla, now=now)


def pages(testimony: models.Testimony) -> dict[str, int]:
    return {code: Client().get(f"/testimonies/{testimony.code}?language={code}").status_code for code in LANGUAGES}


def test_each_language_shows_what_she_allowed(published):
    assert set(pages(published).values()) == {200}
    assert WORDS in Client().get(f"/testimonies/{published.code}?language=es").content.decode()
    english = Client().get(f"/testimonies/{published.code}?language=en").content.decode()
    assert ENGLISH in english
    assert "Kusi" in english
    assert WORDS in Client().get(f"/testimonies/{published.code}?language=qu").content.decode()  # Spanish, marked
    assert '<blockquote class="aloud" lang="es">' in Client().get(
        f"/testimonies/{published.code}?language=qu"
    ).content.decode()  # fmt: skip


def test_a_withdrawn_testimony_is_gone_in_all_languages_when_the_verb_returns(published, carla, now):
    withdraw_testimony(published, by=carla, now=now)
    assert set(pages(published).values()) == {404}
    assert public.quotation(published.code, "es", timezone.localdate(now)) is None


def test_its_words_are_destroyed_and_cannot_be_published_again(published, carla, now):
    withdraw_testimony(published, by=carla, now=now)
    with acting_as(carla.acting()):
        again = models.Testimony.objects.select_related("key").get(pk=published.pk)
        assert again.is_withdrawn
        with pytest.raises(KeyDestroyed):
            _ = again.text_es
    today = timezone.localdate(now)
    for act in (
        lambda: publish_testimony(published, by=carla, now=now),
        lambda: allow_outlets(published, [Outlet.RADIO], until=today, was_explained=True, by=carla, now=now),
    ):
        with pytest.raises(Refused, match="withdrawn"):
            act()
    withdraw_testimony(published, by=carla, now=now)  # twice changes nothing


def test_a_withdrawal_while_it_is_published_wins(tell, carla, now, django_capture_on_commit_callbacks):
    testimony = tell()
    with django_capture_on_commit_callbacks() as waiting:
        publish_testimony(testimony, by=carla, now=now)
        withdraw_testimony(testimony, by=carla, now=now)
    for write in waiting:
        write()
    assert set(pages(testimony).values()) == {404}


def test_if_its_file_cannot_be_removed_nothing_is_withdrawn(published, carla, now, monkeypatch):
    place = settings.ENVIRONMENT.home / "published" / "testimonies" / f"{published.code}.json"
    place.rename(place.with_suffix(".kept"))
    place.mkdir()  # what cannot be unlinked
    with pytest.raises(Unreachable, match="Try again"):
        withdraw_testimony(published, by=carla, now=now)
    place.rmdir()
    with acting_as(carla.acting()):
        assert not models.Testimony.objects.get(pk=published.pk).is_withdrawn
    place.with_suffix(".kept").rename(place)
    withdraw_testimony(published, by=carla, now=now)
    assert set(pages(published).values()) == {404}


def test_one_language_is_taken_back_alone(published, carla, now, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        withdraw_outlet(published, Outlet.SITE_ES, by=carla, now=now)
    assert pages(published) == {code: 200 if code == "en" else 404 for code in LANGUAGES}


def test_the_english_page_shows_nothing_without_its_own_permission(
    published, carla, now, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        withdraw_outlet(published, Outlet.SITE_EN, by=carla, now=now)
    assert pages(published) == {code: 404 if code == "en" else 200 for code in LANGUAGES}


def test_the_english_page_shows_what_is_not_translated_in_spanish(tell, carla, now, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        testimony = publish_testimony(tell(text_en="", outlets=[Outlet.SITE_EN]), by=carla, now=now)
    assert pages(testimony) == {code: 200 if code == "en" else 404 for code in LANGUAGES}
    assert '<blockquote class="aloud" lang="es">' in Client().get(
        f"/testimonies/{testimony.code}?language=en"
    ).content.decode()  # fmt: skip


def test_when_the_time_is_over_it_is_gone_by_itself(published, now):
    last = timezone.localdate(now) + timedelta(days=30)
    assert public.quotation(published.code, "es", last) is not None
    assert public.quotation(published.code, "es", last + timedelta(days=1)) is None


def on_disk(testimony: models.Testimony) -> str:
    """The public file of a testimony as the disk holds it; blank: none."""
    place = settings.ENVIRONMENT.home / "published" / "testimonies" / f"{testimony.code}.json"
    return place.read_text() if place.exists() else ""


@pytest.fixture
def ended(tell, carla, now, django_capture_on_commit_callbacks) -> models.Testimony:
    """Published while it was allowed; the last day was yesterday. Its file is as a sleeping worker left it."""
    testimony = tell(days=-1, given=now - 40 * DAY)
    today = timezone.localdate(now)
    with django_capture_on_commit_callbacks(execute=True):
        publish_testimony(testimony, by=carla, now=now - 40 * DAY)
    texts = {language: {"text": WORDS, "language": "es", "until": f"{today - DAY}"} for language in ("es", "en")}
    published_documents.write_document(public.TESTIMONIES, testimony.code, {"texts": texts, "signed_as": "Kusi"})
    return testimony


def test_on_the_day_after_the_last_day_the_words_leave_the_disk(published, now):
    last = timezone.localdate(now) + 30 * DAY
    public.remove_ended_words(last)
    assert WORDS in on_disk(published)
    public.remove_ended_words(last + DAY)
    assert on_disk(published) == ""
    public.remove_ended_words(last + DAY)  # twice changes nothing


@pytest.mark.parametrize("by", ["the worker", "a start"])
def test_ended_words_are_removed(ended, published, now, by):
    assert WORDS in on_disk(ended)
    tasks.remove_ended_testimonies(int(now.timestamp())) if by == "the worker" else public.rewrite()
    assert on_disk(ended) == ""
    assert WORDS in on_disk(published)  # still allowed


def test_a_language_whose_time_is_over_leaves_the_disk_alone(tell, carla, now, django_capture_on_commit_callbacks):
    testimony, today = tell(outlets=[Outlet.SITE_ES]), timezone.localdate(now)
    with django_capture_on_commit_callbacks(execute=True):
        publish_testimony(testimony, by=carla, now=now)
        allow_outlets(
            testimony, [Outlet.SITE_EN], until=today + 60 * DAY, was_explained=True, by=carla, now=now
        )  # fmt: skip
    assert WORDS in on_disk(testimony)
    public.remove_ended_words(today + 31 * DAY)
    assert WORDS not in on_disk(testimony)
    assert ENGLISH in on_disk(testimony)


@pytest.mark.django_db
def test_nobody_writes_a_file_while_ended_words_are_taken_from_it(now, monkeypatch):
    """Otherwise a withdrawal in between would be undone: the words that are left would be written after it."""
    read, is_free = published_documents.read_document, []
    published_documents.write_document(public.TESTIMONIES, "abc123", {"texts": {}, "signed_as": ""})

    def try_to_lock(folder, name):
        with psycopg.connect(**connection.get_connection_params()) as other:
            lock = "select pg_try_advisory_xact_lock('events_testimony'::regclass::int, hashtext(%s))"
            is_free.append(other.execute(lock, [name]).fetchone()[0])
        return read(folder, name)

    with monkeypatch.context() as patched:
        patched.setattr(published_documents, "read_document", try_to_lock)
        public.shown_codes(timezone.localdate(now))
        assert is_free[-1]  # a page waits for nobody
        public.remove_ended_words(timezone.localdate(now))
        assert not is_free[-1]


def test_a_permission_is_renewed_by_a_new_one_of_the_survivor(
    ended, carla, ana, now, django_capture_on_commit_callbacks
):
    today = timezone.localdate(now)
    new = {"until": today + 90 * DAY, "by": carla, "now": now}
    with pytest.raises(Refused, match="First explain"):
        allow_outlets(ended, SITE, was_explained=False, **new)
    with pytest.raises(Refused, match="not for your role"):
        allow_outlets(ended, SITE, was_explained=True, **{**new, "by": ana})
    assert set(pages(ended).values()) == {404}
    with django_capture_on_commit_callbacks(execute=True):
        allow_outlets(ended, SITE, was_explained=True, **new)
    assert set(pages(ended).values()) == {200}
    with acting_as(carla.acting()):
        rows = ended.permissions.filter(outlet=Outlet.SITE_ES).order_by("pk").values_list(
            "until", "given_at", "replaced_at", "withdrawn_at"
        )  # fmt: skip
        assert list(rows) == [
            (today - DAY, now - 40 * DAY, now, None), (today + 90 * DAY, now, None, None)
        ]  # fmt: skip
        assert not ended.allows(Outlet.STAGE, today)  # she was not asked of the stage
    assert Entry.objects.filter(what="allow_outlets", about=f"testimony {ended.pk}").exists()


def test_a_shorter_permission_replaces_a_longer_one(published, carla, now, django_capture_on_commit_callbacks):
    today = timezone.localdate(now)
    with django_capture_on_commit_callbacks(execute=True):
        allow_outlets(published, SITE, until=today + DAY, was_explained=True, by=carla, now=now)
    assert public.quotation(published.code, "es", today + DAY) is not None
    assert public.quotation(published.code, "es", today + 2 * DAY) is None


@pytest.mark.parametrize("withdrawn", ["one outlet", "all"])
def test_a_permission_that_was_replaced_is_not_withdrawn_later(tell, carla, now, withdrawn):
    testimony, today = tell(outlets=[Outlet.STAGE]), timezone.localdate(now)
    new = {"until": today + 60 * DAY, "was_explained": True, "by": carla, "now": now}
    allow_outlets(testimony, [Outlet.STAGE], **new)
    if withdrawn == "all":
        withdraw_testimony(testimony, by=carla, now=now)
    else:
        withdraw_outlet(testimony, Outlet.STAGE, by=carla, now=now)
    with acting_as(carla.acting()):
        rows = testimony.permissions.order_by("pk").values_list("replaced_at", "withdrawn_at")
        assert list(rows) == [(now, None), (None, now)]


def test_an_officer_renews_it_on_the_page_of_its_event(tell, carla, at, now, django_capture_on_commit_callbacks):
    play = record_event(kind="performance", title="Obra", venue="Teatro", starts_at=now, by=carla)
    testimony = tell(event=play, outlets=[Outlet.SITE_ES], days=-1, given=now - 40 * DAY)
    with django_capture_on_commit_callbacks(execute=True):
        publish_testimony(testimony, by=carla, now=now - 40 * DAY)
    client, page = at(carla), f"/events/testimonies/{testimony.pk}/allow?language=en"
    sent = {"outlets": ["site_es"], "until": f"{timezone.localdate(now) + 9 * DAY:%d/%m/%Y}"}
    refused = client.post(page, sent)
    assert (refused.status_code, "First explain" in refused.content.decode()) == (422, True)
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(page, {**sent, "was_explained": "on"}).headers["Location"] == f"/events/{play.pk}"
    assert WORDS in Client().get(f"/testimonies/{testimony.code}?language=es").content.decode()
    assert "given anew" in client.get(f"/events/{play.pk}?language=en").content.decode()


def test_the_event_s_page_loses_it_too(tell, carla, now, django_capture_on_commit_callbacks):
    play = record_event(kind="performance", title="Obra", venue="Teatro", starts_at=now, by=carla)
    testimony = tell(event=play)
    with django_capture_on_commit_callbacks(execute=True):
        publish_testimony(testimony, by=carla, now=now)
        publish_event(play, by=carla, now=now)
    assert ENGLISH in Client().get(f"/performances/{play.pk}?language=en").content.decode()
    withdraw_testimony(testimony, by=carla, now=now)
    page = Client().get(f"/performances/{play.pk}?language=en")
    assert page.status_code == 200
    assert ENGLISH not in page.content.decode()


def test_it_is_published_only_where_she_allows_the_page(tell, carla, now):
    with pytest.raises(Refused, match="has not allowed"):
        publish_testimony(tell(outlets=[Outlet.STAGE]), by=carla, now=now)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"was_explained": False}, "First explain"), ({"text_es": " "}, "Write the words"), ({"days": -1}, "last day"),
        ({"days": 800}, "last day"), ({"outlets": ["moon"]}, "Choose one"),
    ],
)  # fmt: skip
def test_what_is_not_agreed_is_not_kept(tell, carla, wrong, words):
    with pytest.raises(Refused, match=words):
        tell(**wrong)
    with acting_as(carla.acting()):
        assert not models.Testimony.objects.exists()


def test_a_stranger_neither_reads_nor_withdraws(published, ana, now):
    with acting_as(ana.acting()):
        assert not models.Testimony.objects.exists()
    with pytest.raises(Refused):
        withdraw_testimony(published, by=ana, now=now)
    assert set(pages(published).values()) == {200}


def test_no_word_of_it_is_in_the_database(published):
    with connection.cursor() as cursor:
        cursor.execute("select events_testimony::text from events_testimony")
        assert "quetzal" not in cursor.fetchone()[0]


def test_a_restored_home_shows_none(published):
    published_documents.remove_document(public.TESTIMONIES, published.code)
    public.rewrite()
    assert set(pages(published).values()) == {404}


def test_she_is_told_on_the_page_and_withdraws_by_an_officer(carla, at, now):
    client = at(carla)
    play = record_event(kind="performance", title="Obra", venue="Teatro", starts_at=now, by=carla)
    until = f"{timezone.localdate(now) + timedelta(days=20):%d/%m/%Y}"
    sent = {"text_es": WORDS, "outlets": ["site_es", "stage"], "until": until, "signed_as": "Kusi"}
    refused = client.post(f"/events/{play.pk}/testimonies?language=en", sent)
    assert (refused.status_code, "First explain" in refused.content.decode()) == (422, True)
    client.post(f"/events/{play.pk}/testimonies", {**sent, "was_explained": "on"})
    page = client.get(f"/events/{play.pk}?language=en").content.decode()
    assert WORDS in page
    with acting_as(carla.acting()):
        testimony = models.Testimony.objects.get()
    client.post(f"/events/testimonies/{testimony.pk}/withdraw-outlet", {"outlet": "stage"})
    client.post(f"/events/testimonies/{testimony.pk}/withdraw")
    page = client.get(f"/events/{play.pk}?language=en").content.decode()
    assert WORDS not in page
    assert "Its words are destroyed." in page


def test_the_list_says_where_each_may_be_used_and_shows_no_words(tell, published, carla, paula, at, now):
    play = record_event(kind="performance", title="Obra", venue="Teatro", starts_at=now, by=carla)
    withdraw_testimony(tell(event=play), by=carla, now=now)
    page = at(carla).get("/events/testimonies?language=en").content.decode()
    assert f'href="/events/{play.pk}#testimony"' in page
    for shown in ("withdrawn", "on the public page", "Without an event", "until "):
        assert shown in page
    assert not any(words in page for words in (WORDS, ENGLISH, "Kusi"))
    assert 'href="/events/testimonies"' in page  # in the bar
    assert at(paula).get("/events/testimonies").status_code == 404


def test_the_list_says_when_the_time_of_the_page_is_over_while_another_goes_on(
    ended, carla, at, now, django_capture_on_commit_callbacks
):  # fmt: skip
    client, today = at(carla), timezone.localdate(now)
    for others in (False, True):
        if others:
            allow_outlets(ended, [Outlet.STAGE], until=today + DAY, was_explained=True, by=carla, now=now)
        page = client.get("/events/testimonies?language=en").content.decode()
        assert "on the public page" not in page
        assert "the time is over" in page
        assert "ended on" in page
    with django_capture_on_commit_callbacks(execute=True):
        allow_outlets(ended, SITE, until=today + DAY, was_explained=True, by=carla, now=now)
    page = client.get("/events/testimonies?language=en").content.decode()
    assert "on the public page" in page
    assert "ended on" not in page


def test_the_list_of_many_asks_the_database_no_more_than_that_of_one(tell, carla, at, django_assert_num_queries):
    client = at(carla)
    tell()
    with CaptureQueriesContext(connection) as of_one:
        client.get("/events/testimonies")
    for _another in range(4):
        tell()
    with django_assert_num_queries(len(of_one)):
        client.get("/events/testimonies")
