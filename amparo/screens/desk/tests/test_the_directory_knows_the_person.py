"""Beside a call the directory is filtered by what is known: place, age, sex and language, each of which excludes."""

from datetime import time

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from amparo.care.directory.models import Organization, Schedule, Service, ServiceArea
from tests.hotline import Hotline

from . import scenes
from .steps import console, into, open_case, tab

TAKES_HER = "Inventado: acoge a la adolescente"
OTHERS = {
    "Inventado: otro lugar": {"areas": ["23"]},
    "Inventado: solo mayores": {"minimum_age": 18},
    "Inventado: solo varones": {"accepts": ["boys", "men"]},
    "Inventado: solo castellano": {"languages": ["es"]},
}


def offer() -> None:
    """A service that takes a girl of 16 in Tambopata who speaks Quechua, and four that each lack one thing."""
    organization = Organization.objects.create(name="Institución inventada", description="inventada", trust="vetted")
    for name, other in ({TAKES_HER: {}} | OTHERS).items():
        usual = {"areas": ["17"], "accepts": ["girls", "women"], "languages": ["es", "qu"]} | other
        areas = usual.pop("areas")
        service = Service.objects.create(name=name, organization=organization, verified_at=timezone.now(), **usual)
        for ubigeo in areas:
            ServiceArea.objects.create(service=service, ubigeo=ubigeo)
        days = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
        Schedule.objects.create(service=service, byday=days, opens_at=time(0), closes_at=time(0))


@pytest.fixture
def page(desk: BrowserContext, line: Hotline) -> Page:
    line.do(offer)
    line.do(scenes.talking)
    return console(desk, line, width=1280)


def shown(page: Page) -> set[str]:
    expect(page.locator("iframe[name='panel-directory'][data-ready]")).to_be_visible()  # the list is all there
    found = tab(page, "directory").locator("main")
    expect(found).to_contain_text(TAKES_HER)
    return {name for name in (TAKES_HER, *OTHERS) if name in found.inner_text()}


def test_a_contact_says_place_and_language_and_the_person_of_its_case_age_and_sex_too(page):
    page.locator("#id_place").fill("Tambopata, Madre de Dios")
    page.locator("[name=language][value=qu]").check()
    page.locator("#id_caller_role").select_option("person_at_risk")  # so that the call says where the person is
    expect(page.locator("#conversation .saved").first).to_have_attribute("data-state", "saved")
    into(page, "Alt+d", "directory")
    assert shown(page) == {TAKES_HER, "Inventado: solo mayores", "Inventado: solo varones"}
    screening = open_case(page)
    screening.locator("#id_age_at_events").fill("16")
    page.keyboard.press("Enter")
    expect(screening.locator(".reply").first).to_be_visible()
    case = into(page, "Alt+f", "case")
    case.locator(".case-who h1 a").click()
    case.locator("#id_gender").select_option("feminine")
    case.get_by_role("button", name="Guardar", exact=True).click()
    expect(case.locator(".case-who")).to_be_visible()
    page.reload()  # a tab keeps its page: a new one reads what is known now
    page.keyboard.press("Alt+d")
    assert shown(page) == {TAKES_HER}
    directory = tab(page, "directory")
    expect(directory.locator("#id_ubigeo")).to_have_value("Tambopata, Madre de Dios")
    expect(directory.locator("#id_age")).to_have_value("16")
    expect(directory.locator("#id_language")).to_have_value("qu")
    expect(directory.locator("[name=sex]:checked")).to_have_value("female")
