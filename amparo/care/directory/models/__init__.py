from .organization import RECIPIENTS, Location, Organization
from .service import LONGEST, Phone, Schedule, Service, ServiceArea
from .verification_task import VerificationTask

__all__ = [
    "LONGEST",
    "RECIPIENTS",
    "Location",
    "Organization",
    "Phone",
    "Schedule",
    "Service",
    "ServiceArea",
    "VerificationTask",
]
