"""Words of the notes suggest signs and the place. A press ticks or writes them; nothing happens by itself or leaves."""

from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from amparo.care.cases.models import Case
from amparo.care.screening.answers import item_keys
from amparo.care.screening.models import Screening
from amparo.care.screening.sign_phrases import signs_with_phrases
from amparo.foundation.core.actor import acting_as
from amparo.line.contacts.models import Contact
from tests.browser import violations_by_scheme
from tests.hotline import Hotline

from . import scenes
from .steps import a_chat_of_ana, console, cursor, open_case, tab

SIGNS, PLACES = "[data-suggested=signs] a:visible", "[data-suggested=places] button:visible"
SENTENCES = {
    "Le quitaron su DNI y su celular": ["coercion_destination.documents_taken", "coercion_destination.isolation"],
    "El dueño la amenaza con matarla": ["coercion_destination.threat_violence", "means.threat"],
    "no la dejan salir": ["act.retention"],
    "Trabaja 14 horas, no le pagan": ["exploitation.excessive_hours", "exploitation.low_salary"],
    "le hacen trabajar para pagar una deuda": ["purpose.forced_labour", "coercion_destination.debt_bondage"],
    "Tiene una deuda con el dueño. Del banco no debe nada": ["coercion_destination.debt_bondage"],
    "Dicen que debe dinero por la comida": ["coercion_destination.debt_bondage"],
    "She has a debt with the owner": ["coercion_destination.debt_bondage"],
    "They took her passport": ["coercion_destination.documents_taken"],
    "No le quitaron el DNI": [],
    "Tiene una deuda con el banco": [],
    "Debe dinero a la cooperativa. El bus ya pasó": [],
    "El banco le cobra su deuda de la tarjeta": [],
    "She owes money to the bank": [],
    "Su hermana no la amenaza": [],
    "Llama a su mamá a las 8. Quiere saber dónde denunciar": [],
    "Perdió su DNI en el bus. La policía ya tiene su pasaporte": [],
    "Trabaja 6 horas, el jefe le paga bien y a tiempo": [],
    "Salió de su casa con su hija de 8 años": [],
    "She lost her passport on the bus": [],
}
NAMED = {
    "está en tambopata": ["Tambopata, Madre de Dios"],
    "Viene de Canete": ["Cañete, Lima"],
    "la llevaron a puerto maldonado": ["Madre de Dios"],
    "en Tambopata, Madre de Dios": ["Tambopata, Madre de Dios"],
    "es del Callao": ["Callao"],
    "Le dio un puño": [],
    "Mala noche. Llama a su mamá, le quitaron la libertad": [],
    "vive en San Juan": [],  # there are several
    "nació en Mala": ["Mala, Cañete, Lima"],
    "conoce a Rosario": [],
}


@pytest.fixture
def page(desk: BrowserContext, line: Hotline) -> Page:
    """The console of Ana in a call, with the cursor in the notes."""
    line.do(scenes.talking)
    page = console(desk, line, width=1280)
    page.keyboard.press("Alt+t")
    return page


def ticked() -> dict[str, str]:
    with acting_as(scenes.person().acting()):
        case = Case.objects.get(inclusions__contact=Contact.objects.get())
        found = Screening.objects.filter(person__key=case.key_id).first()
        return dict(found.answers) if found else {}


def place() -> str:
    with acting_as(scenes.person().acting()):
        return Contact.objects.get().ubigeo


def walk_to(page: Page, words: str) -> None:
    """Press Tab until the cursor is on this suggestion, at most a few times."""
    for _ in range(8):
        if page.evaluate("document.activeElement.textContent") == words:
            return
        page.keyboard.press("Tab")
    raise AssertionError(words)


def change_the_guide(route: Route) -> None:
    response = route.fetch()
    changed = response.text().replace("</section>", f"<!-- {uuid4()} --></section>")
    route.fulfill(response=response, headers={**response.headers, "x-changed": "yes"}, body=changed)


def draw_anew(page: Page) -> None:
    """Have the guide fetched and drawn, as when a draft changed something in it."""
    page.route("**/console/guide", change_the_guide, times=1)
    page.evaluate("document.querySelector('.guide-words').dataset.before = ''")
    with page.expect_response(lambda answer: "x-changed" in answer.headers):  # a saved draft may fetch it too
        page.evaluate("document.dispatchEvent(new CustomEvent('amparo:note', {detail: 'contact'}))")
    expect(page.locator("[data-before]")).to_have_count(0)


def test_every_phrase_is_of_an_item_and_in_small_letters():
    for sign in signs_with_phrases():
        assert sign.key in item_keys()
        assert sign.label
        assert sign.phrases == [phrase.lower() for phrase in sign.phrases]
        assert all(
            part.strip("*")
            for phrase in sign.phrases
            for word in phrase.split()
            for part in word.lstrip("-").split("|")
        )


def test_what_sentences_suggest(page):
    read = """async ({sentences, named}) => {
        const { signsIn, placesIn, wordsOf } = await import('/static/desk/notes.js');
        const { signs, places } = await (await fetch('/console/suggestions')).json();
        return [sentences.map(text => signsIn(wordsOf(text), signs).map(sign => sign.key)),
                named.map(text => placesIn(wordsOf(text), places).map(place => place[1]))];
    }"""
    signs, places = page.evaluate(read, {"sentences": list(SENTENCES), "named": list(NAMED)})
    for (sentence, wanted), found in zip(SENTENCES.items(), signs, strict=True):
        assert found == wanted, sentence
    assert dict(zip(NAMED, places, strict=True)) == NAMED


def test_a_sign_is_ticked_by_a_press_and_never_by_itself(page, line):
    screening = open_case(page)
    page.keyboard.press("Escape")
    page.keyboard.press("Alt+h")
    before, requests = line.do(ticked), []
    page.on("request", lambda request: requests.append(f"{request.method} {request.url}"))
    page.keyboard.type("Le quitaron el DNI en Tambopata ")
    chip = page.locator(SIGNS).get_by_text("Retención de documentos")
    expect(chip).to_be_visible()
    assert cursor(page) == "id_notes"
    assert line.do(ticked) == before == {}
    chip.click()
    row = screening.locator("input[name='coercion_destination.documents_taken'][value=yes]")
    expect(row).to_be_checked()
    expect(row).to_be_visible()
    assert cursor(page) == "id_notes"
    expect(chip).to_have_count(0)
    expect(screening.locator("#standing")).to_have_attribute("data-version", "1")
    assert line.do(ticked) == {"coercion_destination.documents_taken": "yes"}
    page.keyboard.type("y la golpea")
    expect(page.locator(SIGNS).get_by_text("Violencia contra la víctima")).to_be_visible()
    page.keyboard.press("Alt+u")
    walk_to(page, "Violencia contra la víctima")
    page.keyboard.press("Enter")
    expect(screening.locator("#standing")).to_have_attribute("data-version", "2")
    assert cursor(page) == "id_notes"
    page.keyboard.type(".")
    expect(page.locator("#id_notes")).to_have_value("Le quitaron el DNI en Tambopata y la golpea.")
    words = ("DNI", "quitaron", "golpea", "Tambopata", "documents", "violence")
    assert not [request for request in requests if any(word in request for word in words)]


ABOVE_THE_BAR = """sign => {
    const frame = document.querySelector("iframe[name=panel-screening]"), { top } = frame.getBoundingClientRect();
    const row = frame.contentDocument.querySelector(`[name="${sign}"]`)?.closest("fieldset").getBoundingClientRect();
    const bar = document.querySelector(".call-bar").getBoundingClientRect();
    return row && top + row.top >= 0 && top + row.bottom <= bar.top;
}"""


@pytest.mark.parametrize("height", [844, 568])
def test_on_a_telephone_a_ticked_sign_stands_above_the_call_bar(page, line, height):
    """The first sign is ticked while its page is loaded, the next ones on that page."""
    page.set_viewport_size({"width": 390, "height": height})
    screening = open_case(page)
    for version, words in enumerate(("Le quitaron el DNI", "la golpea", "no le pagan"), 1):
        page.locator("a[data-tab=notes]").click()
        page.locator("#id_notes").fill(words)
        chip = page.locator(SIGNS).first
        sign = chip.get_attribute("data-sign")
        chip.click()
        expect(screening.locator(f"input[name='{sign}'][value=yes]")).to_be_checked()
        expect(screening.locator("#standing")).to_have_attribute("data-version", str(version))
        page.wait_for_function(ABOVE_THE_BAR, arg=sign)


def test_an_answer_that_stands_is_only_shown(page, line):
    screening = open_case(page)
    screening.get_by_role("link", name="Todas las señales").click()
    expect(screening.locator("form#answers[data-ready]")).to_be_visible()  # its ticks are listened to
    screening.locator("input[name='means.threat'][value=no]").check()
    expect(screening.locator("#standing")).to_have_attribute("data-version", "1")
    page.locator("#id_notes").focus()
    page.keyboard.type("Dice que amenaza")
    page.locator(SIGNS).get_by_text("amenaza", exact=False).first.click()
    expect(page.locator(SIGNS).get_by_text("Medios: amenaza")).to_have_count(0)
    expect(screening.locator("input[name='means.threat'][value=no]")).to_be_checked()
    assert line.do(ticked) == {"means.threat": "no"}


def test_a_sign_waits_until_there_is_a_case_and_is_forgotten_with_another_tab(page, line):
    page.keyboard.type("La encierran")
    page.locator(SIGNS).first.click()
    offered = tab(page, "screening").get_by_role("button", name="Seguirlo como caso")
    expect(offered).to_be_visible()
    assert cursor(page) == "id_notes"
    offered.click()
    expect(tab(page, "screening").locator("#standing")).to_have_attribute("data-version", "1")
    assert line.do(ticked) == {"means.deprivation_of_liberty": "yes"}


def test_a_place_is_written_by_a_press_and_saved(page, line):
    page.keyboard.type("La llevaron a tambopata")
    chip = page.locator(PLACES)
    expect(chip).to_have_text(["Tambopata, Madre de Dios"])
    assert line.do(place) == ""
    page.keyboard.press("Alt+u")
    walk_to(page, "Tambopata, Madre de Dios")
    page.keyboard.press("Enter")
    expect(page.locator("#id_place")).to_have_value("Tambopata, Madre de Dios")
    assert cursor(page) == "id_notes"
    expect(chip).to_have_count(0)
    expect(page.locator("#conversation .saved").first).to_have_attribute("data-state", "saved")
    assert line.do(place) == "1701"
    assert violations_by_scheme(page) == []


def test_the_cursor_stays_on_what_is_drawn_anew(page):
    """Saved notes draw the guide anew, with what they suggest."""
    page.keyboard.type("La llevaron a tambopata y la golpea")
    expect(page.locator(SIGNS)).to_have_count(1)
    page.keyboard.press("Alt+u")
    for words in ("Violencia contra la víctima", "Tambopata, Madre de Dios"):
        walk_to(page, words)
        draw_anew(page)
        expect(page.locator("[data-suggestions] :focus")).to_have_text(words)
    page.get_by_role("button", name="Dar un código para volver").focus()
    draw_anew(page)
    expect(page.get_by_role("button", name="Dar un código para volver")).to_be_focused()


def test_who_left_a_suggestion_is_not_led_back_to_it(page):
    page.keyboard.type("La golpea")
    expect(page.locator(SIGNS)).to_have_count(1)
    page.keyboard.press("Alt+u")
    expect(page.locator("[data-suggestions] :focus")).to_have_text("Violencia contra la víctima")
    page.locator("[data-suggestions] :focus").blur()  # as a click where nothing is, or the wait for a page of a tab
    draw_anew(page)
    expect(page.locator(SIGNS)).to_have_text("Violencia contra la víctima")
    assert cursor(page) == "BODY"


def test_signs_that_are_pressed_before_their_page_is_ready_are_all_saved(page, line):
    screening, late = open_case(page), []
    page.keyboard.press("Escape")
    page.keyboard.type("Le quitaron el DNI y la golpea")
    page.route("**/cases/signs*.js", lambda route: late.append(route))
    with page.expect_request("**/cases/signs*.js"):
        page.locator(SIGNS).get_by_text("Violencia contra la víctima").click()
    expect(screening.locator("#answers")).to_be_attached()
    page.locator(SIGNS).get_by_text("Retención de documentos").click()
    late[0].continue_()
    expect(screening.locator("#standing")).to_have_attribute("data-version", "2")
    signs = ("coercion_destination.documents_taken", "coercion_destination.violence_victim")
    assert line.do(ticked) == dict.fromkeys(signs, "yes")


def test_a_filter_hides_no_sign_that_is_ticked_by_a_press(page):
    screening = open_case(page)
    screening.get_by_role("link", name="Todas las señales").click()
    screening.get_by_role("button", name="Respondidas").click()
    expect(screening.locator(".answer:visible")).to_have_count(0)
    page.locator("#id_notes").fill("Le quitaron el DNI")
    page.locator(SIGNS).get_by_text("Retención de documentos").click()
    row = screening.locator("input[name='coercion_destination.documents_taken'][value=yes]")
    expect(row).to_be_checked()
    expect(row).to_be_visible()
    expect(screening.locator(".answer:visible")).to_have_count(1)  # control: the filter stands


def test_it_is_the_same_beside_a_chat(page, line):
    page.goto(f"{line.address}{line.do(a_chat_of_ana)}")
    page.locator("#id_notes").fill("Le quitaron el DNI en Tambopata")
    expect(page.locator(PLACES)).to_have_text(["Tambopata, Madre de Dios"])
    expect(page.locator(SIGNS).first).to_be_visible()
    page.locator(PLACES).click()
    expect(page.locator("#id_place")).to_have_value("Tambopata, Madre de Dios")
