"""After a hard call a talk and a rest are offered on the console, and one's own page shows the load."""

from playwright.sync_api import Browser, expect

from tests.browser import sideways, signed_in, violations_by_scheme
from tests.hotline import Hotline

from . import scenes


def test_a_rest_and_a_talk_are_offered_after_a_hard_call(browser: Browser, line: Hotline):
    line.do(scenes.wrap_up)
    page = signed_in(browser, line, "Ana F.")
    page.locator("#wrap-up [name=hard_call][value=talk]").check()
    page.locator("#wrap-up [name=type]").first.check()
    page.keyboard.press("Alt+a")
    expect(page.locator(".idle .banner").first).to_contain_text("Descanso hasta las")
    assert violations_by_scheme(page) == []
    expect(page.locator(".idle").get_by_role("link", name="Ver")).to_have_attribute("href", "/wellbeing")
    page.goto(f"{line.address}/wellbeing")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mi bienestar")
    assert violations_by_scheme(page) == []
    for width in (1280, 390, 320):
        page.set_viewport_size({"width": width, "height": 900})
        assert not sideways(page), width
    page.get_by_label("Con quién").select_option(label="Marta Q.")
    page.get_by_role("button", name="Ya conversamos").click()
    expect(page.get_by_text("Conversó con Marta Q.")).to_be_visible()
    page.get_by_role("button", name="Terminar el descanso").click()
    expect(page.get_by_role("button", name="Terminar el descanso")).to_have_count(0)
    page.context.close()
