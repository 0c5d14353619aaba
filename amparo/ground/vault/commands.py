"""`amparo keys roll`: what the administrator does with the key-encryption keys by hand."""

from django.utils import timezone

from amparo.ground.core.environment import Misconfigured

from .rolling import roll
from .wrapping import Gone


def roll_now() -> None:
    """Begin a new period at once, as after a theft; the worker does it each month."""
    try:
        rolled = roll(timezone.now())
    except Gone as missing:
        raise Misconfigured(
            f"The key {missing} is not here, and it wraps keys that are still needed: bring back its folder, or set"
            " AMPARO_AGE_IDENTITY. Nothing was destroyed."
        ) from missing
    print(f"{rolled.copies} copies of data keys were wrapped anew; {rolled.destroyed} older keys are destroyed.")
