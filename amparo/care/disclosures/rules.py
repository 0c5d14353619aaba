"""Items disclosed about a person besides the facts, each on its own basis and under its own key."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NoReturn

from django.db.models import Q
from django.utils.translation import gettext as _

from amparo.care.consent.disclosure import RecipientScope
from amparo.care.consent.models import Consent, DisclosureBasis
from amparo.care.consent.picklists import CALLER_DATA, Data
from amparo.care.consent.rules import bases_for
from amparo.care.people.models import Person
from amparo.foundation.core.refusal import Refused

from .models import Detail

A_YEAR = timedelta(days=365)  # where the law itself is the basis

type Details = Mapping[Data, str]  # in words; blank: not disclosed


def set_basis(row: Any, person: Person, recipient: RecipientScope, data: Data, own: uuid.UUID, now: datetime) -> bool:
    """Set the basis of this row to what allows the disclosure now; return False if nothing does.

    `own` is the id to store where the law itself is the basis. The consent is locked until the transaction ends: a
    withdrawal waits, and then closes this row too.
    """
    return not set_bases({data: row}, person, recipient, own, now)


def set_bases(
    rows: Mapping[Data, Any], person: Person, recipient: RecipientScope, own: uuid.UUID, now: datetime
) -> list[Data]:
    """Set the basis of each row as `set_basis` does; return the data whose disclosure nothing allows."""
    bases = bases_for(person, recipient, list(rows), now) if rows else {}
    for data, found in bases.items():
        if found is not None:
            rows[data].because = found.legal_basis
            rows[data].basis, rows[data].until = found.basis or (own, now + A_YEAR)
    return [data for data, found in bases.items() if found is None]


def without_blank_items(details: Details) -> dict[Data, str]:
    """Return the items that are not blank."""
    return {data: words.strip() for data, words in details.items() if words.strip()}


def with_live_basis[D: Detail](details: list[D], now: datetime) -> list[D]:
    """Return the items whose basis has not ended.

    A recipient sees no basis, and cannot read items whose basis has ended anyway.
    """
    over = ended_bases([it.basis for it in details], now)
    return [it for it in details if it.basis not in over]


def ended_bases(bases: list[uuid.UUID], now: datetime) -> set[uuid.UUID]:
    """Return the ids of the consents and grounds that have ended, without those that the actor cannot see.

    A recipient can see none, and cannot read rows with an ended basis anyway.
    """
    taken_back = Q(withdrawn_at__isnull=False) | Q(expires_at__lte=now)
    over = set(Consent.objects.filter(taken_back, pk__in=bases).values_list("pk", flat=True))
    return over | {it.pk for it in DisclosureBasis.objects.filter(pk__in=bases).defer("facts") if not it.is_live(now)}


def names_of_left_out(items: list[Any], expected: tuple[Data, ...]) -> str:
    """Return the names of the expected items that `items` lacks; blank: it has all."""
    known = {it.data for it in items}
    return ", ".join(str(it.label) for it in expected if it not in known)


def refuse_item(data: Data) -> NoReturn:
    """Raise `Refused`: nothing allows this item to be disclosed."""
    what = {"what": data.label}
    if data in CALLER_DATA:
        raise Refused(_("The caller did not agree to disclose: %(what)s. Send it without.") % what)
    raise Refused(_("The person did not agree to disclose: %(what)s. Send it without.") % what)
