"""How many people no list has seen: multiple systems estimation that shows its doubts."""

from .estimate import Estimate, NotBuilt, Result, estimate
from .lists import BadLists, Lists, data_set, data_sets, parse_lists, read_lists

__all__ = [
    "BadLists", "Estimate", "Lists", "NotBuilt", "Result",
    "data_set", "data_sets", "estimate", "parse_lists", "read_lists",
]  # fmt: skip
