"""Authenticate programs by token, and limit how often they ask."""

import functools
import time
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja.security import HttpBearer

from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.pseudonyms import Pseudonyms, network_of
from amparo.foundation.core.rate_limit import SlidingWindow
from amparo.foundation.core.refusal import RateLimited
from amparo.foundation.integrations.rules import user_of_token

A_MINUTE = 60.0  # seconds
AT_MOST = 600  # requests per minute, of one token, at each web process
WRONG = 30  # tokens that open nothing, per minute, of one network, at each web process
HOUR = 3600.0  # seconds for which a token that opened is remembered, as a pseudonym


class ProgramRequest(HttpRequest):
    """A request with a valid token."""

    auth: User


class Token(HttpBearer):
    def __init__(self) -> None:
        super().__init__()
        self._recent, self._wrong = SlidingWindow(A_MINUTE), SlidingWindow(A_MINUTE)
        self._right, self._just_noted = SlidingWindow(HOUR), SlidingWindow(A_MINUTE)
        self._pseudonyms = Pseudonyms()

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        """Return the token's user. None: it opens nothing.

        After many wrong tokens of a network its others are not looked up for up to a minute, except one that opened
        within the last hour: a program is not shut out by who shares its address.
        """
        network, now = self._pseudonyms.of(network_of(request.META.get("REMOTE_ADDR", ""))), time.monotonic()
        own = self._pseudonyms.of(token) or b""
        if network and self._wrong.count(network, now) >= WRONG and not self._right.count(own, now):
            raise RateLimited(_("Too many wrong tokens came from your network. Wait a minute, and ask again."))
        machine = user_of_token(token, timezone.now())
        if machine and self._just_noted.consume(own, now, at_most=1):
            self._right.add(own, now)  # once a minute, so that the hour begins again while the program works
        elif network and not machine:
            self._wrong.add(network, now)
        if machine and not self._recent.consume(str(machine.pk).encode(), time.monotonic(), at_most=AT_MOST):
            raise RateLimited(_("Your program asks too often. Wait a minute, and ask less."))
        return machine


def for_programs[**P, R](may: Callable[[User], bool]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorate a view for programs whose user has the permission `may`. Others get 404.

    The view runs in one transaction as that user.
    """

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(view)
        def answer(*args: P.args, **kwargs: P.kwargs) -> R:
            request: Any = args[0]
            if not may(request.auth):
                raise Http404
            with acting_as(request.auth.acting(), asynchronous_commit=request.method == "GET"):
                return view(*args, **kwargs)

        return answer

    return decorate
