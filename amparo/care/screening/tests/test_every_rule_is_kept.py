"""Whoever changes a rule, or the file of its lists, without a new version number sees a red test here.

What was signed is computed anew by its own rule; so no rule that ever shipped may go, or say anything else.
"""

import hashlib
import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import pytest

from amparo.care.people.picklists import Age
from amparo.care.screening import answers, indicators
from amparo.care.screening.determination import Result
from amparo.care.screening.versions import KEPT, NotKept, Rule, kept, newest


class Shipped(NamedTuple):
    """A version as it left: what could be answered, the sum of its lists, and that of what it says of each form."""

    items: dict[str, str]  # of each element; the keys of the signs stand in the lists
    lists: str  # SHA-256 of the file
    says: str  # likewise of results and findings, in the order of the forms


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
DENSE = (6, 20, 50, 110)  # of 256: how many of the items are answered with yes, from few to many
SCATTERED = 3000

type Form = dict[str, str]


def forms(version: str) -> Iterator[Form]:
    """Elements in every state together; then each item beside the other elements; then many by the same chance."""
    items = SHIPPED[version].items
    keys = {which: [f"{which}.{item}" for item in named.split()] for which, named in items.items()}
    for parts in itertools.product(*(states(its) for its in keys.values())):
        yield {key: value for part in parts for key, value in part.items()}
    legal = [key for its in keys.values() for key in its]
    beside = {which: dict.fromkeys(its[:1], "yes") for which, its in keys.items()}
    for key in legal:
        rest = {k: v for which, part in beside.items() if not key.startswith(which) for k, v in part.items()}
        yield from ({**rest, key: value} for value in ("yes", "no", "unknown", "not_asked"))
    yield from scattered([*legal, *sorted(indicators.by_key(version.split()[1]))])


def states(its: list[str]) -> list[Form]:
    """Of one element: nothing asked, known, denied, not known, and ruled out beside each."""
    first, ruled_out = its[0], its[-1]
    said: list[Form] = [{}, *({first: value} for value in ("yes", "no", "unknown"))]
    return [{**one, **out} for one in said for out in ({}, {ruled_out: "yes"}, {ruled_out: "no"})]


def scattered(keys: list[str]) -> Iterator[Form]:
    for n in range(SCATTERED):
        yes = DENSE[n % len(DENSE)]
        drawn = zip(keys, hashlib.shake_256(str(n).encode()).digest(len(keys)), strict=True)
        yield {key: "yes" if byte < yes else "no" if byte % 2 else "unknown" for key, byte in drawn if byte < 160}


def says(rule: Rule, version: str) -> str:
    told = hashlib.sha256()
    for given, age in itertools.product(forms(version), Age):
        told.update("{result} {finding}\n".format(**rule.compute(given, age)).encode())
    return told.hexdigest()


def test_every_version_that_ever_shipped_is_kept_and_written_down_here():
    assert list(KEPT) == list(SHIPPED)
    assert all(rule.version == version for version, rule in KEPT.items())


@pytest.mark.parametrize("version", SHIPPED)
def test_its_lists_are_as_they_left(version):
    content = indicators.file_of(version.split()[1]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == SHIPPED[version].lists


@pytest.mark.parametrize("version", SHIPPED)
def test_it_says_what_it_always_said(version):
    assert says(KEPT[version], version) == SHIPPED[version].says


def test_the_newest_weighs_by_the_lists_that_are_asked_from_and_knows_every_item():
    legal = {f"{which}.{item}" for which, named in SHIPPED[newest().version].items.items() for item in named.split()}
    assert newest().version.split()[1] == indicators.VERSION
    assert answers.every_item() == legal | indicators.by_key().keys()


def test_a_rule_that_differs_for_one_form_alone_is_told():
    """The control: the sums would see it."""
    first = newest()
    odd = {"act.retention": "yes", "means.payment": "yes", "purpose.organs": "yes"}

    def almost(given, age):
        return Result.NOT_INDICATED if odd.items() <= given.items() and age == Age.ADULT else first.result(given, age)

    assert says(replace(first, result=almost), first.version) != SHIPPED[first.version].says


def test_what_is_not_kept_is_told_in_one_sentence():
    with pytest.raises(NotKept, match=r"^The rule «palermo-129a/0» is not kept here, and [^.]*\.$"):
        kept("palermo-129a/0")
