"""Each verb of the ledger has one label, which stands beside it in its room."""

import ast
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from amparo.foundation.audit import labels

AMPARO = Path(__file__).parent.parent / "amparo"


def calls(source: str) -> Iterator[tuple[str, ast.Call]]:
    """Each call of a plain name, and each decorator, with the name of the function that it decorates."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            yield from ((node.name, call) for call in node.decorator_list if isinstance(call, ast.Call))
        elif isinstance(node, ast.Call):
            yield "", node


def words(node: ast.AST) -> list[str]:
    return [it.value for it in ast.walk(node) if isinstance(it, ast.Constant) and isinstance(it.value, str)]


def labelled(source: str) -> Iterator[tuple[str, str]]:
    """The verbs that a module labels, each with its label in English."""
    for name, call in calls(source):
        of_it = call.func.id if isinstance(call.func, ast.Name) else ""
        if of_it == "label_verb" and words(call):  # without words: inside `action` itself
            verb, label = words(call)
            yield verb, label
        elif name and of_it == "action":
            [label] = [text for keyword in call.keywords if keyword.arg == "label" for text in words(keyword.value)]
            yield name, label


def appended(source: str) -> Iterator[str]:
    """The verbs that a module writes into the ledger by itself."""
    for _name, call in calls(source) if "audit.rules import" in source or "audit import rules" in source else ():
        if ast.unparse(call.func) in ("append", "audit.append") and call.args:
            yield from words(call.args[0])


def sources() -> list[str]:
    return [path.read_text() for path in AMPARO.rglob("*.py") if "tests" not in path.parts]


def test_every_verb_has_one_label():
    of_verb = defaultdict(set)
    for source in sources():
        for verb, label in labelled(source):
            of_verb[verb].add(label)
    assert {verb: found for verb, found in of_verb.items() if len(found) > 1} == {}
    written = {verb for source in sources() for verb in appended(source)} - {"look"}
    assert len(written) > 10
    assert written - set(of_verb) == set()


def test_the_pages_of_the_ledger_know_every_label():
    """The process that serves them imports every room by its addresses: so a fresh one is asked."""
    command = "import django; django.setup(); import amparo.urls; from amparo.foundation.audit import labels"
    shown = subprocess.check_output([sys.executable, "-c", f"{command}; print(*labels.VERBS, sep='\\n')"], text=True)
    declared = {verb for source in sources() for verb, _label in labelled(source)}
    assert len(declared) > 200
    assert declared - set(shown.splitlines()) == set()


def test_a_label_is_shown_and_a_name_without_one_as_it_is_written():
    assert labels.verb_label("look", "report") != labels.verb_label("look", "contact")
    assert labels.verb_label("look", "contact") == str(labels.VERBS["look"])
    assert labels.verb_label("fly_away", "contact") == "fly away"


@pytest.mark.parametrize("source", ["@action(permissions.x)\ndef fly(): ...", "@action(may=x)\ndef fly(): ..."])
def test_a_verb_without_a_label_is_found(source):
    with pytest.raises(ValueError, match="not enough values"):
        list(labelled(source))


@pytest.mark.parametrize("line", ["audit.rules import append\nappend", "audit import rules as audit\naudit.append"])
def test_a_verb_that_is_written_by_itself_is_found(line):
    assert list(appended(f"from amparo.foundation.{line}('fly', 'x 1')")) == ["fly"]
