"""`amparo doctor`: the checks of the page *Installation* in a terminal, also while no page opens."""

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amparo.foundation.core.production import Weakness

from .part import GREEN, RED
from .rules import parts


def doctor(language: str, weaknesses: list[Weakness]) -> int:
    """Print each part in this language, and what to do where it is not well. Returns 1 if a part does not work."""
    with translation.override(language):
        found = parts(timezone.now())
        verdicts = [part.verdict for part in found]
        weak = _("weak")
        width = max(len(word) for word in (*verdicts, weak))
        for part, verdict in zip(found, verdicts, strict=True):
            print(f"{verdict:{width}}  {part.name}: {part.words}")
            if part.remedy:
                print(f"{'':{width}}  → {part.remedy}")
        for weakness in weaknesses:
            print(f"{weak:{width}}  {weakness.what}\n{'':{width}}  → {weakness.remedy}")
        unwell = [part for part in found if part.light != GREEN]
        broken = [part for part in unwell if part.light == RED]
        print(_summary(len(unwell), len(broken)))
    return 1 if broken else 0


def _summary(unwell: int, broken: int) -> str:
    if broken:
        words = ngettext("%(n)s part does not work.", "%(n)s parts do not work.", broken)
        return words % {"n": broken}
    if unwell:
        words = ngettext(
            "The line answers. %(n)s thing to look at.", "The line answers. %(n)s things to look at.", unwell
        )
        return words % {"n": unwell}
    return _("The line answers, and all is well.")
