"""The command: `amparo-estimate LISTS.csv`, and within Amparo `amparo figures estimate LISTS.csv`."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import words
from .drawing import format_number
from .estimator import ALL, BIC, BOOT, LATENT, STEPWISE, Estimate, Unsupported, estimate
from .linkage_sensitivity import OtherLinkage, other_linkages, range_of_points, read_linkages, with_linkage_warning
from .lists import BadLists, Lists, read_lists
from .report import LANGUAGES, html_page
from .sensitivity import people_at

MOST_BOOT = 1_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "lists", metavar="LISTS.csv", help="one 0/1 column per list and the count last, or a row per person"
    )
    parser.add_argument(
        "--also", nargs="+", default=[], metavar="LISTS.csv", help="the same lists, linked at other thresholds"
    )
    parser.add_argument("--method", choices=(STEPWISE, BIC, LATENT, ALL), default=ALL, help="without it, all of them")
    parser.add_argument("--order", type=int, metavar="K", help="most lists that a term of a BIC model joins")
    parser.add_argument("--boot", type=int, metavar="N", default=BOOT, help=f"resamples; {BOOT} without it, 0 for none")
    parser.add_argument("--seed", type=int, metavar="S", default=1, help="the same seed gives the same interval")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--report", metavar="FILE.html|pdf", help="write a page that draws the doubts")
    parser.add_argument("--language", choices=tuple(LANGUAGES), default="en", help="of the report; en without it")


def run(arguments: argparse.Namespace) -> int:
    """Print the estimate. Returns 2, after one sentence, if the lists or the arguments cannot be used."""
    report = Path(arguments.report) if arguments.report else None
    try:
        _check_arguments(arguments, report)
        lists = read_lists(arguments.lists)
        linkages = read_linkages(lists.names + lists.left_out, arguments.also)
        made = _estimate(lists, arguments)
        others = other_linkages(made, linkages, arguments.method, arguments.order)
    except (BadLists, Unsupported) as refusal:
        print(refusal, file=sys.stderr)
        return 2
    made = with_linkage_warning(made, others)
    print(
        json.dumps(_as_json(made, others), ensure_ascii=False, indent=2) if arguments.json else in_words(made, others)
    )
    try:
        if report:
            report.write_bytes(_report_bytes(report, made, others, arguments.language))
    except OSError as error:
        print(f"The report cannot be written to {report}: {error.strerror}.", file=sys.stderr)
        return 2
    return 0


def _as_json(made: Estimate, others: Sequence[OtherLinkage]) -> dict[str, Any]:
    """Return the estimate as JSON values; with other linkages, also their point estimates, and the range of all."""
    found = made.as_json()
    if others:
        ends = range_of_points(made, others)
        found["range"]["linkages"] = [round(end, 4) for end in ends] if ends else None
        found["linkages"] = [other.as_json() for other in others]
    return found


def _check_arguments(arguments: argparse.Namespace, report: Path | None) -> None:
    """Raise `Unsupported` for arguments that would fail only after the resamples, which take minutes."""
    if not 0 <= arguments.boot <= MOST_BOOT or 0 < arguments.boot < 50:
        raise Unsupported(f"--boot is {arguments.boot}: give 0, or from 50 to {MOST_BOOT} resamples.")
    if arguments.seed < 0:
        raise Unsupported(f"--seed is {arguments.seed}: give a whole number, zero or more.")
    if arguments.also and arguments.method == LATENT:
        raise Unsupported(f"--also is not tried by latent: give --method {STEPWISE}, {BIC} or {ALL}.")
    if report is None:
        return
    if report.suffix not in (".html", ".pdf"):
        raise Unsupported(f"The report {report} must end in .html or .pdf.")
    if report.is_dir() or not os.access(report.parent, os.W_OK):
        raise Unsupported(f"The report cannot be written to {report}: choose a folder that you may write to.")
    if report.suffix == ".pdf":
        try:
            from . import report_pdf  # noqa: F401
        except ImportError as error:
            raise Unsupported("A report as PDF needs the extra `pdf`: install amparo-estimation[pdf].") from error


def _estimate(lists: Lists, arguments: argparse.Namespace) -> Estimate:
    progress = show_progress if sys.stderr.isatty() else None
    return estimate(lists, arguments.method, arguments.order, arguments.boot, arguments.seed, progress=progress)


def _report_bytes(path: Path, made: Estimate, others: Sequence[OtherLinkage], language: str) -> bytes:
    if path.suffix == ".html":
        return html_page(made, others, language).encode()
    from .report_pdf import as_pdf

    return as_pdf(made, others, language)


def show_progress(method: str, done: int, of: int) -> None:
    width = 30
    bar = "#" * (width * done // of)
    print(f"\r{method} [{bar:<{width}}] {done} of {of}", end="\n" if done == of else "", file=sys.stderr, flush=True)


def in_words(made: Estimate, others: Sequence[OtherLinkage] = ()) -> str:
    lines = [f"Observed: {format_number(made.lists.observed)} people on {len(made.lists.names)} lists."]
    for it in made.results:
        between = (
            f", {it.level:.0%} interval {format_number(it.interval[0])} to {format_number(it.interval[1])}"
            if it.interval
            else ""
        )
        lines += [f"{it.method} {it.model}: {format_number(it.point)}{between}.", *(f"  - {flag}" for flag in it.flags)]
    if made.bound:
        lines.append(words.AT_LEAST % {"people": format_number(made.bound.people)})
    related, unseen = people_at(made.over_odds_ratios, 2), people_at(made.over_shares, 0.2)
    for sentence, people in ((words.IF_RELATED, related), (words.IF_UNSEEN, unseen)):
        lines += [sentence % {"people": format_number(people)}] if people else []
    ranges = [(within, ends) for within, ends in ((2, made.near), (6, made.far)) if ends]
    for within, ends in ranges:
        lines.append(f"Models within {within} BIC of the best: {format_number(ends[0])} to {format_number(ends[1])}.")
    lines += [words.RANGE_OF_MODELS] if ranges else []
    lines += [other.in_words() for other in others]
    points = range_of_points(made, others) if others else None
    if points:
        lines.append(f"All linkages: {format_number(points[0])} to {format_number(points[1])}.")
    return "\n".join([*lines, made.verdict, *(f"- {warning}" for warning in made.warnings)])


def main(arguments: Sequence[str] | None = None, program: str = "amparo-estimate") -> int:
    """Run the command with these arguments, or those of the process. Returns its exit code."""
    parser = argparse.ArgumentParser(prog=program, description="How many people no list has seen.")
    add_arguments(parser)
    return run(parser.parse_args(arguments))
