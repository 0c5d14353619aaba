"""Execute requests with the same key once, however often they arrive, also at the same moment."""

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

from .keys import secret_digest
from .models import IdempotencyKey

type Answer = dict[str, Any]


def execute_once(key: UUID, sent: str, do: Callable[[], Answer], *, by: User, now: datetime) -> Answer:
    """Run `do` and return its answer; or return the first answer, if a request with this key was executed before.

    `sent` is the content: the same key with other content raises `Refused`. A second request waits until the first has
    committed, and is executed if the first failed.
    """
    request_digest = secret_digest(sent)
    with acting_as(with_current_purpose(by.acting())):
        try:
            with transaction.atomic():
                record = IdempotencyKey.objects.create(user=by, key=key, request_digest=request_digest, at=now)
        except IntegrityError:
            return _first_answer(key, request_digest, by)
        record.answer = do()
        record.save(update_fields=["answer"])
        return record.answer


def make_once_from_page(page: UUID | None, sent: str, do: Callable[[], Model], *, by: User, now: datetime) -> str:
    """Run `do`, which makes an object for the form of a page, once; return the object's id.

    If somebody sends the same page with the same content twice, nothing is made again. None: a page without an id;
    then each call makes an object.
    """
    key = uuid5(page or uuid4(), sent)
    answer = execute_once(key, sent, lambda: {"id": str(do().pk)}, by=by, now=now)
    return str(answer["id"])


def _first_answer(key: UUID, request_digest: bytes, by: User) -> Answer:
    first = IdempotencyKey.objects.get(user=by, key=key)
    if bytes(first.request_digest) != request_digest or first.answer is None:
        raise Refused(_("This Idempotency-Key stands for something else that you sent. Make a new one."))
    answer: Answer = first.answer
    return answer
