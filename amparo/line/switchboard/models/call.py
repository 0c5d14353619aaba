"""Calls and their events, as the switchboard writes them."""

import functools
import operator
import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from amparo.foundation.core import row_security
from amparo.foundation.core.picklists import Picklist, own_list

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
    ON_HOLD = "on_hold", _("on hold")
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
    LOST = "lost", _("cut by a fault of ours")


CUT_BY_A_FAULT = (Ending.LOST, Ending.SILENCE)


class Language(Picklist):
    SPANISH = "es", _("Spanish")
    QUECHUA = "qu", _("Quechua")
    ENGLISH = "en", _("English")


@own_list("third-parties", _("Whom one calls into a call"), _("Chosen when somebody is brought into a running call."))
class ThirdParty(Picklist):
    """Whom an operator calls into a running call."""

    INTERPRETER = "interpret", _("interpreter")
    POLICE = "police", _("police")
    HEALTH = "health", _("health service")
    SHELTER = "shelter", _("shelter")
    OTHER = "other", _("somebody else")


class SurgeKey(Picklist):
    """Whether a caller pressed the key that each caller is asked for in a surge. A robot does not press it."""

    NO_SURGE = "", _("no surge")
    PENDING = "pending", _("no key yet")
    PRESSED = "pressed", _("pressed a key")

    @classmethod
    def of(cls, *, in_surge: bool, has_pressed: bool) -> "SurgeKey":
        if not in_surge:
            return cls.NO_SURGE
        return cls.PRESSED if has_pressed else cls.PENDING


class CallQuerySet(models.QuerySet["Call"]):
    def live(self) -> Self:
        return self.exclude(state=State.ENDED.literal)

    def real(self) -> Self:
        """Calls of people, without practice."""
        return self.filter(practice_of=None)

    def waiting(self) -> Self:
        return self.live().filter(state=State.WAITING.literal)

    def in_queue_order(self) -> Self:
        """Order by turn, as the switchboard decided. A call that it has not placed yet comes last."""
        return self.order_by(models.F("turn_at").asc(nulls_last=True), "pk")

    def ended_with(self, user_id: int, *, since: datetime) -> Self:
        """Calls that this user answered since then and was in until their end."""
        own = CallEvent.objects.filter(user=user_id, kind__in=(CallEvent.Kind.ANSWERED, CallEvent.Kind.LEFT))
        answered = own.filter(at__gt=since, kind=CallEvent.Kind.ANSWERED).values("call")
        last = own.filter(call=models.OuterRef("pk")).order_by("-at", "-pk").values("kind")[:1]
        ended = self.filter(state=State.ENDED.literal, pk__in=answered).annotate(last=models.Subquery(last))
        return ended.filter(last=CallEvent.Kind.ANSWERED)

    def involving(self, user_id: int) -> Self:
        """Calls that this user is in, is invited to, or follows (listens or whispers)."""
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
    # The call that a fault cut, whose caller came back by this one and so came first. None: any other call.
    returns_to = models.UUIDField(null=True)
    ringing_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False
    )
    ringing_since = models.DateTimeField(null=True)
    # The operator to whom a supervisor passed the waiting call on: it rings for them first. None: nobody did, or they
    # missed it. It stays while the call lasts.
    passed_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False,
        db_index=False,
    )  # fmt: skip
    # ids of users in the call now; the first is responsible
    operators = ArrayField(models.IntegerField(), default=list)
    invited = ArrayField(models.IntegerField(), default=list)  # ids of users who are invited and not in the call yet
    listeners = ArrayField(models.IntegerField(), default=list)  # ids of users who listen, and are not heard
    whisperers = ArrayField(models.IntegerField(), default=list)  # ids of users who whisper to the operators
    # whom an operator called into the call; blank: nobody. Their number is stored nowhere
    third_party = models.CharField(max_length=10, choices=ThirdParty.options, blank=True, default="", db_default="")
    third_party_joined_at = models.DateTimeField(null=True)  # None: they have not answered yet
    practice_of = models.ForeignKey(  # the trainee whom an invented person calls; None: a person calls
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False,
        db_index=False,
    )  # fmt: skip

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
        """Ids of the users who listen or whisper."""
        return [*self.listeners, *self.whisperers]

    @property
    def was_cut(self) -> bool:
        """Whether a fault of the switchboard or the network ended this call."""
        return self.ending in CUT_BY_A_FAULT

    def seconds_waited(self, now: datetime) -> float:
        """Seconds spent in the queue, until the answer, the end, or now. 0 if the call never reached the queue."""
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
        REQUEUED = "requeued", _("back in the queue")  # its operator did not answer or return
        RINGING = "ringing", _("rings")
        MISSED = "missed", _("rang in vain")
        ANSWERED = "answered", _("answered")
        ON_HOLD = "on_hold", _("on hold")
        RESUMED = "resumed", _("resumed")
        INVITED = "invited", _("asked to join")
        JOINED = "joined", _("joined")
        LISTENING = "listening", _("somebody listens")
        WHISPERING = "whispering", _("somebody whispers")
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

    by = models.ForeignKey(  # who took the call over from `user`, who left; None: nobody did
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
