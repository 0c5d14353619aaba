import functools
import operator
import uuid
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import ExpressionWrapper, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from amparo.foundation.access import permissions
from amparo.foundation.access.models import User
from amparo.foundation.audit.labels import label_verb
from amparo.foundation.core import row_security
from amparo.foundation.core.picklists import Picklist
from amparo.foundation.vault.fields import SealedBytes, SealedField
from amparo.foundation.vault.models import DataKey
from amparo.line.roster.models import Seat
from amparo.line.roster.models import State as SeatState

from .attempts import GivenUpReason, next_attempt, why_wait

SHIFT = ("hotline/operator", "hotline/supervisor")  # roles that see the calls


class Direction(Picklist):
    INCOMING = "incoming", _("incoming")
    OUTGOING = "outgoing", _("return call")


class Channel(Picklist):
    PHONE = "phone", _("telephone")
    BROWSER = "browser", _("browser")


class State(Picklist):
    MENU = "menu", _("hears the opening words")
    WAITING = "waiting", _("waiting")
    CONNECTING = "connecting", _("being connected")  # an operator answered; their phone or browser is being connected
    TALKING = "talking", _("talking")
    HELD = "held", _("on hold")
    MESSAGE = "message", _("leaving a message")
    ENDED = "ended", _("ended")


class Ending(Picklist):
    CALLER = "caller", _("the caller hung up")
    OPERATOR = "operator", _("the operator ended it")
    GAVE_UP = "gave_up", _("the caller hung up while waiting")
    MESSAGE = "message", _("the caller left a message")
    NO_ANSWER = "no_answer", _("nobody answered our call")
    # a network fault: the phone of a silent caller still sends sound
    SILENCE = "silence", _("no sound arrived any more")
    LOST = "lost", _("the switchboard stopped")


class Language(Picklist):
    SPANISH = "es", _("Spanish")
    QUECHUA = "qu", _("Quechua")
    ENGLISH = "en", _("English")


class ThirdParty(Picklist):
    """Whom an operator calls into a running call."""

    INTERPRETER = "interpret", _("interpreter")
    POLICE = "police", _("police")
    HEALTH = "health", _("health service")
    SHELTER = "shelter", _("shelter")
    OTHER = "other", _("somebody else")


class SurgeKey(Picklist):
    """In a surge each caller is asked to press a key, which a robot does not do."""

    NOT_ASKED = "", _("no surge")
    ASKED = "asked", _("no key yet")
    PRESSED = "pressed", _("pressed a key")

    @classmethod
    def of(cls, *, in_surge: bool, has_pressed: bool) -> "SurgeKey":
        if not in_surge:
            return cls.NOT_ASKED
        return cls.PRESSED if has_pressed else cls.ASKED


class CallQuerySet(models.QuerySet["Call"]):
    def live(self) -> Self:
        return self.exclude(state=State.ENDED)

    def waiting(self) -> Self:
        return self.filter(state=State.WAITING)

    def in_queue_order(self) -> Self:
        """Order by turn, as the switchboard decided. A call that it has not placed yet comes last."""
        return self.order_by(models.F("turn_at").asc(nulls_last=True), "pk")

    def of(self, user_id: int) -> Self:
        """Calls that this user is in, is invited to, or follows as a supervisor."""
        columns = ("operators", "invited", "listeners", "whisperers")
        return self.filter(
            functools.reduce(operator.or_, (models.Q(**{f"{column}__contains": [user_id]}) for column in columns))
        )


class Call(models.Model):
    """One call, as the switchboard last wrote it. It never contains the caller's number."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    direction = models.CharField(max_length=8, choices=Direction.options, default=Direction.INCOMING)
    channel = models.CharField(max_length=8, choices=Channel.options, default=Channel.PHONE)
    line = models.CharField(max_length=40, blank=True)  # which of the hotline's own numbers was dialled
    # The chat of the public page that goes on by this call, by its id: this room knows no chats. None: it has no chat.
    chat = models.UUIDField(null=True)
    # None: number withheld, or the key of its period is destroyed
    pseudonym = models.BinaryField(max_length=16, null=True)
    language = models.CharField(max_length=8, choices=Language.options, default=Language.SPANISH)
    state = models.CharField(max_length=12, choices=State.options, default=State.MENU)
    danger = models.BooleanField(default=False)
    silent = models.BooleanField(default=False)  # the caller cannot speak, and answers with 1 for yes and 2 for no
    arrived_at = models.DateTimeField()
    waiting_since = models.DateTimeField(null=True)
    turn_at = models.DateTimeField(null=True)  # place in the queue: the earliest is next. None: not placed yet
    surge_key = models.CharField(max_length=8, choices=SurgeKey.options, blank=True, default="", db_default="")
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ending = models.CharField(max_length=10, choices=Ending.options, blank=True)
    ringing_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False
    )
    ringing_since = models.DateTimeField(null=True)
    # ids of users in the call now; the first is responsible
    operators = ArrayField(models.IntegerField(), default=list)
    invited = ArrayField(models.IntegerField(), default=list)  # ids of users who are invited and not in the call yet
    listeners = ArrayField(models.IntegerField(), default=list)  # ids of supervisors who listen, and are not heard
    whisperers = ArrayField(models.IntegerField(), default=list)  # ids of supervisors whom only the operators hear
    # whom an operator called into the call; blank: nobody. Their number is stored nowhere
    third_party = models.CharField(max_length=10, choices=ThirdParty.options, blank=True, default="", db_default="")
    third_party_joined_at = models.DateTimeField(null=True)  # None: they have not answered yet

    objects = CallQuerySet.as_manager()
    protected = row_security.ByRole(*SHIFT, web="select", switchboard="select, insert, update")

    class Meta:
        indexes = [
            models.Index(fields=["state", "waiting_since"], name="calls_by_state"),
            models.Index(fields=["pseudonym", "arrived_at"], name="calls_by_pseudonym"),
            models.Index(fields=["arrived_at"], name="calls_live", condition=~models.Q(state=State.ENDED)),
        ]

    def __str__(self) -> str:
        return f"call {self.pk}"

    @property
    def monitors(self) -> list[int]:
        """Ids of supervisors who listen or whisper."""
        return [*self.listeners, *self.whisperers]

    def waited(self, now: datetime) -> float:
        """Seconds spent in the queue, until now or until the answer."""
        until = self.answered_at or self.ended_at or now
        return (until - self.waiting_since).total_seconds() if self.waiting_since else 0.0


class CallEvent(models.Model):
    """An event of a call. Append-only."""

    class Kind(Picklist):
        ARRIVED = "arrived", _("arrived")
        LANGUAGE = "language", _("chose a language")
        DANGER = "danger", _("danger")
        SILENT = "silent", _("cannot speak")
        YES = "yes", _("pressed yes")
        NO = "no", _("pressed no")
        WAITING = "waiting", _("waiting")
        RINGING = "ringing", _("rings")
        ANSWERED = "answered", _("answered")
        HELD = "held", _("on hold")
        RESUMED = "resumed", _("resumed")
        INVITED = "invited", _("asked to join")
        JOINED = "joined", _("joined")
        LISTENING = "listening", _("a supervisor listens")
        WHISPERING = "whispering", _("a supervisor whispers")
        LEFT = "left", _("left the call")
        DIALLED = "dialled", _("somebody is called in")
        THIRD_IN = "third_in", _("a third party joined")
        THIRD_OUT = "third_out", _("a third party left")
        ENDED = "ended", _("ended")

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="events", db_constraint=False)
    at = models.DateTimeField()
    kind = models.CharField(max_length=10, choices=Kind.options)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False,
        db_index=False,
    )  # fmt: skip

    protected = row_security.ByRole(*SHIFT, web="select", switchboard="select, insert")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["call", "at", "kind", "user"], name="an_event_happens_once", nulls_distinct=False
            )
        ]
        indexes = [models.Index(fields=["user", "-at"], name="events_of_somebody_lately")]

    def __str__(self) -> str:
        return f"{self.kind} of call {self.call_id}"


class Hours(Picklist):
    MORNING = "morning", _("mornings, 6 to 12")
    AFTERNOON = "afternoon", _("afternoons, 12 to 18")
    EVENING = "evening", _("evenings, 18 to 24")
    ANY = "any", _("at any hour")

    @property
    def span(self) -> range:
        """The hours of the day, local time."""
        spans = {Hours.MORNING: range(6, 12), Hours.AFTERNOON: range(12, 18), Hours.EVENING: range(18, 24)}
        return spans.get(self, range(24))


class MessageQuerySet(models.QuerySet["Message"]):
    def open(self) -> Self:
        return self.filter(done_at=None).order_by("left_at")


class Message(models.Model):
    """What a caller left when nobody was free: a safe number and hours, or a voice message.

    The values are sealed before they reach SQL.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="messages", db_constraint=False)
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT)
    left_at = models.DateTimeField()
    number = SealedField("message.number", null=True)  # None: a voice message only
    hours = models.CharField(max_length=10, choices=Hours.options, default=Hours.ANY)
    sound = SealedBytes("message.sound", null=True)  # G.711 µ-law, 8 kHz; None: a number only
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    done_at = models.DateTimeField(null=True)
    given_up = models.CharField(max_length=10, choices=GivenUpReason.options, blank=True, default="")
    attempts = models.PositiveSmallIntegerField(default=0)  # number of return calls placed
    last_attempt_at = models.DateTimeField(null=True)  # None: no attempt yet

    objects = MessageQuerySet.as_manager()
    protected = row_security.ByKey(
        web="select, update", switchboard="insert", worker="select (id, hours, left_at, done_at, last_attempt_at)"
    )

    class Meta:
        indexes = [models.Index(fields=["left_at"], name="messages_open", condition=models.Q(done_at=None))]

    def __str__(self) -> str:
        return f"message {self.pk}"

    def why_not_at(self, now: datetime) -> str | None:
        """The sentence that says why this person may not be called now, or None if they may."""
        hours = Hours(self.hours)
        if self.number is None:
            return gettext("There is no safe number. Without one nobody is called back.")
        if timezone.localtime(now).hour not in hours.span:
            return gettext("Not at this hour: only %(hours)s.") % {"hours": hours.label}
        return why_wait(self.last_attempt_at, now)

    def next_call_at(self, now: datetime) -> datetime:
        """The earliest next attempt: after the pause since the last one, within the hours that the caller chose."""
        earliest = next_attempt(self.last_attempt_at, now)
        hour, hours = timezone.localtime(earliest), Hours(self.hours).span
        if hour.hour in hours:
            return earliest
        opening = hour.replace(hour=hours.start, minute=0, second=0, microsecond=0)
        return opening if opening > hour else opening + timedelta(days=1)


label_verb("look message", _("read or heard the message"))


ESCALATE_AFTER = timedelta(seconds=15)  # without an acknowledgement, everybody on shift is alerted
# Without one for so long, who raised it may end it: perhaps nobody else is there (docs/decisions/0036).
UNANSWERED_AFTER = timedelta(minutes=1)


class DangerAlertQuerySet(models.QuerySet["DangerAlert"]):
    def waiting(self) -> Self:
        """Alerts that nobody has acknowledged: those of our people first, because a caller's key may be a mistake; then
        the oldest.
        """
        by_caller = ExpressionWrapper(Q(raised_by=None), models.BooleanField())
        return self.filter(acknowledged_at=None).order_by(by_caller.asc(), "at", "pk")

    def waiting_for(self, user: User, now: datetime) -> Self:
        """Waiting alerts that this user sees now: supervisors at once, others on shift a little later.

        Who raised an alert waits a minute for a colleague's answer; a supervisor sees even her own at once.
        """
        if permissions.supervise(user):
            return self.waiting()
        if not Seat.objects.filter(pk=user.pk).exclude(state=SeatState.OFF).exists():
            return self.none()
        own = {"raised_by": user, "at__gt": now - UNANSWERED_AFTER}
        return self.waiting().filter(at__lte=now - ESCALATE_AFTER).exclude(**own)


class DangerAlert(models.Model):
    """Danger marked in a call, by the caller's key 9 or by an operator, or by an operator in a chat.

    Of a call at most two alerts wait: one of the caller's key and one of our people; of a chat, one. Danger that is
    marked after an acknowledgement is another alert.
    """

    call = models.ForeignKey(
        Call, null=True, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    chat = models.UUIDField(null=True)  # its id: this room knows no chats
    at = models.DateTimeField()
    raised_by = models.ForeignKey(  # None: the caller
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False,
        db_index=False,
    )  # fmt: skip
    acknowledged_at = models.DateTimeField(null=True)  # None: still sounding
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    objects = DangerAlertQuerySet.as_manager()
    protected = row_security.ByRole(
        *SHIFT, web="select, insert, update (acknowledged_at, acknowledged_by_id)", switchboard="select, insert"
    )

    class Meta:
        indexes = [models.Index(fields=["at"], name="danger_waiting", condition=Q(acknowledged_at=None))]
        constraints = [
            models.UniqueConstraint(
                fields=["call"],
                name="a_callers_key_has_one_waiting_danger_alert",
                condition=Q(acknowledged_at=None, raised_by=None),
            ),
            models.UniqueConstraint(
                fields=["call"],
                name="operators_of_a_call_have_one_waiting_danger_alert",
                condition=Q(acknowledged_at=None, raised_by__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["chat"], name="a_chat_has_one_waiting_danger_alert", condition=Q(acknowledged_at=None)
            ),
            # The journal may write the same event twice: when only the answer to its commit was lost.
            models.UniqueConstraint(fields=["call", "at"], name="one_press_is_one_danger_alert"),
            models.CheckConstraint(
                condition=Q(call=None, chat__isnull=False) | Q(call__isnull=False, chat=None),
                name="danger_is_in_a_call_or_in_a_chat",
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at=None, acknowledged_by=None)
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
                name="an_acknowledged_danger_says_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return f"danger alert {self.pk}"
