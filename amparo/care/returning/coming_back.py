"""One question of somebody with a code, and its answer: the same at the telephone and on the public page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from amparo.ground.core.refusal import Refused
from amparo.line.contacts.codes import acting_with, grouped
from amparo.line.contacts.returning import add_words

from . import rules
from .forms import WithCodeForm
from .story import Story, story_of


@dataclass(frozen=True)
class Back:
    story: Story | None  # None: the code opens nothing
    code: str  # as it was typed, in groups where it is one
    done: str = ""  # what was done just now
    refusal: str = ""
    text: str = ""  # what was typed and is not kept yet

    @property
    def status(self) -> int:
        return 422 if self.refusal else 200


def came_back(sent: Any, now: datetime) -> Back:
    """Tell what happened, having done first what is asked: add words, or take a consent back."""
    form = WithCodeForm(sent)
    code, text = str(sent.get("code", ""))[:60], str(sent.get("text", ""))
    if not form.is_valid() and "code" in form.errors:
        return Back(None, code, refusal=_("Type the code."))
    try:
        acting = acting_with(code)
        code = grouped("".join(filter(str.isdigit, code)))
        story = story_of(acting, now)
    except Refused as reason:
        return Back(None, code, refusal=str(reason), text=text)
    try:
        done = _do(form, acting, now)
    except Refused as reason:
        return Back(story, code, refusal=str(reason), text=text)
    return Back(story_of(acting, now), code, done=done) if done else Back(story, code, text=text)


def _do(form: WithCodeForm, acting: Any, now: datetime) -> str:
    """What was done, in a sentence; blank where only the story is asked."""
    if not form.is_valid():
        raise Refused(_("That was too long, or unreadable. Send it again in two parts."))
    asked = form.cleaned_data
    if asked["do"] == "add":
        add_words(acting, asked["text"], now=now)
        return _("We have it. Whoever is on shift reads it.")
    if asked["do"] == "take_back":
        if asked["consent"] is None:
            raise Refused(_("Choose what you take back."))
        rules.take_back(acting, asked["consent"], now=now)
        return _("It is taken back. You lose no help by it.")
    return ""
