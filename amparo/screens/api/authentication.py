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
from amparo.foundation.core.rate_limit import SlidingWindow
from amparo.foundation.core.refusal import RateLimited
from amparo.foundation.integrations.rules import user_of_token

A_MINUTE = 60.0  # seconds
AT_MOST = 600  # requests per minute, of one token, at each web process


class ProgramRequest(HttpRequest):
    """A request with a valid token."""

    auth: User


class Token(HttpBearer):
    def __init__(self) -> None:
        super().__init__()
        self._recent = SlidingWindow(A_MINUTE)

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        machine = user_of_token(token, timezone.now())
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
