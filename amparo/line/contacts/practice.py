"""What separates practice with an invented person from conversations with people."""

from django.utils.translation import gettext as _

from amparo.foundation.core.refusal import Refused

from .models import Contact


def refuse_practice(contact: Contact) -> None:
    """Raise `Refused` for a practice contact, which leads to no case, return code, data request or figure."""
    if contact.practice_of_id is not None:
        raise Refused(_("This is practice with an invented person. It does not go further."))
