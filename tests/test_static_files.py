"""The compressed copies of styles, scripts and pictures: made where missing or old, and still what they were."""

import gzip
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import brotli
import pytest
from django.test import Client
from playwright.sync_api import Browser

from amparo.static_files import ROOT, compress_stale, compressed_copy_of
from amparo.static_urls import KEEP, digest_of_files
from tests.browser import chromium

SCRIPTS = sorted(ROOT.glob("*/*/static/**/*.js"))
# Whether a browser reads a script as one; what it cannot import or do on an empty page comes later.
PARSE = """async (text) => {
  const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  return import(address).then(() => true, (error) => !(error instanceof SyntaxError));
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def static(tmp_path: Path) -> Path:
    """A copy of one room's static files, nothing compressed."""
    folder = tmp_path / "screens/desk/static"
    shutil.copytree(ROOT / "screens/desk/static", folder, ignore=shutil.ignore_patterns("*.br", "*.gz"))
    return folder / "desk"


def test_what_is_missing_is_made_and_what_is_new_is_left(static, tmp_path):
    assert compressed_copy_of(static / "console.js", ".br") in compress_stale(tmp_path)
    style = brotli.decompress(compressed_copy_of(static / "console.css", ".br").read_bytes())
    assert style == gzip.decompress(compressed_copy_of(static / "console.css", ".gz").read_bytes())
    assert (b"/*" in (static / "console.css").read_bytes(), b"/*" in style) == (True, False)
    assert compress_stale(tmp_path) == []
    assert not list(static.glob("*.new"))


def test_what_is_older_than_its_source_is_made_again(static, tmp_path):
    compress_stale(tmp_path)
    (static / "console.js").write_text("changed;")
    os.utime(static / "console.js", ns=(2**61, 2**61))
    assert compress_stale(tmp_path) == [compressed_copy_of(static / "console.js", suffix) for suffix in (".br", ".gz")]
    assert brotli.decompress(compressed_copy_of(static / "console.js", ".br").read_bytes()) == b"changed;"


def test_every_script_without_comments_is_still_a_script(browser):
    compress_stale()
    page = browser.new_page()
    for script in SCRIPTS:
        text = brotli.decompress(compressed_copy_of(script, ".br").read_bytes()).decode()
        assert page.evaluate(PARSE, text), script
    assert not page.evaluate(PARSE, text + "}")  # the control
    page.close()


def test_a_page_names_its_files_by_their_digest_and_they_are_kept_for_a_year(client: Client, db):
    names = set(re.findall(r'"(/static/[^"#]+)', client.get("/sign-in").content.decode()))
    assert len(names) > 5
    assert {kept_for(client, name) for name in names} == {KEEP}


@pytest.mark.parametrize("digest", ["", "000000000000/"])
def test_a_file_without_the_digest_of_today_is_asked_for_again(client: Client, digest):
    assert kept_for(client, f"/static/{digest}core/desk.css") == "max-age=0, public"


def kept_for(client: Client, name: str) -> str:
    answer = client.get(name)
    assert answer.status_code == 200, name
    return answer.headers["Cache-Control"]


def test_the_digest_changes_with_a_file_and_not_with_its_compressed_copies(static, tmp_path):
    before = digest_of_files(tmp_path)
    compress_stale(tmp_path)
    digest_of_files.cache_clear()
    assert digest_of_files(tmp_path) == before
    (static / "console.js").write_text("changed;")
    digest_of_files.cache_clear()
    assert digest_of_files(tmp_path) != before


def test_scripts_import_each_other_by_relative_paths():
    """An absolute path has no digest: the browser would load the same script twice, and ask for it each time."""
    imported = [name for script in SCRIPTS for name in re.findall(r'"([^"\s]+\.js)"', script.read_text())]
    assert len(imported) > 30
    assert [name for name in imported if not name.startswith(("./", "../"))] == []
