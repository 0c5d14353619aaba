"""Read lists as a table of counts by history: which of the lists a person is on."""

import csv
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MOST_PEOPLE = 1e9  # of one history
MOST_LISTS = 9  # models are written with one digit a list, such as [12,3]
MOST_DIGITS = 5  # in the name of a list; fewer than any identity or telephone number has
# "1.000" is refused: it is one, or a thousand where a point stands between thousands. R writes 1e+05.
COUNT = re.compile(r"[0-9]+(\.0)?|[0-9](\.[0-9]+)?e\+?[0-9]{1,3}")
COUNT_NAMES = {
    "n", "total", "count", "counts", "freq", "frequency", "number", "people", "cantidad", "frecuencia", "personas"
}  # fmt: skip
HISTORIES = Path(__file__).parent / "datasets"

type Table = NDArray[np.float64]  # 2 to the power of k cells; bit i of a cell's index says: on list i


class BadLists(ValueError):
    """The lists cannot be read. The message is one sentence that says where and what to do.

    It never repeats what the file holds, which may be a name by mistake. A program that speaks another language
    translates `sentence` and fills in `values`.
    """

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(sentence % values)
        self.sentence, self.values = sentence, values


EMPTY = "The file is empty: give one row of list names, and at least one row below it."
NOT_TEXT = "The file is not text in UTF-8: save it as CSV in UTF-8."
UNREADABLE = "The file cannot be read: %(why)s."
NOT_CSV = "Row %(row)s is not CSV: write one line for each row, with commas."
OTHER_WIDTH = "Row %(row)s has %(columns)s columns, the first row has %(expected)s: give both the same."
ON_NO_LIST = "Row %(row)s is on no list: remove it, because nobody can be counted whom no list saw."
REPEATED = "Row %(row)s repeats the history of row %(first)s: join the two, and add their counts."
NO_HEADER = "Row 1 holds numbers: write the names of the lists there, and the numbers below them."
ONE_LIST = "Row 1 names fewer than two lists: an estimate needs two lists or more, each a column of 0 and 1."
TOO_MANY_LISTS = "Row 1 names %(lists)s lists: join some of them, %(most)s is the most."
NO_NAME = "Row 1, column %(column)s has no name: name each list."
SAME_NAME = "Row 1, column %(column)s repeats the name of another one: give each list a name of its own."
NUMBERED_NAME = "Row 1, column %(column)s has six digits or more: name the list, never a person or a document."
NOT_0_OR_1 = "Row %(row)s, column %(column)s is neither 0 nor 1: write 1 for on the list and 0 for not on it."
NOT_A_COUNT = "Row %(row)s, column %(column)s is no count: write a whole number, zero or more."


@dataclass(frozen=True)
class Lists:
    """The names of the lists, and how many people have each history. Cell 0 is empty: no list saw those people."""

    names: tuple[str, ...]
    table: Table
    left_out: tuple[str, ...] = ()  # lists with nobody on them

    @property
    def observed(self) -> int:
        return int(self.table.sum())

    @property
    def overlap(self) -> int:
        """People on two or more lists. The estimate rests on them alone."""
        return int(sum(self.table[cell] for cell in range(len(self.table)) if cell.bit_count() > 1))

    @property
    def histories(self) -> list[tuple[int, int]]:
        """Each history that somebody has, as (cell, people), most people first."""
        found = [(cell, int(count)) for cell, count in enumerate(self.table) if count > 0]
        return sorted(found, key=lambda it: (-it[1], it[0]))

    def list_names_of(self, cell: int) -> list[str]:
        return [name for i, name in enumerate(self.names) if cell >> i & 1]

    def without_list(self, index: int) -> "Lists":
        """Return the lists without one of them. People on that one alone are not observed then."""
        low = (1 << index) - 1
        table = np.zeros(len(self.table) // 2)
        for cell, count in enumerate(self.table):
            table[(cell & low) | (cell >> 1 & ~low)] += count
        table[0] = 0
        return Lists(self.names[:index] + self.names[index + 1 :], table)


def data_set(name: str) -> Lists:
    """Read one of the public data sets of `datasets/`, such as `UKdat_5`."""
    return read_lists(HISTORIES / f"{name}.csv")


def data_set_names() -> list[str]:
    return sorted(path.stem for path in HISTORIES.glob("*.csv"))


def read_lists(path: str | os.PathLike[str]) -> Lists:
    """Read a CSV file. Raises `BadLists` with the row and the column if anything in it is wrong."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadLists(UNREADABLE, why=error.strerror) from error
    except UnicodeDecodeError as error:
        raise BadLists(NOT_TEXT) from error
    return parse_lists(text)


def parse_lists(text: str) -> Lists:
    """Read CSV text: one 0/1 column per list and the count in the last one, or one row per person without a count."""
    rows = [
        (number, [cell.strip() for cell in row]) for number, row in _numbered_rows(text) if any(c.strip() for c in row)
    ]
    if len(rows) < 2:
        raise BadLists(EMPTY)
    header = rows[0][1]
    if all(cell.replace(".", "").isdecimal() for cell in header):
        raise BadLists(NO_HEADER)
    for number, row in rows[1:]:
        if len(row) != len(header):
            raise BadLists(OTHER_WIDTH, row=number, columns=len(row), expected=len(header))
    has_counts = header[-1].lower() in COUNT_NAMES or any(row[-1] not in ("0", "1") for _, row in rows[1:])
    names = header[:-1] if has_counts else header
    _check_names(names)
    table = np.zeros(1 << len(names))
    first_row: dict[int, int] = {}
    for number, row in rows[1:]:
        cell = sum(1 << i for i in range(len(names)) if _read_0_or_1(row[i], number, i + 1))
        count = _read_count(row[-1], number, len(header)) if has_counts else 1
        if cell == 0 and count:
            raise BadLists(ON_NO_LIST, row=number)
        if has_counts and cell in first_row:
            raise BadLists(REPEATED, row=number, first=first_row[cell])
        first_row[cell] = number
        table[cell] += count
    return _without_empty_lists(tuple(names), table)


def _numbered_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(text.splitlines(), delimiter=delimiter_of(text))
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise BadLists(NOT_CSV, row=reader.line_num) from error


def delimiter_of(text: str) -> str:
    """Return the comma or the semicolon, whichever is more frequent in the first row."""
    first = text.lstrip().split("\n", 1)[0]
    return ";" if first.count(";") > first.count(",") else ","


def _check_names(names: list[str]) -> None:
    if len(names) < 2:
        raise BadLists(ONE_LIST)
    if len(names) > MOST_LISTS:
        raise BadLists(TOO_MANY_LISTS, lists=len(names), most=MOST_LISTS)
    for column, name in enumerate(names, 1):
        if not name:
            raise BadLists(NO_NAME, column=column)
        if name in names[: column - 1]:
            raise BadLists(SAME_NAME, column=column)
        if sum(map(str.isdigit, name)) > MOST_DIGITS:
            raise BadLists(NUMBERED_NAME, column=column)


def _read_0_or_1(value: str, row: int, column: int) -> bool:
    if value not in ("0", "1"):
        raise BadLists(NOT_0_OR_1, row=row, column=column)
    return value == "1"


def _read_count(value: str, row: int, column: int) -> int:
    count = float(value) if COUNT.fullmatch(value) else -1.0
    if not (0 <= count <= MOST_PEOPLE and count.is_integer()):
        raise BadLists(NOT_A_COUNT, row=row, column=column)
    return int(count)


def _without_empty_lists(names: tuple[str, ...], table: Table) -> Lists:
    """Return the lists that have somebody on them; `left_out` names the others."""
    cells = np.arange(len(table))
    used = [i for i in range(len(names)) if table[cells >> i & 1 == 1].sum() > 0]
    kept = np.zeros(1 << len(used))
    for cell, count in enumerate(table):
        kept[sum(1 << at for at, i in enumerate(used) if cell >> i & 1)] += count
    empty = tuple(name for i, name in enumerate(names) if i not in used)
    return Lists(tuple(names[i] for i in used), kept, empty)
