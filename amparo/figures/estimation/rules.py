"""What may be done with estimates: ask for one, and discard it."""

from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.core.refusal import Refused

from . import tasks
from .models import Estimate

if TYPE_CHECKING:
    from amparo_estimation import Lists

LARGEST_FILE = 1_000_000  # bytes
NOT_INSTALLED = (  # as on the page (estimates.html)
    "Estimates are computed by an extra that is not installed: whoever keeps this installation types"
    " “make .venv/estimation” (or “pip install 'amparo[estimation]'”) and starts Amparo again."
)


def is_installed() -> bool:
    return find_spec("amparo_estimation") is not None


def public_data_sets() -> list[str]:
    """Names of the public data sets that come with the package, to try it."""
    spec = find_spec("amparo_estimation")
    folders = spec.submodule_search_locations if spec and spec.submodule_search_locations else []
    return sorted(path.stem for folder in folders for path in (Path(folder) / "datasets").glob("*.csv"))


@action(permissions.publish, label=gettext_lazy("asked for an estimate of hidden people"))
def ask_for_estimate(title: str, text: str, resamples: int, seed: int, *, by: User, now: datetime) -> Estimate:
    """Read lists from CSV text, and let the worker estimate how many people are on none of them.

    Raises `Refused` if `text` has no such lists, or if the extra `estimation` is not installed.
    """
    lists = _parse_lists(text)
    counts = {str(cell): people for cell, people in lists.histories}
    made = Estimate.objects.create(
        title=title, lists={"names": list(lists.names), "counts": counts}, resamples=resamples, seed=seed,
        made_at=now, made_by=by,
    )  # fmt: skip
    tasks.estimate.defer(pk=made.pk)
    return made


@action(permissions.publish, label=gettext_lazy("threw an estimate of hidden people away"))
def discard_estimate(estimate: Estimate, *, by: User, now: datetime) -> Estimate:
    """Discard an estimate with its lists."""
    Estimate.objects.filter(pk=estimate.pk).delete()
    return estimate


def _parse_lists(text: str) -> "Lists":
    if not is_installed():
        raise Refused(_(NOT_INSTALLED))
    from amparo_estimation import BadLists, parse_lists

    try:
        return parse_lists(text)
    except BadLists as wrong:
        raise Refused(_(wrong.sentence) % wrong.values) from wrong
