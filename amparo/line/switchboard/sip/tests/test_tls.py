"""SIP over TLS: the same stream behind a certificate; answers and Contact say so."""

import asyncio
import socket
import ssl
from datetime import UTC, datetime, timedelta

import pytest
import uvloop
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from amparo.foundation.core.refusal import Misconfigured
from amparo.line.switchboard.certificate import tls_context
from amparo.line.switchboard.sip import flow, transport

from .stream import Stream
from .switchboard import Switchboard
from .texts import eventually, sdp, status, uri, value


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


def anybody() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


async def test_a_call_over_tls_is_answered_over_tls(switchboard, phone, files):
    port = await switchboard.agent.listen_tls("127.0.0.1", 0, tls_context(*files))
    stream = Stream(*await asyncio.open_connection("127.0.0.1", port, ssl=anybody()))
    invite = stream.request(phone, "INVITE", phone.new_call("ivr"), 1, sdp()).replace("SIP/2.0/TCP", "SIP/2.0/TLS")
    stream.send(invite)
    answer = await stream.read()
    assert status(answer) == 200
    assert uri(value(answer, "Contact")) == f"sip:127.0.0.1:{port};transport=tls"
    stream.close()


async def test_what_began_in_tls_is_not_ended_without_it(switchboard, phone, files):
    """Who shares the telephone's address, and somehow knows the tags, has no TLS connection of the call."""
    port = await switchboard.agent.listen_tls("127.0.0.1", 0, tls_context(*files))
    stream = Stream(*await asyncio.open_connection("127.0.0.1", port, ssl=anybody()))
    call = phone.new_call("ivr")
    stream.send(stream.request(phone, "INVITE", call, 1, sdp()).replace("SIP/2.0/TCP", "SIP/2.0/TLS"))
    call.remote = value(await stream.read(), "To")
    stream.send(stream.request(phone, "ACK", call, 1).replace("SIP/2.0/TCP", "SIP/2.0/TLS"))
    await eventually(lambda: switchboard.seen[0].is_acknowledged)
    assert status(await phone.ask("BYE", call, 2)) == 481
    assert switchboard.seen[0].is_up
    stream.send(stream.request(phone, "BYE", call, 2).replace("SIP/2.0/TCP", "SIP/2.0/TLS"))  # the control
    assert status(await stream.read()) == 200
    stream.close()


async def test_who_speaks_no_tls_gets_nothing(switchboard, files):
    port = await switchboard.agent.listen_tls("127.0.0.1", 0, tls_context(*files))
    plain = await Stream.open("127.0.0.1", port)
    plain.send(b"OPTIONS sip:ivr@127.0.0.1 SIP/2.0\r\n\r\n")
    assert await plain.is_closed_by_the_other_side()


async def test_a_handshake_that_never_begins_is_counted_and_makes_room(monkeypatch, switchboard, files):
    monkeypatch.setattr(transport, "MAX_SILENT", 3)
    port = await switchboard.agent.listen_tls("127.0.0.1", 0, tls_context(*files))
    layer = switchboard.agent.endpoint.transport
    silent = [await Stream.open("127.0.0.1", port) for _ in range(3)]
    await eventually(lambda: len(layer.streams) == 3)
    newest = await Stream.open("127.0.0.1", port)
    assert await silent[0].is_closed_by_the_other_side()
    assert len(layer.streams) == 3
    newest.close()
    await eventually(lambda: len(layer.streams) == 2)  # the control: who goes away leaves their place


async def test_one_network_may_not_take_all_places_by_tls(monkeypatch, switchboard, files):
    monkeypatch.setattr(transport, "PER_NETWORK", 2)
    port = await switchboard.agent.listen_tls("127.0.0.1", 0, tls_context(*files))
    kept = [await Stream.open("127.0.0.1", port) for _ in range(2)]
    assert await (await Stream.open("127.0.0.1", port)).is_closed_by_the_other_side()
    kept[0].close()
    await eventually(lambda: len(switchboard.agent.endpoint.transport.streams) == 1)


async def test_a_handshake_that_never_ends_is_given_up(monkeypatch, switchboard, files):
    monkeypatch.setattr(transport, "HANDSHAKE_SECONDS", 0.2)
    port = await switchboard.agent.listen_tls("127.0.0.1", 0, tls_context(*files))
    assert await (await Stream.open("127.0.0.1", port)).is_closed_by_the_other_side()
    await eventually(lambda: not switchboard.agent.endpoint.transport.streams)


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
def test_who_reads_no_farewell_holds_no_place(monkeypatch, files, run):
    """A TLS connection that ends waits for the other side's farewell; a flood sends none."""
    monkeypatch.setattr(flow, "SILENT_SECONDS", 0.2)

    async def talk() -> None:
        switchboard = await Switchboard().open()
        port = await switchboard.agent.listen_tls("127.0.0.1", 0, tls_context(*files))
        loop = asyncio.get_running_loop()
        plain = socket.create_connection(("127.0.0.1", port))
        client = await loop.run_in_executor(None, lambda: anybody().wrap_socket(plain))
        layer = switchboard.agent.endpoint.transport
        (connection,) = layer.streams.values()
        assert connection.protocol == "TLS"
        await eventually(lambda: not layer.streams)  # though `client` reads nothing
        assert not connection.is_open
        client.close()
        switchboard.close()

    run(talk())


def test_a_certificate_with_another_key_is_refused_in_a_sentence(files):
    with pytest.raises(Misconfigured, match="AMPARO_SIP_CERTIFICATE"):
        tls_context(files[1], files[0])
