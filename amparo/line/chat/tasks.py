"""What the worker does for chats without being asked."""

from datetime import datetime

from amparo.ground.audit.rules import append
from amparo.ground.core.acting import WORKER, need_to_know
from amparo.ground.core.jobs import due, every, job
from amparo.ground.core.live import note

from .models import LASTS, Chat, State


@every(cron="41 * * * *")
@job(queueing_lock="chat.end_what_nobody_reads")
def end_what_nobody_reads(timestamp: int) -> None:
    """Each hour: whose receipt opens no more reads no answer; what she wrote is forgotten unread."""
    end_unanswered(due(timestamp))


def end_unanswered(now: datetime) -> None:
    with need_to_know(WORKER):
        late = Chat.objects.filter(state=State.WAITING, begun_at__lt=now - LASTS, taken_at=None)
        late = late.select_for_update(of=("self",), skip_locked=True)  # whoever takes one now has it
        for chat in late.only("pk", "key", "state").select_related("key"):
            chat.move(State.ENDED, ended_at=now)
            append("forget", f"chat {chat.pk}", key=chat.key_id)
            chat.key.forget()
            note("chats")
