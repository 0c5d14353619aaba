"""Practice calls: an invented caller telephones one trainee. It dials a word, which is valid once, for a minute.

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

    async def expect_practice(self, call: str, user: int, language: str) -> dict[str, Any]:
        """Command of the web: expect a call to this trainee within a minute. Returns `line`, the word that it dials."""
        self._drop_expired()
        word = WORD + secrets.token_hex(BYTES)
        what = {"channel": Channel.PHONE, "language": Language(language), "practice_of_id": user}
        self._expected[word] = ExpectedCall({"id": UUID(call), **what}, self._now() + VALID)
        return {"line": word}

    @property
    def is_expected(self) -> bool:
        self._drop_expired()
        return bool(self._expected)

    def pop_columns(self, dialled: str) -> dict[str, Any] | None:
        """Return the `Call` columns of the practice call that dials this word, and forget them. None: a real call."""
        self._drop_expired()
        expected = self._expected.pop(dialled, None)
        return expected.columns if expected else None

    def _drop_expired(self) -> None:
        for word in [word for word, each in self._expected.items() if each.until <= self._now()]:
            del self._expected[word]

    def _now(self) -> float:
        return asyncio.get_running_loop().time()


def refuse_practice_of_others(live: LiveCall, user: int) -> None:
    """Raise `Refused` if this is a practice call of another user: only its trainee may know of it."""
    if live.row.practice_of_id not in (None, user):
        raise Refused(_("This call has ended."))


def refuse_company_in_practice(live: LiveCall) -> None:
    """Raise `Refused` in a practice call: no colleague, no third party and no number outside joins it."""
    if live.row.practice_of_id is not None:
        raise Refused(_("This is practice with an invented person. Nobody else joins it."))


def refuse_alarm_in_practice(row: Call) -> None:
    """Raise `Refused` in a practice call, in which danger alerts nobody."""
    if row.practice_of_id is not None:
        raise Refused(_("This is practice: nobody was alerted. In a real conversation every supervisor would be."))
