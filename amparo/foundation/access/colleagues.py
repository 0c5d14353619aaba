"""The people of one institution, as its administrators see them."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from . import factors
from .models import User

UNUSED = timedelta(days=60)  # a holiday or an illness is mostly shorter


def colleagues_of(user: User) -> QuerySet[User]:
    """Everybody of this person's institution, by name; no program."""
    found = User.objects.filter(agency=user.agency_id, is_machine=False)
    return found.order_by("first_name", "username")


def unused_accounts(people: QuerySet[User], now: datetime) -> QuerySet[User]:
    """The open accounts with which nobody has signed in for `UNUSED`: perhaps their people have left."""
    used = people.filter(is_active=True).alias(used_at=Coalesce("last_login", "date_joined"))
    return used.filter(used_at__lt=now - UNUSED)


def lacking_factors(people: Iterable[User]) -> list[User]:
    """Those who may sign in, and have fewer than two ways to do so. Invented people sign in by a button."""
    return factors.without_enough_factors(it for it in people if it.is_active and not it.is_invented)
