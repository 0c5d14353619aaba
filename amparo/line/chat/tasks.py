"""Scheduled jobs for chats."""

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext_lazy

from amparo.foundation.audit.labels import label_verb
from amparo.foundation.audit.rules import append
from amparo.foundation.core.actor import WORKER, acting_as
from amparo.foundation.core.jobs import due_time, every, job
from amparo.foundation.core.live import notify
from amparo.line.switchboard.rules import forget_sentence_on_chat

from .models import LASTS, PAGE, Chat, State

GONE = timedelta(minutes=3)  # a reloaded page or a changed network is back by then


@every(cron="* * * * *")
@job(queueing_lock="chat.requeue_abandoned_chats")
def requeue_abandoned_chats(timestamp: int) -> None:
    """Each minute: put chats whose operator is gone back into the queue."""
    requeue_abandoned(due_time(timestamp))


def requeue_abandoned(now: datetime) -> None:
    with acting_as(WORKER):
        with connection.cursor() as cursor:
            cursor.execute("select chat, key from chat_requeue_abandoned(%s)", [now - GONE])
            gone = cursor.fetchall()
        for chat, key in gone:
            append("requeue_chat", f"chat {chat}", key=key)
            notify("chats")
            notify("chat", chat)
    for chat, _key in gone:
        forget_sentence_on_chat(chat)


label_verb("requeue_chat", gettext_lazy("let the chat wait again, for its operator was gone"))


@every(cron="41 * * * *")
@job(queueing_lock="chat.end_unread_chats")
def end_unread_chats(timestamp: int) -> None:
    """Each hour: end and forget unanswered chats of the page whose receipt has expired: nobody could read an answer.

    So are chats that were opened for a caller who never came, even if their contact is still open. A conversation by
    e-mail or text message waits for ever: its answer is sent.
    """
    end_unanswered(due_time(timestamp))


def end_unanswered(now: datetime) -> None:
    with acting_as(WORKER):
        unread = Q(state=State.WAITING, begun_at__lt=now - LASTS, taken_at=None)
        unused = Q(entries=0, key__forgotten_at=None) & (Q(state=State.ENDED) | Q(begun_at__lt=now - LASTS))
        late = Chat.objects.filter(unread | unused, channel=PAGE)
        late = late.select_for_update(
            of=("self",), skip_locked=True
        )  # an operator who takes one at this moment keeps it
        for chat in late.only("pk", "key", "state").select_related("key"):
            if chat.is_open:
                chat.move(State.ENDED, ended_at=now)
            append("forget", f"chat {chat.pk}", key=chat.key_id)
            chat.key.forget()
            notify("chats")
