import functools
import secrets
import uuid

from django.db import models

from .keys import Box, FileKey, Forgotten


@functools.cache
def _wrapper() -> FileKey:
    return FileKey()


class DataKeyManager(models.Manager["DataKey"]):
    def make(self) -> "DataKey":
        """A new data key, wrapped and saved."""
        key = DataKey()
        key.wrapped = _wrapper().wrap(secrets.token_bytes(32), key.pk.bytes)
        key.save(force_insert=True)
        return key


class DataKey(models.Model):
    """The key of one call or contact, wrapped. To forget is to destroy `wrapped`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    wrapped = models.BinaryField(null=True)  # None: forgotten
    made_at = models.DateTimeField(auto_now_add=True)

    objects = DataKeyManager()

    def __str__(self) -> str:
        return f"key {self.pk}"

    @functools.cached_property
    def box(self) -> Box:
        if self.wrapped is None:
            raise Forgotten(str(self.pk))
        return Box(_wrapper().unwrap(bytes(self.wrapped), self.pk.bytes))

    def forget(self) -> None:
        """Destroy the key; everything sealed under it is gone, in every backup of the database too."""
        self.wrapped = None
        self.__dict__.pop("box", None)
        self.save(update_fields=["wrapped"])
