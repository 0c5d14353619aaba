"""Who is notified first, who next if nobody opens it, what quiet hours keep back, and what opening answers."""

from datetime import timedelta

import pytest
from django.test import Client

from amparo.foundation.access.models import User
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import acting_as
from amparo.foundation.line_settings import hours
from amparo.foundation.line_settings.rules import LineSettings, keep
from amparo.line.switchboard.models import Call, DangerAlert

from .. import ladder, rules
from ..finding import Found, Look
from ..kinds import KINDS
from ..models import Notice, NoticeEvent, NoticeLine, Route
from .conftest import MAILBOX, NOW, minute, note

pytestmark = pytest.mark.django_db
NIGHT = NOW + timedelta(hours=18)  # four in the morning in Lima
M = timedelta(minutes=1)


@pytest.fixture
def adela(stranger) -> User:
    """An administrator of the line, whom it calls coordinator."""
    return stranger


def in_danger(at=NOW - 2 * M) -> DangerAlert:
    call = Call.objects.create(arrived_at=at, waiting_since=at, state="talking", danger=True)
    return DangerAlert.objects.create(call=call, at=at)


def waits(kind: str, now=NOW, *abouts: str) -> None:
    """Something of this kind waits."""
    with acting_as(ladder.WORKER):
        ladder._note_kind(KINDS[kind], {about: Found(about) for about in abouts or ("1",)}, now)


def notified(now) -> list[str]:
    """Who is notified at this minute."""
    before = set(Notice.objects.values_list("pk", flat=True))
    ladder.notify_people(now)
    return sorted(notice.to.username for notice in Notice.objects.exclude(pk__in=before))


def test_danger_climbs_from_the_shift_to_supervisors_to_coordinators(reach, on_shift, ana, rufino, marta, adela):
    for user in (ana, rufino, marta, adela):
        reach(user)
    on_shift(ana)
    waits("danger")
    assert [notified(NOW + n * M) for n in range(8)] == [["ana"], [], ["marta"], [], [], ["stranger"], [], []]


def test_a_step_without_anybody_is_skipped_at_once(reach, rufino, adela):
    reach(adela)
    reach(rufino)  # not on shift
    in_danger()
    note(Look(NOW, []))
    assert notified(NOW) == ["stranger"]


def test_danger_of_less_than_a_minute_and_danger_that_somebody_took_notify_nobody(reach, marta):
    reach(marta)
    in_danger(NOW - timedelta(seconds=59))
    DangerAlert.objects.filter(pk=in_danger(NOW - 5 * M).pk).update(acknowledged_at=NOW, acknowledged_by=marta)
    minute(NOW)
    assert not Notice.objects.exists()


def test_who_opens_it_ends_the_ladder_and_only_what_stood_on_the_page_is_answered(reach, marta, adela):
    reach(marta)
    reach(adela)
    waits("danger", NOW, "1")
    assert notified(NOW) == ["marta"]
    client = Client()
    client.force_login(marta)
    shown = list(NoticeEvent.objects.values_list("pk", flat=True))
    page = client.get("/me/notices").content.decode()
    assert all(f'value="{pk}"' in page for pk in shown)
    assert str(KINDS["danger"].title) not in page  # what it is, is shown to who opens it
    waits("danger", NOW, "1", "2")
    assert notified(NOW + M) == []  # the other danger joins the notice that is on its way
    assert client.post("/me/notices/open", {"event": shown}).status_code == 302
    first, second = NoticeEvent.objects.order_by("since", "about")
    assert (first.opened_by, second.opened_by) == (marta, None)
    assert first.opened_at
    assert list(NoticeLine.objects.filter(opened_at=None).values_list("event", flat=True)) == [second.pk]
    assert notified(NOW + 10 * M) == ["stranger"]
    assert [line.event_id for line in Notice.objects.get(to=adela).lines.all()] == [second.pk]
    assert Entry.objects.filter(what="open_notices", user_id=marta.pk).count() == 1
    assert rules.open_notices(shown, by=marta, now=NOW) == 0  # twice changes nothing


def test_nobody_opens_what_is_in_no_notice_of_theirs(reach, ana, marta, adela):
    reach(marta)
    waits("danger")
    notified(NOW)
    shown = list(NoticeEvent.objects.values_list("pk", flat=True))
    for other in (ana, adela):
        assert rules.open_notices(shown, by=other, now=NOW) == 0
    assert NoticeEvent.objects.get().opened_at is None
    with acting_as(ana.acting()):
        assert not NoticeEvent.objects.exists()


def test_quiet_hours_keep_back_what_can_wait_and_gather_it_but_never_danger(reach, marta):
    reach(marta)
    waits("referral", NIGHT, "1", "2")
    waits("unit", NIGHT, "3")
    assert notified(NIGHT) == []
    waits("unit_danger", NIGHT, "4")
    assert notified(NIGHT) == ["marta"]
    assert notified(NIGHT + timedelta(hours=2, minutes=59)) == []
    assert notified(NIGHT + timedelta(hours=3)) == ["marta"]  # seven o'clock
    morning = Notice.objects.latest("made_at")
    assert (morning.is_urgent, morning.lines.count()) == (False, 3)


def test_own_quiet_hours_count_and_none_at_all_may_be_chosen(reach, marta):
    reach(marta)
    waits("referral")
    local = NOW - timedelta(hours=5)
    rules.set_quiet_hours(local.time(), (local + timedelta(hours=1)).time(), by=marta)
    assert notified(NOW) == []
    rules.set_quiet_hours(local.time(), local.time(), by=marta)
    assert notified(NOW) == ["marta"]


def test_while_the_line_is_closed_what_can_wait_waits_and_danger_does_not(reach, marta):
    reach(marta)
    keep(LineSettings(**{f"hours_{day}": "11:00-18:00" for day in hours.DAYS}))
    waits("referral")
    assert notified(NOW) == []
    waits("unit_danger", NOW, "2")
    assert notified(NOW) == ["marta"]
    assert notified(NOW + timedelta(hours=1)) == ["marta"]  # it opens


def test_on_shift_nothing_is_kept_back(reach, on_shift, ana):
    reach(ana)
    on_shift(ana)
    local = NOW - timedelta(hours=5)
    rules.set_quiet_hours((local - timedelta(hours=1)).time(), (local + timedelta(hours=1)).time(), by=ana)
    waits("referral")
    assert notified(NOW) == ["ana"]


def test_what_can_wait_is_one_notice_for_many_events(reach, marta):
    reach(marta)
    for n in range(5):
        waits("referral", NOW + n * M, *map(str, range(n + 1)))
        notified(NOW + n * M)
    assert [notice.lines.count() for notice in Notice.objects.all()] == [1]
    assert notified(NOW + 16 * M) == ["marta"]
    assert sorted(notice.lines.count() for notice in Notice.objects.all()) == [1, 4]


def test_nothing_is_sent_twice_however_often_the_worker_looks(reach, relay, marta):
    reach(marta)
    relay.handler.received.clear()
    in_danger()
    for n in range(5):
        minute(NOW + n * M)
        minute(NOW + n * M)
    assert [to for to in relay.handler.recipients if to == MAILBOX.format("marta")] == [MAILBOX.format("marta")]
    assert len(relay.handler.received) == 1


def test_what_comes_back_within_half_an_hour_is_the_same_event(reach, adela):
    reach(adela)
    waits("trunk", NOW, "")
    assert notified(NOW) == []  # it has to stand for a moment
    assert notified(NOW + M) == ["stranger"]
    with acting_as(ladder.WORKER):
        ladder._note_kind(KINDS["trunk"], {}, NOW + 2 * M)
    waits("trunk", NOW + 3 * M, "")
    assert notified(NOW + 4 * M) == []
    with acting_as(ladder.WORKER):
        ladder._note_kind(KINDS["trunk"], {}, NOW + 5 * M)
    waits("trunk", NOW + 60 * M, "")
    assert notified(NOW + 61 * M) == ["stranger"]


def test_a_notice_that_fails_for_good_climbs_at_once(reach, relay, marta, adela):
    reach(marta)
    reach(adela)
    relay.handler.answers[MAILBOX.format("marta")] = "550 nobody here"
    waits("danger")
    NoticeEvent.objects.update(about=str(in_danger().pk))
    minute(NOW)
    minute(NOW + M)
    assert relay.handler.recipients[-1] == MAILBOX.format("stranger")


def test_who_was_locked_out_is_not_notified(reach, marta, adela):
    reach(marta)
    User.objects.filter(pk=marta.pk).update(is_active=False)
    waits("danger")
    assert notified(NOW) == []


def test_old_notices_are_forgotten_with_their_events(reach, marta):
    reach(marta, Route.EMAIL)
    waits("danger")
    notified(NOW)
    with acting_as(ladder.WORKER):
        ladder._note_kind(KINDS["danger"], {}, NOW + M)
        ladder.forget_old(NOW + timedelta(days=80))
        assert Notice.objects.count() == 1
        ladder.forget_old(NOW + timedelta(days=91))
        assert not Notice.objects.exists()
        assert not NoticeEvent.objects.exists()
