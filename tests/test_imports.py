"""Who may import whom: code looks back along the flow call -> contact -> case -> referral -> figure, never forward."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

WINGS = {
    "foundation": ["core", "audit", "vault", "access", "oversight", "integrations", "places", "backup"],
    "line": ["roster", "switchboard", "chat", "contacts"],
    "care": [
        "people",
        "screening",
        "consent",
        "cases",
        "disclosures",
        "directory",
        "shelters",
        "police_reports",
        "referrals",
        "returning",
        "exchange",
    ],
    "programme": ["campaigns", "events", "plan", "news", "training"],
    "figures": ["snapshot", "protection", "linkage", "estimation", "effect", "citations", "publishing"],
    "screens": ["desk", "supervision", "site", "api", "home"],
}
ORDER = [f"{wing}.{room}" for wing, rooms in WINGS.items() for room in rooms]
AMPARO = Path(__file__).parent.parent / "amparo"


def imports(source: str, package: str) -> Iterator[str]:
    """The absolute names of all that a module imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            yield ".".join([*above, *filter(None, [node.module])])


def room_of(name: str) -> str | None:
    parts = name.split(".")
    room = ".".join(parts[1:3])
    return room if parts[0] == "amparo" and room in ORDER else None


def faults(source: str, package: str) -> list[str]:
    here = room_of(package)
    if here is None:
        return []
    known = {other for name in imports(source, package) if (other := room_of(name)) and other != here}
    return [f"{here} may not know {other}" for other in sorted(known) if ORDER.index(other) > ORDER.index(here)]


def package_of(path: Path) -> str:
    return ".".join(path.relative_to(AMPARO.parent).parts[:-1])


def modules() -> list[Path]:
    return [path for path in AMPARO.glob("*/*/**/*.py") if "tests" not in path.parts]


def looks_forward() -> list[str]:
    return [
        f"{path.relative_to(AMPARO.parent)}: {fault}"
        for path in modules()
        for fault in faults(path.read_text(), package_of(path))
    ]


SHARED_FORM = "amparo.care.disclosures.forms"  # the form that reports and referrals have in common


def borrowed_views() -> list[str]:
    """Views and forms of another room; only the screens may have its forms, for they own none."""
    wrong = []
    for path in modules():
        package = package_of(path)
        private = (["views"],) if package.startswith("amparo.screens") else (["views"], ["forms"])
        for name in imports(path.read_text(), package):
            is_mine = room_of(name) in (None, room_of(package)) or name == SHARED_FORM
            if not is_mine and name.split(".")[3:4] in private:
                wrong.append(f"{path.relative_to(AMPARO.parent)} takes {name}")
    return wrong


def who_imports(library: str, sources: dict[str, str]) -> list[str]:
    """Of `sources`, path to text, those that import the library or a part of it."""
    return [path for path, text in sources.items() if any(f"{n}.".startswith(f"{library}.") for n in imports(text, ""))]


def test_rooms_look_only_back():
    assert looks_forward() == []


def test_no_room_takes_the_views_of_another():
    assert borrowed_views() == []


@pytest.mark.parametrize(
    "line",
    ["from amparo.line.contacts.models import Contact", "from ..contacts import models", "import amparo.screens.desk"],
)
def test_a_look_forward_is_found(line):
    assert faults(line, "amparo.line.switchboard")


def test_one_module_knows_the_parser_of_sip():
    """So that it can be replaced: docs/decisions/0029."""
    sources = {str(path.relative_to(AMPARO)): path.read_text() for path in AMPARO.glob("**/*.py")}
    assert who_imports("aiosipua", sources) == ["line/switchboard/sip/message.py"]


def test_another_module_that_knows_it_is_found():
    lines = ["import aiosipua.sdp", "from aiosipua import Via", "import aiosipuax"]
    assert who_imports("aiosipua", dict(zip("abc", lines, strict=True))) == ["a", "b"]
