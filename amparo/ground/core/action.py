"""A verb of the trade: asks access, runs in one transaction, answers only after commit."""

import functools
from collections.abc import Callable
from typing import Any, Protocol

from django.db import transaction
from django.utils.translation import gettext as _


class Refused(Exception):
    """The verb may not run; the message is a sentence the person can act on."""


class Unreachable(Exception):
    """Something of ours is down for a moment; the message says what still works."""


class Verb[**P, R](Protocol):
    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R: ...


def action[**P, R](may: Callable[[Any], bool]) -> Callable[[Callable[P, R]], Verb[P, R]]:
    """Decorate a verb that takes `by=`, the user who acts."""

    def decorate(verb: Callable[P, R]) -> Verb[P, R]:
        @functools.wraps(verb)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            if not may(kwargs["by"]):
                raise Refused(_("This is not for your role. Ask your supervisor."))
            with transaction.atomic():
                return verb(*args, **kwargs)

        return run

    return decorate
