"""How an institution's program is told: a signed POST (Standard Webhooks 1.0), again with growing pauses for a day."""

import http.client
import json
import socket
import ssl
import threading
from contextlib import suppress
from datetime import datetime, timedelta
from urllib.parse import SplitResult, urlsplit
from uuid import UUID

from django.db.models import Q

from amparo.foundation.core.actor import WORKER, acting_as

from .addresses import HTTPS, Private, connected
from .keys import signature, signing_key
from .models import Delivery, DeliveryError, WebhookEndpoint

PATIENCE = 5.0  # seconds for all of it, from the first packet to the status
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 900))
A_DAY = timedelta(days=1)
A_WEEK = timedelta(days=7)


def deliver(pk: UUID, now: datetime) -> bool:
    """Try once, if it is its turn; False: they do not have it yet. While we speak to them no transaction is open."""
    with acting_as(WORKER):
        it = _taken(pk, now)
        if it is None:
            return True
        hook = (
            WebhookEndpoint.objects.filter(agency=it.agency_id, ended_at=None)
            .only("id", "agency_id", "address")
            .first()
        )
        if hook is None:  # nobody wants to know
            it.delete()
            return True
    trouble = _told(hook, it, now)
    with acting_as(WORKER):
        _write_down(it, trouble, now)
    return trouble is None


def deliver_again(now: datetime) -> None:
    """Each minute, what is due. Who does not answer is asked once a minute at most, however much waits for them."""
    with acting_as(WORKER):
        due = list(Delivery.objects.due(now).values_list("pk", "agency_id")[:1000])
    silent: set[int] = set()
    for pk, agency in due:
        if agency not in silent and not deliver(pk, now):
            silent.add(agency)


def forget_old(now: datetime) -> None:
    """What was told a week ago. What was not stays as long as that after we gave up, for the page to say so."""
    Delivery.objects.filter(done_at__lt=now - A_WEEK).delete()
    Delivery.objects.filter(given_up_at__lt=now - A_WEEK).delete()


def _taken(pk: UUID, now: datetime) -> Delivery | None:
    """The next try is set before this one, so that two never try at once and none is lost with its process."""
    its_turn = Q(tries=0) | Q(next_at__lte=now)
    it = Delivery.objects.waiting().filter(its_turn, pk=pk).select_for_update(skip_locked=True).first()
    if it is not None:
        it.tries += 1
        it.next_at = now + _pause(it)
        it.save(update_fields=["tries", "next_at"])
    return it


def _pause(it: Delivery) -> timedelta:
    return PAUSES[min(it.tries, len(PAUSES)) - 1]


def _write_down(it: Delivery, trouble: DeliveryError | None, now: datetime) -> None:
    row = Delivery.objects.filter(pk=it.pk)
    if trouble is None:
        row.update(done_at=now, trouble="")
    elif now + _pause(it) > it.at + A_DAY:
        row.update(given_up_at=now, trouble=trouble)
    else:
        row.update(trouble=trouble)


def _told(hook: WebhookEndpoint, it: Delivery, now: datetime) -> DeliveryError | None:
    body = json.dumps({"id": str(it.pk), "kind": it.kind, "at": it.at.isoformat(), "path": it.path}).encode()
    timestamp = int(now.timestamp())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Amparo",
        "webhook-id": str(it.pk),
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(signing_key(hook.pk), str(it.pk), timestamp, body),
    }
    try:
        status = post(urlsplit(hook.address), body, headers)
    except Private:
        return DeliveryError.PRIVATE
    except TimeoutError:
        return DeliveryError.SILENT
    except ssl.SSLCertVerificationError:
        return DeliveryError.UNTRUSTED
    except (OSError, http.client.HTTPException, UnicodeError):
        return DeliveryError.UNREACHABLE
    return None if 200 <= status < 300 else DeliveryError.REFUSED


def post(to: SplitResult, body: bytes, headers: dict[str, str]) -> int:
    """The status. What is said beside it is not read, and no redirect is followed. Raises `TimeoutError` and others."""
    trusted = ssl.create_default_context()
    there = http.client.HTTPSConnection(str(to.hostname), to.port or HTTPS, context=trusted)
    plain = connected(to, PATIENCE)
    plain.settimeout(PATIENCE)
    there.sock = sealed = trusted.wrap_socket(plain, server_hostname=to.hostname, do_handshake_on_connect=False)
    late = threading.Event()
    end = threading.Timer(PATIENCE, _cut, (sealed, late))  # the socket's own clock begins anew with each byte
    end.start()
    try:
        with sealed:
            sealed.do_handshake()
            there.request("POST", (to.path or "/") + (f"?{to.query}" if to.query else ""), body, headers)
            return there.getresponse().status
    except (OSError, http.client.HTTPException):
        if late.is_set():
            raise TimeoutError from None
        raise
    finally:
        end.cancel()


def _cut(sealed: socket.socket, late: threading.Event) -> None:
    late.set()
    with suppress(OSError):  # it has just ended by itself
        socket.socket.shutdown(sealed, socket.SHUT_RDWR)
