"""The people of one institution, as its administrators see them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from . import factors
from .models import User

UNUSED = timedelta(days=60)  # a holiday or an illness is mostly shorter


def colleagues_of(user: User) -> QuerySet[User]:
    """Return everybody of this person's institution, ordered by name, without its programs."""
    found = User.objects.filter(agency=user.agency_id, is_machine=False)
    return found.order_by("first_name", "username")


def unused_accounts(people: QuerySet[User], now: datetime) -> QuerySet[User]:
    """Return those of `people` who may sign in, and have not done so for `UNUSED`: perhaps they have left."""
    used = people.filter(is_active=True).alias(used_at=Coalesce("last_login", "date_joined"))
    return used.filter(used_at__lt=now - UNUSED)


def lacking_factors(people: Iterable[User]) -> list[User]:
    """Return those of `people` who may sign in, and have fewer than two ways to do so.

    Invented people are left out, because they sign in by a button.
    """
    return factors.without_enough_factors(it for it in people if it.is_active and not it.is_invented)


@dataclass(frozen=True)
class Colleague:
    """One person in the list of an institution's people."""

    person: User
    keys: int  # passkeys, and an authenticator app
    states: frozenset[str]  # names of `PeopleForm.SHOWS` under which they stand

    @property
    def is_registered(self) -> bool:
        return "new" not in self.states

    @property
    def lacks_second(self) -> bool:
        return "second" in self.states

    @property
    def is_unused(self) -> bool:
        return "unused" in self.states


def list_colleagues(user: User, now: datetime) -> list[Colleague]:
    """Return all people of this administrator's institution, with what the list shows of each."""
    people = colleagues_of(user)
    counted = (Authenticator.Type.WEBAUTHN, Authenticator.Type.TOTP)
    keys = Counter(Authenticator.objects.filter(type__in=counted).values_list("user_id", flat=True))
    unused, lacking = set(unused_accounts(people, now)), set(lacking_factors(people))
    return [Colleague(it, keys[it.pk], frozenset(_states(it, keys[it.pk], unused, lacking))) for it in people]


def _states(person: User, keys: int, unused: set[User], lacking: set[User]) -> Iterable[str]:
    yield "all"
    is_registered = bool(keys) or person.has_usable_password() or person.is_invented
    if not person.is_active:
        yield "locked"
    if not is_registered:
        yield "new"
    elif person in lacking:
        yield "second"
    if person in unused:
        yield "unused"
