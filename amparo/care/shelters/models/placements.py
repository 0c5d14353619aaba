"""A placement: people of one case who are to have beds in one house, and the stay of each."""

import uuid
from datetime import date, datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.care.cases.models import Case
from amparo.care.consent.picklists import LegalBasis as Because
from amparo.care.people.codenames import code_name
from amparo.care.people.models import Person
from amparo.care.shelters.picklists import ACTIVE, APPROVED_ONCE, WAITING, State
from amparo.care.shelters.protection import OFFICER, InOwnName
from amparo.foundation.access.models import User
from amparo.foundation.audit.labels import label_verb
from amparo.foundation.core import row_security
from amparo.foundation.core.ranges import as_range
from amparo.foundation.core.refusal import Refused
from amparo.foundation.core.row_lock import lock_first
from amparo.foundation.vault.fields import SealedBytes, SealedField
from amparo.foundation.vault.key_access import has_key
from amparo.foundation.vault.models import DataKey

from .houses import House, Occupancy


class PlacementQuerySet(models.QuerySet["Placement"]):
    def visible_to(self, user: User) -> Self:
        """Return the placements whose key the user holds.

        At first only the team holds it; later also the placement officers, the escort and the house's staff.
        """
        return self.filter(has_key(user.acting()))

    def running(self, now: datetime) -> Self:
        """Return placements with a live hold, and those in the house."""
        waits = Stay.objects.filter(placement=OuterRef("pk"), reserved__contains=now)
        return self.filter(Q(state=State.IN_HOUSE) | Q(state__in=WAITING) & Exists(waits))

    def unsettled(self, now: datetime) -> Self:
        """Return running placements, and approved ones whose hold has expired.

        Of the latter nobody has recorded whether the people arrived.
        """
        return self.running(now) | self.filter(state=State.APPROVED)

    def get_locked(self, pk: uuid.UUID) -> "Placement":
        """Lock and return one row of this queryset until the transaction ends. Raise `Refused` if it is not in it."""
        found = lock_first(self.filter(pk=pk).select_related("house"))
        if found is None:
            raise Refused(_("It does not exist, or you have no access."))
        return found


class Placement(models.Model):
    """Beds in one house for people of one case.

    Two members of staff approve before the people come: the one who requests it, and a placement officer.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    house = models.ForeignKey(House, on_delete=models.PROTECT, related_name="placements")
    state = models.CharField(max_length=10, choices=State.options, default=State.RESERVED)
    reserved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reserved_at = models.DateTimeField()
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    approved_as = models.CharField(max_length=40, blank=True)  # the role of the approver; blank: nobody yet
    planned_to = models.DateField(null=True)  # null: not requested yet
    escort_user = models.ForeignKey(  # null: no member of staff escorts them
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    escort = SealedField("placement.escort", null=True)  # the escort, in words; None: see `escort_user`
    because = SealedField("placement.because", null=True)  # why it was declined; None: it was not

    objects = PlacementQuerySet.as_manager()
    protected = row_security.ByKeyAnyAgency(
        web="select, insert, update (state, requested_by_id, approved_by_id, approved_as, planned_to,"
        " escort_user_id, escort, because)",
        worker="select (id, state)",
    )

    class Meta:
        indexes = [models.Index(fields=["case"], name="placements_of_a_case")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[it for it in State if it not in APPROVED_ONCE]) | Q(approved_by__isnull=False),
                name="nobody_comes_before_two_approved",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | Q(requested_by__isnull=False) & ~Q(approved_by=F("requested_by")),
                name="two_people_approve",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None, approved_as="") | Q(approved_by__isnull=False, approved_as=OFFICER),
                name="one_of_them_is_a_placement_officer",
            ),
        ]

    def __str__(self) -> str:
        return f"placement {self.pk}"

    @property
    def is_active(self) -> bool:
        """Is it approved, or are the people in the house? Only then may the address be opened.

        The database also checks that the hold has not expired.
        """
        return self.state in ACTIVE

    @property
    def is_waiting(self) -> bool:
        """Are the people expected? This ignores whether the hold has expired: `running` checks that."""
        return self.state in WAITING

    def is_beyond(self, day: date) -> bool:
        """Are they in the house for longer than planned?"""
        return self.state == State.IN_HOUSE and self.planned_to is not None and self.planned_to < day

    @property
    def ordered_stays(self) -> list["Stay"]:
        """The stays with their beds, in the order of the people's numbers."""
        return list(self.stays.select_related("occupancy__bed").order_by("person_id"))


label_verb("look placement", gettext_lazy("read the placement"))


class Approval(models.Model):
    """One person's approval of a placement, in their own name and role: the database lets nobody sign for another."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    placement = models.ForeignKey(Placement, on_delete=models.PROTECT, related_name="approvals")
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    as_role = models.CharField(max_length=40)
    at = models.DateTimeField()

    protected = InOwnName(web="select, insert")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["placement", "by"], name="each_approves_once")]

    def __str__(self) -> str:
        return f"approval {self.pk}"


class RiskBriefingShare(models.Model):
    """A share of the risk briefing, for one person and kind of data, on that person's own basis (risk_briefing.py)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    placement = models.ForeignKey(Placement, on_delete=models.PROTECT, related_name="risk_briefings", db_index=False)
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    share = SealedBytes("risk_briefing_share.share")  # random bytes until all shares are combined
    out_of = models.PositiveSmallIntegerField()
    at = models.DateTimeField()  # equal for all shares of one briefing
    because = models.CharField(max_length=32, choices=Because.options)
    basis = models.UUIDField()
    until = models.DateTimeField()

    objects = models.Manager()
    protected = row_security.ByKey(web="select, insert")

    class Meta:
        verbose_name_plural = "to know"
        indexes = [models.Index(fields=["placement", "-at"], name="briefings_newest_first")]

    def __str__(self) -> str:
        return f"share of what the house of placement {self.placement_id} must know"


label_verb("look riskbriefingshare", gettext_lazy("read what the house must know of a risk"))


class Stay(models.Model):
    """One person's bed: held, then occupied from arrival until the person leaves."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    placement = models.ForeignKey(Placement, on_delete=models.PROTECT, related_name="stays")
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(  # by number, which is the code name: for those who may not see the person's record
        Person, to_field="number", on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    occupancy = models.OneToOneField(Occupancy, on_delete=models.PROTECT, related_name="+")  # the current or last bed
    reserved = DateTimeRangeField()
    stayed = DateTimeRangeField(null=True)  # null: not arrived; without an end: still there

    protected = row_security.ByKeyAnyAgency(
        web="select, insert, update (occupancy_id, reserved, stayed)", worker="select (placement_id, reserved)"
    )

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="nobody_waits_for_two_beds_at_a_time",
                expressions=[(as_range("person"), RangeOperators.OVERLAPS), ("reserved", RangeOperators.OVERLAPS)],
            ),
            ExclusionConstraint(
                name="nobody_stays_in_two_beds_at_a_time",
                expressions=[(as_range("person"), RangeOperators.OVERLAPS), ("stayed", RangeOperators.OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return f"stay {self.pk}"

    @property
    def code_name(self) -> str:
        return code_name(self.person_id)

    @property
    def is_there(self) -> bool:
        return self.stayed is not None and not self.stayed.isempty and self.stayed.upper is None
