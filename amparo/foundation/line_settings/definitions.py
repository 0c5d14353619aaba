"""Each setting of the line once: its kind, its value as shipped, its bounds, and what it decides."""

import re
from dataclasses import dataclass, field, fields
from enum import Enum
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.dates import WEEKDAYS
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.core.public_addresses import is_guarded, is_in_private_network
from amparo.foundation.core.refusal import Refused

from . import hours

LONGEST_TEXT = 200  # letters
LONGEST_LINE_NAME = 40  # letters: it stands in one line of a telephone's page
LONGEST_GREETING = 78  # letters, as our own: the first answer then fits into two parts of a text message
TELEPHONE = re.compile(r"\+?[0-9][0-9 ]{1,18}")
# What would tell somebody else who reads the message whom she wrote to.
BETRAYS = re.compile(r"\b(amparo|trata\b|traffick|tráfico|v[ií]ctim|denunci|explot|exploit)", re.IGNORECASE)

type Value = str | int | bool


def _police_of_demonstration() -> str:
    return "000 105" if settings.ENVIRONMENT.demo else ""


@dataclass(frozen=True)
class LineSettings:
    """The values that are in force; here, those that Amparo ships."""

    name: str = ""  # blank: public pages show none, and the staff's pages are called Amparo
    line_number: str = "ayuda"  # a name until a number is set: then public pages show none
    police_number: str = field(default_factory=_police_of_demonstration)  # blank: none is set
    offers_quechua: bool = True
    offers_english: bool = True
    name_in_answers: bool = False  # somebody else may read them
    greeting_es: str = ""  # blank: Amparo's own words
    greeting_en: str = ""
    hours_monday: str = hours.ALWAYS  # blank: closed all day
    hours_tuesday: str = hours.ALWAYS
    hours_wednesday: str = hours.ALWAYS
    hours_thursday: str = hours.ALWAYS
    hours_friday: str = hours.ALWAYS
    hours_saturday: str = hours.ALWAYS
    hours_sunday: str = hours.ALWAYS
    closed_on_holidays: bool = False
    closed_days: str = ""
    listening: bool = False
    listening_basis: str = ""  # the law or the lawyer's answer that allows it
    receive_in_danger_minutes: int = 15
    receive_minutes: int = 24 * 60
    decide_minutes: int = 72 * 60
    answer_days: int = 0  # 0: as the law says
    ring_seconds: int = 20
    offer_after_seconds: int = 60
    offer_again_seconds: int = 180
    longest_message_seconds: int = 120
    think_seconds: int = 4
    watch_address: str = ""  # asked every five minutes while all is well; blank: none

    @property
    def languages(self) -> tuple[str, ...]:
        """The codes of the languages in which this line answers. Spanish always is one."""
        return ("es", *("qu",) * self.offers_quechua, *("en",) * self.offers_english)


class Group(Enum):
    """The parts of the page, in its order."""

    LINE = "line", gettext_lazy("Name and numbers")
    HOURS = "hours", gettext_lazy("Hours and holidays")
    LANGUAGES = "languages", gettext_lazy("Languages")
    LIMITS = "limits", gettext_lazy("Limits of a call")
    WRITTEN = "written", gettext_lazy("First answer to those who write")
    DEADLINES = "deadlines", gettext_lazy("Deadlines")
    LISTENING = "listening", gettext_lazy("Listening to calls")
    WATCH = "watch", gettext_lazy("If this machine falls silent")

    @property
    def key(self) -> str:
        return str(self.value[0])

    @property
    def label(self) -> str | Promise:
        return self.value[1]


class Kind(Enum):
    NAME = "name"
    TEXT = "text"
    GREETING = "greeting"
    TELEPHONE = "telephone"
    NUMBER = "number"
    HOURS = "hours"
    DAYS = "days"
    YES_NO = "yes_no"
    ADDRESS = "address"


class Unit(Enum):
    NONE = ""
    SECONDS = gettext_lazy("s")
    MINUTES = gettext_lazy("min")
    DAYS = gettext_lazy("working days")


@dataclass(frozen=True)
class Setting:
    name: str  # of the field of `LineSettings`
    group: Group
    kind: Kind
    title: str | Promise
    sentence: str | Promise = ""  # what follows from it, where the title does not say it
    lowest: int = 0
    highest: int = 0
    unit: Unit = Unit.NONE
    may_be_blank: bool = False

    @property
    def shipped(self) -> Value:
        """The value that Amparo ships."""
        value: Value = getattr(LineSettings(), self.name)
        return value

    def parse(self, text: str) -> Value:
        """Return the value that somebody wrote. Raises `Refused`, with a sentence that says what would be right."""
        text = " ".join(text.split())
        match self.kind:
            case Kind.YES_NO:
                if text not in ("yes", "no"):
                    raise Refused(_("“%(title)s”: choose yes or no.") % {"title": self.title})
                return text == "yes"
            case Kind.NUMBER:
                if not re.fullmatch("[0-9]{1,6}", text) or not self.lowest <= int(text) <= self.highest:
                    bounds = {"title": self.title, "lowest": self.lowest, "highest": self.highest}
                    raise Refused(_("“%(title)s”: write a number from %(lowest)s to %(highest)s.") % bounds)
                return int(text)
            case Kind.TELEPHONE:
                if not TELEPHONE.fullmatch(text):
                    raise Refused(_("“%(title)s”: write the number as people dial it.") % {"title": self.title})
                return text
            case Kind.HOURS | Kind.DAYS:
                return self._parse_times(text)
            case Kind.ADDRESS:
                if text and not _is_fit_address(text):
                    raise Refused(
                        _("“%(title)s”: write an address as https://watch.example.org/line, outside your own network "
                          "and without parameters.") % {"title": self.title}
                    )  # fmt: skip
                return text
            case Kind.NAME | Kind.TEXT | Kind.GREETING:
                longest = {Kind.NAME: LONGEST_LINE_NAME, Kind.GREETING: LONGEST_GREETING}.get(self.kind, LONGEST_TEXT)
                if len(text) > longest or not (text or self.may_be_blank) or not text.isprintable():
                    words = {"title": self.title, "longest": longest}
                    raise Refused(_("“%(title)s”: write one line, with no more letters than %(longest)s.") % words)
                if self.kind is Kind.GREETING and (found := BETRAYS.search(text)):
                    raise Refused(
                        _("Somebody else may read the first answer: leave out “%(word)s”.") % {"word": found[0]}
                    )
                return text

    def _parse_times(self, text: str) -> str:
        try:
            return hours.parse_hours(text) if self.kind is Kind.HOURS else hours.parse_closed_days(text)
        except ValueError:
            if self.kind is Kind.HOURS:
                sentence = _("“%(title)s”: write hours like 08:00-20:00 or 08:00-13:00 15:00-20:00, or nothing.")
            else:
                sentence = _("“%(title)s”: write days like 24/12/2030 or 30/12/2030-02/01/2031, with a comma between "
                             "them, and no more than 31 days in a row.")  # fmt: skip
            raise Refused(sentence % {"title": self.title}) from None

    def is_usable(self, value: object) -> bool:
        """Whether a stored value is of this setting's type: one of another version may not be."""
        if type(value) is not type(self.shipped):
            return False
        try:
            return self.kind not in (Kind.HOURS, Kind.DAYS) or self._parse_times(str(value)) == value
        except Refused:
            return False


def _is_fit_address(text: str) -> bool:
    """Whether requests may go to this address: https, not within a private network, nothing but a host and a path."""
    try:
        parts = urlsplit(text)
        fits = parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    is_plain = text.isascii() and text.isprintable() and " " not in text and len(text) <= LONGEST_TEXT
    has_more = parts.username is not None or parts.query or parts.fragment or "?" in text or "#" in text
    host = str(parts.hostname).rstrip(".")
    is_here = host == "localhost" or host.endswith((".localhost", ".local", ".internal"))
    return fits and is_plain and not has_more and not (is_here and is_guarded()) and not is_in_private_network(host)


def refuse_contradiction(values: LineSettings, changed: str) -> None:
    """Raise `Refused` if the changed setting, given by its name, does not fit the others."""
    clocks = "receive_in_danger_minutes", "receive_minutes", "decide_minutes"
    if changed in clocks and not values.receive_in_danger_minutes <= values.receive_minutes <= values.decide_minutes:
        raise Refused(
            _("A unit receives a report in danger first, then any other, then decides: no deadline may be shorter than "
              "the one before it.")
        )  # fmt: skip
    if changed in ("listening", "listening_basis") and values.listening and not values.listening_basis:
        raise Refused(_("Write first which law, or which answer of a lawyer, allows listening here."))
    if changed.startswith("hours_") and not any(hours.hours_of(values, day) for day in range(7)):
        raise Refused(_("One day of the week at least has hours."))
    if changed in ("name", "name_in_answers") and values.name_in_answers and (found := BETRAYS.search(values.name)):
        raise Refused(
            _("Somebody else may read the first answers, and the name says “%(word)s”: leave the name out of them.")
            % {"word": found[0]}
        )


SETTINGS = (
    Setting(
        "name", Group.LINE, Kind.NAME, gettext_lazy("Name of the line"),
        gettext_lazy("Public pages, the poster and the staff's pages show it. Titles of public pages never do: they "
                     "stay in the history of a telephone. Blank: none."), may_be_blank=True,
    ),
    Setting(
        "line_number", Group.LINE, Kind.TELEPHONE, gettext_lazy("Number of the line"),
        gettext_lazy("The public pages show it, and so does the telephone of a person whom we call back."),
    ),
    Setting(
        "police_number", Group.LINE, Kind.TELEPHONE, gettext_lazy("Number of the police in emergencies"),
        gettext_lazy("The public pages and the automatic answers name it. It can be changed, and not taken away."),
    ),
    *(
        Setting(
            f"hours_{day}", Group.HOURS, Kind.HOURS, capfirst(WEEKDAYS[number]),
            gettext_lazy("00:00-24:00 is day and night; 20:00-06:00 ends on the next day. Blank: closed. No call is "
                         "refused: outside the hours a caller is told so, with the number of the police, and waits "
                         "like any other.") if number == 0 else "", may_be_blank=True,
        )
        for number, day in enumerate(hours.DAYS)
    ),
    Setting(
        "closed_on_holidays", Group.HOURS, Kind.YES_NO, gettext_lazy("Closed on the public holidays of Peru"),
    ),
    Setting(
        "closed_days", Group.HOURS, Kind.DAYS, gettext_lazy("Other closed days"),
        gettext_lazy("Such as 24/12/2030, 30/12/2030-02/01/2031. No more than 31 days in a row."), may_be_blank=True,
    ),
    Setting(
        "offers_quechua", Group.LANGUAGES, Kind.YES_NO, gettext_lazy("Callers and chats may choose Quechua"),
        gettext_lazy("The telephone menu names it only once a speaker has read its words."),
    ),
    Setting(
        "offers_english", Group.LANGUAGES, Kind.YES_NO, gettext_lazy("Callers and chats may choose English"),
        gettext_lazy("Spanish always can be chosen."),
    ),
    Setting(
        "ring_seconds", Group.LIMITS, Kind.NUMBER,
        gettext_lazy("A call rings for one person before it rings for the next"),
        lowest=10, highest=60, unit=Unit.SECONDS,
    ),
    Setting(
        "offer_after_seconds", Group.LIMITS, Kind.NUMBER, gettext_lazy("A caller waits before we offer to call back"),
        gettext_lazy("Where nobody is on shift, we offer it at once."), lowest=15, highest=600, unit=Unit.SECONDS,
    ),
    Setting(
        "offer_again_seconds", Group.LIMITS, Kind.NUMBER, gettext_lazy("Time between two such offers"),
        lowest=60, highest=1800, unit=Unit.SECONDS,
    ),
    Setting(
        "longest_message_seconds", Group.LIMITS, Kind.NUMBER,
        gettext_lazy("Longest message that a caller can leave"), lowest=30, highest=300, unit=Unit.SECONDS,
    ),
    Setting(
        "think_seconds", Group.LIMITS, Kind.NUMBER, gettext_lazy("Time to press a key after the words"),
        lowest=3, highest=15, unit=Unit.SECONDS,
    ),
    Setting(
        "name_in_answers", Group.WRITTEN, Kind.YES_NO, gettext_lazy("They begin with the name of the line"),
        gettext_lazy("Somebody else may read them: only if the name tells nobody what the line is for. In a text "
                     "message it is left out where it would make a third part."),
    ),
    Setting(
        "greeting_es", Group.WRITTEN, Kind.GREETING, gettext_lazy("First sentence in Spanish"),
        gettext_lazy("It replaces our first sentence. The rest always follows: danger, when we must tell others, what "
                     "not to write. Blank: ours."), may_be_blank=True,
    ),
    Setting(
        "greeting_en", Group.WRITTEN, Kind.GREETING, gettext_lazy("First sentence in English"),
        gettext_lazy("Blank: ours."), may_be_blank=True,
    ),
    Setting(
        "receive_in_danger_minutes", Group.DEADLINES, Kind.NUMBER,
        gettext_lazy("A police unit receives a report, if there is danger"),
        gettext_lazy("For new reports; those that were sent keep theirs."),
        lowest=1, highest=24 * 60, unit=Unit.MINUTES,
    ),
    Setting(
        "receive_minutes", Group.DEADLINES, Kind.NUMBER, gettext_lazy("It receives any other report"),
        gettext_lazy("1440 minutes are a day."), lowest=1, highest=30 * 24 * 60, unit=Unit.MINUTES,
    ),
    Setting(
        "decide_minutes", Group.DEADLINES, Kind.NUMBER, gettext_lazy("It decides on a report"),
        gettext_lazy("4320 minutes are three days."), lowest=1, highest=90 * 24 * 60, unit=Unit.MINUTES,
    ),
    Setting(
        "answer_days", Group.DEADLINES, Kind.NUMBER, gettext_lazy("A person who asks for their data is answered"),
        gettext_lazy("0: within the period of the law, which differs by request."),
        lowest=0, highest=365, unit=Unit.DAYS,
    ),
    Setting(
        "listening_basis", Group.LISTENING, Kind.TEXT,
        gettext_lazy("The law, or the lawyer's answer, that allows listening"),
        gettext_lazy("In many places the caller must agree first."), may_be_blank=True,
    ),
    Setting(
        "watch_address", Group.WATCH, Kind.ADDRESS, gettext_lazy("Address outside that is asked every five minutes"),
        gettext_lazy("A service of yours that tells you when it hears nothing. It learns only that we live. Blank: "
                     "none."),
        may_be_blank=True,
    ),
    Setting(
        "listening", Group.LISTENING, Kind.YES_NO, gettext_lazy("Supervisors may listen to calls, and whisper"),
    ),
)  # fmt: skip
BY_NAME = {setting.name: setting for setting in SETTINGS}
assert BY_NAME.keys() == {each.name for each in fields(LineSettings)}
