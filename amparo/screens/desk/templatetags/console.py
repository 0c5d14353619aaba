"""Template tags of the console: a command with its key, a running clock, a language by its own name."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import template
from django.conf import settings
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from amparo.foundation.access.models import User
from amparo.line.channels.rules import channel_of
from amparo.line.chat.models import Chat
from amparo.line.switchboard.models import Call

from ..keys import BY_NAME
from ..queue import LONG_WAIT_IN_WRITING

register = template.Library()


@register.inclusion_tag("desk/_command.html")
def command(label: str, to: str, icon: str = "", key: str = "", **more: Any) -> dict[str, Any]:
    """A button that performs one action; `key` presses it. It works without script, as part of a form."""
    return {"label": label, "to": to, "icon": icon, "key": BY_NAME.get(key), **more}


@register.simple_tag
def since(start: datetime | None, shape: str = "clock") -> SafeString:
    """A clock that runs in the browser; without script, the time at which it started."""
    if start is None:
        return SafeString("")
    hour = formats.time_format(timezone.localtime(start), "H:i:s")
    return format_html('<time data-since="{}" data-shape="{}">{}</time>', start.isoformat(), shape, hour)


@register.simple_tag
def own_name(language: str) -> SafeString:
    """The name of a language in that language, in an element with its `lang`."""
    return format_html('<span lang="{}">{}</span>', language, dict(settings.LANGUAGES).get(language, language))


@register.filter
def waited(call: Call, now: datetime) -> str:
    """How long a call waited in the queue, as minutes and seconds: 1:05."""
    minutes, seconds = divmod(round(call.seconds_waited(now)), 60)
    return f"{minutes}:{seconds:02}"


@register.filter
def caps(name: str) -> str:
    return BY_NAME[name].caps


@register.simple_tag
def cap(name: str) -> SafeString:
    """The key cap of a button of the bar or of a tab. It is shown while Alt is held, in the place of the picture."""
    modifier, _, key = BY_NAME[name].caps.partition(" ")
    return format_html("<kbd><span>{} </span>{}</kbd>", modifier, key)


@register.filter
def shortcut(name: str) -> str:
    return BY_NAME[name].shortcut


@register.filter
def word(words: dict[UUID, tuple[User, str]], chat: Chat) -> tuple[User, str] | None:
    """Who passed this chat on to the reader, and the sentence they wrote. None: nobody did."""
    return words.get(chat.pk)


@register.filter
def channel(chat: Chat) -> object:
    """The channel by which the person writes to us; the queue shows its `label`."""
    return channel_of(chat)


@register.filter
def talk_key(number: int) -> str:
    """The name of the key that shows this conversation in writing. Blank: it has none."""
    name = f"talk-{number}"
    return name if name in BY_NAME else ""


@register.filter
def late_from(chat: Chat) -> str:
    """When the wait for a first answer becomes, or became, a long one, as ISO 8601. Blank for an invented person."""
    return "" if chat.practice_of_id else (chat.begun_at + LONG_WAIT_IN_WRITING).isoformat()
