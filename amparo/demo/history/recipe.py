"""The recipe of the invented months: which calls came, when, and what each was. It touches no database.

The same seed and the same moment give the same months, so a test compares the pages with this recipe.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import numpy as np
from django.utils import timezone

from amparo.line.contacts.picklists import CallerRole, HeardOfUs, Language, PrivacyChoice, Type, Urgency
from amparo.line.roster.cover import local_hour
from amparo.line.switchboard.models import Ending

from ..rhythm import PROFILE
from .days import counts_by_day

SEED, MONTHS = 1, 18
EARLIER = 30  # months before them; only what the figures count is written of these
A_DAY = (2.0, 3.0)  # calls a day, at first and at last
A_DAY_EARLIER = (2.2, 2.2)
LIFT = 1.15  # times as many calls since the campaign began, beside those that its spots and its performance bring
SAY_THE_WORD = 0.8  # of those who heard a code word, tell it when asked
DAY = timedelta(days=1)

type Words = Mapping[HeardOfUs, str]  # the code word of those who heard of the line in this way; blank: none

ENDINGS = {
    "answered": 80, Ending.GAVE_UP: 8, Ending.MESSAGE: 5, "opening words": 4, Ending.SILENCE: 1,
}  # fmt: skip
LANGUAGES = {"es": 85, "qu": 11, "en": 4}
# Lima calls most; every department calls. Of some only the department or the province is known; "" is not known.
PLACES = {
    "150132": 13, "150110": 12, "150103": 3, "1501": 2, "15": 4, "": 12, "070101": 3, "070106": 1, "07": 1,
    "080101": 4, "080106": 2, "0801": 1, "08": 1, "170101": 5, "170103": 1, "17": 1, "160101": 3, "160113": 2, "16": 1,
    "211101": 3, "210101": 2, "21": 1, "040101": 3, "040112": 2, "04": 1, "200101": 2, "200104": 1, "20": 1,
    "130101": 3, "13": 1, "140101": 2, "14": 1, "250101": 3, "25": 1, "220901": 2, "22": 1, "120101": 2, "12": 1,
    "110101": 2, "060101": 2, "050101": 2, "021801": 2, "230101": 2, "100101": 1, "190101": 1, "180101": 1,
    "240101": 2, "010101": 1, "030101": 1, "090101": 1,
}  # fmt: skip
HEARD = {
    HeardOfUs.POSTER: 14, HeardOfUs.SOCIAL_MEDIA: 18, HeardOfUs.RADIO: 12, HeardOfUs.TV: 6, HeardOfUs.FRIEND: 14,
    HeardOfUs.WEB: 8, HeardOfUs.POLICE: 4, HeardOfUs.HEALTH: 3, HeardOfUs.SCHOOL: 3, HeardOfUs.NOT_KNOWN: 5,
    HeardOfUs.NOT_ASKED: 13,
}  # fmt: skip
TYPES = {
    Type.INFORMATION: 26, Type.PREVENTION: 17, Type.REPORT: 14, Type.ASSISTANCE: 13, Type.CRISIS: 9,
    Type.FOLLOW_UP: 4, Type.OTHER_NEED: 5, Type.TRAINING: 3, Type.MEDIA: 2, Type.HANG_UP: 2, Type.WRONG_NUMBER: 4,
    Type.PRANK: 1,
}  # fmt: skip
ROLES = {
    CallerRole.FAMILY: 30, CallerRole.PERSON_AT_RISK: 26, CallerRole.COMMUNITY: 14, CallerRole.FRIEND: 12,
    CallerRole.EDUCATION: 4, CallerRole.HEALTH: 4, CallerRole.TRANSPORT: 2, CallerRole.NOT_SAID: 8,
}  # fmt: skip
PRIVACY = {PrivacyChoice.CONFIDENTIAL: 55, PrivacyChoice.ANONYMOUS: 30, PrivacyChoice.SHARE: 15}
URGENCY = {
    Type.CRISIS: Urgency.URGENT, Type.REPORT: Urgency.SOON, Type.ASSISTANCE: Urgency.SOON,
}  # fmt: skip
NOTES = {
    Type.CRISIS: ("la tienen en un local y no la dejan salir.", "le quitaron el documento y el teléfono.",
                  "está en un terminal y la siguen."),
    Type.REPORT: ("vio a adolescentes que atienden de noche en un bar.", "en un taller nadie sale ni el domingo.",
                  "un aviso promete trabajo y pide viajar esa misma noche."),
    Type.ASSISTANCE: ("volvió a su casa y pide que alguien la escuche.", "necesita un lugar donde dormir.",
                      "quiere recuperar su documento."),
    Type.PREVENTION: ("pregunta por una oferta de trabajo lejos de su casa.", "su hija viaja mañana con una señora.",
                      "le ofrecen un contrato que no le dejan leer."),
    Type.INFORMATION: ("pregunta qué hace la línea.", "pregunta si la llamada cuesta.",
                       "pide los horarios de un servicio."),
    Type.FOLLOW_UP: ("cuenta cómo sigue.", "pregunta qué pasó con su denuncia."),
    Type.OTHER_NEED: ("busca ayuda por una deuda.", "necesita atención de salud."),
    Type.TRAINING: ("una escuela pide una charla.",),
    Type.MEDIA: ("un diario pide cifras.",),
}  # fmt: skip
FOLLOWED = (Type.CRISIS, Type.REPORT, Type.ASSISTANCE)  # of these, some become cases
BECOMES_A_CASE = 0.25
CHATS, WEEKS_OF_CHATS = 20, 12  # conversations on the public page, in the weeks before now
CHAT_HOURS = range(7, 22)


@dataclass(frozen=True)
class PastContact:
    """The fields that an operator fills in about one conversation."""

    type: Type
    fields: dict[str, str] = field(default_factory=dict)  # as the contact's page sends them


@dataclass(frozen=True)
class PastCall:
    arrived: datetime
    wait: int  # seconds in the queue
    talk: int  # seconds; 0: nobody answered
    ending: str  # "answered", "opening words", or an ending of `Call`
    language: str
    line: str = ""
    is_silent: bool = False
    is_danger: bool = False
    contact: PastContact | None = None  # None: nobody answered
    becomes_a_case: bool = False

    @property
    def is_answered(self) -> bool:
        return self.ending == "answered"

    @property
    def is_offered(self) -> bool:
        return self.ending != "opening words"


@dataclass(frozen=True)
class PastChat:
    begun: datetime
    wait: int  # seconds until an operator took it
    contact: PastContact


@dataclass(frozen=True)
class Push:
    """A cause of more calls for a while: a spot with its own telephone number, or a performance."""

    at: datetime
    lasts: timedelta
    calls: int  # beside the others
    usual: int  # in the same hours of each of the four weeks before
    heard: HeardOfUs
    line: str = ""
    code: str = ""  # the word that its callers say


@dataclass(frozen=True)
class CampaignEffects:
    """What an invented campaign causes: more calls since a day, and callers who say its code words."""

    since: date
    pushes: tuple[Push, ...] = ()
    words: Words = field(default_factory=dict)
    silent: str | None = None  # district from which nobody calls since then; None: all call

    def on(self, day: date) -> "CampaignEffects":
        """Return what the campaign causes on this day: nothing before it began."""
        return self if day >= self.since else NO_CAMPAIGN


NO_CAMPAIGN = CampaignEffects(date.max)


def first_day(now: datetime, months: int) -> date:
    """Return the first day of the month that is `months` before the month of `now`."""
    day = timezone.localdate(now).replace(day=1)
    for _ in range(months):
        day = (day - DAY).replace(day=1)
    return day


def past_calls(now: datetime, months: int, campaign: CampaignEffects) -> list[PastCall]:
    """Return all calls of the invented months that end before `now`, the oldest first."""
    chance, first = random.Random(SEED), first_day(now, months)
    days = (timezone.localdate(now) - first).days + 1
    drawn = [
        *calls_of_days(first, _counts_by_day(first, days, A_DAY, campaign), chance, campaign),
        *_calls_of_pushes(campaign, chance),
    ]
    return sorted((call for call in drawn if _end_of(call) < now), key=lambda call: call.arrived)


def earlier_calls(now: datetime, months: int, before: int) -> Iterator[PastCall]:
    """Yield the answered calls of the `before` months that precede the invented `months`."""
    first = first_day(now, months + before)
    counts = _counts_by_day(first, (first_day(now, months) - first).days, A_DAY_EARLIER, NO_CAMPAIGN)
    return (call for call in calls_of_days(first, counts, random.Random(SEED)) if call.contact)


def past_chats(now: datetime, months: int, campaign: CampaignEffects) -> list[PastChat]:
    """Return the chats of the invented months, the oldest first. Nobody says a code word of the campaign in them."""
    chance, drawn = random.Random(SEED), list[PastChat]()
    while len(drawn) < CHATS:
        day = timezone.localdate(now) - chance.randrange(1, WEEKS_OF_CHATS * 7) * DAY
        at = local_hour(day, chance.choice(CHAT_HOURS)) + timedelta(seconds=chance.randrange(3600))
        contact = _random_contact("es", None, replace(campaign.on(day), words={}), chance)
        if contact.fields:
            contact.fields.pop("hard_call", None)
            drawn.append(PastChat(at, round(chance.expovariate(1 / 25)) + 4, contact))
    since = local_hour(first_day(now, months))
    return sorted((chat for chat in drawn if chat.begun >= since), key=lambda chat: chat.begun)


def calls_of_days(
    first: date, counts: Sequence[int], chance: random.Random, campaign: CampaignEffects = NO_CAMPAIGN
) -> Iterator[PastCall]:
    """Yield as many random calls as `counts` says for each day from `first` on, spread over its hours."""
    for number, many in enumerate(counts):
        day = first + number * DAY
        for hour in sorted(chance.choices(range(24), PROFILE, k=many)):
            yield _random_call(
                local_hour(day, hour) + timedelta(seconds=chance.randrange(3600)), chance, campaign.on(day)
            )


def _counts_by_day(first: date, days: int, a_day: tuple[float, float], campaign: CampaignEffects) -> list[int]:
    return counts_by_day(first, days, a_day, np.random.default_rng(SEED), since=campaign.since, lift=LIFT)


def _calls_of_pushes(campaign: CampaignEffects, chance: random.Random) -> Iterator[PastCall]:
    for push in campaign.pushes:
        for week in range(5):
            for _ in range(push.calls if week == 0 else push.usual):
                at = push.at - timedelta(weeks=week) + push.lasts * chance.uniform(0.02, 0.95)
                if week == 0:
                    yield _random_call(
                        at, chance, replace(campaign, words={push.heard: push.code}), push.line, push.heard
                    )
                else:
                    yield _random_call(at, chance, campaign.on(timezone.localdate(at)), push.line)


def _random_call(
    at: datetime, chance: random.Random, campaign: CampaignEffects, line: str = "", heard: HeardOfUs | None = None
) -> PastCall:
    ending = "answered" if line else _weighted_choice(ENDINGS, chance)
    if ending == "answered" and not line and timezone.localtime(at).hour in range(1, 6) and chance.random() < 0.3:
        ending = Ending.GAVE_UP  # few people work before dawn
    language = _weighted_choice(LANGUAGES, chance)
    wait = 0 if ending == "opening words" else round(chance.expovariate(1 / 11)) + 2
    if ending != "answered":
        return PastCall(at, wait if ending == "opening words" else wait + 45, 0, str(ending), language, line)
    is_silent = not line and chance.random() < 0.04
    contact = _silent_contact() if is_silent else _random_contact(language, heard, campaign, chance)
    is_danger = contact.type == Type.CRISIS and chance.random() < 0.3
    if is_danger:
        contact.fields["urgency"] = Urgency.IMMEDIATE
    is_followed = contact.type in FOLLOWED and chance.random() < BECOMES_A_CASE
    talk = round(chance.lognormvariate(6.0, 0.6)) + 20
    return PastCall(at, wait, min(talk, 3000), ending, language, line, is_silent, is_danger, contact, is_followed)


def _silent_contact() -> PastContact:
    return PastContact(Type.SILENT)


def _random_contact(
    language: str, heard: HeardOfUs | None, campaign: CampaignEffects, chance: random.Random
) -> PastContact:
    type = _weighted_choice(TYPES, chance)
    if type not in NOTES:
        return PastContact(type)
    places = {ubigeo: weight for ubigeo, weight in PLACES.items() if ubigeo != campaign.silent}
    fields = {
        "safe_to_talk": "yes", "limits": "yes", "notes": f"Notas inventadas: {chance.choice(NOTES[type])}",
        "caller_role": str(_weighted_choice(ROLES, chance)), "place": _weighted_choice(places, chance),
        "language": str(Language(language)), "urgency": str(URGENCY.get(type, Urgency.ROUTINE)),
        "privacy_choice": str(_weighted_choice(PRIVACY, chance)),
        "heard_of_us": str(heard := heard or _weighted_choice(HEARD, chance)),
    }  # fmt: skip
    if (word := campaign.words.get(heard)) and chance.random() < SAY_THE_WORD:
        fields["heard_code"] = word
    if fields["privacy_choice"] != PrivacyChoice.ANONYMOUS and chance.random() < 0.25:
        # Nobody's number: no country has numbers that begin with 000.
        fields |= {"safe_number": f"000{chance.randrange(10**6):06}", "safe_any_hour": "yes"}
    if type == Type.CRISIS and chance.random() < 0.3:
        fields["hard_call"] = "talk"
    return PastContact(type, fields)


def _weighted_choice[T](weights: dict[T, int], chance: random.Random) -> T:
    return chance.choices(list(weights), list(weights.values()))[0]


def _end_of(call: PastCall) -> datetime:
    return call.arrived + timedelta(seconds=call.wait + call.talk + 60)
