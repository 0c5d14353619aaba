from .authenticators import EnrolmentCode, Recovery, UserDataKey
from .people import HOTLINE, WATCHERS, Agency, Kind, Role, TourEnd, User
from .sessions import Session
from .throttle import ThrottleEntry

__all__ = [
    "HOTLINE",
    "WATCHERS",
    "Agency",
    "EnrolmentCode",
    "Kind",
    "Recovery",
    "Role",
    "Session",
    "ThrottleEntry",
    "TourEnd",
    "User",
    "UserDataKey",
]
