"""What the roster expects equals a recount of the rows, shrunk towards each day and hour."""

from datetime import timedelta

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone

from amparo.foundation.access.models import User
from amparo.foundation.core.dates import monday_of
from amparo.foundation.core.refusal import Refused
from amparo.line.roster.cover import local_hour
from amparo.line.roster.demand import hourly_rates
from amparo.screens.supervision.demand import count_demand

from .conftest import seen_by


def test_it_counts_the_offered_calls_of_full_weeks(marta, many_calls, now):
    monday = local_hour(monday_of(timezone.localdate(now)))
    past = [
        call for call in many_calls if call.direction == "incoming" and call.waiting_since and call.arrived_at < monday
    ]
    since = monday_of(timezone.localdate(min(call.arrived_at for call in past)))
    calls = np.zeros((7, 24))
    for call in past:
        arrived = timezone.localtime(call.arrived_at)
        calls[arrived.weekday(), arrived.hour] += 1
    weeks = (monday.date() - since).days // 7
    found = seen_by(marta, lambda: count_demand(by=marta, now=now))
    assert (found.calls, found.weeks) == (len(past), weeks) > (50, 3)
    assert found.rates == pytest.approx(hourly_rates(calls, weeks).ravel().tolist())
    over = [call for call in past if call.ended_at]
    talks = [(call.ended_at - call.answered_at).total_seconds() for call in over if call.answered_at]
    assert found.talk_seconds == pytest.approx(sum(talks) / len(talks))
    waited = sum(((call.answered_at or call.ended_at) - call.waiting_since).total_seconds() for call in over)
    gave_up = sum(not call.answered_at and call.ending == "gave_up" for call in over)
    assert found.patience_seconds == pytest.approx(waited / gave_up)


def test_without_a_full_week_it_says_so(marta, now):
    with pytest.raises(Refused, match="semana"):
        seen_by(marta, lambda: count_demand(by=marta, now=now))


def test_only_a_supervisor_counts(marta, many_calls, db):
    ana = User.objects.create(username="ana")
    client = Client()
    client.force_login(ana)
    assert client.post("/shifts/demand/count").status_code == 404
    client.force_login(marta)
    assert client.post("/shifts/demand/count").headers["Location"] == "/shifts/staffing"
    page = client.get(f"/shifts/staffing?day={timezone.localdate() + timedelta(days=7)}").content.decode()
    assert "Erlang A" in page
