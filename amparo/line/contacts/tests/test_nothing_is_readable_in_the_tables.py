from django.db import connection

PLANTED = {
    "notes": "quetzal-notes", "safe_number": "quetzal-911", "safe_who": "quetzal-aunt",
    "safe_story": "quetzal-shop", "safe_word": "quetzal-word",
}  # fmt: skip
TABLES = ("contacts_contact", "contacts_safecontact", "contacts_draft", "vault_datakey")


def dump() -> bytes:
    """Return every row of every table, as a stolen database would show it."""
    rows = b""
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"select * from {table}")
            for row in cursor.fetchall():
                rows += b" ".join(bytes(v) if isinstance(v, memoryview) else str(v).encode() for v in row)
    return rows


def test_the_words_of_a_conversation_are_not_in_the_database(write, fresh):
    write(limits="yes", safe_to_talk="yes", heard_of_us="radio", **PLANTED)
    assert fresh().notes == PLANTED["notes"]
    assert fresh().card.number == PLANTED["safe_number"]
    assert b"quetzal" not in dump()


def test_the_search_would_find_words_that_are_not_sealed(write):
    write(safe_to_talk="yes", heard_of_us="radio")
    assert b"radio" in dump()


def test_a_card_and_a_contact_never_print_a_word(write, fresh):
    write(limits="yes", **PLANTED)
    assert "quetzal" not in f"{fresh()!r} {fresh().card!r} {fresh().drafts.get()!r}"
