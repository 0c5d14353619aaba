"""What the page of a consent shows: the table with its verdicts, the sentences to read, and what will be recorded."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from amparo.care.consent.disclosure import Policy, RecipientScope, Ruling
from amparo.care.consent.picklists import Data, Decision, InformedItem, LegalBasis, Recipient
from amparo.care.consent.rules import may_consent
from amparo.care.consent.table import NAMED, DisclosureRow, data_in_words, disclosure_table, recipients_in_words
from amparo.care.people.models import Person
from amparo.care.people.picklists import Age

from .consent_forms import ConsentBundle, ConsentForm, ProposedConsent


@dataclass(frozen=True)
class Cell:
    """A cell of the table: one kind of data for one recipient."""

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

    line: DisclosureRow
    cells: list[Cell]

    @property
    def without_effect(self) -> str:
        """The ticked data that is still not shared with this recipient, because a guardian must consent too."""
        return data_in_words(it.data for it in self.cells if it.is_ticked and it.ruling[0] == Decision.FORBID)


@dataclass(frozen=True)
class Sentence:
    """A sentence to read aloud; without all of them there is no consent."""

    item: InformedItem
    words: str
    sent: frozenset[str]  # what the page sent as ticked

    @property
    def value(self) -> str:
        """The value of the check box. It changes with the words, so that a tick counts only for the words read."""
        return f"{self.item}:{hashlib.sha256(self.words.encode()).hexdigest()[:12]}"

    @property
    def is_ticked(self) -> bool:
        return self.value in self.sent


def with_bundle_filled(sent: QueryDict, person: Person, now: datetime) -> QueryDict:
    """Return a copy of the sent form with the cells and purpose of the chosen bundle, which a script would have set."""
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
    def of(cls, form: ConsentForm, policy: Policy | None = None) -> "ConsentPage":
        if form.is_bound:
            form.full_clean()
        also = [form.data.get("institution", ""), *(code for code, _data in form.ticked if code in form.institutions)]
        lines = disclosure_table(form.person, form.now, policy=policy, proposed=form.proposed_terms, also=also)
        return cls(form, [Row(it, _cells(form, it)) for it in lines])

    @property
    def bundles(self) -> list[tuple[ConsentBundle, bool, str]]:
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
        sent = frozenset(self.form.sent_values("informed"))
        recipients = [row.line.recipient for row in self.rows if any(it.is_ticked for it in row.cells)]
        day = date_format(timezone.localtime(self.form.until), "DATE_FORMAT")
        purpose = self.form.data.get("purpose", "").strip() or _("for what you ask of us")
        whom = recipients_in_words(recipients) or _("to those whom you choose")
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
        """The codes (`InformedItem`) of the sentences that were read to the person in the words that are shown now."""
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
            _("%(data)s, %(whom)s") % {"data": data_in_words(it.data), "whom": recipients_in_words(_scopes(it, scopes))}
            for it in self.form.consents_to_record
        ]
        day = date_format(timezone.localtime(self.form.until), "DATE_FORMAT")
        return _("«%(name)s» allows us to share: %(parts)s. Until %(day)s.") % {
            **named, "parts": "; ".join(parts), "day": day
        }  # fmt: skip


def _scopes(permission: ProposedConsent, scopes: dict[str, RecipientScope]) -> list[RecipientScope]:
    codes = [permission.institution] if permission.institution else permission.recipients
    return [scopes[code] for code in codes if code in scopes]


def _cells(form: ConsentForm, line: DisclosureRow) -> list[Cell]:
    code = line.recipient.code
    return [
        Cell(data, f"{code}:{data}", _state(form, line, data), (code, data) in form.ticked, line.rulings[data])
        for data in form.columns
    ]


def _state(form: ConsentForm, line: DisclosureRow, data: Data) -> str:
    decision, basis = line.before[data]
    if not may_consent(form.person, line.recipient.recipient, data):
        return "never"
    if decision == Decision.REQUIRE:
        return "law"
    if decision == Decision.FORBID:
        return ""
    return "given" if basis == LegalBasis.CONSENT else "may"
