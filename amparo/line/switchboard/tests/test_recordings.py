"""Administrators record what callers hear; what no telephone can play is refused, and each process follows."""

import asyncio
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from django.db import connection, transaction

from amparo.foundation.access.models import Role, User
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.live import NotificationHub, conninfo, follow
from amparo.foundation.core.refusal import Refused
from amparo.line.switchboard import recordings
from amparo.line.switchboard.media import g711
from amparo.line.switchboard.models import OwnRecording
from amparo.line.switchboard.prompts.library import Library
from amparo.line.switchboard.prompts.manifest import Manifest
from amparo.line.switchboard.recordings import Source

WELCOME = Manifest().prompts["welcome", "es-PE"]
KEY = ("welcome", "es-PE")


def tone(seconds: float = 0.5, hertz: int = 440, loudness: int = 8000) -> bytes:
    """µ-law of a tone."""
    places = np.arange(int(seconds * g711.SAMPLE_RATE))
    return g711.to_ulaw((loudness * np.sin(places * 2 * np.pi * hertz / g711.SAMPLE_RATE)).astype(np.int16))


@pytest.fixture
def adela(db) -> User:
    return User.objects.create(username="adela", role=Role.ADMINISTRATOR)


def state(home: Path) -> tuple[Source, bool]:
    [heard] = [it for it in recordings.heard_in("es-PE", home) if it.prompt.id == "welcome"]
    return heard.source, heard.has_earlier


def test_the_newest_recording_is_heard_and_each_step_stands_in_the_ledger(adela, tmp_path):
    shipped = recordings.sound_of(WELCOME, tmp_path)
    assert state(tmp_path) == (Source.SHIPPED, False)
    recordings.record_prompt(WELCOME, g711.as_wav(tone()), by=adela)
    assert recordings.own_sounds() == {KEY: recordings.sound_of(WELCOME, tmp_path)}
    assert recordings.load_library(tmp_path).sound(*KEY) == recordings.own_sounds()[KEY] != shipped
    assert state(tmp_path) == (Source.PAGE, False)
    recordings.play_shipped(WELCOME, by=adela)
    assert recordings.own_sounds() == {}
    assert recordings.sound_of(WELCOME, tmp_path) == shipped
    assert state(tmp_path) == (Source.SHIPPED, True)
    again = recordings.play_own_again(WELCOME, by=adela)
    assert bytes(again.sound) == recordings.in_frames(g711.parse_wav(g711.as_wav(tone())))
    entries = Entry.objects.filter(user_id=adela.pk).order_by("pk").values_list("what", flat=True)
    assert list(entries) == ["record_prompt", "play_shipped", "play_own_again"]


@pytest.mark.parametrize(
    "wav",
    [
        b"", b"RIFF", b"ID3" + bytes(100), g711.as_wav(b""), g711.as_wav(tone(loudness=100)),
        g711.as_wav(b"\xff" * 8000), g711.as_wav(tone(recordings.LONGEST + 0.1)),
        g711.as_wav(tone()).replace((8000).to_bytes(4, "little"), (44100).to_bytes(4, "little"), 1),
    ],
    ids=["nothing", "cut", "another kind", "empty", "a microphone that was off", "silence", "long", "another rate"],
)  # fmt: skip
def test_what_no_caller_could_hear_is_refused_in_a_sentence(adela, wav):
    with pytest.raises(Refused) as refused:
        recordings.record_prompt(WELCOME, wav, by=adela)
    assert str(refused.value).endswith(".")
    assert not OwnRecording.objects.exists()


def test_there_is_nothing_to_go_back_to_before_something_was_recorded(adela):
    for verb in (recordings.play_shipped, recordings.play_own_again):
        with pytest.raises(Refused):
            verb(WELCOME, by=adela)
    recordings.record_prompt(WELCOME, g711.as_wav(tone()), by=adela)
    with pytest.raises(Refused):
        recordings.play_own_again(WELCOME, by=adela)


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.SUPERVISOR, Role.AUDITOR])
def test_nobody_else_decides_what_callers_hear(adela, role):
    other = User.objects.create(username="other", role=role)
    with pytest.raises(Refused):
        recordings.record_prompt(WELCOME, g711.as_wav(tone()), by=other)
    with pytest.raises(Exception, match="row-level security"), acting_as(other.acting()), transaction.atomic():
        OwnRecording.objects.create(prompt="welcome", language="es-PE", sound=tone(), by=other)
    assert recordings.own_sounds() == {}


@pytest.mark.django_db(transaction=True)
async def test_a_running_switchboard_plays_it_from_then_on():
    library = Library()
    shipped = library.sound(*KEY)
    load = partial(recordings.load_into, library)
    following = asyncio.create_task(follow(NotificationHub(conninfo()), {recordings.TOPIC: load}))
    try:
        await asyncio.to_thread(_decide, recordings.record_prompt, g711.as_wav(tone()))
        async with asyncio.timeout(60):
            while library.sound(*KEY) == shipped:
                await asyncio.sleep(0.02)
        await asyncio.to_thread(_decide, recordings.play_shipped)
        async with asyncio.timeout(60):
            while library.sound(*KEY) != shipped:
                await asyncio.sleep(0.02)
    finally:
        following.cancel()


def _decide(verb, *arguments) -> None:
    adela, _made = User.objects.get_or_create(username="adela", role=Role.ADMINISTRATOR)
    verb(WELCOME, *arguments, by=adela)
    connection.close()
