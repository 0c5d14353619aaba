import functools
import secrets
import uuid
from collections.abc import Iterable
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

FOREVER = datetime(9000, 1, 1, tzinfo=UTC)  # Python's calendar has no "infinity"

# Tables of the key store: a backup of the data leaves them out, and their own backup is deleted sooner. Restoring old
# data needs the newest key store, so records that were forgotten since then stay forgotten. Tokens belong to it too:
# their key is never rotated, so an old token could reveal a forgotten number to an attacker who tries all numbers.
KEY_STORE = ["vault_grant", "vault_token"]

GIVE_ALL = """
select vault_give(key.id, holder, key.agency_id, '', null, %s)
from vault_datakey key, unnest(%s::text[]) holder where key.id = any(%s::uuid[])
order by key.id, holder"""  # two transactions that grant the same wait in turn, and never deadlock


class LegalHold(Picklist):
    """Why a record may not be forgotten for now."""

    COURT = "court", _("a court or prosecutor asked to keep it")
    COMPLAINT = "complaint", _("a complaint about our work")
    PERSON = "person", _("the person asked us to keep it")


class DataKeyManager(models.Manager["DataKey"]):
    def make(self, *holders: str, agency: int, kind: str) -> "DataKey":
        """Make a data key for a record of this kind, held by these holders."""
        key = _new_key(agency, kind)
        call_function("vault_make_key", key.pk, agency, kind, list(holders), *key.wrapped_for(agency))
        return key

    def drawn(self, *, agency: int, kind: str) -> "DataKey":
        """Return a new data key that is not stored: a room's own SQL function writes its row and its grants."""
        return _new_key(agency, kind)

    def make_beside(self, other: "DataKey", *, kind: str) -> "DataKey":
        """Make a data key with the same holders as another one."""
        key = _new_key(other.agency_id, kind)
        call_function("vault_make_key_beside", key.pk, other.pk, kind, *key.wrapped_for(other.agency_id))
        return key


class DataKey(models.Model):
    """The key of one record: its class, and whether it was destroyed. Its wrapped copies are its grants."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency_id = models.IntegerField()  # the agency that owns the record
    kind = models.CharField(max_length=16)  # the class of record: how long it is kept
    made_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True)  # the retention period runs from here; null: in use
    legal_hold = models.CharField(
        max_length=12, choices=LegalHold.options, blank=True, default="", db_default=""
    )  # why it may not be forgotten; blank: it may
    forgotten_at = models.DateTimeField(null=True)

    objects = DataKeyManager()
    protected = row_security.OpenTable(
        "names nobody", web="select", worker="select", switchboard="select", site="select"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(legal_hold="") | models.Q(forgotten_at=None), name="what_is_held_is_not_forgotten"
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
        """The unwrapped key. Raises `KeyDestroyed` if the actor does not hold it (any more)."""
        if (grant := next(iter(self.grants.all()), None)) is None:
            raise KeyDestroyed(str(self.pk))
        try:
            return grant.unwrapped
        except WrappingKeyMissing:  # wrapped again since we read it
            return Grant.objects.filter(pk=grant.pk).get().unwrapped

    @functools.cached_property
    def box(self) -> Box:
        """Opens and seals fields under this key. Raises `KeyDestroyed`."""
        return Box(self.secret)

    def wrapped_for(self, agency: int) -> tuple[bytes, str]:
        """Return a wrapped copy for holders in this agency, and the name of the key-encryption key that wraps it."""
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
        """Grant the key to `holder`; the actor must hold it. A grant to another agency needs `basis` and `until`."""
        agency = agency or self.agency_id
        copy = (None, None) if agency == self.agency_id else self.wrapped_for(agency)  # None: the giver's own copy
        call_function("vault_give", self.pk, holder, agency, purpose, basis, until, *copy)

    def take(self, holder: str) -> None:
        """Revoke the key from `holder`, from the next query on."""
        call_function("vault_take", self.pk, holder)

    def close(self, at: datetime | None) -> None:
        """Start the retention period of the record. None: it is in use again."""
        call_function("vault_close", self.pk, at)
        self.closed_at = at

    def hold(self, why: str) -> None:
        """Put the record under a legal hold: nobody can forget it until the hold is lifted. Blank lifts it."""
        call_function("vault_hold", self.pk, why)
        self.legal_hold = why

    def forget(self) -> None:
        """Destroy every copy. The sealed data is lost, in every backup too once the key-encryption keys are rotated.

        Raises `django.db.IntegrityError` under a legal hold.
        """
        call_function("vault_forget", self.pk)
        for cached in ("secret", "box", "copy"):
            self.__dict__.pop(cached, None)
        self.forgotten_at = timezone.now()


class GrantQuerySet(models.QuerySet["Grant"]):
    def held_by(self, acting: Actor | None) -> Self:
        """The live grants of the actor; row-level security shows the same."""
        return self.filter(holder__in=acting.holders if acting else (), expires_at__gt=Now())


class Grant(models.Model):
    """One holder's wrapped copy of a data key. Inserting one grants the key, deleting it revokes the key."""

    pk = models.CompositePrimaryKey("key", "holder")  # a_holder_has_one_copy_of_a_key; sql/tables.sql makes it
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="grants", db_index=False)
    holder = models.CharField(max_length=40)  # "u17", or "1:supervisor": everybody of that role in that agency
    agency_id = models.IntegerField()  # of the holder
    owner_id = models.IntegerField()  # the agency that owns the record
    purpose = models.CharField(max_length=40, blank=True)  # blank: the work for which the record was made
    basis = models.UUIDField(null=True)  # what allows another agency to see it, such as a consent; null: its own record
    made_at = models.DateTimeField()  # of the key: a list reads its newest records from here
    expires_at = models.DateTimeField(default=FOREVER)  # FOREVER: until the record is forgotten
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
        """The data key. Raises `WrappingKeyMissing` if its key-encryption key was destroyed."""
        return keyring().named(self.wrapping_key).unwrap(bytes(self.wrapped), self.key_id.bytes)


class Token(models.Model):
    """One form of a name, number or word in a record, as a keyed token (tokens.py). It dies with the record's key."""

    class Kind(Picklist):
        NAME = "name"
        NUMBER = "number"
        WORD = "word"
        PLATE = "plate"
        REGISTER = "register"  # the number under which an authority keeps a file

    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="tokens", db_index=False)
    kind = models.CharField(max_length=8, choices=Kind.options)
    token = models.BinaryField(max_length=16)
    made_with = models.CharField(max_length=8)  # id of the search key; a token of a lost key finds nothing any more

    protected = row_security.ByKey(web="select, insert, delete")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "kind", "token"], name="a_record_has_a_token_once")]
        indexes = [models.Index(fields=["token"], name="tokens_by_value")]  # bytea = is leakproof; like is not

    def __str__(self) -> str:
        return f"{self.kind} of {self.key_id}"


class RetentionQuerySet(models.QuerySet["Retention"]):
    def create_defaults(self) -> None:
        """Create the period of each class that a room declares in its AppConfig, unless one is set."""
        declared: dict[str, int] = {}
        for config in apps.get_app_configs():
            declared |= getattr(config, "retention", {})
        self.bulk_create([Retention(kind=kind, days=days) for kind, days in declared.items()], ignore_conflicts=True)


class Retention(models.Model):
    """How long records of a class are kept after they are closed. A class without a row is kept for ever."""

    kind = models.CharField(primary_key=True, max_length=16)
    days = models.PositiveIntegerField()

    objects = RetentionQuerySet.as_manager()

    protected = row_security.OpenTable("names classes of records", web="select", worker="select, update")

    def __str__(self) -> str:
        return f"{self.kind}: {self.days} days"


class RetiredKey(models.Model):
    """A key-encryption key that wraps nothing any more. A late copy under it is refused, because it would be lost."""

    name = models.CharField(primary_key=True, max_length=60)
    retired_at = models.DateTimeField(db_default=Now())

    protected = row_security.OpenTable("names agencies and months", worker="select")

    def __str__(self) -> str:
        return self.name


def grant_keys(keys: Iterable[DataKey], holders: Iterable[str]) -> None:
    """Grant each of these keys to each of these holders, in one statement. The actor must hold the keys.

    The holders are of the agency that owns the records.
    """
    with connection.cursor() as cursor:
        cursor.execute(GIVE_ALL, [FOREVER, list(holders), [key.pk for key in keys]])


def revoke_grants(basis: UUID) -> int:
    """Revoke all grants on this basis at once; returns how many."""
    return int(call_function("vault_withdraw", basis))


def _new_key(agency: int, kind: str) -> DataKey:
    """Return a new data key in memory, with its secret. Whoever makes it may seal with it without being a holder."""
    key = DataKey(agency_id=agency, kind=kind)
    key.secret = secrets.token_bytes(32)
    key._state.adding = False  # the vault's function writes its row
    return key


def call_function(function: str, *arguments: Any) -> Any:
    places = ", ".join(["%s"] * len(arguments))
    with connection.cursor() as cursor:
        cursor.execute(f"select {function}({places})", arguments)
        return cursor.fetchone()[0]
