"""How many people no list has seen: multiple systems estimation that shows its uncertainty."""

from typing import TYPE_CHECKING, Any

from .lists import BadLists, Lists, data_set, data_set_names, parse_lists, read_lists

if TYPE_CHECKING:
    from .estimator import Estimate, Result, Unsupported, estimate

__all__ = [
    "BadLists",
    "Estimate",
    "Lists",
    "Result",
    "Unsupported",
    "data_set",
    "data_set_names",
    "estimate",
    "parse_lists",
    "read_lists",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import the estimator when it is first used: its compiler takes a second, and to read lists does not need it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import estimator

    return getattr(estimator, name)
