import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from amparo.foundation.access.models import Agency
from amparo.foundation.core import row_security
from amparo.foundation.core.picklists import Picklist

LONGEST_ADDRESS = 300
SHOWN = 50


class AgencyPolicy(row_security.RowPolicy):
    """Administrators read and write the rows of their institution.

    With `at_the_door`, a request without an actor reads all rows, to find a token's digest, and the token's user may
    change their own row.
    """

    def __init__(self, *, at_the_door: bool = False, **processes: str) -> None:
        super().__init__(**processes)
        self.at_the_door = at_the_door

    def reads(self, model: type[models.Model]) -> str:
        own = self.writes(model)
        return f"{own} or (select acting.role()) is null" if self.at_the_door else own

    def writes(self, model: type[models.Model]) -> str:
        own_row = " or user_id = (select acting.user_id())" if self.at_the_door else ""
        return f"agency_id = (select acting.agency_id()) and ({row_security.ADMINISTRATOR}{own_row})"

    def adds(self, model: type[models.Model]) -> str:
        return f"agency_id = (select acting.agency_id()) and {row_security.ADMINISTRATOR}"


class OwnRowsOnly(row_security.RowPolicy):
    """Users read and write only their own rows."""

    def reads(self, model: type[models.Model]) -> str:
        return "user_id = (select acting.user_id())"


class EventPolicy(AgencyPolicy):
    """The row policy of webhook events: any actor adds one for an institution, whose administrators alone read it."""

    def adds(self, model: type[models.Model]) -> str:
        return "(select acting.role()) is not null"


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def of(self, agency: Agency) -> Self:
        """Return the tokens of an institution, valid ones first, then the newest; as many as a page shows."""
        found = self.filter(agency=agency).select_related("user", "made_by")
        return found.order_by(F("ended_at").desc(nulls_first=True), "-made_at")[:SHOWN]


class ApiToken(models.Model):
    """A program's token, which it sends instead of signing in. Only a keyed digest is stored."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, primary_key=True, related_name="+")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    digest = models.BinaryField(max_length=32, unique=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    last_used_on = models.DateField(null=True)  # None: not yet
    ended_at = models.DateTimeField(null=True)  # None: it is valid
    text = ""  # the token itself: known only while it is made

    objects = ApiTokenQuerySet.as_manager()
    protected = AgencyPolicy(at_the_door=True, web="select, insert, update (last_used_on, ended_at)")

    def __str__(self) -> str:
        return f"token of {self.user_id}"


class IdempotencyKey(models.Model):
    """A request of a program under a key that the program chose: it is executed once, however often it is sent."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    key = models.UUIDField()
    request_digest = models.BinaryField(max_length=32)  # keyed digest of the request: another request needs another key
    answer = models.JSONField(null=True)  # ids, kinds and times, no personal data; None: not done yet
    at = models.DateTimeField()

    objects = models.Manager()
    protected = OwnRowsOnly(web="select, insert, update (answer)", worker="select (id, at), delete")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="a_key_is_used_once")]
        indexes = [models.Index(fields=["at"], name="attempts_to_forget")]

    def __str__(self) -> str:
        return f"attempt {self.pk}"


class WebhookEndpoint(models.Model):
    """The address to which an institution's news is sent."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    address = models.CharField(max_length=LONGEST_ADDRESS)
    named_at = models.DateTimeField()
    named_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)  # None: in use

    objects = models.Manager()
    protected = AgencyPolicy(
        web="select, insert, update (ended_at)", worker="select (id, agency_id, address, ended_at)"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency"], condition=Q(ended_at=None), name="an_institution_has_one_hook_at_a_time"
            ),
            models.CheckConstraint(condition=Q(address__startswith="https://"), name="a_hook_has_an_https_address"),
        ]

    def __str__(self) -> str:
        return f"hook {self.pk}"


class DeliveryError(Picklist):
    """Why a delivery failed."""

    UNREACHABLE = "unreachable", _("it cannot be reached")
    UNTRUSTED = "untrusted", _("its certificate cannot be trusted")
    SILENT = "silent", _("it does not answer within 5 seconds")
    REFUSED = "refused", _("it answers with an error, or leads elsewhere")
    PRIVATE = "private", _("it is within a private network")


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def waiting(self) -> Self:
        return self.filter(done_at=None, given_up_at=None)

    def due(self, now: datetime) -> Self:
        return self.waiting().filter(next_at__lte=now).order_by("next_at")


class Delivery(models.Model):
    """One notice for an institution: that there is something new, and where to read it. No personal data."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=24)  # "report.sent"
    path = models.CharField(max_length=100)
    at = models.DateTimeField()
    tries = models.SmallIntegerField(default=0)
    next_at = models.DateTimeField()
    trouble = models.CharField(max_length=12, choices=DeliveryError.options, blank=True)  # of the last try; blank: none
    done_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)  # after a day

    objects = DeliveryQuerySet.as_manager()
    protected = EventPolicy(
        web="select, insert", worker="select, insert, update (tries, next_at, trouble, done_at, given_up_at), delete"
    )

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(fields=["next_at"], name="deliveries_that_wait", condition=Q(done_at=None, given_up_at=None))
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk}"
