"""Canaries: files that nobody has a reason to open. Opening one raises an alert. Nothing here can list them."""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

from amparo.foundation.audit.rules import append
from amparo.foundation.core.actor import WORKER, acting_as


def mark_canaries(keys: Iterable[UUID], *, is_canary: bool) -> int:
    """Mark the records under these data keys as canaries, or unmark them. Returns how many changed.

    The ledger gets one entry, which names no record.
    """
    with acting_as(WORKER), connection.cursor() as cursor:
        cursor.execute("select oversight.mark(%s::uuid[], %s)", [list(keys), is_canary])
        (changed,) = cursor.fetchone()
        append("mark_canary" if is_canary else "unmark_canary", "canary")
    return int(changed)
