"""The protocol of a channel: what the queue, the console and the contacts ask, whatever way somebody reaches the line.

A channel whose people write through a provider is a `WrittenChannel`. Its conversations are rows of `chat.Chat`, so it
needs no table, page or note of its own: only how messages arrive and how they leave.
"""

import functools
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from amparo.foundation.line_settings.rules import current
from amparo.line.chat.models import Chat, Delivery


class Channel(ABC):
    """One way to reach the line."""

    name: str  # a value of contacts.picklists.Channel
    title: str | Promise  # heading of the conversation's page
    label: str | Promise  # what the queue says of somebody who waits
    icon: str
    shift_note: str  # live notification to everybody on shift that the queue has changed
    note: str  # live notification with the conversation's id, to those who take part in it

    @abstractmethod
    def waiting(self) -> QuerySet[Any]:
        """Return the conversations that wait in this channel's queue, in the order in which they are answered.

        Channels with the same `shift_note` share a queue: all but calls do.
        """

    @abstractmethod
    def participants(self, conversation: UUID) -> Iterable[int]:
        """Return the ids of the users who take part in a conversation. They get its live notifications (`note`)."""

    @property
    def is_set_up(self) -> bool:
        """Whether anybody can reach the line this way."""
        return True


@dataclass(frozen=True)
class Arrival:
    """A message as it came from a provider. Its words and addresses are in no log: `repr` leaves them out."""

    # the provider's own: the same id from the same address is the same message. Blank: the provider gives none
    id: str = field(repr=False)
    address: str = field(repr=False)
    text: str = field(repr=False)
    at: datetime  # when it reached the provider
    envelope: dict[str, str] = field(repr=False)  # what an answer needs; sealed
    own_words: str = field(default="", repr=False)  # the text without what it quotes: may be a word to opt out
    is_forged: bool = False  # the provider says that the address is not the sender's
    part: tuple[str, int, int] | None = None  # of a long message: its reference, the number from 1, how many


@dataclass(frozen=True)
class Outgoing:
    """A message of ours, ready to leave."""

    id: UUID
    envelope: dict[str, str] = field(repr=False)
    text: str = field(repr=False)
    is_automatic: bool
    language: str  # of the conversation
    is_notice: bool = False  # it begins by itself, to somebody who works here, and answers nothing


@dataclass(frozen=True)
class Receipt:
    """What a provider reports of a message of ours, some time after accepting it."""

    id: UUID
    says: Delivery  # sent, arrived or refused


type Keep = Callable[[Arrival], Callable[[], None]]


class ProviderAway(Exception):
    """The provider cannot be reached, or wants to be asked later. Nothing is lost: we try again each minute."""


class AnswerLost(ProviderAway):
    """The provider did not confirm the message: it may have taken it, or has taken a part of it."""


class TryLater(Exception):
    """The provider does not take this message now. Meanwhile it takes messages to other people."""


class MaybeTaken(TryLater):
    """As `AnswerLost`, but the provider goes on taking messages to other people."""


class Undeliverable(Exception):
    """The provider refuses this message for good."""


class ChatChannel(Channel):
    """A channel whose conversations are rows of `chat.Chat`: chat.rules hands them back and ends them, contacts.rules
    lets an operator take one.
    """

    icon = "chat"
    shift_note, note = "chats", "chat"

    def waiting(self) -> QuerySet[Any]:
        return Chat.objects.waiting_in_order()

    def participants(self, conversation: UUID) -> Iterable[int]:
        return Chat.objects.filter(pk=conversation).exclude(operator=None).values_list("operator", flat=True)


class WrittenChannel(ChatChannel):
    """A channel whose people write, and read our answers, through a provider."""

    @abstractmethod
    def read_settings(self) -> object | None:
        """Return the channel's settings from the environment. None: this line does not have the channel.

        Raises `Misconfigured`, with one sentence, for an unusable setting. Each process calls it at its start.
        """

    @property
    def is_set_up(self) -> bool:
        return self.read_settings() is not None

    @property
    def recognises_ids(self) -> bool:
        """Whether the provider recognises a repeated message by its id, and delivers it once."""
        return False

    @abstractmethod
    def receive(self, keep: Keep) -> int:
        """Give each new message to `keep`, and tell the provider that we have it only after `keep` returned.

        After that, call the function that `keep` returned. A message that `keep` refuses with `RateLimited` stays with
        the provider. Raises `ProviderAway`.

        Returns how many messages wait aside because they cannot be read or stored.
        """

    @abstractmethod
    def outbox(self) -> AbstractContextManager[Callable[[Outgoing], None]]:
        """Connect to the provider, and yield a function that sends one message.

        Raises `ProviderAway`; the function also raises `AnswerLost`, `TryLater`, `MaybeTaken` and `Undeliverable`.
        """

    def handle_request(self, request: HttpRequest) -> HttpResponse:
        """Answer a request of the provider's program to the public address /hooks/<name>. `Http404`: there is none."""
        raise Http404

    @abstractmethod
    def first_answer(self, is_open: bool = True) -> str:
        """Return the automatic first answer, in the current language. It says so if the line is not open.

        It says who reads messages, when we must tell others, and what not to write. It does not name its subject,
        because somebody else may read it; and the line only where the line has decided so.
        """


def greeting(ours: str, is_open: bool, named: bool = True) -> str:
    """Return the first sentence of an automatic answer: the line's own in the current language, or else ours.

    The line's name comes before it where the line has decided so, and `named` allows it; after it stands that we are
    outside our hours, if we are.
    """
    settings_of_line = current()
    own = {"es": settings_of_line.greeting_es, "en": settings_of_line.greeting_en}
    words = own.get(get_language() or "", "") or ours
    name = settings_of_line.name if named and settings_of_line.name_in_answers else ""
    words = words if is_open else f"{words} {_('At this moment we are outside our opening hours.')}"
    return f"{name}: {words}" if name else words


def name_police() -> str:
    """Return "the police", with their number where this line has set it."""
    if number := current().police_number:
        return _("the police (%(number)s)") % {"number": number}
    return _("the police")


@functools.cache
def all_channels() -> tuple[Channel, ...]:
    return tuple(import_string(path)() for path in settings.CHANNELS)


def written_channels() -> list[WrittenChannel]:
    """Return the channels with providers that this line has set up."""
    return [channel for channel in all_channels() if isinstance(channel, WrittenChannel) and channel.is_set_up]


def written_channel(name: str) -> WrittenChannel | None:
    """Return the channel with a provider that has this name. None: this line has not set it up."""
    return next((channel for channel in written_channels() if channel.name == name), None)
