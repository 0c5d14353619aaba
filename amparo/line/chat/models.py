import uuid
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import connection, models
from django.db.models import Case, F, Q, When
from django.utils.translation import gettext_lazy as _

from amparo.foundation.access.models import User
from amparo.foundation.audit.labels import label_verb
from amparo.foundation.core import row_security
from amparo.foundation.core.actor import Actor
from amparo.foundation.core.picklists import Picklist
from amparo.foundation.vault.fields import SealedField, log_reads_together
from amparo.foundation.vault.key_access import has_key
from amparo.foundation.vault.models import DataKey
from amparo.line.switchboard.models import SHIFT, Language

LASTS = timedelta(
    days=3
)  # how long a receipt is valid: over a weekend, but not for a person who finds it a month later
PAGE = "chat"  # the channel of chats on our own page
READS_WITHIN = timedelta(seconds=30)  # a page that asked for news so lately shows what the operator writes


class State(Picklist):
    WAITING = "waiting", _("waiting")
    TALKING = "talking", _("talking")
    ENDED = "ended", _("ended")


class Delivery(Picklist):
    """Where a message is on its way through a provider. Blank: it is read on our page, or was received."""

    NONE = "", _("nothing to send: it is read on our page, or is theirs")
    UNACKNOWLEDGED = "unacked", _("theirs; the provider may not know yet that it arrived")
    PENDING = "pending", _("not sent yet")
    SENT = "sent", _("sent")
    ARRIVED = "arrived", _("arrived at their telephone")
    REFUSED = "refused", _("refused by their provider")
    UNCLEAR = "unclear", _("perhaps not sent: our provider did not answer")
    EXPIRED = "expired", _("not sent: the card with the safe hours was deleted")
    CANCELLED = "cancelled", _("not sent: they asked us not to write")
    TAKEN_BACK = "taken_back", _("not sent: it was taken back")


class VisitorAccess(row_security.ByKey):
    """Access for holders of the key; and for the shift, which sees that somebody waits before it may read a message."""

    def reads(self, model: type[models.Model]) -> str:
        on_shift = ", ".join(f"'{role}'" for role in SHIFT)
        return f"((select acting.role()) in ({on_shift}) or {super().reads(model)})"

    def writes(self, model: type[models.Model]) -> str:
        return self.reads(model)


class ChatQuerySet(models.QuerySet["Chat"]):
    def of_new_visitor(self, acting: Actor) -> "Chat | None":
        """The chat that this new visitor's page has begun already, or None.

        Takes an advisory lock on the receipt: if a page is sent twice at once, the second request waits here, and then
        finds the chat of the first.
        """
        with connection.cursor() as cursor:
            lock = "select pg_advisory_xact_lock('chat_chat'::regclass::int, hashtext(%s))"
            cursor.execute(lock, [acting.holders[1]])
        return self.of(acting)

    def of(self, acting: Actor) -> "Chat | None":
        """The chat whose receipt the visitor acts with. None: there is none, or the receipt has expired."""
        columns = ("pk", "key", "language", "state", "begun_at", "turn_at", "entered_at", "entries", "seen_at")
        return self.filter(has_key(acting)).only(*columns).first()

    def open(self) -> Self:
        """Chats that have not ended."""
        return self.filter(Q(state=State.WAITING.literal) | Q(state=State.TALKING.literal))

    def talking(self) -> Self:
        return self.filter(state=State.TALKING.literal)

    def waiting_in_order(self) -> Self:
        """Waiting chats, in the order in which they are answered."""
        return self.filter(state=State.WAITING.literal).order_by("turn_at", "pk")

    def waiting_for(self, user: User) -> Self:
        """Waiting chats, in the order in which this operator answers them: first those passed on to them."""
        return self.waiting_in_order().order_by(Case(When(passed_to=user, then=0), default=1), "turn_at", "pk")

    def with_operator(self, user: User) -> Self:
        return self.talking().filter(operator=user).order_by("taken_at", "pk")


class Chat(models.Model):
    """A conversation in writing: from the public page, or through a channel with addresses, such as e-mail.

    On the page, the visitor's identity is stored nowhere: the bearer of the receipt holds the key. In another channel,
    `envelope` seals where an answer goes; the worker holds the key until everything is sent.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=8, default=PAGE, db_default=PAGE)  # a name of line/channels
    sender = models.BinaryField(max_length=16, null=True)  # keyed token of the address; None: none, or forgotten
    # token of the address that these messages bear, if our provider says that it may not be the sender's; else None
    claimed_sender = models.BinaryField(max_length=16, null=True)
    envelope = SealedField("chat.envelope", null=True)  # JSON: where an answer goes; None: it is read on our page
    language = models.CharField(max_length=8, choices=Language.options, default=Language.SPANISH)
    state = models.CharField(max_length=8, choices=State.options, default=State.WAITING)
    begun_at = models.DateTimeField()
    turn_at = models.DateTimeField()  # the place in the queue: the earliest is answered next
    work = models.CharField(max_length=16, null=True)  # the name of a proof of work; None: none was done
    entered_at = models.DateTimeField()  # start of the current entry: its page shows nothing older
    entries = models.PositiveSmallIntegerField(
        default=1
    )  # 1: still on the first page; 0: a caller who has not come yet
    seen_at = models.DateTimeField()  # when the visitor's page last asked for news
    operator = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    passed_to = models.ForeignKey(  # the operator chosen by a supervisor; any other may still take the chat
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    taken_at = models.DateTimeField(null=True)  # when an operator first took it
    ended_at = models.DateTimeField(null=True)
    practice_of = models.ForeignKey(  # the trainee who practises; None: a person writes
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = ChatQuerySet.as_manager()
    protected = VisitorAccess(
        web="select, insert, update (state, operator_id, passed_to_id, taken_at, ended_at)",
        site="select (id, key_id, channel, language, state, begun_at, turn_at, entered_at, entries, seen_at,"
        " practice_of_id), insert",
        worker="select, insert, update (state, ended_at, envelope, seen_at)",
    )

    class Meta:
        indexes = [
            models.Index(fields=["turn_at"], name="chats_waiting", condition=Q(state=State.WAITING)),
            models.Index(fields=["taken_at"], name="chats_in_hand", condition=Q(state=State.TALKING)),
            models.Index(fields=["sender"], name="chats_of_an_address", condition=Q(sender__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["key"], name="a_chat_has_a_key_of_its_own"),
            models.UniqueConstraint(
                fields=["channel", "sender"],
                condition=~Q(state=State.ENDED) & Q(sender__isnull=False),
                name="an_address_has_one_open_conversation",
            ),
            models.CheckConstraint(
                condition=~Q(channel=PAGE) | Q(sender=None, envelope=None), name="a_page_has_no_address"
            ),
            models.UniqueConstraint(fields=["work"], name="a_work_serves_one_chat"),
            models.CheckConstraint(
                condition=~Q(state=State.TALKING) | Q(operator__isnull=False, taken_at__isnull=False),
                name="a_chat_is_answered_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.WAITING) | Q(operator=None), name="a_chat_that_waits_is_nobodys"
            ),
            models.CheckConstraint(
                condition=Q(state=State.ENDED, ended_at__isnull=False) | ~Q(state=State.ENDED) & Q(ended_at=None),
                name="a_chat_that_ended_says_when",
            ),
            models.CheckConstraint(
                condition=Q(entered_at__gte=F("begun_at")), name="nobody_enters_a_chat_before_it_began"
            ),
        ]

    def __str__(self) -> str:
        return f"chat {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state != State.ENDED

    @property
    def has_unsent(self) -> bool:
        """Whether a message of ours waits to be sent."""
        return self.messages.filter(delivery=Delivery.PENDING).exists()

    @property
    def is_on_page(self) -> bool:
        """Whether the person reads the answers on our own page, and nothing is sent."""
        return self.channel == PAGE

    @property
    def is_forged(self) -> bool:
        """Whether our provider says that somebody else than the owner of the address may write here."""
        return self.claimed_sender is not None

    @property
    def has_opted_out(self) -> bool:
        """Whether the owner of the address, also of one that a stranger bears, asked us not to write."""
        sender = self.claimed_sender or self.sender
        return sender is not None and OptOut.objects.filter(pk=sender, lifted_at=None).exists()

    @property
    def came_back(self) -> bool:
        """Whether the visitor came back with the receipt. They may not be alone, or it may be another person."""
        return self.entries > 1

    @property
    def is_expected(self) -> bool:
        """Whether a caller was given its receipt in a call, and has not come yet."""
        return self.entries == 0

    def is_page_open(self, now: datetime) -> bool:
        """Whether the visitor's page is open and shows new messages."""
        return not self.is_expected and now - self.seen_at < READS_WITHIN

    def read(self) -> list["ChatMessage"]:
        """The messages that the actor may read, in order. Logged as one read."""
        return self._read(self.messages.all())

    def read_unsent(self) -> list["ChatMessage"]:
        """The answers of operators that can still be taken back, in order. Logged as one read."""
        return self._read(self.messages.unsent())

    def _read(self, messages: "ChatMessageQuerySet") -> list["ChatMessage"]:
        found = list(messages)
        for each in found:
            each.key = self.key  # so that the key is unwrapped once
        log_reads_together(self, found)
        return found

    def move(self, state: State, **columns: object) -> None:
        """Set the state and these columns, and save them. Any state may follow any other."""
        self.state = state
        for column, value in columns.items():
            setattr(self, column, value)
        self.save(update_fields=["state", *columns])

    def grant_key_to_operator(self) -> None:
        """Give the key to the operator of the chat. The database checks that the actor is that operator."""
        with connection.cursor() as cursor:
            cursor.execute("select chat_grant_key(%s)", [self.pk])


label_verb("look chat", _("read the chat"))


class ChatMessageQuerySet(models.QuerySet["ChatMessage"]):
    def unsent(self) -> Self:
        """Answers of operators that wait to be sent, and that no provider can have taken yet."""
        return self.filter(delivery=Delivery.PENDING.literal, attempts=0, automatic=False)


class ChatMessage(models.Model):
    """One message of a chat: from the visitor, from an operator, or our automatic first answer."""

    id = models.UUIDField(
        primary_key=True, editable=False
    )  # derived from an id of the page, so that a repeated message is stored once
    chat = models.ForeignKey(Chat, on_delete=models.PROTECT, related_name="messages")
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    from_bearer = models.BooleanField()
    text = SealedField("chat_message.text")
    at = models.DateTimeField()
    by = models.ForeignKey(  # None: the visitor, or the first answer that goes out by itself
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    automatic = models.BooleanField(default=False, db_default=False)  # the first answer, sent by no person
    delivery = models.CharField(max_length=10, choices=Delivery.options, blank=True, default="", db_default="")
    delivered_at = models.DateTimeField(null=True)  # when their provider accepted it, or said that it arrived
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)  # that their provider may have accepted
    last_attempt_at = models.DateTimeField(null=True)  # None: none

    objects = ChatMessageQuerySet.as_manager()
    protected = row_security.ByKey(
        web="select, insert", site="select, insert",
        worker="select, insert, update (text, delivery, delivered_at, attempts, last_attempt_at)",
    )  # fmt: skip

    class Meta:
        ordering = ("at", "pk")
        indexes = [
            models.Index(fields=["chat", "at"], name="written_in_order"),
            models.Index(fields=["at"], name="written_to_send", condition=Q(delivery=Delivery.PENDING)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(from_bearer=True, by=None, automatic=False)
                | Q(from_bearer=False, by__isnull=False, automatic=False)
                | Q(from_bearer=False, by=None, automatic=True),
                name="what_we_write_says_whose_it_is",
            ),
            models.CheckConstraint(
                condition=Q(delivery__in=[Delivery.SENT, Delivery.ARRIVED], delivered_at__isnull=False)
                | ~Q(delivery__in=[Delivery.SENT, Delivery.ARRIVED]) & Q(delivered_at=None),
                name="what_was_sent_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"written {self.pk}"

    @property
    def can_be_taken_back(self) -> bool:
        """Whether it waits to be sent, and no provider can have taken it yet."""
        return self.delivery == Delivery.PENDING and not self.attempts


class OptOut(models.Model):
    """An address that asked us not to write to it. Writing to us again lifts it."""

    sender = models.BinaryField(primary_key=True, max_length=16)  # the same token as of a conversation
    channel = models.CharField(max_length=8)
    message = models.UUIDField()  # the message that asked: the same one, delivered twice, asks once
    at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)  # None: we do not write

    protected = row_security.ByRole(*SHIFT, web="select", worker="select, insert, update")

    def __str__(self) -> str:
        return f"an address of {self.channel} that asked us not to write"
