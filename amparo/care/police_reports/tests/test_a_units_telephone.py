"""The telephone of a unit stands wherever the line calls the unit about a late report, and nobody else reads it."""

from datetime import timedelta

import pytest
from django.utils.timezone import localtime

from amparo.care.police_reports.areas import set_telephone
from amparo.care.police_reports.escalation import escalate
from amparo.care.police_reports.models import Report, UnitTelephone
from amparo.care.police_reports.picklists import Source
from amparo.care.police_reports.rules import report_to_police
from amparo.foundation.access.models import Agency, Kind
from amparo.foundation.core.actor import WORKER, acting_as
from amparo.foundation.core.refusal import Refused
from tests.test_promises.access import contact_of
from tests.test_promises.planting import plant_case

from .test_unit_by_place import at

NUMBER = "000 400 105"
LINK = f'<a href="tel:000400105">{NUMBER}</a>'


@pytest.fixture
def unit(teo) -> Agency:
    return teo.agency


@pytest.fixture
def late(unit, ana, teo, now) -> Report:
    planted = plant_case(contact_of(ana), lambda kind: kind, by=ana, liaison=teo)
    report = report_to_police(planted.person, unit, facts="invented facts", source=Source.VICTIM, by=ana, now=now)
    with acting_as(WORKER):
        escalate(report.receive_by + timedelta(minutes=1))
    return report


def test_it_stands_where_the_line_calls_the_unit(late, ana, marta, unit, now):
    """The console, the list of reports and the report itself; without a number each says so."""
    pages = ("/console/queue", "/reports", f"/reports/{late.pk}")
    shown = [at(ana).get(page).content.decode() for page in pages]
    assert all("sin número registrado" in page and LINK not in page for page in shown)
    assert at(marta).post(f"/units/{unit.pk}/telephone", {"number": f" {NUMBER} "}).status_code == 302
    assert all(LINK in at(ana).get(page).content.decode() for page in pages)
    assert f'value="{NUMBER}"' in at(marta).get("/units").content.decode()


def test_what_is_late_says_the_day_too(late, ana):
    day = f"{localtime(late.receive_by):%d/%m/%Y %H:%M}"
    assert all(
        f"con retraso desde {day}" in at(ana).get(page).content.decode() for page in ("/console/queue", "/reports")
    )


def test_the_task_of_the_case_leads_to_the_report_with_its_number(late, ana):
    for tab in ("help", "tasks"):
        assert f'href="/reports/{late.pk}">' in at(ana).get(f"/cases/{late.case_id}/{tab}").content.decode()


def test_a_supervisor_corrects_it_and_takes_it_away(unit, marta):
    page = at(marta)
    for number in ("1", NUMBER, NUMBER):
        page.post(f"/units/{unit.pk}/telephone", {"number": number})
    assert UnitTelephone.objects.get().number == NUMBER
    for typed in ("ask Rosa", "-", "٣٤٥"):
        refused = page.post(f"/units/{unit.pk}/telephone", {"number": typed})
        assert (refused.status_code, UnitTelephone.objects.get().number) == (422, NUMBER)
        assert f'value="{typed}"' in refused.content.decode()  # to be corrected
    page.post(f"/units/{unit.pk}/telephone", {"number": "*1#"})
    assert UnitTelephone.objects.get().address == "tel:*1%23"
    page.post(f"/units/{unit.pk}/telephone", {"number": ""})
    assert not UnitTelephone.objects.exists()


def test_nobody_else_writes_it_and_the_unit_does_not_read_it(late, unit, ana, marta, teo, now):
    with pytest.raises(Refused, match="not for your role"):
        set_telephone(unit, NUMBER, by=ana, now=now)
    assert at(ana).post(f"/units/{unit.pk}/telephone", {"number": NUMBER}).status_code == 404
    with pytest.raises(Refused, match="goes to the police"):
        set_telephone(Agency.objects.create(name="Invented", kind=Kind.SHELTER), NUMBER, by=marta, now=now)
    set_telephone(unit, NUMBER, by=marta, now=now)
    with acting_as(teo.acting()):
        assert not UnitTelephone.objects.exists()
    with acting_as(ana.acting()):
        assert UnitTelephone.objects.exists()  # the control
    assert NUMBER not in at(teo).get(f"/reports/{late.pk}").content.decode()
