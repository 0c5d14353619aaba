"""Each key is derived from a secret of the home and a label, by RFC 5869. A changed derivation would lose sealed data.

The derivation is written here a second time, with the standard library alone.
"""

import base64
import hmac
import uuid

import pytest
from django.conf import settings
from django.utils import timezone

from amparo.foundation.access.bearers import bearer_of
from amparo.foundation.access.models import HOTLINE
from amparo.foundation.access.models.sessions import SessionStore, digest_of_session_key
from amparo.foundation.audit import chain
from amparo.foundation.integrations import keys
from amparo.foundation.vault.keys import Box
from amparo.foundation.vault.models import Token
from amparo.foundation.vault.tokens import make_tokens
from amparo.foundation.vault.wrapping import OLD, FirstSecret, LocalKey, keyring
from amparo.line.channels import webhooks
from amparo.line.channels.channel import Arrival
from amparo.line.channels.rules import take_in
from amparo.line.channels.sms.channel import Sms
from amparo.line.chat.models import Chat


def hkdf(secret: bytes, info: bytes) -> bytes:
    """32 bytes of HKDF with SHA-256, without salt."""
    return hmac.digest(hmac.digest(bytes(32), secret, "sha256"), info + b"\x01", "sha256")


def derive(secret: bytes, label: str) -> bytes:
    return hkdf(secret, f"amparo {label}".encode())


@pytest.fixture
def search_key(db) -> bytes:
    return keyring().search_key(HOTLINE)


def test_the_derivation_is_that_of_rfc_5869():
    """Test case 3 of its appendix A, the first 32 bytes."""
    assert hkdf(b"\x0b" * 22, b"").hex() == "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"


@pytest.mark.parametrize("kind", ["code", "link", "chat"])
def test_the_name_of_a_bearer(search_key, kind):
    digest = hmac.digest(derive(search_key, f"bearer|{kind}"), b"invented", "sha256")[:15].hex()
    letters = digest.translate(str.maketrans("0123456789", "ghijklmnop"))
    assert bearer_of(kind, "invented").role == f"bearer/{kind}_{letters}"


def test_the_tokens_of_a_search(search_key):
    key = derive(search_key, f"token|{Token.Kind.WORD}|{HOTLINE}")
    assert make_tokens(Token.Kind.WORD, "invented", HOTLINE)[1] == [hmac.digest(key, b"invented", "sha256")[:16]]


def test_the_tokens_and_signatures_of_programs(search_key):
    hook = uuid.uuid4()
    token = hmac.digest(derive(search_key, "integrations|token"), b"invented", "sha256")
    assert keys.secret_digest("invented") == token
    assert keys.signing_key(hook) == hmac.digest(derive(search_key, "integrations|hook"), hook.bytes, "sha256")


def test_the_address_of_somebody_who_writes(search_key):
    now = timezone.now()
    take_in(Sms(), Arrival("1", "+51987000001", "invented", now, {"address": "+51987000001"}), now=now)
    sender = hmac.digest(derive(search_key, "channels"), b"sms|+51987000001", "sha256")[:16]
    assert [bytes(sender) for sender in Chat.objects.values_list("sender", flat=True)] == [sender]


def test_the_box_of_stored_posts(search_key):
    webhooks.store_post("invented", b"a body")
    [(path, body)] = webhooks.stored_posts("invented")
    sealed = path.read_bytes()
    path.unlink()
    assert body == Box(derive(search_key, "webhooks")).open(sealed, f"webhook|invented|{path.name}") == b"a body"


def test_the_box_of_sessions():
    secret = settings.ENVIRONMENT.secret("django").encode()
    sealed = base64.b64decode(SessionStore("invented").encode({"page": 1}))
    place = f"access_session|session_data|{digest_of_session_key('invented')}"
    assert Box(derive(secret, "sessions")).open(sealed, place) == b'{"page":1}'


def test_the_key_that_signs_the_ledger():
    secret = settings.ENVIRONMENT.secret("ledger").encode()
    assert chain.signing_key().private_bytes_raw() == derive(secret, "ledger")


def test_the_first_key_of_all(tmp_path):
    (tmp_path / "vault").write_text("invented\n")
    wrapped = FirstSecret(tmp_path / "vault").open(OLD).wrap(b"a data key", b"its row")
    assert LocalKey(OLD, derive(b"invented", "key-encryption key")).unwrap(wrapped, b"its row") == b"a data key"
