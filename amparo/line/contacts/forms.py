"""The forms of a contact, with fields in the order of the conversation."""

import functools
import uuid
from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from amparo.foundation.access.models import HOTLINE, Role, User
from amparo.foundation.audit.labels import Purpose
from amparo.foundation.core.dates import day_field, moment_field
from amparo.foundation.core.form_fields import choice_field, once_field
from amparo.foundation.core.pagination import DEEPEST
from amparo.foundation.vault.models import LegalHold

from . import picklists
from .fields import FIELDS, LINE_BYTES, questions_in
from .models import CodeWord, Contact, Debrief
from .models.questions import Question
from .picklists import PrivacyChoice, SafeToTalk, Type

# Contact types with a number key, in the order of the keys 1 to 9. The other types have no key.
ENDINGS = (
    Type.CRISIS, Type.REPORT, Type.ASSISTANCE, Type.INFORMATION, Type.PREVENTION,
    Type.SILENT, Type.HANG_UP, Type.WRONG_NUMBER, Type.TEST,
)  # fmt: skip


# The parts of the page. Each has a marker that shows whether none, some or all of its fields are filled.
PARTS = {
    "safety": ("safe_to_talk", "limits", *questions_in("safety")),
    "notes": ("notes", *questions_in("notes")),
    "facts": ("place", *questions_in("facts")),
    "privacy": ("privacy_choice", *questions_in("privacy")),
    "card": ("safe_number", "safe_who"),
    "heard": ("heard_of_us", *questions_in("heard")),
    "ending": ("type",),
    "hard": ("hard_call",),
}
FEW = 6  # choices that stand side by side; more are a list that opens
CONVERSATION = tuple(name for name in FIELDS if name not in ("type", "hard_call"))

# What each privacy choice means, for the operator to read aloud.
LEVELS = {
    PrivacyChoice.SHARE: (_("Share"), _("Only what was agreed, or what the law requires.")),
    PrivacyChoice.CONFIDENTIAL: (_("Confidential"), _("We may call back. We share only what the law requires.")),
    PrivacyChoice.ANONYMOUS: (_("Anonymous"), _("Without name or number. We cannot call back.")),
}


def _radio_field(words: Any, label: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=words.choices, widget=forms.RadioSelect, required=False)


def _field_of_question(question: Question) -> forms.Field:
    if question.words is None:
        return _text_field(question.label)
    return (_radio_field if len(question.words) <= FEW else choice_field)(question.words, question.label)


def _code_word_choices() -> list[tuple[str, str]]:
    return [("", "—"), *((word, word) for word in CodeWord.objects.order_by("pk").values_list("pk", flat=True))]


def _text_field(label: Any, **attributes: str) -> forms.CharField:
    attrs = {"autocomplete": "off", **attributes}
    return forms.CharField(label=label, max_length=LINE_BYTES, required=False, widget=forms.TextInput(attrs))


def _hour_field(label: Any) -> forms.CharField:
    return forms.CharField(label=label, required=False, widget=forms.TimeInput({"type": "time"}))


def _checkbox_field(label: Any) -> forms.CharField:
    return forms.CharField(label=label, required=False, widget=forms.CheckboxInput({"value": "yes"}))


class ConversationForm(forms.Form):
    """Every field of a conversation. None is required. `save_draft` validates the texts, not this form."""

    safe_to_talk = _radio_field(picklists.SafeToTalk, _("Can the person talk safely?"))
    limits = _checkbox_field(_("Limits explained"))
    notes = forms.CharField(
        label=_("Notes of the conversation"),
        required=False,
        widget=forms.Textarea({"autocomplete": "off", "spellcheck": "false", "rows": "8"}),
    )
    place = _text_field(_("Where"), list="places", **{"data-on": "change"})
    privacy_choice = _radio_field(picklists.PrivacyChoice, _("What may be shared"))
    safe_number = _text_field(_("Safe number"), inputmode="tel")
    safe_any_hour = _checkbox_field(_("At any hour"))
    safe_from = _hour_field(_("From"))
    safe_to = _hour_field(_("To"))
    safe_who = _text_field(_("Who may answer"))
    safe_voicemail = _checkbox_field(_("A message may be left"))
    safe_story = _text_field(_("What to say if somebody else answers"))
    safe_word = _text_field(_("Code word"))
    safe_language = _radio_field(picklists.Language, _("Language to call in"))
    safe_wanted = _checkbox_field(_("Asked to be called back"))
    heard_of_us = choice_field(picklists.HeardOfUs, _("How the caller heard of us"))
    heard_code = forms.ChoiceField(label=_("Code word of a campaign"), required=False)
    type = _radio_field(picklists.Type, _("Reason"))
    hard_call = _radio_field(picklists.HardCall, _("Was it a difficult conversation for you?"))

    was_cut = False  # whether a fault ended the call of this contact

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["heard_code"].choices = functools.cache(_code_word_choices)  # type: ignore[attr-defined]
        self.fields |= {name: _field_of_question(field.question) for name, field in FIELDS.items() if field.question}

    @classmethod
    def of(cls, contact: Contact) -> "ConversationForm":
        """Return the form filled with the stored values."""
        card = contact.card
        initial = {name: field.stored_text(card if field.on_card else contact) for name, field in FIELDS.items()}
        was_cut = contact.call is not None and contact.call.was_cut
        if was_cut and not initial["type"] and not initial["notes"].strip():
            initial["type"] = Type.CUT  # chosen, and changed by one key; who wrote notes knows what it was about
        form = cls(initial=initial)
        form.was_cut = was_cut
        return form.worded_for(contact)

    def worded_for(self, contact: Contact) -> "ConversationForm":
        """Ask of somebody who writes whether they can write safely, not whether they can talk."""
        if contact.is_in_writing:
            self.fields["safe_to_talk"].label = _("Can the person write safely?")
        return self

    @functools.cached_property
    def page_key(self) -> uuid.UUID:
        """The idempotency key of a page without script, for saving its draft and for closing the contact."""
        return uuid.uuid4()

    @property
    def parts(self) -> dict[str, str]:
        """The names of the fields of each part of the page, separated by spaces."""
        return {part: " ".join(names) for part, names in PARTS.items()}

    @property
    def part_states(self) -> dict[str, str]:
        """How far each part is filled in: `done`, `part` or blank."""
        return {part: _state_of_part([self._is_known(name) for name in names]) for part, names in PARTS.items()}

    @property
    def questions(self) -> dict[str, list[forms.BoundField]]:
        """The questions that the model declares, by part of the page."""
        return {part: [self[name] for name in questions_in(part)] for part in PARTS}

    @property
    def levels(self) -> list[tuple[Any, Any, Any]]:
        """Each privacy choice: its radio button, its name, and the sentence to read aloud."""
        return [(option, *LEVELS[option.data["value"]]) for option in self["privacy_choice"]]

    @property
    def may_hold_a_card(self) -> bool:
        return self._is_known("limits") and self["privacy_choice"].value() != PrivacyChoice.ANONYMOUS

    @property
    def may_ask_how_they_heard(self) -> bool:
        return self._is_known("safe_to_talk")

    @property
    def offers_campaign_code_words(self) -> bool:
        return len(self["heard_code"]) > 1

    @property
    def may_be_called_back(self) -> bool:
        hours = self._is_known("safe_any_hour") or (self._is_known("safe_from") and self._is_known("safe_to"))
        return self._is_known("safe_number") and hours

    def _is_known(self, name: str) -> bool:
        return self[name].value() not in (None, "", False, SafeToTalk.NOT_ASKED)

    @property
    def endings(self) -> list[tuple[str, Any]]:
        """Pairs of number key and radio button: the types with the keys 1 to 9, then those without (blank).

        *Cut off by a fault* stands first, with the key 0, where the call was cut; elsewhere it is not offered.
        """
        choice = {option.data["value"]: option for option in self["type"]}
        cut = choice.pop(Type.CUT)
        keyed = [("0", cut)] if self.was_cut or self["type"].value() == Type.CUT else []
        keyed += [(str(number), choice[value]) for number, value in enumerate(ENDINGS, 1)]
        return keyed + [("", option) for value, option in choice.items() if value not in ENDINGS]


def _state_of_part(known: list[bool]) -> str:
    return "done" if all(known) else "part" if any(known) else ""


class ContactFilterForm(forms.Form):
    """Filters of the list of contacts."""

    type = forms.ChoiceField(label=_("What it was"), choices=[("", _("all")), *Type.choices], required=False)
    channel = forms.ChoiceField(
        label=_("Channel"), choices=[("", _("all")), *picklists.Channel.choices], required=False
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=[("", _("all")), *picklists.Language.choices], required=False
    )
    day = day_field(
        _("Day"),
        required=False,
        validators=[MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2100, 1, 1))],
    )
    page = forms.IntegerField(required=False, min_value=1, max_value=DEEPEST, widget=forms.HiddenInput)


class EnterContactForm(forms.Form):
    """A conversation that is entered by hand."""

    page = once_field()
    channel = forms.TypedChoiceField(
        label=_("How"), choices=[(each.value, each.label) for each in picklists.BY_HAND], coerce=picklists.Channel
    )
    started = moment_field(_("Began"))
    ended = moment_field(_("Ended"))
    language = forms.ChoiceField(label=_("Language"), choices=picklists.Language.choices)


class DraftVersionForm(forms.Form):
    """The hidden fields of a page that runs no script: its draft key and the version it has seen."""

    key = forms.UUIDField()
    based_on = forms.IntegerField(min_value=0)


class WrapUpForm(forms.Form):
    type = forms.ChoiceField(choices=Type.choices)
    hard_call = forms.ChoiceField(choices=picklists.HardCall.choices, required=False)
    key = forms.UUIDField()


class EarlierContactForm(forms.Form):
    """The code of an earlier contact, such as C-2031 or c2031."""

    code = forms.RegexField(r"^\s*[Cc]-?(\d{1,9})\s*$", label=_("Earlier contact"))

    def clean_code(self) -> int:
        return int("".join(filter(str.isdigit, self.cleaned_data["code"])))


class NumberSearchForm(forms.Form):
    """Searches contacts by safe number. Sent by POST, because URLs are stored in too many places."""

    number = forms.CharField(
        label=_("Safe number"),
        max_length=LINE_BYTES,
        widget=forms.TextInput({"autocomplete": "off", "inputmode": "tel"}),
    )
    purpose = forms.TypedChoiceField(label=_("Why"), choices=[("", "—"), *picklists.SEARCHES], coerce=Purpose)


class DataRequestForm(forms.Form):
    right = forms.ChoiceField(label=_("The person asks us to"), choices=picklists.Right.choices)


class DataRequestAnswerForm(forms.Form):
    """`code` is required only to erase a contact."""

    answer = forms.ChoiceField(label=_("How it was answered"), choices=[("", "—"), *picklists.Answer.choices])
    code = forms.CharField(label=_("Its code, to erase"), max_length=12, required=False)


class LegalHoldForm(forms.Form):
    """Sets a legal hold. A blank reason lifts it."""

    why = forms.ChoiceField(
        label=_("Why it is held"), choices=[("", _("not held")), *LegalHold.choices], required=False
    )


class DebriefForm(forms.Form):
    """A talk after a hard contact: the colleague and the time."""

    with_whom = forms.ModelChoiceField(label=_("With whom"), queryset=User.objects.none(), empty_label="—")
    talked_at = moment_field(_("When"))

    def __init__(self, debrief: Debrief, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, auto_id=f"id_talk_{debrief.pk}_%s", **kwargs)
        colleagues = User.objects.filter(role__in=(Role.SUPERVISOR, Role.OPERATOR), is_active=True, is_machine=False)
        found = colleagues.filter(agency=HOTLINE).exclude(pk=debrief.operator_id).order_by("first_name", "pk")
        self.fields["with_whom"].queryset = found  # type: ignore[attr-defined]
