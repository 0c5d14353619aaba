"""Background work, in the database: enqueued within the transaction that needs it, done by the worker process."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

from django.db.models.functions import Now
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateWorker
from procrastinate.contrib.django.utils import connector_params

HEARTBEAT = 3  # seconds
CONCURRENCY = 4

job = app.task
every = app.periodic


def due(timestamp: int) -> datetime:
    """When a job of the clock was to be done. Never later than now: who can write a row of the queue could name a day
    by which everything is to be forgotten."""
    return datetime.fromtimestamp(min(timestamp, time.time()), UTC)


def work() -> None:
    """Run the worker until it is told to stop."""
    asyncio.run(_work())


async def _work() -> None:
    connector = PsycopgConnector(kwargs=connector_params(), min_size=1, max_size=CONCURRENCY)  # one while nothing waits
    async with app.with_connector(connector).open_async() as running:
        await running.run_worker_async(
            concurrency=CONCURRENCY, update_heartbeat_interval=HEARTBEAT, stalled_worker_timeout=10 * HEARTBEAT
        )


def is_working() -> bool:
    """Whether a worker has given a sign of life lately, by the database's clock, which wrote it down."""
    return ProcrastinateWorker.objects.filter(last_heartbeat__gt=Now() - 4 * timedelta(seconds=HEARTBEAT)).exists()
