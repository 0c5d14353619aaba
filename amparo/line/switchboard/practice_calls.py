"""Practice calls: an invented caller telephones one trainee. What it dials is a word that is valid once, for a minute.

The call rings for its trainee alone, is in nobody else's queue, and nobody joins it (`Call.practice_of`).
"""

import asyncio
import secrets
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from amparo.foundation.core.refusal import Refused

from .live_call import LiveCall
from .models import Call, Channel, Language

WORD = "practice-"
VALID = 60.0  # seconds
BYTES = 12  # of the word; with its letters it fits into `Call.line`


@dataclass(frozen=True)
class ExpectedCall:
    columns: dict[str, Any]  # of its row
    until: float  # of the loop's clock


class PracticeCalls:
    def __init__(self) -> None:
        self._expected: dict[str, ExpectedCall] = {}

    async def expect(self, call: str, user: int, language: str) -> dict[str, Any]:
        """Let an invented person call this trainee in a moment. Returns the word that they dial."""
        self._forget()
        word = WORD + secrets.token_hex(BYTES)
        what = {"channel": Channel.PHONE, "language": Language(language), "practice_of_id": user}
        self._expected[word] = ExpectedCall({"id": UUID(call), **what}, self._now() + VALID)
        return {"line": word}

    @property
    def is_expected(self) -> bool:
        self._forget()
        return bool(self._expected)

    def columns(self, dialled: str) -> dict[str, Any] | None:
        """The row of the call that this word announced. None: a person calls."""
        self._forget()
        expected = self._expected.pop(dialled, None)
        return expected.columns if expected else None

    def _forget(self) -> None:
        for word in [word for word, each in self._expected.items() if each.until <= self._now()]:
            del self._expected[word]

    def _now(self) -> float:
        return asyncio.get_running_loop().time()


def refuse_others(live: LiveCall, user: int) -> None:
    """Raise `Refused` for a practice call of somebody else. To them there is no such call."""
    if live.row.practice_of_id not in (None, user):
        raise Refused(_("This call has ended."))


def refuse_company(live: LiveCall) -> None:
    """Raise `Refused` in a practice call: no colleague, no third party and no number outside joins it."""
    if live.row.practice_of_id is not None:
        raise Refused(_("This is practice with an invented person. Nobody else joins it."))


def refuse_alarm(row: Call) -> None:
    """Raise `Refused` in a practice call, in which danger alerts nobody."""
    if row.practice_of_id is not None:
        raise Refused(_("This is practice: nobody was alerted. In a real conversation every supervisor would be."))
