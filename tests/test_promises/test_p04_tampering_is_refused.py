"""P4: sealed bytes that were moved, edited or truncated are refused; and what is bound into a seal never changes."""

import csv
import uuid
from collections import Counter
from pathlib import Path

import pytest
from django.apps import apps
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amparo.foundation.vault.fields import SealedBytes
from amparo.foundation.vault.keys import Box, Tampered
from amparo.foundation.vault.wrapping import LocalKey
from tests.repetitions import repeat

CATALOGUE = Path("docs/sealed-fields.csv")
PLACES = st.sampled_from(["contact.notes", "contact.type", "safe_contact.number"])
ROWS = st.uuids(version=4).map(str)
WORDS = st.binary(max_size=5000)
TRIED: Counter[str] = Counter()

# Sealed in November 2026 under the key of bytes 0 to 31: what opened then must open in every later version.
OLD_SEAL = bytes.fromhex(
    "0178da69e9213957dc657f88d8c4b4f38762ce5741ec86faf2162229dbec43623ae3712c07595035adf74d0c6f160a4fbc64"
    "deb29b8179ecba3ec38b94295e7525c1982f1d1e01bfab600603622c5d064959e116c2aab35e93ffadb857"
)
OLD_PLACE, OLD_WORDS = "contacts_contact|notes|0", b"tejedora"


def contracts() -> dict[str, str]:
    with CATALOGUE.open() as file:
        return {row["field"]: row["label"] for row in csv.DictReader(file)}


def sealed_fields() -> dict[str, str]:
    """The label of each sealed field of the code, which is bound into its seals."""
    found = {}
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, SealedBytes):
                assert field.context("row") == f"{field.label}|row"
                found[f"{model._meta.label}.{field.name}"] = field.label
    return found


def is_refused(box: Box, sealed: bytes, place: str) -> bool:
    try:
        box.open(sealed, place)
    except Tampered:
        return True
    return False


def edited(sealed: bytes, at: int, bits: int) -> bytes:
    at %= len(sealed)
    return sealed[:at] + bytes([sealed[at] ^ bits]) + sealed[at + 1 :]


many = settings(max_examples=repeat(700, 20_000), deadline=None, database=None, suppress_health_check=list(HealthCheck))


@pytest.mark.soak
@many
@given(WORDS, PLACES, ROWS, st.integers(0), st.integers(1, 255))
def edited_bytes_are_refused(words, place, row, at, bits):
    box = Box(uuid.UUID(row).bytes * 2)
    sealed = box.seal(words, f"{place}|{row}")
    assert box.open(sealed, f"{place}|{row}") == words
    assert is_refused(box, edited(sealed, at, bits), f"{place}|{row}")
    TRIED["edited"] += 1


@many
@given(WORDS, PLACES, ROWS, PLACES, ROWS)
def moved_bytes_are_refused(words, place, row, other_place, other_row):
    box = Box(uuid.UUID(row).bytes * 2)
    sealed = box.seal(words, f"{place}|{row}")
    assert is_refused(box, sealed, f"{place}|{other_row}") is (row != other_row)
    assert is_refused(box, sealed, f"{other_place}|{row}") is (place != other_place)
    assert is_refused(Box(uuid.UUID(other_row).bytes * 2), sealed, f"{place}|{row}") is (row != other_row)
    TRIED["moved"] += 1


@many
@given(WORDS, PLACES, ROWS, st.integers(0), st.binary(min_size=1, max_size=40))
def cut_bytes_are_refused(words, place, row, cut, more):
    box = Box(uuid.UUID(row).bytes * 2)
    sealed = box.seal(words, f"{place}|{row}")
    assert is_refused(box, sealed[: cut % len(sealed)], f"{place}|{row}")
    assert is_refused(box, sealed + more, f"{place}|{row}")
    TRIED["truncated"] += 1


@many
@given(st.binary(min_size=32, max_size=32), ROWS, ROWS, st.integers(0), st.integers(1, 255))
def wrapped_keys_are_refused(key, row, other, at, bits):
    july, august = LocalKey("file:1:20260701T000000", b"k" * 32), LocalKey("file:1:20260801T000000", b"k" * 32)
    wrapped = july.wrap(key, row.encode())
    assert july.unwrap(wrapped, row.encode()) == key
    for wrapper, altered, context in (
        (july, edited(wrapped, at, bits), row), (july, wrapped[: at % len(wrapped)], row),
        (july, wrapped, other + "x"), (august, wrapped, row),  # the name of the key is bound in too
    ):  # fmt: skip
        with pytest.raises(Tampered):
            wrapper.unwrap(altered, context.encode())
    TRIED["wrapped"] += 1


@pytest.mark.parametrize(
    "every", [edited_bytes_are_refused, moved_bytes_are_refused, cut_bytes_are_refused, wrapped_keys_are_refused]
)
def test_tampering_is_refused_in_more_than_2000_cases(every):
    TRIED.clear()
    every()
    assert TRIED.total() > 500, TRIED  # each of the four


def test_every_sealed_field_keeps_its_contract():
    """A changed label would make everything unreadable. A table, column or class may be renamed; a label stays."""
    assert sealed_fields() == contracts()
    of_one_class = Counter(label for field, label in sealed_fields().items() if not label.startswith("disclosed_item."))
    assert set(of_one_class.values()) == {1}  # the items of a report and of a referral share a label


def test_the_control_a_field_with_another_label_is_found():
    field = apps.get_model("contacts", "Contact")._meta.get_field("notes")
    before, field.label = field.label, "words"
    try:
        assert sealed_fields() != contracts()
    finally:
        field.label = before


def test_what_was_sealed_once_opens_for_ever():
    assert Box(bytes(range(32))).open(OLD_SEAL, OLD_PLACE) == OLD_WORDS
    assert is_refused(Box(bytes(range(32))), OLD_SEAL, OLD_PLACE.replace("|", ":"))
