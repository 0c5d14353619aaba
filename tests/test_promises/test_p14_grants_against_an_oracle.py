"""P14: whatever is granted, consented to, expires or is withdrawn, in whatever order: who sees what is what an oracle
of ten lines says. (Consents themselves come with the case file; here a basis is the id of one.)"""

import os
import uuid
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from amparo.foundation.access.models import Kind, Role
from amparo.foundation.core.actor import acting_as
from amparo.foundation.vault.models import Grant, revoke_grants
from amparo.line.contacts.models import Contact
from tests.repetitions import repeat

from .access import agency, colleague, contact_of

COMPARISONS = repeat(10_000, 100_000)
PERSON, RECORD, BASIS = st.integers(0, 5), st.integers(0, 3), st.integers(0, 2)

done = {"comparisons": 0}


class Institutions(RuleBasedStateMachine):
    """Two operators, a supervisor, and three other institutions, over four records of the hotline."""

    def __init__(self):
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        others = [agency(kind) for kind in (Kind.POLICE, Kind.PROSECUTOR, Kind.NGO)]
        self.people = [colleague("ana"), colleague("rufino"), colleague("marta", Role.SUPERVISOR)]
        self.people += [colleague(f"other{n}", Role.POLICE_LIAISON, it) for n, it in enumerate(others)]
        self.records = [contact_of(self.people[n % 2]) for n in range(4)]
        self.bases = [uuid.uuid4() for _ in range(3)]
        # record -> holder -> (basis or None, still runs)
        self.granted = [{self.people[n % 2].pk: (None, True), self.people[2].pk: (None, True)} for n in range(4)]

    def teardown(self):
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    def holder(self, person):
        """Operators hold in their own name, everybody else by their role in their institution."""
        return person.acting().holders[person.role != Role.OPERATOR]

    def attempt(self, verb):
        """Whether the database let it happen."""
        try:
            with transaction.atomic():
                verb()
        except Exception:
            return False
        return True

    def owns(self, by, record):
        return self.people[by].agency.kind == Kind.HOTLINE and self.sees(by, record)

    def sees(self, by, record):
        return self.granted[record].get(self.people[by].pk, (None, False))[1]

    @rule(by=PERSON, to=PERSON, record=RECORD, basis=BASIS, runs=st.booleans())
    def give(self, by, to, record, basis, runs):
        """With a basis and an end to another institution; plainly within one's own."""
        person, it = self.people[to], self.records[record]
        is_other = person.agency.kind != Kind.HOTLINE
        until = timezone.now() + timedelta(hours=1 if runs else -1)
        how = {"agency": person.agency.pk, "basis": self.bases[basis], "until": until} if is_other else {}

        def verb():
            with acting_as(self.people[by].acting()):
                it.key.give(self.holder(person), **how)

        assert self.attempt(verb) == self.owns(by, record)
        if self.owns(by, record):
            self.granted[record][person.pk] = (self.bases[basis], runs) if is_other else (None, True)

    @rule(by=PERSON, of=PERSON, record=RECORD)
    def take(self, by, of, record):
        def verb():
            with acting_as(self.people[by].acting()):
                self.records[record].key.take(self.holder(self.people[of]))

        owner = self.owns(by, record)
        assert self.attempt(verb) == owner
        if owner:
            self.granted[record].pop(self.people[of].pk, None)

    @rule(by=PERSON, basis=BASIS)
    def withdraw(self, by, basis):
        """Ends what this person's own records gave on that basis, and nothing of what they cannot see."""
        with acting_as(self.people[by].acting()):
            revoke_grants(self.bases[basis])
        for record in [r for r in range(4) if self.owns(by, r)]:
            gone = [pk for pk, (why, _) in self.granted[record].items() if why == self.bases[basis]]
            for pk in gone:
                del self.granted[record][pk]

    @rule(record=RECORD, to=PERSON)
    def let_time_pass(self, record, to):
        """The end of one grant comes."""
        person = self.people[to]
        if self.granted[record].get(person.pk, (None, False))[0]:
            mine = Grant.objects.filter(key=self.records[record].key, holder=self.holder(person))
            mine.update(expires_at=timezone.now() - timedelta(seconds=1))
            self.granted[record][person.pk] = (self.granted[record][person.pk][0], False)

    @invariant()
    def everybody_sees_what_the_oracle_says(self):
        for number, person in enumerate(self.people):
            with acting_as(person.acting()):
                seen = set(Contact.objects.values_list("pk", flat=True))
                filtered = set(Contact.objects.visible_to(person).values_list("pk", flat=True))
            for record, it in enumerate(self.records):
                done["comparisons"] += 2
                assert (it.pk in seen) == (it.pk in filtered) == self.sees(number, record)


@pytest.mark.soak
@pytest.mark.django_db
@pytest.mark.timeout(900)
def test_comparisons_with_the_oracle_differ_nowhere():
    """AMPARO_COMPARISONS asks for other numbers; each step of a run compares every person with every record, twice."""
    wanted = int(os.environ.get("AMPARO_COMPARISONS", COMPARISONS))
    done["comparisons"] = 0
    while done["comparisons"] < wanted:
        run_state_machine_as_test(
            Institutions,
            settings=settings(
                max_examples=repeat(10, 20), stateful_step_count=25, deadline=None, database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )  # fmt: skip
    print(f"{done['comparisons']:,} comparisons")


@pytest.mark.django_db
def test_the_control_an_open_policy_differs_at_once():
    with connection.cursor() as cursor:
        cursor.execute("create policy leak on contacts_contact for select using (true)")
    with pytest.raises(AssertionError):
        run_state_machine_as_test(Institutions, settings=settings(max_examples=1, deadline=None, database=None))
