"""Text messages of the demonstration: a small message centre (SMPP 3.4), and the telephones of invented people.

The line binds to the centre as to a carrier's. Nothing leaves this machine. What was written is kept in memory alone.
"""

import asyncio
import itertools
import json
import logging
import os
import socket
import time
from collections import defaultdict, deque
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from smpplib import consts, exceptions, smpp

from amparo.foundation.core.refusal import Unreachable
from amparo.line.channels.sms.coding import part_of, text_of

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
LINE = "0001818"  # no country has numbers that begin with 000
TELEPHONES = "AMPARO_DEMO_TELEPHONES"  # where the process `network` answers the telephones: host:port
LONGEST = 480  # characters of one message
PATIENCE = 5  # seconds
STARTING = 100  # tenths of a second until the process `network` answers
LONGEST_PDU = 1 << 14  # bytes
KEPT = 50  # messages on a telephone
BROKEN = (OSError, EOFError, ValueError, KeyError, exceptions.PDUError, exceptions.UnknownCommandError)


@dataclass(frozen=True)
class Writer:
    """An invented person who writes, and the words that the page suggests to begin with."""

    who: str | Promise
    first_words: str


WRITERS = {
    "tucan": Writer(
        gettext_lazy("a girl of 17, deceived by the offer of a job"),
        "Hola, ¿aquí ayudan? No puedo hablar, en el cuarto hay otras. Me quitaron mi DNI y no me dejan salir.",
    ),
    "ceibo": Writer(
        gettext_lazy("a mother who asks about a job offered to her daughter"),
        "Buenas tardes. A mi hija le ofrecen trabajo en otra ciudad, con pasaje pagado. ¿Será seguro?",
    ),
    "garza": Writer(
        gettext_lazy("a tourist who writes English and saw something"),
        "Hello, I am a tourist. I saw something at my hostel that worries me. Can I tell you here?",
    ),
}


def settings_of_line() -> dict[str, str]:
    """Return the environment variables of a line whose carrier is this centre; empty if somebody has set some."""
    if any(name.startswith("AMPARO_SMS") for name in os.environ):
        return {}
    return {
        "AMPARO_SMS": f"smpp://{HOST}:{_free_port()}", "AMPARO_SMS_NUMBER": LINE,
        "AMPARO_SMS_USER": "invented", "AMPARO_SMS_PASSWORD": "invented",
        TELEPHONES: f"{HOST}:{_free_port()}",
    }  # fmt: skip


def has_message_centre() -> bool:
    """True if this demonstration has a message centre, and telephones that write."""
    return TELEPHONES in os.environ


def wait_for_telephones() -> None:
    """If this demonstration has a message centre, return once it answers, or after some seconds without it."""
    for _try in range(STARTING if has_message_centre() else 0):
        with suppress(OSError), socket.create_connection((HOST, _port_of(TELEPHONES)), PATIENCE):
            return
        time.sleep(0.1)


async def serve_text_messages() -> None:
    """Carry text messages between the line and the telephones until cancelled, if this demonstration has them.

    If their port cannot be opened, it logs that and waits, so that calls go on.
    """
    if has_message_centre():
        centre = MessageCentre()
        try:
            async with (
                await asyncio.start_server(centre.speak_with_line, HOST, _port_of("AMPARO_SMS")) as line,
                await asyncio.start_server(centre.answer_telephone, HOST, _port_of(TELEPHONES)) as telephones,
            ):
                await asyncio.gather(line.serve_forever(), telephones.serve_forever())
        except OSError as error:
            log.warning("This demonstration carries no text messages until its next start: %s.", error.strerror)
    await asyncio.Event().wait()


def exchange_messages(number: str, words: str = "") -> list[dict[str, Any]]:
    """Send `words`, if any, from the invented telephone with this number. Return its last messages, oldest first.

    Each message says whether the telephone wrote it (`is_own`), its `words` and its time in microseconds (`at`). Raises
    `Unreachable` if there are no such telephones.
    """
    try:
        with (
            socket.create_connection((HOST, _port_of(TELEPHONES)), PATIENCE) as link,
            link.makefile("rwb") as lines,
        ):
            lines.write(json.dumps({"number": number, "words": words}).encode() + b"\n")
            lines.flush()
            screen: list[dict[str, Any]] = json.loads(lines.readline())
    except (OSError, ValueError) as error:
        raise Unreachable(_("This demonstration has no invented telephones that write.")) from error
    return screen


class MessageCentre:
    """Carries text messages between the line (SMPP) and invented telephones (JSON lines)."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[str, str]] = deque()  # number and words, for the line
        self._waits = asyncio.Event()
        self._screens: defaultdict[str, deque[dict[str, Any]]] = defaultdict(lambda: deque(maxlen=KEPT))  # by number
        self._parts: defaultdict[tuple[str, str], dict[int, bytes]] = defaultdict(dict)  # of long answers

    async def answer_telephone(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection of a telephone: a JSON line with its number and words; its last messages come back."""
        try:
            request = json.loads(await reader.readline())
            if words := request["words"]:
                self._show_message(request["number"], words, is_own=True)
                self._waiting.append((request["number"], words))
                self._waits.set()
            writer.write(json.dumps(list(self._screens[request["number"]])).encode() + b"\n")
            await writer.drain()
        except BROKEN:
            pass
        finally:
            writer.close()

    async def speak_with_line(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one SMPP connection of the line. What the line did not take is delivered when it binds again."""
        answers: asyncio.Queue[int] = asyncio.Queue()
        delivery: asyncio.Task[None] | None = None
        try:
            while True:
                pdu = await _read_pdu(reader)
                if pdu.is_response():
                    answers.put_nowait(pdu.status)
                    continue
                if pdu.command == "submit_sm":
                    self._receive_from_line(pdu)
                answer = smpp.make_pdu(f"{pdu.command}_resp")
                answer.sequence = pdu.sequence
                writer.write(answer.generate())
                await writer.drain()
                if pdu.command in ("bind_receiver", "bind_transceiver"):
                    delivery = asyncio.create_task(self._deliver(writer, answers))
        except BROKEN:
            pass
        finally:
            if delivery:
                delivery.cancel()
            writer.close()

    async def _deliver(self, writer: asyncio.StreamWriter, answers: asyncio.Queue[int]) -> None:
        for sequence in itertools.count(1):
            await self._waits.wait()
            number, words = self._waiting[0]
            pdu = smpp.make_pdu(
                "deliver_sm", sequence=sequence, source_addr=number, destination_addr=LINE,
                data_coding=consts.SMPP_ENCODING_ISO10646, message_payload=words.encode("utf-16-be"),
            )  # fmt: skip
            pdu.sequence = sequence
            writer.write(pdu.generate())
            await writer.drain()
            if await answers.get() != consts.SMPP_ESME_ROK:
                return
            self._waiting.popleft()
            if not self._waiting:
                self._waits.clear()

    def _receive_from_line(self, pdu: Any) -> None:
        """Show a message of the line on the telephone. A message in parts is shown once all parts have come."""
        number = pdu.destination_addr.decode("ascii")
        words, part = part_of(pdu.short_message, pdu.esm_class)
        if part is not None:
            reference, nth, total = part
            parts = self._parts[number, reference]
            parts[nth] = words
            if len(parts) < total:
                return
            words = b"".join(parts[each] for each in sorted(self._parts.pop((number, reference))))
        self._show_message(number, text_of(words, pdu.data_coding), is_own=False)

    def _show_message(self, number: str, words: str, *, is_own: bool) -> None:
        self._screens[number].append({"is_own": is_own, "words": words, "at": time.time_ns() // 1000})


async def _read_pdu(reader: asyncio.StreamReader) -> Any:
    length = await reader.readexactly(4)
    if not 16 <= (size := int.from_bytes(length)) <= LONGEST_PDU:
        raise exceptions.PDUError(size)
    # `sequence` is that of the message once it was parsed; without one the library asks its client for it
    return smpp.parse_pdu(length + await reader.readexactly(size - 4), allow_unknown_opt_params=True, sequence=0)


def _port_of(setting: str) -> int:
    return int(os.environ.get(setting, "").rpartition(":")[2])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
