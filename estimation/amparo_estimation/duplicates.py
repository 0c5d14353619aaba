"""The command `amparo figures duplicates LIST.csv`: an institution finds duplicates in its own list.

It reads names in clear, so it runs on the institution's own machine; two institutions compare encodings (linkage.py).
Splink learns from the list itself how often a field agrees in two rows of one person, and in rows of two people
(Fellegi and Sunter 1969). The output holds only numbers of rows: a reader of the list looks at both rows, and decides.
The command needs the extra `splink`.
"""

import argparse
import csv
import logging
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import combinations
from math import comb
from pathlib import Path
from typing import Any

from .encoding import BadList, read_people
from .linkage import normalised

MISTYPED = [1, 2]  # letters in which two words differ that may still be one
RANDOM_PAIRS = 1_000_000  # from which it learns how often two people agree
WITHOUT_MISTAKES = 0.7  # the share of duplicates that agree in all fields, to begin with

type Pair = tuple[int, int, float]  # two rows, and the probability that they are one person


def main(arguments: Sequence[str] | None = None, program: str = "amparo-duplicates") -> int:
    """Run the command with these arguments, or those of the process. Returns its exit code."""
    parser = argparse.ArgumentParser(prog=program, description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("list", metavar="LIST.csv", help="one row per person, the first row names the columns")
    parser.add_argument("--fields", required=True, metavar="A,B,C", help="columns to compare: two or more")
    parser.add_argument("--least", type=float, default=0.5, metavar="P", help="probability of a pair; 0.5 without it")
    parser.add_argument("--out", required=True, metavar="PAIRS.csv", help="numbers of two rows, and the probability")
    given = parser.parse_args(arguments)
    try:
        fields = given.fields.split(",")
        people = read_people(Path(given.list), fields)
        pairs = likely_duplicates(people, fields, given.least)
        with open(given.out, "w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            rows.writerow(("row", "other_row", "probability"))
            rows.writerows((row, other, f"{probability:.4f}") for row, other, probability in pairs)
    except (BadList, OSError) as refusal:
        why = refusal if isinstance(refusal, BadList) else f"{refusal.filename}: {refusal.strerror}."
        print(why, file=sys.stderr)
        return 2
    print(f"{len(people)} people, {len(pairs)} pairs that may be one person: look at both rows before you join them.")
    return 0


def likely_duplicates(people: Mapping[int, Mapping[str, str]], fields: Sequence[str], least: float) -> list[Pair]:
    """Return pairs of rows that may be one person with at least this probability, the most probable first.

    Two rows are compared if they agree in two of the fields, or, if there are only two, in one. Raises `BadList`.
    """
    if len(fields) < 2:
        raise BadList("--fields names one column: name two or more, such as given name, surname and date of birth.")
    if not 0 < least < 1:
        raise BadList(f"--least is {least}: give a probability between 0 and 1.")
    try:
        import duckdb
        import pyarrow as pa
        from splink import DuckDBAPI, Linker, block_on
        from splink.internals.exceptions import EMTrainingException
    except ImportError as error:
        raise BadList("This needs the extra `splink`: install amparo-estimation[splink].") from error
    known = [[normalised(person[field]) or None for person in people.values()] for field in fields]
    if empty := [field for field, words in zip(fields, known, strict=True) if not any(words)]:
        raise BadList(f"The column {empty[0]} is empty: name others by --fields.")
    columns = [f"field_{place}" for place in range(len(fields))]
    table = pa.table([list(people), *known], names=["row", *columns])
    memory = duckdb.connect(config={"temp_directory": ""})  # no name is written to the disk
    rules = [block_on(*some) for some in combinations(columns, min(2, len(columns) - 1))]
    settings = _splink_settings(columns, _share_of_duplicates(known)) | {
        "blocking_rules_to_generate_predictions": rules
    }
    linker = Linker(DuckDBAPI(memory).register(table), settings, log_level=logging.ERROR)
    linker.training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=1)
    learnt = 0
    for rule in rules:
        with suppress(EMTrainingException):  # no two rows agree in these fields
            linker.training.estimate_parameters_using_expectation_maximisation(rule)
            learnt += 1
    if not learnt:
        return []
    found = linker.inference.predict(threshold_match_probability=least).as_record_list()
    pairs = [(*sorted((it["row_l"], it["row_r"])), it["match_probability"]) for it in found]
    return sorted(pairs, key=lambda pair: (-pair[2], pair))


def _splink_settings(columns: Sequence[str], likely: float) -> dict[str, Any]:
    """Return Splink's settings: a field agrees, differs in one letter, in two, or in more; rare words weigh more."""
    from splink.comparison_library import DamerauLevenshteinAtThresholds

    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "row",
        "probability_two_random_records_match": likely,
        "comparisons": [
            DamerauLevenshteinAtThresholds(column, MISTYPED).configure(term_frequency_adjustments=True)
            for column in columns
        ],
    }


def _share_of_duplicates(known: Sequence[Sequence[str | None]]) -> float:
    """Estimate the share of all pairs of rows that are one person, from the pairs that agree in all fields."""
    rows = [row for row in zip(*known, strict=True) if None not in row]
    alike = sum(comb(many, 2) for many in Counter(rows).values())
    return min(max(alike, 1) / WITHOUT_MISTAKES / max(comb(len(known[0]), 2), 1), 0.5)
