"""A change of a setting is typed, kept with who made it, in the ledger, undone once, and known to every process."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.db import connection, transaction

from amparo.foundation.access.models import Role, User
from amparo.foundation.audit.models import Entry
from amparo.foundation.core import published_documents as documents
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.live import NotificationHub, conninfo, follow
from amparo.foundation.core.refusal import Refused
from amparo.foundation.line_settings import rules
from amparo.foundation.line_settings.models import SettingChange
from amparo.foundation.line_settings.rules import BY_NAME, LineSettings

pytestmark = pytest.mark.django_db


@pytest.fixture
def adela(db) -> User:
    return User.objects.create(username="adela", role=Role.ADMINISTRATOR)


@pytest.fixture(autouse=True)
def no_file() -> Iterator[None]:
    documents.replace_documents(rules.FOLDER, {})
    yield
    documents.replace_documents(rules.FOLDER, {})


def change(name: str, text: str, by: User) -> SettingChange:
    return rules.change_setting(BY_NAME[name], text, by=by)


def test_the_newest_change_is_in_force_and_stands_in_the_ledger(adela):
    first = change("police_number", "105", adela)
    change("ring_seconds", " 25 ", adela)
    change("ring_seconds", "30", adela)
    assert rules.load() == LineSettings(police_number="105", ring_seconds=30)
    rows = SettingChange.objects.order_by("pk").values_list("setting", "before", "value", "by__username")
    shipped = LineSettings()
    assert list(rows) == [
        ("police_number", shipped.police_number, "105", "adela"),
        ("ring_seconds", shipped.ring_seconds, 25, "adela"), ("ring_seconds", 25, 30, "adela"),
    ]  # fmt: skip
    entries = Entry.objects.filter(what="change_setting", user_id=adela.pk).values_list("about", flat=True)
    assert f"settingchange {first.pk}" in entries
    assert len(entries) == 3


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("greeting_es", "Amparo le responde"), ("greeting_es", "Somos la línea contra la trata"),
        ("greeting_es", "Ayuda a víctimas"), ("greeting_en", "For people who are exploited"), ("greeting_es", "a" * 79),
        ("name", "a" * 41), ("name", "Línea\x07"),
        ("ring_seconds", "9"), ("ring_seconds", "61"), ("ring_seconds", "-20"), ("ring_seconds", "twenty"),
        ("ring_seconds", "1e1"), ("ring_seconds", "²"), ("ring_seconds", ""), ("ring_seconds", "20"),
        ("police_number", ""), ("police_number", "the police"), ("police_number", "1" * 20), ("police_number", "\x00"),
        ("line_number", "0800\n"), ("listening", "maybe"), ("listening", "yes"), ("listening_basis", "x" * 201),
        ("receive_in_danger_minutes", "1440x"), ("receive_minutes", "14"), ("decide_minutes", "1439"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_in_a_sentence_and_changes_nothing(adela, name, text):
    if name == "line_number":
        change(name, "0800", adela)
    before = SettingChange.objects.count()
    with pytest.raises(Refused) as refused:
        change(name, text, adela)
    assert str(refused.value).endswith(".")
    assert SettingChange.objects.count() == before


def test_listening_needs_what_allows_it(adela):
    change("listening_basis", "Respuesta inventada de una abogada", adela)
    change("listening", "yes", adela)
    assert rules.load().listening
    with pytest.raises(Refused, match="permite escuchar"):
        change("listening_basis", "", adela)


def test_a_name_that_says_what_the_line_is_for_stays_out_of_the_first_answers(adela):
    change("name", "Línea contra la trata", adela)
    with pytest.raises(Refused, match="«trata»"):
        change("name_in_answers", "yes", adela)
    change("name", "Línea Sol", adela)
    change("name_in_answers", "yes", adela)
    with pytest.raises(Refused, match="«trata»"):
        change("name", "Línea contra la trata", adela)
    assert rules.load() == LineSettings(name="Línea Sol", name_in_answers=True)


def test_an_undo_brings_back_what_was_before_and_only_of_the_newest(adela):
    first = change("ring_seconds", "25", adela)
    second = change("ring_seconds", "30", adela)
    with pytest.raises(Refused):
        rules.undo_change(first, by=adela)
    rules.undo_change(second, by=adela)
    assert rules.load().ring_seconds == 25
    with pytest.raises(Refused):
        rules.undo_change(second, by=adela)  # twice
    assert rules.load().ring_seconds == 25


def test_the_number_of_the_police_is_never_taken_away_by_an_undo(adela):
    row = SettingChange.objects.create(setting="police_number", value="105", before="")
    with pytest.raises(Refused, match="no quitar"):
        rules.undo_change(row, by=adela)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_nobody_else_changes_or_undoes(adela, role):
    stranger, row = User.objects.create(username="other", role=role), change("ring_seconds", "25", adela)
    with pytest.raises(Refused):
        change("ring_seconds", "30", stranger)
    with pytest.raises(Refused):
        rules.undo_change(row, by=stranger)


def test_the_database_itself_refuses_a_row_of_somebody_else_and_any_later_change(adela, marta):
    row = change("ring_seconds", "25", adela)
    columns = {"setting": "ring_seconds", "value": 30, "before": 25}
    with pytest.raises(Exception, match="row-level security"), acting_as(marta.acting()):
        SettingChange.objects.create(**columns)
    for statement in ("update line_settings_settingchange set value = '5'", "delete from line_settings_settingchange"):
        with (
            pytest.raises(Exception, match="permission denied"), acting_as(adela.acting()),
            transaction.atomic(), connection.cursor() as cursor,
        ):  # fmt: skip
            cursor.execute(statement)
    row.refresh_from_db()
    assert row.value == 25


def test_what_the_environment_carries_is_taken_over_once(adela):
    assert rules.take_over({"police_number": "105", "listening": True}) == ["police_number", "listening"]
    assert rules.load() == LineSettings(police_number="105", listening=True)
    change("police_number", "116", adela)
    assert rules.take_over({"police_number": "105", "answer_days": 5}) == ["answer_days"]
    assert rules.load().police_number == "116", "what people decided since stays"


def test_a_value_of_another_version_counts_as_shipped():
    SettingChange.objects.create(setting="ring_seconds", value="soon")
    SettingChange.objects.create(setting="listening", value=1)
    SettingChange.objects.create(setting="of_another_version", value=7)
    assert rules.load() == LineSettings()


def test_a_process_that_keeps_a_copy_asks_nothing(adela, django_assert_num_queries):
    change("ring_seconds", "25", adela)
    with django_assert_num_queries(0):
        assert rules.current() == LineSettings()
    rules.keep(None)
    assert rules.current().ring_seconds == 25, "the control: without a copy and a file it reads the database"


def test_without_a_copy_a_file_is_read_and_no_database(
    adela, django_assert_num_queries, django_capture_on_commit_callbacks
):
    """A public page may come before this process has its copy."""
    rules.keep(None)
    with django_capture_on_commit_callbacks(execute=True):
        change("ring_seconds", "25", adela)
    with django_assert_num_queries(0):
        assert rules.current().ring_seconds == 25
    SettingChange.objects.create(setting="ring_seconds", value=30)
    assert rules.current().ring_seconds == 25, "the control: it is the file that is read"
    rules.rewrite()
    assert rules.current().ring_seconds == 30


@pytest.mark.django_db(transaction=True)
async def test_a_running_process_takes_a_change_without_a_start():
    following = asyncio.create_task(follow(NotificationHub(conninfo()), {rules.TOPIC: rules.load_copy}))
    try:
        for seconds in (25, 30):
            await asyncio.to_thread(_change_elsewhere, seconds)
            async with asyncio.timeout(30):
                while rules.current() != replace(LineSettings(), ring_seconds=seconds):
                    await asyncio.sleep(0.02)
    finally:
        following.cancel()


def _change_elsewhere(seconds: int) -> None:
    adela, _made = User.objects.get_or_create(username="adela", role=Role.ADMINISTRATOR)
    change("ring_seconds", str(seconds), adela)
    connection.close()
