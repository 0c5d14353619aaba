"""A verb of the trade: asks access, runs in one transaction as who acts, is written down, answers only after commit."""

import functools
from collections.abc import Callable

from django.db.models import Model
from django.utils.translation import gettext as _

from amparo.foundation.audit.labels import Purpose
from amparo.foundation.audit.rules import Unwritten, append_verb, hold_entries, keep_reads_on_failure
from amparo.foundation.core.actor import Actor, acting_as, with_current_purpose
from amparo.foundation.core.live import hold_notifications, pending_notifications
from amparo.foundation.core.refusal import Refused

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
    """Decorate a verb that writes: access first, then it and its entry in one transaction under who acts."""

    def decorate(verb: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(verb)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            acting, apart = _acting(kwargs), pending_notifications() is None  # a verb within a verb fails with it
            deed = acting_as(acting, apart=apart)
            with keep_reads_on_failure(acting) as waiting, deed, hold_notifications() as notes, hold_entries(waiting):
                done = verb(*args, **kwargs)
                _write_down(verb.__name__, [*args, *kwargs.values(), done], _who(kwargs), waiting, notes)
                return done

        return allowed(may)(run)

    return decorate


def _write_down(verb: str, rows: list[object], by: User, waiting: list[Unwritten], notes: list[str]) -> None:
    """In the ledger: the verb, and the first row it was given or made; else it was about who did it."""
    others = [row for row in rows if isinstance(row, Model) and row is not by]
    row = next((row for row in others if hasattr(row, "key_id")), others[0] if others else by)
    about, key = f"{row._meta.model_name} {row.pk}", getattr(row, "key_id", None)
    append_verb(verb, about, key, waiting=waiting, notes=notes)


def _acting(kwargs: dict[str, object]) -> Actor:
    """As who acts: for the purpose that the verb is told, else for the one they act for already."""
    who, purpose = _who(kwargs), kwargs.get("purpose")
    return who.acting(purpose) if isinstance(purpose, Purpose) else with_current_purpose(who.acting())


def _who(kwargs: dict[str, object]) -> User:
    user = kwargs["by"]
    assert isinstance(user, User)
    return user
