"""A supervisor changes a shipped course, writes another, and records its lines. Trainees practise what is complete."""

import struct

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from amparo.foundation.access.models import User
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import WORKER, acting_as
from amparo.programme.training.forms import step_names
from amparo.programme.training.models import LONGEST_NAME, OwnCourse, Practice, course_by_code

from .conftest import pass_quiz

COURSE = {
    "title": "Otra voz", "about": "Una prueba.", "persona": "Rosa, 30 (inventada)", "caller": "tucan",
    "caller_role": "family", "type": "report", "urgency": "soon", "pass_mark": "70", "queue": "", "days": "90",
}  # fmt: skip


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def wav(rate: int = 8000, sample: bytes = b"\0\x20") -> SimpleUploadedFile:
    """A quarter of a second, as 16-bit linear."""
    data = sample * 2000
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 1, 1, rate, 2 * rate, 2, 16,
                       b"data", len(data))  # fmt: skip
    return SimpleUploadedFile("voz.wav", head + data)


@pytest.fixture
def boss(marta) -> Client:
    return signed_in(marta)


def test_a_shipped_course_is_changed_in_its_place_and_restored(boss, ana, now):
    assert boss.post("/courses/first-chat/take").headers["Location"] == "/courses/first-chat"
    own = OwnCourse.objects.get()
    assert course_by_code("first-chat").steps == own.course().steps, "the copy is the same tree"
    assert step_names(own)[:4] == ["start", "safe", "limits", "doubt"], "as a conversation reaches them"
    assert sorted(step_names(own)) == sorted(own.step)
    step = {"says": "ahora si\nleo", "hears_1": "Sí, claro", "hears_1_step": "safe", "else_step": "doubt"}
    answer = boss.post("/courses/first-chat/steps/start", step)
    assert answer.status_code == 302, answer.content.decode()
    changed = course_by_code("first-chat").steps["start"]
    assert changed.says == ("ahora si", "leo")
    assert [(each.signal, each.value, each.step) for each in changed.branches] == [
        ("hears", "si|claro", "safe"), ("else", "", "doubt"),
    ]  # fmt: skip
    assert boss.get("/courses/first-chat/steps/start").status_code == 200
    assert signed_in(ana).post("/practice/courses/first-chat/begin").headers["Location"] == "/console"
    boss.post("/courses/first-chat/restore", {"based_on": OwnCourse.objects.get().version})
    assert not OwnCourse.objects.exists()
    assert course_by_code("first-chat").steps["start"].says[0] == "hola"
    assert Entry.objects.filter(what="change_step").exists()


def test_a_new_course_is_offered_once_every_line_has_a_voice(boss, ana, now):
    copied = boss.post("/courses", {"source": "first-call", "title": "¡Otra voz!"})
    assert copied.headers["Location"] == "/courses/otra-voz", "no one has to know how an address is written"
    assert OwnCourse.objects.get().title == "¡Otra voz!"
    again = boss.post("/courses", {"source": "otra-voz", "title": "Otra voz"})
    assert (again.status_code, boss.post("/courses", {"source": "otra-voz", "title": "¿?"}).status_code) == (409, 409)
    trainee = signed_in(ana)
    assert trainee.post("/practice/courses/otra-voz/begin").status_code == 404, "not offered yet"
    page = "/courses/otra-voz"
    assert boss.post(f"{page}/steps", {"name": "Nuevo"}).headers["Location"] == f"{page}/steps/nuevo"
    new = {"says": "Algo nuevo.", "silent": "9", "silent_step": "there", "else_step": "offer"}
    boss.post(f"{page}/steps/nuevo", new)
    start = {"says": "¿Aló? Hablo bajito, porque aquí todos duermen.", "else_step": "nuevo"}
    boss.post(f"{page}/steps/start", start)
    refused = boss.post(page, COURSE | {"is_offered": "on"})
    assert refused.status_code == 422
    assert "Algo nuevo." in refused.content.decode()
    record = f"{page}/steps/nuevo/record"
    assert boss.post(record, {"line": "Algo nuevo.", "file": wav(44_100)}).status_code == 422
    assert boss.post(record, {"line": "Otra cosa.", "file": wav()}).status_code == 409
    assert boss.post(record, {"line": "Algo nuevo.", "file": wav()}).status_code == 302
    assert boss.post(page, COURSE | {"is_offered": "on"}).status_code == 302
    with acting_as(WORKER):
        course = course_by_code("otra-voz", with_sound=True)
        assert len(course.sound("Algo nuevo.")) == 2080, "whole frames of 160"
    assert (course.persona, course.queue, course.expected["urgency"]) == ("Rosa, 30 (inventada)", None, "soon")
    assert trainee.post("/practice/courses/otra-voz/begin").status_code == 409, "its quiz comes first"
    pass_quiz(ana, now, course)
    assert trainee.post("/practice/courses/otra-voz/begin").headers["Location"] == "/console"
    with acting_as(ana.acting()):
        assert Practice.objects.get().course_code == "otra-voz"
    for address in ("/practice", page, f"{page}/steps/nuevo"):
        assert boss.get(address).status_code == 200
    seen = {"based_on": OwnCourse.objects.get(code="otra-voz").version}
    assert boss.post(f"{page}/restore", seen).status_code == 422, "there is nothing to go back to"


@pytest.mark.parametrize(
    ("step", "status"),
    [
        ({"says": ""}, 422),
        ({"says": "x", "end": "finished", "else_step": "doubt"}, 422),
        ({"says": "x", "hears_1": "algo"}, 422),
        ({"says": "x", "hears_1": " , ", "hears_1_step": "doubt", "else_step": "doubt"}, 422),
        ({"says": "x", "else_step": "nowhere"}, 422),
        ({"says": "x" * 400, "else_step": "doubt"}, 422),
        ({"says": "x", "else_step": "doubt"}, 302),
    ],
)
def test_a_step_that_cannot_be_is_refused(boss, step, status):
    boss.post("/courses/first-chat/take")
    assert boss.post("/courses/first-chat/steps/start", step).status_code == status


def test_the_name_of_a_step_is_short(boss):
    boss.post("/courses/first-chat/take")
    names = ("x" * LONGEST_NAME, "x" * (LONGEST_NAME + 1))
    sent = [boss.post(f"/courses/first-chat/steps/{name}", {"says": "x", "end": "left"}).status_code for name in names]
    assert sent == [302, 422]


def test_no_tree_loses_its_good_end_and_no_person_their_mark_as_invented(boss):
    boss.post("/courses/first-chat/take")
    page = "/courses/first-chat"
    assert boss.post(f"{page}/steps/choice", {"says": "x", "end": "left"}).status_code == 422
    assert boss.post(f"{page}/steps/safe/remove").status_code == 422, "other steps lead there"
    assert boss.post(page, COURSE | {"caller": "", "persona": "Rosa, 30"}).status_code == 422
    assert boss.post(page, COURSE | {"caller": "", "is_offered": "on"}).status_code == 302


def test_operators_write_no_course(ana, boss):
    boss.post("/courses/first-chat/take")
    client = signed_in(ana)
    for address in ("", "/steps/start", "/steps", "/take", "/restore"):
        assert client.post(f"/courses/first-chat{address}").status_code == 404
    assert client.post("/courses", {"source": "first-chat", "title": "Otra"}).status_code == 404
    with acting_as(ana.acting()):
        own = OwnCourse.objects.get()
    own.pk, own.code = None, "otra"
    with pytest.raises(Exception, match="row-level security"), acting_as(ana.acting()):
        own.save(force_insert=True)
