"""The web asks the switchboard over a local Unix socket: one JSON line as the request, one as the answer.

The web has already checked permissions. The switchboard decides what is possible now (the call may be gone or taken).
"""

import asyncio
import json
import logging
import os
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from amparo.foundation.core.refusal import RateLimited, Refused, Unreachable

log = logging.getLogger(__name__)

PATIENCE = 45  # seconds: a desk phone may ring for 30
LONGEST = 1 << 18  # bytes of one line; a browser's SDP has a few kB

type Verb = Callable[..., Awaitable[dict[str, Any]]]


def ask(verb: str, **what: Any) -> dict[str, Any]:
    """Send a request to the switchboard and return its answer.

    Raises `Refused` with the switchboard's sentence, and `Unreachable` if it is away.
    """
    try:
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(PATIENCE)
            link.connect(str(settings.ENVIRONMENT.control_socket))
            with link.makefile("rwb") as lines:
                lines.write(json.dumps({"verb": verb, "words_in": get_language(), **what}).encode() + b"\n")
                lines.flush()
                answer: dict[str, Any] = json.loads(lines.readline(LONGEST))
    except (OSError, ValueError) as error:
        raise Unreachable(_("The switchboard is away for a moment. Calls come back by themselves.")) from error
    if "refused" in answer:
        raise (RateLimited if answer.get("too_often") else Refused)(answer["refused"])
    return answer


def is_answering() -> bool:
    try:
        return "ok" in ask("ping")
    except (Refused, Unreachable):
        return False


async def serve(path: Path, verbs: dict[str, Verb]) -> asyncio.Server:
    """Answer requests of the web. A refusal is sent as its sentence; an unreadable request closes the connection."""

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if (request := await _read_request(reader)) is not None:
                writer.write(json.dumps(await _answer_request(verbs, request)).encode() + b"\n")
                await writer.drain()
        except OSError:
            pass  # the web has gone away
        finally:
            writer.close()

    path.unlink(missing_ok=True)
    server = await asyncio.start_unix_server(converse, path, limit=LONGEST)
    os.chmod(path, 0o660)  # access is limited by its folder
    return server


async def _read_request(reader: asyncio.StreamReader) -> dict[str, Any] | None:
    """Read a request. None: the connection ended, or it is not a JSON object with a verb."""
    try:
        request = json.loads(await reader.readline())
    except (ValueError, RecursionError):
        return None
    is_readable = isinstance(request, dict) and isinstance(request.get("verb"), str)
    return request if is_readable and isinstance(request.get("words_in"), str | None) else None


async def _answer_request(verbs: dict[str, Verb], request: dict[str, Any]) -> dict[str, Any]:
    verb, language = request.pop("verb"), request.pop("words_in", None)
    if verb not in verbs:
        return {"refused": f"No such verb: {verb}"}
    with translation.override(language):  # the user reads the refusal
        try:
            return await verbs[verb](**request)
        except Refused as refusal:
            return {"refused": str(refusal), "too_often": isinstance(refusal, RateLimited)}
        except Exception as error:  # our own fault; log only its type, as its text may contain a person's words
            log.error("%s failed: %s", verb, type(error).__name__)
            return {"refused": _("The switchboard could not do that. Try again.")}
