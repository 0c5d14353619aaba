"""Keyed digests of addresses, by which we know who writes and who asked us not to write."""

from amparo.foundation.access.models import HOTLINE
from amparo.foundation.core.derived_keys import keyed_digest
from amparo.foundation.vault.wrapping import keyring


def digest_in_channel(channel: str, text: str) -> bytes:
    """Return a keyed digest: equal for equal texts of a channel, and meaningless without the keys of this home."""
    return keyed_digest(keyring().search_key(HOTLINE), "channels", f"{channel}|{text}".encode())[:16]
