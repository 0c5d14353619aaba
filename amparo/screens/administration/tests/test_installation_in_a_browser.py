"""The administrator's pages on a running hotline, in Chromium."""

from playwright.sync_api import Browser, expect

from amparo.line.switchboard.media import g711
from tests.browser import faults_in_every_dress, sideways, signed_in, violations
from tests.hotline import Hotline


def test_the_state_of_a_running_hotline(browser: Browser, line: Hotline) -> None:
    size = {"width": 320, "height": 800}
    page = signed_in(browser, line, "Adela B.", "/installation?language=en", viewport=size)
    state = page.get_by_role("region", name="How it is now")
    expect(state.locator("[data-light=red]")).to_have_count(0)
    expect(state).to_contain_text("ports for sound are taken")
    expect(state).to_contain_text("which asks for no registration")
    for language in ("es", "en"):
        for path in ("/installation", "/installation/retention", "/installation/settings"):
            page.goto(f"{line.address}{path}?language={language}")
            assert violations(page) == [], path
            assert not sideways(page), path
    page.goto(f"{line.address}/staff?language=en")
    page.get_by_role("row", name="Bruno S.").locator("summary").click()
    assert violations(page) == []
    assert not sideways(page)
    page.get_by_role("link", name="Change the role Bruno S.").click()
    page.get_by_label("Role").select_option("analyst")
    assert violations(page) == []
    assert not sideways(page)
    page.get_by_role("button", name="Change the role").click()
    expect(page.get_by_role("row", name="Bruno S.")).to_contain_text("Analyst")
    page.context.close()


def test_the_rooms_of_administration(browser: Browser, line: Hotline) -> None:
    page = signed_in(browser, line, "Adela B.", "/home?language=en")
    page.get_by_role("navigation").get_by_role("link", name="Administration").first.click()
    for name in ("Institutions", "The line", "Lists of words", "Version", "People"):
        page.get_by_role("navigation", name="Administration").get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
        assert faults_in_every_dress(page, name) == []
    page.goto(f"{line.address}/installation/line")
    expect(page.get_by_text("Línea de ayuda. Es gratis.")).to_be_visible()
    ring = page.get_by_label("A call rings for one person")
    expect(ring).to_have_value("20")
    ring.fill("25")
    ring.press("Tab")  # it saves itself
    expect(page.locator("#state .saved")).to_be_visible()
    page.get_by_role("button", name="Undo the last change").click()
    expect(ring).to_have_value("20")
    page.goto(f"{line.address}/installation/lists")
    page.get_by_text("Every list of Amparo").click()
    page.get_by_role("link", name="Hotline, Police").first.click()
    expect(page.get_by_role("columnheader", name="Quechua")).to_be_visible()
    assert faults_in_every_dress(page) == []
    page.goto(f"{line.address}/staff?show=locked")
    expect(page.get_by_text("Nobody.")).to_be_visible()
    page.context.close()


def test_a_word_of_the_line(browser: Browser, line: Hotline) -> None:
    page = signed_in(browser, line, "Adela B.", "/installation/lists?language=en")
    page.get_by_role("link", name="How people heard of the line").click()
    another = page.get_by_role("region", name="Another word")
    another.get_by_label("Spanish").fill("Feria inventada")
    another.get_by_role("button", name="Add the word").click()
    page.locator("summary", has_text="Feria inventada").click()
    page.get_by_role("button", name="Move up Feria inventada").click()
    expect(page.locator("summary:focus")).to_have_text("Feria inventada")
    assert faults_in_every_dress(page) == []
    page.get_by_role("button", name="Retire Feria inventada").click()
    expect(page.locator("[data-state=retired]")).to_contain_text("Feria inventada")
    page.get_by_role("button", name="Undo the last change").click()
    expect(page.locator("[data-state=retired]")).to_have_count(0)
    page.context.close()


def test_what_a_microphone_recorded_is_what_callers_hear(browser: Browser, line: Hotline) -> None:
    page = signed_in(browser, line, "Adela B.", "/installation/recordings?language=en")
    welcome = page.locator("#prompt-welcome")
    welcome.locator("summary").click()
    welcome.get_by_role("button", name="Record", exact=True).click()
    page.wait_for_timeout(2500)  # the invented microphone beeps once a second
    welcome.get_by_role("button", name="Stop", exact=True).click()
    expect(welcome.get_by_text("Callers hear it once you save it.")).to_be_visible(timeout=30_000)
    welcome.get_by_role("button", name="Save").click()
    expect(welcome.get_by_text("yours", exact=True)).to_be_visible()
    address = welcome.locator("audio").first.get_attribute("src")
    wav = page.request.get(f"{line.address}{address}").body()
    assert 8_000 < len(g711.parse_wav(wav)) < 30 * 8_000
    assert faults_in_every_dress(page) == []
    welcome.get_by_role("button", name="Back to ours").click()
    expect(welcome.get_by_text("the recording that Amparo ships")).to_be_visible()
    page.context.close()
