"""Users who may read a report find it by the number that its police unit gave it. The number stays sealed."""

import pytest
from django.test import Client

from amparo.care.police_reports.by_telephone import note_received
from amparo.care.police_reports.models import Report
from amparo.care.police_reports.picklists import Source
from amparo.care.police_reports.rules import receive_report, report_to_police
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import acting_as
from amparo.foundation.vault.models import Token

NUMBER = "Carpeta 3106-2026"


@pytest.fixture
def report(person, unit, agreed, ana, teo, now):
    agreed()
    sent = report_to_police(person, unit, facts="invented", source=Source.VICTIM, by=ana, now=now)
    receive_report(sent, NUMBER, by=teo, now=now)
    return sent


def found(typed: str, user) -> list[str]:
    with acting_as(user.acting()):
        return [report.code for report in Report.objects.visible_to(user).with_unit_number(typed)]


@pytest.mark.parametrize("typed", [NUMBER, "carpeta 31062026", " CARPETA-3106/2026 "])
def test_signs_and_capitals_do_not_matter(report, ana, typed):
    assert found(typed, ana) == [report.code]


@pytest.mark.parametrize("typed", ["3106-2026", "Carpeta 3106-202", "Carpeta", "31", ""])
def test_a_part_finds_nothing(report, ana, typed):
    assert found(typed, ana) == []


def test_the_unit_finds_its_own_and_nobody_without_its_key_finds_it(report, teo, ines, other_liaison):
    assert found(NUMBER, teo) == [report.code]
    assert found(NUMBER, ines) == found(NUMBER, other_liaison) == []


def test_what_the_unit_said_by_telephone_finds_it_too(report, ana, now):
    note_received(report, folio="Registro 77-B", speaker="the desk", by=ana, now=now)
    assert found("registro 77 b", ana) == found(NUMBER, ana) == [report.code]


def test_it_is_forgotten_with_the_report(report, ana):
    assert Token.objects.filter(kind=Token.Kind.REGISTER).count() == 1
    with acting_as(ana.acting()):
        report.key.forget()
    assert not Token.objects.filter(kind=Token.Kind.REGISTER).exists()


def test_the_one_search_finds_it_and_the_ledger_says_so_without_the_number(report, ana, ines):
    def searched(user) -> str:
        client = Client(headers={"Sec-Fetch-Mode": "cors"})
        client.force_login(user)
        return client.post("/search?language=en", {"q": NUMBER}).content.decode()

    assert report.code in searched(ana)
    assert report.code not in searched(ines)
    [entry] = Entry.objects.filter(what="search_records")
    assert (entry.user_id, entry.about) == (ana.pk, f"report {report.pk}")
    assert not Entry.objects.filter(about__contains="3106").exists()
