"""What is asked under one key is done once, however often and however many at once ask it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as, with_current_purpose
from amparo.foundation.core.refusal import Refused

from .keys import digest
from .models import IdempotencyKey

type Answer = dict[str, Any]


def once(key: UUID, sent: str, do: Callable[[], Answer], *, by: User, now: datetime) -> Answer:
    """Do it, or say again what was answered when it was done. What was refused did nothing, and may be asked again.

    Who comes second waits at the constraint until the first has committed, or does it if the first could not.
    """
    asked = digest(sent)
    with acting_as(with_current_purpose(by.acting())):
        try:
            with transaction.atomic():
                attempt = IdempotencyKey.objects.create(user=by, key=key, asked=asked, at=now)
        except IntegrityError:
            return _answered(key, asked, by)
        attempt.answer = do()
        attempt.save(update_fields=["answer"])
        return attempt.answer


def once_from_page(page: UUID | None, sent: str, do: Callable[[], Model], *, by: User, now: datetime) -> str:
    """The id of what was made by a page, which somebody may send twice; changed in between it is another thing."""
    key = uuid5(page or uuid4(), sent)
    answer = once(key, sent, lambda: {"id": str(do().pk)}, by=by, now=now)
    return str(answer["id"])


def _answered(key: UUID, asked: bytes, by: User) -> Answer:
    before = IdempotencyKey.objects.get(user=by, key=key)
    if bytes(before.asked) != asked or before.answer is None:
        raise Refused(_("This Idempotency-Key stands for something else that you sent. Make a new one."))
    answer: Answer = before.answer
    return answer
