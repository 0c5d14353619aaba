"""Files that nobody has a reason to open: who does, raises an alert. Nothing here can say which they are."""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

from amparo.foundation.audit.rules import append
from amparo.foundation.core.actor import WORKER, acting_as


def mark(keys: Iterable[UUID], *, is_one: bool) -> int:
    """From now on these keys are, or are not, a canary's; how many changed. The ledger says when, and not which."""
    with acting_as(WORKER), connection.cursor() as cursor:
        cursor.execute("select oversight.mark(%s::uuid[], %s)", [list(keys), is_one])
        (changed,) = cursor.fetchone()
        append("mark_canary" if is_one else "unmark_canary", "canary")
    return int(changed)
