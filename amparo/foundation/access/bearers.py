"""Bearers have a secret that we gave them, a code or a link, and do not sign in. As staff do, they hold data keys.

Their holder name is a keyed digest of the secret. Its key is outside the database: a thief of the tables cannot try all
codes. In the database a bearer is the public side (role `site`), and sees only rows whose data key was granted to that
name, in the columns that their tables give to `site`. No other role may claim such a name (acting.claims).
"""

from amparo.foundation.core.actor import BEARER, Actor
from amparo.foundation.core.derived_keys import keyed_digest
from amparo.foundation.vault.wrapping import keyring

from .models import HOTLINE

BYTES = 15  # of the digest
LETTERS = bytes.maketrans(b"0123456789", b"ghijklmnop")  # a role in the ledger has no digits


def bearer_of(kind: str, secret: str) -> Actor:
    """Return the bearer of this secret as an actor. `kind`: "code", "link" or "chat".

    The secret is not checked here, because the actor of a wrong secret holds no key.
    """
    digest = keyed_digest(keyring().search_key(HOTLINE), f"bearer|{kind}", secret.encode())[:BYTES].hex()
    return Actor(0, HOTLINE, f"{BEARER}/{kind}_{digest.encode().translate(LETTERS).decode()}")


def bearer_holder(kind: str, secret: str) -> str:
    """Return the holder name under which keys are granted to the bearer of this secret."""
    return bearer_of(kind, secret).holders[1]
