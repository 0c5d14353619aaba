import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from amparo.foundation.access.models import Role, User
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.line.roster.models import Exceeding, Shift, WishKind
from amparo.line.roster.plan_rules import wish_day
from amparo.line.roster.shift_rules import cancel_shift, copy_week, plan_shift, record_absence

from .week import MONDAY, NOW, at


def test_a_supervisor_plans_a_shift(ana, marta):
    shift = plan_shift(ana, at(3, 22), at(4, 6), by=marta)
    assert (shift.user, shift.planned_by) == (ana, marta)


def test_an_operator_plans_none(ana):
    with pytest.raises(Refused):
        plan_shift(ana, at(3, 22), at(4, 6), by=ana)
    assert not Shift.objects.exists()


def test_the_database_lets_no_operator_plan_one(ana, marta):
    """Control: the same statement works for a supervisor."""
    row = {"user": ana, "starts_at": at(3, 22), "ends_at": at(4, 6), "planned_by": marta}
    with pytest.raises(Exception, match="row-level security"), acting_as(ana.acting()):
        Shift.objects.create(**row)
    with acting_as(marta.acting()):
        Shift.objects.create(**row)


def test_nobody_has_two_shifts_at_a_time(ana, marta):
    plan_shift(ana, at(3, 6), at(3, 14), by=marta)
    plan_shift(ana, at(3, 14), at(3, 18), exceeding=Exceeding.AGREED, by=marta)  # the next one may follow at once
    with pytest.raises(Refused, match="Ana"):
        plan_shift(ana, at(3, 13), at(3, 15), by=marta)
    assert Shift.objects.count() == 2


def test_the_database_keeps_two_shifts_apart(ana, marta):
    row = {"user": ana, "planned_by": marta, "starts_at": at(3, 6), "ends_at": at(3, 14)}
    Shift.objects.create(**row)
    with pytest.raises(IntegrityError), transaction.atomic():
        Shift.objects.create(**row | {"starts_at": at(3, 13), "ends_at": at(3, 15)})


@pytest.mark.parametrize(("start", "end"), [(at(3, 6), at(3, 6)), (at(3, 6), at(3, 5)), (at(3, 0), at(4, 0))])
def test_a_shift_of_no_length_or_of_a_whole_day_is_refused(ana, marta, start, end):
    with pytest.raises(Refused):
        plan_shift(ana, start, end, by=marta)


def test_who_takes_no_calls_has_no_shift(marta):
    worker = User.objects.create(username="ines", role=Role.CASE_WORKER)
    with pytest.raises(Refused, match="no atiende llamadas"):
        plan_shift(worker, at(3, 6), at(3, 14), by=marta)


def test_a_cancelled_shift_is_kept_and_makes_room(ana, marta):
    shift = plan_shift(ana, at(10, 6), at(10, 14), by=marta)
    cancel_shift(shift, by=marta, now=NOW)
    cancel_shift(shift, by=marta, now=NOW)
    assert Shift.objects.get().cancelled_at == NOW
    plan_shift(ana, at(10, 6), at(10, 14), by=marta)


def test_a_shift_that_has_begun_ends_now(ana, rufino, marta):
    shift = plan_shift(ana, at(2, 6), at(2, 14), by=marta)
    plan_shift(rufino, at(2, 6), at(2, 14), by=marta)
    cancel_shift(shift, by=marta, now=NOW)
    shift.refresh_from_db()
    assert (shift.ends_at, shift.cancelled_at) == (NOW, None)
    with pytest.raises(Refused):
        cancel_shift(shift, by=marta, now=NOW)


def test_a_week_is_copied_once(ana, rufino, marta):
    plan_shift(ana, at(0, 22), at(1, 6), by=marta)
    left = plan_shift(rufino, at(6, 6), at(6, 14), by=marta)
    cancel_shift(plan_shift(ana, at(5, 6), at(5, 14), by=marta), by=marta, now=at(-1, 12))
    User.objects.filter(pk=rufino.pk).update(is_active=False)
    assert copy_week(MONDAY.replace(day=30), by=marta) == 1
    assert copy_week(MONDAY.replace(day=30), by=marta) == 0
    assert Shift.objects.filter(user=ana, starts_at=at(7, 22), ends_at=at(8, 6)).count() == 1
    assert Shift.objects.filter(user=rufino).get() == left


def test_a_shift_that_ended_early_is_copied_at_its_planned_length(ana, marta):
    record_absence(plan_shift(ana, at(2, 6), at(2, 14), by=marta), by=marta, now=NOW)
    assert copy_week(MONDAY.replace(day=30), by=marta) == 1
    copy = Shift.objects.get(starts_at=at(9, 6))
    assert (copy.ends_at, copy.planned_end) == (at(9, 14), None)


def test_nothing_is_copied_onto_a_day_that_somebody_cannot_work(ana, marta):
    plan_shift(ana, at(0, 22), at(1, 6), by=marta)
    plan_shift(ana, at(3, 6), at(3, 14), by=marta)
    wish_day(MONDAY.replace(month=12, day=1), WishKind.CANNOT, by=ana, now=NOW)  # the night would end then
    assert copy_week(MONDAY.replace(day=30), by=marta) == 1
    assert Shift.objects.filter(starts_at__gte=at(7, 0)).get().starts_at == at(10, 6)


def test_it_is_in_the_ledger(ana, marta):
    shift = plan_shift(ana, at(10, 6), at(10, 14), by=marta)
    cancel_shift(shift, by=marta, now=NOW)
    record_absence(plan_shift(ana, at(10, 6), at(10, 14), by=marta), by=marta, now=NOW)
    verbs = {entry.what for entry in Entry.objects.all()}
    assert {"plan_shift", "cancel_shift", "record_absence"} <= verbs


def test_the_page_shows_the_week_and_refuses_in_one_sentence(ana, marta):
    client = Client()
    client.force_login(marta)
    form = {"user": ana.pk, "day": "26/11/2026", "start": "22:00", "end": "06:00"}
    assert client.post("/shifts/plan", form).headers["Location"] == "/roster?day=2026-11-23"
    page = client.get("/roster?day=2026-11-29").content.decode()
    assert "22:00–06:00" in page
    again = client.post("/shifts/plan", form)
    assert again.status_code == 422
    assert "Ana F. tiene otro turno" in again.content.decode()
    assert client.post("/shifts/plan", {}).status_code == 422
    assert client.get("/roster?day=nonsense").status_code == 200


def test_an_operator_reads_the_week_and_changes_nothing(ana, marta):
    shift = plan_shift(ana, at(3, 6), at(3, 14), by=marta)
    client = Client()
    client.force_login(ana)
    page = client.get("/roster?day=2026-11-23").content.decode()
    assert "06:00–14:00" in page
    assert '<form method="post" action="/shifts' not in page
    assert client.post(f"/shifts/{shift.pk}/cancel").status_code == 404


def test_colleagues_read_neither_absences_nor_why_somebody_exceeds_the_hours(ana, rufino, marta):
    """Control: the person and a supervisor read both."""
    record_absence(plan_shift(ana, at(3, 6), at(3, 14), by=marta), by=marta, now=NOW)
    record_absence(plan_shift(ana, at(2, 6), at(2, 14), by=marta), by=marta, now=NOW)
    plan_shift(ana, at(4, 6), at(4, 16), exceeding=Exceeding.AGREED, by=marta)
    for reader, reads in ((ana, True), (marta, True), (rufino, False)):
        client = Client()
        client.force_login(reader)
        page = client.get("/roster?day=2026-11-23").content.decode()
        assert "06:00–16:00" in page
        for words in ("no puede venir", "tuvo que irse", "la persona lo aceptó</small>", "06:00–14:00"):
            assert (words in page) == reads, (reader.username, words)
