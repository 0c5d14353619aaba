"""Handle one request that carries a return code: the same on the telephone and on the public page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from amparo.foundation.access.spoken_codes import grouped
from amparo.foundation.core.actor import Actor
from amparo.foundation.core.refusal import Refused
from amparo.line.contacts.return_code_rules import add_code_message
from amparo.line.contacts.return_codes import acting_with

from . import rules
from .case_status import CaseStatus, story_of
from .forms import WithCodeForm


@dataclass(frozen=True)
class Back:
    story: CaseStatus | None  # None: the code opened nothing
    code: str  # as typed; a complete code in groups of digits
    done: str = ""  # what this request did
    refusal: str = ""
    text: str = ""  # text typed and not saved yet
    opens_nothing: bool = False  # a well-formed code that does not exist: a guess, not a typing error

    @property
    def status(self) -> int:
        return 422 if self.refusal else 200


def came_back(sent: Any, now: datetime, *, is_aloud: bool = False) -> Back:
    """Do what the request asks (add words or withdraw a consent), then return the case status.

    `is_aloud`: an operator reads it to the caller.
    """
    form = WithCodeForm(sent)
    if not form.is_valid() and "code" in form.errors:
        return sent_away(sent, _("Type the code."))
    try:
        acting = acting_with(form.cleaned_data["code"])
    except Refused as reason:
        return sent_away(sent, str(reason))
    code, text = grouped(form.cleaned_data["code"]), str(sent.get("text", ""))
    try:
        story = story_of(acting, now, is_aloud=is_aloud)
    except Refused as reason:
        return Back(None, code, refusal=str(reason), text=text, opens_nothing=True)
    try:
        done = _do(form, acting, now)
        return Back(story_of(acting, now, is_aloud=is_aloud), code, done=done) if done else Back(story, code, text=text)
    except Refused as reason:
        return Back(story, code, refusal=str(reason), text=text)


def sent_away(sent: Any, refusal: str) -> Back:
    """Refuse a request without looking the code up, and keep the typed text."""
    return Back(None, str(sent.get("code", ""))[:60], refusal=refusal, text=str(sent.get("text", "")))


def _do(form: WithCodeForm, acting: Actor, now: datetime) -> str:
    """Perform the request and return a confirmation sentence; blank where the request only reads."""
    if not form.is_valid():
        raise Refused(_("That was too long, or unreadable. Send it again in two parts."))
    asked = form.cleaned_data
    if asked["do"] == "add":
        add_code_message(acting, asked["text"], now=now)
        return _("We have it. Whoever is on shift reads it.")
    if asked["do"] == "take_back":
        if asked["consent"] is None:
            raise Refused(_("Choose what you take back."))
        rules.take_back(acting, asked["consent"], now=now)
        return _("It is withdrawn. We still help you.")
    return ""
