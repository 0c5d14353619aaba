"""Danger in a call becomes an alert that a supervisor must acknowledge, with an audit entry."""

from datetime import timedelta
from threading import Event, Thread

import pytest
from asgiref.sync import sync_to_async
from django.db import ProgrammingError, connection
from django.utils import timezone

from amparo.foundation.access.models import Role, User
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import SWITCHBOARD, acting_as
from amparo.foundation.core.refusal import Refused
from amparo.line.roster.models import Seat, State
from amparo.line.roster.rules import set_state, take_seat
from amparo.line.switchboard.caller_keys import DANGER_AGAIN
from amparo.line.switchboard.danger import acknowledge_danger, create_danger_alerts, raise_danger_after
from amparo.line.switchboard.journal import Journal
from amparo.line.switchboard.models import ESCALATE_AFTER, UNANSWERED_AFTER, Call, CallEvent, DangerAlert, Direction
from amparo.line.switchboard.models import State as CallState

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ana(transactional_db, now) -> User:
    return on_shift("ana", now)


@pytest.fixture
def marta(transactional_db, now) -> User:
    """A supervisor without a seat."""
    return User.objects.create(username="marta", role=Role.SUPERVISOR)


def on_shift(name: str, now) -> User:
    user = User.objects.create(username=name)
    take_seat(by=user, now=now)
    set_state(State.READY, by=user, now=now)
    return user


async def marked(user: int | None = None) -> DangerAlert:
    journal, call = Journal(), Call(arrived_at=timezone.now(), danger=True)
    journal.record_event(call, CallEvent.Kind.DANGER, user)
    journal.record_event(call, CallEvent.Kind.DANGER, user)
    await journal.flush()
    journal.record_event(call, CallEvent.Kind.DANGER, user)  # and again later
    await journal.flush()
    return await DangerAlert.objects.select_related("raised_by").aget()


def seen(user: User, at) -> list[int]:
    with acting_as(user.acting()):
        return [alert.pk for alert in DangerAlert.objects.waiting_for(user, at)]


async def test_the_callers_key_raises_one_alert_and_one_entry(ana):
    alert = await marked()
    assert alert.raised_by is None
    entries = [e async for e in Entry.objects.filter(what="raise_danger")]
    assert [(e.about, e.role) for e in entries] == [(f"call {alert.call_id}", "system/switchboard")]


async def test_control_without_danger_there_is_no_alert(ana):
    journal, call = Journal(), Call(arrived_at=timezone.now())
    journal.record_event(call, CallEvent.Kind.ARRIVED)
    await journal.flush()
    assert not await DangerAlert.objects.aexists()


async def test_the_key_of_a_telephone_raises_it(exchange):
    phone, call = await exchange.waiting()
    await phone.press("9")
    alert = await exchange.until_row(DangerAlert.objects.filter(call=call))
    assert alert.raised_by_id is None


async def test_the_operators_button_raises_it_in_their_name(exchange):
    user = await User.objects.acreate(username="ana")
    exchange.sit(user.pk)
    _phone, call = await exchange.waiting()
    await exchange.until_row(Call.objects.filter(pk=call, ringing_for=user))
    await exchange.board.marks.mark_danger(call, user.pk)
    alert = await exchange.until_row(DangerAlert.objects.filter(call=call))
    assert alert.raised_by_id == user.pk


@pytest.mark.parametrize("mark", ["danger", "silent"])
async def test_who_has_nothing_to_do_with_a_call_marks_nothing_in_it(exchange, mark):
    _phone, pk = await exchange.waiting()
    live = next(each for each in exchange.board.calls.values() if str(each.row.pk) == pk)
    verb = exchange.board.verbs[f"mark_{mark}"]
    live.row.operators, live.row.invited, live.row.listeners, live.row.whisperers = [1], [2], [3], [4]
    with pytest.raises(Refused):
        await verb(pk, 9)
    assert not getattr(live.row, mark)
    for user in (1, 2, 3, 4):
        setattr(live.row, mark, False)
        await verb(pk, user)
        assert getattr(live.row, mark), user
    live.record_missed(9)  # it rang for them until a moment ago: the key that they press now is meant for it
    await verb(pk, 9)


def raised(now, **what) -> DangerAlert:
    return DangerAlert.objects.create(call=Call.objects.create(arrived_at=now), at=now, **what)


async def test_danger_in_a_call_sounds_again_after_it_was_acknowledged(ana, marta):
    alert = await marked()
    await sync_to_async(acknowledge_danger)(alert, by=marta, now=timezone.now())
    call = await Call.objects.aget(pk=alert.call_id)
    journal = Journal()
    journal.record_event(call, CallEvent.Kind.DANGER, ana.pk)
    await journal.flush()
    before, again = [each async for each in DangerAlert.objects.order_by("at")]
    assert (before.pk, before.acknowledged_by_id, before.raised_by_id) == (alert.pk, marta.pk, None)
    assert (again.acknowledged_at, again.raised_by_id) == (None, ana.pk)
    assert await Entry.objects.filter(what="raise_danger").acount() == 2


async def test_an_operator_marks_danger_as_often_as_needed_and_the_callers_key_now_and_then(exchange):
    _phone, pk = await exchange.waiting()
    call = next(live for live in exchange.board.calls.values() if str(live.row.pk) == pk)

    async def marks() -> int:
        await exchange.journal.flush()
        return await CallEvent.objects.filter(call=pk, kind=CallEvent.Kind.DANGER).acount()

    call.pressed.handle("9")
    call.pressed.handle("9")
    assert await marks() == 1
    call.mark_danger(1)
    call.mark_danger(1)
    assert await marks() == 3
    call.pressed.danger_at -= DANGER_AGAIN + 1
    call.pressed.handle("9")
    assert await marks() == 4


async def test_a_telephone_that_sends_its_keys_as_text_raises_an_alert(exchange):
    phone = await exchange.caller()
    request = phone.dialog.dialog.request("INFO")
    request.set_header("Content-Type", "application/dtmf-relay")
    request.text = "Signal=9\r\nDuration=160\r\n"
    assert (await phone.agent.transact(request, phone.dialog.dialog.peer)).status_code == 200
    alert = await exchange.until_row(DangerAlert.objects.all())
    assert alert.raised_by_id is None


def test_a_supervisor_is_told_at_once_and_the_shift_after_a_while(ana, marta, now):
    alert = raised(now)
    later = now + ESCALATE_AFTER
    assert (seen(marta, now), seen(ana, now)) == ([alert.pk], [])
    assert seen(ana, later - timedelta(seconds=1)) == []
    assert seen(ana, later) == [alert.pk]


def test_who_has_left_the_shift_is_not_told(ana, now):
    raised(now)
    set_state(State.OFF, by=ana, now=now)
    assert seen(ana, now + ESCALATE_AFTER) == []


def test_acknowledged_it_sounds_for_nobody(ana, marta, now):
    alert = acknowledge_danger(raised(now), by=marta, now=now)
    assert (alert.acknowledged_by, alert.acknowledged_at) == (marta, now)
    assert (seen(marta, now), seen(ana, now + ESCALATE_AFTER)) == ([], [])
    assert Entry.objects.filter(what="acknowledge_danger", user_id=marta.pk, about=f"dangeralert {alert.pk}").exists()


def test_the_first_answer_stands(ana, marta, now):
    alert = acknowledge_danger(raised(now), by=marta, now=now)
    assert acknowledge_danger(alert, by=ana, now=now + ESCALATE_AFTER).acknowledged_by == marta


def test_whoever_is_not_on_the_line_sees_and_answers_nothing(ana, now):
    stranger = User.objects.create(username="stranger", role=Role.ADMINISTRATOR)
    alert = raised(now)
    assert seen(stranger, now + ESCALATE_AFTER) == []
    with pytest.raises(Refused):
        acknowledge_danger(alert, by=stranger, now=now)
    assert Seat.objects.filter(pk=ana.pk).exists()


def test_an_alert_holds_nothing_of_the_caller():
    columns = {field.name for field in DangerAlert._meta.fields}
    assert columns == {"id", "call", "chat", "at", "raised_by", "acknowledged_at", "acknowledged_by"}


def mark(call: Call, at, user: int | None = None) -> None:
    """As the switchboard's journal does."""
    with acting_as(SWITCHBOARD):
        create_danger_alerts([{"call_id": call.pk, "at": at, "kind": CallEvent.Kind.DANGER, "user_id": user}])


def test_an_acknowledgement_ends_no_danger_that_was_marked_meanwhile(ana, marta, now):
    """The supervisor acknowledges the first danger while a second press waits in the journal."""
    alert = raised(now - timedelta(minutes=9))
    acknowledge_danger(alert, by=marta, now=now)
    mark(alert.call, now - timedelta(seconds=1), ana.pk)
    assert len(seen(marta, now)) == 1
    mark(alert.call, now - timedelta(seconds=1), ana.pk)  # the journal writes it once more
    assert DangerAlert.objects.count() == 2


def test_danger_that_is_marked_during_an_acknowledgement_waits_for_its_end(ana, marta, now):
    alert, acknowledged, commit = raised(now, raised_by=ana), Event(), Event()

    def acknowledge() -> None:
        with acting_as(marta.acting()):
            acknowledge_danger(alert, by=marta, now=now)
            acknowledged.set()
            commit.wait(10)
        connection.close()

    def mark_again() -> None:
        mark(alert.call, now + timedelta(seconds=1), ana.pk)
        connection.close()

    first, second = Thread(target=acknowledge), Thread(target=mark_again)
    first.start()
    assert acknowledged.wait(10)
    second.start()
    second.join(0.5)
    assert second.is_alive()  # the control: it did wait
    commit.set()
    first.join()
    second.join()
    assert len(seen(marta, now)) == 1


def test_what_an_operator_marked_comes_before_any_key_of_a_caller(ana, marta, now):
    early = [raised(now - timedelta(seconds=40 - n)) for n in range(3)]
    marked_by_ana = raised(now, raised_by=ana)
    assert seen(marta, now) == [marked_by_ana.pk, *(alert.pk for alert in early)]


def test_an_operators_mark_is_an_alert_of_its_own_after_the_callers_key(ana, marta, now):
    call = Call.objects.create(arrived_at=now)
    for user, seconds in ((None, 9), (ana.pk, 5), (ana.pk, 3), (None, 1)):
        mark(call, now - timedelta(seconds=seconds), user)
    raised_by = DangerAlert.objects.order_by("at").values_list("raised_by", flat=True)
    assert list(raised_by) == [None, ana.pk]
    assert len(seen(marta, now)) == 2


def test_who_raised_an_alert_is_asked_to_acknowledge_it_after_a_minute_without_an_answer(ana, marta, now):
    alert, later = raised(now, raised_by=ana), now + ESCALATE_AFTER
    assert (seen(ana, later), seen(on_shift("rufino", now), later)) == ([], [alert.pk])
    late = now + UNANSWERED_AFTER
    assert (seen(ana, late - timedelta(seconds=1)), seen(ana, late)) == ([], [alert.pk])
    other = raised(now)  # the caller's key has no raiser, and is shown as ever
    assert seen(ana, later) == [other.pk]


@pytest.mark.parametrize("column", ["at", "raised_by"])
def test_the_pages_change_nothing_of_an_alert_but_its_acknowledgement(ana, marta, now, column):
    alert = raised(now, raised_by=ana)
    with pytest.raises(ProgrammingError, match="permission denied"), acting_as(marta.acting()):
        DangerAlert.objects.filter(pk=alert.pk).update(**{column: now if column == "at" else None})


def test_danger_is_raised_after_the_call_by_who_was_in_it(ana, marta, now):
    call = Call.objects.create(arrived_at=now, state=CallState.ENDED, ended_at=now)
    CallEvent.objects.create(call=call, at=now, kind=CallEvent.Kind.ANSWERED, user=ana)
    with pytest.raises(Refused):
        raise_danger_after(call, by=on_shift("rufino", now), now=now)
    raise_danger_after(call, by=ana, now=now)
    assert len(seen(marta, now)) == 1
    assert Entry.objects.filter(what="raise_danger_after", user_id=ana.pk).exists()


def test_danger_is_raised_in_a_return_call_that_nobody_answered(ana, marta, now):
    """The alert names the operator who placed the call, and nobody else."""
    call = Call.objects.create(direction=Direction.OUTGOING, arrived_at=now, state=CallState.ENDED, ended_at=now)
    CallEvent.objects.create(call=call, at=now, kind=CallEvent.Kind.ARRIVED, user=ana)
    with pytest.raises(Refused):
        raise_danger_after(call, by=on_shift("rufino", now), now=now)
    raise_danger_after(call, by=ana, now=now)
    assert len(seen(marta, now)) == 1
