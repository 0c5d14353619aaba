"""A batch of exported cases costs the same number of statements, whatever its size."""

import pytest

from amparo.care.cases.rules import open_case
from amparo.care.cases.tests.test_what_the_work_costs import another, counted
from amparo.care.exchange import rules
from amparo.care.exchange.htcds_export import exported_record
from amparo.care.exchange.rules import export_all
from amparo.foundation.access.models import User
from amparo.foundation.audit.labels import Purpose
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import acting_as, current_actor

EXPORT = 2  # statements: one for a batch, and one that finds no more


@pytest.fixture
def cases(ana, now):
    return [open_case(another(ana, now), by=ana, now=now) for _ in range(6)]


def test_an_export_asks_as_much_for_many_cases_as_for_one(cases, marta, now):
    marta = User.objects.get(pk=marta.pk)
    with counted() as statements:
        assert len(list(export_all(purpose=Purpose.REVIEW, by=marta, now=now))) == len(cases)
    assert len(statements) <= EXPORT


def test_an_export_that_asks_for_each_case_would_be_seen(cases, marta):
    with acting_as(marta.acting()), counted() as statements:
        assert all(exported_record(case) for case in cases)
    assert len(statements) > EXPORT


@pytest.mark.parametrize(("at_once", "entries"), [(2, 2), (1000, 6)])
def test_who_stops_reading_was_told_no_further_leaf(cases, marta, now, monkeypatch, at_once, entries):
    monkeypatch.setattr(rules, "BATCH", at_once)
    marta = User.objects.get(pk=marta.pk)
    records = export_all(purpose=Purpose.REVIEW, by=marta, now=now)
    assert next(records)
    records.close()
    assert (Entry.objects.filter(what="export_case").count(), current_actor()) == (entries, None)
