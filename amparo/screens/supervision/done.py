"""What was done for people in a span: cases, reports, referrals, holds of beds, return calls.

The database counts only what the viewer may read; a supervisor holds every key of the line.
"""

from datetime import datetime

from amparo.care.cases.models import Case
from amparo.care.police_reports.models import Report
from amparo.care.referrals.models import Referral
from amparo.care.shelters.models import Placement
from amparo.line.switchboard.models import Call, Direction
from amparo.line.switchboard.tally import ANSWERED


def what_was_done(start: datetime, end: datetime) -> dict[str, int]:
    """Count what was done from `start` until before `end`, by the names of the measures (`DONE`)."""
    returned = Call.objects.real().filter(ANSWERED, direction=Direction.OUTGOING)
    return {
        "cases": Case.objects.filter(opened_at__gte=start, opened_at__lt=end).count(),
        "reports": Report.objects.filter(sent_at__gte=start, sent_at__lt=end).count(),
        "referrals": Referral.objects.filter(sent_at__gte=start, sent_at__lt=end).count(),
        "holds": Placement.objects.filter(reserved_at__gte=start, reserved_at__lt=end).count(),
        "returned": returned.filter(arrived_at__gte=start, arrived_at__lt=end).count(),
    }
