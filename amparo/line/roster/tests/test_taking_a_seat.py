"""A seat is taken once, by whichever of several pages that one person opens at the same moment."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from amparo.foundation.vault.models import DataKey
from amparo.line.roster.models import Seat
from amparo.line.roster.rules import take_seat

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
