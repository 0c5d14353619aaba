"""These tests fail if a shipped rule or its data file changes without a new version number.

Signed assessments are recomputed by their own rule, so a shipped rule must stay and always give the same results.
"""

import hashlib
import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import pytest

from amparo.care.people.picklists import Age
from amparo.care.screening import answers, indicators
from amparo.care.screening.picklists import Result
from amparo.care.screening.versions import KEPT, Rule, UnknownRule, newest_rule, rule_of_version


class Shipped(NamedTuple):
    """A shipped version: its items, the checksum of its data file, and the checksum of its results."""

    items: dict[str, str]  # element -> item names; the keys of the indicators are in the data file
    lists: str  # SHA-256 of the data file
    says: str  # SHA-256 of results and findings, in the order of `forms`


SHIPPED = {
    "palermo-129a/1 ilo-delphi-2009/1": Shipped(
        items={
            "act": "recruitment transportation transfer harbouring receipt retention ruled_out",
            "means": "force threat coercion deprivation_of_liberty fraud deception abuse_of_power"
                     " abuse_of_vulnerability payment ruled_out",
            "purpose": "sexual forced_labour labour_exploitation slavery servitude begging child_sale organs other"
                       " ruled_out",
        },
        lists="c90761ce42ddbb400a08fe442479d06914ef89a14213e28d32885a8ec2fcf5bb",
        says="69c784cac136bec65458d7ca22cb96ce4b721fff5d285678456805986d52b733",
    ),
}  # fmt: skip
DENSE = (6, 20, 50, 110)  # of 256: the share of items answered with yes
SCATTERED = 3000

type Form = dict[str, str]


def forms(version: str) -> Iterator[Form]:
    """Yield forms: all combinations of element states, each item alone, then pseudo-random ones (always the same)."""
    items = SHIPPED[version].items
    keys = {which: [f"{which}.{item}" for item in named.split()] for which, named in items.items()}
    for parts in itertools.product(*(states(its) for its in keys.values())):
        yield {key: value for part in parts for key, value in part.items()}
    legal = [key for its in keys.values() for key in its]
    beside = {which: dict.fromkeys(its[:1], "yes") for which, its in keys.items()}
    for key in legal:
        rest = {k: v for which, part in beside.items() if not key.startswith(which) for k, v in part.items()}
        yield from ({**rest, key: value} for value in ("yes", "no", "unknown", "not_asked"))
    yield from scattered([*legal, *sorted(indicators.indicators_by_key(version.split()[1]))])


def states(its: list[str]) -> list[Form]:
    """Yield the states of one element: not asked, yes, no, unknown, and each of them together with ruled out."""
    first, ruled_out = its[0], its[-1]
    forms: list[Form] = [{}, *({first: value} for value in ("yes", "no", "unknown"))]
    return [{**one, **out} for one in forms for out in ({}, {ruled_out: "yes"}, {ruled_out: "no"})]


def scattered(keys: list[str]) -> Iterator[Form]:
    for n in range(SCATTERED):
        yes = DENSE[n % len(DENSE)]
        drawn = zip(keys, hashlib.shake_256(str(n).encode()).digest(len(keys)), strict=True)
        yield {key: "yes" if byte < yes else "no" if byte % 2 else "unknown" for key, byte in drawn if byte < 160}


def says(rule: Rule, version: str) -> str:
    digest = hashlib.sha256()
    for given, age in itertools.product(forms(version), Age):
        digest.update("{result} {finding}\n".format(**rule.compute(given, age)).encode())
    return digest.hexdigest()


def test_every_version_that_ever_shipped_is_kept_and_written_down_here():
    assert list(KEPT) == list(SHIPPED)
    assert all(rule.version == version for version, rule in KEPT.items())


@pytest.mark.parametrize("version", SHIPPED)
def test_a_shipped_data_file_is_unchanged(version):
    content = indicators.data_file(version.split()[1]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == SHIPPED[version].lists


@pytest.mark.parametrize("version", SHIPPED)
def test_a_shipped_rule_gives_unchanged_results(version):
    assert says(KEPT[version], version) == SHIPPED[version].says


def test_the_newest_weighs_by_the_lists_that_are_asked_from_and_knows_every_item():
    legal = {
        f"{which}.{item}" for which, named in SHIPPED[newest_rule().version].items.items() for item in named.split()
    }
    assert newest_rule().version.split()[1] == indicators.VERSION
    assert answers.item_keys() == legal | indicators.indicators_by_key().keys()


def test_a_rule_that_differs_for_one_form_is_detected():
    """The positive control: the checksum detects a difference in one form."""
    first = newest_rule()
    odd = {"act.retention": "yes", "means.payment": "yes", "purpose.organs": "yes"}

    def almost(given, age):
        return Result.NOT_INDICATED if odd.items() <= given.items() and age == Age.ADULT else first.result(given, age)

    assert says(replace(first, result=almost), first.version) != SHIPPED[first.version].says


def test_a_missing_rule_is_reported_in_one_sentence():
    with pytest.raises(UnknownRule, match=r"^The rule «palermo-129a/0» is not kept here, and [^.]*\.$"):
        rule_of_version("palermo-129a/0")
