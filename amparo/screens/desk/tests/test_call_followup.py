"""Reading the console opens the contact of its call, and the contact is committed before anybody types in it."""

from django.db import connection

from amparo.foundation.core.actor import acting_as
from amparo.line.contacts.models import Contact
from amparo.screens.desk.call_followup import follow_up

from . import scenes


def waits_for_the_disk() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("show synchronous_commit")
        return cursor.fetchone()[0] == "on"


def test_a_contact_opened_within_a_get_is_committed_durably(ana):
    pk = scenes.talking()
    Contact.objects.filter(call=pk).delete()
    with acting_as(ana.acting(), only_reads=True):
        assert not waits_for_the_disk()
        follow_up(ana)
        assert waits_for_the_disk()
        assert Contact.objects.filter(call=pk).exists()
