import uuid
from datetime import datetime, timedelta

from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as
from amparo.line.chat.models import Chat
from amparo.line.chat.rules import answer_chat, end_chat
from amparo.line.contacts.models import Contact
from amparo.line.contacts.rules import save_draft, take_chat, wrap_up
from amparo.programme.training.courses import Course, courses
from amparo.programme.training.models import Practice, QuizResult
from amparo.programme.training.rules import begin_practice, react_in_chat, take_quiz

COURSE, FIRST_CALL = courses()["first-chat"], courses()["first-call"]
GOOD = (
    "Hola, le leo. ¿Puede escribir con seguridad ahora?",
    "Aquí nadie más lee esto: es confidencial. ¿Puede salir de ahí?",
    "Lo siento mucho. ¿Qué quiere usted que hagamos?",
)
NOTED = {
    "safe_to_talk": "no", "limits": "yes", "caller_role": "person_at_risk", "urgency": "immediate",
    "notes": "PALABRAS-DE-PRACTICA",
}  # fmt: skip


def pass_quiz(by: User, now: datetime, course: Course = FIRST_CALL) -> QuizResult:
    return take_quiz(course, [question.right for question in course.questions], by=by, now=now)


def practise(by: User, now: datetime, *, lines=GOOD, noted=NOTED, type: str = "crisis") -> tuple[Practice, Contact]:
    """Play a practice up to its wrapped contact, by the verbs behind the console."""
    practice = begin_practice(COURSE, by=by, now=now)
    with acting_as(by.acting()):
        chat = Chat.objects.get(pk=practice.chat_id)
    contact = take_chat(chat, by=by, now=now)
    for at, line in enumerate(lines):
        moment = now + timedelta(seconds=10 * (at + 1))
        answer_chat(chat, line, pk=uuid.uuid4(), by=by, now=moment)
        with acting_as(by.acting()):
            react_in_chat(chat, line, by=by, now=moment)
    if noted:
        save_draft(contact, key=uuid.uuid4(), revision=1, based_on=0, changes=noted, by=by, now=now)
    end_chat(chat, by=by, now=now + timedelta(minutes=5))
    wrap_up(contact, type=type, key=uuid.uuid4(), by=by, now=now + timedelta(minutes=6))
    return practice, contact
