"""Actions on people. An identity is read and written only for a stated purpose."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.audit.labels import Purpose
from amparo.foundation.core import edit_conflicts
from amparo.foundation.core.refusal import Refused
from amparo.foundation.vault import tokens
from amparo.foundation.vault.models import DataKey, Token

from .models import Identity, Person, people_by_identity_keys
from .picklists import Part

# The columns of an identity that can be searched, and how each is normalised for the search.
FOUND_BY = {"names": Token.Kind.NAME, "phone": Token.Kind.NUMBER}


@action(permissions.follow_cases, label=gettext_lazy("added somebody"))
def add_person(
    key: DataKey, part: Part, *, same_human_as: Person | None = None, by: User, now: datetime, **known: Any
) -> Person:
    """Create a person in the file under `key`. `known` holds values for columns of `Person`."""
    person = Person(key=key, part=part, same_human_as=same_human_as, made_at=now, made_by=by, **known)
    if same_human_as:
        _refuse_another_human(person, same_human_as)
    _set_age_date(person, now)
    person.save(force_insert=True)
    return person


def insert_people(*people: Person) -> None:
    """Insert people in this order. Call it within another action; it logs nothing itself."""
    Person.objects.bulk_create(people)


@action(permissions.follow_cases, label=gettext_lazy("wrote what is known of somebody"))
def describe_person(person: Person, *, based_on: int | None = None, by: User, now: datetime, **known: Any) -> Person:
    """Update the columns of a person. `identify` updates the identity.

    Raises `EditConflict` if somebody else changed the same field since version `based_on` (`core/edit_conflicts.py`).
    """
    seen = person.version if based_on is None else based_on
    other = known.get("same_human_as")
    visible, pks = Person.objects.visible_to(by), sorted({person.pk, other.pk if other else person.pk})
    locked = {pk: visible.get_locked(pk) for pk in pks}  # sorted: two users who link the same pair cannot deadlock
    person = locked[person.pk]
    if other and other.pk != person.same_human_as_id:
        _refuse_another_human(person, locked[other.pk])
    columns = edit_conflicts.merge_edits(person, known, based_on=seen, by=by, now=now)
    if "age_now" in columns:
        _set_age_date(person, now)
        columns.append("age_now_on")
    with _refuse_if_anonymous():
        person.save(update_fields=columns)
    return person


@action(permissions.follow_cases, label=gettext_lazy("wrote down who somebody is"))
def identify(
    person: Person, *, purpose: Purpose, based_on: int | None = None, by: User, now: datetime, **known: str | None
) -> Identity:
    """Record a person's identity. Fields that are not in `known` keep their value.

    Raises `EditConflict` if somebody else changed the same field since version `based_on` (`core/edit_conflicts.py`).
    """
    person = Person.objects.visible_to(by).get_locked(person.pk)
    identity = person.identity
    if identity:
        seen = identity.version if based_on is None else based_on
        written = {column: value or None for column, value in known.items()}
        _save_identity(identity, edit_conflicts.merge_edits(identity, written, based_on=seen, by=by, now=now))
    else:
        key = DataKey.objects.make_beside(person.key, kind="identity")
        identity = Identity(person=person, key=key, **{column: value or None for column, value in known.items()})
        _save_identity(identity)
    for column in known.keys() & FOUND_BY.keys():
        tokens.store_tokens(identity.key, FOUND_BY[column], known[column])
    return identity


def _refuse_another_human(person: Person, other: Person) -> None:
    """Raise `Refused` unless `person` may point to `other` as the same human.

    One human has at most one record per part in a case. All of them point to the record whose part is first in `Part`.
    """
    each, order = Person.objects.without_duplicates_in_file(), Part.values
    if order.index(other.part) > order.index(person.part):
        raise Refused(_("Say that on the page of «%(name)s».") % {"name": other.code_name})
    if (
        other.part == person.part
        or other.key_id != person.key_id
        or other.same_human_as_id
        or each.filter(same_human_as=person.pk).exists()
        or each.filter(same_human_as=other.pk, part=person.part).exclude(pk=person.pk).exists()
    ):
        raise Refused(_("The same human has another part in the same case."))


def _set_age_date(person: Person, now: datetime) -> None:
    """Record today as the day on which `age_now` is valid."""
    person.age_now_on = None if person.age_now is None else timezone.localdate(now)


def _save_identity(identity: Identity, columns: list[str] | None = None) -> None:
    """Insert the identity, or update only `columns`."""
    with _refuse_if_anonymous():
        identity.save(force_insert=columns is None, update_fields=columns)


@contextmanager
def _refuse_if_anonymous() -> Iterator[None]:
    """Raise `Refused` if the database refuses to name an anonymous caller.

    The trigger is in `cases/sql/functions.sql`, because only that room knows the contacts of a case.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") != "who_stays_anonymous_is_not_named":
            raise
        raise Refused(
            _("Who called chose to stay anonymous. If that changed, change it in the contact first.")
        ) from error


@action(permissions.follow_cases, label=gettext_lazy("looked for the same person elsewhere"))
def suggest_duplicates(person: Person, *, purpose: Purpose, by: User, now: datetime) -> list[Person]:
    """Return the other people with the same part and the same name or phone number. Merges no records.

    The user `by` gets only people that this user can see.
    """
    if not Person.objects.visible_to(by).filter(pk=person.pk).exists():
        raise Refused(_("It does not exist, or you have no access."))
    identity = person.identity
    if identity is None:
        return []
    keys = {
        key for column, kind in FOUND_BY.items() for key in _keys_with_same_value(identity, column, kind, by, purpose)
    }
    others = keys - {identity.key_id}
    return list(people_by_identity_keys(Part(person.part), others)) if others else []


@action(permissions.follow_cases, label=gettext_lazy("said that two are one person"))
def merge(person: Person, into: Person, *, by: User, now: datetime) -> Person:
    """Mark `person` as a duplicate of `into`. No data moves, so `unmerge` can undo it."""
    visible, pks = Person.objects.visible_to(by), sorted((person.pk, into.pk))  # sorted: no deadlock
    locked = {pk: visible.get_locked(pk) for pk in pks}
    person, into = locked[person.pk], locked[into.pk]
    if into.merged_into_id:
        raise Refused(_("That record was merged itself. Choose the one into which it was merged."))
    if person.part != into.part:
        raise Refused(_("Only people of the same part are the same person."))
    if person.duplicates.exists():
        raise Refused(_("Others were merged into this person. Part them first."))
    person.merged_into = into
    person.save(update_fields=["merged_into"])
    return person


@action(permissions.follow_cases, label=gettext_lazy("said that they are two people"))
def unmerge(person: Person, *, by: User, now: datetime) -> Person:
    """Undo a merge. Calling it twice changes nothing."""
    person = Person.objects.visible_to(by).get_locked(person.pk)
    person.merged_into = None
    person.save(update_fields=["merged_into"])
    return person


def _keys_with_same_value(identity: Identity, column: str, kind: Token.Kind, by: User, purpose: Purpose) -> list[Any]:
    """Return the ids of the data keys of all identities with the same value in `column`; empty if none can be searched.

    Raises `Refused` without a purpose.
    """
    text = getattr(identity, column) or ""
    return tokens.search_records(kind, text, acting=by.acting(purpose)) if tokens.is_searchable(kind, text) else []
