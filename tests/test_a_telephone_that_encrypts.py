"""Debian's baresip with SRTP, DTLS-SRTP and TLS, as the caller's telephone and as a desk phone of the switchboard's
telephone side. Where baresip must encrypt, it refuses anything else, so sound that is heard was encrypted."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings

from amparo.line.switchboard.media.clock import Clock
from amparo.line.switchboard.media.ports import Ports
from amparo.line.switchboard.media.tones import contains_tone, tone
from amparo.line.switchboard.seats import Seats
from amparo.line.switchboard.telephones import Telephones

from .hotline import free_port
from .test_a_telephone_that_is_not_ours import Baresip, strongest

SECRET = "a-secret-of-ana"
OURS, THEIRS = 1000, 440  # Hz


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """For 127.0.0.1, signed by itself; the files of certificate and key."""
    folder = tmp_path_factory.mktemp("certificate")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return folder / "certificate.pem", folder / "key.pem"


@pytest.fixture
async def telephones(certificate):
    ports = {"sip_port": free_port(), "sip_tls_port": free_port()}
    environment = replace(
        settings.ENVIRONMENT, hosts=("127.0.0.1",), sip_tls=certificate, trunk=None, trunks=(), **ports
    )
    async with Clock().running() as clock:
        seats = Seats()
        seats.secrets["ana"] = SECRET
        telephones = Telephones(environment, clock, Ports(30000, 30199), seats)
        await telephones.listen()
        yield telephones
        telephones.agent.close()


@asynccontextmanager
async def baresip(*about, **trust):
    phone = Baresip(*about, **trust)
    try:
        yield phone
    finally:
        await asyncio.to_thread(phone.hang_up)  # it waits for our answer to its BYE


async def until(fact):
    async with asyncio.timeout(60):
        while not (found := fact()):
            await asyncio.sleep(0.1)
    return found


async def hear_each_other(leg, phone):
    heard = bytearray()
    leg.sound.sink = heard.extend
    playing = asyncio.create_task(leg.sound.play(tone(OURS, 1.0), loop=True))
    await until(lambda: contains_tone(bytes(heard[-8000:]), THEIRS) and strongest(phone.sound(), OURS))
    playing.cancel()


@pytest.mark.parametrize(
    ("sound", "is_encrypted"), [("", False), ("srtp", True), ("srtp-mand", True), ("dtls_srtp", True)]
)
async def test_a_caller_is_heard_and_hears_us(telephones, tmp_path, sound, is_encrypted):
    calls = []
    telephones.on_caller = lambda leg, line, number: calls.append(leg)
    account = "<sip:51900000077@127.0.0.1>;regint=0" + (f";mediaenc={sound}" if sound else "")
    dial = f"/dial sip:ayuda@127.0.0.1:{telephones.environment.sip_port}"
    async with baresip(tmp_path / "caller", account, THEIRS, dial) as phone:
        await until(lambda: calls)
        await hear_each_other(calls[0], phone)
        assert calls[0].is_encrypted == is_encrypted


@pytest.mark.parametrize(
    ("transport", "sound", "is_encrypted"),
    [("udp", "", False), ("udp", "srtp", True), ("tls", "srtp-mand", True), ("tls", "", False)],
)
async def test_a_desk_phone_rings_encrypted_as_far_as_it_can(
    telephones, certificate, tmp_path, transport, sound, is_encrypted
):
    environment = telephones.environment
    port = environment.sip_tls_port if transport == "tls" else environment.sip_port
    account = f"<sip:ana@127.0.0.1:{port};transport={transport}>;auth_pass={SECRET};answermode=auto;regint=60"
    account += ";audio_codecs=PCMU" + (f";mediaenc={sound}" if sound else "")
    async with baresip(tmp_path / "desk", account, THEIRS, trusts=certificate[0]) as phone:
        assert telephones.desk_phone_encryption("ana") == {"signalling": None, "sound": None}
        await until(lambda: telephones.registrar.lookup("ana"))
        leg = await telephones.ring_desk_phone("ana")
        await hear_each_other(leg, phone)
        assert telephones.desk_phone_encryption("ana") == {"signalling": transport == "tls", "sound": is_encrypted}
