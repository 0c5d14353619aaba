"""Decorators for actions: `allowed` checks the permission; `action` also opens a transaction and logs the action."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import IntegrityError
from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from psycopg.errors import UniqueViolation

from amparo.foundation.audit.labels import Purpose, label_verb
from amparo.foundation.audit.rules import Unwritten, append_verb, collect_entries, keep_reads_on_failure
from amparo.foundation.core.actor import Actor, acting_as, with_current_purpose
from amparo.foundation.core.live import collect_notifications, pending_notifications
from amparo.foundation.core.refusal import Refused

from .models import User


def allowed[**P, R](may: Callable[[User], bool]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorate a function that takes `by=`, the acting user, and writes no row itself.

    It raises `Refused` unless `may(by)` is true.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            if not may(_user_of(kwargs)):
                raise Refused(_("This is not for your role. Ask your supervisor."))
            return function(*args, **kwargs)

        return run

    return decorate


def action[**P, R](may: Callable[[User], bool], *, label: str | Promise) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorate an action that writes and takes `by=`: it raises `Refused` unless `may(by)` is true.

    The action and its ledger entry are one transaction. `label`: how the ledger's pages show it, in the past tense
    (`gettext_lazy`).
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        label_verb(function.__name__, label)

        @functools.wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            # A nested action joins the transaction.
            actor, savepoint = _actor_of(kwargs), pending_notifications() is None
            transaction = acting_as(actor, savepoint=savepoint)
            with (
                refuse_second_row(),
                keep_reads_on_failure(actor) as waiting,
                transaction,
                collect_notifications() as notes,
                collect_entries(waiting),
            ):
                result = function(*args, **kwargs)
                _append_verb_entry(
                    function.__name__, [*args, *kwargs.values(), result], _user_of(kwargs), waiting, notes
                )
                return result

        return allowed(may)(run)

    return decorate


@contextmanager
def refuse_second_row() -> Iterator[None]:
    """Refuse in a sentence what the database refused because a row of this kind exists already.

    A form that is sent twice, or two people who save the same at one moment, come here. An action that knows what to
    say about it catches the error itself.
    """
    try:
        yield
    except IntegrityError as error:
        if pending_notifications() is not None or not isinstance(error.__cause__, UniqueViolation):
            raise
        sentence = _("The same was saved at the same moment. Load the page anew, and look at what is there.")
        raise Refused(sentence) from error


def _append_verb_entry(verb: str, rows: list[object], by: User, waiting: list[Unwritten], notes: list[str]) -> None:
    """Log the action about one of the `rows` that it was given or returned: the first with a data key, else the first.

    Without a row it is about the acting user. `waiting` and `notes` are written with it (`append_verb`).
    """
    others = [row for row in rows if isinstance(row, Model) and row is not by]
    row = next((row for row in others if hasattr(row, "key_id")), others[0] if others else by)
    about, key = f"{row._meta.model_name} {row.pk}", getattr(row, "key_id", None)
    append_verb(verb, about, key, waiting=waiting, notes=notes)


def _actor_of(kwargs: dict[str, object]) -> Actor:
    """Return the actor that runs the action: the user in `by`, with the given purpose, or else the current one."""
    user, purpose = _user_of(kwargs), kwargs.get("purpose")
    return user.acting(purpose) if isinstance(purpose, Purpose) else with_current_purpose(user.acting())


def _user_of(kwargs: dict[str, object]) -> User:
    user = kwargs["by"]
    assert isinstance(user, User)
    return user
