"""Rolling the key-encryption keys: what was forgotten cannot be opened from an old backup of the key store either.

Each agency gets a new key, every copy of a data key is wrapped anew, then the older keys are destroyed. No sealed field
is touched. It may be killed at any moment: whoever finishes it goes on where it stopped.
"""

import fcntl
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from amparo.foundation.core.actor import WORKER, acting_as

from .models import Grant, _call
from .wrapping import Wrapper, keyring

PERIOD = timedelta(days=30)  # an erased record is out of reach of every backup after at most this, and the next roll
BATCH = 2000  # copies in one transaction: a fraction of a second, and some hundred kilobytes
PATIENCE = 600  # seconds until nobody makes a copy for a moment

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rotated:
    copies: int  # wrapped anew
    destroyed: int  # key-encryption keys


def rotate(now: datetime) -> Rotated:
    """A new key for each agency that has one, and the end of all older ones."""
    with alone():
        for agency in sorted(_agencies()):
            keyring().make(agency, now)
        return _finish()


def rotate_when_due(now: datetime) -> Rotated | None:
    """What the worker does each day: finish what was cut off, or begin when a period is over. None: nothing to do."""
    due = f"{now - PERIOD:%Y%m%dT%H%M%S}"
    newest = keyring().newest().values()
    if any(name.rpartition(":")[2] <= due for name in newest):
        return rotate(now)
    if keyring().older():
        with alone():
            return _finish()
    return None


def _finish() -> Rotated:
    copies = _wrap_all_anew()
    older = keyring().older()
    _retire(older)
    copies += _wrap_all_anew()  # those that were on their way; there can be no more
    for name in older:
        keyring().destroy(name)
    log.info("%d copies of data keys were wrapped anew, %d older keys destroyed", copies, len(older))
    return Rotated(copies, len(older))


def _wrap_all_anew() -> int:
    """Every copy that is not under the newest key of its agency, in the order of data keys and holders."""
    newest: dict[int, Wrapper] = {agency: keyring().named(name) for agency, name in keyring().newest().items()}
    done, last = 0, (UUID(int=0), "")
    while batch := _batch([wrapper.name for wrapper in newest.values()], last):
        with acting_as(WORKER):
            done += _rewrap(batch, newest)
        last = batch[-1].pk
    return done


def _batch(current: list[str], last: tuple[UUID, str]) -> list[Grant]:
    with acting_as(WORKER):
        return list(Grant.objects.filter(pk__gt=last).exclude(wrapping_key__in=current).order_by("pk")[:BATCH])


def _rewrap(batch: list[Grant], newest: dict[int, Wrapper]) -> int:
    wrapped, becomes = [], []
    for copy in batch:
        wrapper = newest.get(copy.agency_id) or keyring().current(copy.agency_id)
        wrapped.append(wrapper.wrap(copy.unwrapped, copy.key_id.bytes))
        becomes.append(wrapper.name)
    keys, holders = [copy.key_id for copy in batch], [copy.holder for copy in batch]
    return int(_call("vault_rewrap", keys, holders, [copy.wrapping_key for copy in batch], wrapped, becomes))


def _retire(names: list[str]) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with acting_as(WORKER):
            if _call("vault_retire", names):
                return
        time.sleep(0.05)
    raise TimeoutError("copies of data keys are being made all the time; the roll goes on later")


def _agencies() -> set[int]:
    with acting_as(WORKER):
        return {*keyring().newest(), *Grant.objects.values_list("agency_id", flat=True).distinct()}


@contextmanager
def alone() -> Iterator[None]:
    """One roll at a time; a killed one lets go."""
    with (settings.ENVIRONMENT.home / "run" / "roll.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
