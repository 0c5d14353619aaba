"""The ledger's labels on a screen. A name without a label is shown as it is written.

Each room labels its own verbs, beside them: `@action(..., label=...)` and `label_verb`.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from amparo.foundation.core.actor import BEARER
from amparo.foundation.core.picklists import Picklist


class Purpose(Picklist):
    """Why somebody searches, or opens a file outside their current work: they choose it beforehand, and the ledger
    keeps it.
    """

    CARE = "care", _("to go on with the person's care")
    CALLS_AGAIN = "calls_again", _("because they call again")
    HANDOVER = "handover", _("to take it over from a colleague")
    REVIEW = "review", _("to review the quality")
    COMPLAINT = "complaint", _("because of a complaint")
    RIGHT = "right", _("because they ask what we keep about them")
    DANGER = "danger", _("because somebody is in danger")


AGENCIES = {
    "hotline": _("the hotline"),
    "police": _("the police"),
    "prosecutor": _("the prosecutors"),
    "ministry": _("the ministry"),
    "ngo": _("an organisation"),
    "shelter": _("a safe house"),
    "system": _("the machine"),
}
ROLES: dict[str, str | Promise] = {
    "switchboard": _("switchboard"),
    "worker": _("nightly work"),
    "site": _("public pages"),
    "command": _("a command"),
}
BEARERS = {
    "code": _("who has the return code"),
    "link": _("who has the link"),
    "chat": _("who has the chat code"),
}
VERBS: dict[str, str | Promise] = {"look": _("read it")}
PURPOSES = {
    **dict(Purpose.choices),
    "call": _("during the call"),
    "referral": _("for a referral"),
    "chat": _("in the chat"),
    "return": _("who comes back with a code"),
}


def role_label(role: str) -> str:
    """Return a role in words: "operator, the hotline" for `hotline/operator`.

    A bearer is named by the kind of their secret: "who has the link".
    """
    agency, _slash, name = role.partition("/")
    if agency == BEARER:
        return str(BEARERS[name.partition("_")[0]])
    return f"{ROLES.get(name, _without_underscores(name))}, {AGENCIES.get(agency, _without_underscores(agency))}"


def label_roles(labels: Mapping[str, str | Promise]) -> None:
    """Register how the ledger's pages show roles, by their code words."""
    ROLES.update(labels)


def label_verb(verb: str, label: str | Promise) -> None:
    """Register how the ledger's pages show a verb. "look report" is the verb for reading a sealed field of a `Report`.

    Two verbs of one name have one label: the ledger keeps the name alone (tests/test_verbs_have_labels.py).
    """
    VERBS[verb] = label


def verb_label(what: str, noun: str) -> str:
    return str(VERBS.get(f"{what} {noun}") or VERBS.get(what) or _without_underscores(what))


def purpose_label(purpose: str) -> str:
    return str(PURPOSES.get(purpose, _without_underscores(purpose)))


def _without_underscores(word: str) -> str:
    return word.replace("_", " ")
