"""The catalogues of words: collect what the code says, and tell what a language still lacks.

    python -m tests.catalogues           collects new message ids and compiles the catalogues
    python -m tests.catalogues --check   fails on a stale catalogue, and on a word that Spanish lacks

Spanish is the default on screens and must be complete. Quechua grows: its catalogue has only what is translated, and
Spanish stands for the rest. English is the language of the ids and needs no catalogue.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

from amparo.catalogues import LOCALE, compile_stale

from .plurals import without_plural

ROOT = Path(__file__).parent.parent
COMPLETE, GROWING = ("es",), ("qu",)
# The extractor does not know such a name, so its messages would be missed.
UNSEEN = re.compile(r"gettext(_lazy)? as (?!_\b)\w+")


def extract() -> polib.POFile:
    """Every message id in Python and templates, found by Django's own extractor."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "amparo"
        shutil.copytree(ROOT / "amparo", tree, ignore=shutil.ignore_patterns("locale", "tests", "*.wav", "__pycache__"))
        (tree / "locale").mkdir()
        command = [sys.executable, "-m", "django", "makemessages", "-l", "es", "--no-location", "--no-wrap", "-v", "0"]
        subprocess.run(command, cwd=tree, check=True)
        return polib.pofile(str(tree / "locale/es/LC_MESSAGES/django.po"))


def path(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def collect() -> None:
    template = extract()
    for language in (*COMPLETE, *GROWING):
        known = {key(entry): entry for entry in polib.pofile(str(path(language)))}
        catalogue = polib.POFile(wrapwidth=0)
        catalogue.metadata = {
            "Language": language,
            "Content-Type": "text/plain; charset=UTF-8",
            "Content-Transfer-Encoding": "8bit",
            "Plural-Forms": "nplurals=2; plural=(n != 1);",
        }
        for entry in sorted(template, key=key):
            translated = _translated(entry, known.get(key(entry)))
            if language in COMPLETE or translated.translated():
                catalogue.append(translated)
        catalogue.save(str(path(language)))
    compile_stale()


def key(entry: polib.POEntry) -> tuple[str, str]:
    return entry.msgid, entry.msgctxt or ""


def _translated(entry: polib.POEntry, known: polib.POEntry | None) -> polib.POEntry:
    new = polib.POEntry(msgid=entry.msgid, msgctxt=entry.msgctxt, msgid_plural=entry.msgid_plural)
    if known:
        new.msgstr, new.msgstr_plural = known.msgstr, dict(known.msgstr_plural)
    elif entry.msgid_plural:
        new.msgstr_plural = {0: "", 1: ""}
    return new


def faults() -> list[str]:
    wanted = {key(entry) for entry in extract()}
    code = (ROOT / "amparo").rglob("*.py")
    wrong = [f"{file}: call gettext _, or by its own name" for file in code if UNSEEN.search(file.read_text())]
    for language in (*COMPLETE, *GROWING):
        here = {key(entry): entry for entry in polib.pofile(str(path(language)))}
        untranslated = [entry for entry in here.values() if not entry.translated()]
        if language in COMPLETE:
            wrong += [f"{language} lacks «{entry.msgid}»" for entry in untranslated]
            wrong += [f"{language} has no plural form: {pair}" for pair in without_plural(here.values())]
        if set(here) - wanted or (set(here) != wanted if language in COMPLETE else untranslated):
            wrong.append(f"{language} is stale: type `make messages`")
    return wrong


if __name__ == "__main__":
    if "--check" not in sys.argv:
        collect()
    if wrong := faults():
        sys.exit("\n".join(wrong))
