"""Notes for the press: written by one, published by another; each number of the line leads to its definition."""

from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from amparo.figures.publishing import public as published_figures
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.programme.events.rules import add_testimony, publish_testimony, withdraw_testimony
from amparo.programme.news import public, rules
from amparo.programme.news.figures import Citation, markers_in, split_at_markers
from amparo.programme.news.forms import NoteForm
from amparo.programme.news.models import Note

ATOM = "{http://www.w3.org/2005/Atom}"
CITED = Citation("contacts_by_channel", "total", 1250, 3, "2026-07-01")
TEXTS = {
    "place": "Lima", "title_es": "La línea recibió llamadas", "title_en": "The line received calls",
    "lead_es": "Entrada.", "lead_en": "Lead.",
    "text_es": "Fueron {contacts_by_channel/total} en tres meses.\n\nOtro párrafo.",
    "text_en": "There were {contacts_by_channel/total} in three months.", "contact": "Prensa de Ejemplo, 000 000 000",
}  # fmt: skip


@pytest.fixture
def note(carla, now) -> Note:
    return rules.draft_note(**TEXTS, by=carla, now=now)


@pytest.fixture
def publish(paula, django_capture_on_commit_callbacks):
    def publish(note: Note, now, citations=(CITED,)) -> Note:
        with django_capture_on_commit_callbacks(execute=True):
            given = {each.marker: each for each in citations}
            return rules.publish_note(note, citations=given, by=paula, now=now)

    return publish


def test_who_saves_a_note_without_a_change_does_not_become_its_author(note, publish, paula, now):
    saved = rules.change_note(note, **TEXTS, by=paula, now=now)
    assert publish(saved, now).is_published
    other = rules.draft_note(**TEXTS, by=note.drafted_by, now=now)
    rules.change_note(other, **{**TEXTS, "title_es": "Otro título"}, by=paula, now=now)
    with pytest.raises(Refused, match="Another person"):
        publish(other, now)


def test_a_number_leads_to_its_definition(note, publish, now):
    publish(note, now)
    page = Client().get(f"/news/{note.slug}?language=en").content.decode()
    assert '<a href="#contacts_by_channel-total">1,250</a> in three months' in page
    assert '<div id="contacts_by_channel-total"><dt>1,250</dt>' in page
    assert "Who calls twice is counted twice." in page
    assert f'href="/figures/{CITED.edition}?language=en#contacts_by_channel"' in page
    spanish = Client().get(f"/news/{note.slug}").content.decode()
    assert "Otro párrafo." in spanish
    assert "Prensa de Ejemplo" in spanish


def test_a_number_in_title_and_lead_leads_to_its_definition_too(carla, publish, now):
    marker = "{contacts_by_channel/total}"
    words = {
        "title_es": f"{marker} personas",
        "title_en": f"{marker} people",
        "lead_en": f"In all {marker}.",
        "text_en": "x",
    }
    note = rules.draft_note(**{**TEXTS, **words}, by=carla, now=now)
    assert note.slug == "personas"
    publish(note, now)
    page = Client().get("/news/personas?language=en").content.decode()
    assert "<h1>1,250 people</h1>" in page
    assert 'In all <a href="#contacts_by_channel-total">1,250</a>.' in page
    assert '<div id="contacts_by_channel-total"><dt>1,250</dt>' in page
    for where in ("/news", "/news.atom"):
        shown = Client().get(f"{where}?language=en").content.decode()
        assert ("1,250 people" in shown, "{contacts" in shown) == (True, False)


def test_a_marker_without_a_published_figure_is_refused(note, publish, now):
    with pytest.raises(Refused, match=r"\{contacts_by_channel/total\} is not the marker"):
        publish(note, now, citations=())
    assert Client().get(f"/news/{note.slug}").status_code == 404


@pytest.mark.parametrize("part", ["title_es", "lead_en", "text_es"])
@pytest.mark.parametrize("unknown", ["{contacts_by_channel/Total}", "{contacts_by_channel}", "{x", "}"])
def test_no_brace_is_published(carla, publish, at, now, part, unknown):
    words = {**TEXTS, "text_es": "x", "text_en": "x", part: f"Son {unknown}"}
    note, reason = rules.draft_note(**words, by=carla, now=now), f"{unknown} is not the marker of a published figure."
    with pytest.raises(Refused) as refusal:
        publish(note, now)
    assert str(refusal.value).startswith(reason)
    assert reason in at(carla).get(f"/notes/{note.pk}?language=en").content.decode()


def test_another_person_publishes(paula, now):
    own = rules.draft_note(**TEXTS, by=paula, now=now)
    with pytest.raises(Refused, match="Another person"):
        rules.publish_note(own, citations={CITED.marker: CITED}, by=paula, now=now)


def test_who_rewrites_a_draft_does_not_publish_it(note, paula, now):
    rules.change_note(note, **{**TEXTS, "text_es": "x"}, by=paula, now=timezone.now())
    with pytest.raises(Refused, match="Another person"):
        rules.publish_note(note, citations={}, by=paula, now=now)


def test_any_title_gives_an_address_that_can_be_public(carla, publish, now):
    note = rules.draft_note(**{**TEXTS, "title_es": "Informe_2026 inventado"}, by=carla, now=now)
    publish(note, now)
    public.rewrite()
    assert Client().get(f"/news/{note.slug}").status_code == 200


def test_a_document_whose_name_cannot_be_public_ends_no_start(caplog):
    public.documents.replace_documents("news", {"not_a_name": {}, "a-name": {"x": 1}})
    assert public.documents.document_names("news") == ["a-name"]
    assert "folder news" in caplog.text


def test_an_officer_publishes_nothing_and_a_stranger_writes_nothing(note, carla, ana, now):
    with pytest.raises(Refused):
        rules.publish_note(note, citations={}, by=carla, now=now)
    with pytest.raises(Refused):
        rules.draft_note(**TEXTS, by=ana, now=now)
    with acting_as(ana.acting()):
        assert not Note.objects.exists()


def test_what_is_published_stays(note, publish, carla, now):
    publish(note, now)
    with pytest.raises(Refused, match="stays as it is"):
        rules.change_note(note, **{**TEXTS, "text_es": "x"}, by=carla, now=timezone.now())
    again = publish(note, now + timedelta(hours=1))
    assert again.published_at == now


def test_before_the_embargo_ends_nobody_reads_it(carla, publish, now):
    note = rules.draft_note(**TEXTS, embargo_until=now + timedelta(hours=5), by=carla, now=now)
    publish(note, now)
    assert Client().get(f"/news/{note.slug}").status_code == 404
    assert note.title_es not in Client().get("/news").content.decode()
    assert note.title_es.encode() not in Client().get("/news.atom").content
    assert public.note(note.slug, "es", now + timedelta(hours=4, minutes=59)) is None
    shown = public.note(note.slug, "es", now + timedelta(hours=5))
    assert shown is not None
    assert shown.published_at == now + timedelta(hours=5)


@pytest.mark.parametrize(
    ("language", "title"), [("es", "La línea recibió llamadas"), ("en", "The line received calls")]
)
def test_the_feed_is_atom_in_each_language(note, publish, now, language, title):
    publish(note, now)
    answer = Client().get(f"/news.atom?language={language}")
    assert answer.headers["Content-Type"].startswith("application/atom+xml")
    (entry,) = ET.fromstring(answer.content).findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == title
    link = entry.find(f"{ATOM}link").attrib["href"]
    assert title in Client().get(link.removeprefix("http://testserver")).content.decode()


def test_a_withdrawn_testimony_leaves_the_note_and_was_never_in_the_feed(
    carla, publish, now, django_capture_on_commit_callbacks
):
    testimony = add_testimony(
        None, text_es="Palabras de quetzal.", outlets=["site_es"], until=timezone.localdate(now) + timedelta(days=9),
        was_explained=True, by=carla, now=now,
    )  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        publish_testimony(testimony, by=carla, now=now)
    day = date_format(timezone.localdate(now), "SHORT_DATE_FORMAT")
    assert [*NoteForm().fields["testimony"].choices][1][1] == f"{day}, {testimony.code[:4]}"
    note = rules.draft_note(**TEXTS, testimony=testimony, by=carla, now=now)
    publish(note, now)
    assert "quetzal" in Client().get(f"/news/{note.slug}").content.decode()
    assert b"quetzal" not in Client().get("/news.atom").content
    withdraw_testimony(testimony, by=carla, now=now)
    page = Client().get(f"/news/{note.slug}")
    assert (page.status_code, "quetzal" in page.content.decode()) == (200, False)


def test_notes_come_back_from_the_database(note, publish, now):
    publish(note, now)
    for name in public.documents.document_names(public.FOLDER):
        public.documents.remove_document(public.FOLDER, name)
    assert Client().get(f"/news/{note.slug}").status_code == 404
    public.rewrite()
    assert Client().get(f"/news/{note.slug}").status_code == 200


def test_a_withdrawn_note_says_when_and_is_gone_from_list_and_feed(note, publish, paula, now):
    publish(note, now)
    assert note.title_es in Client().get("/news").content.decode()
    withdrawn = rules.withdraw_note(note, by=paula, now=now + timedelta(minutes=5))
    day = date_format(timezone.localdate(withdrawn.withdrawn_at), "DATE_FORMAT")
    for language in ("es", "en", "qu"):
        page = Client().get(f"/news/{note.slug}?language={language}")
        assert page.status_code == 410
        html = page.content.decode()
        assert not [
            words for words in (TEXTS["title_es"], TEXTS["title_en"], TEXTS["contact"], "1,250") if words in html
        ]
        assert note.title_es not in Client().get(f"/news?language={language}").content.decode()
        assert note.slug.encode() not in Client().get(f"/news.atom?language={language}").content
    assert f"took it back on {day}" in Client().get(f"/news/{note.slug}?language=en").content.decode()


def test_a_withdrawn_note_stays_withdrawn_when_files_are_written_again(note, publish, paula, now):
    publish(note, now)
    first = rules.withdraw_note(note, by=paula, now=now + timedelta(minutes=5))
    assert rules.withdraw_note(note, by=paula, now=now + timedelta(hours=5)).withdrawn_at == first.withdrawn_at
    publish(note, now + timedelta(hours=1))
    public.rewrite()
    assert Client().get(f"/news/{note.slug}").status_code == 410


def test_a_note_withdrawn_under_embargo_was_never_there(carla, publish, paula, now):
    note = rules.draft_note(**TEXTS, embargo_until=now + timedelta(hours=5), by=carla, now=now)
    publish(note, now)
    rules.withdraw_note(note, by=paula, now=now + timedelta(hours=1))
    public.rewrite()
    assert public.note(note.slug, "es", now + timedelta(hours=6)) is None
    assert public.withdrawn_at(note.slug, now + timedelta(hours=6)) is None


def test_only_a_publisher_withdraws_and_no_draft(note, publish, carla, paula, now):
    with pytest.raises(Refused, match="a draft"):
        rules.withdraw_note(note, by=paula, now=now)
    publish(note, now)
    with pytest.raises(Refused):
        rules.withdraw_note(note, by=carla, now=now)
    assert Client().get(f"/news/{note.slug}").status_code == 200


def test_a_publisher_withdraws_on_the_page(note, publish, carla, paula, at, now):
    publish(note, now - timedelta(minutes=5))
    where = f"/notes/{note.pk}?language=en"
    assert "Withdraw it now" not in at(carla).get(where).content.decode()
    assert "Withdraw it now" in at(paula).get(where).content.decode()
    assert at(paula).post(f"/notes/{note.pk}/withdraw").status_code == 302
    assert "Its public page says only that" in at(paula).get(where).content.decode()
    assert "taken back" in at(carla).get("/notes?language=en").content.decode()
    assert Client().get(f"/news/{note.slug}").status_code == 410


def test_markers_are_found_once_and_unknown_ones_stay():
    assert markers_in(["{a/b} and {c/d}", "{a/b}"]) == ["a/b", "c/d"]
    found = split_at_markers("{a/b} of {x} {y/z}.", {"a/b": CITED})
    assert [(each.text, each.citation) for each in found] == [
        ("", CITED), (" of ", None), ("{x}", None), (" ", None), ("{y/z}", None), (".", None)
    ]  # fmt: skip


def test_the_pages_from_draft_to_publication(carla, paula, at, now, django_capture_on_commit_callbacks):
    document = {
        "edition": 3, "first_day": "2026-07-01", "published_on": "2026-10-10", "changes": [], "corrects": None,
        "tables": {"contacts_by_channel": {"total": 1250, "cells": {"call": 1200, "chat": 50}}},
    }  # fmt: skip
    published_figures.write_document(document)
    made = at(carla).post("/notes", TEXTS)
    where = made.headers["Location"]
    page = at(paula).get(f"{where}?language=en").content.decode()
    assert 'There were <a href="/figures/3#contacts_by_channel">1,250</a> in three months.' in page
    assert "{contacts_by_channel/call}" in page  # to cite
    assert "Publish it for everybody" in page
    assert "Publish it for everybody" not in at(carla).get(f"{where}?language=en").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        assert at(paula).post(f"{where}/publish").status_code == 302
    public = Client().get("/news/la-linea-recibio-llamadas?language=en").content.decode()
    assert "<dt>1,250</dt>" in public
    assert 'href="/figures/3?language=en#contacts_by_channel"' in public  # the edition that it cites, not the newest
