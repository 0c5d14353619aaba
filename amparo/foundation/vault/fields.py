"""Model fields whose value is sealed before it reaches SQL and opened when it is first read."""

from collections.abc import Iterable
from typing import Any

from django.db import models

from amparo.foundation.audit.rules import append, append_looks
from amparo.foundation.core.actor import is_owner

from .models import DataKey


class Sealed(bytes):
    """Sealed bytes on their way to or from the database; a plain value never has this type."""


class _Opener:
    """The descriptor of a sealed field: opens a value from the database once, with the row's own key."""

    def __init__(self, field: "SealedBytes") -> None:
        self.field = field

    def __get__(self, row: Any, owner: type | None = None) -> Any:
        if row is None:
            return self.field
        value = row.__dict__.get(self.field.attname)
        if isinstance(value, Sealed):
            value = row.__dict__[self.field.attname] = self.field.open(row, value)
        return value

    def __set__(self, row: Any, value: Any) -> None:
        row.__dict__[self.field.attname] = value


class SealedBytes(models.BinaryField):  # type: ignore[type-arg]
    """Bytes sealed under the row's `key` (a foreign key to vault.DataKey) and bound to this field's label and the row.

    The label, such as "case.situation", never changes, whatever table and column are called (docs/sealed-fields.csv).
    Each read is written to the ledger; `in_ledger=False` is for values that are not about a person, such as a
    telephone's secret. A migration's model has no label: it can neither seal nor open.
    """

    def __init__(self, label: str = "", *args: Any, in_ledger: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label, self.in_ledger = label, in_ledger

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, self.attname, _Opener(self))

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Sealed | None:
        return None if value is None else Sealed(value)

    def pre_save(self, model_instance: models.Model, add: bool) -> Sealed | None:
        value = model_instance.__dict__.get(self.attname)
        if value is None or isinstance(value, Sealed):
            return value
        return Sealed(_key_of(model_instance).box.seal(self.to_bytes(value), self.context(model_instance.pk)))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        # Queryset.update() or filter(): plain text would enter SQL.
        if value is not None and not isinstance(value, Sealed):
            raise TypeError(f"{self.name} is sealed: save it through its row.")
        return super().get_db_prep_value(value, connection, prepared)

    def open(self, row: models.Model, sealed: Sealed) -> Any:
        if self.in_ledger and not is_owner():
            _log_read(row)
        return self.from_bytes(_key_of(row).box.open(sealed, self.context(row.pk)))

    def to_bytes(self, value: Any) -> bytes:
        return bytes(value)

    def from_bytes(self, value: bytes) -> Any:
        return value

    def context(self, pk: Any) -> str:
        """The text that is bound into the seal of the row with this primary key."""
        if pk is None:  # a number that the database assigns comes too late to be bound in
            raise TypeError(f"{self.label} is sealed: its rows need a UUID of their own.")
        if not self.label:
            raise TypeError(f"The sealed field {self.name} needs a label of its own.")
        return f"{self.label}|{pk}"


class SealedField(SealedBytes):
    """Text that is sealed in the same way as `SealedBytes`."""

    def to_bytes(self, value: Any) -> bytes:
        return str(value).encode()

    def from_bytes(self, value: bytes) -> Any:
        return value.decode()


def log_reads_together(record: Any, rows: Iterable[Any]) -> None:
    """Write one ledger entry for all sealed fields of these rows, instead of one for each row when it is read.

    For a page that shows rows of one `record`. Rows under another key than the record's are left out.
    """
    together = [row for row in rows if row.key_id == record.key_id and "looked" not in row.__dict__]
    fields = {f"{row._meta.model_name}_{name}" for row in together for name in _sealed_names(row)}
    if fields and not is_owner():
        append("look", f"{record._meta.model_name} {record.pk}", sorted(fields), key=record.key_id, with_verb=True)
    for row in together:
        row.key = record.key  # opened once for all of them
        row.__dict__["looked"] = True


def log_reads_of_each(rows: Iterable[Any]) -> None:
    """Write one ledger entry for the sealed fields of each of these rows, all in one statement, before they are read.

    For a list of records, each under a key of its own.
    """
    unread = [row for row in rows if "looked" not in row.__dict__ and _sealed_names(row)]
    if unread and not is_owner():
        append_looks((f"{row._meta.model_name} {row.pk}", _sealed_names(row), row.key_id) for row in unread)
    for row in unread:
        row.__dict__["looked"] = True


def has_value(row: Any, name: str) -> bool:
    """True if this sealed field of a row has a value; nothing is opened."""
    return row.__dict__.get(name) is not None


def is_sealed(row: Any, name: str) -> bool:
    """True if this field's value came from the database and is not opened yet. False for a row that is None."""
    return row is not None and isinstance(row.__dict__.get(name), Sealed)


def _log_read(row: Any) -> None:
    """Write one ledger entry for this row before its first sealed field is opened. If that fails, nothing is opened.

    Within an action the entry waits, and is written together with the entry of the action.
    """
    if "looked" in row.__dict__:
        return
    append("look", f"{row._meta.model_name} {row.pk}", _sealed_names(row), key=row.key_id, with_verb=True)
    row.__dict__["looked"] = True


def _sealed_names(row: Any) -> list[str]:
    return [f.attname for f in row._meta.concrete_fields if is_sealed(row, f.attname)]


def _key_of(row: Any) -> DataKey:
    key: DataKey = row.key
    return key
