"""Courses: an invented person with a dialogue tree, a lesson, a quiz, and the certificate that the practice gives."""

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from amparo.line.roster.models import Queue
from amparo.line.switchboard.models import Language

from .quiz import Question, in_language, questions_of
from .tree import Step, steps_of

OWN_VOICE = "own"  # the hotline records every line
VOICES = Path(__file__).parent / "voices"  # lines of practice calls; some voices also speak in the demonstration


@dataclass(frozen=True)
class Course:
    code: str
    titles: dict[str, str]  # by language
    abouts: dict[str, str]
    persona: str
    language: Language
    queue: Queue | None  # what the certificate permits; None: this practice gives none
    days: int  # for which the certificate is valid
    pass_mark: int  # points of 100
    expected: dict[str, str]  # field of the contact -> its right value
    steps: dict[str, Step]
    caller: str  # whose voice speaks, by id (voices/callers.toml), or `OWN_VOICE`; blank: somebody writes
    recorded: Mapping[str, bytes] = field(default_factory=dict)  # by the hotline itself: line -> µ-law
    is_offered: bool = True
    lessons: Mapping[str, str] = field(default_factory=dict)  # by language; empty: there is none
    questions: tuple[Question, ...] = ()  # of the quiz; empty: there is none
    quiz_mark: int = 80  # right answers of a hundred that pass it

    @property
    def title(self) -> str:
        return in_language(self.titles)

    @property
    def about(self) -> str:
        return in_language(self.abouts)

    @property
    def lesson(self) -> str:
        """Return the text of the lesson: paragraphs and lists. Blank: the course has no lesson."""
        return in_language(self.lessons) if self.lessons else ""

    @property
    def lines(self) -> list[str]:
        """All lines that the invented person can say, in the order of the steps."""
        return [line for step in self.steps.values() for line in step.says]

    def sound(self, line: str) -> bytes | None:
        """Return the sound of a line in µ-law. None: nobody has recorded it."""
        if line in self.recorded:
            return self.recorded[line]
        return sound_of(self.caller, line)

    @property
    def silent_lines(self) -> list[str]:
        """The lines of a practice call that have no recording. Empty for a practice chat."""
        return [line for line in self.lines if not self.sound(line)] if self.caller else []


@functools.cache
def course_entries() -> dict[str, dict[str, Any]]:
    """Return the entries of courses.toml, by code: the courses that Amparo ships, as they are written."""
    found = tomllib.loads((Path(__file__).parent / "courses.toml").read_text(encoding="utf-8"))["course"]
    return {each["code"]: each for each in found}


@functools.cache
def courses() -> dict[str, Course]:
    """Return the shipped courses by code. Raises `ValueError` for an incoherent tree."""
    return {code: course_of(each) for code, each in course_entries().items()}


@functools.cache
def voice_names() -> dict[str, str]:
    """Return the names of the shipped voices, by id."""
    from amparo.line.practice_phone.voices.callers import callers  # late: it brings NumPy

    return {id: who.name for id, who in callers(VOICES).items()}


def course_of(given: dict[str, Any]) -> Course:
    """Build a course from an entry of courses.toml, or from a dictionary of that form made of an `OwnCourse`.

    Raises `ValueError` for an incoherent tree.
    """
    queue = given.get("queue")
    return Course(
        given["code"], given["title"], given["about"], given["persona"], Language(given["language"]),
        Queue(queue) if queue else None, given.get("days", 0), given["pass_mark"],
        {"caller_role": given["role"], "type": given["type"], "urgency": given["urgency"]}, steps_of(given),
        given.get("caller", ""), given.get("recorded", {}), given.get("is_offered", True), given.get("lesson", {}),
        questions_of(given.get("question", ())), given.get("quiz_mark", 80),
    )  # fmt: skip


@functools.cache
def sound_of(caller: str, line: str) -> bytes | None:
    """Return the sound of a line in the shipped voice with the id `caller`, in µ-law.

    None: the voice has not recorded the line, or there is no such voice.
    """
    from amparo.line.practice_phone.voices.callers import FOLDER, callers  # as above

    known = [who for folder in (VOICES, FOLDER) if (who := callers(folder).get(caller))]
    return next((sound for who in known if (sound := who.speak(line))), None)
