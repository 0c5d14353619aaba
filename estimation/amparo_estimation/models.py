"""All hierarchical models of some lists, and how a model is written: [12,3]."""

from functools import cache
from itertools import combinations

import numpy as np

from .loglinear import Terms

MOST_MODELS = 40_000


class TooManyModels(ValueError):
    """There are too many models to try them all."""


def main_effects(k: int) -> Terms:
    """Return the terms of the smallest model of k lists: the intercept and each list alone."""
    return np.array([0, *(1 << i for i in range(k))], dtype=np.int64)


def pair_terms(k: int) -> Terms:
    """Return a term for each pair of k lists."""
    return np.array([(1 << i) | (1 << j) for i, j in combinations(range(k), 2)], dtype=np.int64)


@cache
def hierarchical_models(k: int, order: int) -> tuple[Terms, ...]:
    """Return all models of k lists that have every list, and whose terms join at most `order` lists and fewer than k.

    A model that has a term has all terms within it. Raises `TooManyModels`.
    """
    order = min(order, k - 1)
    if (order == 2 and 2 ** len(pair_terms(k)) > MOST_MODELS) or (order > 2 and k > 5):
        raise TooManyModels
    found = {frozenset(main_effects(k).tolist())}
    for size in range(2, order + 1):
        joined = [sum(1 << i for i in each) for each in combinations(range(k), size)]
        for base in list(found):
            possible = [t for t in joined if all((t & ~(1 << i)) in base for i in range(k) if t >> i & 1)]
            for many in range(1, len(possible) + 1):
                found.update(base | frozenset(more) for more in combinations(possible, many))
    return tuple(sorted((ordered_terms(terms) for terms in found), key=lambda terms: (len(terms), terms.tolist())))


def ordered_terms(terms: frozenset[int] | list[int]) -> Terms:
    """Return the terms by number of lists: the intercept first."""
    return np.array(sorted(terms, key=lambda term: (term.bit_count(), term)), dtype=np.int64)


def model_name(terms: Terms, k: int) -> str:
    """Write a model by its largest terms: [12,3] has the lists 1, 2 and 3, and the pair of 1 and 2."""
    all_of_it = [int(term) for term in terms if term]
    largest = [t for t in all_of_it if not any(other != t and other & t == t for other in all_of_it)]
    return "[" + ",".join(sorted("".join(str(i + 1) for i in range(k) if t >> i & 1) for t in largest)) + "]"


def model_terms(name: str) -> Terms:
    """Return the terms of a model, given its name: `model_name` writes it."""
    found = {0}
    for generator in name.strip("[]").split(","):
        lists = [int(digit) - 1 for digit in generator]
        for many in range(1, len(lists) + 1):
            found.update(sum(1 << i for i in each) for each in combinations(lists, many))
    return ordered_terms(frozenset(found))
