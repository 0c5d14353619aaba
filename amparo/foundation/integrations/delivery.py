"""Deliver webhooks to an institution's program: a signed POST (Standard Webhooks 1.0), repeated with growing pauses for
a day.
"""

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
from amparo.foundation.core.public_addresses import HTTPS, PrivateAddress, connect_to_public_address
from amparo.foundation.core.signed_posts import signed_headers

from .keys import signing_key
from .models import Delivery, DeliveryError, WebhookEndpoint

PATIENCE = 5.0  # seconds for a whole request, from the first packet to the status
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 900))
A_DAY = timedelta(days=1)
A_WEEK = timedelta(days=7)


def deliver(pk: UUID, now: datetime) -> bool:
    """Try once to deliver this notice, if it is due and the institution has an endpoint. Returns False if that failed.

    True also means that there was nothing to try. No transaction is open during the request.
    """
    with acting_as(WORKER):
        delivery = _claim(pk, now)
        if delivery is None:
            return True
        hook = (
            WebhookEndpoint.objects.filter(agency=delivery.agency_id, ended_at=None)
            .only("id", "agency_id", "address")
            .first()
        )
        if hook is None:  # there is no endpoint any more
            delivery.delete()
            return True
    error = _send(hook, delivery, now)
    with acting_as(WORKER):
        _save_result(delivery, error, now)
    return error is None


def deliver_again(now: datetime) -> None:
    """Try all deliveries that are due; called each minute.

    After one failure, an institution's other deliveries wait for the next minute.
    """
    with acting_as(WORKER):
        due = list(Delivery.objects.due(now).values_list("pk", "agency_id")[:1000])
    silent: set[int] = set()
    for pk, agency in due:
        if agency not in silent and not deliver(pk, now):
            silent.add(agency)


def delete_old_deliveries(now: datetime) -> None:
    """Delete deliveries a week after they were done. Failed ones stay a week after we gave up, for the page to show
    them.
    """
    Delivery.objects.filter(done_at__lt=now - A_WEEK).delete()
    Delivery.objects.filter(given_up_at__lt=now - A_WEEK).delete()


def _claim(pk: UUID, now: datetime) -> Delivery | None:
    """Lock a delivery and schedule its next try before this one, so that two workers never try at once and a killed
    worker loses none.
    """
    its_turn = Q(tries=0) | Q(next_at__lte=now)
    delivery = Delivery.objects.waiting().filter(its_turn, pk=pk).select_for_update(skip_locked=True).first()
    if delivery is not None:
        delivery.tries += 1
        delivery.next_at = now + _pause(delivery)
        delivery.save(update_fields=["tries", "next_at"])
    return delivery


def _pause(delivery: Delivery) -> timedelta:
    return PAUSES[min(delivery.tries, len(PAUSES)) - 1]


def _save_result(delivery: Delivery, trouble: DeliveryError | None, now: datetime) -> None:
    row = Delivery.objects.filter(pk=delivery.pk)
    if trouble is None:
        row.update(done_at=now, trouble="")
    elif now + _pause(delivery) > delivery.at + A_DAY:
        row.update(given_up_at=now, trouble=trouble)
    else:
        row.update(trouble=trouble)


def _send(hook: WebhookEndpoint, delivery: Delivery, now: datetime) -> DeliveryError | None:
    body = json.dumps(
        {"id": str(delivery.pk), "kind": delivery.kind, "at": delivery.at.isoformat(), "path": delivery.path}
    ).encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Amparo",
        **signed_headers(signing_key(hook.pk), str(delivery.pk), body, now),
    }
    try:
        status = request_over_https("POST", urlsplit(hook.address), body, headers)
    except PrivateAddress:
        return DeliveryError.PRIVATE
    except TimeoutError:
        return DeliveryError.SILENT
    except ssl.SSLCertVerificationError:
        return DeliveryError.UNTRUSTED
    except (OSError, http.client.HTTPException, UnicodeError):
        return DeliveryError.UNREACHABLE
    return None if 200 <= status < 300 else DeliveryError.REFUSED


def request_over_https(method: str, to: SplitResult, body: bytes | None, headers: dict[str, str]) -> int:
    """Send a request over https, and return the status of the answer. Its body is not read; no redirect is followed.

    Raises `PrivateAddress`, `TimeoutError` after PATIENCE, `OSError` or `HTTPException`.
    """
    trusted = ssl.create_default_context()
    https = http.client.HTTPSConnection(str(to.hostname), to.port or HTTPS, context=trusted)
    plain = connect_to_public_address(to, PATIENCE)
    plain.settimeout(PATIENCE)
    https.sock = sealed = trusted.wrap_socket(plain, server_hostname=to.hostname, do_handshake_on_connect=False)
    is_late = threading.Event()
    end = threading.Timer(
        PATIENCE, _cut_connection, (sealed, is_late)
    )  # the socket's own timeout starts again with each byte
    end.start()
    try:
        with sealed:
            sealed.do_handshake()
            https.request(method, (to.path or "/") + (f"?{to.query}" if to.query else ""), body, headers)
            return https.getresponse().status
    except (OSError, http.client.HTTPException):
        if is_late.is_set():
            raise TimeoutError from None
        raise
    finally:
        end.cancel()


def _cut_connection(sealed: socket.socket, is_late: threading.Event) -> None:
    is_late.set()
    with suppress(OSError):  # it has just ended by itself
        socket.socket.shutdown(sealed, socket.SHUT_RDWR)
