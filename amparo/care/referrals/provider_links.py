"""Verbs for supervisors: whose programs answer for which institution of the directory."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from amparo.care.directory.models import Organization
from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import Agency, User
from amparo.foundation.core.refusal import Refused

from .program_shares import ProgramShare, ProviderLink, lock_provider_link, revoke


@action(permissions.supervise)
def link_provider(organization: Organization, agency: Agency, *, by: User, now: datetime) -> ProviderLink:
    """From now on, share the referrals to the institution's services with this agency's programs."""
    if agency.kind not in permissions.SERVING:
        raise Refused(_("Programs of this institution answer for no service. Choose another one."))
    try:
        with transaction.atomic():
            return ProviderLink.objects.create(organization=organization, agency=agency, at=now, by=by)
    except IntegrityError as twice:
        raise Refused(_("Somebody answers for it already. End that first.")) from twice


@action(permissions.supervise)
def unlink_provider(joining: ProviderLink, *, by: User, now: datetime) -> None:
    """Stop sharing from the next query on, and revoke what was shared. Doing it twice changes nothing."""
    lock_provider_link(joining.organization_id)
    ProviderLink.objects.filter(pk=joining.pk, ended_at=None).update(ended_at=now)
    of_it = ProgramShare.objects.filter(
        agency=joining.agency_id, referral__service__organization=joining.organization_id
    )
    revoke(of_it.filter(until__gt=now))
