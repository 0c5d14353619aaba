"""A list that grows has codes that are no member of its enumeration: no room may turn a code into one."""

import ast
from collections.abc import Iterator
from pathlib import Path

from amparo.foundation.core.picklists import LINE_LISTS

AMPARO = Path(__file__).parents[3]
GROWS = {words.__name__ for words, of_line in LINE_LISTS.items() if of_line.grows}
NEEDS_MEMBERS = {"choices", "labels"}  # they leave added words out; `options`, `offered` and `choice_field` have them


def faults(source: str) -> Iterator[int]:
    """Yield the lines that need a member of a list that grows."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _name(node.func) in GROWS:
            yield node.lineno
        if isinstance(node, ast.Attribute) and node.attr in NEEDS_MEMBERS and _name(node.value) in GROWS:
            yield node.lineno


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def test_no_room_turns_a_code_into_a_member():
    files = [it for it in AMPARO.rglob("*.py") if not {"tests", "migrations", "demo"} & {*it.parts}]
    assert len(files) > 400
    assert [f"{it.relative_to(AMPARO)}:{line}" for it in files for line in faults(it.read_text())] == []


def test_such_a_line_is_found():
    """The control."""
    source = "a = HeardOfUs(code).label\nb = picklists.Skill.choices\nc = Closing.SAFE, Closing.options, Other(code)"
    assert sorted(faults(source)) == [1, 2]
