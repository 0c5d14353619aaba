"""The HTTP server of a provider that the tests play: it answers the posts of the line, each as the test says."""

import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# From path, headers and body to the status and the body of the answer. None: the connection ends without one.
Answers = Callable[[str, Mapping[str, str], bytes], tuple[int, bytes] | None]


class HttpPeer:
    """It keeps its port when it is stopped and started again."""

    def __init__(self, answers: Answers) -> None:
        self.answers, self.port = answers, 0
        self._server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        answers = self.answers

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if (answer := answers(self.path, self.headers, body)) is None:
                    return
                self.send_response(answer[0])
                self.end_headers()
                self.wfile.write(answer[1])

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
