"""The auditor's room calls a file by its code; who is no auditor learns no number from a key."""

from django.db import connection
from django.utils import timezone

from amparo.care.cases.rules import write_note
from amparo.foundation.access.models import Role, User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.oversight.looks import looks_of


def test_an_auditor_sees_the_codes_of_cases_and_contacts(ana, case, contact, now):
    write_note(case, "invented", by=ana, now=timezone.now())
    vera = User.objects.create(username="vera", first_name="Vera", role=Role.AUDITOR, is_invented=True)
    with acting_as(vera.acting()):
        codes = {look.code for look in looks_of(timezone.localdate())}
    assert {case.code, contact.code} <= codes


def test_nobody_else_learns_the_number_of_a_key(ana, case, stranger):
    for user in (ana, stranger):
        with acting_as(user.acting()), connection.cursor() as cursor:
            cursor.execute("select * from cases_numbers(%s::uuid[])", [[case.key_id]])
            assert cursor.fetchall() == []
