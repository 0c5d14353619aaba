"""The operator reads feedback first. PostgreSQL hides it from other supervisors until they answer, or a week."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from amparo.foundation.access.models import User
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.line.contacts.rules import open_contact
from amparo.line.quality.models import OPENS_AFTER, Answer, Review, Sample
from amparo.line.quality.rules import agreement_by_item, answer_feedback, ask_for_review, draw_week, review
from amparo.line.switchboard.models import Call

from .conftest import MARKS


def read(reader: User) -> list[str]:
    with acting_as(reader.acting()):
        return [str(each.feedback) for each in Review.objects.select_related("key").order_by("written_at")]


@pytest.fixture
def drawn(talk, ana, marta, nelly, monday, now) -> Sample:
    """A conversation of Ana that two people review."""
    talk(ana)
    draw_week(timezone.localdate(monday), by=marta, now=now)
    with acting_as(marta.acting()):
        return Sample.objects.get()


def test_the_operator_reads_it_before_other_supervisors(reviewed, ana, rufino, marta, nelly, now):
    assert read(ana) == read(marta) == ["Listened well."]
    assert read(nelly) == read(rufino) == []
    answer_feedback(reviewed, "Thank you.", by=ana, now=now)
    assert read(nelly) == ["Listened well."]
    assert read(rufino) == []
    with acting_as(nelly.acting()):
        assert Answer.objects.select_related("key").get().words == "Thank you."


def test_feedback_that_nobody_answers_opens_after_a_week_and_its_person_was_told(reviewed, ana, rufino, nelly, now):
    def pages(client: Client) -> str:
        return "".join(client.get(address).content.decode() for address in ("/quality", f"/quality/{reviewed.pk}"))

    client, other = Client(), Client()
    client.force_login(ana)
    other.force_login(nelly)
    day = date_format(timezone.localtime(now + OPENS_AFTER), "DATETIME_FORMAT")
    assert pages(client).count(f"podrá leer los comentarios desde el {day}") == 2
    assert f"/quality/{reviewed.pk}" not in other.get("/quality").content.decode()
    Sample.objects.update(ready_at=timezone.now() - OPENS_AFTER + timedelta(hours=1))
    assert read(nelly) == []
    Sample.objects.update(ready_at=timezone.now() - OPENS_AFTER - timedelta(hours=1))
    assert read(nelly) == ["Listened well."]
    assert read(rufino) == []
    assert "Listened well." in pages(other)
    assert pages(client).count("puede leer los comentarios desde el") == 2
    answer_feedback(reviewed, "Sorry, late.", by=ana, now=now)  # it can still be answered


def test_two_reviewers_do_not_see_each_other_and_the_operator_sees_both_at_once(drawn, ana, marta, nelly, now):
    review(drawn, MARKS, "First.", by=marta, now=now)
    assert read(ana) == read(nelly) == []
    with pytest.raises(Refused):
        answer_feedback(drawn, "", by=ana, now=now)
    review(drawn, MARKS, "Second.", by=nelly, now=now)
    assert (read(marta), read(nelly)) == (["First."], ["Second."])
    assert sorted(read(ana)) == ["First.", "Second."]
    answer_feedback(drawn, "", by=ana, now=now)
    assert sorted(read(marta)) == ["First.", "Second."]


def test_no_supervisor_answers_in_the_operators_name(reviewed, ana, marta, nelly, now):
    """In the database too; the control is the operator's own row."""
    row = {"sample": reviewed, "key": reviewed.contact.key, "operator": ana, "answered_at": now}
    with pytest.raises(Refused):
        answer_feedback(reviewed, "", by=nelly, now=now)
    with pytest.raises(Exception, match="row-level security"), acting_as(nelly.acting()):
        Answer.objects.create(**row)
    with pytest.raises(IntegrityError), acting_as(nelly.acting()):
        Answer.objects.create(**row | {"operator": nelly})
    with acting_as(ana.acting()):
        Answer.objects.create(**row)


def test_nobody_reviews_themselves_or_twice_or_when_it_is_done(sample, talk, monday, ana, rufino, marta, nelly, now):
    review(sample, MARKS, "Well.", by=marta, now=now)
    for by in (marta, nelly):
        with pytest.raises(Refused):
            review(sample, MARKS, "Again.", by=by, now=now)
    with pytest.raises(Refused):
        review(sample, MARKS, "Well.", by=rufino, now=now)
    talk(marta)
    draw_week(timezone.localdate(monday), by=nelly, now=now)
    with acting_as(nelly.acting()):
        of_marta = Sample.objects.get(operator=marta)
    with pytest.raises(Refused):
        review(of_marta, MARKS, "I am good.", by=marta, now=now)
    row = {"sample": of_marta, "key": sample.contact.key, "operator": marta, "marks": {}, "written_at": now}
    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.create(**row, reviewer=marta)


@pytest.mark.parametrize("wrong", [{"safety": "4"}, {"kindness": "3"}])
def test_a_sheet_is_complete_and_has_a_sentence(sample, marta, now, wrong):
    with pytest.raises(Refused):
        review(sample, MARKS | wrong, "Well.", by=marta, now=now)
    with pytest.raises(Refused):
        review(sample, dict.fromkeys(list(MARKS)[1:], "3"), "Well.", by=marta, now=now)
    with pytest.raises(Refused):
        review(sample, MARKS, "  ", by=marta, now=now)


def test_words_are_sealed_and_forgotten_with_the_contact_and_marks_stay(reviewed, ana, marta, now):
    answer_feedback(reviewed, "Thank you.", by=ana, now=now)
    raw = b"".join(bytes(row) for row in Review.objects.values_list("feedback", flat=True))
    assert b"Listened" not in raw
    with acting_as(marta.acting()):
        reviewed.contact.key.forget()
    assert Review.objects.filter(feedback=None, marks=MARKS).exists()
    assert not Answer.objects.filter(~Q(words=None)).exists()


def test_it_is_in_the_ledger(reviewed, ana, now):
    read(ana)
    answer_feedback(reviewed, "", by=ana, now=now)
    verbs = {entry.what for entry in Entry.objects.all()}
    assert {"ask_for_review", "review", "answer_feedback"} <= verbs
    assert any("look" in each for each in verbs)


def test_agreement_counts_pairs_that_were_answered(talk, ana, rufino, marta, nelly, monday, now):
    for person in [ana, rufino, *(User.objects.create(username=f"op{n}") for n in range(10))]:
        talk(person)
    draw_week(timezone.localdate(monday), by=marta, now=now)
    with acting_as(marta.acting()):
        drawn = list(Sample.objects.select_related("operator"))
    for number, each in enumerate(drawn):
        review(each, MARKS | {"safety": str(number % 2)}, "One.", by=marta, now=now)
        review(each, MARKS | {"safety": str(number % 2)}, "Two.", by=nelly, now=now)
        if number < 11:
            answer_feedback(each, "", by=each.operator, now=now)
    with acting_as(marta.acting()):
        found = {each.item.name: each for each in agreement_by_item()}
    assert (found["safety"].kappa.value, found["safety"].kappa.pairs) == (1, 11)
    assert (found["safety"].weighted.value, found["safety"].weighted.pairs) == (1, 11)
    assert found["limits"].kappa is found["limits"].weighted is None  # one word alone
    client = Client()
    client.force_login(marta)
    page = client.get("/quality").content.decode()
    assert '<svg class="chart agreement"' in page


def test_the_pages(sample, ana, rufino, marta, nelly):
    client = Client()
    client.force_login(marta)
    address = f"/quality/{sample.pk}"
    assert address in client.get("/quality").content.decode()
    assert client.get(address).content.decode().count("<fieldset") == len(MARKS)
    assert client.post(f"{address}/review", {"safety": "3"}).status_code == 422
    sent = client.post(f"{address}/review", MARKS | {"notes": "none", "feedback": "Escuchó bien."})
    assert sent.status_code == 302
    client.force_login(nelly)
    assert "Escuchó bien." not in client.get(address).content.decode()
    client.force_login(rufino)
    assert client.get(address).status_code == 404
    client.force_login(ana)
    page = client.get(address).content.decode()
    assert "Escuchó bien." in page
    assert "no corresponde" in page
    assert client.post(f"{address}/answer", {"words": "Gracias."}).status_code == 302
    client.force_login(nelly)
    page = client.get(address).content.decode()
    assert "Gracias." in page
    assert "Escuchó bien." in page


def test_the_page_of_an_operator_asks_for_a_review_and_draws_nothing(talk, ana, rufino):
    contact = talk(ana)
    client = Client()
    client.force_login(ana)
    page = client.get("/quality").content.decode()
    assert str(contact.pk) in page
    assert "/samples/draw" not in page
    assert client.post("/samples/draw").status_code == 404
    assert client.post("/quality/ask", {"contact": str(contact.pk)}).status_code == 302
    client.force_login(rufino)
    assert client.post("/quality/ask", {"contact": str(contact.pk)}).status_code == 422


def test_feedback_does_not_wait_for_a_reviewer_who_left(talk, ana, marta, nelly, monday, now):
    talk(ana)
    draw_week(timezone.localdate(monday), by=marta, now=now)
    with acting_as(marta.acting()):
        drawn = Sample.objects.get()
    assert drawn.reviewers == 2
    review(drawn, MARKS, "Listened well.", by=marta, now=now)
    with acting_as(ana.acting()):
        assert not Review.objects.exists()  # the control: the second review is missing
    User.objects.filter(pk=nelly.pk).update(is_active=False)
    draw_week(timezone.localdate(monday), by=marta, now=now)
    with acting_as(ana.acting()):
        assert Review.objects.get().reviewer == marta


def test_nobody_reviews_a_conversation_in_which_they_took_part(talk, ana, marta, nelly, now):
    contact = talk(ana)
    Call.objects.filter(pk=contact.call_id).update(operators=[ana.pk, marta.pk])
    open_contact(Call.objects.get(pk=contact.call_id), by=marta, now=now)
    ask_for_review(contact, by=ana, now=now)
    with acting_as(marta.acting()):
        requested = Sample.objects.get()
    with pytest.raises(Refused, match="participó"):
        review(requested, MARKS, "We did well.", by=marta, now=now)
    with acting_as(marta.acting()):
        assert requested not in Sample.objects.to_review(marta)
    with acting_as(nelly.acting()):
        assert requested in Sample.objects.to_review(nelly)
    review(requested, MARKS, "Listened well.", by=nelly, now=now)  # the control


def test_who_took_part_is_not_waited_for(talk, ana, marta, nelly, monday, now):
    contact = talk(ana)
    Call.objects.filter(pk=contact.call_id).update(operators=[ana.pk, marta.pk])
    open_contact(Call.objects.get(pk=contact.call_id), by=marta, now=now)
    draw_week(timezone.localdate(monday), by=nelly, now=now)
    with acting_as(nelly.acting()):
        drawn = Sample.objects.get()
    assert drawn.reviewers == 1
    review(drawn, MARKS, "Listened well.", by=nelly, now=now)
    with acting_as(ana.acting()):
        assert Review.objects.exists()


def test_words_that_were_forgotten_are_said_so(sample, reviewed, ana, nelly, now):
    with acting_as(nelly.acting()):
        sample.contact.key.forget()
    with pytest.raises(Refused, match="eliminó"):
        answer_feedback(reviewed, "Thank you.", by=ana, now=now)
    with pytest.raises(Refused, match="eliminó"):
        review(reviewed, MARKS, "Late.", by=nelly, now=now)
