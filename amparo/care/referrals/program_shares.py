"""An institution of the directory may answer by its own programs: its services' referrals are shared with them.

Like a link, a share is a copy of the referral's key on its basis: after a withdrawal it is gone from the next query on.
"""

import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import connection, models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from amparo.care.directory.models import Organization
from amparo.foundation.access.models import Agency, Role
from amparo.foundation.core import row_security
from amparo.foundation.core.actor import role_holder
from amparo.foundation.integrations.rules import announce
from amparo.foundation.vault.models import DataKey, Grant

from .referral_models import DisclosedItem, Referral

CASE_WORK = ("hotline/operator", "hotline/supervisor", "hotline/case_worker")


class ProviderLinkQuerySet(models.QuerySet["ProviderLink"]):
    def now(self) -> Self:
        return self.filter(ended_at=None).select_related("agency", "organization")


class ProviderLink(models.Model):
    """Programs of an agency answer for an institution of the directory, for referrals sent from then on."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)  # null: active

    objects = ProviderLinkQuerySet.as_manager()
    protected = row_security.ByRole(*CASE_WORK, by="hotline/supervisor", web="select, insert, update (ended_at)")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization"], condition=Q(ended_at=None), name="one_agency_answers_for_an_organization"
            )
        ]

    def __str__(self) -> str:
        return f"joining {self.pk}"


class ProgramShareQuerySet(models.QuerySet["ProgramShare"]):
    def of(self, referral: Referral) -> "ProgramShare | None":
        """Return the share of this referral; None: it was not shared."""
        return self.filter(referral=referral, is_detail=False).select_related("agency").first()

    def gone(self) -> Self:
        """Return the shares whose copy of the key is gone or expired, and whose programs were not notified yet."""
        opens = Grant.objects.filter(key=OuterRef("key"), agency_id=OuterRef("agency"), expires_at__gt=Now())
        return self.filter(~Exists(opens), told_at=None)


class ProgramShare(models.Model):
    """A referral, or an item in it, that an agency's programs can open until its basis ends or the share is revoked."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="handed")
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    is_detail = models.BooleanField()
    until = models.DateTimeField()
    # when the programs were notified that it is gone; null: not yet, or it is not gone
    told_at = models.DateTimeField(null=True)

    objects = ProgramShareQuerySet.as_manager()
    protected = row_security.ByKey(
        web="select, insert", worker="select (id, referral_id, key_id, agency_id, is_detail, told_at), update (told_at)"
    )

    class Meta:
        verbose_name_plural = "handed"
        indexes = [models.Index(fields=["agency"], name="handed_and_not_gone", condition=Q(told_at=None))]
        constraints = [models.UniqueConstraint(fields=["key", "agency"], name="a_key_is_handed_once")]

    def __str__(self) -> str:
        return f"handed {self.pk}"

    @property
    def holder(self) -> str:
        return role_holder(self.agency_id, Role.SERVICE_LIAISON)


def share_with_programs(referral: Referral, details: list[DisclosedItem], until: datetime, now: datetime) -> None:
    """Share the referral with the programs that answer for the service, if there are any; `until`: as long as a link
    would open it.
    """
    organization = referral.service.organization_id
    lock_provider_link(organization, "_shared")
    joined = ProviderLink.objects.now().filter(organization=organization).first()
    if joined is None:
        return
    rows: list[Referral | DisclosedItem] = [referral, *details]
    for row in rows:
        handed = ProgramShare(
            referral=referral, key=row.key, agency=joined.agency, is_detail=row is not referral,
            until=min(row.until, until),
        )  # fmt: skip
        row.key.give(handed.holder, agency=joined.agency_id, purpose="referral", basis=row.basis, until=handed.until)
        handed.save(force_insert=True)
    announce(joined.agency_id, "referral.sent", _path(referral.pk), now=now)


def lock_provider_link(organization: uuid.UUID, shared: str = "") -> None:
    """Lock an institution's provider link until the transaction ends: ending it and sharing never overlap."""
    with connection.cursor() as cursor:
        lock = f"select pg_advisory_xact_lock{shared}('referrals_providerlink'::regclass::int, hashtext(%s))"
        cursor.execute(lock, [str(organization)])


def revoke(handed: ProgramShareQuerySet) -> None:
    """Revoke these shares from the next query on; the programs are notified within a minute."""
    for each in handed.select_related("key"):
        each.key.take(each.holder)


def notify_of_lost_access(now: datetime) -> int:
    """Notify programs of shares that a withdrawal, a cancellation or the time has ended, never which of these.

    Run by the worker.
    """
    seen = ProgramShare.objects.gone().select_for_update(skip_locked=True, of=("self",))
    gone = list(seen.only("pk", "agency", "referral", "is_detail"))
    for each in gone:
        kind = "referral.narrowed" if each.is_detail else "referral.gone"
        announce(each.agency_id, kind, _path(each.referral_id), now=now)
    return ProgramShare.objects.filter(pk__in=[each.pk for each in gone]).update(told_at=now)


def _path(referral: uuid.UUID) -> str:
    return f"referrals/{referral}"
