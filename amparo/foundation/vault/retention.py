"""Retention: each class of record is kept for its days after it was closed, then its key is destroyed.

Columns that identify nobody stay, so that published counts can be counted again. A legal hold stops the deletion.
"""

import logging
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy

from amparo.foundation.audit.labels import label_verb
from amparo.foundation.audit.rules import append
from amparo.foundation.core.actor import WORKER, acting_as

from .models import DataKey, Retention

BATCH = 200  # records in one transaction

log = logging.getLogger(__name__)


def destroy_due_keys(now: datetime) -> int:
    """Destroy the keys of records whose period is over; returns how many."""
    with acting_as(WORKER):
        kept = list(Retention.objects.all())
    forgotten = sum(_forget_before(now - timedelta(days=each.days), each.kind) for each in kept)
    if forgotten:
        log.info("%d records were forgotten: their time was over", forgotten)
    return forgotten


def _forget_before(moment: datetime, kind: str) -> int:
    due = DataKey.objects.filter(kind=kind, closed_at__lt=moment, forgotten_at=None, legal_hold="")
    forgotten = 0
    while True:
        with acting_as(WORKER):
            keys = list(due[:BATCH])
            for key in keys:
                append("forget", f"{key.kind} {key.pk}", key=key.pk)
                key.forget()
        forgotten += len(keys)
        if len(keys) < BATCH:
            return forgotten


label_verb("forget", gettext_lazy("forgot it: its time was over"))
