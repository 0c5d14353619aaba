"""A case as its people meet it: in Chromium, against the real hotline, by keyboard, in every dress of its pages."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser import faults_with_details_open, new_session, sideways, signed_in, violations, violations_by_scheme
from tests.cases import contact_of_ana, one_that_went_on
from tests.hotline import Hotline

TABS = ("tasks", "people", "help", "documents", "accesses", "summary")
LINES = "invented words of nobody"
SLOW = (
    "const plain = fetch; window.fetch = (...it) => new Promise((go) => setTimeout(go, 400)).then(() => plain(...it))"
)

UNDER_A_BAR = """() => {
  const it = document.activeElement, label = it.closest("label") ?? it;
  const at = it.getClientRects()[0] ?? it.getBoundingClientRect();  // a link may go on in the next line
  if (it === document.body) return false;
  const top = document.elementFromPoint(at.left + Math.min(at.width / 2, 10), at.top + Math.min(at.height / 2, 10));
  return !(label.contains(top) || top?.contains(it));
}"""


@pytest.fixture(scope="module")
def desk(line: Hotline, browser: Browser) -> Iterator[BrowserContext]:
    """Ana's browser, without a page: an open console would be drawn again at each change of a test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="es-PE")
    context.set_default_timeout(20_000)
    new_session(context, line, "Ana F.")
    yield context
    context.close()


@pytest.fixture
def page(desk: BrowserContext) -> Iterator[Page]:
    page = desk.new_page()
    yield page
    page.close()


@pytest.fixture
def case(line: Hotline, page: Page) -> Page:
    """A page that shows a new case, opened from its contact."""
    page.goto(line.address + line.do(contact_of_ana))
    page.locator("form[action^='/cases/from/'] button").click()
    page.wait_for_url("**/cases/*")
    return page


def press(page: Page, name: str) -> None:
    """By keyboard alone: to the button of this name, and upon it."""
    button = page.get_by_role("button", name=name, exact=True).first
    for _ in range(80):
        if button.evaluate("it => it === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")


def test_a_note_by_keyboard_alone(case):
    """The cursor is in the box already: what is typed is written down with one chord."""
    expect(case.locator("#id_words")).to_be_focused()
    case.keyboard.type(LINES)
    case.keyboard.press("Control+Enter")
    expect(case.locator("#timeline .timeline")).to_contain_text(LINES)


def test_a_case_opens_at_its_top_with_the_note_in_view(case):
    """The head stays while one scrolls, so a page that opens further down hides the box under it."""
    case.reload()
    expect(case.locator("#id_words")).to_be_focused()
    assert case.evaluate("scrollY") == 0
    case.set_viewport_size({"width": 390, "height": 900})
    case.reload()
    expect(case.locator("#id_words")).to_be_focused()
    assert case.locator(".case-tabs a").first.bounding_box()["x"] >= 16  # not at the edge of the screen
    case.set_viewport_size({"width": 1280, "height": 900})


def test_a_refused_form_has_the_focus_at_its_head_and_leads_to_the_field(case):
    case.goto(f"{case.url}/tasks")
    case.locator("summary", has_text="Planificar una tarea").click()
    case.locator("#task-due").fill("ayer")
    case.locator("#task-due").press("Enter")
    expect(case.locator(".error-summary")).to_be_focused()
    case.locator(".error-summary a").first.press("Enter")
    expect(case.locator("#task-due")).to_be_focused()


def test_the_answer_to_a_recorded_consent_has_the_focus(case):
    case.locator("main a[href$='/consent']").first.click()
    case.wait_for_url("**/consent")
    case.wait_for_load_state()
    case.keyboard.press("1")
    expect(case.locator("#consent-summary")).to_contain_text("hasta", ignore_case=True)
    case.keyboard.press("r")
    case.keyboard.press("Enter")
    expect(case.locator("#consent-refusal")).to_be_focused()  # nothing was read aloud
    case.wait_for_load_state()
    case.keyboard.press("l")
    case.keyboard.press("Enter")
    expect(case.locator("[name=informed]:not(:checked)")).to_have_count(0)
    case.get_by_label("no hay representante: decide la UPE").check()  # the age is not known
    case.keyboard.press("r")
    case.keyboard.press("Enter")
    expect(case.locator(".banner[data-tone=good]")).to_be_focused()


def test_nothing_that_has_the_focus_lies_under_a_bar(case):
    """Bars at the edges of the screen stay while one goes through a page by keyboard (WCAG 2.2, 2.4.11)."""
    case.set_viewport_size({"width": 390, "height": 800})
    under = []
    for path in ("", case.locator("main a[href$='/consent']").first.get_attribute("href")):
        case.goto(case.url.split("/cases/")[0] + path if path else case.url)
        for _ in range(70):
            case.keyboard.press("Tab")
            if case.evaluate(UNDER_A_BAR):
                under.append(case.evaluate("document.activeElement.outerHTML.slice(0, 100)"))
    case.locator("main a").first.focus()
    case.evaluate(
        "document.body.appendChild(document.createElement('div')).style = 'position: fixed; inset: 0; z-index: 99'"
    )
    assert case.evaluate(UNDER_A_BAR), "control: what lies under a bar is found"
    case.set_viewport_size({"width": 1280, "height": 900})
    assert under == []


def test_an_undo_is_offered_for_eight_seconds(case):
    case.locator("summary", has_text="Agregar a alguien").click()
    case.locator("#id_user").select_option(index=1)
    case.get_by_role("button", name="Agregar al equipo").click()
    expect(case.locator(".undo")).to_be_visible()
    expect(case.locator(".undo")).to_be_hidden()


def test_places_are_offered_while_one_types(case):
    case.locator(".case-who h1 a").click()
    case.wait_for_load_state()  # with its script, which offers the places
    case.locator("#id_ubigeo_origin").press_sequentially("Tamb")
    expect(case.locator("#places option").first).to_be_attached()
    case.locator("#id_ubigeo_origin").fill("Tambopata, Madre de Dios")
    case.get_by_role("button", name="Guardar", exact=True).click()
    expect(case.locator(".case-who")).to_contain_text("Tambopata")


def test_own_words_are_typed_before_the_answer_and_enter_answers_nothing(case):
    case.locator("main a[href$='/screening']").first.click()
    case.locator(".of-age button", has_text="Guardar").wait_for()
    case.locator("button[name=leave]").click()
    expect(case.locator("#question")).to_be_focused()
    case.keyboard.press("p")
    expect(case.locator("#own-words")).to_be_focused()
    case.keyboard.type("vine con una conocida")
    case.keyboard.press("Enter")
    expect(case.locator("#question")).to_be_focused()
    expect(case.locator(".answered-questions li")).to_have_count(0)
    case.keyboard.press("1")
    expect(case.locator(".answered-questions li")).to_have_text(re.compile("Sí: «vine con una conocida»"))
    expect(case.locator("#own-words")).to_have_value("")


def open_signs(page: Page) -> None:
    """From the screening to the list of all signs, once it listens to ticks."""
    page.get_by_role("link", name="Todas las señales").click()
    expect(page.locator("form#answers[data-ready]")).to_be_visible()


def test_who_ticks_faster_than_the_network_sees_all_of_it(case):
    case.locator("main a[href$='/screening']").first.click()
    open_signs(case)
    case.evaluate(SLOW)
    for item in ("act.transportation", "purpose.forced_labour"):
        case.locator(f"input[name='{item}'][value=yes]").check()
    expect(case.locator("#standing li[data-tone=good]")).to_have_count(2)


def test_the_filters_of_the_list_are_folded_on_a_telephone_alone(line, page):
    page.goto(f"{line.address}/cases?urgency=urgent")
    every = page.get_by_role("link", name="Cualquier urgencia")
    expect(every).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    expect(every).to_be_hidden()
    page.get_by_text("Filtrar y ordenar: Dentro de 24 horas").click()
    expect(every).to_be_visible()


def test_a_digit_answers_a_sign_and_the_list_shows_what_is_not_asked(case):
    case.locator("main a[href$='/screening']").first.click()
    open_signs(case)
    transfer = case.locator("fieldset", has=case.locator("[name='act.transportation']")).first
    debt = case.locator("fieldset", has=case.locator("[name='coercion_destination.debt_bondage']")).first
    every, answered, unanswered = case.locator(".row-filter button").all()
    rows = case.locator(".answer").count()
    expect(every).to_have_text(f"Todas {rows}")
    transfer.locator("[value=not_asked]").focus()
    case.keyboard.press("1")
    expect(transfer.locator("[value=yes]")).to_be_focused()
    expect(case.locator("#standing li[data-tone=good]")).to_have_count(1)  # saved at once; what is missing follows
    debt.locator("xpath=..").locator("summary").click()
    debt.locator("[value=not_asked]").focus()
    case.keyboard.press("3")
    expect(case.locator("#standing")).to_have_attribute("data-version", "2")
    answered.click()
    expect(answered).to_have_text("Respondidas 2")
    expect(case.locator(".answer:visible")).to_have_count(2)
    unanswered.click()
    expect(unanswered).to_have_text(f"Sin preguntar {rows - 2}")
    expect(transfer).to_be_hidden()
    other = case.locator("fieldset", has=case.locator("[name='act.harbouring']")).first
    other.locator("[value=no]").check()
    expect(case.locator("#standing")).to_have_attribute("data-version", "3")
    expect(other).to_be_visible()  # it stays where the hand is
    case.reload()
    expect(debt.locator("[value=unknown]")).to_be_checked()
    expect(answered).to_have_text("Respondidas 3")


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_page_is_accessible_and_fits(line, case, language):
    address = case.url
    case.locator(".case-who h1 a").click()
    person = case.url
    wrong = {}
    for name, where in {
        "case": address, **{tab: f"{address}/{tab}" for tab in TABS},
        "person": person, "identity": f"{person}/identity",
        "screening": f"{person}/screening", "signs": f"{person}/screening/signs",
        "consent": f"{person}/consent", "duplicates": f"{person}/duplicates",
        "file": f"{address}/htcds", "codes": f"{address}/codes",
        "report": f"{person}/report", "reports": f"{line.address}/reports",
        "list": f"{line.address}/cases", "policy": f"{line.address}/policy",
    }.items():  # fmt: skip
        wrong[name] = faults_with_details_open(case, where, language)
    assert not any(wrong.values()), wrong


@pytest.fixture(scope="module")
def went_on(line: Hotline) -> dict[str, str]:
    return line.do(one_that_went_on)


SCROLLS = """[...document.querySelectorAll("main *")].filter((it) => it.scrollWidth > it.clientWidth + 1
  && getComputedStyle(it).display !== "inline" && !it.matches(".hidden-words"))
  .map((it) => it.outerHTML.slice(0, 80))"""


def test_a_case_has_one_empty_box_and_each_task_once_the_nearest_first(line, page, went_on):
    page.goto(f"{line.address}{went_on['case']}?language=es")  # an earlier test leaves it in English
    boxes = page.locator("main textarea:visible")
    expect(boxes).to_have_count(1)
    expect(page.locator("#id_words")).to_be_in_viewport()
    expect(page.locator(".case-next")).to_have_count(1)
    expect(page.locator(".task-list")).to_have_count(0)  # the others have a tab of their own
    page.goto(f"{line.address}{went_on['case']}/tasks")
    tasks = page.locator("#open-tasks > li")
    due = [str(it.get_attribute("datetime")) for it in tasks.locator(".when time").all()]
    assert len(due) == 5
    assert due == sorted(due)
    assert len({tuple(task.inner_text().splitlines()) for task in tasks.all()}) == 5
    answer = tasks.filter(has=page.locator(".what b", has_text="Responder la pregunta")).get_by_role("link")
    expect(answer).to_have_attribute("href", re.compile("/reports/"))
    page.goto(line.address + went_on["person"])
    expect(boxes).to_have_count(2)  # control: a page with two


def test_the_table_of_a_consent_fits_a_screen_of_1280(line, page, went_on):
    page.goto(f"{line.address}{went_on['person']}/consent")
    expect(page.locator(".permit")).to_be_visible()
    assert (sideways(page), page.evaluate(SCROLLS)) == (False, [])
    page.locator(".permit td.says").first.evaluate("it => { it.style.minWidth = '60rem' }")
    assert page.evaluate(SCROLLS) != []  # control


def test_ages_and_days_have_boxes_of_their_size(line, page, went_on):
    page.goto(line.address + went_on["person"])
    widths = {name: page.locator(f"#id_{name}").first.bounding_box()["width"] for name in ("age_now", "ubigeo_now")}
    day = page.locator("main input[placeholder^='dd/']").first.bounding_box()["width"]
    assert (widths["age_now"] < 150, day < 250, widths["ubigeo_now"] > 400) == (True, True, True)


SEEN = {
    "Ana F.": [
        "{case}", "{case}/tasks", "{case}/help", "{case}/summary", "{person}",
        "{person}/consent", "{person}/screening", "{person}/report", "{report}", "/reports",
        "{person}/identity", "{belongs}", "/console",
    ],
    "Inés R.": ["/cases?show=left", "{case}"],
    "Teo V.": ["/reports", "{report}"],
    "Marta Q.": [
        "/bases", "/units", "/joined", "/console", "/cases?show=closed", "/policy", "{person}/consent", "{closed}",
        "{report}", "{referral}",
    ],
}  # fmt: skip
ASKED_WHY = {"Ana F.": ["{person}/identity"], "Marta Q.": ["{person}/consent", "{closed}", "{report}", "{referral}"]}


def faults(page: Page) -> list[str]:
    return violations(page) + (["too wide"] if sideways(page) else [])


@pytest.mark.parametrize("name", SEEN)
def test_what_each_sees_of_a_case_that_went_on_is_accessible_and_fits(line, desk, went_on, name):
    narrow = {"width": 320, "height": 700}
    page = signed_in(desk.browser, line, name, "/home", viewport=narrow, reduced_motion="reduce")
    wrong, why = {}, []
    for language, scheme in (("es", "light"), ("en", "dark")):
        page.emulate_media(color_scheme=scheme)
        for where in (each.format(**went_on) for each in SEEN[name]):
            page.goto(f"{line.address}{where}{'&' if '?' in where else '?'}language={language}")
            if page.locator(".reasons button").count():  # a supervisor says why first
                why.append(where)
                wrong[f"why {where}"] = faults(page)
                page.goto(f"{line.address}{where}?language=en")
                wrong[f"why {where} en"] = faults(page)
                page.locator(".reasons button").first.click()
                page.goto(f"{line.address}{where}")
            for details in page.locator("main details").all():
                details.evaluate("it => { it.open = true }")
            wrong[f"{where} {language}"] = faults(page)
    page.context.close()
    assert why == [each.format(**went_on) for each in ASKED_WHY.get(name, [])]
    assert not any(wrong.values()), wrong


def test_the_page_of_files_is_accessible_and_fits(line, desk):
    """The page of imports and exports, which supervisors have."""
    page = signed_in(desk.browser, line, "Marta Q.", "/exchange", viewport={"width": 320, "height": 700})
    expect(page.get_by_role("heading", name="Importar casos")).to_be_visible()
    assert (violations_by_scheme(page), sideways(page)) == ([], False)
    page.context.close()


def test_a_file_that_takes_a_while_says_so(line, desk):
    page = signed_in(desk.browser, line, "Marta Q.", "/exchange")
    page.set_input_files("[name=cases]", {"name": "a.json", "mimeType": "application/json", "buffer": b"{}"})
    page.locator("#coming-purpose").select_option(index=1)
    expect(page.locator("[data-while]")).to_be_hidden()
    page.evaluate("""() => document.querySelector("form[data-slow]").addEventListener("submit", (event) => {
        const [told, button] = ["[data-while]", "[type=submit]"].map((what) => event.target.querySelector(what));
        sessionStorage.setItem("meanwhile", [told.hidden, button.disabled]);
    })""")
    page.get_by_role("button", name="Importarlos").click()
    expect(page.get_by_role("alert")).to_contain_text("HTCDS 2.0")
    assert page.evaluate("sessionStorage.getItem('meanwhile')") == "false,true"
    expect(page.locator("[data-while]")).to_be_hidden()
    page.context.close()
