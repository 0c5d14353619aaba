"""Who asked us not to write: by a keyed digest of their address."""

import json

from amparo.foundation.access.models import HOTLINE
from amparo.foundation.core.derived_keys import keyed_digest
from amparo.foundation.vault.wrapping import keyring
from amparo.line.chat.models import Chat, OptOut


def digest_in_channel(channel: str, text: str) -> bytes:
    """Return a keyed digest: equal for equal texts of a channel, and meaningless without the keys of this home."""
    return keyed_digest(keyring().search_key(HOTLINE), "channels", f"{channel}|{text}".encode())[:16]


def has_opted_out(chat: Chat) -> bool:
    """Whether the address to which an answer in this conversation goes asked us not to write.

    A conversation with a forged sender is another one than the person's own, but what we answer there reaches her.
    """
    if chat.sender is None:
        return False
    address = json.loads(chat.envelope or "{}").get("address")
    senders = [chat.sender] if address is None else [chat.sender, digest_in_channel(chat.channel, address)]
    return OptOut.objects.filter(pk__in=senders, lifted_at=None).exists()
