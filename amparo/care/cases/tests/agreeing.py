"""Record a fully informed consent, for tests about something else."""

import re
from datetime import datetime, timedelta
from typing import Any

from django.test import Client

from amparo.care.cases import consents
from amparo.care.consent.models import Consent
from amparo.care.consent.picklists import InformedItem, Recipient
from amparo.care.people.models import Person
from amparo.foundation.access.models import User


def agree(person: Person, *data: str, to: str, by: User, now: datetime, **more: Any) -> Consent:
    """`to`: a kind of recipient, or the code of one institution."""
    recipient = {"recipients": [to]} if to in Recipient.values else {"recipients": [], "institution": to}
    usual = {"purpose": "invented", "informed": list(InformedItem.values), "given_how": "voice"}
    lasts = {"expires_at": now + timedelta(days=30)}
    return consents.record_consent_in_case(
        person, data=list(data), by=by, now=now, **(usual | recipient | lasts | more)
    )


def post_consent(client: Client, where: str, *cells: str, **typed: Any) -> Any:
    """Post the page's form as a browser does: preview it, tick every sentence that is shown, and record it."""
    usual = {"permit": list(cells), "purpose": "invented purpose", "duration": "30", "given_how": "voice"}
    shown = client.post(where, usual | typed | {"do": "preview"}).content.decode()
    return client.post(where, usual | {"informed": sentences(shown)} | typed)


def sentences(shown: str) -> list[str]:
    """Return the values of the sentences that the page asks to read aloud."""
    return re.findall(r'name="informed" value="([^"]+)"', shown)
