"""A browser's answer when a person makes a passkey, with a key of its own and no attestation."""

import hashlib
import os
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

HOST = "localhost"  # the one name whose passkeys need no https
FLAGS = AuthenticatorData.FLAG
VERIFIED = FLAGS.UP | FLAGS.UV | FLAGS.AT


def made(options: dict[str, Any]) -> dict[str, Any]:
    """The answer to the options of our page."""
    name = os.urandom(16)
    public = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    credential = AttestedCredentialData.create(bytes(16), name, public)
    data = AuthenticatorData.create(hashlib.sha256(HOST.encode()).digest(), VERIFIED, 0, credential)
    challenge = websafe_decode(options["publicKey"]["challenge"])
    client_data = CollectedClientData.create("webauthn.create", challenge, f"http://{HOST}")
    answer = {"clientDataJSON": client_data, "attestationObject": AttestationObject.create("none", data, {})}
    response = {word: websafe_encode(value) for word, value in answer.items()}
    return {"id": websafe_encode(name), "rawId": websafe_encode(name), "type": "public-key", "response": response}
