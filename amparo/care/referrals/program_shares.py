"""Shares of referrals with the computer programs of a service's institution, which then answers by its programs.

Like a link, a share is a copy of the referral's key, granted on a consent. After a withdrawal it no longer works.
"""

import uuid
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.care.directory.models import Organization
from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import Agency, User
from amparo.foundation.core.refusal import Refused
from amparo.foundation.integrations.rules import announce

from .models import DisclosedItem, ProgramShare, ProgramShareQuerySet, ProviderLink, Referral


def share_with_programs(referral: Referral, details: list[DisclosedItem], until: datetime, now: datetime) -> None:
    """Share the referral until `until` with the programs that answer for the service, if there are any."""
    organization = referral.service.organization_id
    lock_provider_link(organization, "_shared")
    joined = ProviderLink.objects.active().filter(organization=organization).first()
    if joined is None:
        return
    rows: list[Referral | DisclosedItem] = [referral, *details]
    for row in rows:
        share = ProgramShare(
            referral=referral, key=row.key, agency=joined.agency, is_detail=row is not referral,
            until=min(row.until, until),
        )  # fmt: skip
        row.key.give(share.holder, agency=joined.agency_id, purpose="referral", basis=row.basis, until=share.until)
        share.save(force_insert=True)
    announce(joined.agency_id, "referral.sent", _path(referral.pk), now=now)


def lock_provider_link(organization: uuid.UUID, shared: str = "") -> None:
    """Lock an institution's provider link until the transaction ends: nobody ends it while a referral is shared.

    With `shared="_shared"`, several transactions may hold the lock together.
    """
    with connection.cursor() as cursor:
        lock = f"select pg_advisory_xact_lock{shared}('referrals_providerlink'::regclass::int, hashtext(%s))"
        cursor.execute(lock, [str(organization)])


def revoke_shares(shares: ProgramShareQuerySet) -> None:
    """Revoke these shares from the next query on; the programs are notified within a minute."""
    for each in shares.select_related("key"):
        each.key.take(each.holder)


def notify_of_lost_access(now: datetime) -> int:
    """Notify programs of their shares that have ended, and return the number of shares. The worker runs it.

    They do not learn whether a withdrawal, a cancellation or the time ended a share.
    """
    seen = ProgramShare.objects.ended_and_not_notified().select_for_update(skip_locked=True, of=("self",))
    gone = list(seen.only("pk", "agency", "referral", "is_detail"))
    for each in gone:
        kind = "referral.narrowed" if each.is_detail else "referral.gone"
        announce(each.agency_id, kind, _path(each.referral_id), now=now)
    return ProgramShare.objects.filter(pk__in=[each.pk for each in gone]).update(told_at=now)


def _path(referral: uuid.UUID) -> str:
    return f"referrals/{referral}"


@action(permissions.supervise, label=gettext_lazy("let programs answer for an institution of the directory"))
def link_provider(organization: Organization, agency: Agency, *, by: User, now: datetime) -> ProviderLink:
    """From now on, share the referrals to the institution's services with this agency's programs."""
    if agency.kind not in permissions.SERVING:
        raise Refused(_("Programs of this institution answer for no service. Choose another one."))
    try:
        with transaction.atomic():
            return ProviderLink.objects.create(organization=organization, agency=agency, at=now, by=by)
    except IntegrityError as twice:
        raise Refused(_("Somebody answers for it already. End that first.")) from twice


@action(permissions.supervise, label=gettext_lazy("let programs answer no more for an institution of the directory"))
def unlink_provider(joining: ProviderLink, *, by: User, now: datetime) -> None:
    """Stop sharing from the next query on, and revoke what was shared. Doing it twice changes nothing."""
    lock_provider_link(joining.organization_id)
    ProviderLink.objects.filter(pk=joining.pk, ended_at=None).update(ended_at=now)
    of_it = ProgramShare.objects.filter(
        agency=joining.agency_id, referral__service__organization=joining.organization_id
    )
    revoke_shares(of_it.filter(until__gt=now))
