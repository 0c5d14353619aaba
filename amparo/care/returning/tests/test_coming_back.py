"""With a code and without a name: what happened, a message to the team, and a withdrawn consent."""

from datetime import timedelta

import pytest
from hypothesis import given as each
from hypothesis import strategies as st

from amparo.care.people.picklists import Part
from amparo.care.people.rules import add_person
from amparo.care.police_reports.models import Report
from amparo.care.police_reports.picklists import Decision, Source
from amparo.care.police_reports.rules import receive_report, record_decision, report_to_police
from amparo.care.referrals.picklists import DeclineReason, ReferralEventKind
from amparo.care.referrals.rules import record_referral_event
from amparo.care.returning import code_requests
from amparo.care.returning.case_status import case_status
from amparo.care.returning.rules import set_code_owner, withdraw_with_code
from amparo.foundation.access.spoken_codes import DIGITS, new_code
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.line.contacts.models import ReturnCodeMessage
from amparo.line.contacts.models.return_codes import actor_of_code
from amparo.line.contacts.picklists import Answer, Right
from amparo.line.contacts.return_code_rules import (
    add_code_message,
    end_code,
    give_code,
    mark_messages_read,
    reply_to_bearer,
)
from amparo.line.contacts.rights import answer_request, receive_request

FACTS = "invented facts of nobody"


def answers_of(code: str, now) -> list[str]:
    return [line.text for line in case_status(actor_of_code(code), now).lines]


@pytest.fixture
def report(person, agreed, teo, ana, now) -> Report:
    return report_to_police(person, teo.agency, facts=FACTS, source=Source.VICTIM, by=ana, now=now)


def test_a_code_is_fifteen_digits_and_stands_in_no_table(given, code):
    digits = code.replace(" ", "")
    assert (len(digits), digits.isdigit(), len(code.split(" "))) == (DIGITS, True, 5)
    assert given.bearer.startswith("1:code_")
    assert digits not in str(given.__dict__)


@each(st.data())
def test_a_slip_of_one_digit_or_two_that_changed_places_is_told(data):
    digits = new_code().replace(" ", "")
    at = data.draw(st.integers(0, DIGITS - 1))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != digits[at]]))
    with pytest.raises(Refused, match="wrong"):
        actor_of_code(digits[:at] + other + digits[at + 1 :])
    if at and digits[at] != digits[at - 1]:
        with pytest.raises(Refused, match="wrong"):
            actor_of_code(digits[: at - 1] + digits[at] + digits[at - 1] + digits[at + 1 :])
    assert actor_of_code(digits) == actor_of_code(" ".join(digits))  # the control


@pytest.mark.parametrize("typed", ["", "123", "abc def ghi jkl mno", "１２３４５６７８９０１２３４５", "9" * 60])
def test_what_cannot_be_a_code_is_said_to_be_none(typed):
    with pytest.raises(Refused, match="15 digits"):
        actor_of_code(typed)


def test_a_code_that_nobody_was_given_opens_nothing(db, now):
    with pytest.raises(Refused, match="opens nothing"):
        case_status(actor_of_code(new_code()), now)


def test_without_a_case_it_tells_what_was_said_with_it(code, given, rufino, now):
    add_code_message(actor_of_code(code), "invented words", now=now)
    reply_to_bearer(given, "invented answer", by=rufino, now=now + timedelta(minutes=1))
    assert answers_of(code, now)[1:] == ["invented words", "invented answer"]


def test_what_she_adds_waits_for_whoever_is_on_shift(code, given, rufino, now):
    add_code_message(actor_of_code(code), "invented words", now=now)
    with acting_as(rufino.acting()):
        assert [word.text for word in ReturnCodeMessage.objects.waiting()] == ["invented words"]
    mark_messages_read(given, by=rufino, now=now)
    assert not ReturnCodeMessage.objects.waiting().exists()


def test_nothing_and_too_much_are_refused_in_words(code, now):
    for text in ("", "  ", "x" * 4001):
        with pytest.raises(Refused):
            add_code_message(actor_of_code(code), text, now=now)
    assert not ReturnCodeMessage.objects.exists()


def test_what_became_of_her_report_is_told_once_it_is_said_whose_the_code_is(
    report, code, given, person, teo, ana, now
):
    receive_report(report, "F-1", by=teo, now=now)
    record_decision(report, Decision.INVESTIGATED, words="invented reason", by=teo, now=now)
    assert answers_of(code, now) == ["You talked with us."]
    set_code_owner(given, person, by=ana, now=now)
    text = " ".join(answers_of(code, now))
    assert [word for word in ("sent", "received", "decided") if word not in text] == []
    assert not any(word in text for word in (FACTS, "F-1", "invented reason", "investigation"))


def test_a_later_report_is_told_too(code, given, person, agreed, teo, ana, now):
    set_code_owner(given, person, by=ana, now=now)
    report_to_police(person, teo.agency, facts=FACTS, source=Source.VICTIM, by=ana, now=now)
    assert "Your report was sent." in answers_of(code, now)


def test_who_called_for_somebody_else_hears_nothing_of_her(report, code, given, case, ana, now):
    with acting_as(ana.acting()):
        caller = case.persons.get(part=Part.CALLER)
    set_code_owner(given, caller, by=ana, now=now)
    assert answers_of(code, now) == ["You talked with us."]
    assert case_status(actor_of_code(code), now).agreements == []


def test_a_consent_is_taken_back_and_the_report_is_gone_there(report, agreed, code, given, person, teo, ana, now):
    set_code_owner(given, person, by=ana, now=now)
    assert Report.objects.visible_to(teo).exists()
    withdraw_with_code(actor_of_code(code), agreed.pk, now=now)
    with acting_as(teo.acting()):
        assert not Report.objects.exists()
    with pytest.raises(Refused, match="already"):
        withdraw_with_code(actor_of_code(code), agreed.pk, now=now)
    with acting_as(ana.acting()):
        assert "Taken back" in ReturnCodeMessage.objects.waiting().get().text


def test_nobody_takes_back_what_somebody_else_agreed_to(report, agreed, code, given, case, talk, ana, now):
    with acting_as(ana.acting()):
        caller = case.persons.get(part=Part.CALLER)
    set_code_owner(given, caller, by=ana, now=now)
    of_another = give_code(talk(), by=ana, now=now)
    for other in (code, of_another):
        with pytest.raises(Refused):
            withdraw_with_code(actor_of_code(other), agreed.pk, now=now)
    agreed.refresh_from_db()
    assert agreed.withdrawn_at is None


def test_a_code_is_said_to_be_one_persons_and_only_of_that_case(given, person, talk, ana, now):
    elsewhere = talk()
    give_code(elsewhere, by=ana, now=now)
    with pytest.raises(Refused, match="in the case of that contact"):
        set_code_owner(elsewhere.return_codes.get(), person, by=ana, now=now)
    accused = add_person(person.key, Part.ALLEGED_PERPETRATOR, by=ana, now=now)
    with pytest.raises(Refused):
        set_code_owner(given, accused, by=ana, now=now)
    assert set_code_owner(given, person, by=ana, now=now) == set_code_owner(given, person, by=ana, now=now)


def test_a_code_that_was_ended_opens_nothing_from_the_next_query_on(given, code, ana, contact, now):
    with pytest.raises(Refused, match="has a code already"):
        give_code(contact, by=ana, now=now)
    end_code(given, by=ana, now=now)
    with pytest.raises(Refused, match="opens nothing"):
        answers_of(code, now)
    assert answers_of(give_code(contact, by=ana, now=now), now) == ["You talked with us."]


def test_what_is_erased_takes_its_code_along(given, code, contact, ana, now, django_user_model):
    marta = django_user_model.objects.create(username="marta", role="supervisor")
    add_code_message(actor_of_code(code), "invented words", now=now)
    data_request = receive_request(contact, Right.ERASE, by=ana, now=now)
    answer_request(data_request, answer=Answer.DONE, code=contact.code, by=marta, now=now)
    with pytest.raises(Refused, match="opens nothing"):
        answers_of(code, now)
    given.key.refresh_from_db()
    assert given.key.forgotten_at is not None


def test_nobody_outside_the_line_gives_ends_or_answers(contact, teo, now):
    with pytest.raises(Refused, match="not for your role"):
        give_code(contact, by=teo, now=now)


def test_one_that_ends_between_her_words_and_the_answer_is_told_in_a_sentence(code, given, ana, now, monkeypatch):
    add = code_requests.add_code_message

    def add_and_end(acting, text, *, now):
        add(acting, text, now=now)
        end_code(given, by=ana, now=now)

    monkeypatch.setattr(code_requests, "add_code_message", add_and_end)
    back = code_requests.handle_code_request({"code": code, "do": "add", "text": "invented words"}, now)
    assert (back.status, back.text, "opens nothing" in back.refusal) == (422, "invented words", True)


def test_it_tells_how_far_a_service_came_and_never_which(person, code, given, ask_for, ana, now):
    """ "Requested" stays "requested"; referrals of other people in the case are not shown."""
    other = add_person(person.key, part=Part.AT_RISK, by=ana, now=now)
    set_code_owner(given, person, by=ana, now=now)
    referrals = [ask_for(whom, FACTS) for whom in (person, other)]
    later = now + timedelta(hours=1)
    assert [line for line in answers_of(code, later) if "service" in line] == [
        "We asked a service to help you. It has to answer yet."
    ]
    record_referral_event(referrals[0], ReferralEventKind.ACCEPTED, words="Rosa", by=ana, now=later)
    record_referral_event(
        referrals[1], ReferralEventKind.DECLINED, why_not=DeclineReason.SAFETY, words="Rosa", by=ana, now=later
    )
    story = str(answers_of(code, later))
    assert ("said yes" in story, "cannot" in story, "Ejemplo" in story, FACTS in story) == (True, False, False, False)
    end_code(given, by=ana, now=later)
    with pytest.raises(Refused, match="opens nothing"):
        answers_of(code, later)
