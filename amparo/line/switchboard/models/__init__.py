from .call import (
    SHIFT,
    Call,
    CallEvent,
    CallQuerySet,
    Channel,
    Direction,
    Ending,
    Language,
    State,
    SurgeKey,
    ThirdParty,
)
from .danger_alert import ANSWER_SHOWN, ESCALATE_AFTER, UNANSWERED_AFTER, DangerAlert
from .message import Hours, Message
from .own_recording import OwnRecording

__all__ = [
    "ANSWER_SHOWN",
    "ESCALATE_AFTER",
    "SHIFT",
    "UNANSWERED_AFTER",
    "Call",
    "CallEvent",
    "CallQuerySet",
    "Channel",
    "DangerAlert",
    "Direction",
    "Ending",
    "Hours",
    "Language",
    "Message",
    "OwnRecording",
    "State",
    "SurgeKey",
    "ThirdParty",
]
