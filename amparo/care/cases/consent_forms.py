"""The form of a consent: a table of data and recipients. A bundle fills the usual cells with one press."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
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

from amparo.care.consent.disclosure import ConsentTerms, RecipientScope, Ruling
from amparo.care.consent.institutions import find
from amparo.care.consent.models import CONSENTABLE_DATA, Consent
from amparo.care.consent.picklists import (
    CONSENT_RECIPIENTS,
    Data,
    Decision,
    GivenHow,
    Guardian,
    InformedItem,
    LegalBasis,
    Recipient,
)
from amparo.care.consent.rules import may_consent
from amparo.care.consent.table import NAMED, Line, in_a_row, table_of, to_whom
from amparo.care.people.models import Person
from amparo.care.people.picklists import Age, Part
from amparo.foundation.core.form_fields import line

from .fields import moment, one_institution

USUALLY = 30  # days that a consent lasts unless another end is chosen
DURATIONS = (USUALLY, 90)
FACTS, NAME, CONTACT, PLACE = (
    Data.INCIDENT_FACTS, Data.SUBJECT_IDENTITY, Data.SUBJECT_CONTACT, Data.SUBJECT_WHEREABOUTS
)  # fmt: skip
INVESTIGATORS = (Recipient.POLICE, Recipient.PROSECUTOR)


@dataclass(frozen=True)
class Bundle:
    """A usual consent: which data may be shared with which recipients, and for what purpose."""

    key: str
    title: str | Promise
    note: str | Promise
    purpose: str | Promise = ""  # continues "I would like your permission to share what you told me, only ..."
    recipients: tuple[Recipient, ...] = ()
    data: tuple[Data, ...] = ()


BUNDLES = {
    Part.AT_RISK: (
        Bundle(
            "protect", gettext_lazy("Protection tonight"),
            gettext_lazy("Child protection and services: what happened, where she is, how to reach her"),
            gettext_lazy("so that you are protected and have a place to sleep"),
            (Recipient.CHILD_PROTECTION, Recipient.SERVICE_PROVIDER), (FACTS, CONTACT, PLACE),
        ),
        Bundle(
            "unnamed", gettext_lazy("A report without a name"),
            gettext_lazy("Police and prosecutors: only what happened"),
            gettext_lazy("so that it is investigated"), INVESTIGATORS, (FACTS,),
        ),
        Bundle(
            "named", gettext_lazy("A report with her name"),
            gettext_lazy("Police and prosecutors: what happened, her name, how to reach her"),
            gettext_lazy("so that it is investigated"), INVESTIGATORS, (FACTS, NAME, CONTACT),
        ),
        Bundle(
            "help", gettext_lazy("Only help"), gettext_lazy("Services: what happened and how to reach her"),
            gettext_lazy("so that you get the help you asked for"), (Recipient.SERVICE_PROVIDER,), (FACTS, CONTACT),
        ),
        Bundle("nothing", gettext_lazy("It stays here"), gettext_lazy("Nothing is shared with her permission")),
    ),
    Part.CALLER: (
        Bundle(
            "witness", gettext_lazy("A witness without a name"),
            gettext_lazy("Police and prosecutors: only what happened"),
            gettext_lazy("so that it is investigated"), INVESTIGATORS, (FACTS,),
        ),
        Bundle(
            "named", gettext_lazy("A witness with a name"),
            gettext_lazy("Police and prosecutors: what happened, who called, how to reach them"),
            gettext_lazy("so that it is investigated"), INVESTIGATORS,
            (FACTS, Data.CALLER_IDENTITY, Data.CALLER_CONTACT),
        ),
        Bundle("nothing", gettext_lazy("It stays here"), gettext_lazy("Nothing is shared with their permission")),
    ),
    Part.ALLEGED_PERPETRATOR: (),
}  # fmt: skip


class Permission(NamedTuple):
    """One consent to record: these data, to these kinds of recipients or to one institution."""

    recipients: tuple[str, ...]
    institution: str
    data: tuple[Data, ...]


@dataclass(frozen=True)
class Cell:
    """One recipient and one kind of data."""

    data: Data
    value: str  # of the check box
    state: str  # "law": required; "given": consented before; "may": allowed without consent; "never"; blank: open
    is_ticked: bool
    ruling: Ruling

    @property
    def label(self) -> str:
        return str(NAMED[self.data])

    @property
    def is_fixed(self) -> bool:
        return self.state in ("law", "never")


@dataclass(frozen=True)
class Row:
    """One recipient: its cells, and the verdict on what may be shared with it."""

    line: Line
    cells: list[Cell]

    @property
    def without_effect(self) -> str:
        """The ticked data that is still not shared with this recipient, because a guardian must consent too."""
        return in_a_row(it.data for it in self.cells if it.is_ticked and it.ruling[0] == Decision.FORBID)


@dataclass(frozen=True)
class Sentence:
    """A sentence to read aloud; without all of them there is no consent."""

    item: InformedItem
    words: str
    sent: frozenset[str]  # what the page sent as ticked

    @property
    def value(self) -> str:
        """Sent when ticked. It changes with the words: a tick counts only for the words that were read."""
        return f"{self.item}:{hashlib.sha256(self.words.encode()).hexdigest()[:12]}"

    @property
    def is_ticked(self) -> bool:
        return self.value in self.sent


class ConsentForm(forms.Form):
    """Consent form. The action checks again that the person was fully informed."""

    bundle = forms.ChoiceField(required=False)
    permit = forms.MultipleChoiceField(
        label=gettext_lazy("To whom, what"),
        error_messages={
            "required": gettext_lazy("Tick what may be shared. Without a tick there is nothing to record."),
            "invalid_choice": gettext_lazy("This institution is not in the list any more. Choose again."),
        },
    )
    institution = forms.ChoiceField(label=gettext_lazy("Add one institution"), required=False)
    purpose = line(gettext_lazy("What for"))
    duration = forms.ChoiceField(label=gettext_lazy("Until when"), required=False, widget=forms.RadioSelect)
    expires_at = moment(gettext_lazy("Another date"), required=False)
    given_how = forms.ChoiceField(
        label=gettext_lazy("How she said it"), choices=GivenHow.choices, widget=forms.RadioSelect,
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
        offered = one_institution()
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

    def sent(self, name: str) -> list[str]:
        """Return all values of a field, as the page sent them."""
        return self.data.getlist(name) if isinstance(self.data, QueryDict) else []

    @property
    def until(self) -> datetime:
        """The chosen end; while none is chosen, the usual one."""
        cleaned = getattr(self, "cleaned_data", {})
        typed: datetime | None = cleaned.get("expires_at")
        return typed or self.now + timedelta(days=int(cleaned.get("duration") or USUALLY))

    @cached_property
    def ticked(self) -> list[tuple[str, Data]]:
        """The cells that can be consented to and are ticked: code of the recipient, and kind of data."""
        known = dict(self.fields["permit"].choices)  # type: ignore[attr-defined]
        values = [it for it in self.sent("permit") if it in known]
        return [(code, Data(data)) for code, _colon, data in (it.rpartition(":") for it in dict.fromkeys(values))]

    @property
    def permissions(self) -> list[Permission]:
        """The consents to record: recipients of the same data share one, an institution has its own."""
        of: dict[str, list[Data]] = {}
        for code, data in self.ticked:
            of.setdefault(code, []).append(data)
        grouped: dict[tuple[Data, ...], list[str]] = {}
        for code, data_of_one in of.items():
            if code not in self.institutions:
                grouped.setdefault(tuple(data_of_one), []).append(code)
        kinds = [Permission(tuple(codes), "", data) for data, codes in grouped.items()]
        return [*kinds, *(Permission((), code, tuple(data)) for code, data in of.items() if code in self.institutions)]

    @property
    def proposed(self) -> Iterator[ConsentTerms]:
        """The terms of the consents as they would be recorded now."""
        guardian = getattr(self, "cleaned_data", {}).get("guardian", "")
        for it in self.permissions:
            one = find(it.institution) if it.institution else None
            yield Consent(
                person=self.person, data=list(it.data), recipients=[one.recipient] if one else list(it.recipients),
                institution=one.code if one else "", informed=InformedItem.values, guardian=guardian,
                given_at=self.now, expires_at=self.until,
            ).terms_for(self.person)  # fmt: skip

    @property
    def terms(self) -> dict[str, Any]:
        """The values that all consents share, as arguments of `record_consents_in_case`."""
        names = ("purpose", "expires_at", "given_how", "guardian")
        return {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}


def filled(sent: QueryDict, person: Person, now: datetime) -> QueryDict:
    """Return what a page without a script sent, with the cells and the purpose of its bundle."""
    data = sent.copy()
    form = ConsentForm(data, person=person, now=now)
    for bundle, is_chosen, values in ConsentPage.of(form).bundles:
        if is_chosen:
            data.setlist("permit", values.split())
            data["purpose"] = str(bundle.purpose)
    return data


@dataclass(frozen=True)
class ConsentPage:
    """What the page shows of a form: the grid with its verdicts, the sentences to read, and what will be recorded."""

    form: ConsentForm
    rows: list[Row] = field(default_factory=list)

    @classmethod
    def of(cls, form: ConsentForm) -> "ConsentPage":
        if form.is_bound:
            form.full_clean()
        also = [form.data.get("institution", ""), *(code for code, _data in form.ticked if code in form.institutions)]
        lines = table_of(form.person, form.now, proposed=form.proposed, also=also)
        return cls(form, [Row(it, _cells(form, it)) for it in lines])

    @property
    def bundles(self) -> list[tuple[Bundle, bool, str]]:
        """Each bundle, whether it is chosen, and the values of its cells, separated by blanks."""
        chosen = self.form.data.get("bundle")
        open_cells = [
            (it.value, row.line.recipient, it.data) for row in self.rows for it in row.cells if not it.is_fixed
        ]
        is_adult = self.form.person.age_today == Age.ADULT
        return [
            (bundle, bundle.key == chosen, " ".join(
                value for value, scope, data in open_cells
                if not scope.codes and scope.recipient in bundle.recipients and data in bundle.data
                and not (is_adult and scope.recipient == Recipient.CHILD_PROTECTION)
            )) for bundle in self.form.bundles
        ]  # fmt: skip

    @property
    def sentences(self) -> list[Sentence]:
        """The sentences to read aloud; they name the data and the recipients that were chosen."""
        sent = frozenset(self.form.sent("informed"))
        recipients = [row.line.recipient for row in self.rows if any(it.is_ticked for it in row.cells)]
        day = date_format(timezone.localtime(self.form.until), "DATE_FORMAT")
        purpose = self.form.data.get("purpose", "").strip() or _("for what you ask of us")
        whom = to_whom(recipients) or _("to those whom you choose")
        words = {
            InformedItem.PURPOSE: _("I ask your permission to share what you told me, only %(purpose)s.")
            % {"purpose": purpose},
            InformedItem.USE: _("It would go %(whom)s, who may use it for that alone.") % {"whom": whom},
            InformedItem.RESEARCH: _("It is counted in our figures, without your name."),
            InformedItem.ACCESS: _("You can ask us at any time to see, correct or erase what we keep about you."),
            InformedItem.STORAGE: _("This permission lasts until %(day)s, unless you decide otherwise.") % {"day": day},
            InformedItem.WITHDRAWAL: _(
                "You can withdraw it on any day without giving reasons, and we still help you. "
                "What was given already cannot be taken back."
            ),
        }
        return [Sentence(item, words[item], sent) for item in InformedItem]

    @property
    def informed(self) -> list[str]:
        """What the person was told, in the words that are shown now."""
        return [it.item for it in self.sentences if it.is_ticked]

    @property
    def unread(self) -> int:
        return len(InformedItem) - len(self.informed)

    @property
    def summary(self) -> str:
        """What will be recorded, as one sentence to read back."""
        named = {"name": self.form.person.code_name}
        if not self.form.ticked:
            return _("«%(name)s» gives no permission. Without it, only what the law says is shared.") % named
        scopes = {row.line.recipient.code: row.line.recipient for row in self.rows}
        parts = [
            _("%(data)s, %(whom)s") % {"data": in_a_row(it.data), "whom": to_whom(_scopes(it, scopes))}
            for it in self.form.permissions
        ]
        day = date_format(timezone.localtime(self.form.until), "DATE_FORMAT")
        return _("«%(name)s» allows us to share: %(parts)s. Until %(day)s.") % {
            **named, "parts": "; ".join(parts), "day": day
        }  # fmt: skip


def _scopes(permission: Permission, scopes: dict[str, RecipientScope]) -> list[RecipientScope]:
    codes = [permission.institution] if permission.institution else permission.recipients
    return [scopes[code] for code in codes if code in scopes]


def _cells(form: ConsentForm, line: Line) -> list[Cell]:
    code = line.recipient.code
    return [
        Cell(data, f"{code}:{data}", _state(form, line, data), (code, data) in form.ticked, line.rulings[data])
        for data in form.columns
    ]


def _state(form: ConsentForm, line: Line, data: Data) -> str:
    decision, basis = line.before[data]
    if not may_consent(form.person, line.recipient.recipient, data):
        return "never"
    if decision == Decision.REQUIRE:
        return "law"
    if decision == Decision.FORBID:
        return ""
    return "given" if basis == LegalBasis.CONSENT else "may"
