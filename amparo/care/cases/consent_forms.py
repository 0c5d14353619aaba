"""The form of a consent: a table of data and recipients. A bundle fills the usual cells with one press."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from amparo.care.consent.disclosure import ConsentTerms
from amparo.care.consent.institutions import find_institution
from amparo.care.consent.models import CONSENTABLE_DATA, Consent
from amparo.care.consent.picklists import CONSENT_RECIPIENTS, Data, GivenHow, Guardian, InformedItem, Recipient
from amparo.care.consent.table import NAMED
from amparo.care.people.models import Person
from amparo.care.people.picklists import Age, Part
from amparo.foundation.core.dates import moment_field
from amparo.foundation.core.form_fields import line_field

from .fields import institution_choices

USUALLY = 30  # days that a consent lasts unless another end is chosen
DURATIONS = (USUALLY, 90)
FACTS, NAME, CONTACT, PLACE = (
    Data.INCIDENT_FACTS, Data.SUBJECT_IDENTITY, Data.SUBJECT_CONTACT, Data.SUBJECT_WHEREABOUTS
)  # fmt: skip
INVESTIGATORS = (Recipient.POLICE, Recipient.PROSECUTOR)


@dataclass(frozen=True)
class ConsentBundle:
    """A usual consent: which data may be shared with which recipients, and for what purpose."""

    key: str
    title: str | Promise
    note: str | Promise
    purpose: str | Promise = ""  # continues "I would like your permission to share what you told me, only ..."
    recipients: tuple[Recipient, ...] = ()
    data: tuple[Data, ...] = ()


BUNDLES = {
    Part.AT_RISK: (
        ConsentBundle(
            "protect", gettext_lazy("Protection tonight"),
            gettext_lazy("Child protection and services: what happened, where the person is, how to reach them"),
            gettext_lazy("so that you are protected and have a place to sleep"),
            (Recipient.CHILD_PROTECTION, Recipient.SERVICE_PROVIDER), (FACTS, CONTACT, PLACE),
        ),
        ConsentBundle(
            "unnamed", gettext_lazy("A report without a name"),
            gettext_lazy("Police and prosecutors: only what happened"),
            gettext_lazy("so that it is investigated"), INVESTIGATORS, (FACTS,),
        ),
        ConsentBundle(
            "named", gettext_lazy("A report with their name"),
            gettext_lazy("Police and prosecutors: what happened, their name, how to reach them"),
            gettext_lazy("so that it is investigated"), INVESTIGATORS, (FACTS, NAME, CONTACT),
        ),
        ConsentBundle(
            "help", gettext_lazy("Only help"), gettext_lazy("Services: what happened and how to reach them"),
            gettext_lazy("so that you get the help you asked for"), (Recipient.SERVICE_PROVIDER,), (FACTS, CONTACT),
        ),
        ConsentBundle("nothing", gettext_lazy("It stays here"), gettext_lazy("The person allows nothing to be shared")),
    ),
    Part.CALLER: (
        ConsentBundle(
            "witness", gettext_lazy("A witness without a name"),
            gettext_lazy("Police and prosecutors: only what happened"),
            gettext_lazy("so that it is investigated"), INVESTIGATORS, (FACTS,),
        ),
        ConsentBundle(
            "named", gettext_lazy("A witness with a name"),
            gettext_lazy("Police and prosecutors: what happened, who called, how to reach them"),
            gettext_lazy("so that it is investigated"), INVESTIGATORS,
            (FACTS, Data.CALLER_IDENTITY, Data.CALLER_CONTACT),
        ),
        ConsentBundle(
            "nothing", gettext_lazy("It stays here"), gettext_lazy("Nothing is shared with their permission")
        ),
    ),
    Part.ALLEGED_PERPETRATOR: (),
}  # fmt: skip


class ProposedConsent(NamedTuple):
    """One consent to record: these data, to these kinds of recipients or to one institution."""

    recipients: tuple[str, ...]
    institution: str
    data: tuple[Data, ...]


class ConsentForm(forms.Form):
    """The terms of a consent. The action checks again that the person was fully informed."""

    bundle = forms.ChoiceField(required=False)
    permit = forms.MultipleChoiceField(
        label=gettext_lazy("To whom, what"),
        error_messages={
            "required": gettext_lazy("Tick what may be shared. Without a tick there is nothing to record."),
            "invalid_choice": gettext_lazy("This institution is not in the list any more. Choose again."),
        },
    )
    institution = forms.ChoiceField(label=gettext_lazy("Add one institution"), required=False)
    purpose = line_field(gettext_lazy("What for"))
    duration = forms.ChoiceField(label=gettext_lazy("Until when"), required=False, widget=forms.RadioSelect)
    expires_at = moment_field(gettext_lazy("Another date"), required=False)
    given_how = forms.ChoiceField(
        label=gettext_lazy("How they said it"), choices=GivenHow.choices, widget=forms.RadioSelect,
        initial=GivenHow.VOICE,
    )  # fmt: skip
    guardian = forms.ChoiceField(
        label=gettext_lazy("Under 18, or age not known: the guardian"), choices=Guardian.choices, required=False,
        widget=forms.RadioSelect,
    )  # fmt: skip

    def __init__(self, sent: QueryDict | None = None, *, person: Person, now: datetime) -> None:
        super().__init__(sent, auto_id="consent-%s")
        self.person, self.now = person, now
        self.bundles = BUNDLES[Part(person.part)]
        self._set("bundle", [(it.key, it.title) for it in self.bundles])
        offered = institution_choices()
        self._set("institution", [("", "—"), *offered])
        self._set("duration", [*((str(days), self._in_days(days)) for days in DURATIONS), ("", _("another date"))])
        self.initial["duration"] = str(USUALLY)
        self.institutions = {code for _kind, group in offered for code, _name in group}
        codes = [*CONSENT_RECIPIENTS, *self.institutions]
        self._set("permit", [(f"{code}:{data}", "") for code in codes for data in self.columns])
        if person.age_today == Age.ADULT:
            del self.fields["guardian"]

    def _set(self, name: str, choices: Iterable[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(choices)

    def _in_days(self, days: int) -> str:
        number = ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
        return f"{number} ({date_format(timezone.localtime(self.now + timedelta(days=days)), 'SHORT_DATE_FORMAT')})"

    @property
    def columns(self) -> list[Data]:
        """The data that this person can consent to."""
        return [it for it in Data if it in CONSENTABLE_DATA[Part(self.person.part)]]

    @property
    def heads(self) -> list[str]:
        return [capfirst(str(NAMED[it])) for it in self.columns]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not (cleaned.get("expires_at") or cleaned.get("duration") or "expires_at" in self.errors):
            raise ValidationError(_("A consent ends: choose a date within a year."))
        cleaned["expires_at"] = self.until
        chosen = next((it for it in self.bundles if it.key == cleaned.get("bundle")), None)
        cleaned["purpose"] = cleaned.get("purpose") or (str(chosen.purpose) if chosen else "")
        if not cleaned["purpose"]:
            raise ValidationError(_("Write what it is for, or choose one of the usual permissions."))
        return cleaned

    def sent_values(self, name: str) -> list[str]:
        """Return all values of a field that the page sent."""
        return self.data.getlist(name) if isinstance(self.data, QueryDict) else []

    @property
    def until(self) -> datetime:
        """The end that the user chose, or the usual one while none is chosen."""
        cleaned = getattr(self, "cleaned_data", {})
        typed: datetime | None = cleaned.get("expires_at")
        return typed or self.now + timedelta(days=int(cleaned.get("duration") or USUALLY))

    @cached_property
    def ticked(self) -> list[tuple[str, Data]]:
        """The ticked cells of the table, as (code of the recipient, kind of data).

        Sent cells that the form does not offer are left out.
        """
        known = dict(self.fields["permit"].choices)  # type: ignore[attr-defined]
        values = [it for it in self.sent_values("permit") if it in known]
        return [(code, Data(data)) for code, _colon, data in (it.rpartition(":") for it in dict.fromkeys(values))]

    @property
    def consents_to_record(self) -> list[ProposedConsent]:
        """The consents to record: one for the kinds of recipients that get the same data, one for each institution."""
        of: dict[str, list[Data]] = {}
        for code, data in self.ticked:
            of.setdefault(code, []).append(data)
        grouped: dict[tuple[Data, ...], list[str]] = {}
        for code, data_of_one in of.items():
            if code not in self.institutions:
                grouped.setdefault(tuple(data_of_one), []).append(code)
        kinds = [ProposedConsent(tuple(codes), "", data) for data, codes in grouped.items()]
        own = [ProposedConsent((), code, tuple(data)) for code, data in of.items() if code in self.institutions]
        return [*kinds, *own]

    @property
    def proposed_terms(self) -> Iterator[ConsentTerms]:
        """Yield the terms of the consents as they would be recorded now."""
        guardian = getattr(self, "cleaned_data", {}).get("guardian", "")
        for it in self.consents_to_record:
            one = find_institution(it.institution) if it.institution else None
            yield Consent(
                person=self.person, data=list(it.data), recipients=[one.recipient] if one else list(it.recipients),
                institution=one.code if one else "", informed=InformedItem.values, guardian=guardian,
                given_at=self.now, expires_at=self.until,
            ).terms_for(self.person)  # fmt: skip

    @property
    def shared_values(self) -> dict[str, Any]:
        """The values that all consents share, as arguments of `record_consents_in_case`."""
        names = ("purpose", "expires_at", "given_how", "guardian")
        return {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}
