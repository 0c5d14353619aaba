"""Saves may arrive in any order and repeatedly: nothing acknowledged is lost, and no unseen edit is overwritten."""

import uuid

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from amparo.foundation.access.models import User
from amparo.line.contacts.models import Contact, Draft
from amparo.line.contacts.rules import changed_since, open_contact, save_draft
from amparo.line.switchboard.models import Call
from tests.repetitions import repeat

FIELDS = ("notes", "urgency", "safe_to_talk")
VALUES = {
    "notes": st.text("ab\n ", max_size=6),
    "urgency": st.sampled_from(["", "soon", "urgent"]),
    "safe_to_talk": st.sampled_from(["yes", "no", "not_asked"]),
}
PAGES = st.integers(0, 2)


class Page:
    def __init__(self):
        self.key, self.revision, self.version = uuid.uuid4(), 0, 0
        self.sent = []  # every batch sent so far, to repeat or deliver late


class Pages(RuleBasedStateMachine):
    """The oracle knows the text of each field, the page that wrote it, and its version."""

    def __init__(self):
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.now = timezone.now()
        self.ana = User.objects.create(username=f"ana {uuid.uuid4()}")
        call = Call.objects.create(arrived_at=self.now, operators=[self.ana.pk])
        self.contact = open_contact(call, by=self.ana, now=self.now)
        self.pages = [Page() for _ in range(3)]
        self.text = {"notes": "", "urgency": "", "safe_to_talk": "not_asked"}
        self.written = dict.fromkeys(FIELDS, (0, None))  # version, page
        self.latest = {}  # (page, field) -> highest revision that was handled
        self.version = 0

    def teardown(self):
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    @rule(number=PAGES, data=st.data())
    def write(self, number, data):
        """A page sends a new batch, which arrives at once or later."""
        page = self.pages[number]
        page.revision += 1
        fields = data.draw(st.sets(st.sampled_from(FIELDS), min_size=1))
        changes = {field: data.draw(VALUES[field]) for field in sorted(fields)}
        batch = (page.revision, page.version, changes)
        page.sent.append(batch)
        if data.draw(st.booleans()):
            self.arrive(number, batch)

    @rule(number=PAGES, data=st.data())
    def arrive_again_or_late(self, number, data):
        if self.pages[number].sent:
            self.arrive(number, data.draw(st.sampled_from(self.pages[number].sent)))

    @rule(number=PAGES)
    def look(self, number):
        """A page reads all changes."""
        page = self.pages[number]
        contact = Contact.objects.get(pk=self.contact.pk)
        changed = changed_since(contact, page.version)
        assert set(changed) == {field for field in FIELDS if self.written[field][0] > page.version}
        assert all(self.text[field] == change["text"] for field, change in changed.items())
        page.version = contact.version

    def arrive(self, number, batch):
        revision, based_on, changes = batch
        page = self.pages[number]
        expected, changed = set(), []
        for field, text in changes.items():
            if revision <= self.latest.get((number, field), 0):
                continue
            version, writer = self.written[field]
            if text != self.text[field] and version > based_on and writer != number:
                expected.add(field)
                continue
            self.latest[number, field] = revision
            # sealed and written by this page, so not decrypted
            is_not_opened = field == "notes" and writer == number and self.text[field]
            if text != self.text[field] or is_not_opened:
                changed.append(field)
        if changed:
            self.version += 1
        for field in changed:
            self.text[field], self.written[field] = changes[field], (self.version, number)
        saved = save_draft(
            self.contact, key=page.key, revision=revision, based_on=based_on, changes=changes, by=self.ana, now=self.now
        )
        assert {conflict.field for conflict in saved.conflicts} == expected
        assert all(c.theirs == self.text[c.field] and c.mine == changes[c.field] for c in saved.conflicts)
        assert saved.version == self.version

    @invariant()
    def what_is_kept_is_what_the_oracle_says(self):
        contact = Contact.objects.get(pk=self.contact.pk)
        assert {
            "notes": contact.notes or "",
            "urgency": contact.urgency,
            "safe_to_talk": contact.safe_to_talk,
        } == self.text
        assert Draft.objects.filter(contact=contact).count() <= len(self.pages)


@pytest.mark.soak
@pytest.mark.django_db
@pytest.mark.timeout(repeat(300, 20_000))
def test_no_order_of_arrival_loses_or_doubles_anything():
    quick = settings(
        max_examples=repeat(25, 600),
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    run_state_machine_as_test(Pages, settings=quick)
