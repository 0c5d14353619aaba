"""Each channel has jobs and locks of its own: a slow provider holds up its own channel alone."""

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from amparo.foundation.core.jobs import CONCURRENCY
from amparo.line.channels import tasks
from amparo.line.channels.rules import all_channels, written_channels


@pytest.fixture(autouse=True)
def more_channels(line, monkeypatch) -> None:
    """A line that also has WhatsApp."""
    monkeypatch.setenv("AMPARO_WHATSAPP", "1")
    for name in ("TOKEN", "SECRET", "VERIFY"):
        monkeypatch.setenv(f"AMPARO_WHATSAPP_{name}", "an-invented-word")


def waiting() -> list[tuple[str, str]]:
    jobs = ProcrastinateJob.objects.filter(status="todo", lock__startswith="channels.")
    return sorted((str(job.lock), job.args["channel"]) for job in jobs)


@pytest.mark.django_db(transaction=True)
def test_each_channel_has_its_own_jobs_with_its_own_locks():
    tasks.each_minute(0)
    names = sorted(channel.name for channel in written_channels())
    assert len(names) == 2
    assert waiting() == sorted((f"channels.{what}.{name}", name) for what in ("deliver", "receive") for name in names)


@pytest.mark.django_db(transaction=True)
def test_while_its_jobs_wait_a_channel_gets_no_more():
    for _ in range(3):
        tasks.each_minute(0)
    assert len(waiting()) == 4


def test_the_worker_has_room_for_more_when_every_provider_is_slow():
    slow = 2 * len(all_channels())  # receives and delivers
    assert slow < CONCURRENCY
