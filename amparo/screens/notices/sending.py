"""Send notices, and codes that confirm an address. They leave by the line's own channels, and say nothing of anybody.

A try is written down before it is made, and a message keeps its id when it is sent again: a server that did take the
first one drops the second. Where a provider knows no ids, what it may have taken is not sent again; the ladder climbs.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from amparo.foundation.core.actor import WORKER, acting_as
from amparo.line.channels.channel import (
    AnswerLost,
    MaybeTaken,
    Outgoing,
    ProviderAway,
    TryLater,
    Undeliverable,
    WrittenChannel,
)
from amparo.line.channels.rules import written_channel

from .models import CodeState, Notice, NoticeAddress, NoticeState, Reach, Route

log = logging.getLogger(__name__)

CODE_LASTS = timedelta(minutes=15)
GIVEN_UP = timedelta(hours=24)

type Send = Callable[[Outgoing], None]


def send_pending(now: datetime) -> None:
    """Send what waits, text messages first: danger goes by them. Only a job with the lock of the room calls it."""
    for route in (Route.SMS, Route.EMAIL):
        channel = written_channel(route)
        codes, notices = _pending(route, now)
        if channel is None:
            for pk in notices:
                _record_failure(pk, is_final=True)
        elif codes or notices:
            try:
                with channel.outbox() as send:
                    for pk in codes:
                        _send_code(channel, send, pk)
                    for pk in notices:
                        _send_notice(channel, send, pk, now)
            except ProviderAway:
                log.warning("The provider of the channel %s takes no notices now; again in a minute.", channel.name)
                _use_other_route(route)


def _pending(route: Route, now: datetime) -> tuple[list[UUID], list[UUID]]:
    """Return the ids of the codes and of the notices that wait for this route."""
    with acting_as(WORKER):
        Notice.objects.filter(state=NoticeState.PENDING, made_at__lt=now - GIVEN_UP).update(state=NoticeState.REFUSED)
        codes = NoticeAddress.objects.filter(
            route=route, code_state=CodeState.PENDING, confirmed_at=None, code_at__gt=now - CODE_LASTS
        )
        notices = Notice.objects.filter(route=route, state=NoticeState.PENDING).order_by("-is_urgent", "made_at")
        return list(codes.values_list("pk", flat=True)), list(notices.values_list("pk", flat=True))


def _send_code(channel: WrittenChannel, send: Send, pk: UUID) -> None:
    with acting_as(WORKER):
        row = NoticeAddress.objects.filter(pk=pk, code_state=CodeState.PENDING).select_related("key").first()
        if row is None or row.code is None:
            return
        with translation.override(settings.LANGUAGE_CODE):
            outgoing = _outgoing(
                pk, row.address, _("Amparo: your code is %(code)s. Do not answer this message.") % {"code": row.code}
            )
    state = CodeState.SENT
    try:
        send(outgoing)
    except Undeliverable:
        state = CodeState.REFUSED
    except (AnswerLost, MaybeTaken) as error:
        if _drops_repeats(channel):
            if isinstance(error, AnswerLost):
                raise
            return  # again in a minute, with the same id
    except TryLater:
        return
    with acting_as(WORKER):
        NoticeAddress.objects.filter(pk=pk).update(code_state=state)


def _send_notice(channel: WrittenChannel, send: Send, pk: UUID, now: datetime) -> None:
    """Send one notice. Raises `ProviderAway` if the provider takes nothing now."""
    if (outgoing := _begin_try(channel, pk, now)) is None:
        return
    try:
        send(outgoing)
    except (AnswerLost, MaybeTaken) as error:
        if not _drops_repeats(channel):
            _record(pk, NoticeState.UNCLEAR, now)
        if isinstance(error, AnswerLost):
            raise  # the link is of no use any more
    except ProviderAway:
        _undo_try(pk)
        raise
    except TryLater:
        _undo_try(pk)
    except Undeliverable:
        _record_failure(pk, is_final=True)
    else:
        _record(pk, NoticeState.SENT, now)


def _begin_try(channel: WrittenChannel, pk: UUID, now: datetime) -> Outgoing | None:
    """Write down a try, and return what to send. None: it must not be sent any more, or cannot."""
    with acting_as(WORKER):
        notice = Notice.objects.select_for_update().filter(pk=pk, state=NoticeState.PENDING).first()
        if notice is None:
            return None
        if notice.tried_at is not None and not _drops_repeats(channel):  # a run that was cut short
            Notice.objects.filter(pk=pk).update(state=NoticeState.UNCLEAR)
            return None
        if not notice.is_test and not notice.lines.filter(event__settled_at=None, event__opened_at=None).exists():
            Notice.objects.filter(pk=pk).update(state=NoticeState.CANCELLED)
            return None
        addresses = NoticeAddress.objects.filter(user=notice.to_id, route=notice.route, confirmed_at__isnull=False)
        row = addresses.select_related("key").first()
        if row is not None:
            Notice.objects.filter(pk=pk).update(tries=F("tries") + 1, tried_at=now)
            return _outgoing(pk, row.address, words_of(notice))
    _record_failure(pk, is_final=True)
    return None


def words_of(notice: Notice) -> str:
    """Return what a notice says: never of whom, never of what.

    An answer would open a conversation from the private address, for whoever is on shift.
    """
    here = {"address": settings.ENVIRONMENT.staff_address}
    with translation.override(settings.LANGUAGE_CODE):
        if notice.is_test:
            return _("Amparo: this is a test. Do not answer this message. %(address)s") % here
        if notice.is_urgent:
            words = _(
                "Amparo: something urgent waits. Come in when you are alone. Do not answer this message. %(address)s"
            )
        else:
            words = _("Amparo: something waits. Come in when you are alone. Do not answer this message. %(address)s")
        return words % here


def _outgoing(pk: UUID, address: str, words: str) -> Outgoing:
    with translation.override(settings.LANGUAGE_CODE):
        envelope = {"address": address, "subject": _("Something waits in Amparo")}
    return Outgoing(pk, envelope, words, is_automatic=True, language=settings.LANGUAGE_CODE, is_notice=True)


def _drops_repeats(channel: WrittenChannel) -> bool:
    """Whether the same id sent twice arrives once: by its Message-ID, or because the provider recognises ids."""
    return channel.name == Route.EMAIL or channel.recognises_ids


def _record(pk: UUID, state: NoticeState, now: datetime) -> None:
    with acting_as(WORKER):
        Notice.objects.filter(pk=pk).update(state=state, sent_at=now)


def _undo_try(pk: UUID) -> None:
    with acting_as(WORKER):
        Notice.objects.filter(pk=pk).update(tries=F("tries") - 1, tried_at=None)


def _record_failure(pk: UUID, *, is_final: bool) -> None:
    """Let the notice leave by the person's other address; without one, it has failed."""
    with acting_as(WORKER):
        notice = Notice.objects.select_for_update().filter(pk=pk, state=NoticeState.PENDING).first()
        if notice is None:
            return
        other = Route.EMAIL if notice.route == Route.SMS else Route.SMS
        reach = Reach.objects.filter(pk=notice.to_id).first()
        is_first = notice.route == (Route.SMS if notice.is_urgent else Route.EMAIL)
        if reach and other in reach.routes and written_channel(other) and (is_first or not is_final):
            Notice.objects.filter(pk=pk).update(route=other, tried_at=None)
        elif is_final:
            Notice.objects.filter(pk=pk).update(state=NoticeState.REFUSED)


def _use_other_route(route: Route) -> None:
    """Let urgent notices leave by the other address while this provider is away."""
    with acting_as(WORKER):
        waiting = Notice.objects.filter(route=route, state=NoticeState.PENDING, is_urgent=True, tried_at=None)
        found = list(waiting.values_list("pk", flat=True))
    for pk in found:
        _record_failure(pk, is_final=False)
