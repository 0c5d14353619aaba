"""A survivor's words: only where she allows, only as long as she allows, and gone everywhere at once."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from amparo.foundation.core import published_documents
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused, Unreachable
from amparo.foundation.vault.keys import KeyDestroyed
from amparo.programme.events import models, public
from amparo.programme.events.picklists import Outlet
from amparo.programme.events.rules import (
    add_testimony,
    allow_outlet,
    publish_event,
    publish_testimony,
    record_event,
    withdraw_outlet,
    withdraw_testimony,
)

WORDS, ENGLISH = "Palabras inventadas de quetzal.", "Invented words of a quetzal."
LANGUAGES = [code for code, _name in settings.LANGUAGES]
SITE = [Outlet.SITE_ES, Outlet.SITE_EN]


@pytest.fixture
def tell(carla, now):
    def tell(event=None, outlets=(Outlet.STAGE, *SITE), days=30, **more) -> models.Testimony:
        until = timezone.localdate(now) + timedelta(days=days)
        given = {"text_es": WORDS, "text_en": ENGLISH, "signed_as": "Kusi", "was_explained": True, **more}
        return add_testimony(event, outlets=outlets, until=until, **given, by=carla, now=now)

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
        lambda: allow_outlet(published, Outlet.RADIO, until=today, by=carla, now=now),
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
    published_documents.remove(public.TESTIMONIES, published.code)
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
