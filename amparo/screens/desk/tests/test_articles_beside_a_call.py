"""Articles beside the notes: found while one types, read aloud, cited by one press; the notes keep cursor and text."""

from playwright.sync_api import Page, expect

from amparo.foundation.core.actor import acting_as
from amparo.line.contacts.models import CitedArticle
from tests.browser import violations, violations_by_scheme

from . import scenes
from .steps import a_chat_of_ana, console, cursor, is_too_wide, tab

FRAME = "iframe[name='panel-articles'][data-ready]"


def cited() -> list[str]:
    with acting_as(scenes.person().acting()):
        return [it.version.title for it in CitedArticle.objects.in_order()]


def read_and_cite(page: Page) -> None:
    """By keyboard: into the tab, type, open what is found, cite it, and back to the notes."""
    articles = tab(page, "articles")
    page.keyboard.press("Alt+l")
    expect(page.locator(FRAME)).to_be_visible()
    page.keyboard.press("Alt+l")
    expect(articles.locator("#id_q")).to_be_focused()
    page.keyboard.type("pasaj dni")
    expect(articles.locator("#found li")).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(articles.get_by_role("heading", level=1)).to_have_text("Le retienen el DNI o le cobran una deuda")
    expect(articles.locator(".script")).to_contain_text("No tiene que pagar para poder irse")
    expect(articles.locator(".banner")).to_contain_text("Debía revisarse")
    expect(articles.get_by_role("button", name="Lo leí en voz alta: citarlo")).to_be_focused()
    page.keyboard.press("Enter")
    expect(articles.locator(".cite [role=status]")).to_contain_text("Citado: lo leyó Ana F.")


def test_an_article_is_found_read_and_cited_during_a_call(desk, line):
    line.do(scenes.talking)
    page = console(desk, line, width=1280)
    page.keyboard.press("Alt+t")
    page.keyboard.type("No la dejan ")
    page.keyboard.press("Alt+l")
    expect(page.locator(FRAME)).to_be_visible()
    page.keyboard.type("salir.")  # one press shows the tab, and the cursor stays
    assert cursor(page) == "id_notes"
    page.keyboard.press("Alt+h")
    read_and_cite(page)
    assert line.do(cited) == ["Le retienen el DNI o le cobran una deuda"]
    assert (violations(page), violations(page.frame("panel-articles"))) == ([], [])
    page.keyboard.press("Escape")
    page.keyboard.type(" Llora.")
    expect(page.locator("#id_notes")).to_have_value("No la dejan salir. Llora.")


def test_words_in_the_notes_suggest_articles_without_asking_anybody(desk, line):
    line.do(scenes.talking)
    page = console(desk, line, width=1280)
    requests: list[str] = []
    page.on("request", lambda request: requests.append(f"{request.method} {request.url}"))
    shown = page.locator("[data-suggested=articles] a:visible")
    page.keyboard.press("Alt+t")
    page.keyboard.type("Dice que le quitaron su documento ")
    expect(shown).to_have_text(["Le retienen el DNI o le cobran una deuda"])
    page.keyboard.type("y el policía la asusta.")
    expect(shown).to_have_count(2)
    assert cursor(page) == "id_notes"
    expect(page.locator("#conversation .saved").first).to_have_attribute("data-state", "saved")
    sent = [request for request in requests if request.startswith("POST") or "articles" in request]
    assert sent
    assert all(request.endswith("/draft") for request in sent)  # only the notes are saved
    assert violations(page) == []
    page.locator("[data-suggestions]").get_by_role("link", name="Le retienen el DNI").click()
    expect(tab(page, "articles").get_by_role("heading", level=1)).to_have_text(
        "Le retienen el DNI o le cobran una deuda"
    )
    page.keyboard.type(" Llora.")
    expect(page.locator("#id_notes")).to_have_value("Dice que le quitaron su documento y el policía la asusta. Llora.")
    page.locator("#id_notes").fill("Llama a su mamá a las 8.")
    expect(shown).to_have_count(0)


def test_what_no_lawyer_checked_says_so_beside_the_call_and_the_search_is_one_link_away(desk, line):
    line.do(scenes.talking)
    page = console(desk, line, width=1280)
    page.locator("[data-tab=articles]").click()
    articles = tab(page, "articles")
    articles.get_by_role("link", name="Qué es la trata de personas").click()
    expect(articles.get_by_text("Sin revisión legal")).to_be_visible()
    articles.get_by_role("link", name="Inglés").click()
    expect(articles.get_by_role("heading", level=1)).to_have_text("What trafficking in persons is")
    articles.get_by_role("link", name="Todos los artículos").click()
    expect(articles.locator("#id_q")).to_be_visible()


def test_it_is_the_same_beside_a_chat_and_fits(desk, line):
    page = desk.new_page()
    page.goto(f"{line.address}{line.do(a_chat_of_ana)}")
    expect(page.locator("#text")).to_be_focused()
    read_and_cite(page)
    for width in (1280, 1100, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert not is_too_wide(page, "articles"), width
    assert violations_by_scheme(page) == []  # before axe is in the frame, too, and takes both for one page
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert violations(page.frame("panel-articles")) == []
    page.keyboard.press("Escape")
    expect(page.locator("#id_notes")).to_be_focused()
