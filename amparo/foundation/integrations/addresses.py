"""Which webhook addresses are allowed: https, and no host in a private network.

Otherwise an administrator of another institution could make us connect to machines that only we can reach. What a name
leads to is checked when we connect (`core/public_addresses.py`).
"""

from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from amparo.foundation.core.public_addresses import HTTPS, is_in_private_network
from amparo.foundation.core.refusal import Refused

from .models import LONGEST_ADDRESS


def refuse_unfit_address(address: str) -> None:
    """Raise `Refused` if a typed webhook address cannot be used. Its host name is not resolved yet."""
    try:
        parts = urlsplit(address)
        fits = parts.scheme == "https" and parts.hostname and (parts.port or HTTPS) > 0
    except ValueError:
        raise Refused(_("That is no address: write it as https://programs.example.org/news.")) from None
    if not fits or not address.isascii() or not address.isprintable() or " " in address:
        raise Refused(_("That is no address: write it as https://programs.example.org/news."))
    if len(address) > LONGEST_ADDRESS or parts.username is not None or parts.fragment:
        raise Refused(_("Write a shorter address, without a name or password in it."))
    if is_in_private_network(str(parts.hostname)):
        raise Refused(_("That address is within a private network, and nobody there is told from here."))
