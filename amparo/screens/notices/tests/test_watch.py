"""The address outside hears from us while all is well; nothing private can be named as that address."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client

from amparo.foundation.core.refusal import Refused
from amparo.foundation.integrations.tests.peer import peer
from amparo.foundation.line_settings.definitions import BY_NAME
from amparo.foundation.line_settings.rules import LineSettings, keep
from amparo.screens.administration.part import AMBER, GREEN, RED, Part

from ..finding import Look
from ..models import WatchState
from ..watch import Trouble, tell_watch
from .conftest import NOW

pytestmark = pytest.mark.django_db
WELL = [Part("disk", "Disk", GREEN, ("well",)), Part("clock", "Clock", AMBER, ("look",))]
UNWELL = [*WELL, Part("trunk", "Trunk", RED, ("down",))]


@pytest.fixture
def outside(tmp_path, monkeypatch):
    with peer(tmp_path) as it:
        monkeypatch.setenv("SSL_CERT_FILE", str(it.authority))
        keep(LineSettings(watch_address=f"https://localhost:{it.port}/invented-line"))
        yield it


def page(user) -> str:
    client = Client()
    client.force_login(user)
    return client.get("/installation/notices?language=en").content.decode()


def test_it_hears_that_we_live_and_nothing_else(outside, stranger):
    tell_watch(Look(NOW, WELL))
    [(path, headers, body)] = outside.heard
    assert (path, body) == ("/invented-line", b"")
    assert headers.keys() <= {"host", "user-agent", "accept-encoding"}
    assert WatchState.objects.get().answered_at == NOW
    assert "The address outside last answered at" in page(stranger)


def test_while_a_part_does_not_work_it_hears_nothing_and_the_page_says_since_when(outside, stranger):
    tell_watch(Look(NOW, WELL))
    tell_watch(Look(NOW + timedelta(minutes=5), UNWELL))
    assert len(outside.heard) == 1
    row = WatchState.objects.get()
    assert (row.answered_at, row.trouble) == (NOW, Trouble.UNWELL)
    assert "because a part does not work" in page(stranger)


def test_an_answer_that_is_none_is_shown(outside, stranger):
    outside.answers.append(404)
    tell_watch(Look(NOW, WELL))
    assert (WatchState.objects.get().answered_at, WatchState.objects.get().trouble) == (None, Trouble.REFUSED)
    outside.answers.append(302)  # no redirect is followed
    tell_watch(Look(NOW, WELL))
    assert [path for path, *_ in outside.heard] == ["/invented-line"] * 2
    assert "has not answered yet" in page(stranger)


def test_a_name_that_leads_into_a_private_network_is_not_asked(outside, settings):
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, demo=False, hooks_inside=False)
    tell_watch(Look(NOW, WELL))
    assert (WatchState.objects.get().trouble, outside.heard) == (Trouble.PRIVATE, [])


def test_without_an_address_nothing_is_asked(stranger):
    tell_watch(Look(NOW, UNWELL))
    assert not WatchState.objects.exists()
    assert "nobody would notice that this machine is dead" in page(stranger)


@pytest.mark.parametrize(
    "text",
    [
        "http://watch.example.org/line", "https://127.0.0.1/line", "https://[::1]/", "https://10.0.0.5/x",
        "https://localhost/x", "https://box.local/", "https://169.254.169.254/", "https://a:b@watch.example.org/",
        "https://watch.example.org/?line=1", "https://watch.example.org/#x", "https://", "watch", "https://x y/",
        "https://watch.example.org:0/", "https://watch.example.org:99999/", "https://watch.exámple/",
    ],
)  # fmt: skip
def test_what_is_not_outside_or_says_more_is_refused(settings, text):
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, demo=False, hooks_inside=False)
    with pytest.raises(Refused):
        BY_NAME["watch_address"].parse(text)


def test_an_address_outside_is_taken_and_so_is_none(settings):
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, demo=False, hooks_inside=False)
    for text in ("https://watch.example.org/0f3a", "https://192.0.78.9:8443/", ""):
        assert BY_NAME["watch_address"].parse(text) == text
