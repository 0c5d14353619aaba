"""Background jobs in the database: enqueued in the transaction that needs them, done by the worker process."""

import asyncio
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from django.db.models.functions import Now
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateWorker
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import JobDeferrer

from .database_roles import POOL

HEARTBEAT = 3  # seconds
CONCURRENCY = 12  # jobs at once: more than the channels can take while all their providers are slow

job = app.task
every = app.periodic


def due_time(timestamp: int) -> datetime:
    """Return the time at which a periodic job was due, or now if that is earlier.

    Otherwise somebody who can write into the queue could name a day by which all retention periods have ended.
    """
    return datetime.fromtimestamp(min(timestamp, time.time()), UTC)


def defer_once(waiting: JobDeferrer, **arguments: Any) -> None:
    """Enqueue a job, unless one with its queueing lock waits already. Not to be called within a transaction."""
    with suppress(AlreadyEnqueued):
        waiting.defer(**arguments)


def run_worker() -> None:
    """Run the worker until a signal stops it. If the database is away, it exits with a sentence, and is restarted."""
    try:
        asyncio.run(_work_on_jobs())
    except (ConnectorException, psycopg.OperationalError):
        sys.exit("amparo: The worker lost the database, and begins again.")


async def _work_on_jobs() -> None:
    # One connection while nothing waits.
    # Python's own pool has so few threads on a small machine that slow jobs would take them all.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(CONCURRENCY + 2))
    connector = PsycopgConnector(kwargs=connector_params(), min_size=1, max_size=CONCURRENCY, max_idle=POOL["max_idle"])
    async with app.with_connector(connector).open_async() as running:
        await running.run_worker_async(
            concurrency=CONCURRENCY, update_heartbeat_interval=HEARTBEAT, stalled_worker_timeout=10 * HEARTBEAT
        )


def is_worker_alive() -> bool:
    """True if a worker's last heartbeat is recent, by the clock of the database, which also wrote it."""
    return ProcrastinateWorker.objects.filter(last_heartbeat__gt=Now() - 4 * timedelta(seconds=HEARTBEAT)).exists()
