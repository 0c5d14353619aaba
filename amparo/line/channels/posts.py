"""Take in what a provider posted to us (`webhooks` keeps the posts until then)."""

import logging
from collections.abc import Callable, Iterable

from django.db import InterfaceError, OperationalError
from django.utils import timezone

from amparo.foundation.core.refusal import RateLimited

from . import webhooks
from .channel import Arrival, Keep, Receipt, WrittenChannel
from .delivery import record_receipt

log = logging.getLogger(__name__)


def receive_posts(channel: WrittenChannel, read: Callable[[bytes], Iterable[Arrival | Receipt]], keep: Keep) -> int:
    """Take in each message and receipt that `read` finds in the stored posts, oldest first.

    A post is deleted once all of it is stored. If a part of it cannot be stored, the post stays and is tried again in
    the next run, for a later version may be able to; meanwhile the other parts and posts go on. Returns how many such
    posts there are.
    """
    aside = 0
    for path, body in webhooks.stored_posts(channel.name):
        must_wait = has_failed = False
        for found in read(body):
            try:
                _store(channel, found, keep)
            except RateLimited:
                must_wait = True  # until somebody has answered what came before
            except (OperationalError, InterfaceError):
                raise  # the database is away: everything waits
            except Exception as error:  # its text may quote the message
                log.error("A post of the channel %s cannot be stored: %s.", channel.name, type(error).__name__)
                has_failed = True
        aside += has_failed
        if not must_wait and not has_failed:
            path.unlink()
    return aside


def _store(channel: WrittenChannel, found: Arrival | Receipt, keep: Keep) -> None:
    if isinstance(found, Receipt):
        record_receipt(channel, found, timezone.now())
    else:
        keep(found)
