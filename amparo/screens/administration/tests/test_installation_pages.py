"""Administrators of the hotline see how its machine is, what is kept how long, and how it is set; others see a 404."""

import csv
import shutil
from collections import namedtuple
from dataclasses import replace
from datetime import timedelta
from importlib import metadata

import pytest
from django.test import Client
from django.utils import timezone, translation

from amparo.foundation.access.models import Agency, Role, User
from amparo.foundation.backup import last_run
from amparo.foundation.core.actor import acting_as
from amparo.foundation.vault.models import DataKey, LegalHold, Retention
from amparo.line.channels.models import record_answer
from amparo.line.switchboard.picklists import Trunk
from amparo.screens.administration import machine, rules
from amparo.screens.administration.institutions import institutions
from amparo.screens.administration.keeping import retention_states
from amparo.screens.administration.part import Part
from amparo.screens.administration.version import newest_release
from amparo.screens.administration.word_lists import word_lists

ROOMS = ("line", "lists", "lists.csv", "institutions", "version")
PAGES = ("/installation", *(f"/installation/{room}" for room in ("retention", "settings", *ROOMS)))


@pytest.fixture
def administrator(stranger) -> Client:
    client = Client()
    client.force_login(stranger)
    return client


def read(client: Client, page: str, language: str = "en") -> str:
    return client.get(f"{page}?language={language}").content.decode()


@pytest.mark.parametrize(("language", "words"), [("es", "Las llaves están en archivos"), ("en", "Keys stand in files")])
def test_the_page_lists_weaknesses_and_how_to_fix_them(administrator, language, words):
    page = read(administrator, "/installation", language)
    assert words in page
    assert "AMPARO_KEYS=age" in page


@pytest.mark.parametrize("page", PAGES)
def test_only_administrators_open_the_pages(marta, page):
    client = Client()
    client.force_login(marta)
    assert client.get(page).status_code == 404


@pytest.fixture
def line_with_email(monkeypatch) -> None:
    servers = {"_IMAP": "imaps://mail.example", "_SMTP": "smtps://mail.example"}
    for name, value in {"": "ayuda@linea.example", "_PASSWORD": "x", **servers}.items():
        monkeypatch.setenv(f"AMPARO_EMAIL{name}", value)


def test_an_email_that_cannot_be_read_and_a_silent_provider_are_shown(administrator, line_with_email, now):
    record_answer("email", 2, now - timedelta(minutes=20))
    page = read(administrator, "/installation")
    assert "2 messages cannot be read, and wait in the folder Unreadable of the mailbox." in page
    assert "the provider has not answered since" in page


def test_a_text_message_that_cannot_be_stored_is_shown(administrator, monkeypatch, now):
    monkeypatch.setenv("AMPARO_SMS", "http://127.0.0.1:9/messages")
    monkeypatch.setenv("AMPARO_SMS_SECRET", "whsec_" + "A" * 43 + "=")
    record_answer("sms", 1, now)
    page = read(administrator, "/installation")
    assert "1 message cannot be stored, and waits here." in page
    assert "Unreadable" not in page


def test_control_a_provider_that_answers_and_holds_nothing_back_is_well(administrator, line_with_email, now):
    record_answer("email", 0, now)
    page = read(administrator, "/installation")
    assert "E-mail." in page
    assert "Unreadable" not in page
    assert "has not answered" not in page


def test_what_is_away_is_red_and_the_page_still_comes(administrator):
    page = read(administrator, "/installation")  # neither switchboard nor worker runs in this test
    assert "The switchboard is away for a moment." in page
    assert "The worker gives no sign of life" in page
    assert page.count('data-light="red"') == 3  # with the trunk
    assert "PostgreSQL 1" in page


@pytest.mark.parametrize(("used", "light"), [(50, "green"), (79, "green"), (80, "amber"), (95, "red")])
def test_a_disk_that_fills_up_is_seen_in_time(monkeypatch, settings, used, light):
    usage = namedtuple("usage", "total used free")(1000, used * 10, 1000 - used * 10)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: usage)
    assert machine.disk(settings.ENVIRONMENT.home).light == light


@pytest.mark.parametrize(
    ("trunk", "light", "words"),
    [
        (Trunk.NONE, "amber", "AMPARO_TRUNK"),
        (Trunk.WITHOUT_REGISTRATION, "green", "no registration"),
        (Trunk.REGISTERED, "green", "registered at 192.0.2.9:5060"),
        (Trunk.REFUSED, "red", "not registered at 192.0.2.9:5060"),
    ],
)
def test_the_trunk_is_as_the_switchboard_knows_it(settings, trunk, light, words):
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, trunk=("192.0.2.9", 5060))
    with translation.override("en"):
        part = rules._trunk(trunk)
    assert part.light == light
    assert words in f"{part.words} {part.remedy}"


@pytest.fixture
def home(settings, tmp_path):
    (tmp_path / "run").mkdir()
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, home=tmp_path)
    return tmp_path


def backup_part(now) -> Part:
    with translation.override("en"):
        return rules.backup(now)


def test_without_a_backup_the_page_says_so(home):
    part = backup_part(timezone.now())
    assert (part.light, part.words) == ("amber", "None was made by this Amparo.")
    assert part.remedy == "The command “amparo backup” makes one."


@pytest.mark.parametrize(("days", "light"), [(0, "green"), (2, "green"), (3, "amber")])
def test_a_backup_grows_old(home, days, light):
    now = timezone.now().replace(microsecond=0)
    last_run.note_backup(home, at=now - timedelta(days=days), size=3_500_000, checked_at=now)
    part = backup_part(now)
    assert part.light == light
    assert "3.3\xa0MB in two files. It was restored on" in part.words


def test_a_backup_that_was_not_checked_and_a_restore_are_said(home):
    now = timezone.now()
    last_run.note_restore(home, at=now, as_of="2026-11-25T08:12:00+00:00")
    assert "None was made" in backup_part(now).words
    last_run.note_backup(home, at=now, size=1, checked_at=None)
    words = backup_part(now).words
    assert "It was not restored to check that it opens. This hotline was restored on" in words
    assert "as it was on 25" in words or "as it was on 11/25" in words
    (home / "run" / "last-backup.json").write_text("{")  # a damaged file tells nothing
    assert "None was made" in backup_part(now).words


def test_retention_says_how_much_goes_and_when(administrator, marta):
    Retention.objects.create_defaults()  # a test before this one may have emptied the table
    now = timezone.now()
    ages = {"soon": 70, "later": 10, "held": 89}
    before = next(it for it in retention_states(now) if it.kind == "card")  # another test may have left records
    with acting_as(marta.acting()):
        for name, days in ages.items():
            key = DataKey.objects.make("1:supervisor", agency=1, kind="card")
            key.close(now - timedelta(days=days))
            if name == "held":
                key.hold(LegalHold.COURT)
        DataKey.objects.make("1:supervisor", agency=1, kind="card")  # open: it has no clock
    card = next(it for it in retention_states(now) if it.kind == "card")
    more = (card.closed - before.closed, card.soon - before.soon, card.on_hold - before.on_hold)
    assert (card.days, more) == (90, (2, 1, 1))
    assert card.next_at == min(now + timedelta(days=20), before.next_at or now + timedelta(days=20))
    page = read(administrator, "/installation/retention")
    assert "Safe-contact card: how to reach the person" in page
    assert "90 days" in page


def test_settings_are_shown_by_their_names_and_no_secret(administrator, settings):
    settings.ENVIRONMENT = replace(
        settings.ENVIRONMENT, trunk=("192.0.2.9", 5060), trunk_user="linea", trunk_secret="quetzal",
        database_url="postgresql://amparo:quetzal@db/amparo",
    )  # fmt: skip
    page = read(administrator, "/installation/settings")
    for shown in ("AMPARO_TRUNK", "192.0.2.9:5060"):
        assert shown in page
    assert "quetzal" not in page


def test_the_line_says_where_each_thing_is_set_and_what_is_not_known(administrator, settings):
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, trunk=("192.0.2.9", 5060), trunk_secret="quetzal")
    page = read(administrator, "/installation/line")
    for shown in (
        "192.0.2.9:5060",
        "AMPARO_TRUNKS",
        "how many ports carry sound is not",
    ):
        assert shown in page
    assert "quetzal" not in page


def test_the_lists_have_the_words_of_the_forms_in_each_language(administrator):
    [kinds] = [it for it in word_lists() if "access.Agency.kind" in it.columns]
    words = {word.code: (word.es, word.en) for word in kinds.words}
    assert words["police"] == ("Policía", "Police")
    listed = read(administrator, "/installation/lists", "es")
    assert "snapshot.Crossing" not in listed, "its words are of the code, and stand in no language"
    assert '?list=foundation.access.Kind">Línea de ayuda, Policía, Fiscalía…</a>' in listed
    assert '?list=foundation.access.Kind">Hotline, Police' in read(administrator, "/installation/lists", "en")
    chosen = administrator.get("/installation/lists?list=foundation.access.Kind&language=es").content.decode()
    assert all(words in chosen for words in ("access.Agency.kind", "Policía", ">Police<"))
    answer = administrator.get("/installation/lists.csv?language=en")
    head, *rows = csv.reader(answer.content.decode("utf-8-sig").splitlines())
    assert head[:4] == ["List", "Room", "Code", "Spanish"]
    assert len(rows) == sum(len(it.words) for it in word_lists())


def test_an_institution_has_its_people_and_what_their_roles_may_do(administrator, marta):
    unit = Agency.objects.create(name="Unidad inventada", kind="police")
    User.objects.create(username="teo", role=Role.POLICE_LIAISON, agency=unit)
    User.objects.create(username="gone", role=Role.AUDITOR, agency=unit, is_active=False)
    [hotline, *_others, police] = institutions()
    assert [str(words) for words in police.may] == ["leer las denuncias que se les envían"]
    assert [number for _role, number in police.roles] == [1]
    assert "supervisar la línea" in [str(words) for words in hotline.may]
    page = read(administrator, "/installation/institutions")
    assert "Unidad inventada" in page
    assert "Read the police reports that are sent to them" in page


def test_the_version_is_the_one_that_is_installed(administrator):
    page = read(administrator, "/installation/version")
    assert f"Amparo {metadata.version('amparo')}" in page
    assert "cryptography" in page
    title, notes = newest_release()
    assert title in page
    assert len(notes) > 3
    assert all(note and not note.startswith("-") for note in notes)
