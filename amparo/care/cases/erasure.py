"""The right to erasure, for a person who is followed as a case."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.audit.rules import append
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import Refused
from amparo.line.contacts import rights
from amparo.line.contacts.models import Contact

from .models import Case
from .team import case_keys


@action(permissions.supervise, label=gettext_lazy("erased it at the person's request"))
def erase_case(case: Case, *, code: str, by: User, now: datetime) -> None:
    """Destroy the keys of the case, its reports, referrals and contacts. Nobody can read them again, even in backups.

    Columns used in figures stay. Raises `Refused` while the case is open or under a legal hold, or if the typed `code`
    is not that of the case.
    """
    case = Case.objects.visible_to(by).get_locked(case.pk)
    if case.is_open:
        raise Refused(_("The case is open. Close it first; then it can be erased."))
    if code.strip().upper() != case.code:
        raise Refused(_("To erase, write the code of the case. It cannot be undone."))
    keys = case_keys(case)
    if any(key.legal_hold for key in keys):
        raise Refused(_("It is held, and may not be erased before the hold is lifted."))
    append("erase", f"case {case.pk}", key=case.key_id)
    for contact in Contact.objects.filter(inclusion__case=case).select_related("key", "call"):
        rights.erase(contact, by=by, now=now)
    for key in keys:
        key.forget()
    notify("case", case.pk)
