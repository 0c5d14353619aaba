"""From calls to a figure: one publisher drafts, another publishes, everybody reads it; in Chromium, in every dress."""

import io
import re
from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, expect

from .browser import (
    bad_on_paper,
    chromium,
    faults_in_every_dress,
    not_by_keyboard,
    sideways,
    violations,
    violations_by_language,
)
from .hotline import Hotline, hotline

PLACES = {
    "": 60, "15": 90, "08": 41, "17": 33, "21": 28, "16": 24, "04": 22, "07": 19, "13": 17, "22": 15, "12": 14,
    "25": 12, "20": 11, "10": 6, "14": 3, "09": 1,
}  # fmt: skip
# Contacts of each quarter of a year by department and type. From Cusco one is in a crisis each time: four in the year.
OF_A_YEAR = {
    ("15", "crisis"): 30, ("15", "report"): 12, ("15", "information"): 12, ("08", "crisis"): 1, ("08", "report"): 20,
    ("08", "information"): 10, ("", "crisis"): 10, ("", "report"): 12, ("", "information"): 10, ("25", "crisis"): 2,
}  # fmt: skip


@pytest.fixture(scope="module")
def line() -> Iterator[Hotline]:
    with hotline() as running:
        running.do(people_call)
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        expect.set_options(timeout=20_000)
        yield browser


def people_call() -> None:
    """In the last quarter that is over; of each kind in turn."""
    from django.utils import timezone

    from amparo.figures.snapshot.rules import newest_countable_quarter
    from amparo.foundation.access.models import User
    from amparo.line.contacts.picklists import Type
    from tests.contacts import record_contacts

    ana, at = User.objects.get(username="ana"), newest_countable_quarter(timezone.now()).ends - timedelta(days=40)
    types = [Type.INFORMATION, Type.REPORT, Type.CRISIS, Type.ASSISTANCE, Type.PREVENTION]
    for ubigeo, many in PLACES.items():
        for first, type in enumerate(types):
            of_this_type = [at] * len(range(first, many, len(types)))
            record_contacts(ana, of_this_type, type=type, ubigeo=ubigeo, ended=at + timedelta(hours=1))


def people_call_for_a_year() -> None:
    """In each quarter of 2024, published one after the other, so that the year is released with its crossed tables."""
    from datetime import date

    from django.utils import timezone

    from amparo.figures.publishing.models import CrossedYear
    from amparo.figures.publishing.rules import draft_edition, publish_edition
    from amparo.figures.snapshot.months import Quarter
    from amparo.foundation.access.models import User
    from tests.contacts import record_contacts

    ana, paula, bruno = (User.objects.get(username=name) for name in ("ana", "paula", "bruno"))
    for quarter in (Quarter(date(2024, month, 1)) for month in (1, 4, 7, 10)):
        at = quarter.ends - timedelta(days=40)
        for (ubigeo, type), many in OF_A_YEAR.items():
            record_contacts(ana, [at] * many, type=type, ubigeo=ubigeo, ended=at + timedelta(hours=1))
        now = timezone.now()
        publish_edition(draft_edition(quarter, by=paula, now=now), by=bruno, now=now)
    assert CrossedYear.objects.filter(year=2024).count() == 3


def sign_in(line: Hotline, browser: Browser, name: str) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 900}, locale="es-PE").new_page()
    page.set_default_timeout(20_000)
    page.goto(f"{line.address}/sign-in")
    page.get_by_role("button", name=name).click()
    page.wait_for_url(lambda url: not url.endswith("/sign-in"))
    return page


def dresses_by_language(page: Page, language: str, widths: tuple[int, ...]) -> list[str]:
    """What is wrong in light, of a page in Spanish, or in dark, of one in another language."""
    wrong = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 800})
        wrong += [f"{width} {fault}" for fault in violations_by_language(page, language)]
        wrong += [f"{width} sideways"] if sideways(page) else []
    page.set_viewport_size({"width": 1280, "height": 900})
    return wrong


def dresses(page: Page, widths: tuple[int, ...] = (1280, 320)) -> list[str]:
    """What is wrong in light or dark, on a wide screen or a narrow one."""
    wrong = faults_in_every_dress(page, sizes=[(width, 800) for width in widths])
    page.set_viewport_size({"width": 1280, "height": 900})
    return wrong


def draft(line: Hotline, browser: Browser) -> Page:
    page = sign_in(line, browser, "Paula N.")
    page.goto(f"{line.address}/editions")
    page.get_by_role("button", name="Contar").click()
    page.wait_for_url("**/editions/*")
    return page


def publish(line: Hotline, browser: Browser, where: str) -> Page:
    page = sign_in(line, browser, "Bruno S.")
    page.goto(where)
    page.get_by_role("button", name="Publicar").click()
    expect(page.get_by_role("button", name="Cancelar")).to_be_focused()  # Enter alone publishes nothing
    assert violations(page) == []
    page.get_by_role("alertdialog").get_by_role("button", name="Publicar").click()
    expect(page.get_by_text("la publicó Bruno S.")).to_be_visible()
    return page


def test_from_calls_to_a_figure(line, browser):
    hers = draft(line, browser)
    assert dresses(hers) == []
    his = publish(line, browser, hers.url)
    assert dresses(his) == []
    his.goto(f"{line.address}/editions")
    assert dresses(his) == []
    anybody = browser.new_context(locale="es-PE").new_page()
    anybody.goto(f"{line.address}/figures")
    expect(anybody.locator(".known")).to_contain_text("395")
    assert dresses(anybody) == []
    anybody.get_by_text("Ver la tabla").click()
    expect(anybody.get_by_role("row", name="Madre de Dios")).to_contain_text("35")
    expect(anybody.get_by_role("row", name="Lambayeque")).to_contain_text("no se muestra")
    with anybody.expect_download() as download:
        anybody.get_by_role("link", name="hoja de cálculo").click()
    assert download.value.suggested_filename == "figures.csv"
    assert anybody.context.cookies() == []


def test_it_is_read_without_a_script(line, browser):
    page = browser.new_context(java_script_enabled=False, locale="es-PE").new_page()
    page.goto(f"{line.address}/figures")
    page.get_by_text("Ver la tabla").click()
    expect(page.get_by_role("row", name="Cusco")).to_be_visible()


def supersede() -> None:
    """Correct the newest edition."""
    from django.utils import timezone

    from amparo.figures.publishing.models import Edition
    from amparo.figures.publishing.rules import correct_edition, publish_edition
    from amparo.foundation.access.models import User

    paula, bruno = (User.objects.get(username=name) for name in ("paula", "bruno"))
    now, newest = timezone.now(), Edition.objects.published().newest_first()[0]
    publish_edition(correct_edition(newest, "Inventado: faltaba un día.", by=paula, now=now), by=bruno, now=now)


def test_a_superseded_edition_says_which_is_the_newest(line, browser):
    page = browser.new_context(java_script_enabled=False, locale="es-PE").new_page()
    page.goto(f"{line.address}/figures")
    page.get_by_role("link", name=re.compile("^Edición")).click()  # its own address
    old = page.url
    expect(page.locator(".superseded")).to_have_count(0)
    line.do(supersede)
    anybody = browser.new_context(locale="es-PE").new_page()
    for address in (old, f"{line.address}/figures/editions"):
        anybody.goto(address)
        assert dresses(anybody, (1280, 390, 320)) == []
        assert bad_on_paper(anybody) == []
    page.reload()
    page.locator(".superseded", has_text="Reemplazada por la edición").get_by_role("link").click()
    assert page.url != old
    expect(page.locator(".superseded")).to_have_count(0)


def test_an_analyst_of_the_ministry_chooses_and_downloads(line, browser):
    page = sign_in(line, browser, "Alba S.")
    page.get_by_role("link", name="Analizar las cifras").first.click()
    expect(page.get_by_role("heading", level=2).first).to_contain_text("Contactos por departamento")
    expect(page.get_by_role("row", name="Madre de Dios")).to_contain_text("35")
    expect(page.get_by_role("row", name="Lambayeque")).to_contain_text("no se muestra")
    assert dresses(page) == []
    page.get_by_label("Medida y desglose").select_option(label="Contactos mes a mes")
    page.get_by_label("Medida y desglose").press("Enter")
    page.get_by_role("button", name="Mostrar").press("Enter")
    expect(page.get_by_role("heading", level=2).first).to_contain_text("Contactos mes a mes")
    page.get_by_label("Medida y desglose").select_option(label="Casos cerrados según cómo terminaron")
    page.get_by_role("button", name="Mostrar").press("Enter")
    expect(page.get_by_text("Esto se cuenta solo por años enteros")).to_be_visible()
    assert dresses(page) == []
    page.go_back()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename.startswith("amparo-contacts-months-")
    with page.expect_download() as picture:
        page.get_by_role("link", name="PNG").click()
    assert picture.value.suggested_filename.endswith(".png")
    page.get_by_label("Guardar lo que se muestra con este nombre").fill("Meses")
    page.get_by_label("Guardar lo que se muestra con este nombre").press("Enter")
    expect(page.get_by_role("link", name="Meses")).to_be_visible()
    assert dresses(page) == []
    page.goto(f"{line.address}/analysis?language=en")
    expect(page.get_by_role("heading", name="Analyse")).to_be_visible()


def test_a_table_of_two_breakdowns_is_read_by_everybody_in_both_languages(line, browser):
    line.do(people_call_for_a_year)
    page = sign_in(line, browser, "Alba S.")
    what = "what=contacts.contacts_by_department_and_type&period="
    for language, hidden, all_others in (("es", "no se muestra", "Los demás"), ("en", "not shown", "The others")):
        page.goto(f"{line.address}/analysis?{what}2024&language={language}")
        table = page.locator("table.crossed")
        expect(table.get_by_role("row", name="Cusco")).to_contain_text(hidden)
        expect(table).to_contain_text(all_others)
        scrolled = page.get_by_role("region").filter(has=table)
        scrolled.focus()  # without a mouse, a wide table is scrolled by the arrow keys
        expect(scrolled).to_be_focused()
        assert dresses_by_language(page, language, (1280, 390)) == []
        page.goto(f"{line.address}/analysis?{what}2024-01-01&language={language}")
        expect(table).to_have_count(0)  # a quarter is not crossed, and the page says why
        assert dresses_by_language(page, language, (1280, 390)) == []
        page.goto(f"{line.address}/figures/2024-1?language={language}")
        page.locator('a[href*="/figures/2024-1/crossed"]').first.click()  # the public page of the same tables
        expect(table.first.get_by_role("row", name="Cusco")).to_contain_text(hidden)
        assert dresses_by_language(page, language, (1280, 390, 320)) == []
        assert bad_on_paper(page) == []
    page.goto(f"{line.address}/figures/2024-1/crossed?language=qu")
    assert dresses(page, (1280, 320)) + not_by_keyboard(page) + bad_on_paper(page) == []


def test_a_number_of_ours_leads_to_its_breakdowns_and_to_the_sheet_that_made_it(line, browser):
    page = sign_in(line, browser, "Alba S.")
    page.goto(f"{line.address}/cited-figures")
    expect(page.get_by_role("heading", name=re.compile("Por qué 765 y 1.054 no son"))).to_be_visible()
    assert page.locator(".reasons li").all_inner_texts() != []
    assert dresses(page, (1280, 390, 320)) == []
    row = page.locator("#ours-contacts-2024")
    row.get_by_role("link", name=re.compile("desgloses")).click()
    expect(page.get_by_role("heading", level=2).first).to_contain_text("Contactos por departamento: 2024")
    others = page.locator("section", has=page.locator("#others"))
    expect(others.get_by_role("link", name="Contactos trimestre a trimestre: 2024")).to_be_visible()
    assert dresses(page, (1280, 390, 320)) == []
    page.get_by_role("definition").get_by_role("link", name="Año 2024, revisión 1").click()
    expect(page).to_have_url(re.compile(r"/figures/2024-1#contacts_by_department$"))
    expect(page.locator("#contacts_by_department")).to_be_in_viewport()
    assert dresses(page, (1280, 390, 320)) == []
    assert bad_on_paper(page) == []


@pytest.mark.parametrize("what", ["contacts_by_department", "contacts_by_department_and_type", "quarters"])
def test_a_chart_has_its_table_and_every_download_holds_its_numbers(line, browser, what):
    page = sign_in(line, browser, "Alba S.")
    page.goto(f"{line.address}/analysis?what=contacts.{what}&period=2024")
    if "_and_" not in what:
        expect(page.get_by_role("img", name=re.compile("2024. Todos los números están en la tabla"))).to_be_visible()
    expect(page.get_by_role("table").first).to_be_visible()
    assert bad_on_paper(page) == []
    files = {}
    for name in ("CSV", ".xlsx", "SVG", "PNG"):
        with page.expect_download() as download:
            page.get_by_role("link", name=name, exact=True).click()
        files[name] = Path(download.value.path()).read_bytes()
    assert "Lima" in files["CSV"].decode() or what == "quarters"
    sheet = load_workbook(io.BytesIO(files[".xlsx"])).active
    assert sheet.max_row > 4
    assert files["PNG"].startswith(b"\x89PNG")
    drawn = page.context.new_page()
    drawn.set_content(f"<img alt='' src='data:image/svg+xml;base64,{b64encode(files['SVG']).decode()}'>")
    drawn.wait_for_function("() => document.images[0].complete && document.images[0].naturalWidth > 600")
    assert b"<title" in files["SVG"]
    assert "Unidad" in files["SVG"].decode()
