"""A noun, or a row by a short number or an id: no personal number or word fits in."""

import re
import uuid

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db

SOME_ID = str(uuid.UUID(int=0x5EED << 100))
ALLOWED = re.compile(r"[a-z_]{1,40}( ([0-9]{1,7}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}))?")
NOUNS = ["contact", "a_b", "_", "x" * 40, "x" * 41, "", "Contact", "con tact", "con-tact", "contact\n", "ñandú"]
IDS = [
    "1", "1234567", "12345678", "987654321", "1" * 36, "a", "abcdef", "12-3", "-", "----", "123456-", "-1234567",
    SOME_ID, SOME_ID.upper(), SOME_ID[:-1], f"{SOME_ID}0", f"0{SOME_ID}", SOME_ID.replace("-", ""),
    SOME_ID.replace("-", "0", 1), SOME_ID.replace("-", " ", 1), f"-{SOME_ID[1:]}", f"{SOME_ID[:-1]}-",
    f"{SOME_ID[:3]}-{SOME_ID[4:]}", f"{SOME_ID[1:]}-", f"{SOME_ID} {SOME_ID}", f"{SOME_ID} 1", "1 1", "_" * 36, "",
    "+5198765", "12345 ", f"{SOME_ID}\n", "1\n",
]  # fmt: skip
SUBJECTS = sorted({*NOUNS, *(f"{noun} {pk}" for noun in NOUNS for pk in IDS)})


def allowed(constraint: str, column: str, texts: list[str]) -> list[str]:
    """The values that the constraint of this name, as it is in the database, allows in this column."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_get_expr(conbin, conrelid) from pg_constraint where conname = %s", [constraint])
        condition = cursor.fetchone()[0].replace("%", "%%")
        cursor.execute(f"select {column} from unnest(%s::text[]) as {column} where {condition}", [texts])
        return [text for (text,) in cursor.fetchall()]


def test_an_entry_is_about_a_row_or_a_list():
    expected = [text for text in SUBJECTS if ALLOWED.fullmatch(text)]
    assert allowed("an_entry_is_about_a_row_or_a_list", "about", SUBJECTS) == expected
    assert {f"contact {SOME_ID}", "contact 1234567", "contact"} <= set(expected) < set(SUBJECTS)


@pytest.mark.parametrize(
    ("constraint", "column", "rule"),
    [("an_entry_names_a_verb", "what", "[a-z_]{1,40}"), ("a_purpose_is_one_word", "purpose", "[a-z_]{0,40}")],
)
def test_a_verb_and_a_purpose_are_one_word(constraint, column, rule):
    expected = [text for text in SUBJECTS if re.fullmatch(rule, text)]
    assert allowed(constraint, column, SUBJECTS) == expected
    assert {"contact", "x" * 40} <= set(expected) < set(SUBJECTS)
