"""The rules of ringing are one row, whoever sets them first and however often."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as
from amparo.line.roster.models import RingingRules
from amparo.line.roster.shift_rules import set_ringing_rules

AT_ONCE = 6


@pytest.mark.django_db(transaction=True)
def test_several_who_set_them_at_once_are_all_obeyed_in_turn(marta):
    start = threading.Barrier(AT_ONCE)

    def set_them(number: int) -> None:
        try:
            start.wait()
            set_ringing_rules(by_shift=True, by_certificate=bool(number % 2), by=marta)
        finally:
            connection.close()

    for _ in range(5):
        RingingRules.objects.all().delete()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(set_them, range(AT_ONCE)))
        with acting_as(User.objects.get(pk=marta.pk).acting()):
            assert RingingRules.current().by_shift


def test_what_is_set_last_holds(marta):
    set_ringing_rules(by_shift=True, by_certificate=True, by=marta)
    set_ringing_rules(by_shift=False, by_certificate=True, by=marta)
    with acting_as(marta.acting()):
        rules = RingingRules.current()
    assert (rules.by_shift, rules.by_certificate) == (False, True)
