"""A message centre that sends the bytes it is given, whatever they are, and keeps what the line answers."""

import socket
import struct
import threading
import time
from collections.abc import Callable

from .centre import free_port

UNBIND, DELIVER = 6, 5
ENDS = 60  # seconds, if the line does not close the connection


def pdu(command: int, body: bytes = b"", sequence: int = 1, length: int | None = None) -> bytes:
    return struct.pack(">LLLL", 16 + len(body) if length is None else length, command, 0, sequence) + body


def deliver_sm(
    words: bytes, *, sequence: int = 1, sender: bytes = b"51900000123", esm_class: int = 0, optional: bytes = b""
) -> bytes:
    addresses = b"\0" + b"\1\1" + sender + b"\0" + b"\1\1" + b"1818\0"
    fields = addresses + bytes([esm_class]) + b"\0\0" + b"\0\0" + b"\0\0\0\0"
    return pdu(DELIVER, fields + bytes([len(words)]) + words + optional, sequence)


class HostileCentre:
    """Answers binds, then lets `attack` write to the connection."""

    def __init__(self, attack: Callable[[socket.socket], None]) -> None:
        self.port = free_port()
        self.answers: list[tuple[int, int, int]] = []  # command, status, sequence of each PDU of the line
        self._attack = attack
        self._server = socket.create_server(("127.0.0.1", self.port))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.close()

    def wait_for_end(self) -> None:
        """Wait until the line has closed the connection."""
        self._thread.join(ENDS)
        assert not self._thread.is_alive()

    def _serve(self) -> None:
        line, _address = self._server.accept()
        line.settimeout(ENDS)
        with line, line.makefile("rb") as stream:
            _length, command, _status, sequence = self._read(stream)
            line.sendall(pdu(command | 0x80000000, b"CENTRE\0", sequence))
            try:
                self._attack(line)
                while header := self._read(stream):
                    self.answers.append(header[1:])
                    if header[1] == UNBIND:
                        break
            except OSError:
                pass  # the line closed the connection

    @staticmethod
    def _read(stream) -> tuple[int, ...]:
        if len(header := stream.read(16)) < 16:
            return ()
        fields = struct.unpack(">LLLL", header)
        stream.read(fields[0] - 16)
        return fields


def drip(line: socket.socket) -> None:
    """Begin a PDU, and send one of its bytes now and then."""
    for byte in pdu(DELIVER, bytes(60_000)):
        line.sendall(bytes([byte]))
        time.sleep(0.02)
