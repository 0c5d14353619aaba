import functools
import secrets
import uuid
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Self
from uuid import UUID

from django.apps import apps
from django.db import connection, models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from amparo.foundation.core import row_security
from amparo.foundation.core.actor import Actor
from amparo.foundation.core.picklists import Picklist

from .keys import Box, KeyDestroyed
from .wrapping import WrappingKeyMissing, keyring

FOREVER = datetime(9000, 1, 1, tzinfo=UTC)  # "infinity" has no place in Python's calendar

# Tables that a backup of the data leaves out and that have a backup of their own, thrown away sooner: whoever restores
# old data needs the newest key store, and what was forgotten since then stays forgotten. Tokens too: their key is never
# rolled, so an old token would tell a forgotten number to whoever tries all numbers.
KEY_STORE = ["vault_grant", "vault_token"]

GIVE_ALL = """
select vault_give(key.id, holder, key.agency_id, '', null, %s)
from vault_datakey key, unnest(%s::text[]) holder where key.id = any(%s::uuid[])
order by key.id, holder"""  # two who give the same at once wait in turn, and never for each other


class LegalHold(Picklist):
    """Why a record may not be forgotten for now."""

    COURT = "court", _("a court or prosecutor asked to keep it")
    COMPLAINT = "complaint", _("a complaint about our work")
    PERSON = "person", _("the person asked us to keep it")


class DataKeyManager(models.Manager["DataKey"]):
    def make(self, *holders: str, agency: int, kind: str) -> "DataKey":
        """A new data key of a record of this kind, held by these from now on."""
        key = _new_key(agency, kind)
        _call("vault_make_key", key.pk, agency, kind, list(holders), *key.wrapped_for(agency))
        return key

    def drawn(self, *, agency: int, kind: str) -> "DataKey":
        """A new data key that nobody holds yet: a room's own function writes its row, and for whom it is."""
        return _new_key(agency, kind)

    def make_beside(self, other: "DataKey", *, kind: str) -> "DataKey":
        """A new data key, held by whoever holds the other one."""
        key = _new_key(other.agency_id, kind)
        _call("vault_make_key_beside", key.pk, other.pk, kind, *key.wrapped_for(other.agency_id))
        return key


class DataKey(models.Model):
    """The key of one record: what it is of, and whether it was destroyed. Its wrapped copies are its grants."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency_id = models.IntegerField()  # whose record it is
    kind = models.CharField(max_length=16)  # class of record: how long it is kept
    made_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True)  # since when its record is kept only for later; null: in use
    held = models.CharField(
        max_length=12, choices=LegalHold.options, blank=True, default="", db_default=""
    )  # why it may not be forgotten; blank: may
    forgotten_at = models.DateTimeField(null=True)

    objects = DataKeyManager()
    protected = row_security.OpenTable(
        "names nobody", web="select", worker="select", switchboard="select", site="select"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(held="") | models.Q(forgotten_at=None), name="what_is_held_is_not_forgotten"
            )
        ]
        indexes = [
            models.Index(
                fields=["kind", "closed_at"],
                name="keys_to_forget",
                condition=models.Q(closed_at__isnull=False, forgotten_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"key {self.pk}"

    @functools.cached_property
    def secret(self) -> bytes:
        """Itself, unwrapped. Raises `KeyDestroyed` when who acts does not hold it (any more)."""
        copy: Grant | None = self.__dict__.pop("copy", None)
        with suppress(WrappingKeyMissing):  # wrapped anew since it was read
            if copy is not None:
                return copy.unwrapped
        if (grant := next(iter(self.grants.all()), None)) is None:
            raise KeyDestroyed(str(self.pk))
        try:
            return grant.unwrapped
        except WrappingKeyMissing:  # wrapped anew since we read it
            return Grant.objects.filter(pk=grant.pk).get().unwrapped

    @functools.cached_property
    def box(self) -> Box:
        """Opens and seals what is under this key. Raises `KeyDestroyed`."""
        return Box(self.secret)

    def came_with(self, copy: str | None) -> None:
        """The row that it seals was read with who acts' own copy of it (`MyCopy`)."""
        if copy:
            name, wrapped = copy.split(" ")
            self.__dict__["copy"] = Grant(key=self, wrapping_key=name, wrapped=bytes.fromhex(wrapped))

    def wrapped_for(self, agency: int) -> tuple[bytes, str]:
        """A copy for a holder in this agency, and the name of the key-encryption key that opens it."""
        wrapper = keyring().current(agency)
        return wrapper.wrap(self.secret, self.pk.bytes), wrapper.name

    def give(
        self,
        holder: str,
        *,
        agency: int | None = None,
        purpose: str = "",
        basis: UUID | None = None,
        until: datetime = FOREVER,
    ) -> None:
        """Let `holder` open it too. Another agency needs a basis and an end. Only who holds it can give it."""
        agency = agency or self.agency_id
        copy = (None, None) if agency == self.agency_id else self.wrapped_for(agency)  # None: as the giver's own is
        _call("vault_give", self.pk, holder, agency, purpose, basis, until, *copy)

    def take(self, holder: str) -> None:
        """`holder` can open it no longer, from the next query on."""
        _call("vault_take", self.pk, holder)

    def close(self, at: datetime | None) -> None:
        """The record is kept only for later from now on: its time runs. None: it is in use again."""
        _call("vault_close", self.pk, at)
        self.closed_at = at

    def hold(self, why: str) -> None:
        """It may not be forgotten, by nobody and at no time, until the hold is lifted. Blank lifts it."""
        _call("vault_hold", self.pk, why)
        self.held = why

    def forget(self) -> None:
        """Destroy every copy; what it sealed is gone, in every backup too once the key store's own have rolled.

        Raises `django.db.IntegrityError` while it is held.
        """
        _call("vault_forget", self.pk)
        for opened in ("secret", "box", "copy"):
            self.__dict__.pop(opened, None)
        self.forgotten_at = timezone.now()


class GrantQuerySet(models.QuerySet["Grant"]):
    def held_by(self, acting: Actor | None) -> Self:
        """The live grants of who is acting: what row-level security shows as well."""
        return self.filter(holder__in=acting.holders if acting else (), expires_at__gt=Now())


class Grant(models.Model):
    """One holder's copy of a data key, wrapped. To grant is to wrap, to revoke is to delete."""

    pk = models.CompositePrimaryKey("key", "holder")  # a_holder_has_one_copy_of_a_key, with its end: gate.py
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="grants", db_index=False)
    holder = models.CharField(max_length=40)  # "u17", or "1:supervisor": everybody of that role in that agency
    agency_id = models.IntegerField()  # of the holder
    owner_id = models.IntegerField()  # the agency whose record it is
    purpose = models.CharField(max_length=40, blank=True)  # blank: the work the record was made for
    basis = models.UUIDField(null=True)  # what allows another agency to see it, such as a consent; null: its own record
    made_at = models.DateTimeField()  # of the key: a list reads its newest records from here
    expires_at = models.DateTimeField(default=FOREVER)  # then: until the record is forgotten
    wrapped = models.BinaryField()
    wrapping_key = models.CharField(max_length=60)

    objects = GrantQuerySet.as_manager()
    protected = row_security.ByHolder(web="select", worker="select", switchboard="select", site="select")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(agency_id=models.F("owner_id")) | models.Q(basis__isnull=False),
                name="another_agency_needs_a_basis",
            ),
            models.CheckConstraint(
                condition=models.Q(agency_id=models.F("owner_id")) | models.Q(expires_at__lt=FOREVER),
                name="another_agency_needs_an_end",
            ),
        ]
        indexes = [
            models.Index(fields=["holder", "-made_at"], name="grants_newest_first"),
            models.Index(fields=["basis"], name="grants_by_basis", condition=models.Q(basis__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"copy of {self.key_id} for {self.holder}"

    @property
    def unwrapped(self) -> bytes:
        """The data key. Raises `WrappingKeyMissing` when its key-encryption key is no more."""
        return keyring().named(self.wrapping_key).unwrap(bytes(self.wrapped), self.key_id.bytes)


class Token(models.Model):
    """One form of a name, number or word in a record, as a keyed token (tokens.py). It dies with the record's key."""

    class Kind(Picklist):
        NAME = "name"
        NUMBER = "number"
        WORD = "word"
        PLATE = "plate"

    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="tokens", db_index=False)
    kind = models.CharField(max_length=8, choices=Kind.options)
    token = models.BinaryField(max_length=16)
    made_with = models.CharField(max_length=8)  # which search key: one that was lost finds nothing any more

    protected = row_security.ByKey(web="select, insert, delete")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "kind", "token"], name="a_record_has_a_token_once")]
        indexes = [models.Index(fields=["token"], name="tokens_by_value")]  # bytea = is leakproof; like is not

    def __str__(self) -> str:
        return f"{self.kind} of {self.key_id}"


class RetentionQuerySet(models.QuerySet["Retention"]):
    def found_defaults(self) -> None:
        """Make the period of each class that a room declares in its AppConfig, where nobody has set one."""
        declared: dict[str, int] = {}
        for config in apps.get_app_configs():
            declared |= getattr(config, "retention", {})
        self.bulk_create([Retention(kind=kind, days=days) for kind, days in declared.items()], ignore_conflicts=True)


class Retention(models.Model):
    """How long records of this class are kept after they are closed; a class that is not here is kept."""

    kind = models.CharField(primary_key=True, max_length=16)
    days = models.PositiveIntegerField()

    objects = RetentionQuerySet.as_manager()

    protected = row_security.OpenTable("names classes of records", web="select", worker="select, update")

    def __str__(self) -> str:
        return f"{self.kind}: {self.days} days"


class RetiredKey(models.Model):
    """A key-encryption key that wraps nothing any more: a late copy under it is refused, for it would be lost."""

    name = models.CharField(primary_key=True, max_length=60)
    retired_at = models.DateTimeField(db_default=Now())

    protected = row_security.OpenTable("names agencies and months", worker="select")

    def __str__(self) -> str:
        return self.name


def give_all(keys: Iterable[DataKey], holders: Iterable[str]) -> None:
    """Let each of these of their own agency open each of them too, in one statement; only who holds them can."""
    with connection.cursor() as cursor:
        cursor.execute(GIVE_ALL, [FOREVER, list(holders), [key.pk for key in keys]])


def withdraw(basis: UUID) -> int:
    """What was given on this basis is taken back at once; returns how many copies."""
    return int(_call("vault_withdraw", basis))


def _new_key(agency: int, kind: str) -> DataKey:
    """Who makes a key may seal with it, held or not."""
    key = DataKey(agency_id=agency, kind=kind)
    key.secret = secrets.token_bytes(32)
    key._state.adding = False  # the vault's function writes its row
    return key


def _call(function: str, *arguments: Any) -> Any:
    places = ", ".join(["%s"] * len(arguments))
    with connection.cursor() as cursor:
        cursor.execute(f"select {function}({places})", arguments)
        return cursor.fetchone()[0]
