"""The risk briefing of a house: readable only while everybody whom it concerns agrees."""

import itertools
import secrets
from collections.abc import Iterable
from datetime import datetime
from functools import reduce
from typing import Any

from django.db import connection
from django.db.models import Prefetch, prefetch_related_objects
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from amparo.care.cases.models import Case
from amparo.care.cases.team import make_record_key
from amparo.care.consent.institutions import scope_of
from amparo.care.consent.picklists import Data
from amparo.care.consent.rules import basis_for
from amparo.care.people.models import Person
from amparo.foundation.access.models import Role, User
from amparo.foundation.core.actor import role_holder
from amparo.foundation.core.refusal import Refused

from .models import Placement, RiskBriefingShare

TELLS_OF = {  # what it may tell of; each is agreed to separately
    Data.INCIDENT_FACTS: _("a danger, or what happened"),
    Data.SUBJECT_HEALTH: _("their health"),
}


def save_briefing(placement: Placement, case: Case, words: str, of: Iterable[Data], by: User, now: datetime) -> None:
    """Split the briefing into secret shares, one for each person and kind of data, each on that person's own consent.

    Only all shares together give the text: if one person withdraws consent, the house can read nothing any more.
    Raises `Refused` if a person gave no consent.
    """
    house = scope_of(placement.house.agency)
    people = Person.objects.filter(number__in=[stay.person_id for stay in placement.ordered_stays])
    pairs = list(itertools.product(people, sorted(set(of))))
    if not pairs:
        raise Refused(gettext("Say what it tells of: choose of the list."))
    for (person, data), share in zip(pairs, _secret_shares(words.strip().encode(), len(pairs)), strict=True):
        share_row = RiskBriefingShare(placement=placement, share=share, out_of=len(pairs), at=now)
        standing = basis_for(person, house, data, now)
        if standing is None or standing.basis is None:
            raise Refused(gettext("The person did not agree that the house learns it. Ask them, or send it without."))
        share_row.because, (share_row.basis, share_row.until) = standing.legal_basis, standing.basis
        share_row.key = make_record_key(case, "placement")
        share_row.save(force_insert=True)
        for holder in hotline_readers(placement, by):
            share_row.key.give(holder)


def hotline_readers(placement: Placement, by: User) -> list[str]:
    """Return who reads a requested placement besides the team, as key holders: placement officers and the escort."""
    officers, escort = role_holder(by.agency.pk, Role.PLACEMENT_OFFICER), placement.escort_user
    return [officers, escort.acting().holders[0]] if escort else [officers]


def share_briefing(placement: Placement) -> None:
    """Let the house's staff open each share on its own basis. Do nothing if a consent was withdrawn meanwhile."""
    if is_briefing_agreed(placement, until_the_end=True):
        agency, staff = placement.house.agency_id, role_holder(placement.house.agency_id, Role.SHELTER_STAFF)
        for it in _newest(placement.risk_briefings.select_related("key").order_by("-at")):
            it.key.give(staff, agency=agency, purpose="placement", basis=it.basis, until=it.until)


def prefetch_briefings() -> "Prefetch[Any]":
    """Read the shares of all placements of a list at once, with the keys that open them, newest first."""
    shares = RiskBriefingShare.objects.select_related("key").prefetch_related("key__grants")
    return Prefetch("risk_briefings", shares.order_by("-at"))


def briefing_text(placement: Placement) -> str:
    """Return the briefing's text, or an empty text if the reader may not open all of it.

    The text is split into shares, one for each consent or basis that it needs. A reader sees a share while its basis
    lives, and only all shares together give the text.
    """
    shares = shares_to_open(placement)
    return reduce(_xor, (bytes(it.share) for it in shares)).decode() if shares else ""


def shares_to_open(placement: Placement) -> list[RiskBriefingShare]:
    """Return all shares of the newest briefing; none if the reader may not open all of them."""
    prefetch_related_objects([placement], prefetch_briefings())  # unless the list that it stands in did so
    shares = _newest(placement.risk_briefings.all())
    return shares if shares and len(shares) == shares[0].out_of else []


def is_briefing_agreed(placement: Placement, *, until_the_end: bool = False) -> bool:
    """Is every consent of the newest briefing live?

    `until_the_end` locks the consents until the transaction ends, so that a withdrawal waits.
    """
    with connection.cursor() as cursor:
        cursor.execute("select shelters_is_agreed(%s, %s)", [placement.pk, until_the_end])
        return bool(cursor.fetchone()[0])


def _newest(found: Iterable[RiskBriefingShare]) -> list[RiskBriefingShare]:
    """Return those of the newest briefing, of shares that are sorted by their time."""
    shares = list(found)
    return [it for it in shares if it.at == shares[0].at]


def _secret_shares(plain: bytes, out_of: int) -> list[bytes]:
    """Split the text into `out_of` parts; all of them combined by XOR give the text back."""
    noise = [secrets.token_bytes(len(plain)) for _number in range(out_of - 1)]
    return [*noise, reduce(_xor, noise, plain)]


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
