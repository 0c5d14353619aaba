"""How people who work here are reached while they are away, what waited, and who was notified and opened it."""

import uuid
from datetime import datetime, time
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from amparo.foundation.access.models import User
from amparo.foundation.audit.labels import label_verb
from amparo.foundation.core import row_security
from amparo.foundation.core.daily_hours import DailyHours
from amparo.foundation.core.picklists import Picklist
from amparo.foundation.vault.fields import SealedField
from amparo.foundation.vault.models import DataKey

ADMINISTRATOR = "hotline/administrator"
LONGEST_ABOUT = 310  # characters: a part of the machine has a key of 300
QUIET = DailyHours(time(22), time(7))  # for who has set no hours of their own


class Route(Picklist):
    """How a notice leaves: the names of two channels of the line."""

    EMAIL = "email", _("e-mail")
    SMS = "sms", _("text message")


class CodeState(Picklist):
    PENDING = "pending", _("on its way")
    SENT = "sent", _("sent")
    REFUSED = "refused", _("it could not be sent there")


class NoticeState(Picklist):
    PENDING = "pending", _("on its way")
    SENT = "sent", _("sent")
    UNCLEAR = "unclear", _("perhaps sent: no answer came")
    REFUSED = "refused", _("it could not be sent there")
    CANCELLED = "cancelled", _("over before it was sent")


class OwnOrAdministrator(row_security.RowPolicy):
    """The person in `column` reads and writes the row; administrators of the line read it."""

    def __init__(self, column: str, **processes: str) -> None:
        super().__init__(**processes)
        self.column = column

    def reads(self, model: type[models.Model]) -> str:
        return f"({self.writes(model)} or (select acting.role()) = '{ADMINISTRATOR}')"

    def writes(self, model: type[models.Model]) -> str:
        return f"{self.column} = (select acting.user_id())"


class OfNotice(row_security.RowPolicy):
    """Lines of one's own notices are read and written; administrators of the line read all."""

    def reads(self, model: type[models.Model]) -> str:
        return f"({self.writes(model)} or (select acting.role()) = '{ADMINISTRATOR}')"

    def writes(self, model: type[models.Model]) -> str:
        own = "n.id = notices_noticeline.notice_id and n.to_id = (select acting.user_id())"
        return f"exists (select from notices_notice n where {own})"


class OfLine(OfNotice):
    """The same of an event in lines of one's own notices."""

    def writes(self, model: type[models.Model]) -> str:
        own = "l.event_id = notices_noticeevent.id and n.to_id = (select acting.user_id())"
        return f"exists (select from notices_noticeline l join notices_notice n on n.id = l.notice_id where {own})"


class ReachQuerySet(models.QuerySet["Reach"]):
    def reachable(self) -> Self:
        """People with a confirmed address."""
        return self.filter(Q(email_since__isnull=False) | Q(sms_since__isnull=False))


class Reach(models.Model):
    """How somebody wants to be reached, without the address: administrators read it, to see who would be notified."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+")
    email_since = models.DateTimeField(null=True)  # since when an address is confirmed; None: there is none
    sms_since = models.DateTimeField(null=True)
    quiet_from = models.TimeField(null=True)  # both None: as Amparo ships it; equal: there are no quiet hours
    quiet_until = models.TimeField(null=True)
    codes_at = ArrayField(models.DateTimeField(), default=list, db_default=[])  # when codes were made, newest last

    objects = ReachQuerySet.as_manager()
    protected = OwnOrAdministrator("user_id", web="select, insert, update", worker="select, update")

    class Meta:
        verbose_name_plural = "reaches"
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None) | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="quiet_hours_begin_and_end",
            )
        ]

    def __str__(self) -> str:
        return f"reach of {self.user_id}"

    @property
    def quiet_hours(self) -> DailyHours:
        if self.quiet_from is None or self.quiet_until is None:
            return QUIET
        return DailyHours(self.quiet_from, self.quiet_until)

    @property
    def routes(self) -> list[Route]:
        """How this person can be reached."""
        since = {Route.EMAIL: self.email_since, Route.SMS: self.sms_since}
        return [route for route, at in since.items() if at]

    def is_quiet(self, at: datetime) -> bool:
        """Whether this moment is in their quiet hours."""
        return self.quiet_hours.include(at)


class NoticeAddress(models.Model):
    """One address of somebody who works here, sealed. Only that person and the worker hold its key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    route = models.CharField(max_length=8, choices=Route.options)
    address = SealedField("notice_address.address")
    code = SealedField("notice_address.code", null=True)  # None: it is confirmed
    code_at = models.DateTimeField()  # when the code was made
    code_state = models.CharField(max_length=8, choices=CodeState.options, default=CodeState.PENDING)
    tries = models.PositiveSmallIntegerField(default=0)  # codes that were typed
    confirmed_at = models.DateTimeField(null=True)  # None: nothing is sent there but the code

    protected = row_security.ByKey(
        web="select, insert, update (code, tries, confirmed_at), delete", worker="select, update (code_state), delete"
    )

    class Meta:
        verbose_name_plural = "notice addresses"
        constraints = [
            models.UniqueConstraint(fields=["user", "route"], name="a_person_has_one_address_of_a_kind"),
            models.UniqueConstraint(fields=["key"], name="an_address_has_a_key_of_its_own"),
        ]

    def __str__(self) -> str:
        return f"address {self.pk}"

    def forget(self) -> None:
        """Delete the row, and destroy its key: nobody reads the address any more, from a backup either."""
        key = self.key
        self.delete()
        key.forget()


label_verb("look noticeaddress", _("read an address for notices"))


class NoticeEventQuerySet(models.QuerySet["NoticeEvent"]):
    def waiting(self) -> Self:
        """Events that still stand, and that nobody who was notified has opened."""
        return self.filter(settled_at=None, opened_at=None).order_by("-is_urgent", "since", "pk")

    def last_settled(self) -> "NoticeEvent | None":
        return self.order_by("settled_at").last()

    def unopened_by(self, user: User) -> Self:
        """Events that still stand, and of which this person has a notice and has not opened it."""
        lines = NoticeLine.objects.filter(notice__to=user, opened_at=None)
        return self.filter(settled_at=None, pk__in=lines.values("event"))


class NoticeEvent(models.Model):
    """Something that waits for somebody: its kind and a number, and never what it is about in words."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=24)  # a key of `kinds.KINDS`
    about = models.CharField(max_length=LONGEST_ABOUT, blank=True)  # an id or a date; blank: there is one of its kind
    person = models.ForeignKey(  # the user concerned; None: it concerns no user
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    is_urgent = models.BooleanField()  # quiet hours do not keep it back
    since = models.DateTimeField()  # when the worker first saw it
    settled_at = models.DateTimeField(null=True)  # when the worker saw it no more; None: it still stands
    step = models.PositiveSmallIntegerField(default=0)  # of its ladder
    notified_at = models.DateTimeField(null=True)  # when somebody of this step was notified first; None: nobody yet
    opened_at = models.DateTimeField(null=True)  # when the first of those who were notified opened it
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    objects = NoticeEventQuerySet.as_manager()
    protected = OfLine(web="select, update (opened_at, opened_by_id)", worker="select, insert, update, delete")

    class Meta:
        indexes = [models.Index(fields=["settled_at"], name="events_by_end")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "about"], condition=Q(settled_at=None), name="an_event_stands_once"
            ),
            models.CheckConstraint(
                condition=Q(opened_at=None, opened_by=None) | Q(opened_at__isnull=False, opened_by__isnull=False),
                name="an_opened_event_says_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return f"event {self.pk}"


class Notice(models.Model):
    """One message to one person: that something waits. Its id is that of the message, also when it is sent again."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    route = models.CharField(max_length=8, choices=Route.options)
    is_urgent = models.BooleanField()
    is_test = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=NoticeState.options, default=NoticeState.PENDING)
    tries = models.PositiveSmallIntegerField(default=0)
    tried_at = models.DateTimeField(null=True)  # set before a try, so that one that was cut short is known
    sent_at = models.DateTimeField(null=True)
    events = models.ManyToManyField(NoticeEvent, through="NoticeLine", related_name="notices")

    protected = OwnOrAdministrator("to_id", web="select, insert", worker="select, insert, update, delete")

    class Meta:
        indexes = [
            models.Index(fields=["-made_at"], name="notices_newest_first"),
            models.Index(fields=["made_at"], name="notices_to_send", condition=Q(state="pending")),
        ]

    def __str__(self) -> str:
        return f"notice {self.pk}"


class NoticeLine(models.Model):
    """One event in one notice, and when the person of the notice opened it."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="lines", db_index=False)
    event = models.ForeignKey(NoticeEvent, on_delete=models.CASCADE, related_name="lines")
    opened_at = models.DateTimeField(null=True)

    protected = OfNotice(web="select, update (opened_at)", worker="select, insert, delete")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "event"], name="a_notice_names_an_event_once")]

    def __str__(self) -> str:
        return f"line {self.pk}"


class WatchState(models.Model):
    """How the address outside, which watches that this line lives, last answered. There is one row at most."""

    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)  # None: never
    trouble = models.CharField(max_length=12, blank=True)  # a value of `watch.Trouble`; blank: none

    protected = row_security.OpenTable(
        "times of a machine that names nobody", web="select", worker="select, insert, update"
    )

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="there_is_one_state_of_the_watch")]

    def __str__(self) -> str:
        return "state of the watch"
