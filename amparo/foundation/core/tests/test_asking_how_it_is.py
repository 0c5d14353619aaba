"""`amparo run` asks /healthz of a process that may be killed at any moment."""

import socket
import threading
from dataclasses import replace

from django.conf import settings

from amparo.foundation.core.processes import health

HALF = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 87\r\n\r\n"


def test_a_process_that_breaks_off_its_answer_counts_as_away():
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer_half() -> None:
            with server.accept()[0] as connection_to_us:
                connection_to_us.recv(65536)
                connection_to_us.sendall(HALF)

        threading.Thread(target=answer_half, daemon=True).start()
        environment = replace(settings.ENVIRONMENT, http_port=server.getsockname()[1])
        assert health(environment) == (False, {"web": "away"})
