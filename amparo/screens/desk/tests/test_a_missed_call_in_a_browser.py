"""It rang for Ana in vain. She reads it, hears that somebody waits for long, and answers by one press."""

import os
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from amparo.line.roster.models import Seat, State
from amparo.line.switchboard.models import Call
from tests.browser import faults_in_every_dress, signed_in, until

from . import scenes
from .steps import console, dial, hang_up
from .test_danger_in_a_browser import EAR, IS_SILENT

NOT_IN = "No alcanzó a entrar: la persona volvió a la cola."
SOUNDS = "loudness() > 0.1"


def rufino_is(state: str) -> None:
    """Whether calls ring for Rufino, whose console is open elsewhere."""
    seat = Seat.objects.filter(user__username="rufino")
    seat.update(state=state, seen_at=timezone.now() + timedelta(minutes=5), since=timezone.now())
    scenes.tell()


def waited_for(minutes: int) -> None:
    """In the database, all who wait have waited so long."""
    Call.objects.waiting().update(waiting_since=timezone.now() - timedelta(minutes=minutes))
    scenes.tell()


def test_a_ring_that_nobody_pressed(desk, phone, line) -> None:
    line.do(scenes.clear)
    line.do(rufino_is, State.READY)
    ana = console(desk, line)
    caller = dial(phone, line)
    expect(ana.locator(".ring")).to_be_visible()
    expect(ana.locator(".missed-call")).to_contain_text(NOT_IN, timeout=60_000)  # it rings for Rufino now
    ana.keyboard.press("Alt+a")
    expect(ana.locator(".notes textarea")).to_be_visible()
    expect(caller.locator("#call")).to_have_attribute("data-state", "talking")
    hang_up(caller, ana)


def test_a_long_wait_is_red_and_sounds_and_supervision_sees_that_nobody_is_free(desk, line, browser) -> None:
    line.do(scenes.missed_by_ana)
    desk.add_init_script(EAR)
    ana = console(desk, line)
    ana.set_viewport_size({"width": 1366, "height": 768})
    wall = signed_in(browser, line, "Marta Q.", "/wallboard")
    expect(ana.locator(".missed-call")).to_contain_text(NOT_IN)
    ana.locator(".queue h2").first.click()  # the browser allows sound now
    assert ana.locator("[data-late]").count() == 0
    assert ana.evaluate(IS_SILENT)
    expect(wall.locator(".urgent")).to_contain_text("Alguien espera y nadie está libre")
    line.do(waited_for, 3)
    expect(ana.locator(".queue-row[data-late] [data-when-late]")).to_be_visible()
    until(ana, SOUNDS)
    expect(wall.locator(".urgent")).to_contain_text("lleva mucho esperando")
    expect(wall.locator("[data-state] [data-tone='good']")).to_have_count(0)
    if shots := os.environ.get("SHOTS"):
        ana.screenshot(path=f"{shots}/missed.png")
        wall.screenshot(path=f"{shots}/wall.png")
        ana.emulate_media(color_scheme="dark")
        ana.screenshot(path=f"{shots}/missed-dark.png")
        ana.set_viewport_size({"width": 390, "height": 800})
        ana.screenshot(path=f"{shots}/missed-390.png")
        wall.set_viewport_size({"width": 390, "height": 800})
        wall.screenshot(path=f"{shots}/wall-390.png")
    assert faults_in_every_dress(ana) == []
    assert faults_in_every_dress(wall) == []
    line.do(rufino_is, State.READY)
    expect(wall.locator(".urgent")).not_to_contain_text("nadie está libre")
    line.do(scenes.clear)
    expect(wall.locator(".urgent")).to_have_count(0)
    until(ana, IS_SILENT)
    wall.context.close()
