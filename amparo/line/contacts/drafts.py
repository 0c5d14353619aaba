"""Writing into a contact: every batch of keystrokes is stored once, and none overwrites another page's edit.

A page has a draft key and counts its revisions. Each field stores its last edit. A batch says which version of the
contact its page had seen (`based_on`). Edits of different fields are all kept. If a field changed without the page
having seen it, the edit comes back as a conflict with both texts, and nothing is overwritten.
"""

import functools
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import Role, User
from amparo.foundation.core.actor import role_holder
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import Refused
from amparo.foundation.vault import tokens
from amparo.foundation.vault.fields import is_sealed
from amparo.foundation.vault.models import DataKey, Token

from .fields import FIELDS, FieldRefused, parse_fields, questions_in
from .models import Contact, Draft, SafeContact
from .picklists import HeardOfUs, SafeToTalk

# Never asked before it is known whether the person can talk safely.
HEARD = {"heard_of_us", "heard_code", *questions_in("heard")}
DECIDES_CARD = ("limits", "privacy_choice")  # fields that decide whether the contact may have a card
MAX_COUNTER = 2**31 - 1  # of a revision or version: the limit of the column


@dataclass(frozen=True)
class Conflict:
    """A field edited here and elsewhere, with both texts: as the page writes them, and as a person reads them."""

    field: str
    label: str
    mine: str
    theirs: str
    mine_label: str
    theirs_label: str
    by: str  # who edited it elsewhere
    at: str  # local time, hh:mm


@dataclass(frozen=True)
class Saved:
    version: int
    conflicts: tuple[Conflict, ...] = ()


@action(permissions.take_calls, label=gettext_lazy("wrote in it"))
def save_draft(
    contact: Contact, *, key: uuid.UUID, revision: int, based_on: int, changes: dict[str, Any], by: User, now: datetime
) -> Saved:
    """Store a batch of edits from a page.

    A repeated or late revision changes nothing. A field in conflict keeps its stored value.
    Raises `FieldRefused` for a value that cannot be stored.
    """
    if not (0 < revision <= MAX_COUNTER and 0 <= based_on <= MAX_COUNTER):
        raise Refused(_("This save cannot be counted. Load the page again."))
    values = parse_fields(changes)
    contact = Contact.objects.visible_to(by).lock(contact)
    draft = _draft_of_page(key, contact, now)
    batch = Batch(contact, draft, based_on, by, now)
    for field, value in values.items():
        if revision > draft.fields.get(field, 0):
            batch.apply_change(field, value, revision)
    batch.save(revision)
    return Saved(contact.version, tuple(batch.conflicts))


def changed_since(contact: Contact, version: int) -> dict[str, dict[str, Any]]:
    """Return the fields edited after `version`, by name: {text, version, by, at}.

    `text` is as the page writes it, `by` the name of who edited it last, `at` the local time, hh:mm.
    """
    card = contact.card
    edits = {name: edit for name, edit in contact.edits.items() if name in FIELDS and edit["version"] > version}
    return {
        name: {"text": _text_of_field(name, contact, card), "version": edit["version"], **_describe_edit(edit)}
        for name, edit in edits.items()
    }


class Batch:
    """One save in progress: collects changes and conflicts, then writes the rows."""

    def __init__(self, contact: Contact, draft: Draft, based_on: int, by: User, now: datetime) -> None:
        self.contact, self.draft, self.based_on, self.by, self.now = contact, draft, based_on, by, now
        self.changed: list[str] = []
        self.conflicts: list[Conflict] = []

    @functools.cached_property
    def card(self) -> SafeContact | None:
        """The safe-contact card. Lazy, because most batches hold only notes."""
        return self.contact.card

    def apply_change(self, name: str, value: Any, revision: int) -> None:
        """Set one field, or record a conflict if somebody else changed it meanwhile."""
        mine, theirs = FIELDS[name].show(value), self._stored_text(name)
        if mine != theirs:
            if theirs is not None and self._was_edited_elsewhere(name):
                self.conflicts.append(self._conflict(name, mine, theirs))
                return
            self._set(name, value)
            self.changed.append(name)
        self.draft.fields[name] = revision

    def save(self, revision: int) -> None:
        self.draft.revision = max(self.draft.revision, revision)
        self.draft.saved_at = self.now
        try:
            self.draft.save(force_insert=self.draft._state.adding)
        except IntegrityError:  # this draft key was just used for another contact; the lock here is on this one
            raise Refused(_("This page belongs to another contact. Load it again.")) from None
        if not self.changed:
            return
        self._refuse_invalid_state()
        self.contact.version += 1
        self.contact.edits = self.contact.edits | {name: self._edit_record() for name in self.changed}
        self._save_rows()
        notify("contact", self.contact.pk)
        if any(FIELDS[name].on_card for name in self.changed):
            notify("messages")

    def _stored_text(self, name: str) -> str | None:
        """The stored text. None: it is sealed and this page wrote it, so it is not decrypted for a comparison."""
        field, last = FIELDS[name], self.contact.edits.get(name)
        row = self.card if field.on_card else self.contact
        if last and last["key"] == str(self.draft.key) and is_sealed(row, field.column):
            return None
        return field.stored_text(row)

    def _was_edited_elsewhere(self, name: str) -> bool:
        last = self.contact.edits.get(name)
        return bool(last) and last["version"] > self.based_on and last["key"] != str(self.draft.key)

    def _conflict(self, name: str, mine: str, theirs: str) -> Conflict:
        field = FIELDS[name]
        edit = _describe_edit(self.contact.edits[name])
        return Conflict(
            name, str(field.label), mine, theirs, field.say(mine), field.say(theirs), edit["by"], edit["at"]
        )

    def _set(self, name: str, value: Any) -> None:
        field = FIELDS[name]
        if field.on_card and self.card is None:
            self.card = SafeContact(contact=self.contact)
        if name == "limits":
            value = self.now if value else None
        setattr(self.card if field.on_card else self.contact, field.column, value)

    def _refuse_invalid_state(self) -> None:
        if not self.contact.is_open and not self.contact.type:
            raise FieldRefused("type", _("A closed contact keeps what it was. Open it again first."))
        if self.contact.safe_to_talk == SafeToTalk.NOT_ASKED and (answered := self._heard_of_us_answers):
            raise FieldRefused(min(answered), _("First ask whether the person can talk safely."))
        if not self._concerns_card or self.card is None or not self.card.holds_identity:
            return
        card_fields = [name for name in self.changed if FIELDS[name].on_card]
        if not self.contact.limits_are_explained:  # explain the limits before recording an identity
            raise FieldRefused((card_fields or ["limits"])[0], _("Explain the limits first; then it can be kept."))
        if self.contact.is_anonymous:
            field = "privacy_choice" if "privacy_choice" in self.changed else card_fields[0]
            raise FieldRefused(field, _("An anonymous contact keeps no number. Erase the safe contact first."))

    @property
    def _heard_of_us_answers(self) -> set[str]:
        """The names of the fields in this batch that say how the person heard of us. "Not asked" is no answer."""
        values = {name: getattr(self.contact, FIELDS[name].column) for name in HEARD & set(self.changed)}
        return {name for name, value in values.items() if value not in ("", None, HeardOfUs.NOT_ASKED)}

    @property
    def _concerns_card(self) -> bool:
        return any(FIELDS[name].on_card or name in DECIDES_CARD for name in self.changed)

    def _save_rows(self) -> None:
        if not self._concerns_card:
            self._save_contact()
            return
        saves = [self._save_contact, self._save_card]
        if self.contact.is_anonymous and self.card and not self.card._state.adding:
            saves.reverse()  # the database lets a contact become anonymous only if its card is empty
        for save in saves:
            save()

    def _save_contact(self) -> None:
        columns = [FIELDS[name].column for name in self.changed if not FIELDS[name].on_card]
        self.contact.save(update_fields=["version", "edits", *columns])

    def _save_card(self) -> None:
        columns = [FIELDS[name].column for name in self.changed if FIELDS[name].on_card]
        if self.card and self.card._state.adding:
            kind = "card" if self.contact.practice_of_id is None else "practice"
            self.card.key = DataKey.objects.make_beside(self.contact.key, kind=kind)
            self.card.contact_number = self.contact.number
            self.card.privacy_choice = self.contact.privacy_choice
            self.card.save(force_insert=True)
        elif self.card and columns:
            if "safe_wanted" in self.changed:  # a new request, or a withdrawn one: the count starts again
                self.card.attempts, self.card.given_up = 0, ""  # the pause goes on: the telephone has just rung
                columns += ["attempts", "given_up"]
            self.card.save(update_fields=columns)
        if self.card and "safe_number" in self.changed:
            tokens.store_tokens(self.card.key, Token.Kind.NUMBER, self.card.number)
        if self.card and "safe_wanted" in self.changed:
            update_shift_access(self.card)

    def _edit_record(self) -> dict[str, Any]:
        return {
            "version": self.contact.version,
            "key": str(self.draft.key),
            "by": self.by.pk,
            "at": self.now.isoformat(),
        }


def update_shift_access(card: SafeContact) -> None:
    """Give the shift the key of a safe-contact card while the person waits for a return call; take it away otherwise.

    The card of an invented person stays with the trainee: nobody calls back.
    """
    if Contact.objects.filter(pk=card.contact_id, practice_of__isnull=False).exists():  # a colleague reads no contact
        return
    shift = role_holder(card.key.agency_id, Role.OPERATOR)
    card.key.give(shift) if card.call_wanted else card.key.take(shift)


def _draft_of_page(key: uuid.UUID, contact: Contact, now: datetime) -> Draft:
    draft = Draft.objects.filter(key=key).first()
    if draft is None:
        return Draft(key=key, contact=contact, revision=0, fields={}, saved_at=now)
    if draft.contact_id != contact.pk:
        raise Refused(_("This page belongs to another contact. Load it again."))
    return draft


def _text_of_field(name: str, contact: Contact, card: SafeContact | None) -> str:
    field = FIELDS[name]
    return field.stored_text(card if field.on_card else contact)


def _describe_edit(edit: dict[str, Any]) -> dict[str, str]:
    user = User.objects.filter(pk=edit["by"]).first()
    at = parse_datetime(edit["at"])
    return {"by": str(user or ""), "at": f"{timezone.localtime(at):%H:%M}" if at else ""}
