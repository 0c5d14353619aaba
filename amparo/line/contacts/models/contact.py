import uuid
from datetime import date, datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.models import User
from amparo.foundation.audit.labels import label_verb
from amparo.foundation.core import row_security
from amparo.foundation.core.actor import current_actor
from amparo.foundation.core.daily_hours import DailyHours
from amparo.foundation.core.dates import midnight
from amparo.foundation.core.refusal import Refused
from amparo.foundation.core.row_lock import lock_first, take_handed_on
from amparo.foundation.places import places
from amparo.foundation.vault.fields import SealedField, has_value
from amparo.foundation.vault.key_access import has_key
from amparo.foundation.vault.models import DataKey
from amparo.line.chat.models import Chat
from amparo.line.contacts import picklists
from amparo.line.switchboard.attempts import GivenUpReason, next_attempt, why_wait
from amparo.line.switchboard.models import Call

from . import questions
from .codes import code_of
from .return_codes import ReturnCode

_HARD_CALLS = (picklists.HardCall.TALK, picklists.HardCall.LATER)
HARD = Q(hard_call__in=_HARD_CALLS)


class ContactQuerySet(models.QuerySet["Contact"]):
    def visible_to(self, user: User) -> Self:
        """Contacts whose key the user holds: they took part, or are a supervisor. Row-level security says the same."""
        return self.filter(has_key(user.acting()))

    def newest_of(self, user: User) -> Self:
        """Contacts visible to the user, newest first.

        It looks up only one holder name (the role for supervisors, else the user), so that a list stays fast.
        """
        holder = user.acting().holders[permissions.supervise(user)]
        readable = self.real().filter(key__grants__holder=holder, key__grants__expires_at__gt=Now())
        return readable.order_by("-key__grants__made_at", "-number")

    def open(self) -> Self:
        """Contacts that nobody has closed, or that were opened again."""
        return self.filter(state=picklists.State.OPEN.literal)

    def real(self) -> Self:
        """Conversations with people, without practice."""
        return self.filter(practice_of=None)

    def attended_by(self, user: User) -> Self:
        """Conversations in which this user took part."""
        return self.filter(key__grants__holder=user.acting().holders[0])

    def get_locked(self, pk: uuid.UUID) -> "Contact":
        """Lock and return this contact until the transaction ends. Raises `Refused` if it is not in the queryset."""
        contact = lock_first(self.filter(pk=pk))
        if contact is None:
            raise Refused(_("It does not exist, or you have no access."))
        return contact

    def lock(self, contact: "Contact") -> "Contact":
        """Lock and return this contact, as `get_locked`; one that its page has just locked is not read again."""
        return take_handed_on(contact) or self.get_locked(contact.pk)

    def hard_calls_waiting(self) -> Self:
        """Calls that were hard for their operator and that no supervisor has followed up yet, oldest first.

        Without practice, and without those whose operator declined a talk.
        """
        hard = [word.literal for word in _HARD_CALLS]
        waiting = self.real().filter(hard_call__in=hard, hard_call_seen_at=None)
        return waiting.exclude(debrief__state=picklists.DebriefState.DECLINED).order_by("started")

    def on_day(self, day: date) -> Self:
        morning = midnight(day)
        return self.filter(started__gte=morning, started__lt=morning + timedelta(days=1))


class Contact(models.Model):
    """One conversation, by any channel. It is complete without personal data. Blank means: not discussed yet."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.IntegerField(
        unique=True, editable=False, db_default=models.Func(Value("contacts_number"), function="nextval")
    )
    call = models.ForeignKey(  # None: it came by another channel
        Call, null=True, on_delete=models.PROTECT, related_name="contacts", db_constraint=False, db_index=False
    )
    chat = models.ForeignKey(  # None: it came by another channel
        Chat, null=True, on_delete=models.PROTECT, related_name="contacts", db_index=False
    )
    channel = models.CharField(max_length=8, choices=picklists.Channel.options)
    operator = models.ForeignKey(  # the one who opened it
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    entered_late_at = models.DateTimeField(null=True)  # when it was entered by hand; None: recorded as it happened
    practice_of = models.ForeignKey(  # the trainee, of a practice with an invented person; None: a conversation
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    follows = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="followed_by")
    started = models.DateTimeField()
    ended = models.DateTimeField(null=True)  # None: the conversation continues
    state = models.CharField(max_length=8, choices=picklists.State.options, default=picklists.State.OPEN)
    wrapped_at = models.DateTimeField(null=True)  # when it was first closed; None: never yet
    wrap_key = models.UUIDField(null=True, editable=False)  # idempotency key of the page that closed it last

    safe_to_talk = models.CharField(
        max_length=10, choices=picklists.SafeToTalk.options, default=picklists.SafeToTalk.NOT_ASKED
    )
    confidentiality_explained_at = models.DateTimeField(null=True)
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    notes = SealedField("contact.notes", null=True)  # None: nothing written
    caller_role = questions.choice_column("facts", gettext_lazy("Who calls"), picklists.CallerRole)
    ubigeo = models.CharField(max_length=6, blank=True, default="", db_default="")
    language = questions.choice_column("facts", gettext_lazy("Language"), picklists.Language, 8)
    urgency = questions.choice_column("facts", gettext_lazy("Urgency"), picklists.Urgency, 10)
    privacy_choice = models.CharField(
        max_length=12, choices=picklists.PrivacyChoice.options, blank=True, default="", db_default=""
    )
    heard_of_us = models.CharField(
        max_length=12, choices=picklists.HeardOfUs.options, blank=True, default="", db_default=""
    )
    heard_code = models.CharField(
        max_length=20, blank=True, default="", db_default=""
    )  # a `CodeWord` that the person said
    type = models.CharField(max_length=12, choices=picklists.Type.options, blank=True, default="", db_default="")
    hard_call = models.CharField(
        max_length=8, choices=picklists.HardCall.options, blank=True, default="", db_default=""
    )
    hard_call_seen_at = models.DateTimeField(null=True)  # None: no supervisor has recorded a talk about it

    version = models.PositiveIntegerField(default=0, editable=False)  # incremented by every save that changes something
    edits = models.JSONField(default=dict, editable=False)  # field -> its last edit {version, key, by, at}

    objects = ContactQuerySet.as_manager()
    protected = row_security.ByKey(
        web="select, insert, update", worker="select (id, number, state, started, ended, type, key_id, practice_of_id)"
    )

    class Meta:
        indexes = [
            models.Index(fields=["-started", "-number"], name="contacts_newest_first"),
            models.Index(fields=["type", "-started"], name="contacts_by_type"),
            models.Index(fields=["operator", "-started"], name="contacts_of_an_operator"),
            models.Index(fields=["started"], name="hard_calls_waiting", condition=HARD & Q(hard_call_seen_at=None)),
            models.Index(fields=["-started"], name="contacts_open", condition=Q(state=picklists.State.OPEN)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["call"], name="a_call_has_one_contact"),
            models.UniqueConstraint(fields=["chat"], name="a_chat_has_one_contact"),
            models.CheckConstraint(
                condition=Q(state=picklists.State.OPEN) | ~Q(type=""), name="a_wrapped_contact_has_a_type"
            ),
            models.CheckConstraint(
                condition=Q(ended=None) | Q(ended__gte=F("started")), name="a_contact_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(entered_late_at=None)
                | Q(call=None, chat=None, ended__isnull=False, entered_late_at__gte=F("ended")),
                name="what_is_entered_by_hand_is_over",
            ),
            models.CheckConstraint(
                condition=Q(follows=None) | ~Q(follows=F("id")), name="a_contact_follows_another_one"
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def is_in_writing(self) -> bool:
        return self.channel in picklists.IN_WRITING

    @property
    def code(self) -> str:
        return code_of(self.number)

    @property
    def place(self) -> str:
        return places.place_label(self.ubigeo)

    @property
    def is_open(self) -> bool:
        return self.state == picklists.State.OPEN

    @property
    def is_substantive(self) -> bool:
        """Whether its type is substantive. Published totals must say whether they count all contacts or only these."""
        return self.type in picklists.SUBSTANTIVE

    @property
    def limits_are_explained(self) -> bool:
        return self.confidentiality_explained_at is not None

    @property
    def is_anonymous(self) -> bool:
        return self.privacy_choice == picklists.PrivacyChoice.ANONYMOUS

    @property
    def card(self) -> "SafeContact | None":
        return SafeContact.objects.filter(contact=self).select_related("key").first()

    @property
    def own_keys(self) -> list[DataKey]:
        """The data keys of the contact, its chat, its safe-contact card and its return codes that the actor holds.

        A colleague in the call does not hold the chat's key. Nobody holds the key of a chat that was forgotten.
        """
        keys = [self.key, *_keys_of_parts(self.pk)]
        chats = Chat.objects.filter(has_key(current_actor()), pk=self.chat_id) if self.chat_id else Chat.objects.none()
        return [*keys, *(chat.key for chat in chats.select_related("key"))]


class SafeContactQuerySet(models.QuerySet["SafeContact"]):
    def wanted(self) -> Self:
        """Cards of people who asked for a call back and are still waiting, oldest first."""
        practice = Contact.objects.filter(practice_of__isnull=False).values("pk")
        wanted = self.filter(call_wanted=True).exclude(contact__in=practice).select_related("assigned_to")
        return wanted.order_by("contact_number")


class SafeContact(models.Model):
    """How to reach the person without harm. It has its own key, because it is forgotten long before the notes.

    `privacy_choice` copies the contact's. A foreign key over both columns keeps the two equal, so that the database
    itself refuses the number of an anonymous person.
    """

    contact = models.OneToOneField(Contact, on_delete=models.CASCADE, primary_key=True, related_name="+")
    contact_number = models.IntegerField(
        editable=False
    )  # the shift may see a card that awaits a call, but not its contact
    privacy_choice = models.CharField(max_length=12, blank=True, editable=False)
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    number = SealedField("safe_contact.number", null=True)  # in all sealed fields here, None: not given
    any_hour = models.BooleanField(default=False)
    hours_from = models.TimeField(null=True)  # local time; the span passes midnight if later than hours_to
    hours_to = models.TimeField(null=True)
    who_may_answer = SealedField("safe_contact.who_may_answer", null=True)
    voicemail_allowed = models.BooleanField(default=False)
    cover_story = SealedField("safe_contact.cover_story", null=True)
    code_word = SealedField("safe_contact.code_word", null=True)
    language = models.CharField(max_length=8, choices=picklists.Language.options, blank=True)
    call_wanted = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)  # return calls since the person asked for one
    last_attempt_at = models.DateTimeField(null=True)  # None: none
    given_up = models.CharField(max_length=10, choices=GivenUpReason.options, blank=True, default="", db_default="")
    assigned_to = models.ForeignKey(  # who is to call; None: the whole shift
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    objects = SafeContactQuerySet.as_manager()
    protected = row_security.ByKey(
        web="select, insert, update",
        worker="select (contact_id, call_wanted, any_hour, hours_from, hours_to, last_attempt_at, key_id)",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(privacy_choice=picklists.PrivacyChoice.ANONYMOUS)
                | Q(number=None, who_may_answer=None, cover_story=None, code_word=None),
                name="an_anonymous_contact_holds_no_identity",
            ),
        ]
        indexes = [models.Index(fields=["contact_number"], name="calls_wanted", condition=Q(call_wanted=True))]

    def __str__(self) -> str:
        return f"safe-contact card of contact {self.contact_id}"

    @property
    def contact_code(self) -> str:
        return code_of(self.contact_number)

    @property
    def holds_identity(self) -> bool:
        """Whether the card identifies the person. Checked at every save, so it decrypts nothing."""
        return any(has_value(self, name) for name in ("number", "who_may_answer", "cover_story", "code_word"))

    @property
    def hours(self) -> DailyHours | None:
        """The hours in which the person may be called. None: they are not known, or any hour is safe."""
        if self.any_hour or self.hours_from is None or self.hours_to is None:
            return None
        return DailyHours(self.hours_from, self.hours_to)

    def is_safe_hour(self, now: datetime) -> bool:
        return self.any_hour or (self.hours is not None and self.hours.include(now))

    def may_call_at(self, now: datetime) -> bool:
        return self.why_not_at(now) is None

    def why_not_at(self, now: datetime) -> str | None:
        """The sentence that says why no call may go out now, or None if it may."""
        if self.number is None:
            return _("There is no safe number. Without one nobody is called back.")
        if not self.any_hour and (self.hours_from is None or self.hours_to is None):
            return _("There are no safe hours. Without them nobody is called back.")
        if not self.is_safe_hour(now):
            return _("Not at this hour: only from %(start)s to %(end)s.") % {
                "start": f"{self.hours_from:%H:%M}",
                "end": f"{self.hours_to:%H:%M}",
            }
        return why_wait(self.last_attempt_at, now)

    def next_call_at(self, now: datetime) -> datetime | None:
        """The earliest next attempt: after the pause since the last one, within safe hours.

        None: no safe hours are set, or they are empty (they begin and end at the same time).
        """
        earliest = next_attempt(self.last_attempt_at, now)
        if self.any_hour:
            return earliest
        return self.hours.next_from(earliest) if self.hours else None


label_verb("look safecontact", gettext_lazy("read the safe contact"))


def _keys_of_parts(contact: uuid.UUID) -> models.QuerySet[DataKey]:
    """Return the data keys of the safe-contact card and the return codes of the contact with this id."""
    codes = ReturnCode.objects.filter(contact=contact).values("key")
    cards = SafeContact.objects.filter(contact=contact).values("key")
    return DataKey.objects.filter(pk__in=cards.union(codes))
