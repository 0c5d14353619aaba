"""The running version, the notes of the next release, and the installed packages with their licences."""

import sys
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

from django.utils.translation import gettext as _

from .part import AMBER, GREEN, Part

ROOT = Path(__file__).parents[3]  # the checkout; a package that was installed otherwise has no notes
AUDIENCE = "### For administrators and integrators\n"


@dataclass(frozen=True)
class Dependency:
    name: str
    version: str
    licence: str  # as the package itself says; blank: it does not


STARTED = metadata.version("amparo")


def running_version() -> str:
    return STARTED


def part() -> Part:
    """Whether the version that is installed is the one that this process runs."""
    installed = metadata.version("amparo")
    if installed == STARTED:
        return Part("version", _("Version"), GREEN, (_("Amparo %(version)s.") % {"version": STARTED},))
    words = _("Amparo %(installed)s is installed, and %(version)s still runs.")
    words %= {"installed": installed, "version": STARTED}
    return Part("version", _("Version"), AMBER, (words,), _("Start Amparo again."))


def python_version() -> str:
    return sys.version.split()[0]


@cache
def dependencies() -> list[Dependency]:
    """Return every package that is installed beside Amparo, by name."""
    found = {it.name.lower(): it for it in metadata.distributions() if it.name != "amparo"}
    return [Dependency(it.name, it.version, _licence(it)) for _name, it in sorted(found.items())]


def _licence(package: metadata.Distribution) -> str:
    fields = package.metadata
    classifiers = [it.rpartition(" :: ")[2] for it in fields.get_all("Classifier") or () if it.startswith("License ::")]
    text = (
        fields.get("License-Expression") or ", ".join(classifiers) or (fields.get("License") or "").partition("\n")[0]
    )
    return text[:60]


@cache
def newest_release() -> tuple[str, list[str]]:
    """Return the title of the newest release of the changelog, and its notes for administrators.

    Without a changelog: "" and an empty list.
    """
    path = ROOT / "CHANGELOG.md"
    if not path.is_file():
        return "", []
    release = path.read_text().split("\n## ")[1]
    title, _line, notes = release.partition("\n")
    for_administrators = notes.partition(AUDIENCE)[2].partition("\n### ")[0]
    return title, [_plain(note) for note in f"\n{for_administrators}".split("\n- ")[1:]]


@cache
def later_notes() -> list[str]:
    """Return the notes for administrators that were written since the newest release."""
    return [_plain(path.read_text()) for path in sorted((ROOT / "changes").glob("*.administrators.md"))]


def _plain(note: str) -> str:
    """Return a note on one line, without the signs of Markdown."""
    return " ".join(note.split()).replace("*", "").replace("`", "")
