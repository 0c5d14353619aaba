"""Rotate the key-encryption keys, so that forgotten records cannot be opened from an old backup of the key store
either.

Each agency gets a new key, every copy of a data key is wrapped again, then the older keys are destroyed. No sealed
field is touched. It may be killed at any moment: the next run continues where it stopped.
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

from .models import Grant, call_function
from .wrapping import Wrapper, keyring

# An erased record is out of reach of every backup after at most this period and the next rotation.
PERIOD = timedelta(days=30)
BATCH = 2000  # copies in one transaction: a fraction of a second, and some hundred kilobytes
PATIENCE = 600  # seconds to wait for a moment in which nobody makes a copy

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rotated:
    copies: int  # wrapped again
    destroyed: int  # key-encryption keys


def rotate_keys(now: datetime) -> Rotated:
    """Make a new key for each agency that has one, wrap all data keys with it, and destroy all older ones."""
    with one_rotation_at_a_time():
        for agency in sorted(_agencies_with_keys()):
            keyring().make(agency, now)
        return _finish_rotation()


def rotate_when_due(now: datetime) -> Rotated | None:
    """Rotate the keys if a period is over, or finish an interrupted rotation. None: there was nothing to do.

    The worker calls it each day.
    """
    due = f"{now - PERIOD:%Y%m%dT%H%M%S}"
    newest = keyring().newest().values()
    if any(name.rpartition(":")[2] <= due for name in newest):
        return rotate_keys(now)
    if keyring().older():
        with one_rotation_at_a_time():
            return _finish_rotation()
    return None


def _finish_rotation() -> Rotated:
    copies = _rewrap_all()
    older = keyring().older()
    _retire_keys(older)
    copies += _rewrap_all()  # copies that were being made; there can be no more
    for name in older:
        keyring().destroy(name)
    log.info("%d copies of data keys were wrapped anew, %d older keys destroyed", copies, len(older))
    return Rotated(copies, len(older))


def _rewrap_all() -> int:
    """Wrap every copy that is not under the newest key of its agency, in the order of data keys and holders."""
    newest: dict[int, Wrapper] = {agency: keyring().named(name) for agency, name in keyring().newest().items()}
    done, last = 0, (UUID(int=0), "")
    while batch := _grants_to_rewrap([wrapper.name for wrapper in newest.values()], last):
        with acting_as(WORKER):
            done += _rewrap(batch, newest)
        last = batch[-1].pk
    return done


def _grants_to_rewrap(current: list[str], last: tuple[UUID, str]) -> list[Grant]:
    with acting_as(WORKER):
        return list(Grant.objects.filter(pk__gt=last).exclude(wrapping_key__in=current).order_by("pk")[:BATCH])


def _rewrap(batch: list[Grant], newest: dict[int, Wrapper]) -> int:
    wrapped, wrapping_keys = [], []
    for copy in batch:
        wrapper = newest.get(copy.agency_id) or keyring().current(copy.agency_id)
        wrapped.append(wrapper.wrap(copy.unwrapped, copy.key_id.bytes))
        wrapping_keys.append(wrapper.name)
    keys, holders = [copy.key_id for copy in batch], [copy.holder for copy in batch]
    return int(
        call_function("vault_rewrap", keys, holders, [copy.wrapping_key for copy in batch], wrapped, wrapping_keys)
    )


def _retire_keys(names: list[str]) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with acting_as(WORKER):
            if call_function("vault_retire", names):
                return
        time.sleep(0.05)
    raise TimeoutError("copies of data keys are being made all the time; the roll goes on later")


def _agencies_with_keys() -> set[int]:
    with acting_as(WORKER):
        return {*keyring().newest(), *Grant.objects.values_list("agency_id", flat=True).distinct()}


@contextmanager
def one_rotation_at_a_time() -> Iterator[None]:
    """Wait until no other rotation runs, then make others wait for this block. A killed process leaves no lock."""
    with (settings.ENVIRONMENT.home / "run" / "roll.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
