"""The settings of WhatsApp (Cloud API), read from the environment. Without AMPARO_WHATSAPP the line has none."""

import os
from dataclasses import dataclass, field
from urllib.parse import SplitResult

from amparo.foundation.core.process_environment import is_withheld
from amparo.foundation.core.refusal import Misconfigured

from .. import https

API = "https://graph.facebook.com/v23.0"


@dataclass(frozen=True)
class WhatsappSettings:
    number_id: str  # the provider's id of the line's number
    api: SplitResult
    token: str = field(repr=False)  # sends messages
    secret: str = field(repr=False)  # signs what the provider posts to us
    verify: str = field(repr=False)  # a word of ours that the provider repeats when it subscribes


def read_settings() -> WhatsappSettings | None:
    """Return the settings, or None if this line has no WhatsApp.

    Raises `Misconfigured` with one sentence that names the setting to change.
    """
    number_id = os.environ.get("AMPARO_WHATSAPP", "")
    given = {name: os.environ.get(f"AMPARO_WHATSAPP_{name}", "") for name in ("TOKEN", "SECRET", "VERIFY")}
    if not number_id:
        for name, value in given.items():
            if value:
                raise Misconfigured(
                    f"AMPARO_WHATSAPP_{name} is set without AMPARO_WHATSAPP: write the number's id there."
                )
        return None
    if not (number_id.isascii() and number_id.isdigit()):
        raise Misconfigured("AMPARO_WHATSAPP is not the id of a number: copy the phone number ID, digits alone.")
    for name, value in given.items():
        is_value = len(value) >= 12 and value.isascii() and value.isprintable() and " " not in value
        if not is_value and not is_withheld(f"AMPARO_WHATSAPP_{name}"):
            raise Misconfigured(f"AMPARO_WHATSAPP_{name} has less than 12 characters, or a blank: copy it again.")
    api = https.read_address("AMPARO_WHATSAPP_API", os.environ.get("AMPARO_WHATSAPP_API") or API, API)
    return WhatsappSettings(number_id, api, given["TOKEN"], given["SECRET"], given["VERIFY"])
