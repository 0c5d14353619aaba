"""Text messages by the carrier's message centre (SMPP 3.4).

The worker binds each minute, takes what waits there, and binds again to send. A message without our answer is delivered
again by the carrier, so nothing is lost while we are away.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import InterfaceError, OperationalError
from django.utils import timezone
from smpplib import consts
from smpplib.client import Client

from amparo.foundation.core.refusal import RateLimited

from ..channel import AnswerLost, Arrival, Keep, MaybeTaken, Outgoing, ProviderAway, TryLater, Undeliverable
from ..webhooks import storable_text
from .coding import IS_RECEIPT, part_of, parts_to_send, text_of
from .settings import SmppSettings
from .smpp_link import BROKEN, connection, read_pdu, send

log = logging.getLogger(__name__)

PATIENCE = 15  # seconds for an answer, and for a PDU from its first byte to its last
PAUSE = 1  # second, before a part is sent again that the carrier did not take
QUIET = 3  # seconds without a message: there is no more
LONGEST = 45  # seconds of one visit, and of one message that we send; the next minute goes on
LONGEST_ADDRESS = 20  # characters (SMPP 3.4 section 4.6.1)
LONGEST_PART = 160  # characters in one of several parts (3GPP TS 23.040 section 9.2.3.16)
NOT_NOW = {consts.SMPP_ESME_RSYSERR, consts.SMPP_ESME_RMSGQFUL, consts.SMPP_ESME_RTHROTTLED}


def receive(ours: SmppSettings, keep: Keep) -> None:
    """Take in what waits with the carrier.

    What cannot be read is refused for good. What we could not store stays with the carrier; its error is raised after
    the other messages.
    """
    until = time.monotonic() + LONGEST
    refused = 0
    fault: Exception | None = None
    with connection(ours, "bind_transceiver", PATIENCE) as link:
        try:
            while time.monotonic() < until:
                pdu = read_pdu(link, QUIET, PATIENCE)
                if pdu is None:
                    refused += 1
                elif pdu.command == "deliver_sm":
                    fault = _take_in_message(link, pdu, keep) or fault
                elif pdu.command == "enquire_link":
                    send(link, "enquire_link_resp", PATIENCE, pdu.sequence)
                elif pdu.command == "unbind":
                    send(link, "unbind_resp", PATIENCE, pdu.sequence)
                    break
        except TimeoutError:
            pass  # there is no more
        except BROKEN as error:
            raise ProviderAway(type(error).__name__) from None
        finally:
            if refused:
                log.warning("The carrier sent %d messages that cannot be read; they were refused.", refused)
    if fault:
        raise fault


@contextmanager
def outbox(ours: SmppSettings) -> Iterator[Callable[[Outgoing], None]]:
    until = time.monotonic() + LONGEST
    with connection(ours, "bind_transmitter", PATIENCE) as link:

        def send_one(outgoing: Outgoing) -> None:
            if time.monotonic() > until:
                raise ProviderAway("slow")
            _send(ours, link, outgoing)

        yield send_one


def _take_in_message(link: Client, pdu: Any, keep: Keep) -> Exception | None:
    """Store one message, and tell the carrier. Returns the error if it could not be stored: the carrier keeps it."""
    acknowledged: Callable[[], None] | None = None
    status, fault = consts.SMPP_ESME_ROK, None
    if not pdu.esm_class & IS_RECEIPT:  # a receipt, early or late: we ask for none, and need none
        try:
            acknowledged = keep(_arrival_of(pdu))
        except RateLimited:
            status = consts.SMPP_ESME_RX_T_APPN  # "temporary": the carrier keeps it and tries again
        except (OperationalError, InterfaceError):
            raise  # the database is away
        except Exception as error:  # of this message alone
            status, fault = consts.SMPP_ESME_RX_T_APPN, error
    send(link, "deliver_sm_resp", PATIENCE, pdu.sequence, status=status)
    if acknowledged:
        acknowledged()
    return fault


def _arrival_of(pdu: Any) -> Arrival:
    words, part = part_of(pdu.short_message or pdu.message_payload or b"", pdu.esm_class)
    text = storable_text(text_of(words, pdu.data_coding))
    address = storable_text(pdu.source_addr.decode("ascii", "replace"))[:LONGEST_ADDRESS]
    return Arrival(
        id="", address=address, text=text[:LONGEST_PART] if part else text, at=timezone.now(),
        envelope={"address": address, "ton": str(pdu.source_addr_ton), "npi": str(pdu.source_addr_npi)}, part=part,
    )  # fmt: skip


def _send(ours: SmppSettings, link: Client, outgoing: Outgoing) -> None:
    """Send all parts of a message, one after the other. Raises the exceptions of `WrittenChannel.outbox`.

    If the carrier wants a later part to wait, we wait here: a new attempt would send the parts before it twice. If the
    carrier still does not take it, the attempt counts as one of which a part has arrived.
    """
    to = {"ton": str(_type_of(outgoing.envelope["address"])), "npi": str(consts.SMPP_NPI_ISDN), **outgoing.envelope}
    parts, data_coding, esm_class = parts_to_send(outgoing.text, outgoing.id.int)
    ends = time.monotonic() + LONGEST
    for number, part in enumerate(parts):
        fields = {
            "source_addr_ton": _type_of(ours.number),
            "source_addr_npi": consts.SMPP_NPI_ISDN, "source_addr": ours.number.lstrip("+"),
            "dest_addr_ton": int(to["ton"]), "dest_addr_npi": int(to["npi"]),
            "destination_addr": to["address"].lstrip("+"),
            "short_message": part, "data_coding": data_coding, "esm_class": esm_class, "registered_delivery": 0,
        }  # fmt: skip
        if time.monotonic() > ends:
            raise AnswerLost("slow")
        until = time.monotonic() + PATIENCE
        try:
            while (status := _submit(link, fields)) in NOT_NOW and number and time.monotonic() < until:
                time.sleep(PAUSE)
        except BROKEN as error:
            raise (AnswerLost if number else ProviderAway)(type(error).__name__) from None
        if status in NOT_NOW:
            raise (AnswerLost if number else ProviderAway)(str(status))
        if status == consts.SMPP_ESME_RX_T_APPN:
            raise MaybeTaken if number else TryLater
        if status != consts.SMPP_ESME_ROK:
            raise Undeliverable


def _submit(link: Client, fields: dict[str, Any]) -> int:
    """Send one part, and return the SMPP status of the carrier's reply. Raises `AnswerLost` if no reply comes."""
    until = time.monotonic() + PATIENCE
    sequence = send(link, "submit_sm", PATIENCE, **fields)
    try:
        while (left := until - time.monotonic()) > 0:
            pdu = read_pdu(link, left, PATIENCE)
            if pdu is None:
                continue
            if pdu.command == "enquire_link":
                send(link, "enquire_link_resp", PATIENCE, pdu.sequence)
            if pdu.command == "generic_nack" or (pdu.command == "submit_sm_resp" and pdu.sequence == sequence):
                return int(pdu.status)
    except BROKEN as error:
        raise AnswerLost(type(error).__name__) from None
    raise AnswerLost


def _type_of(number: str) -> int:
    """Return the SMPP type of a number: international if it begins with +, else unknown."""
    return int(consts.SMPP_TON_INTL if number.startswith("+") else consts.SMPP_TON_UNK)
