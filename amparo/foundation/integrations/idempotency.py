"""Execute requests with the same key once, however often and however many at once arrive."""

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
    """Execute the request, or return the answer of its first execution. A refused request did nothing, and may be
    repeated.

    A second request waits at the constraint until the first has committed, or executes if the first failed.
    """
    request_digest = digest(sent)
    with acting_as(with_current_purpose(by.acting())):
        try:
            with transaction.atomic():
                record = IdempotencyKey.objects.create(user=by, key=key, request_digest=request_digest, at=now)
        except IntegrityError:
            return _first_answer(key, request_digest, by)
        record.answer = do()
        record.save(update_fields=["answer"])
        return record.answer


def once_from_page(page: UUID | None, sent: str, do: Callable[[], Model], *, by: User, now: datetime) -> str:
    """The id of the object that a page's form makes, even if somebody sends it twice. With changed content it is
    another request.
    """
    key = uuid5(page or uuid4(), sent)
    answer = once(key, sent, lambda: {"id": str(do().pk)}, by=by, now=now)
    return str(answer["id"])


def _first_answer(key: UUID, request_digest: bytes, by: User) -> Answer:
    first = IdempotencyKey.objects.get(user=by, key=key)
    if bytes(first.request_digest) != request_digest or first.answer is None:
        raise Refused(_("This Idempotency-Key stands for something else that you sent. Make a new one."))
    answer: Answer = first.answer
    return answer
