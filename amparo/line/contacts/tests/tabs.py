"""A contact open in tabs of a real browser."""

import time

from django.test import Client
from playwright.sync_api import expect

PATIENCE = 30_000  # ms


def session_of(user, web):
    client = Client()
    client.force_login(user)
    return {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": web.address}


def open_page(context, web, contact):
    page = context.new_page()
    page.goto(f"{web.address}/contacts/{contact.pk}")
    expect(saved(page)).to_be_visible()
    return page


def notes(page):
    return page.locator("#id_notes")


def saved(page):
    return page.locator("#conversation .saved")


def expect_saved(page):
    expect(saved(page)).to_have_attribute("data-state", "saved", timeout=PATIENCE)


def kept(page):
    return page.evaluate("Object.values(sessionStorage).join()")


def until(fact):
    """Wait until a condition is true, with patience for a loaded machine."""
    end = time.monotonic() + PATIENCE / 1000
    while not fact():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.1)
