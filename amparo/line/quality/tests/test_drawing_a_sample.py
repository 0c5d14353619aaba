"""The draw is fair: everybody who answers is drawn equally often, and each of their conversations may come."""

import random
import uuid
from collections import Counter
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.dates import monday_of
from amparo.foundation.core.refusal import Refused
from amparo.line.contacts.models import Contact
from amparo.line.quality import rules
from amparo.line.quality.models import Sample
from amparo.line.quality.picklists import Reason
from amparo.line.quality.rules import ask_for_review, draw_at_random, draw_week
from amparo.line.switchboard.models import DangerAlert

DRAWS = 4000


def samples(reader) -> list[Sample]:
    with acting_as(reader.acting()):
        return list(Sample.objects.order_by("operator_id", "place"))


def test_each_person_and_each_conversation_is_equally_likely():
    """Somebody with three conversations and somebody with thirty are both drawn twice."""
    contacts = {1: [f"a{n}" for n in range(3)], 2: [f"b{n}" for n in range(30)], 3: ["c"]}
    chance, often = random.Random(11), Counter()
    for _ in range(DRAWS):
        found = draw_at_random(contacts, 2, chance)
        assert {person: len(drawn) for person, drawn in found.items()} == {1: 2, 2: 2, 3: 1}
        assert all(len(set(drawn)) == len(drawn) and set(drawn) <= set(contacts[p]) for p, drawn in found.items())
        often.update(name for drawn in found.values() for name in drawn)
    for person, share in ((1, 2 / 3), (2, 2 / 30)):
        for name in contacts[person]:
            assert often[name] / DRAWS == pytest.approx(share, abs=5 * (share * (1 - share) / DRAWS) ** 0.5)


def test_a_week_is_drawn_once_and_its_reason_kept(talk, ana, rufino, marta, nelly, monday, now):
    for hours in range(5):
        talk(ana, 10 + hours)
    talk(rufino)
    talk(ana, 200)  # the week after
    for _twice in range(2):
        draw_week(timezone.localdate(monday), by=marta, now=now)
    found = samples(marta)
    assert [(each.operator, each.place, each.reason) for each in found] == [
        (ana, 0, Reason.RANDOM), (ana, 1, Reason.RANDOM), (rufino, 0, Reason.RANDOM),
    ]  # fmt: skip
    assert {each.week for each in found} == {timezone.localdate(monday)}
    assert [each.reviewers for each in found] == [2, 1, 2]


def test_one_supervisor_alone_is_not_asked_for_two_reviews(talk, ana, marta, monday, now):
    talk(ana)
    draw_week(timezone.localdate(monday), by=marta, now=now)
    assert [each.reviewers for each in samples(marta)] == [1]


def test_the_database_draws_nobody_more_often(talk, ana, marta, monday, now):
    one, other = talk(ana), talk(ana, 12)
    row = {"operator": ana, "week": timezone.localdate(monday), "drawn_at": now, "drawn_by": marta, "place": 0}
    with acting_as(marta.acting()):
        Sample.objects.create(contact=one, **row)
        with pytest.raises(IntegrityError), transaction.atomic():
            Sample.objects.create(contact=other, **row)
        Sample.objects.create(contact=other, **row | {"place": 1})


def test_danger_is_always_reviewed(talk, ana, marta, monday, now):
    dangerous = [talk(ana, 10 + hours, danger=True) for hours in range(4)]
    draw_week(timezone.localdate(monday), by=marta, now=now)
    assert {each.contact_id for each in samples(marta)} == {each.pk for each in dangerous}


def test_danger_that_was_marked_after_the_call_or_in_a_chat_is_reviewed_too(talk, ana, marta, monday, now):
    talks = [talk(ana, 10 + hours) for hours in range(5)]
    with acting_as(ana.acting()):
        DangerAlert.objects.create(call=talks[0].call, at=now, raised_by=ana)
        chat = uuid.uuid4()
        DangerAlert.objects.create(chat=chat, at=now, raised_by=ana)
    found = rules._contacts_with_danger([*talks, Contact(chat_id=chat)])
    assert [each.pk for each in found[:1]] == [talks[0].pk]
    assert [each.chat_id for each in found] == [None, chat]
    draw_week(timezone.localdate(monday), by=marta, now=now)
    assert talks[0].pk in {each.contact_id for each in samples(marta)}


def test_a_week_that_is_not_over_is_not_drawn(ana, marta, now):
    with pytest.raises(Refused):
        draw_week(monday_of(timezone.localdate(now)), by=marta, now=now)
    with pytest.raises(Refused):
        draw_week(monday_of(timezone.localdate(now)) - timedelta(days=7), by=ana, now=now)


def test_somebody_asks_for_a_review_of_what_they_answered(talk, ana, rufino, now):
    contact = talk(ana)
    for _twice in range(2):
        ask_for_review(contact, by=ana, now=now)
    assert [(each.contact_id, each.reason) for each in samples(ana)] == [(contact.pk, Reason.REQUESTED)]
    with pytest.raises(Refused):
        ask_for_review(contact, by=rufino, now=now)
    with pytest.raises(Refused):
        ask_for_review(contact, by=ana, now=now + timedelta(days=60))
