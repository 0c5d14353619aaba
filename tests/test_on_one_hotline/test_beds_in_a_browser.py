"""A bed for the night as three people give it: in Chromium, against the real hotline, by keyboard, in every dress."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import faults_with_details_open, signed_in
from tests.hotline import Hotline


@pytest.fixture(scope="module")
def at(line: Hotline, browser: Browser):
    """The page of one of the invented people, each in a browser of their own."""
    pages: dict[str, Page] = {}

    def at(name: str) -> Page:
        if name not in pages:
            pages[name] = signed_in(browser, line, name)
        return pages[name]

    return at


def woman_of_ana() -> tuple[str, str]:
    """In the process of a hotline: somebody of 16 in a case of hers, and where she was exploited is known."""
    from django.utils import timezone

    from amparo.care.cases.rules import add_event, open_case
    from amparo.care.people.rules import describe_person
    from amparo.foundation.access.models import User
    from amparo.line.contacts.rules import open_contact
    from amparo.line.switchboard.models import Call, State

    ana, now = User.objects.get(username="ana"), timezone.now()
    call = Call.objects.create(arrived_at=now, answered_at=now, ended_at=now, state=State.ENDED, operators=[ana.pk])
    case = open_case(open_contact(call, by=ana, now=now), by=ana, now=now)
    known = {"age_at_events": 16, "age_certainty": "sure", "gender": "feminine", "languages": ["qu"]}
    person = describe_person(case.persons.get(part="at_risk"), **known, by=ana, now=now)
    add_event(person, "exploitation", ubigeo="170101", country="PE", by=ana, now=now)
    return f"/cases/{case.pk}", person.code_name


@pytest.fixture
def reserved(line: Hotline, at) -> Page:
    """Ana has held a bed: the page of the placement."""
    page = at("Ana F.")
    where, _name = line.do(woman_of_ana)
    page.goto(line.address + where)
    page.get_by_role("link", name="Buscar cama").click()
    press(page, "Reservar 2 horas en Casa Queñual")
    page.wait_for_url("**/beds/placements/*")
    placement = page.url
    yield page
    page.goto(f"{placement}?language=es")
    release = page.get_by_role("button", name="Liberar camas")
    if release.count():
        release.click()
        page.get_by_role("alertdialog").get_by_role("button", name="Liberar camas").click()
        expect(release).to_have_count(0)


def press(page: Page, name: str) -> None:
    """By keyboard alone: to the button of this name, and upon it."""
    button = page.get_by_role("button", name=name, exact=True).first
    for _ in range(80):
        if button.evaluate("it => it === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")


def unfold(page: Page, what: str) -> None:
    page.locator("summary", has_text=what).press("Enter")


def test_held_asked_for_approved_opened_arrived_and_left_by_keyboard(line, reserved, at):
    where = reserved.url
    reserved.locator("#id_escort").fill("Equipo de Ejemplo")
    press(reserved, "Solicitarlo y dar mi aprobación")
    expect(reserved.locator("main")).to_contain_text("falta una")
    officer, house = at("Olga P."), at("Luz C.")
    officer.goto(where)
    press(officer, "Aprobar")
    officer.get_by_role("link", name="Abrir la dirección").click()
    press(officer, "Para continuar su atención")
    expect(officer.locator(".secret")).to_contain_text("Pasaje Inventado")
    officer.emulate_media(media="print")
    expect(officer.locator(".secret")).to_be_hidden()
    officer.emulate_media(media="screen")
    officer.get_by_role("link", name="Ya la tengo").click()
    assert "Pasaje Inventado" not in officer.content()
    house.goto(f"{line.address}/house")
    press(house, "Registrar llegada")
    expect(house.locator("main")).to_contain_text("En la casa")
    house.get_by_role("button", name="salió").click()
    house.get_by_role("alertdialog").get_by_role("button", name="salió").click()
    expect(house.locator("main")).to_contain_text("La línea no tiene a nadie en camino")


def test_who_releases_a_bed_is_asked_first(reserved):
    release = reserved.get_by_role("button", name="Liberar camas")
    release.click()
    expect(reserved.get_by_role("alertdialog").get_by_role("button", name="Cancelar")).to_be_focused()
    reserved.keyboard.press("Enter")
    expect(reserved.get_by_role("alertdialog")).to_have_count(0)
    reserved.reload()
    expect(release).to_be_visible()  # still held


def test_the_browser_shows_an_address_no_second_time(line, reserved, at):
    reserved.locator("#id_escort").fill("Equipo de Ejemplo")
    press(reserved, "Solicitarlo y dar mi aprobación")
    expect(reserved.locator("main")).to_contain_text("falta una")
    officer = at("Olga P.")
    officer.goto(reserved.url)
    press(officer, "Aprobar")
    officer.get_by_role("link", name="Abrir la dirección").click()
    officer.locator(".reasons button").first.click()
    expect(officer.locator(".secret")).to_be_visible()
    officer.goto(officer.url)  # the address in the bar asks why again
    expect(officer.locator(".secret")).to_have_count(0)
    expect(officer.locator(".reasons")).to_be_visible()


def test_a_house_is_changed_a_bed_goes_and_comes_back_and_it_closes_and_opens_by_keyboard(line, at):
    officer, house = at("Olga P."), at("Luz C.")
    officer.goto(f"{line.address}/houses?language=es")
    officer.get_by_role("link", name="Casa Queñual").click()
    unfold(officer, "Cambiar")
    officer.get_by_label("recibe animales").press("Space")
    press(officer, "Guardar")
    expect(officer.locator("main")).to_contain_text("También con animal")
    press(officer, "Cama 1: Fuera de uso")
    expect(officer.get_by_role("button", name="Cama 1: En uso")).to_be_visible()
    press(officer, "Cama 1: En uso")
    expect(officer.get_by_role("button", name="Cama 1: Fuera de uso")).to_be_visible()
    unfold(officer, "Cerrar la casa")
    press(officer, "Cerrar la casa")
    expect(officer.get_by_role("alert")).to_contain_text("Todavía hay personas en Casa Queñual")
    house.goto(f"{line.address}/house?language=es")
    press(house, "La cama 4 de Casa Queñual ahora está libre")
    expect(house.get_by_role("button", name="La cama 4 de Casa Queñual ahora está libre")).to_have_count(0)
    unfold(officer, "Cerrar la casa")
    press(officer, "Cerrar la casa")
    expect(officer.locator("main")).to_contain_text("La casa está cerrada")
    officer.goto(f"{line.address}/beds")
    expect(officer.locator("main")).not_to_contain_text("Casa Queñual")
    officer.goto(f"{line.address}/houses")
    officer.get_by_role("link", name="Casa Queñual").click()
    press(officer, "Abrirla otra vez")
    expect(officer.get_by_role("button", name="Cama 1: Fuera de uso")).to_be_visible()


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_page_is_accessible_and_fits(line, reserved, at, language):
    ana, olga, luz = at("Ana F."), at("Olga P."), at("Luz C.")
    wrong = {}
    olga.goto(f"{line.address}/houses")
    kept = olga.get_by_role("link", name="Casa Vicuña").get_attribute("href")
    for name, page, where in (
        ("placement", ana, reserved.url), ("why its address", ana, f"{reserved.url}/address"),
        ("beds", ana, f"{line.address}/beds"),
        ("officer's", olga, f"{line.address}/beds"), ("houses", olga, f"{line.address}/houses"),
        ("a house", olga, f"{line.address}{kept}"),
        ("house", luz, f"{line.address}/house"),
    ):  # fmt: skip
        wrong[name] = faults_with_details_open(page, where, language)
    assert not any(wrong.values()), wrong
