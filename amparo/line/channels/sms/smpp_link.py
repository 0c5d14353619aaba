"""A connection to a message centre (SMPP 3.4) whose PDUs are not trusted: neither their lengths, fields nor pace.

Whoever controls or forges the connection may hold up text messages, and nothing else. The library writes PDUs and reads
their fields; we read the bytes, because its own reading has no limit of length or time.
"""

import logging
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from smpplib import consts, exceptions
from smpplib.client import Client
from smpplib.pdu import extract_command
from smpplib.smpp import make_pdu

from ..channel import ProviderAway
from .settings import SmppSettings

LONGEST_PDU = 65_600  # bytes: a message may have 65,535 bytes in one field (SMPP 3.4 section 5.3.2.32)
HEADER = struct.Struct(">LLLL")  # length, command, status, sequence
IS_RESPONSE = 0x80000000
DELIVER_SM = 0x00000005
MANDATORY = ("source_addr_ton", "source_addr_npi", "source_addr", "esm_class", "data_coding")  # of a message
BROKEN = (OSError, exceptions.ConnectionError, exceptions.PDUError, exceptions.UnknownCommandError)

# The library's log repeats numbers and words. A filter stays when Django sets logging up again, `disabled` does not.
for name in ("amparo.smpp", "smpplib.command"):
    logging.getLogger(name).addFilter(lambda record: False)


@contextmanager
def connection(ours: SmppSettings, bind: str, patience: float) -> Iterator[Client]:
    """Connect and bind by the command `bind`. Each step may take `patience` seconds. Raises `ProviderAway`."""
    link = Client(ours.host, ours.port, patience, logger_name="amparo.smpp", allow_unknown_opt_params=True)
    try:
        link.connect()
        send(link, bind, patience, system_id=ours.user, password=ours.password)
        answer = read_pdu(link, patience, patience)
        if answer is None or answer.command != f"{bind}_resp" or answer.is_error():
            raise ConnectionRefusedError
        link.state = consts.STATE_SETTERS[answer.command]
    except BROKEN as error:
        with suppress(*BROKEN):
            link.disconnect()
        raise ProviderAway(type(error).__name__) from None
    try:
        yield link
    finally:
        with suppress(*BROKEN):
            send(link, "unbind", patience)
            read_pdu(link, patience, patience)
        with suppress(*BROKEN):
            link.disconnect()


def read_pdu(link: Client, wait: float, patience: float) -> Any:
    """Read a PDU. None: it could not be read, was refused, and the next one may be read.

    Raises `TimeoutError` if none begins within `wait` seconds, and another `OSError` if the connection is of no use any
    more, as when a PDU is not whole after `patience` seconds.
    """
    begin = _read_exactly(link, 1, time.monotonic() + wait)
    until = time.monotonic() + patience
    try:
        header = begin + _read_exactly(link, HEADER.size - 1, until)
        length, command, _status, sequence = HEADER.unpack(header)
        if not HEADER.size <= length <= LONGEST_PDU:
            raise ConnectionAbortedError("A PDU has an impossible length.")
        raw = header + _read_exactly(link, length - HEADER.size, until)
    except TimeoutError:
        raise ConnectionAbortedError("A PDU did not end.") from None
    if (pdu := _parse(link, raw)) is None:
        refuse(link, command, sequence, patience)
    return pdu


def refuse(link: Client, command: int, sequence: int, patience: float) -> None:
    """Refuse a PDU for good, so that the centre does not send it again. A response gets no answer."""
    if command == DELIVER_SM:
        send(link, "deliver_sm_resp", patience, sequence, status=consts.SMPP_ESME_RX_P_APPN)
    elif not command & IS_RESPONSE:
        send(link, "generic_nack", patience, sequence, status=consts.SMPP_ESME_RINVCMDID)


def send(link: Client, command: str, patience: float, sequence: int | None = None, **fields: Any) -> int:
    """Send a PDU within `patience` seconds. `sequence`: of the PDU that it answers. Returns its own."""
    pdu = make_pdu(command, client=link, **fields)
    if sequence is not None:
        pdu.sequence = sequence
    _socket(link).settimeout(patience)
    link.send_pdu(pdu)
    return int(pdu.sequence)


def _parse(link: Client, raw: bytes) -> Any:
    """Parse a PDU. None: it cannot be read. A message whose mandatory fields can be read is read without the others."""
    pdu: Any = None
    try:
        pdu = make_pdu(extract_command(raw), client=link, allow_unknown_opt_params=True)
        pdu.parse(raw)
    except Exception:  # the library raises many kinds of errors
        return pdu if getattr(pdu, "short_message", None) else None
    if pdu.command == "deliver_sm" and any(getattr(pdu, field) is None for field in MANDATORY):
        return None
    return pdu


def _read_exactly(link: Client, size: int, until: float) -> bytes:
    """Read so many bytes before the time `until` of the monotonic clock."""
    found = bytearray()
    while len(found) < size:
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        _socket(link).settimeout(left)
        if not (part := _socket(link).recv(size - len(found))):
            raise ConnectionResetError
        found += part
    return bytes(found)


def _socket(link: Client) -> Any:
    if link._socket is None:
        raise ConnectionResetError
    return link._socket
