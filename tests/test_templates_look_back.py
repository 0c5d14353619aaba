"""Templates and SQL name only rooms below their own, in the order of tests/test_imports.py."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from tests.test_imports import AMPARO, ORDER, package_of, room_of

# The frame of every staff page shows the bar, whose counts the home knows.
FRAME = ("foundation.core", "screens.home")


def room_of_file(path: Path) -> str | None:
    return room_of(package_of(path))


def templates() -> dict[str, Path]:
    """Each template of ours, by the name under which another includes it."""
    files = [path for path in AMPARO.glob("**/templates/**/*") if path.is_file()]
    return {path.as_posix().partition("/templates/")[2]: path for path in files}


def libraries() -> dict[str, str | None]:
    return {path.stem: room_of_file(path) for path in AMPARO.glob("**/templatetags/*.py")}


def tables() -> dict[str, str | None]:
    models = apps.get_models(include_auto_created=True)
    return {model._meta.db_table: room_of(model._meta.app_config.name) for model in models}


def rooms_of_template(source: str) -> Iterator[str | None]:
    """The room of each template and tag library that a template names."""
    names, known, tags = templates(), libraries(), re.findall(r"{%\s*load\s+(.+?)\s*%}", source)
    yield from (known.get(name) for tag in tags for name in tag.rpartition(" from ")[2].split())
    used = re.findall(r"""{%\s*(?:include|extends)\s+["']([^"']+)""", source)
    yield from (room_of_file(names[name]) for name in used if name in names)


def rooms_of_sql(source: str) -> Iterator[str | None]:
    words = set(re.findall(r"\w+", re.sub(r"--.*", "", source)))
    yield from (room for table, room in tables().items() if table in words)


def forward(here: str | None, rooms: Iterator[str | None]) -> set[tuple[str, str]]:
    """The pairs of a room and another that stands above it. A room without a place in the order is free."""
    if here is None:
        return set()
    return {(here, room) for room in rooms if room and ORDER.index(room) > ORDER.index(here)}


def test_a_template_names_only_rooms_below_its_own():
    found = [forward(room_of_file(path), rooms_of_template(path.read_text())) for path in templates().values()]
    assert len(found) > 300  # they were read
    assert set().union(*found) == {FRAME}


def test_tags_that_need_no_loading_are_the_foundations_and_the_frames():
    [builtins] = [engine["OPTIONS"]["builtins"] for engine in settings.TEMPLATES if "builtins" in engine["OPTIONS"]]
    rooms = {room_of(name) for name in builtins if name.startswith("amparo.")}
    assert {room for room in rooms if room and not room.startswith("foundation.")} == {FRAME[1]}


def test_sql_names_only_tables_of_rooms_below_its_own():
    found = [forward(room_of_file(path), rooms_of_sql(path.read_text())) for path in AMPARO.glob("**/sql/**/*.sql")]
    assert len(found) > 20
    assert set().union(*found) == set()


@pytest.mark.parametrize(
    "tag", ["{% load console %}", '{% include "demo/telephone.html" %}', "{% extends 'desk/panel.html' %}"]
)
def test_a_template_that_looks_forward_is_found(tag):
    assert forward("line.contacts", rooms_of_template(tag))
    assert not forward("demo", rooms_of_template(tag))


def test_sql_that_looks_forward_is_found():
    assert forward("line.contacts", rooms_of_sql("select 1 from cases_case -- of care")) == {
        ("line.contacts", "care.cases")
    }
    assert not forward("line.contacts", rooms_of_sql("select 1 -- from cases_case"))
