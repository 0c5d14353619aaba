"""What a campaign officer corrects and removes, in Chromium on the demonstration, without its months."""

from playwright.sync_api import expect

from tests.test_the_programme_in_a_browser import faults, send, sign_in


def test_a_spot_is_corrected_and_removed_by_keyboard(line, browser):
    carla, wrong = sign_in(line, browser, "Carla D."), []
    carla.goto(f"{line.address}/campaigns/1/change")
    wrong += faults(carla)
    carla.goto(f"{line.address}/campaigns/1?language=en")
    send(carla, "/campaigns/1/spots", name="Cuña doble", medium="radio", aired_at="20/11/2026 19:00")
    carla.get_by_role("link", name="Cuña doble").click()
    carla.wait_for_url("**/campaigns/spots/*")
    spot = carla.url.rpartition("/")[2]
    send(carla, f"/campaigns/spots/{spot}", aired_at="yesterday")
    expect(carla.get_by_role("alert")).to_contain_text("When it was first heard or seen")
    wrong += faults(carla)
    send(carla, f"/campaigns/spots/{spot}", aired_at="19/11/2026 18:15")
    expect(carla.get_by_role("row", name="Cuña doble")).to_contain_text("18:15")
    carla.get_by_role("link", name="Cuña doble").click()
    carla.get_by_role("button", name="Remove the spot").focus()
    carla.keyboard.press("Enter")
    expect(carla.get_by_role("alertdialog", name="Remove this spot?")).to_be_visible()
    expect(carla.get_by_role("button", name="Cancel")).to_be_focused()
    wrong += faults(carla)
    carla.keyboard.press("Shift+Tab")
    carla.keyboard.press("Enter")
    carla.wait_for_url("**/campaigns/1")
    expect(carla.get_by_role("link", name="Cuña doble")).to_have_count(0)
    assert wrong == []


def test_an_event_is_corrected_for_everybody_and_a_mistake_removed(line, browser):
    carla, public = sign_in(line, browser, "Carla D."), browser.new_context(locale="es-PE").new_page()
    for title in ("Feria inventada", "Feria inventada, por error"):
        carla.goto(f"{line.address}/events?language=en")
        send(carla, "/events", title=title, kind="exhibition", venue="Plaza", starts_at="20/11/2026 19:00")
    carla.get_by_role("link", name="Correct the event").click()
    carla.get_by_role("button", name="Remove the event").click()
    carla.get_by_role("alertdialog").get_by_role("button", name="Remove the event").click()
    carla.wait_for_url("**/events")
    expect(carla.get_by_role("link", name="Feria inventada")).to_have_count(1)
    carla.get_by_role("link", name="Feria inventada").click()
    carla.wait_for_url("**/events/*")
    event = carla.url.rpartition("/")[2]
    send(carla, f"/events/{event}/publish")
    carla.get_by_role("link", name="Correct the event").click()
    send(carla, f"/events/{event}/change", attendance="90", attendance_qualifier="about", venue="Plaza de Ejemplo")
    public.goto(f"{line.address}/performances/{event}?language=en")
    expect(public.locator("main")).to_contain_text("about 90")
    expect(public.locator("main")).to_contain_text("Plaza de Ejemplo")
    carla.get_by_role("link", name="Correct the event").click()
    expect(carla.locator("main")).to_contain_text("It is or was on the public page")
    expect(carla.get_by_role("button", name="Remove the event")).to_have_count(0)
    assert faults(carla) == []
