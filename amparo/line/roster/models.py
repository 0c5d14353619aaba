import uuid
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from amparo.foundation.access.models import User
from amparo.foundation.core import row_security
from amparo.foundation.core.picklists import Picklist
from amparo.foundation.core.ranges import as_range
from amparo.foundation.vault.fields import SealedField
from amparo.foundation.vault.models import DataKey

STAFF = ("hotline/operator", "hotline/supervisor")  # roles that answer, and read the roster
SUPERVISOR = "hotline/supervisor"
REST_AFTER, REST_MINUTES = (1, 9), (1, 120)  # least and most
SEEN_WITHIN = timedelta(seconds=45)  # a console reports every 15 s that it is open; two reports may be lost


class OwnOrSupervisor(row_security.RowPolicy):
    """The person of the row and supervisors read; that person alone writes. `column`: the person."""

    def __init__(self, column: str = "user_id", *, supervisor_writes: bool = False, **processes: str) -> None:
        super().__init__(**processes)
        self.column, self.supervisor_writes = column, supervisor_writes

    def reads(self, model: type[models.Model]) -> str:
        return f"({self._is_own} or (select acting.role()) = '{SUPERVISOR}')"

    def writes(self, model: type[models.Model]) -> str:
        return self.reads(model) if self.supervisor_writes else self._is_own

    @property
    def _is_own(self) -> str:
        return f"{self.column} = (select acting.user_id())"


class State(Picklist):
    OFF = "off", _("off shift")
    READY = "ready", _("ready")
    BUSY = "busy", _("in a call or its wrap-up")
    BREAK = "break", _("on a break")


class Device(Picklist):
    BROWSER = "browser", _("this browser")
    PHONE = "phone", _("desk phone")


def spoken_by_default() -> list[str]:
    return ["es"]


class SeatQuerySet(models.QuerySet["Seat"]):
    def on_shift(self, now: datetime) -> Self:
        """Operators whose console is open and who have not gone off shift."""
        return self.exclude(state=State.OFF).filter(seen_at__gt=now - SEEN_WITHIN)

    def away(self, now: datetime) -> Self:
        """Operators who went off shift or closed their console."""
        return self.exclude(pk__in=self.on_shift(now))

    def ready(self, now: datetime) -> Self:
        return self.on_shift(now).filter(state=State.READY)


class Seat(models.Model):
    """An operator at work: their languages, whether they may be rung now, and the device they talk on."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True)
    state = models.CharField(max_length=8, choices=State.options, default=State.OFF)
    since = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)  # set by the live stream of the console; None: never
    languages = ArrayField(models.CharField(max_length=8), default=spoken_by_default)
    device = models.CharField(max_length=8, choices=Device.options, default=Device.BROWSER)
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT)
    phone_secret = SealedField(
        "seat.phone_secret", null=True, in_ledger=False
    )  # digest secret of the desk phone; None: no phone may register

    objects = SeatQuerySet.as_manager()
    protected = row_security.ByRole(
        "hotline/operator", "hotline/supervisor", "hotline/case_worker", own="user_id", web="select, insert, update",
        switchboard="select",
    )  # fmt: skip

    class Meta:
        indexes = [models.Index(fields=["state", "since"], name="seats_by_state")]

    def __str__(self) -> str:
        return f"seat {self.pk}"


class Queue(Picklist):
    """What a certificate permits somebody to answer."""

    CALLS = "calls", _("calls")
    CHATS = "chats", _("chats")


class ShiftQuerySet(models.QuerySet["Shift"]):
    def planned(self) -> Self:
        """Shifts that were not cancelled."""
        return self.filter(cancelled_at=None)

    def overlapping(self, start: datetime, end: datetime) -> Self:
        return self.filter(starts_at__lt=end, ends_at__gt=start)


class Shift(models.Model):
    """A span of time in which somebody is planned to answer. A cancelled shift is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="shifts")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()  # the first moment after the shift
    planned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    cancelled_at = models.DateTimeField(null=True)

    objects = ShiftQuerySet.as_manager()
    protected = row_security.ByRole(*STAFF, by=SUPERVISOR, web="select, insert, update", switchboard="select")

    class Meta:
        indexes = [models.Index(fields=["starts_at", "ends_at"], name="shifts_by_time")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="a_shift_ends_after_its_start"),
            ExclusionConstraint(
                name="a_person_has_one_shift_at_a_time",
                expressions=[
                    (as_range("user"), RangeOperators.OVERLAPS),
                    (Func("starts_at", "ends_at", Value("[)"), function="tstzrange", output_field=DateTimeRangeField()),
                     RangeOperators.OVERLAPS),
                ],
                condition=Q(cancelled_at=None),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"shift {self.pk}"


class CertificateQuerySet(models.QuerySet["Certificate"]):
    def valid(self, queue: Queue, now: datetime) -> Self:
        live = Q(revoked_at=None) | Q(revoked_at__gt=now)
        return self.filter(live, queue=queue, issued_at__lte=now, expires_at__gt=now)


class Certificate(models.Model):
    """Permits somebody to answer a queue until it expires. A revoked certificate is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="certificates")
    queue = models.CharField(max_length=8, choices=Queue.options, default=Queue.CALLS)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()  # the first moment at which it no longer permits anything
    issued_by = models.ForeignKey(  # None: by passing a course
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    course = models.CharField(max_length=40, blank=True, default="", db_default="")  # blank: a supervisor issued it
    revoked_at = models.DateTimeField(null=True)

    objects = CertificateQuerySet.as_manager()
    protected = row_security.ByRole(*STAFF, by=SUPERVISOR, web="select, insert, update", switchboard="select")

    class Meta:
        indexes = [models.Index(fields=["user", "queue", "expires_at"], name="certificates_of_somebody")]
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("issued_at")), name="a_certificate_expires_later"),
            models.CheckConstraint(condition=~Q(issued_by=F("user")), name="nobody_certifies_themselves"),
            models.CheckConstraint(
                condition=Q(issued_by__isnull=False, course="") | (Q(issued_by=None) & ~Q(course="")),
                name="a_supervisor_or_a_course_certifies",
            ),
        ]

    def __str__(self) -> str:
        return f"certificate {self.pk}"

    @property
    def ends_at(self) -> datetime:
        """When it stops permitting anything: at its expiry, or earlier if it was revoked."""
        return min(self.expires_at, self.revoked_at or self.expires_at)


class ShiftHandOverQuerySet(models.QuerySet["ShiftHandOver"]):
    def unread(self) -> Self:
        """Hand-overs that nobody has acknowledged, newest first."""
        return self.filter(read_at=None).order_by("-written_at", "pk")

    def waiting_for(self, user: User) -> Self:
        """Unread hand-overs of colleagues."""
        return self.unread().exclude(written_by=user)

    def newest(self) -> Self:
        return self.select_related("written_by", "read_by", "key").order_by("-written_at", "pk")


class ShiftHandOver(models.Model):
    """What somebody left for the next shift: how much was open when they wrote it, and one sentence.

    What was open is shown as it is now, with the reader's own rights. Its key is forgotten some weeks later, and the
    row with it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    words = SealedField("shift_hand_over.words", null=True)  # None: the page says it all
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    read_at = models.DateTimeField(null=True)  # None: nobody has acknowledged it
    read_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    alerts = models.PositiveIntegerField()  # here and below: how many there were when it was written
    in_danger = models.PositiveIntegerField()
    urgent = models.PositiveIntegerField()
    promises = models.PositiveIntegerField()
    return_calls = models.PositiveIntegerField()

    objects = ShiftHandOverQuerySet.as_manager()
    protected = row_security.ByKey(web="select, insert, update (read_at, read_by_id)")

    class Meta:
        indexes = [models.Index(fields=["-written_at"], name="shift_hand_overs_unread", condition=Q(read_at=None))]
        constraints = [
            models.CheckConstraint(
                condition=Q(read_at=None, read_by=None) | Q(read_at__isnull=False, read_by__isnull=False),
                name="an_acknowledged_shift_says_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(read_by=None) | ~Q(read_by=F("written_by")), name="a_shift_is_taken_over_by_somebody_else"
            ),
        ]

    def __str__(self) -> str:
        return f"shift hand-over {self.pk}"


class RingingRules(models.Model):
    """Which operators a queue rings for, and who rests first. A small line leaves shifts and certificates off."""

    by_shift = models.BooleanField(default=False)  # ring only for operators within a planned shift
    by_certificate = models.BooleanField(default=False)  # ring only for operators with a valid certificate
    rests = models.BooleanField(default=True)  # whether calls ring for others first after hard contacts
    rest_after = models.PositiveSmallIntegerField(default=2)  # hard contacts of a shift; each later one counts too
    rest_minutes = models.PositiveSmallIntegerField(default=15)

    protected = row_security.ByRole(*STAFF, by=SUPERVISOR, web="select, insert, update", switchboard="select")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="there_is_one_set_of_ringing_rules"),
            models.CheckConstraint(
                condition=Q(rest_after__range=REST_AFTER, rest_minutes__range=REST_MINUTES), name="a_rest_is_bounded"
            ),
        ]

    def __str__(self) -> str:
        return "ringing rules"

    @classmethod
    def current(cls) -> "RingingRules":
        """The rules as they are set; until then shifts and certificates decide nothing, and a rest does."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)


class Rest(models.Model):
    """Until when calls ring for others first, after somebody's hard contacts. One row each, without a history."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+")
    until = models.DateTimeField()

    protected = OwnOrSupervisor(web="select, insert, update", switchboard="select")

    def __str__(self) -> str:
        return f"rest of {self.user_id}"
