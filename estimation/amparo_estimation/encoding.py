"""The command `amparo figures encode LIST.csv`: an institution encodes its list on its own machine.

The encoded file holds no name. Without the key nobody can test a guess against it. Send it to the linkage
unit, which must not have the key, and never to another institution.
"""

import argparse
import csv
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

from .linkage import SHORTEST_KEY, encode
from .lists import delimiter_of


class BadList(ValueError):
    """The list or the key cannot be used. The message is one sentence, and repeats nothing that the list holds."""


def main(arguments: Sequence[str] | None = None, program: str = "amparo-encode") -> int:
    """Run the command with these arguments, or those of the process. Returns its exit code."""
    parser = argparse.ArgumentParser(prog=program, description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("list", metavar="LIST.csv", help="one row per person, the first row names the columns")
    parser.add_argument("--fields", required=True, metavar="A,B,C", help="columns to encode, in the agreed order")
    parser.add_argument("--key", required=True, metavar="FILE", help="the project's key")
    parser.add_argument("--new-key", action="store_true", help="make this key first: one institution does, once")
    parser.add_argument("--out", required=True, metavar="FILE.npz", help="the encoded list")
    given = parser.parse_args(arguments)
    try:
        fields = given.fields.split(",")
        people = [*read_people(Path(given.list), fields).values()]
        encoded = encode(people, fields, _read_or_make_key(Path(given.key), is_new=given.new_key))
        encoded.save(given.out)
    except (BadList, OSError) as refusal:
        why = refusal if isinstance(refusal, BadList) else f"{refusal.filename}: {refusal.strerror}."
        print(why, file=sys.stderr)
        return 2
    print(f"{len(people)} people encoded by {len(fields)} fields.")
    if encoded.unlinkable_people:
        print(f"{encoded.unlinkable_people} of them have too few fields filled in to be linked with anybody.")
    return 0


def read_people(path: Path, fields: list[str]) -> dict[int, dict[str, str]]:
    """Return the people of a CSV file by row number, from 2 on: row 1 names the columns. Raises `BadList`."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadList("The list is not text in UTF-8: save it as CSV in UTF-8.") from error
    reader = csv.reader(text.splitlines(), delimiter=delimiter_of(text))
    try:
        rows = list(reader)
    except csv.Error as error:
        raise BadList(f"Row {reader.line_num} is not CSV: write one line for each row, with commas.") from error
    if len(rows) < 2:
        raise BadList("The list is empty: give one row of column names, and one row for each person.")
    names = [name.strip() for name in rows[0]]
    for column, name in enumerate(names, 1):
        if name in names[: column - 1]:
            raise BadList(
                f"Row 1, column {column} repeats the name of another one: give each column a name of its own."
            )
    for number, field in enumerate(fields, 1):
        if field not in names:
            raise BadList(
                f"Field {number} of --fields is no column of the list: write the names as its first row has them."
            )
        if field in fields[: number - 1]:
            raise BadList(f"Field {number} of --fields repeats another one: name each column once.")
    for number, row in enumerate(rows[1:], 2):
        if row and len(row) != len(names):
            raise BadList(f"Row {number} has {len(row)} columns, the first row has {len(names)}: give both the same.")
    return {number: dict(zip(names, row, strict=True)) for number, row in enumerate(rows[1:], 2) if row}


def _read_or_make_key(path: Path, *, is_new: bool) -> bytes:
    """Return the key in a file. If `is_new`, make the file first, readable by its owner alone.

    All institutions need the same key; the linkage unit must not have it. Raises `BadList`.
    """
    if is_new:
        try:
            path.touch(mode=0o600, exist_ok=False)
        except FileExistsError as error:
            raise BadList(f"{path} is there already: leave --new-key out to use it.") from error
        path.write_text(secrets.token_hex(32) + "\n")
    elif not path.exists():
        raise BadList(f"{path} does not exist: name the project's key, or make it with --new-key if you are the first.")
    key = path.read_bytes().strip()
    if len(key) < SHORTEST_KEY:
        raise BadList(f"The key has {len(key)} bytes: use at least {SHORTEST_KEY} random ones.")
    return key
