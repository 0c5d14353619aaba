"""`amparo canary`: the administrator of the machine marks a contact that nobody has a reason to open."""

from uuid import UUID

from amparo.foundation.core.actor import WORKER, acting_as
from amparo.foundation.core.refusal import Misconfigured
from amparo.foundation.oversight import canaries

from .forms import EarlierContactForm
from .models import Contact, SafeContact


def canary(code: str, *, remove: bool) -> None:
    """Mark a contact and its card as canaries, or remove the mark. A second time changes nothing."""
    with acting_as(WORKER):
        contact = _contact_by_code(code)
        if not remove:
            _refuse_what_is_in_use(contact)
        canaries.mark_canaries(_key_ids(contact), is_canary=not remove)
    print(f"{contact.code} is {'no canary any more' if remove else 'a canary: whoever opens it raises an alert'}.")


def _contact_by_code(code: str) -> Contact:
    form = EarlierContactForm({"code": code})
    number = form.cleaned_data["code"] if form.is_valid() else 0
    contact = Contact.objects.only("number", "state", "key_id").filter(number=number).first()
    if contact is None:
        raise Misconfigured(f"There is no contact {code}. A code reads like C-2031.")
    return contact


def _refuse_what_is_in_use(contact: Contact) -> None:
    if contact.is_open:
        raise Misconfigured(f"{contact.code} is open: close it first, or its own operator would raise the alert.")
    if SafeContact.objects.filter(contact_id=contact.pk, call_wanted=True).exists():
        raise Misconfigured(f"{contact.code} asks to be called back, so every console reads its card: end that first.")


def _key_ids(contact: Contact) -> list[UUID]:
    """Return the ids of the data keys of the contact and, if it has one, of its safe-contact card."""
    return [contact.key_id, *SafeContact.objects.filter(contact=contact).values_list("key_id", flat=True)]
