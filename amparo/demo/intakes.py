"""What an invented operator understands from the stories of the invented callers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from amparo.line.contacts.picklists import CallerRole, HeardOfUs, PrivacyChoice, SafeToTalk, Type, Urgency

from .voices.callers import callers

HEARD_OF_US = (HeardOfUs.RADIO, HeardOfUs.POSTER, HeardOfUs.SOCIAL_MEDIA, HeardOfUs.FRIEND, HeardOfUs.NOT_ASKED)


@dataclass(frozen=True)
class Intake:
    """What a contact was, and the other fields of its page."""

    type: Type
    fields: Mapping[str, str] = field(default_factory=dict)


def _spoken(role: CallerRole, urgency: Urgency, privacy: PrivacyChoice, **more: str) -> dict[str, str]:
    """Of a conversation: one asks first whether it is safe to talk, and explains the limits."""
    first = {"safe_to_talk": SafeToTalk.YES, "limits": "yes"}
    return first | {"caller_role": role, "urgency": urgency, "privacy_choice": privacy} | more


# A safe number that begins with 000 is nobody's; the demonstration's own network answers it.
BY_STORY = {
    "tucan": Intake(
        Type.CRISIS, _spoken(CallerRole.PERSON_AT_RISK, Urgency.URGENT, PrivacyChoice.CONFIDENTIAL)
    ),
    "ceibo": Intake(
        Type.PREVENTION,
        _spoken(
            CallerRole.FAMILY, Urgency.SOON, PrivacyChoice.CONFIDENTIAL,
            safe_number="000000019", safe_any_hour="yes", safe_wanted="yes",
        ),
    ),
    "garza": Intake(Type.REPORT, _spoken(CallerRole.COMMUNITY, Urgency.SOON, PrivacyChoice.ANONYMOUS)),
    "algarrobo": Intake(Type.WRONG_NUMBER),
    "condor": Intake(
        Type.CRISIS, _spoken(CallerRole.PERSON_AT_RISK, Urgency.IMMEDIATE, PrivacyChoice.SHARE)
    ),
    "pisonay": Intake(
        Type.ASSISTANCE, _spoken(CallerRole.FAMILY, Urgency.URGENT, PrivacyChoice.CONFIDENTIAL)
    ),
}  # fmt: skip


def understood(recognised: Iterable[str], *, is_silent: bool) -> Intake:
    """From the sentences recognised ("caller.step"); who pressed 5 could not speak; who just said nothing hung up."""
    for sentence in recognised:
        if known := BY_STORY.get(sentence.partition(".")[0]):
            return known
    return Intake(Type.SILENT) if is_silent else Intake(Type.HANG_UP)


def words_of(sentence: str) -> str:
    who, _, step = sentence.partition(".")
    return next((s.recording.text for s in callers()[who].steps if s.id == step and s.recording), "")
