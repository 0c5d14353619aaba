"""Earlier reports of the same place, telephone, plate or nickname, among those that one may see."""

import pytest
from django.utils import timezone

from amparo.care.cases.consenting import decide_to_tell
from amparo.care.cases.rules import open_case
from amparo.care.consent.picklists import Ground
from amparo.care.people.models import Person
from amparo.care.referrals.alike import alike
from amparo.care.referrals.models import Report
from amparo.care.referrals.picklists import Source
from amparo.care.referrals.rules import report_to_police
from amparo.ground.access.models import Role, User
from amparo.ground.core.acting import need_to_know
from amparo.ground.vault.models import Token
from tests.test_promises.access import agency, colleague, contact_of


@pytest.fixture
def ana(db) -> User:
    return colleague("ana")


@pytest.fixture
def teo(db) -> User:
    return colleague("teo", Role.POLICE_LIAISON, agency("police"))


@pytest.fixture
def send(ana, teo):
    """A report with these traces, of a case of its own."""

    def send(traces: str = "", ubigeo: str = "", to=teo) -> Report:
        return report_to_police(
            person_of(ana), to.agency, facts="invented", source=Source.WITNESS, known_how="seen", traces=traces,
            ubigeo=ubigeo, by=ana, now=timezone.now(),
        )  # fmt: skip

    return send


def person_of(ana: User) -> Person:
    """Somebody in a new case: a duty to report is a basis."""
    now = timezone.now()
    case = open_case(contact_of(ana), by=ana, now=now)
    with need_to_know(ana.acting()):
        person = case.persons.get(part="at_risk")
    decide_to_tell(person, Ground.DUTY_TO_REPORT, "invented", by=ana, now=now)
    return person


def seen(report: Report, user: User) -> list[str]:
    with need_to_know(user.acting()):
        return [f"{other.code}: {why}" for other, why in alike(Report.objects.get(pk=report.pk), user)]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [("987 654 321", "+51 987-654-321"), ("ABC-123", "abc 123"), ("el Tío Lucho", "LUCHO el tio; 12"),
     ("x1y2z3, Pepe", "999 888 777; pepe")],
)  # fmt: skip
def test_the_same_trace_however_it_is_written(send, ana, teo, earlier, later):
    first, other, second = send(earlier), send("911 222 333, XYZ-999, Rosa"), send(later)
    for user in (ana, teo):
        assert seen(second, user) == [f"{first.code}: the same telephone, plate or nickname"]
    assert seen(other, ana) == []


def test_the_same_place(send, ana):
    first, second = send(ubigeo="170101"), send(ubigeo="170101")
    assert seen(second, ana) == [f"{first.code}: the same place"]
    assert seen(send(), ana) == []


def test_a_unit_sees_none_that_was_sent_elsewhere(send, ana, teo):
    elsewhere = colleague("lia", Role.POLICE_LIAISON, agency("police"))
    first, second = send("987 654 321", to=elsewhere), send("987 654 321")
    assert seen(second, teo) == []
    assert seen(second, ana) == [f"{first.code}: the same telephone, plate or nickname"]


def test_only_tokens_are_stored(send):
    send("987 654 321, ABC-123, Lucho")
    kept = Token.objects.filter(kind__in=["number", "plate", "name"])
    assert {token.kind for token in kept} == {"number", "plate", "name"}
    assert all(len(bytes(token.token)) == 16 for token in kept)
