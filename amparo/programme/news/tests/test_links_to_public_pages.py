"""A staff page links to a public page on the host of the public pages, where those have one of their own."""

from dataclasses import replace
from datetime import timedelta

import pytest

from amparo.figures.publishing import public as published_figures
from amparo.programme.events.picklists import Outlet
from amparo.programme.events.rules import add_testimony, publish_event, publish_testimony, record_event
from amparo.programme.news import rules

from .test_notes import CITED, TEXTS

EDITION = {
    "edition": 3, "first_day": "2026-07-01", "published_on": "2026-10-10", "changes": [], "corrects": None,
    "tables": {"contacts_by_channel": {"total": 1250, "cells": {"call": 1200, "chat": 50}}},
}  # fmt: skip


@pytest.fixture(params=["", "help.example"])
def root(request, settings) -> str:
    """What a link to a public page begins with: both sides share a host, or each has its own."""
    if not request.param:
        return "/"
    settings.ENVIRONMENT = replace(
        settings.ENVIRONMENT, public_host="help.example", staff_host="testserver"
    )  # Django's test client asks for this host
    return "https://help.example/"


@pytest.fixture
def links(carla, paula, now, django_capture_on_commit_callbacks) -> list[tuple[str, str]]:
    """Each page for staff that links to a public one, and what that link ends with."""
    published_figures.write_document(EDITION)
    with django_capture_on_commit_callbacks(execute=True):
        draft = rules.draft_note(**TEXTS, by=carla, now=now)
        note = rules.draft_note(**TEXTS, by=carla, now=now)
        rules.publish_note(note, citations={CITED.marker: CITED}, by=paula, now=now)
        event = record_event(kind="talk", title="Una charla", venue="Teatro de Ejemplo", starts_at=now, by=carla)
        publish_event(event, by=carla, now=now)
        testimony = add_testimony(
            event, text_es="Palabras inventadas", outlets=[Outlet.SITE_ES], until=(now + timedelta(days=9)).date(),
            was_explained=True, by=carla, now=now,
        )  # fmt: skip
        publish_testimony(testimony, by=carla, now=now)
    return [
        (f"/notes/{draft.pk}", "figures/3#contacts_by_channel"),
        (f"/notes/{note.pk}", f"news/{note.slug}"),
        (f"/events/{event.pk}", f"performances/{event.pk}"),
        (f"/events/{event.pk}", f"testimonies/{testimony.code}"),
        ("/texts/signs/en", "signs?language=en"),
    ]


def test_a_link_to_a_public_page_names_its_host(links, root, carla, at):
    found = {page: at(carla).get(page).content.decode() for page, _link in links}
    assert [link for page, link in links if f'href="{root}{link}"' not in found[page]] == []
