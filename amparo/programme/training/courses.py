"""Courses, read from `courses.toml`: an invented person with a tree of steps, and what the practice is worth."""

import functools
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import get_language

from amparo.line.roster.models import Queue
from amparo.line.switchboard.models import Language

START, END = "start", "end"


@dataclass(frozen=True)
class Step:
    """What the person says, and which words of the operator lead where. Without `hears` the chat is at its end."""

    says: tuple[str, ...]
    hears: dict[str, re.Pattern[str]]
    otherwise: str

    @property
    def is_end(self) -> bool:
        return not self.hears

    def after(self, text: str) -> str:
        """The name of the next step, after the operator wrote `text`."""
        plain = without_accents(text)
        return next((step for step, words in self.hears.items() if words.search(plain)), self.otherwise)


@dataclass(frozen=True)
class Course:
    code: str
    titles: dict[str, str]  # by language
    abouts: dict[str, str]
    persona: str
    language: Language
    queue: Queue  # what the certificate permits
    days: int  # for which the certificate is valid
    pass_mark: int  # points of 100
    expected: dict[str, str]  # field of the contact -> its right value
    steps: dict[str, Step]  # of a chat
    caller: str  # who calls, by id (demo/voices/callers.toml); blank: somebody writes

    @property
    def title(self) -> str:
        return _in_language(self.titles)

    @property
    def about(self) -> str:
        return _in_language(self.abouts)


@functools.cache
def courses() -> dict[str, Course]:
    """All courses by code. Raises KeyError if a step leads to one that does not exist."""
    found = tomllib.loads((Path(__file__).parent / "courses.toml").read_text())["course"]
    return {each["code"]: _course(each) for each in found}


def without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _course(given: dict[str, Any]) -> Course:
    steps = {name: _step(step) for name, step in given.get("step", {}).items()}
    for step in steps.values():
        for name in (*step.hears, *([step.otherwise] if step.otherwise else ())):
            steps[name]
    return Course(
        given["code"], given["title"], given["about"], given["persona"], Language(given["language"]),
        Queue(given["queue"]), given["days"], given["pass_mark"],
        {"caller_role": given["role"], "type": given["type"], "urgency": given["urgency"]}, steps,
        given.get("caller", ""),
    )  # fmt: skip


def _step(given: dict[str, Any]) -> Step:
    hears = {step: re.compile(words) for step, words in given.get("hears", {}).items()}
    return Step(tuple(given["says"]), hears, given.get("else", ""))


def _in_language(texts: dict[str, str]) -> str:
    return texts["en" if get_language() == "en" else "es"]
