"""Handle one request that carries a return code: the same on the telephone and on the public page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from amparo.foundation.access.spoken_codes import group_digits
from amparo.foundation.core.actor import Actor
from amparo.foundation.core.refusal import Refused
from amparo.line.contacts.models.return_codes import actor_of_code
from amparo.line.contacts.return_code_rules import add_code_message

from . import rules
from .case_status import CaseStatus, case_status
from .forms import CodeRequestForm


@dataclass(frozen=True)
class CodeResponse:
    """What is shown after a request with a code."""

    story: CaseStatus | None  # None: the code opened nothing
    code: str  # as typed; a complete code in groups of digits
    done: str = ""  # what this request did
    refusal: str = ""
    text: str = ""  # text typed and not saved yet
    opens_nothing: bool = False  # a well-formed code that does not exist: a guess, not a typing error

    @property
    def status(self) -> int:
        return 422 if self.refusal else 200


def handle_code_request(sent: Any, now: datetime, *, is_aloud: bool = False) -> CodeResponse:
    """Do what the request asks (add words or withdraw a consent), then return what is shown.

    `is_aloud`: an operator reads it to the caller.
    """
    form = CodeRequestForm(sent)
    if not form.is_valid() and "code" in form.errors:
        return refuse_request(sent, _("Type the code."))
    try:
        acting = actor_of_code(form.cleaned_data["code"])
    except Refused as reason:
        return refuse_request(sent, str(reason))
    code, text = group_digits(form.cleaned_data["code"]), str(sent.get("text", ""))
    try:
        story = case_status(acting, now, is_aloud=is_aloud)
    except Refused as reason:
        return CodeResponse(None, code, refusal=str(reason), text=text, opens_nothing=True)
    try:
        done = _do_request(form, acting, now)
        return (
            CodeResponse(case_status(acting, now, is_aloud=is_aloud), code, done=done)
            if done
            else CodeResponse(story, code, text=text)
        )
    except Refused as reason:
        return CodeResponse(story, code, refusal=str(reason), text=text)


def refuse_request(sent: Any, refusal: str) -> CodeResponse:
    """Refuse a request without looking the code up, and keep the typed text."""
    return CodeResponse(None, str(sent.get("code", ""))[:60], refusal=refusal, text=str(sent.get("text", "")))


def _do_request(form: CodeRequestForm, acting: Actor, now: datetime) -> str:
    """Perform the request and return a confirmation sentence; blank where the request only reads."""
    if not form.is_valid():
        raise Refused(_("That was too long, or unreadable. Send it again in two parts."))
    typed = form.cleaned_data
    if typed["do"] == "add":
        add_code_message(acting, typed["text"], now=now)
        return _("We have it. Whoever is on shift reads it.")
    if typed["do"] == "take_back":
        if typed["consent"] is None:
            raise Refused(_("Choose what you take back."))
        rules.withdraw_with_code(acting, typed["consent"], now=now)
        return _("It is withdrawn. We still help you.")
    return ""
