"""A verb of the trade: asks access, runs in one transaction, answers only after commit."""

import functools
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _


class Refused(Exception):
    """The verb may not run; the message is a sentence the person can act on."""


class Unreachable(Exception):
    """Something of ours is down for a moment; the message says what still works."""


def allowed[**P, R](may: Callable[[Any], bool]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorate a verb that takes `by=`, the user who acts, and writes no row itself."""

    def decorate(verb: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(verb)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            if not may(kwargs["by"]):
                raise Refused(_("This is not for your role. Ask your supervisor."))
            return verb(*args, **kwargs)

        return run

    return decorate


def action[**P, R](may: Callable[[Any], bool]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorate a verb that writes: access first, then everything in one transaction."""

    def decorate(verb: Callable[P, R]) -> Callable[P, R]:
        return allowed(may)(transaction.atomic(verb))

    return decorate
