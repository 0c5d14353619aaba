"""The picklists of a contact.

They are our own. The privacy choices follow modernslaveryhelpline.org, the types the published statistics of sister
hotlines.
"""

from django.utils.translation import gettext_lazy as _

from amparo.foundation.audit.labels import Purpose
from amparo.foundation.core.picklists import Picklist, own_list


class Channel(Picklist):
    CALL = "call", _("Phone call")
    CHAT = "chat", _("Web chat")
    SMS = "sms", _("Text message")
    WHATSAPP = "whatsapp", _("WhatsApp")
    EMAIL = "email", _("E-mail")
    WEB_FORM = "web_form", _("Web form")
    WALK_IN = "walk_in", _("In person")
    OUTGOING = "outgoing", _("Outgoing call (follow-up)")


IN_WRITING = frozenset({Channel.CHAT, Channel.SMS, Channel.WHATSAPP, Channel.EMAIL, Channel.WEB_FORM})
# Channels of conversations that are entered by hand. A call: from paper, of a night without power.
BY_HAND = (Channel.WALK_IN, Channel.CALL, Channel.EMAIL, Channel.SMS, Channel.WHATSAPP, Channel.WEB_FORM)


@own_list("reasons", _("Reasons of a contact"), _("Chosen when a contact ends, and counted in the figures."))
class Type(Picklist):
    CRISIS = "crisis", _("Crisis")  # a person needs help now
    REPORT = "report", _("Report / tip")  # somebody reports a situation
    ASSISTANCE = "assistance", _("Request for services")
    INFORMATION = "information", _("General information")
    PREVENTION = "prevention", _("Checking an offer of work or travel")
    FOLLOW_UP = "follow_up", _("Follow-up on a case")
    TRAINING = "training", _("Training or material")
    MEDIA = "media", _("Media")
    OTHER_NEED = "other_need", _("Other need, not trafficking")
    SILENT = "silent", _("Silent")  # perhaps somebody who cannot speak
    HANG_UP = "hang_up", _("Hang-up")
    CUT = "cut", _("Cut off by a fault")  # of ours or of the network
    WRONG_NUMBER = "wrong_number", _("Wrong number")
    TEST = "test", _("Test")
    PRANK = "prank", _("Malicious (silence alone is not)")


# Published totals say whether they count all contacts or only these.
SUBSTANTIVE = frozenset(Type) - {
    Type.SILENT, Type.HANG_UP, Type.CUT, Type.WRONG_NUMBER, Type.TEST, Type.PRANK,
}  # fmt: skip


@own_list(
    "callers", _("Who calls"),
    _("Chosen during a contact, among its facts."), grows=True, needed=("person_at_risk", "other", "not_said"),
)  # fmt: skip
class CallerRole(Picklist):
    PERSON_AT_RISK = "person_at_risk", _("Person at risk or possible victim")
    FAMILY = "family", _("Family")
    FRIEND = "friend", _("Friend or partner")
    COMMUNITY = "community", _("Member of the public")
    NGO = "ngo", _("NGO")
    HEALTH = "health", _("Health worker")
    EDUCATION = "education", _("Teacher")
    POLICE = "police", _("Police")
    PROSECUTOR = "prosecutor", _("Prosecutor")
    PUBLIC_OFFICIAL = "public_official", _("Other public official")
    EMPLOYER = "employer", _("Employer or business")
    TRANSPORT = "transport", _("Transport worker")
    CLIENT = "client", _("Paid for sex (under 18: exploitation)")
    MEDIA = "media", _("Journalist")
    STUDENT = "student", _("Student")
    OTHER = "other", _("Other")
    NOT_SAID = "not_said", _("Not said")


class PrivacyChoice(Picklist):
    SHARE = "share", _("You may share my details")
    CONFIDENTIAL = "confidential", _("You may call me, do not share")
    ANONYMOUS = "anonymous", _("I give no details")


@own_list("urgencies", _("Urgency"), _("Chosen for a contact and for a case."))
class Urgency(Picklist):
    IMMEDIATE = "immediate", _("Danger now")  # police or ambulance within minutes
    URGENT = "urgent", _("Within 24 hours")
    SOON = "soon", _("Within 7 days")
    ROUTINE = "routine", _("No time limit")


@own_list(
    "heard-of-us", _("How people heard of the line"),
    _("Asked at the end of a contact; campaigns are measured by it."), grows=True,
    needed=("other", "not_asked", "not_known"),
)  # fmt: skip
class HeardOfUs(Picklist):
    TV = "tv", _("Television")
    RADIO = "radio", _("Radio")
    NEWSPAPER = "newspaper", _("Newspaper")
    SOCIAL_MEDIA = "social_media", _("Social media")
    WEB = "web", _("Web search")
    POSTER = "poster", _("Poster, billboard or leaflet")
    EVENT = "event", _("Event, play or talk")
    FRIEND = "friend", _("Friend or family")
    SCHOOL = "school", _("School")
    POLICE = "police", _("Police")
    NGO = "ngo", _("NGO")
    HEALTH = "health", _("Health centre")
    DIRECTORY = "directory", _("Phone directory or 103")
    OTHER = "other", _("Other")
    NOT_ASKED = "not_asked", _("Not asked")
    NOT_KNOWN = "not_known", _("Does not know")


class SafeToTalk(Picklist):
    YES = "yes", _("Yes")
    NO = "no", _("No")
    NOT_ASKED = "not_asked", _("Not asked yet")


class Language(Picklist):
    SPANISH = "es", _("Spanish")
    QUECHUA = "qu", _("Quechua")
    AYMARA = "ay", _("Aymara")
    ENGLISH = "en", _("English")
    OTHER = "other", _("Another language")


class HardCall(Picklist):
    NO = "no", _("No")
    TALK = "talk", _("Yes, I want to talk")
    LATER = "later", _("Yes, later")


class DebriefState(Picklist):
    OFFERED = "offered", _("offered")
    TAKEN = "taken", _("they talked")
    DECLINED = "declined", _("not wanted")


class State(Picklist):
    OPEN = "open", _("open")
    WRAPPED = "wrapped", _("closed")


class Right(Picklist):
    """What a person may ask us to do with the data we hold about them (standards.md H15; Ley 29733)."""

    READ_BACK = "read_back", _("read it back")
    CORRECT = "correct", _("correct it")
    ERASE = "erase", _("erase it")


class Answer(Picklist):
    DONE = "done", _("it was done")
    UNSURE = "unsure", _("refused: we cannot be sure who asks")
    LEGAL_HOLD = "legal_hold", _("refused: it must be kept for a court, a prosecutor or a complaint")
    NOTHING = "nothing", _("there was nothing")


# The purposes for which a number may be searched.
SEARCHES = [(why.value, why.label) for why in (Purpose.CALLS_AGAIN, Purpose.RIGHT, Purpose.DANGER)]
