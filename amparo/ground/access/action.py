"""A verb of the trade: asks access, runs in one transaction as who acts, answers only after commit."""

import functools
from collections.abc import Callable

from django.utils.translation import gettext as _

from amparo.ground.core.acting import need_to_know
from amparo.ground.core.refusal import Refused

from .models import User


def allowed[**P, R](may: Callable[[User], bool]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorate a verb that takes `by=`, the user who acts, and writes no row itself."""

    def decorate(verb: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(verb)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            if not may(_who(kwargs)):
                raise Refused(_("This is not for your role. Ask your supervisor."))
            return verb(*args, **kwargs)

        return run

    return decorate


def action[**P, R](may: Callable[[User], bool]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorate a verb that writes: access first, then everything in one transaction under who acts."""

    def decorate(verb: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(verb)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            with need_to_know(_who(kwargs).acting()):
                return verb(*args, **kwargs)

        return allowed(may)(run)

    return decorate


def _who(kwargs: dict[str, object]) -> User:
    user = kwargs["by"]
    assert isinstance(user, User)
    return user
