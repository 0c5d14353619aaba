"""Live notifications: each says what changed, without content. Every page then fetches the change with its own rights.

A notification is a topic ("queue") or a topic and an id ("contact 7f3c..."). It travels by NOTIFY, so it leaves only on
commit; each process listens once and passes it to its open streams.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import Error, connection
from psycopg.conninfo import make_conninfo

log = logging.getLogger(__name__)

CHANNEL = "amparo_live"
BACKLOG = 256  # notes that a slow browser may lag behind; then its stream is closed, and it reconnects and loads anew
EVERYTHING = "everything"  # the database was unreachable: every listener loads everything again
RETRY = 0.5  # seconds


def notify(topic: str, about: object = "") -> None:
    """Tell every open page that something changed. Within a transaction, this is sent when it commits."""
    notify_all([f"{topic} {about}".strip()])


def notify_all(texts: list[str]) -> None:
    """Send several notifications at once. Within an action, they wait for its ledger entry."""
    if (waiting := pending_notifications()) is not None:
        waiting += [text for text in texts if text not in waiting]
        return
    with connection.cursor() as cursor:
        cursor.execute("select pg_notify(%s, text) from unnest(%s::text[]) as text", [CHANNEL, texts])


@contextmanager
def collect_notifications() -> Iterator[list[str]]:
    """Yield the list in which an action's notifications wait: one statement sends them with its ledger entry."""
    before, waiting = pending_notifications(), list[str]()
    connection.notes = waiting  # type: ignore[attr-defined]
    try:
        yield waiting
    finally:
        connection.notes = before  # type: ignore[attr-defined]


def pending_notifications() -> list[str] | None:
    """Return the notifications that wait for the ledger entry of the current action; None: no action is running."""
    return getattr(connection, "notes", None)


class Notification:
    """One notification, shared by all streams of this process."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._answer: asyncio.Future[Any] | None = None

    async def once[T](self, ask: Callable[[], Awaitable[T]]) -> T:
        """Await `ask` when the first stream calls this, and give its result to every stream that calls it."""
        if self._answer is None:
            self._answer = asyncio.ensure_future(ask())
        result: T = await asyncio.shield(self._answer)  # one stream may close while others wait
        return result


class NotificationHub:
    """One LISTEN connection for all streams of this process."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._streams: set[asyncio.Queue[Notification | None]] = set()
        self._task: asyncio.Task[None] | None = None
        self._last: float | None = None  # when the last notification came, or listening began; None: it does not listen

    async def notifications(self) -> AsyncIterator[Notification]:
        """Yield notifications from now on. Ends when this reader is more than `BACKLOG` of them behind."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._listen())
        queue: asyncio.Queue[Notification | None] = asyncio.Queue(BACKLOG)
        self._streams.add(queue)
        try:
            while (notification := await queue.get()) is not None:
                yield notification
        finally:
            self._streams.discard(queue)

    def has_changed_since(self, moment: float) -> bool:
        """Whether a notification may have come since, in seconds of the epoch.

        False while this does not listen: who reads `notifications` is told everything once it does.
        """
        return self._last is not None and moment <= self._last

    async def _listen(self) -> None:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(self._conninfo, autocommit=True) as link:
                    await link.execute(f"listen {CHANNEL}")
                    self._broadcast(EVERYTHING)
                    async for notification in link.notifies():
                        self._broadcast(notification.payload.strip() or EVERYTHING)  # anybody may send an empty one
            except psycopg.OperationalError:
                self._last = None
                log.warning("the database is away; live notifications wait for it")
            await asyncio.sleep(RETRY)

    def _broadcast(self, text: str) -> None:
        self._last = time.time()
        notification = Notification(text)
        for queue in tuple(self._streams):
            try:
                queue.put_nowait(notification)
            except asyncio.QueueFull:
                self._streams.discard(queue)
                queue.get_nowait()
                queue.put_nowait(None)


def reload(load: Callable[[], None]) -> bool:
    """Let a process read its copy of something anew. False: the database is away, and the copy stays as it is."""
    try:
        load()
    except Error:
        return False
    finally:
        connection.close()  # return it to the pool: this thread may not run again
    return True


async def follow(hub: NotificationHub, loads: Mapping[str, Callable[[], None]]) -> None:
    """Keep the copies of this process, by topic, and read each again at its notifications, for ever."""
    while True:
        async for notification in hub.notifications():
            for topic, load in loads.items():
                if notification.text in (topic, EVERYTHING):
                    await asyncio.to_thread(reload, load)


def conninfo() -> str:
    """Connection string for connections to the database outside Django."""
    at = connection.settings_dict
    tls = {name: value for name, value in at["OPTIONS"].items() if name.startswith("ssl")}
    return make_conninfo(
        dbname=at["NAME"], user=at["USER"], password=at["PASSWORD"] or None, host=at["HOST"], port=at["PORT"] or None,
        **tls,
    )  # fmt: skip
