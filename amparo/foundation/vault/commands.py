"""`amparo keys roll` and `amparo keys keep`: the administrator's commands for keys and retention periods."""

from django.utils import timezone

from amparo.foundation.core.actor import WORKER, acting_as
from amparo.foundation.core.refusal import Misconfigured

from .key_rotation import rotate_keys
from .models import Retention
from .wrapping import WrappingKeyMissing


def rotate_now() -> None:
    """Rotate the key-encryption keys at once, as after a theft; the worker does it each month.

    Raises `Misconfigured`, and destroys nothing, if a key that is still needed is missing.
    """
    try:
        rotated = rotate_keys(timezone.now())
    except WrappingKeyMissing as missing:
        raise Misconfigured(
            f"The key {missing} is not here, and it wraps keys that are still needed: bring back its folder, or set"
            " AMPARO_AGE_IDENTITY. Nothing was destroyed."
        ) from missing
    print(f"{rotated.copies} copies of data keys were wrapped anew; {rotated.destroyed} older keys are destroyed.")


def set_retention(kind: str, days: int) -> None:
    """Set how many days records of this class are kept after they are closed. Raises `Misconfigured`."""
    if days < 1:
        raise Misconfigured(
            "Write for how many days, 1 or more. What must go now is erased on the page of the contact."
        )
    with acting_as(WORKER):
        if not Retention.objects.filter(kind=kind).update(days=days):
            kinds = ", ".join(Retention.objects.order_by("kind").values_list("kind", flat=True))
            raise Misconfigured(f"There is no class of records named {kind}: write one of {kinds}.")
    print(f"{kind}: kept {days} days after it is closed.")
