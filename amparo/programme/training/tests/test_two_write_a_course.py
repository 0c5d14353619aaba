"""Two supervisors write the same course: nobody overwrites a field, step or question that the other wrote unseen."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from amparo.foundation.access.models import Role, User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.programme.training import course_rules
from amparo.programme.training.models import OwnCourse, OwnRecording
from amparo.programme.training.quiz import MOST_QUESTIONS

from .test_writing_courses import wav

PAGE = "/courses/first-call"
FORMS = {  # the page, the address of its form, and a field with what each of the two writes
    "the person": (PAGE, PAGE, "persona", ("Rosa, 30 (inventada)", "Elsa, 40 (inventada)")),
    "the right answer": (PAGE, PAGE, "urgency", ("urgent", "routine")),
    "the lesson": (PAGE, f"{PAGE}/lesson", "lesson", ("Lección de Marta", "Lección de Noé")),
    "a question": (f"{PAGE}/quiz/1", f"{PAGE}/quiz/1", "asks", ("¿Pregunta de Marta?", "¿Pregunta de Noé?")),
    "a step": (f"{PAGE}/steps/start", f"{PAGE}/steps/start", "says", ("Alo, dice Marta.", "Alo, dice Noé.")),
}  # fmt: skip


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def two(marta) -> tuple[Client, Client]:
    """Marta and Noé, with a course that trainees do not practise yet."""
    noe = User.objects.create(username="noe", first_name="Noé G.", role=Role.SUPERVISOR)
    one, other = signed_in(marta), signed_in(noe)
    one.post(f"{PAGE}/take")
    OwnCourse.objects.update(is_offered=False)
    return one, other


def sent(answer: Any, address: str) -> dict[str, Any]:
    """What a browser sends when nobody changes the form with this address."""
    form = answer.context["lesson_form" if address.endswith("/lesson") else "form"]
    values = {each.html_name: each.field.widget.format_value(each.value()) for each in form}
    found = re.search(rf'action="{address}">.*?name="based_on" value="(\d+)"', answer.content.decode(), re.DOTALL)
    assert found, address
    fields = {name: value[0] if isinstance(value, list) else value for name, value in values.items() if value}
    return fields | {"based_on": found[1]}


def stored(field: str) -> str:
    own = OwnCourse.objects.get()
    return str({
        "persona": own.persona, "lesson": own.lesson, "urgency": own.expected["urgency"],
        "asks": own.question["1"]["asks"], "says": own.step["start"]["says"],
    }[field])  # fmt: skip


@pytest.mark.parametrize("what", FORMS)
def test_the_second_reads_what_the_first_wrote_and_loses_nothing(two, what):
    (one, other), (page, address, field, (first, second)) = two, FORMS[what]
    theirs, mine = (sent(client.get(page), address) for client in two)
    assert one.post(address, theirs | {field: first}).status_code == 302
    refused = other.post(address, mine | {field: second})
    assert refused.status_code == 422
    quoted = re.search(r'<p class="quoted">(.*?)</p>', refused.content.decode(), re.DOTALL)[1]
    assert re.search(r"Marta[^<]* cambió esto a las", refused.content.decode())
    assert (first if field != "urgency" else "24 horas") in quoted
    assert first in stored(field)
    again = sent(refused, address)
    assert again[field] == second
    assert other.post(address, again).status_code == 302  # the colleague's words were seen
    assert second in stored(field)


def test_two_steps_and_two_questions_are_kept_beside_each_other(two):
    one, other = two
    pages = [f"{PAGE}/steps/start", f"{PAGE}/steps/there", f"{PAGE}/quiz/1", f"{PAGE}/quiz/2"]
    forms = {page: sent(one.get(page), page) for page in pages}
    for client, page in zip((one, other, one, other), pages, strict=True):
        field = "says" if "steps" in page else "asks"
        assert client.post(page, forms[page] | {field: f"De {page}."}).status_code == 302, page
    own = OwnCourse.objects.get()
    words = [own.step[name]["says"][0] for name in ("start", "there")]
    assert [*words, *(own.question[number]["asks"] for number in "12")] == [f"De {page}." for page in pages]


def test_questions_that_two_add_at_once_both_stand_in_the_quiz(two):
    before = len(OwnCourse.objects.get().question)
    form = {"choices": "*Sí\nNo", "why": "Porque sí."}
    for number, client in enumerate(two):
        assert client.post(f"{PAGE}/quiz/new", form | {"asks": f"¿Nueva {number}?"}).status_code == 302
    questions = [each["asks"] for _number, each in OwnCourse.objects.get().questions]
    assert (len(questions), questions[-2:]) == (before + 2, ["¿Nueva 0?", "¿Nueva 1?"])


def test_a_removed_question_does_not_move_the_words_of_the_next_one(two):
    """The second opened question 2 before the first removed question 1."""
    one, other = two
    address = f"{PAGE}/quiz/2"
    mine = sent(other.get(address), address)
    removed = sent(one.get(f"{PAGE}/quiz/1"), f"{PAGE}/quiz/1")
    assert one.post(f"{PAGE}/quiz/1/remove", {"based_on": removed["based_on"]}).status_code == 302
    third = OwnCourse.objects.get().question["3"]
    assert other.post(address, mine | {"asks": "¿La segunda?"}).status_code == 302
    own = OwnCourse.objects.get()
    assert (own.question["2"]["asks"], own.question["3"]) == ("¿La segunda?", third)
    assert other.get(f"{PAGE}/quiz/1").status_code == 404


@pytest.mark.parametrize("what", ["a question", "a step"])
def test_what_a_colleague_has_just_changed_is_not_removed_unseen(two, what):
    one, other = two
    if what == "a step":
        one.post(f"{PAGE}/steps/nuevo", {"says": "Algo.", "end": "left"})
    address = f"{PAGE}/steps/nuevo" if what == "a step" else f"{PAGE}/quiz/1"
    field = "says" if what == "a step" else "asks"
    mine, theirs = (sent(client.get(address), address) for client in (other, one))
    assert one.post(address, theirs | {field: "De Marta."}).status_code == 302
    refused = other.post(f"{address}/remove", {"based_on": mine["based_on"]})
    assert refused.status_code == 422
    assert "De Marta." in refused.content.decode()
    seen = sent(refused, address)["based_on"]
    assert other.post(f"{address}/remove", {"based_on": seen}).status_code == 302
    assert other.get(address).status_code == (200 if what == "a step" else 404)


def test_a_course_that_a_colleague_has_just_changed_is_not_restored_unseen(two):
    one, other = two
    seen, theirs = (sent(client.get(PAGE), PAGE) for client in (other, one))
    assert one.post(PAGE, theirs | {"title": "Otro título"}).status_code == 302
    assert other.post(f"{PAGE}/restore", {"based_on": seen["based_on"]}).status_code == 422
    assert OwnCourse.objects.exists()
    assert other.post(f"{PAGE}/restore", {"based_on": sent(other.get(PAGE), PAGE)["based_on"]}).status_code == 302
    assert not OwnCourse.objects.exists()


def test_a_question_that_a_colleague_removed_comes_back_only_below_the_limit(two, marta):
    own = OwnCourse.objects.get()
    question = own.question["1"]
    own.question = {str(number): question for number in range(1, MOST_QUESTIONS + 1)}
    own.save()
    changed = question | {"why": "Por algo."}
    with acting_as(marta.acting()):
        with pytest.raises(Refused, match=str(MOST_QUESTIONS)):
            course_rules.change_question(own, MOST_QUESTIONS + 1, changed, by=marta, now=timezone.now())
        course_rules.change_question(own, MOST_QUESTIONS, changed, by=marta, now=timezone.now())
    assert OwnCourse.objects.get().question[str(MOST_QUESTIONS)] == changed


def test_a_course_that_a_colleague_has_restored_is_changed_no_more(two, marta):
    own = OwnCourse.objects.get()
    assert two[1].post(f"{PAGE}/restore", {"based_on": own.version}).status_code == 302
    with acting_as(marta.acting()), override("en"), pytest.raises(Refused, match="went back to the shipped course"):
        course_rules.change_lesson(own, "x", 80, by=marta, now=timezone.now())


def test_a_form_that_does_not_say_what_it_was_based_on_overwrites_nothing(two):
    one, other = two
    address = f"{PAGE}/steps/start"
    mine = sent(other.get(address), address)
    one.post(address, mine | {"says": "De Marta."})
    del mine["based_on"]
    assert other.post(address, mine | {"says": "Sin mirar."}).status_code == 422


def test_a_line_that_a_colleague_has_just_recorded_is_not_replaced_unheard(two):
    """The control: another line is recorded beside it, and the same one after one has seen theirs."""
    one, other = two
    page, record = f"{PAGE}/steps/start", f"{PAGE}/steps/start/record"
    lines = OwnCourse.objects.get().step["start"]["says"]
    mine, theirs = (sent_by(client.get(page), record) for client in (other, one))
    assert one.post(record, theirs | {"line": lines[0], "file": wav()}).status_code == 302
    kept = bytes(OwnRecording.objects.get(line=lines[0]).sound)
    refused = other.post(record, mine | {"line": lines[0], "file": wav(sample=b"\0\x40")})
    assert refused.status_code == 422
    assert re.search(r"Marta[^<]* cambió esto a las", refused.content.decode())
    assert bytes(OwnRecording.objects.get(line=lines[0]).sound) == kept
    again = sent_by(refused, record) | {"line": lines[0], "file": wav(sample=b"\0\x40")}
    assert other.post(record, again).status_code == 302
    assert bytes(OwnRecording.objects.get(line=lines[0]).sound) != kept


def sent_by(answer: Any, address: str) -> dict[str, str]:
    """The hidden field of the form with this address."""
    found = re.search(rf'action="{address}">.*?name="based_on" value="(\d+)"', answer.content.decode(), re.DOTALL)
    assert found, address
    return {"based_on": found[1]}
