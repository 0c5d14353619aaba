"""What comes back, what was cancelled, many urgent things at once, and a kind of event that cannot be looked for."""

import logging
from datetime import timedelta

import pytest

from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as
from amparo.line.switchboard.models import DangerAlert

from .. import finding, ladder, rules, sending
from ..finding import Look
from ..kinds import KINDS
from ..models import Notice, NoticeEvent, NoticeState, Route
from .conftest import NOW, minute, note
from .test_the_ladder import in_danger, notified, waits

pytestmark = pytest.mark.django_db
M = timedelta(minutes=1)


@pytest.fixture
def adela(stranger) -> User:
    """An administrator of the line."""
    return stranger


def ends(kind: str, now) -> None:
    with acting_as(ladder.WORKER):
        ladder._note_kind(KINDS[kind], {}, now)


def open_all(user: User, now) -> None:
    rules.open_notices(set(NoticeEvent.objects.values_list("pk", flat=True)), by=user, now=now)


@pytest.mark.parametrize("kind", ["trunk", "doctor"])
def test_what_comes_back_after_it_was_opened_is_another_event(reach, adela, kind):
    reach(adela)
    waits(kind, NOW)
    assert notified(NOW + M) == ["stranger"]
    open_all(adela, NOW + 5 * M)
    ends(kind, NOW + 10 * M)
    waits(kind, NOW + 25 * M)
    assert notified(NOW + 26 * M) == ["stranger"]
    assert NoticeEvent.objects.count() == 2
    ends(kind, NOW + 27 * M)
    waits(kind, NOW + 28 * M)  # nobody opened this one: it stays the same
    assert notified(NOW + 29 * M) == []
    assert NoticeEvent.objects.count() == 2


def test_what_comes_back_after_everybody_could_look_and_found_nothing_is_another_event(reach, relay, adela):
    reach(adela)
    waits("trunk", NOW)
    assert notified(NOW + M) == ["stranger"]
    sending.send_pending(NOW + M)
    ends("trunk", NOW + 12 * M)
    waits("trunk", NOW + 35 * M)
    assert notified(NOW + 36 * M) == ["stranger"]


def test_whose_notice_was_cancelled_is_notified_when_it_comes_back(reach, relay, on_shift, ana, marta):
    reach(ana)
    reach(marta)
    on_shift(ana)
    relay.handler.received.clear()
    waits("danger")
    assert [notified(NOW), notified(NOW + 2 * M)] == [["ana"], ["marta"]]  # the provider is away: none leaves
    ends("danger", NOW + 3 * M)
    sending.send_pending(NOW + 4 * M)
    assert set(Notice.objects.values_list("state", flat=True)) == {NoticeState.CANCELLED}
    waits("danger", NOW + 20 * M)
    assert notified(NOW + 20 * M) == ["ana"]
    sending.send_pending(NOW + 20 * M)
    assert notified(NOW + 21 * M) == []
    assert notified(NOW + 22 * M) == ["marta"]
    sending.send_pending(NOW + 22 * M)
    assert len(relay.handler.received) == 2


def test_a_ladder_goes_on_when_what_was_sent_and_not_opened_comes_back(reach, relay, adela, marta):
    reach(adela)
    reach(marta)
    waits("trunk", NOW)
    assert notified(NOW + M) == ["stranger"]
    sending.send_pending(NOW + M)
    ends("trunk", NOW + 2 * M)
    waits("trunk", NOW + 5 * M)
    assert notified(NOW + 5 * M) == []
    assert notified(NOW + 6 * M) == ["marta"]


def test_many_alerts_are_one_message_to_each_and_each_climbs(reach, gateway, on_shift, ana, marta):
    def urgent() -> list[str]:
        return sorted(text["to"][-3:] for text in gateway.taken.values() if "urgente" in text["text"])

    reach(ana, Route.SMS)
    reach(marta, Route.SMS, "+51900000322")
    on_shift(ana)
    for n in range(10):
        at = NOW + n * timedelta(seconds=24)
        in_danger(at - M)
        minute(at)
    minute(NOW + 6 * M)
    assert urgent() == ["321", "322"]
    assert [it.lines.count() for it in Notice.objects.filter(is_urgent=True).order_by("made_at")] == [10, 10]
    in_danger(NOW + 6 * M)
    minute(NOW + 7 * M)
    assert urgent() == ["321", "321", "322"]  # the first message is older than five minutes


def test_an_urgent_notice_that_was_opened_or_is_over_calls_for_nothing_more(reach, gateway, marta):
    reach(marta, Route.SMS)
    gateway.taken.clear()
    in_danger()
    minute(NOW)
    open_all(marta, NOW + M)
    in_danger()
    minute(NOW + M)
    assert len(gateway.taken) == 2  # opened
    DangerAlert.objects.update(acknowledged_at=NOW + M, acknowledged_by=marta)
    in_danger()
    minute(NOW + 2 * M)
    assert len(gateway.taken) == 3  # over: whoever looked found nothing


def test_danger_joins_no_notice_that_was_tried_nor_one_of_a_machine(reach, adela):
    reach(adela)
    adela_is_called = {"to": adela, "is_urgent": True}
    waits("trunk", NOW)
    assert notified(NOW + M) == ["stranger"]
    in_danger(NOW)
    minute(NOW + 7 * M)  # the last step of danger reaches administrators
    minute(NOW + 9 * M)
    minute(NOW + 12 * M)
    assert [it.lines.count() for it in Notice.objects.filter(**adela_is_called)] == [1, 1]
    Notice.objects.filter(**adela_is_called).update(state=NoticeState.PENDING, tried_at=NOW, sent_at=None)
    in_danger(NOW + 10 * M)
    for n in range(13, 20):
        minute(NOW + n * M)
    assert Notice.objects.filter(**adela_is_called).count() == 3


def test_a_kind_that_fails_keeps_no_other_back_and_danger_comes_first(reach, marta, monkeypatch, caplog):
    reach(marta)
    in_danger()
    looked = []

    class Broken(Look):
        @property
        def parts(self):
            looked.append(NoticeEvent.objects.filter(kind="danger").count())
            return [{}["invented words"]]

    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(finding, "LOOKED_BACK", None)  # another error, of another kind
    note(Broken(NOW))
    assert notified(NOW) == ["marta"]
    assert looked == [1] * 5
    assert "KeyError" in caplog.text
    assert "invented words" not in caplog.text
    assert next(iter(KINDS)) == "danger"
