"""A cache for allauth's rate limits, in the database, so that all web processes share it.

It has Django's cache interface, but with JSON and not pickle: write access to this table must not run code in the web
process. The keys are keyed digests; they contain no name and no address.
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

LONGEST = timedelta(days=1)  # for entries without an expiry


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
        """Add an entry unless there is a live one, in one statement: of two processes, one wins."""
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

    def _write(self, key: str, value: Any, timeout: Any, version: int | None, condition: str) -> bool:
        seconds = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        ends = timezone.now() + (LONGEST if seconds is None else timedelta(seconds=float(seconds)))
        with connection.cursor() as cursor:
            cursor.execute(
                "insert into access_throttleentry (key, value, expires_at) values (%s, %s, %s)"
                f" on conflict (key) do update set value = excluded.value,"
                f" expires_at = excluded.expires_at {condition}",
                [self.make_key(key, version), json.dumps(value), ends],
            )
            return bool(cursor.rowcount == 1)


def delete_expired_entries() -> None:
    ThrottleEntry.objects.filter(expires_at__lte=timezone.now()).delete()


def attempt_key(kind: str, text: str) -> str:
    """Return the keyed digest under which attempts of a name or address are counted. The table reveals neither."""
    key = settings.ENVIRONMENT.secret("django").encode()
    return hmac.new(key, f"{kind} {text}".encode(), hashlib.sha256).hexdigest()
