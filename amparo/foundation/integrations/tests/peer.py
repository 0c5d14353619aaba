"""A program of another institution that receives webhooks: a real HTTPS server, with its own authority."""

import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Peer:
    authority: Path
    port: int = 0
    answers: list[int] = field(default_factory=list)  # the status of each request; 200 when there are no more
    heard: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)  # path, headers, body
    slowly: float = 0.0  # seconds between two bytes of an answer

    @property
    def address(self) -> str:
        return f"https://localhost:{self.port}/news"


@contextmanager
def peer(folder: Path) -> Iterator[Peer]:
    it = Peer(folder / "authority.pem")
    certificate = make_certificate(folder, it.authority)

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            it.heard.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            status = it.answers.pop(0) if it.answers else 200
            if it.slowly:
                self._trickle()
                return
            self.send_response(status)
            self.send_header("Location", f"https://localhost:{it.port}/elsewhere")
            self.end_headers()

        do_GET = do_POST

        def _trickle(self) -> None:
            for byte in b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 1000:
                try:
                    self.wfile.write(bytes([byte]))
                except OSError:
                    return
                time.sleep(it.slowly)

        def log_message(self, *words: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("localhost", 0), Answer)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *about: None  # type: ignore[method-assign]  # who does not trust it hangs up
    it.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield it
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def make_certificate(folder: Path, authority: Path) -> Path:
    """A certificate for localhost, signed by an authority whose certificate is written to `authority`."""
    root_key, own_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name, own_name = (_name(text) for text in ("invented authority", "localhost"))
    root = _made(root_name, root_key, root_name, root_key, x509.BasicConstraints(ca=True, path_length=None))
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    own = _made(own_name, own_key, root_name, root_key, names)
    pem = serialization.Encoding.PEM
    authority.write_bytes(root.public_bytes(pem))
    chain = folder / "own.pem"
    secret = own_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    chain.write_bytes(secret + own.public_bytes(pem))
    return chain


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _made(name, key, issuer, issuer_key, extension) -> x509.Certificate:
    day, is_authority = timedelta(days=1), isinstance(extension, x509.BasicConstraints)
    builder = (
        x509.CertificateBuilder().subject_name(name).issuer_name(issuer).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(datetime.now(UTC) - day)
        .not_valid_after(datetime.now(UTC) + day).add_extension(extension, critical=is_authority)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )  # fmt: skip
    if is_authority:
        usage = dict.fromkeys(
            ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
             "encipher_only", "decipher_only"), False,
        )  # fmt: skip
        builder = builder.add_extension(x509.KeyUsage(**usage, key_cert_sign=True, crl_sign=True), critical=True)
    return builder.sign(issuer_key, hashes.SHA256())
