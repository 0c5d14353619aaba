"""Earlier reports of the same place, telephone, plate or nickname, among those that the user may see."""

import pytest
from django.test import Client
from django.utils import timezone

from amparo.care.cases.consents import record_basis_in_case
from amparo.care.cases.models import Case
from amparo.care.cases.rules import open_case
from amparo.care.consent.picklists import OverrideGround
from amparo.care.people.models import Person
from amparo.care.police_reports.models import Report
from amparo.care.police_reports.picklists import Decision, Source
from amparo.care.police_reports.rules import receive_report, record_decision, report_to_police
from amparo.care.police_reports.similar_reports import MOST, similar_reports, similar_to_draft
from amparo.foundation.access.models import Role, User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.vault.models import Token
from tests.test_promises.access import agency, colleague, contact_of


@pytest.fixture
def send(ana, teo):
    """A report with these traces, in a case of its own."""

    def send(traces: str = "", ubigeo: str = "", to=teo) -> Report:
        return report_to_police(
            person_of(ana), to.agency, facts="invented", source=Source.WITNESS, known_how="seen", traces=traces,
            ubigeo=ubigeo, by=ana, now=timezone.now(),
        )  # fmt: skip

    return send


def person_of(ana: User) -> Person:
    """A person in a new case: a duty to report is the basis."""
    now = timezone.now()
    case = open_case(contact_of(ana), by=ana, now=now)
    with acting_as(ana.acting()):
        person = case.persons.get(part="at_risk")
    record_basis_in_case(person, OverrideGround.DUTY_TO_REPORT, "invented", by=ana, now=now)
    return person


def seen(report: Report, user: User) -> list[str]:
    with acting_as(user.acting()):
        return [f"{other.code}: {why}" for other, why in similar_reports(Report.objects.get(pk=report.pk), user)]


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


def test_a_trace_is_not_crowded_out_by_newer_ones_of_a_large_place(send, ana, teo):
    traced = [send("ABC-123"), send("ABC-123", ubigeo="150101")]
    placed = [send(ubigeo="150101") for _ in range(MOST + 1)]
    it = send("ABC-123", ubigeo="150101")
    first = [f"{each.code}: the same telephone, plate or nickname" for each in reversed(traced)]
    then = [f"{each.code}: the same place" for each in placed[:0:-1]]
    assert [seen(it, user) for user in (ana, teo)] == [[*first, *then]] * 2
    newer = f"{it.code}: the same telephone, plate or nickname"
    assert [line.rpartition(", ")[0] for line in before(it, ana)] == [newer, *first, *then]


def test_no_more_of_a_trace_are_shown_either(send, ana):
    *_others, it = [send("ABC-123", ubigeo="150101") for _ in range(MOST + 2)]
    assert [line.partition(": ")[2] for line in seen(it, ana)] == ["the same telephone, plate or nickname"] * MOST


def test_only_tokens_are_stored(send):
    send("987 654 321, ABC-123, Lucho")
    kept = Token.objects.filter(kind__in=["number", "plate", "name"])
    assert {token.kind for token in kept} == {"number", "plate", "name"}
    assert all(len(bytes(token.token)) == 16 for token in kept)


def before(report: Report, user: User) -> list[str]:
    """Return what is suggested about another report like this one, before it is sent."""
    with acting_as(user.acting()):
        it = Report.objects.select_related("key").get(pk=report.pk)
        would_be = Report(ubigeo=it.ubigeo, traces=it.traces)
        return [f"{other.code}: {why}, {other.state_in_words}" for other, why in similar_to_draft(would_be, user)]


def test_before_it_is_sent_it_is_said_what_became_of_those_alike(send, ana, teo):
    first, place, _other = send("987 654 321, ABC-123"), send(ubigeo="170101"), send("911 222 333")
    assert before(first, ana) == [f"{first.code}: the same telephone, plate or nickname, not received"]
    receive_report(first, "F-1", by=teo, now=timezone.now())
    assert before(first, ana) == [f"{first.code}: the same telephone, plate or nickname, received, not decided"]
    record_decision(first, Decision.SHELVED, by=teo, now=timezone.now())
    assert before(first, ana) == [f"{first.code}: the same telephone, plate or nickname, shelved"]
    assert before(place, ana) == [f"{place.code}: the same place, not received"]


def test_before_it_is_sent_nobody_is_shown_what_they_may_not_see(send):
    first, rufino = send("987 654 321"), colleague("rufino")
    with acting_as(rufino.acting()):
        assert similar_to_draft(Report(ubigeo="", traces="987 654 321"), rufino) == []
    assert Token.objects.filter(key=first.key_id).exists()  # the control: there is something to find


def test_the_page_that_is_read_before_says_it(send, ana, teo):
    first = send("987 654 321")
    person = person_of(ana)
    User.objects.filter(pk=ana.pk).update(is_invented=True)  # the demonstration's sign-in needs no second factor
    page = Client(headers={"Sec-Fetch-Mode": "navigate"})
    page.force_login(User.objects.get(pk=ana.pk))
    with acting_as(ana.acting()):
        case = Case.objects.get(key=person.key_id)
    typed = {"source": "victim", "facts": "invented", "unit": teo.agency_id, "traces": "+51 987-654-321"}
    text = page.post(f"/cases/{case.pk}/people/{person.pk}/report", typed).content.decode()
    assert (f"/reports/{first.pk}" in text, "no recibida" in text) == (True, True)
