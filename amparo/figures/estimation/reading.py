"""An estimate for reading: the package's numbers, with its sentences in the reader's language."""

from dataclasses import dataclass
from typing import Any

from django.utils.html import escape
from django.utils.translation import gettext as _

LOWEST = 10  # the lowest end is rounded down to a multiple of it
TOO_LOW = "If some people are harder to see than others, this is too low."  # of `amparo_estimation.words`


@dataclass(frozen=True)
class ReadableEstimate:
    drawn: dict[str, Any]  # as page_content.py makes it

    @property
    def verdict(self) -> str:
        return _(self.drawn["verdict"])

    @property
    def too_low(self) -> str:
        return _(TOO_LOW)

    @property
    def warnings(self) -> list[str]:
        """All but the first one, which stands above them in larger letters."""
        return [_(sentence) for sentence in self.drawn["warnings"] if sentence != TOO_LOW]

    @property
    def drawings(self) -> Any:
        drawn = self.drawn["drawings"]
        single = {name: _translate_note(drawing) for name, drawing in drawn.items() if name != "resamples"}
        resamples = [{**it, "drawing": _translate_note(it["drawing"])} for it in drawn["resamples"]]
        return {**single, "resamples": resamples}

    @property
    def chains(self) -> Any:
        chains = self.drawn["chains"]
        return chains and {**chains, "drawing": _translate_note(chains["drawing"])}

    @property
    def curves(self) -> list[dict[str, Any]]:
        """The estimate over odds ratios and shares, with words. Empty: it is an older one, or there is no result."""
        words = {
            "ratios": {
                "title": _("If lists lead people to each other"),
                "head": _("Odds ratio"),
                "axis": _(
                    "From left to right: the odds ratio between each two lists that the model does not join. At 1 they"
                    " are unrelated. At 2 somebody on one list has twice the odds of being on the other."
                ),
                "shaded": _("The interval is of one model: it does not hold the doubt about the choice of the model."),
            },
            "shares": {
                "title": _("If some people are beyond all lists"),
                "head": _("Share that no list could see"),
                "axis": _("From left to right: the share of all people whom no list could ever see."),
                "shaded": "",
            },
        }
        curves = self.drawn.get("curves", ())
        return [{**it, **words[it["over"]], "drawing": _translate_note(it["drawing"])} for it in curves]

    @property
    def lowest(self) -> int | None:
        """The lowest end of all intervals, rounded down. None: there is no interval."""
        lowest = self.drawn.get("lowest")  # an older estimate has none
        return None if lowest is None else int(lowest // LOWEST * LOWEST)

    @property
    def at_least(self) -> list[float] | None:
        """Chao's lower bound between the ends of its interval. None: there is none."""
        return self.drawn["range"].get("at_least")  # type: ignore[no-any-return]

    @property
    def results(self) -> list[dict[str, Any]]:
        return [{**it, "flags": [_(flag) for flag in it["flags"]]} for it in self.drawn["results"]]

    @property
    def range_within_2_bic(self) -> list[float] | None:
        """Lowest and highest estimate of the models whose BIC is less than 2 above the best. None: there is none."""
        return self.drawn["range"]["dbic2"]  # type: ignore[no-any-return]

    @property
    def range_within_6_bic(self) -> list[float] | None:
        """Lowest and highest estimate of the models whose BIC is less than 6 above the best. None: there is none."""
        return self.drawn["range"]["dbic6"]  # type: ignore[no-any-return]

    @property
    def union_of_intervals(self) -> tuple[float, float] | None:
        """From the lowest to the highest end of all intervals. None: there is no interval."""
        ends = [end for it in self.drawn["results"] if it["interval"] for end in it["interval"]]
        return (min(ends), max(ends)) if ends else None


def _translate_note(drawing: str) -> str:
    """Return an SVG whose sentence, the only one that it holds, is in the reader's language."""
    return drawing.replace(escape(TOO_LOW), escape(_(TOO_LOW)))
