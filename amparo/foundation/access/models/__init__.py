from .authenticators import EnrolmentCode, Recovery, UserDataKey
from .first_run import THE_RUN, FirstRun, Step
from .people import HOTLINE, WATCHERS, Agency, Kind, Role, TourEnd, User
from .sessions import Session
from .throttle import ThrottleEntry

__all__ = [
    "HOTLINE",
    "THE_RUN",
    "WATCHERS",
    "Agency",
    "EnrolmentCode",
    "FirstRun",
    "Kind",
    "Recovery",
    "Role",
    "Session",
    "Step",
    "ThrottleEntry",
    "TourEnd",
    "User",
    "UserDataKey",
]
