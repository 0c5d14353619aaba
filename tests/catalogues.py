"""The catalogues of words: collect what the code says, and tell what a language still lacks.

    python -m tests.catalogues           collects new message ids and compiles the catalogues
    python -m tests.catalogues --check   fails on a stale catalogue, and on a missing word in es or en

Spanish is the default on screens and English is the language of the ids, so both must be complete. Quechua grows.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

ROOT = Path(__file__).parent.parent
LOCALE = ROOT / "amparo" / "locale"
LANGUAGES = ("es", "en", "qu")
UNSEEN = re.compile(r"gettext(_lazy)? as (?!_\b)\w+")  # by such a name the extractor knows no word, and none is missing


def extract() -> polib.POFile:
    """Every message id in the Python and the templates, as Django's own extractor sees them."""
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
    for language in LANGUAGES:
        path(language).parent.mkdir(parents=True, exist_ok=True)
        known = {key(entry): entry for entry in polib.pofile(str(path(language)))} if path(language).exists() else {}
        catalogue = polib.POFile(wrapwidth=0)
        catalogue.metadata = {
            "Language": language,
            "Content-Type": "text/plain; charset=UTF-8",
            "Content-Transfer-Encoding": "8bit",
            "Plural-Forms": "nplurals=2; plural=(n != 1);",
        }
        for entry in sorted(template, key=key):
            catalogue.append(_translated(entry, known.get(key(entry)), language))
        catalogue.save(str(path(language)))
        catalogue.save_as_mofile(str(path(language).with_suffix(".mo")))


def key(entry: polib.POEntry) -> tuple[str, str]:
    return entry.msgid, entry.msgctxt or ""


def _translated(entry: polib.POEntry, known: polib.POEntry | None, language: str) -> polib.POEntry:
    new = polib.POEntry(msgid=entry.msgid, msgctxt=entry.msgctxt, msgid_plural=entry.msgid_plural)
    if language == "en":  # the ids are English
        new.msgstr = "" if entry.msgid_plural else entry.msgid
        new.msgstr_plural = {0: entry.msgid, 1: entry.msgid_plural} if entry.msgid_plural else {}
    elif known:
        new.msgstr, new.msgstr_plural = known.msgstr, dict(known.msgstr_plural)
    elif entry.msgid_plural:
        new.msgstr_plural = {0: "", 1: ""}
    return new


def faults() -> list[str]:
    wanted = {key(entry) for entry in extract()}
    code = (ROOT / "amparo").rglob("*.py")
    wrong = [f"{file}: call gettext _, or by its own name" for file in code if UNSEEN.search(file.read_text())]
    for language in LANGUAGES:
        catalogue = polib.pofile(str(path(language)))
        here = {key(entry): entry for entry in catalogue}
        if set(here) != wanted:
            wrong.append(f"{language} is stale: type `python -m tests.catalogues`")
        if language != "qu":
            wrong += [f"{language} lacks «{entry.msgid}»" for entry in here.values() if not entry.translated()]
        compiled = polib.mofile(str(path(language).with_suffix(".mo")))
        if {key(e): e.msgstr for e in compiled} != {k: e.msgstr for k, e in here.items() if e.translated()}:
            wrong.append(f"{language} is not compiled: type `python -m tests.catalogues`")
    return wrong


if __name__ == "__main__":
    if "--check" not in sys.argv:
        collect()
    if wrong := faults():
        sys.exit("\n".join(wrong))
