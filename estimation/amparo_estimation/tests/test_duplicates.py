"""Who is twice on one institution's own list: invented people with typing mistakes."""

import csv
import random
from pathlib import Path

import pytest

from amparo_estimation.duplicates import likely_duplicates, main
from amparo_estimation.encoding import BadList

from .test_linkage import FIELDS, Person, invented


def shuffled(people: list[Person], seed: int = 3) -> list[Person]:
    return random.Random(seed).sample(people, len(people))


def listed(many: int, twice: int) -> tuple[dict[int, Person], set[tuple[int, int]]]:
    """A list of this many people by row, of whom some are on it twice, and the pairs of their rows."""
    one, other = invented(many, twice)
    rows = shuffled([*enumerate(one), *enumerate(other[:twice])])
    people = {row: person for row, (_number, person) in enumerate(rows, 2)}
    places: dict[int, list[int]] = {}
    for row, (number, _person) in enumerate(rows, 2):
        places.setdefault(number, []).append(row)
    return people, {(rows[0], rows[1]) for rows in places.values() if len(rows) == 2}


def test_people_who_are_twice_on_a_list_are_found():
    people, truth = listed(1_000, 100)
    found = {(row, other) for row, other, _probability in likely_duplicates(people, FIELDS, 0.5)}
    assert len(found & truth) / len(found) >= 0.98
    assert len(found & truth) / len(truth) >= 0.98


def test_the_control_a_list_of_strangers_has_none():
    people, truth = listed(1_000, 0)
    assert truth == set()
    assert likely_duplicates(people, FIELDS, 0.5) == []


def test_an_empty_column_is_named():
    people, _truth = listed(300, 30)
    empty = {row: {**person, FIELDS[1]: ""} for row, person in people.items()}
    with pytest.raises(BadList, match=f"The column {FIELDS[1]} is empty"):
        likely_duplicates(empty, FIELDS, 0.5)


def write(people: dict[int, Person], path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.DictWriter(file, FIELDS)
        rows.writeheader()
        rows.writerows(people.values())


def test_the_command_writes_numbers_of_rows_and_no_names(tmp_path: Path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    people, truth = listed(300, 30)
    write(people, Path("list.csv"))
    assert main(["list.csv", "--fields", ",".join(FIELDS), "--out", "pairs.csv"]) == 0
    head, *rows = csv.reader(Path("pairs.csv").read_text().splitlines())
    assert head == ["row", "other_row", "probability"]
    assert len({(int(row), int(other)) for row, other, _probability in rows} & truth) >= 28
    probabilities = [float(probability) for _row, _other, probability in rows]
    assert probabilities == sorted(probabilities, reverse=True)
    assert min(probabilities) >= 0.5
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == (
        f"330 people, {len(rows)} pairs that may be one person: look at both rows before you join them.\n", ""
    )  # fmt: skip
    assert sorted(path.name for path in tmp_path.iterdir()) == ["list.csv", "pairs.csv"]  # nothing else is left


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--fields", "given"], "--fields names one column: name two or more"),
        (["--fields", "given,nothing"], "Field 2 of --fields is no column of the list"),
        (["--fields", "given,surname", "--least", "1.5"], "--least is 1.5: give a probability between 0 and 1."),
        (["--fields", "given,surname", "--out", "no/folder.csv"], "no/folder.csv: No such file or directory."),
    ],
)
def test_what_cannot_be_compared_is_one_sentence(options, sentence, tmp_path: Path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(listed(20, 0)[0], Path("list.csv"))
    assert main(["list.csv", "--out", "pairs.csv", *options]) == 2
    assert sentence in capsys.readouterr().err
    assert not Path("pairs.csv").exists()


@pytest.mark.parametrize("many", [1, 2, 20])
def test_a_short_list_of_strangers_has_none(many: int):
    assert likely_duplicates(listed(many, 0)[0], FIELDS[:2], 0.5) == []
