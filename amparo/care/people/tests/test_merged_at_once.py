"""Two users merge the same two people at the same moment in opposite directions: one succeeds, the other is refused."""

import threading

import pytest
from django.db import connection, transaction

from amparo.care.people.models import Person
from amparo.care.people.picklists import Part
from amparo.care.people.rules import add_person, merge
from amparo.foundation.core.refusal import Refused

pytestmark = pytest.mark.django_db(transaction=True)
A_WHILE, LONGEST = 0.7, 20.0  # seconds: that each certainly waits in; that nobody waits


@pytest.mark.parametrize("first", [0, 1])
def test_one_of_them_is_merged_and_the_other_way_is_refused(ana, file_of, now, first):
    key, refusals = file_of(ana), []
    people = [add_person(key, Part.AT_RISK, by=ana, now=now) for _ in range(2)]

    def run(person: Person, into: Person) -> None:
        try:
            merge(person, into, by=ana, now=now)
            refusals.append("")
        except Refused as refusal:
            refusals.append(str(refusal))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in (people, people[::-1])]
    with transaction.atomic():
        Person.objects.all().get_locked(
            people[first].pk
        )  # both come to wait, one of them with the other person in hand
        for thread in threads:
            thread.start()
            thread.join(A_WHILE)
    for thread in threads:
        thread.join(LONGEST)
    assert sorted(bool(refusal) for refusal in refusals) == [False, True]
    assert Person.objects.without_duplicates().count() == 1
