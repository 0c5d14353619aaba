"""Names are standard terms: STYLE.md, 3."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
NONSTANDARD = {"told", "said", "asked", "held", "whole", "way", "knot", "cord"}


def nonstandard_names() -> list[str]:
    """Return the place and name of each definition, in all Python files, whose name is one of these words."""
    files = subprocess.check_output(["git", "ls-files", "*.py"], text=True, cwd=ROOT).split()
    existing = (path for path in files if (ROOT / path).exists())
    return [f"{path}:{place}" for path in existing for place in nonstandard_in((ROOT / path).read_text())]


def nonstandard_in(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        for name in defined_by(node):
            if name.strip("_").lower() in NONSTANDARD:
                yield f"{getattr(node, 'lineno', 0)} {name}"


def defined_by(node: ast.AST) -> list[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
            return [name]
        case ast.alias(asname=str(name)) | ast.MatchAs(name=str(name)):
            return [name]
    return []


def test_no_name_is_a_word_that_has_a_standard_term():
    assert nonstandard_names() == []


def test_the_control_each_kind_of_definition_is_found():
    source = """
import os as way
def told(said, *, asked: int) -> None: ...
class Held:
    WHOLE = "whole"
type Way = int
def fine():
    _told = 1
    self.held = [said for said in ()]
    match 1:
        case way: ...
"""
    assert len(list(nonstandard_in(source))) == 11
    assert not list(nonstandard_in("def held_by(call): call.is_asked = 'told'\nprint(way.held)"))
