"""Text messages by the carrier's message centre (SMPP 3.4).

The worker binds each minute, takes what waits there, and binds again to send. A message without our answer is delivered
again by the carrier, so nothing is lost while we are away.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from django.utils import timezone
from smpplib import consts, exceptions
from smpplib.client import Client

from amparo.foundation.core.refusal import RateLimited

from ..channel import AnswerLost, Arrival, Keep, MaybeTaken, Outgoing, ProviderAway, TryLater, Undeliverable
from .coding import IS_RECEIPT, part_of, parts_to_send, text_of
from .settings import SmppSettings

PATIENCE = 15  # seconds for an answer
PAUSE = 1  # second, before a part is sent again that the carrier did not take
QUIET = 3  # seconds without a message: there is no more
LONGEST = 45  # seconds of one visit; the next minute goes on
NOT_NOW = {consts.SMPP_ESME_RSYSERR, consts.SMPP_ESME_RMSGQFUL, consts.SMPP_ESME_RTHROTTLED}
BROKEN = (OSError, exceptions.ConnectionError, exceptions.PDUError, exceptions.UnknownCommandError)

# The library's log repeats numbers and words. A filter stays when Django sets logging up again, `disabled` does not.
logging.getLogger("amparo.smpp").addFilter(lambda record: False)


def receive(ours: SmppSettings, keep: Keep) -> None:
    until = time.monotonic() + LONGEST
    with _connection(ours, Client.bind_transceiver) as link:
        after_acknowledgement: list[Callable[[], None]] = []

        def take(pdu: Any) -> int:
            return _take_in_message(pdu, keep, after_acknowledgement)

        link.set_message_received_handler(take)
        link._socket.settimeout(QUIET)
        while time.monotonic() < until:
            try:
                link.read_once(auto_send_enquire_link=False)
            except TimeoutError:
                return
            except BROKEN as error:
                raise ProviderAway(type(error).__name__) from None
            while after_acknowledgement:  # its answer has left
                after_acknowledgement.pop()()


@contextmanager
def outbox(ours: SmppSettings) -> Iterator[Callable[[Outgoing], None]]:
    with _connection(ours, Client.bind_transmitter) as link:
        yield partial(_send, ours, link)


@contextmanager
def _connection(ours: SmppSettings, bind: Callable[..., object]) -> Iterator[Client]:
    link = Client(ours.host, ours.port, PATIENCE, logger_name="amparo.smpp", allow_unknown_opt_params=True)
    try:
        link.connect()
        bind(link, system_id=ours.user, password=ours.password)
    except BROKEN as error:
        with suppress(*BROKEN):
            link.disconnect()
        raise ProviderAway(type(error).__name__) from None
    try:
        yield link
    finally:
        with suppress(*BROKEN):
            link.unbind()
        with suppress(*BROKEN):
            link.disconnect()


def _take_in_message(pdu: Any, keep: Keep, after_acknowledgement: list[Callable[[], None]]) -> int:
    """Store one message, and return the SMPP status for our reply to the carrier.

    What is to be called once the reply has left is added to `after_acknowledgement`.
    """
    if pdu.esm_class & IS_RECEIPT:
        return int(consts.SMPP_ESME_ROK)  # a receipt, early or late: we ask for none, and need none
    words, part = part_of(pdu.short_message or getattr(pdu, "message_payload", None) or b"", pdu.esm_class)
    address = pdu.source_addr.decode("ascii", "replace")
    arrival = Arrival(
        id="", address=address, text=text_of(words, pdu.data_coding), at=timezone.now(),
        envelope={"address": address, "ton": str(pdu.source_addr_ton), "npi": str(pdu.source_addr_npi)}, part=part,
    )  # fmt: skip
    try:
        after_acknowledgement.append(keep(arrival))
    except RateLimited:
        return int(consts.SMPP_ESME_RX_T_APPN)  # "temporary": the carrier keeps it and tries again
    return int(consts.SMPP_ESME_ROK)


def _send(ours: SmppSettings, link: Client, outgoing: Outgoing) -> None:
    """Send all parts of a message, one after the other. Raises the exceptions of `WrittenChannel.outbox`.

    If the carrier wants a later part to wait, we wait here: a new attempt would send the parts before it twice. If the
    carrier still does not take it, the attempt counts as one of which a part has arrived.
    """
    to = {"ton": str(_type_of(outgoing.envelope["address"])), "npi": str(consts.SMPP_NPI_ISDN), **outgoing.envelope}
    parts, data_coding, esm_class = parts_to_send(outgoing.text, outgoing.id.int)
    for number, part in enumerate(parts):
        fields = {
            "source_addr_ton": _type_of(ours.number),
            "source_addr_npi": consts.SMPP_NPI_ISDN, "source_addr": ours.number.lstrip("+"),
            "dest_addr_ton": int(to["ton"]), "dest_addr_npi": int(to["npi"]),
            "destination_addr": to["address"].lstrip("+"),
            "short_message": part, "data_coding": data_coding, "esm_class": esm_class, "registered_delivery": 0,
        }  # fmt: skip
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
    answers: list[int] = []
    link.set_message_sent_handler(lambda pdu: answers.append(pdu.status))
    link.set_error_pdu_handler(lambda pdu: answers.append(pdu.status))
    link.send_message(**fields)
    until = time.monotonic() + PATIENCE
    try:
        while not answers and time.monotonic() < until:
            link.read_once(auto_send_enquire_link=False)
    except BROKEN as error:
        raise AnswerLost(type(error).__name__) from None
    if not answers:
        raise AnswerLost
    return answers[0]


def _type_of(number: str) -> int:
    """Return the SMPP type of a number: international if it begins with +, else unknown."""
    return int(consts.SMPP_TON_INTL if number.startswith("+") else consts.SMPP_TON_UNK)
