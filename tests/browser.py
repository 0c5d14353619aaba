"""Debian's Chromium for the browser tests: its microphone beeps, and it sends nothing to the network."""

import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Error, Frame, Page, expect, sync_playwright

from .full_session import session_of
from .hotline import Hotline

PATIENCE = 30  # seconds, on a loaded machine
CHROMIUM = "/usr/bin/chromium"  # as people have it
# The same engine without windows, which costs a fifth less.
SHELL = shutil.which("chromium-headless-shell") or CHROMIUM
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",  # a container's is small
)
VOICE = (
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",  # beeps once a second
    "--autoplay-policy=no-user-gesture-required",
    "--allow-loopback-in-peer-connection",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
)
REPEATED = (
    "Array.from(document.querySelectorAll('[id]'), (it) => it.id).filter((id, at, all) => all.indexOf(id) !== at)"
)
SIZES = ((320, 700), (1280, 900))  # 320 pixels are also 1280 at a zoom of 400 %
OF_COLOURS = ("color-contrast", "link-in-text-block")  # axe's rules that may judge the two schemes differently
OVERDRAWN = (Path(__file__).parent / "overdrawn.js").read_text()
REFUSE_MICROPHONE = (
    "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'))"
)

FOCUSED = """() => {
  const it = document.activeElement;
  if (!it || it === document.body) return null;
  const style = getComputedStyle(it), all = [...document.querySelectorAll('*')];
  return { what: `${all.indexOf(it)} ${it.className || it.tagName}`,
    seen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== 'none' };
}"""
UNPRINTED = """async () => {
  for (let frames = 0; frames < 3; frames++) await new Promise((drawn) => requestAnimationFrame(drawn));
  return [...document.querySelectorAll('details > :not(summary)')]
    .filter((it) => !it.checkVisibility({ contentVisibilityAuto: true }) || !it.getBoundingClientRect().height)
    .map((it) => it.textContent.trim().slice(0, 60));
}"""


@contextmanager
def chromium(program: str = SHELL) -> Iterator[Browser]:
    """While it runs, this thread must not use Django's database: Playwright's event loop runs in it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*QUIET, *VOICE])
        expect.set_options(timeout=20_000)
        yield browser
        browser.close()


def new_session(context: BrowserContext, line: Hotline, name: str) -> str:
    """Sign this invented person in without the page for it, which has tests of its own. Return the path of their first
    page.
    """
    session, first_page = line.do(session_of, name)
    context.add_cookies([{"name": "sessionid", "value": session, "url": line.address}])
    return first_page


def signed_in(browser: Browser, line: Hotline, name: str, path: str = "", **options: Any) -> Page:
    """The page at `path`, or else their first page, of this invented person, in a browser of their own."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, "locale": "es-PE"} | options)
    context.set_default_timeout(20_000)
    page = context.new_page()
    first_page = new_session(context, line, name)
    page.goto(line.address + (path or first_page))
    return page


def violations(page: Page | Frame) -> list[str]:
    """Violations that axe finds, in short, and two that it misses: duplicate ids, because labels name the first alone,
    and text drawn over other text.
    """
    found = _axe(page)
    wrong = [f"{rule['id']}: {node['html'][:120]}" for rule in found for node in rule["nodes"]]
    return wrong + [f"twice: #{id}" for id in page.evaluate(REPEATED)] + page.evaluate(OVERDRAWN)


def _axe(page: Page | Frame, *rules: str) -> list[dict[str, Any]]:
    """Run all rules of axe, or these alone, once the page is all there. A page that is still loaded keeps its axe."""
    page.wait_for_load_state()
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    options = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    found: list[dict[str, Any]] = page.evaluate("(options) => axe.run(options).then((it) => it.violations)", options)
    return found


def violations_by_language(page: Page, language: str) -> list[str]:
    """What `violations` finds: in Spanish in light, in another language in dark. Colours depend on the scheme alone, so
    a page that is looked at in both languages is looked at wholly.
    """
    scheme = "light" if language == "es" else "dark"
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    return [f"{scheme}: {fault}" for fault in violations(page)]


def violations_by_scheme(page: Page) -> list[str]:
    """What `violations` finds in light, and what the colours of dark add, with the page loaded once."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    wrong = [f"light: {fault}" for fault in violations(page)]
    page.emulate_media(color_scheme="dark")
    found = _axe(page, *OF_COLOURS)
    return wrong + [f"dark: {rule['id']}: {node['html'][:120]}" for rule in found for node in rule["nodes"]]


def faults_in_every_dress(page: Page, name: str = "", sizes: Iterable[tuple[int, int]] = SIZES) -> list[str]:
    """What is wrong in light or dark, on a wide screen or a narrow one. The page keeps the last size, and is dark."""
    wrong = []
    for width, height in sizes:
        page.set_viewport_size({"width": width, "height": height})
        wrong += [f"{name} {width} {fault}" for fault in violations_by_scheme(page)]
        wrong += [f"{name} {width} sideways"] if sideways(page) else []
    return wrong


def faults_by_language(page: Page, name: str, language: str) -> list[str]:
    """What is wrong on a narrow screen or a wide one: in Spanish the narrow one is light and the wide one dark, in
    another language the other way round. The page keeps the last size.
    """
    wrong = []
    for (width, height), scheme_of in zip(SIZES, ("es", "en") if language == "es" else ("en", "es"), strict=True):
        page.set_viewport_size({"width": width, "height": height})
        wrong += [f"{name} {width} {fault}" for fault in violations_by_language(page, scheme_of)]
        wrong += [f"{name} {width} sideways"] if sideways(page) else []
    return wrong


def faults_with_details_open(page: Page, address: str, language: str) -> list[str]:
    """What is wrong at this address in this language with all details open; and if it scrolls sideways when narrow."""
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{address}?language={language}")
    for details in page.locator("main details").all():
        details.evaluate("it => { it.open = true }")
    wrong = violations_by_language(page, language)
    for width in (320, 640):
        page.set_viewport_size({"width": width, "height": 700})
        wrong += [f"{width} sideways"] if sideways(page) else []
    page.set_viewport_size({"width": 1280, "height": 900})
    return wrong


def sideways(page: Page) -> bool:
    """True if the page scrolls sideways, once it is all there, with its styles."""
    page.wait_for_load_state()
    wider: bool = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return wider


def not_by_keyboard(page: Page) -> list[str]:
    """What a person without a mouse does not reach by the Tab key, or does not see that they reached it."""
    page.emulate_media(color_scheme="light")
    page.evaluate("document.activeElement?.blur()")
    wanted = page.locator(
        ":is(a[href], button, input, select, textarea, summary):not([type=radio]:not(:checked)):visible"
    )
    reached: list[str] = []
    for _ in range(wanted.count() + 2):
        page.keyboard.press("Tab")
        it = page.evaluate(FOCUSED)
        if it and not it["seen"]:
            return [f"{page.url}: no sign of the keyboard on {it['what']}"]
        reached += [it["what"]] if it else []
    missed = wanted.count() - len(set(reached))
    is_out = "/cover" in page.url or "leave" in reached[0]
    return [
        *([] if is_out else [f"{page.url}: the way out is not first"]),
        *([f"{page.url}: {missed} are not reached by Tab"] if missed > 0 else []),
    ]


def bad_on_paper(page: Page) -> list[str]:
    """Return faults of the page printed on A4: folded parts missing, text covered, content wider than the paper."""
    page.set_viewport_size({"width": 680, "height": 960})
    page.emulate_media(media="print")
    wrong = [f"{page.url}: not printed: {text}" for text in page.evaluate(UNPRINTED)]
    wrong += [f"{page.url}: the way out is printed over it"] if page.locator(".leave:visible").count() else []
    wrong += [f"{page.url}: wider than the paper"] if sideways(page) else []
    page.emulate_media(media="screen")
    return wrong


def take_the_call(page: Page) -> None:
    """Answer by keyboard, once the bar has its button: the card and the bar of a ringing call are drawn one after the
    other.
    """
    expect(page.locator(".ring")).to_be_visible()
    expect(page.locator("[data-key='first'][formaction^='/calls/']")).to_be_visible()
    page.keyboard.press("Alt+a")


def until(page: Page, true: str) -> None:
    """Wait for a JavaScript condition; Playwright's own function needs eval, which our pages forbid."""
    end = time.monotonic() + PATIENCE
    while not _is_true(page, true):
        assert time.monotonic() < end, f"never true: {true}"
        page.wait_for_timeout(100)


def _is_true(page: Page, condition: str) -> bool:
    """Whether the condition holds; false while the page loads another one."""
    try:
        return bool(page.evaluate(condition))
    except Error as error:
        if "context was destroyed" in str(error):
            return False
        raise
