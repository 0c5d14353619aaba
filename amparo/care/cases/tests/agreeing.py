"""Record a fully informed consent, for tests about something else."""

from datetime import datetime, timedelta
from typing import Any

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
