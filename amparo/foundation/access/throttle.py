"""How often somebody tried: what allauth counts by, kept in the database so that every web process knows it.

Django's cache interface, but JSON and not pickle: who may write to this table must not run code in the web process. The
keys are keyed digests; no name and no address stands in them.
"""

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import connection, models
from django.utils import timezone

from amparo.foundation.core import row_security

LONGEST = timedelta(days=1)  # what is written without an end


class ThrottleEntry(models.Model):
    key = models.CharField(max_length=255, primary_key=True)
    value = models.JSONField()
    expires_at = models.DateTimeField(db_index=True)

    protected = row_security.OpenTable("digests and counts", web="select, insert, update, delete")

    def __str__(self) -> str:
        return self.key


class ThrottleCache(BaseCache):
    def __init__(self, name: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """One statement, so that of two processes one is first."""
        return self._write(key, value, timeout, version, "where access_throttleentry.expires_at <= now()")

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._write(key, value, timeout, version, "")

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        row = ThrottleEntry.objects.filter(pk=self.make_key(key, version), expires_at__gt=timezone.now()).first()
        return default if row is None else row.value

    def delete(self, key: str, version: int | None = None) -> bool:
        return bool(ThrottleEntry.objects.filter(pk=self.make_key(key, version)).delete()[0])

    def clear(self) -> None:
        ThrottleEntry.objects.all().delete()

    def _write(self, key: str, value: Any, timeout: Any, version: int | None, only: str) -> bool:
        seconds = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        ends = timezone.now() + (LONGEST if seconds is None else timedelta(seconds=float(seconds)))
        with connection.cursor() as cursor:
            cursor.execute(
                "insert into access_throttleentry (key, value, expires_at) values (%s, %s, %s)"
                f" on conflict (key) do update set value = excluded.value, expires_at = excluded.expires_at {only}",
                [self.make_key(key, version), json.dumps(value), ends],
            )
            return bool(cursor.rowcount == 1)


def forget_old() -> None:
    ThrottleEntry.objects.filter(expires_at__lte=timezone.now()).delete()


def keyed(what: str, text: str) -> str:
    """A name or an address as something to count by, that nobody with the table alone can turn back."""
    key = settings.ENVIRONMENT.secret("django").encode()
    return hmac.new(key, f"{what} {text}".encode(), hashlib.sha256).hexdigest()
