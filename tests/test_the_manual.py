"""The manual: built without a broken link, served under the staff name only, and asking nobody else for anything."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import polib
import pytest
from django.test import Client
from django.utils.translation import override
from playwright.sync_api import Page, Route, expect

from amparo.foundation.access.models import Role
from amparo.foundation.core.templatetags.parts import PAGE_OF_ROLE, PAGE_OF_ROOM, PAGE_OF_VIEW, help_page

from .browser import PATIENCE, chromium, sideways, violations
from .catalogues import path
from .hotline import CHECKOUT

ZENSICAL = Path(sys.executable).with_name("zensical")
LANGUAGES = ("es", "en")
FOR_TECHNICIANS = {"administrator.md", "integrator.md", "ledger.md"}
ITALIC = re.compile(r"(?<![\w*])\*([^*\n][^*]*)\*")
NOT_PROSE = re.compile(r"```.*?```|`[^`]*`|\*\*.*?\*\*", re.DOTALL)
ROOM = re.compile(r'"room": "(\w+)"')
HOST = "staff.example"


def build(folder: Path, language: str) -> subprocess.CompletedProcess[str]:
    """As `make docs` does it, from a copy of docs/."""
    command = [ZENSICAL, "build", "--strict", "--config-file", f"docs/manual.{language}.toml"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def not_on_screens(language: str, folder: Path | None = None) -> list[str]:
    """Words in italics that no screen says. Pages for technicians use italics freely."""
    entries = [entry for entry in polib.pofile(str(path("es"))) if not entry.obsolete]
    english = {text.lower() for entry in entries for text in (entry.msgid, entry.msgid_plural) if text}
    spanish = {text.lower() for entry in entries for text in (entry.msgstr, *entry.msgstr_plural.values())}
    page_text = {"en": english, "es": spanish}[language]
    pages = (folder or CHECKOUT / "docs" / language).glob("*.md")
    return [
        f"{page.name}: {word}"
        for page in sorted(pages)
        if page.name not in FOR_TECHNICIANS
        for word in (" ".join(found.split()) for found in ITALIC.findall(NOT_PROSE.sub("", page.read_text())))
        if word.lower() not in page_text
    ]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("manual")
    shutil.copytree(CHECKOUT / "docs", folder / "docs", ignore=shutil.ignore_patterns("site", ".cache"))
    return folder


@pytest.fixture(scope="module")
def built(checkout: Path) -> Path:
    for language in LANGUAGES:
        assert build(checkout, language).returncode == 0
    return checkout / "docs" / "site"


@pytest.fixture
def manual(built: Path, settings) -> Client:
    settings.MANUAL = built
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, public_host="help.example", staff_host=HOST)
    return Client(headers={"host": HOST})


@pytest.fixture
def page(manual: Client) -> Iterator[Page]:
    """A browser whose every request is answered by Amparo; what goes elsewhere is refused, and noted as `asked`."""

    def answer(route: Route) -> None:
        address = urlsplit(route.request.url)
        if address.hostname != HOST:
            elsewhere.append(route.request.url)
            route.abort()
            return
        response = manual.get(address.path)
        route.fulfill(status=response.status_code, headers=dict(response.items()), body=response.getvalue())

    elsewhere: list[str] = []
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 320, "height": 640})
        page.route("**/*", answer)
        page.on("console", lambda message: elsewhere.append(message.text) if message.type == "error" else None)
        yield page
    assert elsewhere == []


def test_a_broken_link_stops_it(checkout, tmp_path):
    folder = shutil.copytree(checkout, tmp_path / "copy")
    folder.joinpath("docs/es/index.md").write_text("[nowhere](nowhere.md)")
    assert build(folder, "es").returncode != 0


PEOPLE = set(Role.values) - {Role.SERVICE_LIAISON}  # the role of programs has no page


def test_every_screen_has_its_page_in_both_languages(built):
    for language in LANGUAGES:
        with override(language):
            found = {help_page({"room": room}) for room in [*PAGE_OF_ROOM, ""]}
            found |= {help_page({"user": SimpleNamespace(role=role), "room": "cases"}) for role in PAGE_OF_ROLE}
            found |= {help_page({"user": SimpleNamespace(role=role), "room": "home"}) for role in PEOPLE}
            for view in PAGE_OF_VIEW:
                request = SimpleNamespace(resolver_match=SimpleNamespace(url_name=view))
                found.add(help_page({"request": request, "room": "cases"}))
        assert f"/help/{language}/case-worker/#consent" in found
        for address in found:
            folder, _, anchor = address.removeprefix("/help/").partition("#")
            text = built.joinpath(folder, "index.html").read_text()
            assert f'id="{anchor}"' in text or not anchor, address


def test_every_room_that_a_view_names_has_its_page():
    named = {room for file in CHECKOUT.glob("amparo/**/*.py") for room in ROOM.findall(file.read_text())}
    assert len(named) > 10
    assert named - PAGE_OF_ROOM.keys() == set()


def test_every_page_is_there_in_both_languages_but_what_programmers_read():
    english, spanish = ({p.name for p in CHECKOUT.joinpath("docs", it).glob("*.md")} for it in ("en", "es"))
    assert english - spanish == {"integrator.md", "ledger.md"}
    assert spanish <= english


def test_what_stands_in_italics_is_what_a_screen_says():
    assert [*not_on_screens("es"), *not_on_screens("en")] == []


def test_the_control_a_word_that_no_screen_says_is_found(tmp_path):
    tmp_path.joinpath("page.md").write_text("Elija *Disponible* o *Palabra inventada*.")
    assert not_on_screens("es", tmp_path) == ["page.md: Palabra inventada"]


def test_no_file_comes_in_so_many_parts_that_a_slow_reader_keeps_a_thread(manual, built):
    """a2wsgi lets ten parts wait: head, body and end."""
    largest = max((file for file in built.rglob("*") if file.is_file()), key=lambda file: file.stat().st_size)
    response = manual.get(f"/help/{largest.relative_to(built)}", headers={"accept-encoding": "identity"})
    parts = list(response.streaming_content)
    assert sum(map(len, parts)) == largest.stat().st_size > 100_000
    assert len(parts) < 8


def test_staff_read_it_without_signing_in(manual):
    response = manual.get("/help/es/operator/")
    assert response.status_code == 200
    assert b"<h1" in response.getvalue()
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert re.search(r"script-src [^;]*'unsafe-inline'", policy) is None
    assert manual.get("/help/").headers["Location"] == "/help/es/"
    assert manual.get("/help/es/nothing").status_code == 404


def test_the_public_name_has_no_manual(manual):
    for address in ("/help/", "/help/es/", "/help/es/operator/"):
        assert manual.get(address, headers={"host": "help.example"}).status_code == 404


def test_make_run_builds_what_changed_in_it_before_it_starts():
    """What would be made, as make says it; the control: without a change nothing of the manual is."""
    dry = ["make", "-n", "-o", ".venv/run"]
    changed = subprocess.run([*dry, "-W", "docs/manual.es.toml", "run"], cwd=CHECKOUT, capture_output=True, text=True)
    assert changed.stdout.index("zensical build --strict") < changed.stdout.index("amparo run")
    same = subprocess.run([*dry, "-o", ".venv/manual", "run"], cwd=CHECKOUT, capture_output=True, text=True)
    assert "zensical" not in same.stdout
    assert "amparo run" in same.stdout


def test_where_it_is_not_built_one_sentence_says_so(manual, settings, tmp_path):
    settings.MANUAL = tmp_path
    response = Client(headers={"host": HOST}).get("/help/es/operator/")
    assert response.status_code == 404
    assert "se inició sin su manual" in response.content.decode()
    assert "`" not in response.content.decode()


def test_in_a_browser_it_is_read_and_searched_and_asks_nobody_else(page):
    page.goto(f"https://{HOST}/help/es/operator/")
    assert not sideways(page)
    assert violations(page) == []
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"https://{HOST}/help/en/case-worker/")
    assert violations(page) == []
    page.keyboard.press("/")
    expect(page.locator("input:focus")).to_be_visible()
    page.keyboard.type("silent")
    expect(page.get_by_role("option", name="If the person cannot speak")).to_be_visible(timeout=PATIENCE * 1000)
