from .calendar import CalendarFeed
from .certificate import Certificate
from .employment import Employer, Employment, Skill
from .hand_over import ShiftHandOver
from .mentor import Mentor
from .planning import ExpectedCalls, StaffingRules, SuggestedShift, Variant, Wish, WishKind
from .policies import STAFF, SUPERVISOR, OwnOrSupervisor
from .ringing import REST_AFTER, REST_MINUTES, Rest, RingingRules
from .seat import CHOSEN, GONE_AFTER, SEEN_WITHIN, Device, Seat, State, spoken_by_default
from .shift import (
    ANSWERS,
    Absence,
    Exceeding,
    Overtime,
    PublishedWeek,
    Queue,
    Shift,
    ShiftKind,
    ShiftOffer,
)

__all__ = [
    "ANSWERS",
    "CHOSEN",
    "GONE_AFTER",
    "REST_AFTER",
    "REST_MINUTES",
    "SEEN_WITHIN",
    "STAFF",
    "SUPERVISOR",
    "Absence",
    "CalendarFeed",
    "Certificate",
    "Device",
    "Employer",
    "Employment",
    "Exceeding",
    "ExpectedCalls",
    "Mentor",
    "Overtime",
    "OwnOrSupervisor",
    "PublishedWeek",
    "Queue",
    "Rest",
    "RingingRules",
    "Seat",
    "Shift",
    "ShiftHandOver",
    "ShiftKind",
    "ShiftOffer",
    "Skill",
    "StaffingRules",
    "State",
    "SuggestedShift",
    "Variant",
    "Wish",
    "WishKind",
    "spoken_by_default",
]  # fmt: skip
