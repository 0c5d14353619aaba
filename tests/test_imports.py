"""Who may import whom: code looks back along the flow call -> contact -> case -> referral -> figure, never forward."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

WINGS = {
    "foundation": [
        "core",
        "audit",
        "vault",
        "access",
        "line_settings",
        "words",
        "oversight",
        "integrations",
        "places",
        "backup",
    ],
    "line": ["roster", "switchboard", "practice_phone", "chat", "channels", "knowledge", "contacts", "quality"],
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
    "programme": ["campaigns", "events", "plan", "news", "texts", "training"],
    "figures": ["snapshot", "protection", "estimation", "publishing"],
    "screens": ["desk", "supervision", "administration", "notices", "site", "api", "home"],
}
DEMO = "demo"  # a room without a wing, above all others
ORDER = [*(f"{wing}.{room}" for wing, rooms in WINGS.items() for room in rooms), DEMO]
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
    top, *parts = name.split(".")
    room = DEMO if parts[:1] == [DEMO] else ".".join(parts[:2])
    return room if top == "amparo" and room in ORDER else None


def faults(source: str, package: str) -> list[str]:
    here = room_of(package)
    if here is None:
        return []
    known = {other for name in imports(source, package) if (other := room_of(name)) and other != here}
    return [f"{here} may not know {other}" for other in sorted(known) if ORDER.index(other) > ORDER.index(here)]


def package_of(path: Path) -> str:
    return ".".join(path.relative_to(AMPARO.parent).parts[:-1])


def modules() -> list[Path]:
    return [path for path in AMPARO.glob("*/**/*.py") if "tests" not in path.parts]


def looks_forward() -> list[str]:
    return [
        f"{path.relative_to(AMPARO.parent)}: {fault}"
        for path in modules()
        for fault in faults(path.read_text(), package_of(path))
    ]


PUBLIC = ("models", "rules", "picklists", "public")


def declared_modules(source: str) -> set[str]:
    """What a room's `__init__.py` names as PUBLIC_MODULES."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "PUBLIC_MODULES":
            return set(ast.literal_eval(node.value))
    return set()


def public_modules() -> set[str]:
    """Each "room.module" that a room declares as public."""
    rooms = {room: AMPARO.joinpath(*room.split("."), "__init__.py").read_text() for room in ORDER}
    return {f"{room}.{module}" for room, source in rooms.items() for module in declared_modules(source)}


def borrowed(source: str, package: str) -> set[tuple[str, str]]:
    """Each room and "room.module" of another room that it takes and that is not public by its name.

    The foundation is open to all. The screens may have the forms of rooms too, for they own none. The demonstration may
    have everything: its people do what each room's own pages and jobs do.
    """
    here, found = room_of(package), set()
    if here == DEMO:
        return found
    public = (*PUBLIC, "forms") if package.startswith("amparo.screens") else PUBLIC
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            [base] = imports(ast.unparse(node), package)
            names = [base, *(f"{base}.{alias.name}" for alias in node.names)] if base.count(".") == 2 else [base]
            for name in names:
                room, module = room_of(name), name.split(".")[3:4]
                if here and room not in (None, here) and module and not name.startswith("amparo.foundation."):
                    found |= {(here, f"{room}.{module[0]}")} if module[0] not in public else set()
    return found


def all_borrowed() -> set[tuple[str, str]]:
    return {pair for path in modules() for pair in borrowed(path.read_text(), package_of(path))}


def private_of(pairs: set[tuple[str, str]], public: set[str]) -> list[str]:
    return sorted(f"{room} takes {module}" for room, module in pairs if module not in public)


def private_imports() -> list[str]:
    return private_of(all_borrowed(), public_modules())


def who_imports(library: str, sources: dict[str, str]) -> list[str]:
    """Of `sources`, path to text, those that import the library or a part of it."""
    return [path for path, text in sources.items() if any(f"{n}.".startswith(f"{library}.") for n in imports(text, ""))]


def test_rooms_look_only_back():
    assert looks_forward() == []


def test_a_room_takes_only_the_public_modules_of_another():
    assert private_imports() == []


def test_what_nobody_takes_is_not_public():
    assert public_modules() - {module for _room, module in all_borrowed()} == set()


def test_views_are_never_public():
    assert [module for module in public_modules() if "views" in module] == []


@pytest.mark.parametrize(
    "line",
    [
        "from amparo.line.contacts.drafts import save", "from amparo.line.contacts import drafts",
        "from ..contacts.views import page", "from amparo.line.contacts.forms import ConversationForm",
    ],
)  # fmt: skip
def test_a_private_module_is_found(line):
    pairs = borrowed(line, "amparo.line.switchboard")
    assert len(private_of(pairs, {"line.contacts.rights"})) == 1
    assert private_of(pairs, {module for _room, module in pairs}) == []


def test_a_declared_module_is_read():
    assert declared_modules('"""A room."""\n\nPUBLIC_MODULES = ("team",)\n') == {"team"}
    assert declared_modules('"""A room."""\n') == set()


@pytest.mark.parametrize(
    "line",
    ["from ..contacts import models", "from amparo.line.contacts.models.contact import Contact", "from . import sip"],
)
def test_a_public_module_is_nothing_to_find(line):
    assert borrowed(line, "amparo.line.switchboard") == set()


def imported_modules(path: Path, known: dict[str, Path]) -> set[str]:
    """The modules of the same room that a module imports, also within functions; not those for types alone."""
    tree, package = ast.parse(path.read_text()), package_of(path)
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            node.body = [ast.Pass()]
    lines = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    bases = [
        (base, alias.name) for line in lines for base in imports(ast.unparse(line), package) for alias in line.names
    ]
    found = {f"{base}.{name}" if f"{base}.{name}" in known else base for base, name in bases}
    return {name for name in found if name in known and room_of(name) == room_of(package) and known[name] != path}


def circles(known: dict[str, Path]) -> list[str]:
    """The modules of circles within a room, and those that import them."""
    graph = {name: imported_modules(path, known) for name, path in known.items()}
    while leaves := {name for name, others in graph.items() if not others & graph.keys()}:
        graph = {name: others for name, others in graph.items() if name not in leaves}
    return sorted(graph)


def named(paths: list[Path]) -> dict[str, Path]:
    """Modules by name; a package has the name of its `__init__.py`."""
    parts = {path: path.relative_to(AMPARO.parent).with_suffix("").parts for path in paths}
    return {".".join(part for part in each if part != "__init__"): path for path, each in parts.items()}


def test_no_room_has_a_circle_of_imports():
    assert circles(named(modules())) == []


def test_a_circle_is_found(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "AMPARO", tmp_path / "amparo")
    room = tmp_path / "amparo/line/contacts"
    room.mkdir(parents=True)
    (room / "rules.py").write_text("def late():\n    from . import drafts\n")
    (room / "drafts.py").write_text("from .rules import late\n")
    assert circles(named(modules())) == ["amparo.line.contacts.drafts", "amparo.line.contacts.rules"]


def test_a_late_import_is_no_way_out_of_a_circle():
    late = [str(path) for path in modules() if "noqa: " + "E402" in path.read_text()]
    assert late == []


@pytest.mark.parametrize(
    "line",
    ["from amparo.line.contacts.models import Contact", "from ..contacts import models", "import amparo.screens.desk"],
)
def test_a_look_forward_is_found(line):
    assert faults(line, "amparo.line.switchboard")


def test_one_module_knows_the_parser_of_sip():
    """The parser can then be replaced (docs/decisions/0029)."""
    sources = {str(path.relative_to(AMPARO)): path.read_text() for path in AMPARO.glob("**/*.py")}
    assert who_imports("aiosipua", sources) == ["line/switchboard/sip/message.py"]


def test_another_module_that_knows_it_is_found():
    lines = ["import aiosipua.sdp", "from aiosipua import Via", "import aiosipuax"]
    assert who_imports("aiosipua", dict(zip("abc", lines, strict=True))) == ["a", "b"]
