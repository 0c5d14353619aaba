"""A lesson and a quiz come before the practice; the certificate needs both. A supervisor writes them on a screen."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

from amparo.foundation.access.models import User
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.line.roster.models import Certificate
from amparo.programme.training.courses import courses
from amparo.programme.training.models import OwnCourse, Practice, QuizResult, course_by_code
from amparo.programme.training.quiz import questions_of
from amparo.programme.training.rules import begin_practice, scoring, take_quiz

from .conftest import pass_quiz, practise

COURSE = courses()["first-call"]
RIGHT = [question.right for question in COURSE.questions]
PAGE = "/practice/courses/first-call/lesson"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def typed(answers) -> dict[str, list[str]]:
    return {f"question-{at}": [str(each) for each in answer] for at, answer in enumerate(answers)}


def wrong_in(count: int) -> list[frozenset[int]]:
    """Answers of which so many are wrong: another choice, or only one of two right ones."""
    return [frozenset({min({0, 1, 2} - answer)}) if at < count else answer for at, answer in enumerate(RIGHT)]


def test_nobody_practises_before_the_quiz_is_passed(ana, rufino, now):
    with pytest.raises(Refused):
        begin_practice(COURSE, by=ana, now=now)
    assert not take_quiz(COURSE, wrong_in(2), by=ana, now=now).passed
    with pytest.raises(Refused):
        begin_practice(COURSE, by=ana, now=now)
    result = take_quiz(COURSE, wrong_in(1), by=ana, now=now)
    assert (result.right, result.questions, result.passed) == (4, 5, True)
    assert begin_practice(COURSE, by=ana, now=now).user == ana
    with pytest.raises(Refused):
        begin_practice(COURSE, by=rufino, now=now)
    assert Entry.objects.filter(what="take_quiz", user_id=ana.pk).count() == 2


@pytest.mark.parametrize("answers", [[], RIGHT[:-1], [*RIGHT[:-1], frozenset()]])
def test_every_question_is_answered(ana, now, answers):
    with pytest.raises(Refused):
        take_quiz(COURSE, answers, by=ana, now=now)
    assert not QuizResult.objects.exists()


def test_a_lesson_without_questions_has_no_quiz_to_take(ana, marta):
    boss, page = signed_in(marta), "/courses/first-chat"
    boss.post(f"{page}/take")
    boss.post(f"{page}/lesson", {"lesson": "Uno.", "quiz_mark": "100"})
    assert signed_in(ana).post("/practice/courses/first-chat/lesson").status_code == 422
    assert not QuizResult.objects.exists()


def test_half_of_two_right_choices_is_not_right(ana, now):
    several = next(at for at, answer in enumerate(RIGHT) if len(answer) > 1)
    for answer in (frozenset({min(RIGHT[several])}), RIGHT[several] | {0}):
        answers = [*RIGHT[:several], answer, *RIGHT[several + 1 :]]
        assert take_quiz(COURSE, answers, by=ana, now=now).right == len(RIGHT) - 1


def test_the_database_certifies_nobody_without_the_quiz(ana, now):
    """The course is given a quiz while a practice of it runs."""
    practice, _contact = practise(ana, now)
    with scoring(ana):
        Practice.objects.filter(pk=practice.pk).update(finished_at=now, met={}, points=100, passed=True)

    def certify(*, has_quiz: bool) -> int:
        with scoring(ana), connection.cursor() as cursor:
            values = practice.pk, "chats", now, now + timedelta(days=1), has_quiz
            cursor.execute("select training_certify(%s, %s, %s, %s, %s)", values)
        return Certificate.objects.count()

    assert certify(has_quiz=True) == 0
    pass_quiz(ana, now)
    assert certify(has_quiz=True) == 0, "of another course"
    with scoring(ana):
        QuizResult.objects.create(
            user=ana, course_code=practice.course_code, at=now, right=1, questions=1, passed=True
        )  # fmt: skip
    assert certify(has_quiz=True) == 1


def test_a_colleague_reads_no_results(ana, rufino, marta, now):
    pass_quiz(ana, now)
    seen = {}
    for user in (ana, rufino, marta):
        with acting_as(user.acting()):
            seen[user] = QuizResult.objects.count()
    assert seen == {ana: 1, rufino: 0, marta: 1}


def test_the_page_explains_each_answer_after_the_quiz_and_not_before(ana):
    client = signed_in(ana)
    before = client.get(PAGE).content.decode()
    whys = [question.whys["es"].split(".")[0] for question in COURSE.questions]
    assert "Primero la seguridad" in before
    assert not [why for why in whys if why in before]
    assert client.post(PAGE, typed(RIGHT[:2])).status_code == 422
    after = client.post(PAGE, typed(wrong_in(2))).content.decode()
    assert all(why in after for why in whys)
    assert after.count("No es correcta.") == 2
    assert "practice/courses/first-call/begin" not in after
    assert "practice/courses/first-call/begin" in client.post(PAGE, typed(RIGHT)).content.decode()
    assert "Cumple" not in client.get("/practice/courses/first-chat/lesson").content.decode()
    assert client.get("/practice/courses/first-chat/lesson").status_code == 404, "it has none"


def test_a_supervisor_writes_the_lesson_and_the_questions(ana, marta):
    boss, page = signed_in(marta), "/courses/first-chat"
    boss.post(f"{page}/take")
    assert boss.post(f"{page}/lesson", {"lesson": "Uno.\n\n- <b>dos</b>", "quiz_mark": "100"}).status_code == 302
    question = {"asks": "¿Qué va primero?", "choices": "El nombre\n* La seguridad\n*El riesgo", "why": "Porque sí."}
    for bad in ({"choices": "*Una"}, {"choices": "Una\nDos"}, {"asks": ""}):
        assert boss.post(f"{page}/quiz/new", question | bad).status_code == 422
    assert boss.post(f"{page}/quiz/1", question).status_code == 404
    assert boss.post(f"{page}/quiz/new", question).status_code == 302
    ((number, _question),) = OwnCourse.objects.get().questions
    course = course_by_code("first-chat")
    assert [(each.asks, each.choices, each.right) for each in course.questions] == [
        ("¿Qué va primero?", ["El nombre", "La seguridad", "El riesgo"], {1, 2}),
    ]  # fmt: skip
    assert "*La seguridad" in boss.get(f"{page}/quiz/{number}").content.decode()
    shown = signed_in(ana).get("/practice/courses/first-chat/lesson").content.decode()
    assert "<li>&lt;b&gt;dos&lt;/b&gt;</li>" in shown
    assert signed_in(ana).post("/practice/courses/first-chat/begin").status_code == 409
    seen = {"based_on": OwnCourse.objects.get().version}
    assert boss.post(f"{page}/quiz/{number}/remove", seen).status_code == 302
    assert signed_in(ana).post("/practice/courses/first-chat/begin").headers["Location"] == "/console"
    for address in (f"{page}/lesson", f"{page}/quiz/{number}", f"{page}/quiz/{number}/remove"):
        assert signed_in(ana).post(address).status_code == 404
    done = set(Entry.objects.filter(user_id=marta.pk).values_list("what", flat=True))
    assert {"change_lesson", "change_question", "remove_question"} <= done


def test_a_copied_course_keeps_its_quiz(marta):
    signed_in(marta).post("/courses/first-call/take")
    assert OwnCourse.objects.get().course().questions[2].right == RIGHT[2]


@pytest.mark.parametrize("right", [[], [2]])
def test_a_question_without_a_right_choice_is_refused(right):
    text = {"asks": "a", "choices": ["b", "c"], "why": "d"}
    with pytest.raises(ValueError, match="right"):
        questions_of([{"right": right, "es": text, "en": text}])


def test_what_comes_of_a_quiz_stands_where_the_eye_is(ana):
    """The page is long: the result, or what is missing, has the focus."""
    page = signed_in(ana)
    missing = page.post("/practice/courses/first-call/lesson").content.decode()
    assert 'class="banner error-summary" data-tone="wait" tabindex="-1" autofocus' in missing
    answered = {f"question-{at}": 0 for at in range(len(COURSE.questions))}
    scored = page.post("/practice/courses/first-call/lesson", answered).content.decode()
    assert 'role="status" tabindex="-1" autofocus' in scored
    assert "autofocus" not in page.get("/practice/courses/first-call/lesson").content.decode()
