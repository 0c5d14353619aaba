"""The auditor's room calls a file by its code; who is no auditor learns no number from a key."""

import re

from django.db import connection
from django.test import Client
from django.utils import timezone

from amparo.care.cases.rules import write_note
from amparo.foundation.access.models import Role, User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.oversight.looks import count_looks
from amparo.line.roster.rules import take_seat


def test_an_auditor_sees_the_codes_of_cases_and_contacts(ana, case, contact, now):
    write_note(case, "invented", by=ana, now=timezone.now())
    vera = User.objects.create(username="vera", first_name="Vera", role=Role.AUDITOR, is_invented=True)
    with acting_as(vera.acting()):
        codes = {count.code for count in count_looks(timezone.localdate(), {}, by_file=True)}
    assert {case.code, contact.code} <= codes


def test_a_day_is_searched_by_the_code_of_a_file_however_it_is_grouped(ana, case, contact, now):
    write_note(case, "invented", by=ana, now=timezone.now())
    client = Client()
    client.force_login(User.objects.create(username="vera", first_name="Vera", role=Role.AUDITOR, is_invented=True))
    for by in ("person", "case", "hour"):
        found, everything = (
            client.get("/ledger", {"by": by, "q": typed}).context["number"] for typed in (case.code.lower(), "")
        )
        assert 0 < found < everything
    page = client.get("/ledger", {"by": "person", "q": case.code})
    assert {look.code for look in page.context["looks"]} == {case.code}


def test_each_entry_has_the_code_of_its_file_and_no_identifier_of_a_row(ana, case, contact, now):
    write_note(case, "invented", by=ana, now=timezone.now())
    take_seat(by=ana, now=timezone.now())  # of no file
    client = Client()
    client.force_login(User.objects.create(username="vera", first_name="Vera", role=Role.AUDITOR, is_invented=True))
    page = client.get("/ledger/entries").content.decode()
    shown = re.findall(r'<td class="about"[^>]*>(.*?)</td>', page)
    assert {case.code, contact.code} <= set(shown)
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}", "".join(shown))


def test_nobody_else_learns_the_number_of_a_key(ana, case, stranger):
    for user in (ana, stranger):
        with acting_as(user.acting()), connection.cursor() as cursor:
            cursor.execute("select * from cases_numbers(%s::uuid[])", [[case.key_id]])
            assert cursor.fetchall() == []
