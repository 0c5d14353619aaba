"""The dialogue tree of an invented person: their lines, and which act of the trainee leads to which step.

Chats and calls share it. Nothing here understands speech. In a call the person reacts to silence, to how long the
trainee speaks, and to what the trainee notes on the console.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from amparo.foundation.core.picklists import Picklist

START = "start"
STEMS = "|"  # stands between the stems of `Signal.HEARS`


class Signal(Picklist):
    """What leads from a step to another. If several happen at one moment, the first in this list counts."""

    HEARS = "hears", _("writes one of these words")
    NOTED = "noted", _("notes this on the console")
    LONG = "long", _("speaks for so many seconds")
    SILENT = "silent", _("is silent for so many seconds")
    ELSE = "else", _("has written or spoken, whatever it was")


class Mark(Picklist):
    """What a trainee notes on the console during a conversation."""

    SAFE_TO_TALK = "safe_to_talk", _("Safe to talk?")
    LIMITS = "limits", _("Limits explained")
    URGENCY = "urgency", _("How urgent")
    DANGER = "danger", _("Danger")


class End(Picklist):
    FINISHED = "finished", _("has said what they want")
    LEFT = "left", _("hangs up disappointed")


@dataclass(frozen=True)
class Moment:
    """What the trainee does at one moment of a conversation."""

    words: str = ""  # written; a call has none
    noted: frozenset[str] = frozenset()  # of `Mark`
    speaks: float = 0  # seconds since the trainee began to speak; 0: quiet
    silent: float = 0  # seconds in which nobody spoke
    turn_is_over: bool = False  # the trainee wrote, or spoke and stopped


@dataclass(frozen=True)
class Branch:
    signal: Signal
    value: str | float  # stems of words, a `Mark`, or seconds; "" for `ELSE`
    step: str  # name of the step to which it leads

    @property
    def label(self) -> str:
        """The signal with its value, in words."""
        value = Mark(str(self.value)).label if self.signal == Signal.NOTED else str(self.value).replace(STEMS, ", ")
        return f"{self.signal.label}: {value}" if value else str(self.signal.label)

    def is_taken(self, at: Moment) -> bool:
        match self.signal:
            case Signal.HEARS:
                plain = without_accents(at.words)
                return any(stem in plain for stem in str(self.value).split(STEMS))
            case Signal.NOTED:
                return self.value in at.noted
            case Signal.LONG:
                return at.speaks >= float(self.value)
            case Signal.SILENT:
                return at.silent >= float(self.value)
        return at.turn_is_over


@dataclass(frozen=True)
class Step:
    """What the person says at one point. Without branches and end it is said in passing: the step before goes on."""

    says: tuple[str, ...]
    branches: tuple[Branch, ...] = ()
    end: str = ""  # of `End`; blank: the conversation goes on

    def branch_at(self, at: Moment) -> Branch | None:
        """Return the branch that is taken at this moment. None: the person waits."""
        return next((each for each in self.branches if each.is_taken(at)), None)

    @property
    def end_label(self) -> str:
        return str(End(self.end).label) if self.end else ""

    @property
    def is_in_passing(self) -> bool:
        return not self.branches and not self.end


def steps_of(given: Mapping[str, Any]) -> dict[str, Step]:
    """Return the steps of a course, by name.

    The branches of the entry `always` are added to every step that has branches, but none with the same signal.
    Raises `ValueError`, with a sentence, for an incoherent tree.
    """
    always: Mapping[str, Any] = given.get("always", {})
    steps = {name: _step(each, always) for name, each in given["step"].items()}
    if START not in steps:
        raise ValueError(str(_("The tree has no first step.")))
    for name, step in steps.items():
        if not step.says:
            raise ValueError(str(_("In the step “%s” the person says nothing.")) % name)
        for branch in step.branches:
            if branch.step not in steps:
                raise ValueError(str(_("“%s” leads to a step that does not exist.")) % name)
    if not any(step.end == End.FINISHED for step in steps.values()):
        raise ValueError(str(_("The tree has no end at which the person has said what they want.")))
    return steps


def without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _step(given: Mapping[str, Any], always: Mapping[str, Any]) -> Step:
    if given.get("branches") is not None:
        branches = [Branch(Signal(signal), value, step) for signal, value, step in given["branches"]]
    else:
        branches = [
            Branch(signal, value, step)
            for signal in Signal
            for step, value in _next_steps(given, signal, always).items()
        ]
    return Step(tuple(given["says"]), tuple(branches), given.get("end", ""))


def _next_steps(given: Mapping[str, Any], signal: Signal, always: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the branches of a step with this signal, else those of `always`: next step -> value of the signal."""
    if signal == Signal.ELSE:
        return {given["else"]: ""} if "else" in given else {}
    has_branches = any(each in given for each in Signal.values)
    found: Mapping[str, Any] = given.get(signal, always.get(signal, {}) if has_branches else {})
    return found
