"""Who asks: a program with a token, and how often it may."""

import functools
import threading
import time
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja.security import HttpBearer

from amparo.ground.access.models import User
from amparo.ground.core.acting import need_to_know
from amparo.ground.core.recent import Recent
from amparo.ground.core.refusal import TooOften
from amparo.ground.machines.rules import machine_with

A_MINUTE = 60.0  # seconds
AT_MOST = 600  # in a minute, of one token, at each web process


class AskedByProgram(HttpRequest):
    """A request that a token let through."""

    auth: User


class Token(HttpBearer):
    def __init__(self) -> None:
        super().__init__()
        self.lately, self.one_at_a_time = Recent(A_MINUTE), threading.Lock()

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        machine = machine_with(token, timezone.now())
        if machine is not None:
            self._count(str(machine.pk).encode())
        return machine

    def _count(self, who: bytes) -> None:
        now = time.monotonic()
        with self.one_at_a_time:
            if self.lately.count(who, now) >= AT_MOST:
                raise TooOften(_("Your program asks too often. Wait a minute, and ask less."))
            self.lately.add(who, now)


def programs[**P, R](may: Callable[[User], bool]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorate an answer for programs that `may`: one transaction under what they may see."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(view)
        def answer(*args: P.args, **kwargs: P.kwargs) -> R:
            request: Any = args[0]
            if not may(request.auth):
                raise Http404
            with need_to_know(request.auth.acting(), only_reads=request.method == "GET"):
                return view(*args, **kwargs)

        return answer

    return decorate
