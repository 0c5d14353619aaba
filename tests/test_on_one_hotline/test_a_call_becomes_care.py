"""The whole way, as its people go it: somebody calls, is heard, agrees, is helped, comes back without a name, and is
erased when she asks, with her case. Each in a browser of their own, against the real hotline, with a real call.
"""

from collections.abc import Callable, Iterable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import sideways, take_the_call, until, violations
from tests.hotline import Hotline

LOUD = "[...document.querySelectorAll('.level rect')].some((bar) => Number(bar.getAttribute('height')) > 8)"
FACTS = "Hechos inventados de nadie."
MAY_TELL = "Palabras inventadas para ella."
NOTES = "Palabras inventadas: no la dejan salir."
DONE = "Palabras inventadas de lo hecho."
WRITTEN = (FACTS, MAY_TELL, NOTES, DONE)
ROOMS = ("/console", "/contacts", "/cases", "/cases?show=closed", "/reports", "/requests", "/house", "/beds")

type At = Callable[[str], Page]


@pytest.fixture
def at(line: Hotline, browser: Browser) -> Iterator[At]:
    """The page of one of the invented people; "" is nobody of ours: a telephone somewhere."""
    pages: dict[str, Page] = {}

    def at(name: str) -> Page:
        if name not in pages:
            context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="es-PE")
            context.set_default_timeout(20_000)
            pages[name] = context.new_page()
            if name:
                pages[name].goto(f"{line.address}/sign-in")
                pages[name].get_by_role("button", name=name).click()
                pages[name].wait_for_url(lambda url: "sign-in" not in url)
        return pages[name]

    yield at
    for page in pages.values():
        page.context.close()


def call(line: Hotline, at: At) -> str:
    """A person calls, Ana listens and writes, and reads a return code aloud at the end. Returns the code."""
    phone, console = at(""), at("Ana F.")
    console.get_by_role("button", name="Disponible").click()
    phone.goto(f"{line.address}/call")
    phone.locator("[data-do='call']").click()
    expect(phone.locator("#call")).to_have_attribute("data-state", "waiting")
    phone.locator("[data-press='1']").click()
    take_the_call(console)
    expect(console.locator("#conversation")).to_be_visible()
    until(console, LOUD)
    console.keyboard.press("Alt+t")
    console.keyboard.type(NOTES)
    expect(console.locator(".notes textarea")).to_have_value(NOTES)
    with console.context.expect_page() as opened:
        console.locator("form[action^='/codes/from/'] button").click()
    code = opened.value.locator(".return-code").inner_text()
    opened.value.close()
    phone.locator("[data-do='end']").click()
    expect(console.locator("#wrap-up")).to_be_visible()
    expect(console.locator("[data-closes]").first).to_be_visible()  # a key without its button does nothing
    console.locator("#main").focus()
    console.keyboard.press("3")
    console.keyboard.press("Alt+a")
    expect(console.locator("[data-shows^='idle ready']")).to_be_visible()
    return code


def open_case(line: Hotline, page: Page) -> str:
    """The newest contact of hers becomes a case; its address."""
    page.goto(f"{line.address}/contacts")
    page.locator("main tbody a").first.click()
    page.get_by_role("button", name="Seguirlo como caso").click()
    page.wait_for_url("**/cases/*")
    return page.url


def hear(page: Page, case: str) -> None:
    """What is known of her, what she tells, and a name under it."""
    page.goto(case)
    page.locator(".case-who h1 a").click()
    page.locator("#id_age_at_events").fill("30")
    page.locator("#id_age_certainty").select_option("sure")
    page.locator("#id_gender").select_option("feminine")
    page.get_by_role("button", name="Guardar", exact=True).click()
    page.goto(case)
    page.get_by_role("link", name="Evaluación", exact=True).click()
    expect(page.locator("#question")).to_be_focused()  # its script listens to the keys
    for sign in ("act.recruitment", "means.force", "purpose.sexual"):
        expect(page.locator(f".reply[name='{sign}']").first).to_be_visible()
        page.keyboard.press("1")
    expect(page.locator(".known [data-state=yes]")).to_have_count(3)
    page.get_by_role("button", name="Firmar evaluación").click()
    expect(page.locator(".signed")).to_contain_text("Posible víctima de trata")


def agree(page: Page, case: str) -> None:
    """Three presses: what she wants, what was read aloud, and to record it."""
    page.goto(case)
    page.get_by_role("link", name="Consentimiento", exact=True).click()
    page.wait_for_url("**/consent")
    page.keyboard.press("2")  # a report without a name
    expect(page.locator(".read-aloud")).to_contain_text("a la policía y a la fiscalía")
    expect(page.locator("[name=permit]:checked")).to_have_count(2)
    assert page.evaluate("document.activeElement === document.body")  # what the server says moves no cursor
    page.get_by_role("button", name="Ya leí las seis frases").click()
    expect(page.locator("#consent-summary")).not_to_contain_text("leer")
    page.get_by_role("button", name="Registrar el permiso").click()
    expect(page.get_by_role("button", name="Retirar permiso")).to_be_visible()


def report(page: Page, case: str) -> str:
    page.goto(case)
    page.get_by_role("link", name="Denunciar ante la policía").click()
    page.locator("#id_unit").select_option(label="Comisaría inventada")
    page.locator("#id_source").select_option("victim")
    page.locator("#id_facts").fill(FACTS)
    page.get_by_role("button", name="Ver antes de enviar").click()
    expect(page.locator("main")).to_contain_text(FACTS)
    page.set_viewport_size({"width": 320, "height": 700})
    assert (violations(page), sideways(page)) == ([], False)
    page.get_by_role("button", name="Enviar").press("Enter")
    page.wait_for_url("**/reports/*")
    return page.url


def receive(page: Page, where: str) -> None:
    page.goto(where)
    expect(page.locator("main")).to_contain_text(FACTS)
    page.locator("#id_folio").fill("F-2026-1")
    page.get_by_role("button", name="Recibida").click()
    page.locator("#id_decision").select_option("investigated")
    page.locator("#id_may_tell").fill(MAY_TELL)
    page.get_by_role("button", name="Anotar la decisión").click()
    expect(page.locator("main .timeline")).to_contain_text("investigación")


def find_a_bed(line: Hotline, at: At, case: str) -> None:
    """Held, asked for, approved by a second person, and filled."""
    worker, officer, house = at("Ana F."), at("Olga P."), at("Luz C.")
    worker.goto(case)
    worker.get_by_role("link", name="Buscar cama").click()
    worker.get_by_role("button", name="Reservar 2 horas en").first.click()
    worker.wait_for_url("**/beds/placements/*")
    placement = worker.url
    worker.locator("#id_escort").fill("Equipo de Ejemplo")
    worker.get_by_role("button", name="Solicitarlo y dar mi aprobación").click()
    officer.goto(placement)
    officer.get_by_role("button", name="Aprobar").click()
    expect(officer.get_by_role("link", name="Abrir la dirección")).to_be_visible()
    house.goto(f"{line.address}/house")
    house.get_by_role("button", name="Registrar llegada").first.click()
    expect(house.locator("main")).to_contain_text("En la casa")


def say_whose(page: Page, case: str) -> None:
    page.goto(f"{case}/codes")
    page.get_by_label("Quiere leer en la página").check()
    page.get_by_role("button", name="Es suyo").click()
    expect(page.locator("main")).to_contain_text("con él puede conocer")


def come_back(line: Hotline, phone: Page, code: str) -> None:
    phone.goto(f"{line.address}/again")
    phone.locator("#code").fill(code)
    phone.keyboard.press("Enter")


def leave_the_house(line: Hotline, page: Page) -> None:
    page.goto(f"{line.address}/house")
    page.get_by_role("button", name="salió").click()
    page.get_by_role("alertdialog").get_by_role("button", name="salió").click()
    expect(page.locator("main")).to_contain_text("La línea no tiene a nadie en camino")


def close(page: Page, case: str) -> None:
    """One task after the other is done, and the last ends with the case."""
    page.goto(f"{case}/tasks")
    planned, step = page.locator("#open-tasks > li"), page.locator(".case-next")
    step.locator("summary").click()
    step.locator("input[name=result]").fill(DONE)
    step.get_by_role("button", name="Guardar", exact=True).click()
    page.wait_for_load_state()  # all tasks are on the page
    for left in range(planned.count(), 1, -1):
        step.get_by_role("button", name="Marcar como hecha").click()
        expect(planned).to_have_count(left - 1)
    page.goto(case)
    page.locator("summary", has_text="Cerrar el caso").click()
    page.locator("#closing-closing").select_option("safe")
    page.locator("#closing-words").fill(DONE)
    page.get_by_role("button", name="Cerrar el caso").click()
    expect(page.locator(".case-next")).to_contain_text(DONE)


def erase(line: Hotline, at: At, case: str, contact: str) -> None:
    """The person asks to be erased. A supervisor gives a reason, opens the case and erases it with its code."""
    worker, marta = at("Ana F."), at("Marta Q.")
    worker.goto(contact)
    worker.locator("#id_right").select_option("erase")
    worker.get_by_role("button", name="Anotar la solicitud").click()
    marta.goto(f"{line.address}/requests")
    expect(marta.locator("main .requests li")).to_have_count(1)
    marta.goto(case)
    marta.get_by_role("button", name="porque la persona pide saber qué conservamos sobre ella").click()
    marta.locator("summary", has_text="Eliminar a pedido de la persona").click()
    code = marta.locator("h1 small").inner_text().split()[-1]
    marta.locator("form[action$='/erase'] [name=code]").fill(code)
    marta.set_viewport_size({"width": 320, "height": 700})
    assert (violations(marta), sideways(marta)) == ([], False)
    marta.get_by_role("button", name="Eliminar", exact=True).press("Enter")
    marta.wait_for_url("**/cases")
    marta.goto(f"{line.address}/requests")
    expect(marta.locator("main .requests li")).to_have_count(0)


def still_read(page: Page, addresses: Iterable[str]) -> set[str]:
    """Which of the words that were written of her stand on any of these pages."""
    read: set[str] = set()
    for address in addresses:
        page.goto(address)
        read |= {words for words in WRITTEN if words in page.content()}
    return read


def test_a_call_becomes_care(line, at):
    code = call(line, at)
    worker, phone, police = at("Ana F."), at(""), at("Teo V.")
    case = open_case(line, worker)
    hear(worker, case)
    agree(worker, case)
    sent = report(worker, case)
    receive(police, sent)
    find_a_bed(line, at, case)
    say_whose(worker, case)

    come_back(line, phone, code)
    story = phone.locator(".promises")
    for words in ("Su denuncia fue enviada", "Recibieron su denuncia", "Ya tomaron una decisión", MAY_TELL):
        expect(story).to_contain_text(words)
    assert not any(word in phone.content() for word in (FACTS, "investigación"))
    phone.get_by_role("button", name="Retirar mi permiso").click()
    expect(phone.get_by_role("status")).to_contain_text("Queda retirado")
    assert police.goto(sent).status == 404

    leave_the_house(line, at("Luz C."))
    close(worker, case)
    contact = worker.get_by_role("link", name="Leer las notas").first.get_attribute("href")
    hers = [case, f"{line.address}{contact}", sent]
    assert still_read(worker, hers) == set(WRITTEN)  # the control
    erase(line, at, case, hers[1])
    for name in ("Ana F.", "Marta Q.", "Teo V."):
        for address in hers:
            assert at(name).goto(address).status == 404
            expect(at(name).locator("body")).to_contain_text("No existe, o usted no tiene acceso.")
    for name in ("Ana F.", "Marta Q.", "Luz C."):
        assert still_read(at(name), [line.address + room for room in ROOMS]) == set()
    come_back(line, phone, code)
    expect(phone.get_by_role("alert")).to_contain_text("no es válido")
