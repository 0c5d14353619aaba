"""What an invented operator fills in about a call, by the invented caller's story."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from amparo.line.contacts.picklists import CallerRole, HeardOfUs, PrivacyChoice, SafeToTalk, Type, Urgency
from amparo.line.practice_phone.voices.callers import callers

HEARD_OF_US = (HeardOfUs.RADIO, HeardOfUs.POSTER, HeardOfUs.SOCIAL_MEDIA, HeardOfUs.FRIEND, HeardOfUs.NOT_ASKED)


@dataclass(frozen=True)
class Intake:
    """The type of a contact, and the other fields of its page."""

    type: Type
    fields: Mapping[str, str] = field(default_factory=dict)


def _conversation_fields(role: CallerRole, urgency: Urgency, privacy: PrivacyChoice, **more: str) -> dict[str, str]:
    """Return the fields of a conversation in which it was safe to talk, and the limits were explained."""
    first = {"safe_to_talk": SafeToTalk.YES, "limits": "yes"}
    return first | {"caller_role": role, "urgency": urgency, "privacy_choice": privacy} | more


# Safe numbers that begin with 000 belong to nobody; the demonstration's own network answers them.
BY_STORY = {
    "tucan": Intake(
        Type.CRISIS, _conversation_fields(CallerRole.PERSON_AT_RISK, Urgency.URGENT, PrivacyChoice.CONFIDENTIAL)
    ),
    "ceibo": Intake(
        Type.PREVENTION,
        _conversation_fields(
            CallerRole.FAMILY, Urgency.SOON, PrivacyChoice.CONFIDENTIAL,
            safe_number="000000019", safe_any_hour="yes", safe_wanted="yes",
        ),
    ),
    "garza": Intake(Type.REPORT, _conversation_fields(CallerRole.COMMUNITY, Urgency.SOON, PrivacyChoice.ANONYMOUS)),
    "algarrobo": Intake(Type.WRONG_NUMBER),
    "condor": Intake(
        Type.CRISIS, _conversation_fields(CallerRole.PERSON_AT_RISK, Urgency.IMMEDIATE, PrivacyChoice.SHARE)
    ),
    "pisonay": Intake(
        Type.ASSISTANCE, _conversation_fields(CallerRole.FAMILY, Urgency.URGENT, PrivacyChoice.CONFIDENTIAL)
    ),
}  # fmt: skip


def intake_of_call(recognised: Iterable[str], *, is_silent: bool) -> Intake:
    """Return what an invented operator fills in.

    `recognised`: the ids ("caller.step") of the invented caller's sentences that were heard. If none is known: a silent
    call if `is_silent` (the caller pressed 5), else a caller who hung up.
    """
    for sentence in recognised:
        if known := BY_STORY.get(sentence.partition(".")[0]):
            return known
    return Intake(Type.SILENT) if is_silent else Intake(Type.HANG_UP)


def text_of_sentence(sentence: str) -> str:
    who, _, step = sentence.partition(".")
    return next((s.recording.text for s in callers()[who].steps if s.id == step and s.recording), "")
