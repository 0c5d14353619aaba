"""The worker finds each kind of event with its own rights, and no more than ids."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.utils import ProgrammingError
from django.utils import timezone

from amparo.care.police_reports.models import Escalation
from amparo.care.referrals.models import ReferralEvent
from amparo.care.shelters.models import Placement, Stay
from amparo.care.shelters.rules import hold_bed
from amparo.foundation.access.models import Agency, Kind, Role, User
from amparo.foundation.core.actor import WORKER, acting_as
from amparo.foundation.line_settings import hours
from amparo.foundation.line_settings.rules import LineSettings, keep
from amparo.line.chat.models import Chat
from amparo.line.chat.models import State as ChatState
from amparo.line.roster.models import Certificate, Shift
from amparo.line.roster.shift_rules import plan_shift
from amparo.screens.administration.part import AMBER, GREEN, RED, Part
from tests.test_promises.access import colleague, contact_of
from tests.test_promises.planting import Planted, plant_case, plant_chat, plant_house

from ..finding import Look
from ..kinds import KINDS
from .conftest import NOW

pytestmark = pytest.mark.django_db
WORDS = {"name": "Invented", "number": "+51900778001", "address": "Calle Inventada 1", "words": "invented words"}
M = timedelta(minutes=1)


def found(kind: str, now=NOW, parts=()) -> list[str]:
    with acting_as(WORKER):
        return sorted(each.about for each in KINDS[kind].find(Look(now, list(parts))))


@pytest.fixture
def boss(db) -> User:
    return colleague("marta", Role.SUPERVISOR)


@pytest.fixture
def planted(boss) -> Planted:
    liaison = colleague("teo", Role.POLICE_LIAISON, Agency.objects.create(name="Invented unit", kind=Kind.POLICE))
    return plant_case(contact_of(boss), WORDS.__getitem__, by=boss, liaison=liaison)


def test_late_units_are_found_by_danger_until_somebody_telephones(planted, unit):
    for is_danger in (True, False):
        Escalation.objects.create(
            report=planted.report, report_number=1, to_agency=unit, is_danger=is_danger,
            late="received" if is_danger else "decided", at=NOW,
        )  # fmt: skip
    in_danger, other = Escalation.objects.order_by("-is_danger").values_list("pk", flat=True)
    assert (found("unit_danger"), found("unit")) == ([str(in_danger)], [str(other)])
    Escalation.objects.update(settled_at=NOW)
    assert (found("unit_danger"), found("unit")) == ([], [])


def test_late_referrals_are_found(planted):
    ReferralEvent.objects.all().delete()  # the service has not answered
    late = planted.referral.answer_by + M
    assert found("referral", late) == [str(planted.referral.pk)]
    assert found("referral", late - 2 * M) == []


def test_beds_about_to_be_lost_and_expired_requests_are_found(planted, boss):
    officer = colleague("olga", Role.PLACEMENT_OFFICER)
    shelter = Agency.objects.create(name="Invented shelter", kind=Kind.SHELTER)
    house = plant_house(WORDS.__getitem__, officer=officer, shelter=shelter)
    placement = hold_bed(planted.case, [planted.person], house, by=boss, now=timezone.now())
    Placement.objects.update(state="requested")
    ends = Stay.objects.get().reserved.upper
    assert found("hold", ends - 10 * M) == [str(placement.pk)]
    assert found("hold", ends - 30 * M) == found("hold", ends) == []
    assert found("bed", ends + M) == [str(placement.pk)]
    assert found("bed", ends - M) == found("bed", ends + timedelta(days=4)) == []


def test_writers_who_wait_are_found_but_no_practice(boss):
    plant_chat("invented words", by=boss)
    Chat.objects.update(state=ChatState.WAITING, operator=None, turn_at=NOW)
    pk = str(Chat.objects.get().pk)
    assert (found("writer", NOW + 15 * M), found("writer", NOW + 14 * M)) == ([pk], [])
    Chat.objects.update(practice_of=boss)
    assert found("writer", NOW + 15 * M) == []


def test_uncovered_hours_are_found_where_shifts_are_planned(ana, marta):
    assert found("uncovered") == []
    Shift.objects.create(user=ana, starts_at=NOW - M, ends_at=NOW + timedelta(hours=10), planned_by=marta)
    assert found("uncovered") == ["2026-03-04", "2026-03-05"]  # from 20:00 in Lima until 10:00 of the next day
    assert found("uncovered", NOW + timedelta(hours=18)) == ["2026-03-05", "2026-03-06"]
    keep(LineSettings(**{f"hours_{day}": "10:00-20:00" for day in hours.DAYS}))
    assert found("uncovered", NOW + timedelta(hours=10, minutes=5)) == ["2026-03-05"]
    keep(LineSettings(**dict.fromkeys((f"hours_{day}" for day in hours.DAYS), "")))
    assert found("uncovered") == []
    keep(LineSettings())
    starts = NOW + timedelta(hours=10)
    Shift.objects.create(user=marta, starts_at=starts, ends_at=NOW + timedelta(hours=30), planned_by=marta)
    assert found("uncovered") == []


def test_ending_certificates_are_found_with_their_person_until_there_is_a_later_one(ana, marta):
    issued = {"issued_at": NOW - timedelta(days=300), "issued_by": marta}
    first = Certificate.objects.create(user=ana, expires_at=NOW + timedelta(days=30), **issued)
    with acting_as(WORKER):
        [it] = KINDS["certificate"].find(Look(NOW, []))
    assert (it.about, it.person) == (str(first.pk), ana.pk)
    assert found("certificate", NOW - timedelta(days=1)) == found("certificate", NOW + timedelta(days=31)) == []
    Certificate.objects.create(user=ana, expires_at=NOW + timedelta(days=300), **issued)
    assert found("certificate") == []


@pytest.mark.parametrize(
    ("kind", "part", "abouts"),
    [
        ("trunk", Part("trunk", "Trunk", RED, ("x",)), [""]),
        ("trunk", Part("trunk", "Trunk", AMBER, ("none is set",)), []),
        ("disk", Part("disk", "Disk", AMBER, ("x",)), [""]),
        ("disk", Part("disk", "Disk", GREEN, ("x",)), []),
        ("disk", Part("disk", "Disk", RED, ("x",)), []),
        ("doctor", Part("disk", "Disk", RED, ("x",)), ["disk"]),
        ("backup", Part("backup", "Backup", AMBER, ("x",)), [""]),
        ("server", Part("certificate", "Certificate", AMBER, ("x",), of="mesa.invalid"), ["mesa.invalid"]),
        ("doctor", Part("ledger", "Ledger", RED, ("x",)), ["ledger"]),
        ("doctor", Part("ledger", "Ledger", AMBER, ("x",)), []),
        ("doctor", Part("trunk", "Trunk", RED, ("x",)), []),
    ],
)
def test_parts_of_the_machine_are_found(kind, part, abouts):
    assert found(kind, parts=[part]) == abouts


def test_every_red_check_of_the_doctor_has_an_event():
    keys = [part.key for part in Look(NOW).parts]
    assert len(set(keys)) > 8
    for key in keys:
        red = [Part(key, "It", RED, ("x",), of="one")]
        assert sum(bool(found(kind, parts=red)) for kind in ("trunk", "disk", "backup", "server", "doctor")) == 1, key


@pytest.mark.parametrize(
    "column", ["facts from referrals_referral", "words from referrals_referralevent", "escort from shelters_placement"]
)
def test_what_is_written_there_the_worker_cannot_read(column):
    with pytest.raises(ProgrammingError), acting_as(WORKER), connection.cursor() as cursor:
        cursor.execute(f"select {column}")


def test_only_the_worker_and_administrators_see_who_is_on_duty(ana, marta, stranger):
    plan_shift(ana, NOW, NOW + timedelta(hours=4), by=marta)
    for actor, rows in ((WORKER, 1), (stranger.acting(), 1)):
        with acting_as(actor), connection.cursor() as cursor:
            cursor.execute("select * from notices_on_duty(%s, %s)", [NOW, NOW + M])
            assert len(cursor.fetchall()) == rows
    for user in (ana, marta):
        with pytest.raises(ProgrammingError), acting_as(user.acting()), connection.cursor() as cursor:
            cursor.execute("select * from notices_on_duty(%s, %s)", [NOW, NOW + M])
