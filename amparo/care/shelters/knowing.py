"""What a house must know of a risk: told only as long as everybody whom it is about agrees that it is told."""

import secrets
from datetime import datetime
from functools import reduce

from django.db import connection
from django.utils.translation import gettext as _

from amparo.care.cases.models import Case
from amparo.care.cases.team import key_beside
from amparo.care.consent.disclosure import Data, Decision, Recipient
from amparo.care.consent.institutions import code_of
from amparo.care.consent.rules import basis_for, may_be_told
from amparo.care.people.models import Person
from amparo.ground.access.models import Role, User
from amparo.ground.core.acting import held_by
from amparo.ground.core.refusal import Refused

from .placements import Placement, ToKnow

WHOM, WHAT = Recipient.SERVICE_PROVIDER, Data.INCIDENT_FACTS


def keep(placement: Placement, case: Case, words: str, by: User, now: datetime) -> None:
    """A share for each who is to come, on her own basis. All together are the words, and one less is noise.

    So whoever takes hers back takes all of it from the house. Refused where somebody gave none.
    """
    house = code_of(placement.house.agency)
    people = list(Person.objects.filter(number__in=[stay.person_id for stay in placement.in_beds]))
    for person, share in zip(people, _shares(words.strip().encode(), len(people)), strict=True):
        ruling, because = may_be_told(person, WHOM, WHAT, institution=house, now=now)
        found = None if ruling == Decision.FORBID else basis_for(person, WHOM, WHAT, now, institution=house)
        if found is None:
            raise Refused(_("She did not agree that the house is told. Ask her, or send it without."))
        basis, until = found
        it = ToKnow(placement=placement, share=share, out_of=len(people), at=now)
        it.key, it.because, it.basis, it.until = key_beside(case, "placement"), because, basis, until
        it.save(force_insert=True)
        for holder in of_the_line(placement, by):
            it.key.give(holder)


def of_the_line(placement: Placement, by: User) -> list[str]:
    """Who reads a placement that is asked for, beside the team: who approves it, and who of us brings her."""
    officers, escort = held_by(by.agency.pk, Role.PLACEMENT_OFFICER), placement.escort_user
    return [officers, escort.acting().holders[0]] if escort else [officers]


def hand(placement: Placement) -> None:
    """The house can open it from now on, each share on its basis; nothing, where one was taken back meanwhile."""
    if is_agreed(placement, until_the_end=True):
        of, staff = placement.house.agency_id, held_by(placement.house.agency_id, Role.SHELTER_STAFF)
        for it in _newest(placement):
            it.key.give(staff, agency=of, purpose="placement", basis=it.basis, until=it.until)


def words(placement: Placement) -> str:
    """What the house must know, for who holds every share of it; else nothing."""
    shares = _newest(placement)
    if not shares or len(shares) < shares[0].out_of:
        return ""
    return reduce(_mixed, (bytes(it.share) for it in shares)).decode()


def is_agreed(placement: Placement, *, until_the_end: bool = False) -> bool:
    """Whether every basis of it lives; `until_the_end` of the transaction, for who takes one back waits."""
    with connection.cursor() as cursor:
        cursor.execute("select shelters_is_agreed(%s, %s)", [placement.pk, until_the_end])
        return bool(cursor.fetchone()[0])


def _newest(placement: Placement) -> list[ToKnow]:
    shares = list(placement.to_know.select_related("key").order_by("-at"))
    return [it for it in shares if it.at == shares[0].at]


def _shares(plain: bytes, out_of: int) -> list[bytes]:
    noise = [secrets.token_bytes(len(plain)) for _number in range(out_of - 1)]
    return [*noise, reduce(_mixed, noise, plain)]


def _mixed(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
