"""The command `amparo figures link A.npz B.npz`: the linkage unit counts who is on which of the encoded lists.

The unit needs no key and reads no name. It writes counts alone, ready for `amparo figures estimate`, at three
thresholds around the one that the lists themselves suggest: a missed link raises the estimate of hidden people, a false
one lowers it, so estimate from all three. Destroy the encoded lists afterwards.
"""

import argparse
import csv
import sys
from collections.abc import Sequence
from pathlib import Path

from .linkage import EncodedList, capture_histories
from .lists import MOST_LISTS
from .threshold import choose_threshold

STEP = 0.05  # between the thresholds
USUAL = 0.8  # where the lists suggest none


class BadEncodedList(ValueError):
    """An encoded list or the threshold cannot be used. The message is one sentence."""


def main(arguments: Sequence[str] | None = None, program: str = "amparo-link") -> int:
    """Run the command with these arguments, or those of the process. Returns its exit code."""
    parser = argparse.ArgumentParser(prog=program, description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("lists", nargs="+", metavar="LIST.npz", help="encoded lists, each of another institution")
    parser.add_argument(
        "--threshold",
        type=float,
        metavar="T",
        help="how alike two people must be, from 0 to 1; without it, the lists themselves suggest one",
    )
    parser.add_argument(
        "--out", required=True, metavar="NAME", help="writes three files, such as NAME-0.75.csv, one for each threshold"
    )
    given = parser.parse_args(arguments)
    try:
        lists = _read_encoded_lists([Path(path) for path in given.lists])
        middle = _suggested_threshold(list(lists.values())) if given.threshold is None else given.threshold
        for threshold in _thresholds_around(middle):
            histories = capture_histories(list(lists.values()), threshold)
            path = Path(f"{given.out}-{threshold:.2f}.csv")
            _write_histories(path, list(lists), histories)
            linked = sum(people for history, people in histories.items() if history.bit_count() > 1)
            print(f"{path}: {sum(histories.values())} people, {linked} of them on two lists or more.")
    except (BadEncodedList, OSError) as refusal:
        why = refusal if isinstance(refusal, BadEncodedList) else f"{refusal.filename}: {refusal.strerror}."
        print(why, file=sys.stderr)
        return 2
    return 0


def _suggested_threshold(lists: list[EncodedList]) -> float:
    """Return the threshold that the lists suggest, or the usual one, and print which."""
    found = choose_threshold(lists)
    if found is None:
        print(f"Too few pairs, or too alike, to suggest a threshold: the usual {USUAL:.2f}. Check some pairs by hand.")
        return USUAL
    print(f"Threshold {found:.2f}: there a pair is as likely the same person as two strangers.")
    return min(max(found, 2 * STEP), 1 - 2 * STEP)


def _thresholds_around(middle: float) -> list[float]:
    if not STEP < middle < 1 - STEP:
        raise BadEncodedList(f"--threshold is {middle}: give a number between {STEP} and {1 - STEP}.")
    return [round(middle - STEP, 2), round(middle, 2), round(middle + STEP, 2)]


def _read_encoded_lists(paths: list[Path]) -> dict[str, EncodedList]:
    if not 2 <= len(paths) <= MOST_LISTS:
        raise BadEncodedList(f"Give from 2 to {MOST_LISTS} lists, not {len(paths)}.")
    lists = {}
    for path in paths:
        if path.stem in lists:
            raise BadEncodedList(f"Two lists are named {path.stem}: rename one of the files.")
        with path.open("rb") as file:
            try:
                lists[path.stem] = EncodedList.load(file)
            except Exception as error:  # for a file that was changed on its way, numpy raises errors of many kinds
                raise BadEncodedList(f"{path} is no encoded list: make it with `amparo figures encode`.") from error
    if len({(it.filters.shape[1:], it.blocks.shape[1:]) for it in lists.values()}) > 1:
        raise BadEncodedList("The lists were encoded by different numbers of fields: encode all by the same fields.")
    return lists


def _write_histories(path: Path, names: list[str], histories: dict[int, int]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow([*names, "count"])
        for history, people in sorted(histories.items()):
            rows.writerow([*(history >> place & 1 for place in range(len(names))), people])


if __name__ == "__main__":
    sys.exit(main())
