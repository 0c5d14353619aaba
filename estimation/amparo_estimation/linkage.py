"""Find the same person on two institutions' lists without exchanging names.

Each institution encodes its own list with a key that both share and the linkage unit does not have. The unit compares
the encodings. Who has the key must never have the encodings of another institution, and the unit destroys them after
the work: encodings of one key are open to frequency attacks (Kuzu and others 2011; Christen and others 2018).

A person becomes a Bloom filter of keyed hashes of the letter pairs of their fields (Schnell, Bachteler, Reiher 2009),
folded once by exclusive or, and a few keyed blocking keys. Only people who share a blocking key are compared.

The best threshold depends on the lists. Take it from pairs that somebody has checked, or from the lists themselves
(`threshold.py`), and estimate with one below and one above as well: a missed link raises the estimate of hidden people,
a false one lowers it.
"""

import hmac
import os
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from itertools import combinations
from typing import BinaryIO, Self

import numpy as np
from numpy.typing import NDArray

BITS = 2048  # before folding
HASHES = 12  # per letter pair
LARGEST_BLOCK = 100  # people of one list; larger blocks say too little, and are not compared
PREFIX = 4  # letters of a field in a blocking key
SHORTEST_KEY = 16  # bytes
ROWS_AT_A_TIME = 10_000
PAIRS_AT_A_TIME = 500_000

type Pairs = NDArray[np.int64]  # rows of (index in one list, index in the other)


@dataclass(frozen=True)
class EncodedList:
    """An encoded list, without names: what an institution sends to the linkage unit."""

    filters: NDArray[np.uint8]  # people by BITS / 2 / 8 bytes
    blocks: NDArray[np.uint64]  # people by blocking keys; 0: a field of the key is empty

    def __len__(self) -> int:
        return len(self.filters)

    def save(self, path: str | os.PathLike[str]) -> None:
        with open(path, "wb") as file:
            np.savez_compressed(file, filters=self.filters, blocks=self.blocks)

    @classmethod
    def load(cls, path: str | os.PathLike[str] | BinaryIO) -> Self:
        """Read a file that `save` wrote. Raises `ValueError`, and other errors, if it is no encoded list."""
        with np.load(path, allow_pickle=False) as file:
            found = cls(file["filters"], file["blocks"])
        kinds = [(it.dtype.name, it.ndim, len(it)) for it in (found.filters, found.blocks)]
        if kinds != [("uint8", 2, len(found)), ("uint64", 2, len(found))]:
            raise ValueError("These are not the arrays of an encoded list.")
        return found

    @property
    def unlinkable_people(self) -> int:
        """How many people have too few known fields for a blocking key. They are never linked."""
        return int((self.blocks == 0).all(axis=1).sum())


def encode(people: Sequence[Mapping[str, str]], fields: Sequence[str], key: bytes) -> EncodedList:
    """Encode people by these fields. Both lists must use the same fields in the same order, and the same key.

    Dates are written the same way on both lists, such as 1990-05-12. Raises `ValueError` for a short key.
    """
    if len(key) < SHORTEST_KEY:
        raise ValueError(f"The key has {len(key)} bytes: use at least {SHORTEST_KEY} random ones.")
    if not fields:
        raise ValueError("Name at least one field.")
    filters = np.empty((len(people), BITS // 16), np.uint8)
    blocks = np.zeros((len(people), _number_of_blocking_keys(fields)), np.uint64)
    hashes: dict[tuple[int, str], NDArray[np.int64]] = {}
    keys: dict[tuple[str, ...], int] = {}
    for start in range(0, len(people), ROWS_AT_A_TIME):
        some = [
            [normalised(person.get(field, "")) for field in fields] for person in people[start : start + ROWS_AT_A_TIME]
        ]
        filters[start : start + len(some)] = _bloom_filters(some, key, hashes)
        for row, texts in enumerate(some):
            for column, form in enumerate(_prefix_pairs(texts)):
                if all(form[1:]):
                    if form not in keys:
                        keys[form] = _blocking_key(key, "\0".join(form))
                    blocks[start + row, column] = keys[form]
    return EncodedList(filters, blocks)


@lru_cache(100_000)
def normalised(text: str) -> str:
    """Return the letters and digits of a text, as capitals without accents."""
    plain = unicodedata.normalize("NFKD", text.upper())
    return "".join(letter for letter in plain if letter.isalnum())


def _letter_pairs(text: str) -> list[str]:
    """Return the letter pairs of a text, ends included. Of digits, return each with its place: they have few pairs."""
    if text.isdigit():
        return [f"{place}{digit}" for place, digit in enumerate(text)]
    padded = f"_{text}_"
    return [padded[i : i + 2] for i in range(len(padded) - 1)] if text else []


def _bloom_filters(
    rows: list[list[str]], key: bytes, hashes: dict[tuple[int, str], NDArray[np.int64]]
) -> NDArray[np.uint8]:
    """Return the folded Bloom filter of each row. `hashes` remembers the bits of each letter pair."""
    at, positions = [], []
    for row, texts in enumerate(rows):
        for column, text in enumerate(texts):
            for gram in _letter_pairs(text):
                if (column, gram) not in hashes:
                    hashes[column, gram] = _bit_positions(key, f"{column}:{gram}")
                at.append(row)
                positions.append(hashes[column, gram])
    bits = np.zeros((len(rows), BITS), np.bool_)
    if at:
        bits[np.array(at)[:, None], np.array(positions)] = True
    return np.packbits(bits[:, : BITS // 2] ^ bits[:, BITS // 2 :], axis=1)


def _bit_positions(key: bytes, gram: str) -> NDArray[np.int64]:
    digest = hmac.digest(key, f"filter:{gram}".encode(), sha256)
    return np.frombuffer(digest[: 2 * HASHES], np.uint16).astype(np.int64) % BITS


def _blocking_key(key: bytes, form: str) -> int:
    """Return the keyed hash of a blocking form: 64 bits, never 0."""
    return int.from_bytes(hmac.digest(key, f"block:{form}".encode(), sha256)[:8], "big") or 1


def _prefix_pairs(texts: list[str]) -> list[tuple[str, ...]]:
    """Return the beginnings of every pair of fields. An error in one field leaves the pairs of the others intact."""
    short = [text if text.isdigit() else text[:PREFIX] for text in texts]
    if len(short) == 1:
        return [("0", short[0])]
    return [(f"{i},{j}", short[i], short[j]) for i, j in combinations(range(len(short)), 2)]


def _number_of_blocking_keys(fields: Sequence[str]) -> int:
    return max(len(fields) * (len(fields) - 1) // 2, 1)


def candidate_pairs(one: EncodedList, other: EncodedList) -> tuple[Pairs, NDArray[np.float64]]:
    """Return the pairs of people that share a blocking key, and how alike they are (Dice, from 0 to 1)."""
    size = np.int64(max(len(other), 1))
    found: NDArray[np.int64] = np.zeros(0, np.int64)
    for column in range(one.blocks.shape[1]):
        i, j = _pairs_with_same_key(one.blocks[:, column], other.blocks[:, column])
        found = np.union1d(found, i * size + j)
    pairs = np.stack([found // size, found % size], axis=1)
    return pairs, _dice_similarities(one, other, pairs)


def link(one: EncodedList, other: EncodedList, threshold: float) -> Pairs:
    """Link two lists one to one, by pairs at least as alike as `threshold`. Returns the links, the most alike first."""
    pairs, alike = candidate_pairs(one, other)
    return one_to_one_links(pairs, alike, threshold)


def one_to_one_links(pairs: Pairs, alike: NDArray[np.float64], threshold: float) -> Pairs:
    """Return the links: pairs at least as alike as `threshold`, best first, each person in one of them at most."""
    taken_one: set[int] = set()
    taken_other: set[int] = set()
    links: list[tuple[int, int]] = []
    order = np.lexsort((pairs[:, 1], pairs[:, 0], -alike))
    for i, j in pairs[order[: int((alike >= threshold).sum())]].tolist():
        if i not in taken_one and j not in taken_other:
            taken_one.add(i)
            taken_other.add(j)
            links.append((i, j))
    return np.array(links, np.int64).reshape(-1, 2)


def capture_histories(lists: Sequence[EncodedList], threshold: float) -> dict[int, int]:
    """Return how many people have each history: bit i of a history says that the person is on list i.

    The lists are linked two by two, and links join people into groups, the most alike first. A link that would put two
    people of one list into a group is dropped.
    """
    starts = np.cumsum([0, *map(len, lists)])
    group = list(range(int(starts[-1])))
    history = [1 << number for number, it in enumerate(lists) for _person in range(len(it))]

    def first_of(person: int) -> int:
        while group[person] != person:
            group[person] = person = group[group[person]]
        return person

    for person, other in _all_links(lists, starts.tolist(), threshold):
        a, b = first_of(person), first_of(other)
        if not history[a] & history[b]:
            group[b] = a
            history[a] |= history[b]
    return dict(Counter(history[person] for person in range(len(group)) if group[person] == person))


def _all_links(lists: Sequence[EncodedList], starts: list[int], threshold: float) -> list[tuple[int, int]]:
    """Return the links of every pair of lists, the most alike first. A person is an index into the joined lists."""
    found: list[tuple[float, int, int]] = []
    for (a, one), (b, other) in combinations(enumerate(lists), 2):
        pairs, alike = candidate_pairs(one, other)
        how_alike = dict(zip(map(tuple, pairs.tolist()), alike.tolist(), strict=True))
        links = one_to_one_links(pairs, alike, threshold).tolist()
        found += [(-how_alike[i, j], starts[a] + i, starts[b] + j) for i, j in links]
    return [(person, other) for _alike, person, other in sorted(found)]


def _pairs_with_same_key(
    one: NDArray[np.uint64], other: NDArray[np.uint64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return all pairs of rows with the same key, except key 0 and keys that more than `LARGEST_BLOCK` rows share."""
    order_one, order_other = np.argsort(one, kind="stable"), np.argsort(other, kind="stable")
    keys, starts, counts = np.unique(one[order_one], return_index=True, return_counts=True)
    left = np.searchsorted(other[order_other], keys, "left")
    many = np.searchsorted(other[order_other], keys, "right") - left
    used = (keys != 0) & (many > 0) & (counts <= LARGEST_BLOCK) & (many <= LARGEST_BLOCK)
    starts, counts, left, many = starts[used], counts[used], left[used], many[used]
    sizes = counts * many
    within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    across = np.repeat(many, sizes)
    rows = np.repeat(starts, sizes) + within // across
    columns = np.repeat(left, sizes) + within % across
    return order_one[rows], order_other[columns]


def _dice_similarities(one: EncodedList, other: EncodedList, pairs: Pairs) -> NDArray[np.float64]:
    ones, others = (np.bitwise_count(it.filters).sum(1, dtype=np.int64) for it in (one, other))
    alike = np.empty(len(pairs))
    for start in range(0, len(pairs), PAIRS_AT_A_TIME):
        i, j = pairs[start : start + PAIRS_AT_A_TIME].T
        both = np.bitwise_count(one.filters[i] & other.filters[j]).sum(1, dtype=np.int64)
        alike[start : start + len(i)] = 2 * both / np.maximum(ones[i] + others[j], 1)
    return alike
