"""Campaign, performance, testimony, plan and note in Chromium, on the demonstration: what follows from what is done."""

import time
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from amparo.screens.site.tests.test_public_pages import PAGES, SMALL, weigh
from amparo.urls import public_urls

from .browser import bad_on_paper, chromium, not_by_keyboard, sideways, violations
from .hotline import Hotline, hotline
from .table import urls

LANGUAGES = ("es", "en", "qu")
NO_PAGES = {
    "/figures/x/crossed",  # only a year has this page: tests/test_figures_in_a_browser.py looks at it
    "/call/offer", "/call/riddle", "/figures.csv", "/figures.pdf", "/figures.xlsx", "/figures.jsonld",
    "/figures.ctdc.csv", "/figures.dictionary.csv", "/figures/x.csv", "/figures/x.pdf", "/figures/x.xlsx",
    "/figures/x.jsonld", "/figures/x.ctdc.csv", "/figures/x.dictionary.csv",
    "/media/logo.svg", "/media/poster.svg", "/media/poster.pdf", "/news.atom", "/hooks/x", "/favicon.ico",
}  # fmt: skip


@pytest.fixture(scope="module")
def line() -> Iterator[Hotline]:
    with hotline(months=5) as running:
        running.do(a_plan_in_operation)
        yield running


def a_plan_in_operation() -> None:
    """A second plan, operational, with a data call and the review of last year."""
    from datetime import timedelta

    from django.utils import timezone

    from amparo.figures.publishing.tasks import fill_the_plan
    from amparo.foundation.access.models import User
    from amparo.programme.plan import reviews, rules

    pilar, now, year = User.objects.get(username="pilar"), timezone.now(), timedelta(days=365)
    today = timezone.localdate(now)
    law = rules.write_law(
        None, kind="law", number="Ley inventada", title="Ley inventada", in_effect_from=today - year, by=pilar, now=now,
    )  # fmt: skip
    plan = rules.add_plan(title="Plan en marcha", starts_on=today - 2 * year, ends_on=today + year, law=law, by=pilar)
    node = rules.add_node(plan, kind="axis", number="1", text="Prevención", by=pilar)
    rules.add_indicator(
        node, number="1.1", text="Personas que conocen la línea", unit="%", baseline=0.0, baseline_on=today - year,
        target=100.0, due_on=today + year, frequency="quarterly", responsible=pilar.agency, by=pilar,
    )  # fmt: skip
    rules.add_indicator(
        node, number="1.2", text="Contactos con la línea", unit="contactos", baseline=0.0, baseline_on=today - year,
        target=5000.0, due_on=today + year, frequency="quarterly", responsible=pilar.agency,
        measure="contacts_by_department/total", by=pilar,
    )  # fmt: skip
    rules.send_to_review(plan, by=pilar, today=today)
    rules.approve_plan(plan, approved_by="x", approved_through="x", on=today, by=pilar)
    rules.put_into_operation(plan, by=pilar, today=today)
    fill_the_plan(int(now.timestamp()))
    quarter = reviews.callable_quarters(plan, today)[0]
    rules.open_data_call(plan, quarter, today + timedelta(days=20), by=pilar, now=now)
    rules.review_year(plan, today.year - 1, by=pilar, now=now)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        expect.set_options(timeout=20_000)
        yield browser


def sign_in(line: Hotline, browser: Browser, name: str) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 900}, locale="es-PE").new_page()
    page.set_default_timeout(20_000)
    page.goto(f"{line.address}/sign-in")
    page.get_by_role("button", name=name).click()
    page.wait_for_url(lambda url: not url.endswith("/sign-in"))
    return page


def faults(page: Page) -> list[str]:
    """What is wrong in light or dark, on a wide screen or a narrow one. 320 px is also 1280 px at a zoom of 400 %."""
    wrong = []
    for scheme, width in (("light", 1280), ("dark", 320)):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": 800})
        wrong += [f"{page.url} {scheme} {width}: {fault}" for fault in violations(page)]
        wrong += [f"{page.url} {scheme} {width}: sideways"] if sideways(page) else []
    return wrong


def test_the_staffs_pages_in_every_dress(line, browser):
    wrong = []
    for name, addresses in {
        "Carla D.": ("/campaigns", "/campaigns/1", "/campaigns/1/districts/15", "/campaigns/1/districts/1501",
                     "/events", "/events/1", "/events/testimonies", "/notes", "/texts"), "Paula N.": ("/notes/1",),
        "Pilar G.": ("/plans", "/plans/1", "/laws", "/laws/1", "/plans/nodes/41", "/plans/2", "/home",
                     f"/plans/2/reviews/{datetime.now(ZoneInfo('America/Lima')).year - 1}", "/plan-publications/1"),
    }.items():  # fmt: skip
        page = sign_in(line, browser, name)
        for address in addresses:
            page.goto(line.address + address)
            wrong += faults(page)
    assert wrong == []


def public_pages(line: Hotline, visitor: Page) -> list[str]:
    """Every address of the public side that shows a page: a new one is here by itself, or asks which to look at."""
    visitor.goto(f"{line.address}/news")
    note = visitor.locator("a[href^='/news/']").first.get_attribute("href")
    testimony = f"/testimonies/{line.do(code_of_testimony)}"
    known = {"/figures/x": "/figures/1", "/testimonies/x": testimony, "/news/x": str(note)}
    pages = [known.get(each, each) for each in urls(public_urls) if each not in NO_PAGES]
    assert not [each for each in pages if each.endswith("/x")]
    return pages


def code_of_testimony() -> str:
    from amparo.programme.events.public import TESTIMONIES, documents

    return documents.document_names(TESTIMONIES)[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_public_page(line, browser, language):
    """Without a script, on a wide and a narrow screen, in light and dark, by keyboard and on paper; and its weight."""
    plain = browser.new_context(java_script_enabled=False, locale="es-PE")
    page, wrong, weights = browser.new_context(locale="es-PE").new_page(), [], {}
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    for path in public_pages(line, plain.new_page()):
        address = f"{line.address}{path}?language={language}"
        answer = plain.request.get(address)
        _alone, weights[path] = weigh(answer.body())
        wrong += [] if answer.status == 200 else [f"{path}: {answer.status}"]
        page.goto(address)
        wrong += (
            faults(page) if path not in PAGES else []
        )  # else in screens/site/tests/test_public_pages_in_a_browser.py
        wrong += [*not_by_keyboard(page), *bad_on_paper(page)]
    print(f"{language}, bytes compressed with all that the page loads: {weights}")
    assert wrong == []
    assert max(weights.values()) <= SMALL
    assert [each for each in requests if not each.startswith(f"{line.address}/")] == []
    assert plain.cookies() == page.context.cookies() == []


def test_the_control_what_is_wrong_on_a_page_is_found(browser):
    page = browser.new_page()
    page.set_content(
        "<a href='/x'>x</a><a href='/y' tabindex='-1'>y</a><details><summary>s</summary><p>folded</p></details>"
    )
    assert [each.partition("blank: ")[2] for each in (*not_by_keyboard(page), *bad_on_paper(page))] == [
        "the way out is not first", "1 are not reached by Tab", "not printed: folded",
    ]  # fmt: skip
    page.set_content("<style>a { outline: none } p { width: 900px }</style><a class='leave' href='/x'>x</a><p>wide</p>")
    found = " ".join((*not_by_keyboard(page), *bad_on_paper(page)))
    assert all(each in found for each in ("no sign of the keyboard", "printed over it", "wider than the paper"))


def test_a_number_in_a_note_is_followed_to_its_definition_and_to_the_figures(line, browser):
    page = browser.new_context(locale="es-PE").new_page()
    page.goto(f"{line.address}/news")
    page.get_by_role("link", name="Nota inventada").click()
    number = page.locator("article a[href^='#contacts_by_channel']")
    value = number.inner_text()
    number.click()
    source = page.locator(".terms div:target")
    expect(source.locator("dt")).to_have_text(value)
    expect(source).to_contain_text("Una conversación, por teléfono o por escrito.")
    source.get_by_role("link").click()
    expect(page.locator("#contacts_by_channel")).to_be_in_viewport()
    assert value in page.locator("main").inner_text()


def test_a_text_is_written_previewed_published_and_restored(line, browser):
    carla, visitor = sign_in(line, browser, "Carla D."), browser.new_context(java_script_enabled=False).new_page()
    carla.goto(f"{line.address}/texts")
    carla.get_by_role("region", name="Reconocer las señales").get_by_role("link", name="Castellano").click()
    carla.get_by_role("link", name="Cambiar el texto").click()
    body = carla.get_by_label("Texto:")
    body.fill(f"Palabras de **quetzal**.\n\n{body.input_value()}")
    carla.get_by_role("button", name="Guardar el borrador").click()
    carla.get_by_role("button", name="Enviar a revisión").click()
    wrong = faults(carla)
    paula = sign_in(line, browser, "Paula N.")
    paula.get_by_role("link", name="Revisar el texto de «Reconocer las señales»").click()
    wrong += faults(paula)
    with paula.context.expect_page() as opened:
        paula.get_by_role("link", name="Vista previa", exact=True).first.click()
    expect(opened.value.locator("strong", has_text="quetzal")).to_be_visible()
    wrong += faults(opened.value)
    visitor.goto(f"{line.address}/signs")
    expect(visitor.get_by_text("quetzal")).to_have_count(0)
    paula.get_by_role("button", name="Publicar").click()
    expect(paula.get_by_role("button", name="Publicar")).to_have_count(0)
    visitor.goto(f"{line.address}/signs")
    expect(visitor.locator("strong", has_text="quetzal")).to_be_visible()
    wrong += faults(paula)
    paula.get_by_role("button", name="Restaurar").click()
    expect(paula.get_by_role("region", name="Versión 2")).to_contain_text("borrador")
    assert wrong == []


def test_a_withdrawn_testimony_is_gone_in_all_languages_at_once(line, browser):
    carla = sign_in(line, browser, "Carla D.")
    carla.goto(f"{line.address}/events/1")
    address = carla.locator("a[href^='/testimonies/']").get_attribute("href")
    public = browser.new_context().request
    where = [f"{line.address}{address}?language={code}" for code in LANGUAGES]
    assert [public.get(each).status for each in where] == [200, 200, 200]
    note = f"{line.address}/news/nota-inventada-la-linea-despues-de-una-funcion-de-teatro"
    assert "alguien me creyera" in public.get(note).text()
    carla.get_by_role("button", name="Retirar todo, a su pedido").click()
    assert [public.get(each).status for each in where] == [200, 200, 200]  # it asks first
    carla.get_by_role("alertdialog").get_by_role("button", name="Retirar todo, a su pedido").click()
    began = time.monotonic()
    carla.wait_for_load_state("domcontentloaded")
    expect(carla.get_by_text("Sus palabras se destruyeron.")).to_be_visible()
    answers = [public.get(each).status for each in where]
    print(f"gone in three languages {time.monotonic() - began:.2f} s after the press")
    assert answers == [404, 404, 404]
    for page in (note, f"{line.address}/performances/1", f"{line.address}/news.atom"):
        answer = public.get(page)
        assert (answer.status, "alguien me creyera" in answer.text()) == (200, False), page


def send(page: Page, address: str, **typed: str) -> None:
    """Fill the form that goes to this address, and press its button."""
    form = page.locator(f"form[action$='{address}']").first
    for name, value in typed.items():
        field = form.locator(f"[name={name}]")
        field.select_option(value) if field.evaluate("it => it.tagName") == "SELECT" else field.fill(value)
    with page.expect_navigation():
        form.get_by_role("button").click()


def test_an_event_with_pledges_that_are_kept_or_late(line, browser):
    carla, public = sign_in(line, browser, "Carla D."), browser.new_context(locale="es-PE").new_page()
    carla.goto(f"{line.address}/events?language=en")
    send(carla, "/events", title="Charla inventada", kind="talk", venue="Plaza", starts_at="20/11/2026 19:00",
         attendance="200", attendance_qualifier="more_than", decision_makers="12")  # fmt: skip
    expect(carla.get_by_text("more than 200")).to_be_visible()
    event = carla.url.rpartition("/")[2]
    for text, due in (("Una línea de quechua", "21/11/2026"), ("Otra función", "31/12/2030")):
        carla.get_by_text("Add a pledge").click()
        send(carla, f"/events/{event}/pledges", text=text, made_by="Ministerio inventado", due=due)
    expect(carla.get_by_role("row", name="Una línea de quechua")).to_contain_text("overdue")
    carla.get_by_role("row", name="Otra función").get_by_text("Say whether it was kept").first.click()
    pledge = carla.get_by_role("row", name="Otra función")
    pledge.get_by_label("Was it kept?").select_option("yes")
    pledge.get_by_role("button", name="Close it").click()
    expect(carla.get_by_role("alert")).to_contain_text("Say what shows that it was kept")
    carla.get_by_role("row", name="Otra función").get_by_label("What shows it").fill("Acta inventada")
    carla.get_by_role("row", name="Otra función").get_by_role("button", name="Close it").click()
    expect(carla.get_by_role("row", name="Otra función")).to_contain_text("kept Acta inventada")
    assert public.goto(f"{line.address}/performances/{event}").status == 404
    send(carla, f"/events/{event}/publish")
    public.goto(f"{line.address}/performances/{event}?language=en")
    expect(public.locator("main")).to_contain_text("more than 200")
    expect(public.get_by_role("listitem").filter(has_text="Otra función")).to_contain_text("kept")
    expect(public.get_by_role("listitem").filter(has_text="Una línea de quechua")).to_contain_text("overdue")


def test_an_indicator_that_fills_itself_leads_to_its_definition(line, browser):
    pilar = sign_in(line, browser, "Pilar G.")
    pilar.goto(f"{line.address}/plans/2")
    pilar.get_by_role("link", name="Abrir la página de 1").click()
    pilar.locator("a[href^='/plans/figures/']").click()
    expect(pilar.get_by_text("Este valor no se escribió a mano: se toma de lo publicado.")).to_be_visible()
    expect(pilar.get_by_role("heading", name="Desde dónde se comunican con la línea")).to_be_visible()
    assert faults(pilar) == []


def test_a_plan_from_draft_through_review_to_operation(line, browser):
    pilar, rosa = sign_in(line, browser, "Pilar G."), sign_in(line, browser, "Rosa")
    pilar.goto(f"{line.address}/laws?language=en")
    send(pilar, "/laws", kind="law", number="Ley inventada 2", title="Proyecto inventado")
    pilar.goto(f"{line.address}/plans")
    send(pilar, "/plans", title="Plan nuevo", starts_on="01/01/2026", ends_on="31/12/2030",
         law=pilar.get_by_role("option", name="Ley inventada 2").get_attribute("value"))  # fmt: skip
    pilar.wait_for_url("**/plans/*")
    plan = pilar.url
    send(pilar, "/nodes", kind="axis", number="1", text="Prevención inventada")
    pilar.get_by_role("button", name="Send it to review").click()
    pilar.locator("#reviewing").get_by_role("button", name="Send it to review").click()
    rosa.goto(f"{plan}?language=en")
    rosa.get_by_role("link", name="Open line 1").click()
    send(rosa, "/comments", text="Falta el quechua.")
    pilar.goto(rosa.url)
    expect(pilar.get_by_text("Falta el quechua.")).to_be_visible()
    pilar.goto(plan)
    pilar.get_by_role("button", name="Back to draft").click()
    pilar.get_by_role("link", name="Open line 1").click()
    pilar.get_by_text("Change this line").click()
    wrong = faults(pilar)
    send(pilar, "/change", text="Prevención en quechua")
    pilar.goto(plan)
    pilar.get_by_role("button", name="Send it to review").click()
    pilar.locator("#reviewing").get_by_role("button", name="Send it to review").click()
    pilar.get_by_role("link", name="What changed").click()
    expect(pilar.get_by_role("cell", name="Prevención en quechua")).to_be_visible()
    expect(pilar.get_by_role("cell", name="Prevención inventada")).to_be_visible()
    assert wrong + faults(pilar) == []
    pilar.goto(plan)
    expect(pilar.get_by_role("button", name="Put it into operation")).to_have_count(0)
    send(pilar, "/approve", approved_by="Comisión inventada", approved_through="Resolución 2", on="27/11/2026")
    expect(pilar.get_by_text("Approved; waits for Ley inventada 2.")).to_be_visible()
    pilar.get_by_role("button", name="Put it into operation").click()
    expect(pilar.get_by_role("alert")).to_contain_text("The law that it waits for is not in effect.")
    pilar.get_by_role("link", name="See the law").click()
    pilar.get_by_label("In effect from", exact=True).fill("01/11/2026")
    pilar.get_by_role("button", name="Save").click()
    pilar.wait_for_url("**/laws")
    pilar.goto(plan)
    pilar.get_by_role("button", name="Put it into operation").click()
    expect(pilar.get_by_role("button", name="Close the plan")).to_be_visible()


def test_a_plan_goes_into_operation_when_its_law_is_in_effect(line, browser):
    pilar = sign_in(line, browser, "Pilar G.")
    pilar.goto(f"{line.address}/plans/1")
    expect(pilar.get_by_text("Aprobado; pendiente de la norma Ley de Ejemplo 00000.")).to_be_visible()
    pilar.get_by_role("button", name="Ponerlo en marcha").click()
    expect(pilar.get_by_role("alert")).to_contain_text("La norma de la que depende no está vigente.")
    pilar.get_by_role("link", name="Ver la norma").click()
    pilar.get_by_label("Vigente desde", exact=True).fill("01/11/2026")
    pilar.get_by_role("button", name="Guardar").click()
    pilar.goto(f"{line.address}/plans/1")
    pilar.get_by_role("button", name="Ponerlo en marcha").click()
    expect(pilar.get_by_role("button", name="Cerrar el plan")).to_be_visible()
    pilar.get_by_role("link", name="Mostrarlo a todas las personas").click()
    pilar.get_by_role("button", name="Proponerlo").click()
    bruno = sign_in(line, browser, "Bruno S.")
    bruno.goto(pilar.url)
    bruno.get_by_role("button", name="Mostrarlo a todas las personas").first.click()
    bruno.get_by_role("alertdialog", name="Cualquier persona podrá leerlo").locator("button[name=to]").click()
    expect(bruno.get_by_role("button", name="Retirarlo de la página pública").first).to_be_visible()
    bruno.goto(f"{line.address}/plan")
    expect(bruno.get_by_text("pendiente de la norma")).to_have_count(0)


def test_whoever_looks_for_a_service_finds_it_by_department(line, browser):
    """On a telephone, without a script: how to reach it stands there, and no address does."""
    phone = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 640}).new_page()
    phone.goto(f"{line.address}/?language=es")
    phone.get_by_role("link", name="Servicios", exact=True).click()
    phone.get_by_role("link", name="Cusco", exact=True).click()
    expect(phone.get_by_role("heading", name="Cusco")).to_be_visible()
    first = phone.locator(".terms > div").first
    expect(first.locator("a[href^='tel:']")).to_be_visible()
    expect(first).to_contain_text("Recibe a")
    page, wrong = browser.new_context(locale="es-PE").new_page(), []
    for language in ("es", "en"):
        page.goto(f"{phone.url.partition('?')[0]}?language={language}")
        wrong += faults(page)
    assert wrong == []


def test_a_campaign_is_warned_of_the_calls_that_the_plan_cannot_take(line, browser):
    carla, wrong = sign_in(line, browser, "Carla D."), []
    carla.goto(f"{line.address}/campaigns/1")
    expect(carla.get_by_text("no alcanzan para las llamadas")).to_have_count(0)
    send(carla, "/lift", percent="100")
    expect(carla.get_by_text("no alcanzan para las llamadas")).to_be_visible()
    for language in ("es", "en"):
        carla.goto(f"{line.address}/campaigns/1?language={language}")
        wave = carla.locator("section[aria-labelledby=wave]")
        expect(wave.get_by_role("status")).to_be_visible()
        for folded in wave.locator("details").all():
            folded.locator("summary").click()
        wrong += faults(carla)
    expect(wave.get_by_role("status")).to_contain_text("cannot take the calls")
    assert wrong == []


def test_a_note_is_taken_back_and_its_page_says_so(line, browser):
    """The last test with this note: it does not come back."""
    paula, public = sign_in(line, browser, "Paula N."), browser.new_context(locale="es-PE").new_page()
    public.goto(f"{line.address}/news")
    note = f"{line.address}{public.locator("a[href^='/news/']").first.get_attribute('href')}"
    paula.goto(f"{line.address}/notes")
    paula.get_by_role("link", name="Nota inventada").click()
    paula.get_by_text("Retirar esta nota").click()
    wrong = faults(paula)
    paula.get_by_role("button", name="Retirarla ahora").click()
    expect(paula.get_by_text("Retirada.", exact=True)).to_be_visible()
    wrong += faults(paula)
    for language, words in (("es", "Esta nota fue retirada"), ("en", "This note was withdrawn")):
        assert public.goto(f"{note.partition('?')[0]}?language={language}").status == 410
        expect(public.get_by_role("heading", name=words)).to_be_visible()
        wrong += faults(public)
    for list_ in ("/news", "/news.atom"):
        assert "nota-inventada" not in public.request.get(line.address + list_).text()
    assert wrong == []
