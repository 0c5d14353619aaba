"""The phrases by which a sign of trafficking is recognised in notes. They suggest a sign; a person ticks it.

A phrase is some words in this order in one sentence, with at most a few others between. `a|b` is a or b, and `quit*`
any word that begins with "quit"; capitals and accents do not count. `-a|b` at the end: neither is in the sentence.
"""

import functools
import json
from dataclasses import dataclass

from django.utils.text import capfirst

from . import indicators
from .answers import ITEMS
from .indicators import DATA


@dataclass(frozen=True)
class Sign:
    """One item of the screening that notes may suggest."""

    key: str  # of the item: "means.threat"
    label: str  # in the reader's language
    phrases: list[str]


def signs_with_phrases() -> list[Sign]:
    """Return every item that has phrases, in the order of the file."""
    signs = indicators.indicators_by_key()
    labels = {key: sign.local_label for key, sign in signs.items()} | _legal_labels()
    return [Sign(key, labels[key], phrases) for key, phrases in _phrases().items()]


def _legal_labels() -> dict[str, str]:
    """Return the labels of the items of the legal test, each after its element: "Means: threat"."""
    return {
        f"{element}.{item}": f"{capfirst(element.label)}: {label}"
        for element, items in ITEMS.items() for item, label in items.choices
    }  # fmt: skip


@functools.cache
def _phrases() -> dict[str, list[str]]:
    """Return the phrases of each item, by the item's key."""
    found: dict[str, list[str]] = json.loads((DATA / "words.json").read_text())
    return found
