"""Authenticate programs by token, and limit how often they ask."""

import functools
import threading
import time
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja.security import HttpBearer

from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import RateLimited
from amparo.foundation.core.sliding_window import SlidingWindow
from amparo.foundation.integrations.rules import user_of_token

A_MINUTE = 60.0  # seconds
AT_MOST = 600  # requests per minute, of one token, at each web process


class ProgramRequest(HttpRequest):
    """A request with a valid token."""

    auth: User


class Token(HttpBearer):
    def __init__(self) -> None:
        super().__init__()
        self._recent, self._lock = SlidingWindow(A_MINUTE), threading.Lock()

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        machine = user_of_token(token, timezone.now())
        if machine is not None:
            self._count(str(machine.pk).encode())
        return machine

    def _count(self, machine: bytes) -> None:
        now = time.monotonic()
        with self._lock:
            if self._recent.count(machine, now) >= AT_MOST:
                raise RateLimited(_("Your program asks too often. Wait a minute, and ask less."))
            self._recent.add(machine, now)


def programs[**P, R](may: Callable[[User], bool]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorate a view for programs whose user `may`: one transaction as that user. Others get 404."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(view)
        def answer(*args: P.args, **kwargs: P.kwargs) -> R:
            request: Any = args[0]
            if not may(request.auth):
                raise Http404
            with acting_as(request.auth.acting(), only_reads=request.method == "GET"):
                return view(*args, **kwargs)

        return answer

    return decorate
