"""The ledger's labels on a screen. A name without a label is shown as it is written."""

from django.utils.translation import gettext_lazy as _

from amparo.foundation.core.actor import BEARER
from amparo.foundation.core.picklists import Picklist


class Purpose(Picklist):
    """Why somebody searches, or opens a file outside their current work: they choose it beforehand, and the ledger
    keeps it.
    """

    CARE = "care", _("to go on with her care")
    CALLS_AGAIN = "calls_again", _("because she calls again")
    HANDOVER = "handover", _("to take it over from a colleague")
    REVIEW = "review", _("to review the quality")
    COMPLAINT = "complaint", _("because of a complaint")
    RIGHT = "right", _("because she asks for what we keep of her")
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
ROLES = {
    "operator": _("operator"),
    "supervisor": _("supervisor"),
    "case_worker": _("case worker"),
    "directory_editor": _("directory editor"),
    "placement_officer": _("placements"),
    "shelter_staff": _("shelter staff"),
    "police_liaison": _("police liaison"),
    "service_liaison": _("answers for services"),
    "administrator": _("administrator"),
    "auditor": _("auditor"),
    "publisher": _("publisher"),
    "switchboard": _("switchboard"),
    "worker": _("nightly work"),
    "site": _("public pages"),
}
BEARERS = {
    "code": _("who has the return code"),
    "link": _("who has the link"),
    "chat": _("who has the chat code"),
}
VERBS = {
    "look": _("read it"),
    "look safecontact": _("read the safe contact"),
    "look message": _("read or heard the message"),
    "open_contact": _("opened it"),
    "open_file": _("opened it"),
    "save_draft": _("wrote in it"),
    "wrap_up": _("wrapped it up"),
    "reopen": _("opened it again"),
    "link": _("linked it to an earlier one"),
    "safe_number": _("looked up the safe number"),
    "record_return_call": _("called back"),
    "raise_danger": _("danger was marked"),
    "mark_danger": _("marked danger"),
    "acknowledge_danger": _("acknowledged the danger"),
    "record_reached": _("said that she was reached"),
    "give_up_calling": _("gave up calling back"),
    "note_received": _("noted what the unit said by telephone"),
    "note_decided": _("noted what the unit said by telephone"),
    "acknowledge_hard_call": _("talked about a hard call"),
    "set_languages": _("set languages"),
    "listen": _("listened to the call"),
    "whisper": _("whispered to the operator"),
    "speak": _("joined the call"),
    "stop_listening": _("stopped listening"),
    "plan_shift": _("planned a shift"),
    "cancel_shift": _("cancelled a shift"),
    "copy_week": _("copied the shifts of a week"),
    "issue_certificate": _("issued a certificate"),
    "revoke_certificate": _("revoked a certificate"),
    "set_ringing_rules": _("changed for whom the queue rings"),
    "take_message": _("took the message"),
    "finish_message": _("settled the message"),
    "begin_chat": _("began to write"),
    "write_in_chat": _("wrote to us"),
    "come_into_chat": _("came back to the chat"),
    "take_chat": _("took the chat"),
    "answer_chat": _("wrote in the chat"),
    "hand_back": _("handed the chat back"),
    "requeue_chat": _("let the chat wait again, for its operator was gone"),
    "end_chat": _("ended the chat"),
    "look chat": _("read the chat"),
    "find": _("found it by its number"),
    "receive_request": _("noted what she asks of us"),
    "hold": _("said that it is kept"),
    "lift_hold": _("said that it need not be kept"),
    "forget": _("forgot it: its time was over"),
    "erase": _("erased it as she asked"),
    "start_callback": _("took up calling back"),
    "search_number": _("searched a number"),
    "answer_request": _("answered what she asks of us"),
    "answer_alert": _("answered an alert"),
    "mark_canary": _("marked a decoy record"),
    "unmark_canary": _("ended a decoy record"),
    "open_case": _("opened a case"),
    "include_contact": _("added a contact to the case"),
    "follow_up": _("said how the case is followed"),
    "add_person_to_case": _("added somebody to the case"),
    "describe_person_in_case": _("wrote what is known of somebody"),
    "describe_person": _("wrote what is known of somebody"),
    "identify": _("wrote down who somebody is"),
    "look identity": _("read who somebody is"),
    "suggest_duplicates": _("looked for the same person elsewhere"),
    "merge": _("said that two are one person"),
    "unmerge": _("said that they are two people"),
    "add_event": _("wrote down what happened"),
    "mark_event_as_mistake": _("took out what was written by mistake"),
    "answer": _("ticked what was answered"),
    "sign_assessment": _("signed an assessment"),
    "write_decision": _("wrote down what a competent body decided"),
    "record_consent": _("wrote down a consent"),
    "record_consent_in_case": _("wrote down a consent"),
    "withdraw_consent": _("wrote down that it was taken back"),
    "withdraw_consent_in_case": _("wrote down that it was taken back"),
    "write_basis": _("wrote down a reason to tell"),
    "record_basis_in_case": _("wrote down a reason to tell"),
    "review_basis": _("reviewed a reason to tell"),
    "write_policy": _("wrote whom the line tells without consent"),
    "agree_on_policy": _("agreed whom the line tells without consent"),
    "report_to_police": _("sent a police report"),
    "receive_report": _("received the report"),
    "record_decision": _("wrote down a decision"),
    "add_message": _("wrote on the report"),
    "look report": _("read the report"),
    "look reportdetail": _("read in the report who somebody is"),
    "add_area": _("said that a place is a unit's own"),
    "remove_area": _("said that a place is not a unit's own any more"),
    "look riskbriefingshare": _("read what the house must know of a risk"),
    "add_organization": _("added an institution to the directory"),
    "change_organization": _("changed an institution of the directory"),
    "add_service": _("added a service"),
    "change_service": _("changed a service"),
    "verify": _("verified a service"),
    "request_verification": _("looked for a service"),
    "close_verification_task": _("did what the directory lacked"),
    "export_directory": _("took the directory along"),
    "import_directory": _("brought services into the directory"),
    "give_code": _("gave a return code"),
    "end_code": _("ended a return code"),
    "use_spoken_code": _("asked with her code, as she said it"),
    "reply_to_bearer": _("wrote to her, under her code"),
    "mark_messages_read": _("read what came with a code"),
    "open_return_code": _("came back with it"),
    "add_code_message": _("added something"),
    "set_code_owner": _("said whose code it is"),
    "look returncode": _("read what was said with it"),
    "refer": _("asked a service to take her"),
    "issue_link": _("gave a link to a service"),
    "open_link": _("opened the link"),
    "answer_by_link": _("answered by the link"),
    "record_referral_event": _("wrote down what a service said"),
    "cancel_referral": _("called a referral off"),
    "recall_report": _("cancelled the sending of a police report"),
    "answer_referral": _("answered the referral"),
    "link_provider": _("let programs answer for an institution of the directory"),
    "unlink_provider": _("let programs answer no more for an institution of the directory"),
    "look referral": _("read the referral"),
    "look discloseditem": _("read in the referral who she is"),
    "export_case": _("wrote the case into a file"),
    "import_case": _("took the case out of a file"),
    "import_cases": _("took cases out of a file"),
    "look unmappeddata": _("read what a file said besides"),
    "add_document": _("added a document"),
    "hold_bed": _("held a bed"),
    "release_bed": _("released the bed"),
    "request_placement": _("asked for a place in a house"),
    "send_risk_briefing": _("told the house what it must know"),
    "approve_placement": _("approved the place"),
    "decline_placement": _("declined the place"),
    "arrive": _("said that they arrived"),
    "leave_house": _("said that somebody left the house"),
    "move_bed": _("gave another bed"),
    "record_unmet_need": _("noted that no bed was suitable"),
    "look placement": _("read the placement"),
    "open_address": _("opened where the house is"),
    "look houseaddress": _("read where the house is"),
    "seal_address": _("sealed where a house is"),
    "add_house": _("added a house"),
    "add_bed": _("added a bed"),
    "change_house": _("changed a house"),
    "retire_bed": _("took a bed out of use"),
    "restore_bed": _("took a bed into use again"),
    "close_house": _("closed a house"),
    "open_house": _("opened a house again"),
    "plan_stay": _("said until when somebody is to stay"),
    "confirm_beds": _("said how the beds stand"),
    "block_bed": _("said that a bed is out of order"),
    "unblock_bed": _("said that a bed is in order again"),
    "settle_escalation": _("telephoned the unit"),
    "change_case": _("changed the situation"),
    "write_note": _("wrote a note"),
    "plan_task": _("planned something"),
    "finish_task": _("finished a task"),
    "move_task": _("moved a date"),
    "add_member": _("let somebody join the team"),
    "remove_member": _("let somebody leave the team"),
    "take_charge": _("took it in hand"),
    "hand_over": _("handed it over"),
    "read_hand_over": _("read the hand-over"),
    "close_case": _("closed the case"),
    "reopen_case": _("opened the case again"),
    "set_state": _("came on shift, or left it"),
    "take_seat": _("took a seat"),
    "set_device": _("chose a telephone"),
    "issue_phone_secret": _("gave a desk phone its secret"),
    "add_person": _("added somebody"),
    "renew_code": _("made a new code"),
    "lock_person": _("locked somebody out"),
    "unlock_person": _("unlocked somebody"),
    "request_recovery": _("asked for a recovery"),
    "confirm_recovery": _("confirmed a recovery"),
    "withdraw_recovery": _("stopped a recovery"),
    "give_token": _("gave a program a token"),
    "end_token": _("ended the token of a program"),
    "set_webhook": _("said where programs are told"),
    "end_webhook": _("ended telling programs"),
    "count_quarter": _("counted a quarter"),
    "draft_edition": _("drafted an edition of the figures"),
    "publish_edition": _("published the figures"),
    "correct_edition": _("drafted a correction of the figures"),
    "discard_edition": _("threw a draft of the figures away"),
}
PURPOSES = {
    **dict(Purpose.choices),
    "call": _("during the call"),
    "referral": _("for a referral"),
    "chat": _("in the chat"),
    "return": _("who comes back with a code"),
}


def role_label(role: str) -> str:
    """`hotline/operator` as `operator, the hotline`; a bearer by the kind of their secret."""
    agency, _slash, name = role.partition("/")
    if agency == BEARER:
        return str(BEARERS[name.partition("_")[0]])
    return f"{ROLES.get(name, _without_underscores(name))}, {AGENCIES.get(agency, _without_underscores(agency))}"


def verb_label(what: str, noun: str) -> str:
    return str(VERBS.get(f"{what} {noun}") or VERBS.get(what) or _without_underscores(what))


def purpose_label(purpose: str) -> str:
    return str(PURPOSES.get(purpose, _without_underscores(purpose)))


def _without_underscores(word: str) -> str:
    return word.replace("_", " ")
