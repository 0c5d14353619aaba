"""An estimate for reading: the package's numbers, with its sentences in the reader's language."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _


@dataclass(frozen=True)
class ReadableEstimate:
    drawn: dict[str, Any]  # as page_content.py makes it

    @property
    def verdict(self) -> str:
        return _(self.drawn["verdict"])

    @property
    def warnings(self) -> list[str]:
        return [_(sentence) for sentence in self.drawn["warnings"]]

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
