"""The ledger's words on a screen. What has no word here is shown as it is written."""

from django.utils.translation import gettext_lazy as _

AGENCIES = {
    "hotline": _("the hotline"),
    "police": _("the police"),
    "prosecutor": _("the prosecutors"),
    "ministry": _("the ministry"),
    "ngo": _("an organisation"),
    "shelter": _("a safe house"),
    "system": _("the machine"),
}
ROLES = {
    "operator": _("operator"),
    "supervisor": _("supervisor"),
    "administrator": _("administrator"),
    "auditor": _("auditor"),
    "switchboard": _("switchboard"),
    "worker": _("nightly work"),
    "site": _("public pages"),
}
VERBS = {
    "look": _("read it"),
    "look safecontact": _("read the safe contact"),
    "look message": _("read or heard the message"),
    "open_contact": _("opened it"),
    "save_draft": _("wrote in it"),
    "wrap_up": _("wrapped it up"),
    "reopen": _("opened it again"),
    "link": _("linked it to an earlier one"),
    "safe_number": _("looked up the safe number"),
    "record_return_call": _("called back"),
    "take_message": _("took the message"),
    "message_done": _("settled the message"),
    "find": _("found it by its number"),
    "receive_request": _("noted what she asks of us"),
    "hold": _("said that it is kept"),
    "lift_hold": _("said that it need not be kept"),
    "forget": _("forgot it: its time was over"),
    "erase": _("erased it as she asked"),
}
PURPOSES = {
    "call": _("during the call"),
    "follow_up": _("to follow up"),
    "review": _("to review the quality"),
    "supervision": _("as supervisor"),
    "referral": _("for a referral"),
    "emergency": _("in an emergency"),
    "upkeep": _("for upkeep"),
    "calls_again": _("because she called again"),
    "right": _("because she asked for what we keep of her"),
    "danger": _("because somebody was in danger"),
}


def of_role(role: str) -> str:
    """`hotline/operator` as `operator, the hotline`."""
    agency, _slash, part = role.partition("/")
    return f"{ROLES.get(part, _spaced(part))}, {AGENCIES.get(agency, _spaced(agency))}"


def of_verb(what: str, noun: str) -> str:
    return str(VERBS.get(f"{what} {noun}") or VERBS.get(what) or _spaced(what))


def of_purpose(purpose: str) -> str:
    return str(PURPOSES.get(purpose, _spaced(purpose)))


def _spaced(word: str) -> str:
    return word.replace("_", " ")
