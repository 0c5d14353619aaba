"""An hour that somebody certified holds keeps somebody certified; what cannot be refused turns red and stays so."""

import re
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import Q
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from amparo.foundation.access.models import Role, User
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.dates import monday_of
from amparo.foundation.core.refusal import Refused
from amparo.line.roster import uncovered
from amparo.line.roster.cover import Span, local_hour, week_of
from amparo.line.roster.models import Absence, Certificate, PublishedWeek, Queue, Shift, ShiftKind
from amparo.line.roster.rules import take_seat
from amparo.line.roster.shift_rules import (
    call_in,
    cancel_shift,
    copy_week,
    issue_certificate,
    plan_shift,
    publish_week,
    record_absence,
    revoke_certificate,
    set_ringing_rules,
)
from amparo.line.roster.swap_rules import offer_shift, take_shift
from amparo.line.roster.uncovered import newly_uncovered
from tests.in_that_moment import second_while
from tests.repetitions import repeat

from .week import MONDAY, NOW, at

NEXT = MONDAY + timedelta(days=7)


@pytest.fixture
def lucia(db) -> User:
    return User.objects.create(username="lucia", first_name="Lucía E.")


@pytest.fixture
def certified(ana, rufino, marta):
    """Ana and Rufino are certified; nobody else is, and the line asks for it."""
    for user in (ana, rufino):
        issue_certificate(user, Queue.CALLS, at(30, 0), by=marta, now=at(-1, 0))
    set_ringing_rules(by_shift=True, by_certificate=True, by=marta)


def left(now=NOW) -> list:
    return [(gap.start, gap.end) for gap in newly_uncovered(now)]


def test_the_last_certified_person_of_an_hour_is_not_cancelled(certified, ana, rufino, lucia, marta):
    shift = plan_shift(ana, at(4, 6), at(4, 14), by=marta)
    plan_shift(lucia, at(4, 6), at(4, 14), by=marta)  # not certified
    plan_shift(rufino, at(4, 6), at(4, 12), by=marta)
    with pytest.raises(Refused, match=r"viernes 27, 12:00–14:00.*nadie con certificado.*otra persona.*Ana F\."):
        cancel_shift(shift, by=marta, now=NOW)
    assert shift in Shift.objects.planned()
    issue_certificate(lucia, Queue.CALLS, at(30, 0), by=marta, now=NOW)
    cancel_shift(shift, by=marta, now=NOW)
    cancel_shift(shift, by=marta, now=NOW)
    assert shift not in Shift.objects.planned()


def test_a_shift_that_has_begun_is_not_ended_while_nobody_else_holds_the_line(certified, ana, rufino, marta):
    shift = plan_shift(ana, at(2, 6), at(2, 14), by=marta)
    with pytest.raises(Refused, match="miércoles 25, 12:00–14:00"):
        cancel_shift(shift, by=marta, now=NOW)
    plan_shift(rufino, at(2, 11), at(2, 14), by=marta)
    cancel_shift(shift, by=marta, now=NOW)
    assert Shift.objects.get(pk=shift.pk).ends_at == NOW


def test_without_the_rule_for_certificates_anybody_holds_the_line(ana, lucia, marta):
    shift = plan_shift(ana, at(4, 6), at(4, 14), by=marta)
    with pytest.raises(Refused, match="no quedaría nadie en la línea"):
        cancel_shift(shift, by=marta, now=NOW)
    plan_shift(lucia, at(4, 6), at(4, 14), by=marta)
    cancel_shift(shift, by=marta, now=NOW)


def test_what_covers_nothing_is_cancelled_freely(certified, ana, rufino, lucia, marta):
    """Control: the same shift is kept once it covers."""
    on_call = plan_shift(ana, at(2, 6), at(2, 14), kind=ShiftKind.ON_CALL, by=marta)
    not_certified = plan_shift(lucia, at(4, 6), at(4, 14), by=marta)
    called_in = plan_shift(rufino, at(2, 6), at(2, 14), kind=ShiftKind.ON_CALL, by=marta)
    call_in(called_in, by=marta, now=NOW)
    for shift in (on_call, not_certified):
        cancel_shift(shift, by=marta, now=NOW)
    with pytest.raises(Refused, match="12:00–14:00"):
        cancel_shift(called_in, by=marta, now=NOW)


def test_a_week_that_is_being_planned_is_changed_freely_until_it_is_published(certified, ana, rufino, marta):
    first = plan_shift(ana, at(7, 0), at(7, 8), by=marta)
    cancel_shift(first, by=marta, now=NOW)
    assert copy_week(NEXT, by=marta) == 0
    hold_all_week(marta)
    publish_week(NEXT, by=marta, now=NOW)
    publish_week(NEXT, by=marta, now=NOW)
    with pytest.raises(Refused, match="lunes 30, 00:00–08:00"):
        cancel_shift(Shift.objects.planned().get(starts_at=at(7, 0)), by=marta, now=NOW)
    assert PublishedWeek.objects.get().published_by == marta
    assert Entry.objects.filter(what="publish_week", user_id=marta.pk).count() == 2


def hold_all_week(marta) -> None:
    """Six certified people hold the week of `NEXT`, one at a time, within the hours of the law."""
    people = [User.objects.create(username=f"op{n}", first_name=f"Op {n}") for n in range(6)]
    for person in people:
        issue_certificate(person, Queue.CALLS, at(30, 0), by=marta, now=NOW)
    for day in range(7):
        for n, hour in enumerate((0, 8, 16)):
            plan_shift(people[n + 3 * (day % 2)], at(7 + day, hour), at(7 + day, hour + 8), by=marta)


def test_a_week_with_an_hour_that_nobody_certified_holds_is_not_published(certified, ana, marta):
    with pytest.raises(Refused, match=r"lunes 30, 00:00–lunes 7, 00:00"):
        publish_week(NEXT, by=marta, now=NOW)
    hold_all_week(marta)
    late = Shift.objects.get(starts_at=at(10, 8))
    revoke_certificate(Certificate.objects.get(user=late.user), by=marta, now=NOW)
    with pytest.raises(Refused, match="nadie con certificado"):
        publish_week(NEXT, by=marta, now=NOW)
    with pytest.raises(Refused, match="ya terminó"):
        publish_week(MONDAY, by=marta, now=at(7, 0))
    with pytest.raises(Refused):
        publish_week(NEXT, by=ana, now=NOW)
    assert not PublishedWeek.objects.exists()


def test_sickness_is_recorded_the_hour_turns_red_and_stays_so_until_somebody_certified_holds_it(
    certified, ana, rufino, lucia, marta
):
    shift = plan_shift(ana, at(4, 6), at(4, 14), by=marta)
    assert left() == []
    record_absence(shift, by=marta, now=NOW)
    record_absence(shift, by=marta, now=NOW + timedelta(hours=1))
    assert Absence.objects.get().recorded_at == NOW
    assert week_of(MONDAY).cover[4][6].cover == "none"
    assert left() == [(at(4, 6), at(4, 14))]
    plan_shift(lucia, at(4, 6), at(4, 14), by=marta)
    assert left() == [(at(4, 6), at(4, 14))], "she is not certified"
    plan_shift(rufino, at(4, 6), at(4, 10), by=marta)
    assert left() == [(at(4, 10), at(4, 14))]
    assert left(at(4, 11)) == [(at(4, 11), at(4, 14))]
    assert left(at(4, 14)) == []
    issue_certificate(lucia, Queue.CALLS, at(30, 0), by=marta, now=NOW)
    assert left() == []
    with pytest.raises(Refused):
        record_absence(shift, by=ana, now=NOW)


def test_who_has_to_leave_leaves_the_rest_of_the_shift_red(certified, ana, rufino, marta):
    shift = plan_shift(ana, at(2, 6), at(2, 14), by=marta)
    record_absence(shift, by=marta, now=NOW)
    assert Shift.objects.get().ends_at == NOW
    assert left() == [(NOW, at(2, 14))]
    with pytest.raises(Refused):
        record_absence(shift, by=marta, now=NOW)
    plan_shift(rufino, at(2, 12), at(2, 14), by=marta)
    assert left() == []


@pytest.mark.parametrize("lost", ["certificate", "account"])
def test_whatever_takes_the_last_certified_person_away_is_shown(certified, ana, marta, lost):
    monday = monday_of(timezone.localdate())
    start = local_hour(monday) + timedelta(days=9)
    plan_shift(ana, start, start + timedelta(hours=8), by=marta)
    issue_certificate(ana, Queue.CALLS, start + timedelta(days=9), by=marta, now=local_hour(monday))
    PublishedWeek.objects.create(monday=monday + timedelta(days=7), published_at=NOW, published_by=marta)
    assert left(timezone.now()) == []
    if lost == "certificate":
        Certificate.objects.filter(user=ana).update(revoked_at=local_hour(monday))
    else:
        User.objects.filter(pk=ana.pk).update(is_active=False)
    assert left(timezone.now()) == [(start, start + timedelta(hours=8))]
    PublishedWeek.objects.all().delete()
    assert left(timezone.now()) == [], "a week that is being planned has hours that nobody holds yet"


def test_next_week_has_the_substitute_and_not_who_could_not_come(certified, ana, rufino, marta):
    record_absence(plan_shift(ana, at(4, 6), at(4, 14), by=marta), by=marta, now=NOW)
    plan_shift(rufino, at(4, 6), at(4, 14), by=marta)
    assert copy_week(NEXT, by=marta) == 1
    assert Shift.objects.get(starts_at=at(11, 6)).user == rufino


@pytest.mark.django_db(transaction=True)
def test_two_changes_in_the_same_moment_do_not_leave_an_hour_to_nobody(ana, rufino, marta):
    """Each alone would be right, for the other still holds the line."""
    one, other = (plan_shift(user, at(4, 6), at(4, 14), by=marta) for user in (ana, rufino))
    (second,) = second_while(
        lambda: cancel_shift(one, by=marta, now=NOW), lambda: cancel_shift(other, by=marta, now=NOW)
    )
    assert isinstance(second, Refused)
    assert Shift.objects.planned().get() == other


@pytest.mark.django_db(transaction=True)
def test_nobody_is_called_in_whose_shift_ends_in_the_same_moment(ana, marta):
    shift = plan_shift(ana, at(2, 8), at(2, 16), kind=ShiftKind.ON_CALL, by=marta)
    (second,) = second_while(
        lambda: cancel_shift(shift, by=marta, now=NOW), lambda: call_in(Shift(pk=shift.pk), by=marta, now=NOW)
    )
    assert isinstance(second, Refused)
    assert Shift.objects.get().called_in_at is None


HOURS_TO_COME = range(60, 7 * 24)  # of the week of `MONDAY`, from `NOW` on


class Week(RuleBasedStateMachine):
    """Plan, cancel, swap, fall ill, certify and revoke in any order, counted hour by hour from the rows themselves."""

    @initialize()
    def begin(self):
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.marta = User.objects.create(username="marta", role=Role.SUPERVISOR)
        self.people = [User.objects.create(username=f"op{n}") for n in range(4)]
        for user in self.people:
            take_seat(by=user, now=NOW)
        set_ringing_rules(by_shift=True, by_certificate=True, by=self.marta)
        for user in self.people[:3]:
            self.certify(user)

    def covered(self) -> set[int]:
        """The hours to come that somebody certified holds."""
        rows = Shift.objects.filter(cancelled_at=None).values_list("user", "starts_at", "ends_at")
        papers = Certificate.objects.values_list("user", "expires_at", "revoked_at")
        valid = {user for user, expires, revoked in papers if revoked is None or revoked > NOW}
        return self.hours((start, end) for user, start, end in rows if user in valid)

    def promised(self) -> set[int]:
        """The hours to come for which somebody was planned, whether or not they can come."""
        rows = Shift.objects.filter(Q(cancelled_at=None) | Q(absence__isnull=False))
        return self.hours(rows.values_list("starts_at", "ends_at"))

    def hours(self, spans) -> set[int]:
        spans = list(spans)
        return {hour for hour in HOURS_TO_COME if any(start <= at(0, hour) < end for start, end in spans)}

    def shift(self, chosen: int) -> Shift | None:
        rows = list(Shift.objects.planned().filter(ends_at__gt=NOW).order_by("pk"))
        return rows[chosen % len(rows)] if rows else None

    def certify(self, user: User) -> None:
        issue_certificate(user, Queue.CALLS, at(40, 0), by=self.marta, now=at(0, 0))

    def change(self, act) -> None:
        """No change but an absence or a certificate takes an hour away."""
        before = self.covered()
        with suppress(Refused):
            act()
        assert before <= self.covered()

    @rule(who=st.integers(0, 3), start=st.integers(60, 160), length=st.sampled_from([4, 8]))
    def plans(self, who, start, length):
        self.change(lambda: plan_shift(self.people[who], at(0, start), at(0, start + length), by=self.marta))

    @rule(chosen=st.integers(0, 20))
    def cancels(self, chosen):
        if shift := self.shift(chosen):
            others = Shift.objects.planned().exclude(pk=shift.pk).values_list("user", "starts_at", "ends_at")
            papers = set(Certificate.objects.filter(revoked_at=None).values_list("user", flat=True))
            without = self.hours((start, end) for user, start, end in others if user in papers)
            may = self.covered() <= without
            self.change(lambda: cancel_shift(shift, by=self.marta, now=NOW))
            assert (shift not in Shift.objects.planned()) == may, "refused only where an hour is left to nobody"

    @rule(chosen=st.integers(0, 20), who=st.integers(0, 3))
    def swaps(self, chosen, who):
        if shift := self.shift(chosen):
            with suppress(Refused):
                offer = offer_shift(shift, by=shift.user, now=NOW)
                self.change(lambda: take_shift(offer, by=self.people[who], now=NOW))

    @rule(chosen=st.integers(0, 20))
    def falls_ill(self, chosen):
        if shift := self.shift(chosen):
            record_absence(shift, by=self.marta, now=NOW)
            assert shift not in Shift.objects.planned()

    @rule(who=st.integers(0, 3))
    def revokes(self, who):
        for each in Certificate.objects.filter(user=self.people[who], revoked_at=None):
            revoke_certificate(each, by=self.marta, now=NOW)

    @rule(who=st.integers(0, 3))
    def certifies(self, who):
        self.certify(self.people[who])

    @invariant()
    def what_is_left_to_nobody_is_shown(self):
        if hasattr(self, "marta"):
            shown = self.hours((gap.start, gap.end) for gap in newly_uncovered(NOW))
            assert shown == self.promised() - self.covered()

    def teardown(self):
        if hasattr(self, "atomic"):
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)


@pytest.mark.django_db(transaction=True)
def test_no_order_of_changes_leaves_an_hour_to_nobody_unseen():
    run_state_machine_as_test(
        Week, settings=settings(max_examples=repeat(5, 300), stateful_step_count=20, deadline=None,
                                suppress_health_check=list(HealthCheck))
    )  # fmt: skip


def test_the_control_a_rule_that_forgets_certificates_is_found(monkeypatch, db):
    """Whoever has a shift would count as holding the line."""

    def every_shift(shifts, rules=None):
        return [Span(it.user_id, it.starts_at, it.ends_at) for it in shifts]

    monkeypatch.setattr(uncovered, "certified_spans", every_shift)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(
            Week, settings=settings(max_examples=25, stateful_step_count=20, deadline=None, database=None,
                                    derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
        )  # fmt: skip


def test_the_pages_refuse_record_and_publish(ana, marta):
    monday = monday_of(timezone.localdate()) + timedelta(days=14)
    start = local_hour(monday)
    shift = plan_shift(ana, start, start + timedelta(hours=8), by=marta)
    PublishedWeek.objects.create(monday=monday, published_at=NOW, published_by=marta)
    client, operator = Client(), Client()
    client.force_login(marta)
    operator.force_login(ana)
    where = f"/roster?day={monday}"
    refused = client.post(f"/shifts/{shift.pk}/cancel")
    assert refused.status_code == 422
    assert "no quedaría nadie en la línea" in refused.content.decode()
    assert operator.post(f"/shifts/{shift.pk}/absent").status_code == 404
    assert client.post(f"/shifts/{shift.pk}/absent").headers["Location"] == where
    page = client.get(where).content.decode()
    assert re.search(r'data-state="absent".*no puede venir', page, re.DOTALL)
    for address in (where, "/wallboard", "/wallboard/now", "/home"):
        assert f"/roster?day={monday}" in client.get(address).content.decode(), address
    for address in (where, "/wallboard", "/home"):
        assert "nadie con certificado" not in client.get(address).content.decode().lower(), (
            "nobody asks for certificates"
        )
    assert "había alguien programado" not in operator.get(where).content.decode()
    assert client.post("/shifts/publish", {"day": f"{monday + timedelta(days=7)}"}).status_code == 422
    assert operator.post("/shifts/publish", {"day": f"{monday}"}).status_code == 404
    with acting_as(marta.acting()):
        assert PublishedWeek.objects.count() == 1
