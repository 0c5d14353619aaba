"""The catalogues: compiled by whoever needs them, packed into the wheel, and none for English."""

import gettext
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import polib
import pytest
from django.utils import translation

from amparo.catalogues import LOCALE, compile_stale
from amparo.foundation.core.refusal import Misconfigured
from amparo.starting import compile_catalogues

from .catalogues import path
from .hotline import CHECKOUT
from .plurals import without_plural


@pytest.fixture
def locale(tmp_path: Path) -> Path:
    """A copy of the catalogues, nothing compiled."""
    return Path(shutil.copytree(LOCALE, tmp_path / "locale", ignore=shutil.ignore_patterns("*.mo")))


def compiled_in(locale: Path) -> set[str]:
    return {file.parent.parent.name for file in locale.rglob("*.mo")}


def test_what_is_missing_is_compiled_and_what_is_new_is_left(locale):
    compile_catalogues(locale)
    assert compiled_in(locale) == {"es", "qu"}
    with (locale / "es/LC_MESSAGES/django.mo").open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Sign in") == polib.pofile(str(path("es"))).find("Sign in").msgstr
    assert compile_stale(locale) == []
    assert not list(locale.rglob("*.new"))


def test_what_is_older_than_its_source_is_compiled_again(locale):
    compile_stale(locale)
    source = locale / "qu/LC_MESSAGES/django.po"
    catalogue = polib.pofile(str(source))
    catalogue[0].msgstr = "changed"
    catalogue.save()
    os.utime(source, ns=(2**61, 2**61))
    assert compile_stale(locale) == [source.with_suffix(".mo")]
    assert polib.mofile(str(source.with_suffix(".mo"))).find(catalogue[0].msgid).msgstr == "changed"


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    folder = tmp_path / "locale/es/LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_bytes(path("es").read_bytes())
    (folder / "django.mo").mkdir()  # root may write everywhere, but not replace a folder by a file
    os.utime(folder / "django.mo", ns=(1, 1))
    with pytest.raises(Misconfigured, match=r"^The translations must be compiled, and .* cannot be written"):
        compile_catalogues(tmp_path / "locale")


def test_english_shows_the_ids():
    entries = [entry for entry in polib.pofile(str(path("es"))) if not entry.msgctxt]
    plurals = [entry for entry in entries if entry.msgid_plural]
    assert (len(entries) > 2000, len(plurals) > 20) == (True, True)
    with translation.override("en"):
        assert [entry.msgid for entry in entries if translation.gettext(entry.msgid) != entry.msgid] == []
        for entry in plurals:
            shown = [translation.ngettext(entry.msgid, entry.msgid_plural, number) for number in (1, 2)]
            assert shown == [entry.msgid, entry.msgid_plural]
    with translation.override("es"):  # the control
        assert [it for it in plurals if translation.ngettext(it.msgid, it.msgid_plural, 2) == it.msgid_plural] == []


def test_the_wheel_has_them_compiled(tmp_path):
    tracked = subprocess.check_output(["git", "ls-files", "-co", "--exclude-standard"], cwd=CHECKOUT, text=True)
    for name in filter(None, tracked.split("\n")):
        if (CHECKOUT / name).is_file():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(CHECKOUT / name, tmp_path / name)
    assert compiled_in(tmp_path / "amparo/locale") == set()
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel"], cwd=tmp_path, check=True)
    (wheel,) = tmp_path.glob("dist/*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    compiled = sorted(name for name in names if name.endswith(".mo"))
    assert compiled == [f"amparo/locale/{it}/LC_MESSAGES/django.mo" for it in ("es", "qu")]
    assert {"amparo/screens/desk/static/desk/console.js" + suffix for suffix in ("", ".br", ".gz")} <= set(names)


def test_a_number_beside_a_plural_noun_has_a_plural_form():
    planted = polib.POEntry(msgid="%(number)s calls wait", msgstr="Esperan %(number)s llamadas")
    assert without_plural([planted]) == ["number llamadas in «%(number)s calls wait»"]
    planted.msgid_plural = "%(number)s calls wait"
    assert without_plural([planted]) == []
    assert without_plural(polib.pofile(str(path("es")))) == []
