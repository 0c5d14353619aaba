"""A seat is taken once, by whichever of several pages that one person opens at the same moment."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from amparo.foundation.core.live import collect_notifications
from amparo.foundation.vault.models import DataKey
from amparo.line.roster.models import SEEN_WITHIN, Seat, State
from amparo.line.roster.rules import mark_seen, take_seat

AT_ONCE = 4


@pytest.mark.django_db(transaction=True)
def test_pages_opened_at_once_take_one_seat(ana):
    start = threading.Barrier(AT_ONCE)

    def open_page(_number: int) -> int:
        try:
            start.wait()
            return take_seat(by=ana, now=timezone.now()).pk
        finally:
            connection.close()

    for turn in range(1, 6):
        Seat.objects.all().delete()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            assert set(pool.map(open_page, range(AT_ONCE))) == {ana.pk}
        assert (Seat.objects.count(), DataKey.objects.count()) == (1, turn)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "unseen_for", "announced"),
    [
        (State.READY, SEEN_WITHIN + timedelta(seconds=1), ["seats"]),  # an operator came back
        (State.READY, timedelta(seconds=15), []),  # the console was open all the time
        (State.OFF, SEEN_WITHIN + timedelta(seconds=1), []),  # nobody counts on somebody off shift
    ],
)
def test_an_open_console_is_announced_only_if_somebody_on_shift_comes_back(ana, state, unseen_for, announced):
    now = timezone.now()
    take_seat(by=ana, now=now)
    Seat.objects.filter(pk=ana.pk).update(state=state, seen_at=now - unseen_for)
    with collect_notifications() as notes:
        mark_seen(ana.pk, now)
    assert notes == announced
    assert Seat.objects.get(pk=ana.pk).seen_at == now
