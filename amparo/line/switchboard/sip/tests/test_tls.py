"""SIP over TLS: the same stream behind a certificate; answers and Contact say so."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from amparo.foundation.core.refusal import Misconfigured
from amparo.line.switchboard.certificate import tls_context

from .stream import Stream
from .texts import sdp, status, uri, value


@pytest.fixture
def files(tmp_path):
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    paths = tmp_path / "certificate.pem", tmp_path / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(Encoding.PEM))
    paths[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return paths


async def test_a_call_over_tls_is_answered_over_tls(switchboard, phone, files):
    port = await switchboard.agent.listen_tls("127.0.0.1", 0, tls_context(*files))
    anybody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    stream = Stream(*await asyncio.open_connection("127.0.0.1", port, ssl=anybody))
    invite = stream.request(phone, "INVITE", phone.new_call("ivr"), 1, sdp()).replace("SIP/2.0/TCP", "SIP/2.0/TLS")
    stream.send(invite)
    answer = await stream.read()
    assert status(answer) == 200
    assert uri(value(answer, "Contact")) == f"sip:127.0.0.1:{port};transport=tls"
    stream.close()


async def test_who_speaks_no_tls_gets_nothing(switchboard, files):
    port = await switchboard.agent.listen_tls("127.0.0.1", 0, tls_context(*files))
    plain = await Stream.open("127.0.0.1", port)
    plain.send(b"OPTIONS sip:ivr@127.0.0.1 SIP/2.0\r\n\r\n")
    assert await plain.is_closed_by_the_other_side()


def test_a_certificate_with_another_key_is_refused_in_a_sentence(files):
    with pytest.raises(Misconfigured, match="AMPARO_SIP_CERTIFICATE"):
        tls_context(files[1], files[0])
