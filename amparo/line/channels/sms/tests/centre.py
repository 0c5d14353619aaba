"""The message centre of a carrier: the SMPP server of another program (smpp34). It keeps what it could not deliver."""

import asyncio
import socket
import threading
from collections import deque
from typing import Any

import smpp34

PATIENCE = 20  # seconds


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class MessageCentre:
    def __init__(self) -> None:
        self.port = free_port()
        self.waiting: deque[dict[str, Any]] = deque()  # messages for the line
        self.submitted: list[Any] = []  # messages of the line
        self.answer = 0  # status of each answer to them; 0: taken
        self.next_answers: deque[int] = deque()  # statuses of the next ones, instead
        self.is_silent = False  # takes messages, and answers none
        self.statuses: list[int] = []  # the line's answers to our messages
        self._loop: asyncio.AbstractEventLoop | None = None

    def text(self, sender: str, words: str, **more: Any) -> None:
        """Somebody sends a text message to the line."""
        self.raw(sender, words.encode("utf-16-be"), data_coding=8, **more)

    def raw(self, sender: str, message: bytes, **more: Any) -> None:
        self.waiting.append({"source_addr": sender, "short_message": message, **more})

    def start(self) -> None:
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run(ready)), daemon=True)
        self._thread.start()
        assert ready.wait(PATIENCE)

    def stop(self) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._end.set)
            self._thread.join(PATIENCE)
            self._loop = None

    async def _run(self, ready: threading.Event) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        server = smpp34.Server("127.0.0.1", self.port, system_id="CENTRE")
        await server.start()
        ready.set()
        ending, deliveries = asyncio.ensure_future(self._end.wait()), set()
        while not ending.done():
            event = asyncio.ensure_future(server.next())
            await asyncio.wait({event, ending}, return_when=asyncio.FIRST_COMPLETED)
            if not event.done():
                event.cancel()
                break
            got = event.result()
            if isinstance(got, smpp34.Esme) and got.can_receive:
                deliveries.add(asyncio.ensure_future(self._deliver(got)))
            elif isinstance(got, smpp34.SubmitSmEvent):
                if status := self.next_answers.popleft() if self.next_answers else self.answer:
                    got.reject(status)
                else:
                    self.submitted.append(got)
                    if not self.is_silent:
                        got.accept(str(len(self.submitted)))
        for each in deliveries:
            each.cancel()
        await server.stop()

    async def _deliver(self, line: Any) -> None:
        """Deliver what waits, one after the other. What is not taken is kept and delivered at the next bind."""
        again = []
        while self.waiting:
            message = self.waiting[0]
            try:
                answer = await asyncio.wait_for(line.deliver_sm("1818", **message), PATIENCE)
            except (smpp34.SmppError, TimeoutError, OSError):
                break
            self.waiting.popleft()
            self.statuses.append(answer.command_status)
            if not answer.is_success:
                again.append(message)
        self.waiting.extendleft(reversed(again))
