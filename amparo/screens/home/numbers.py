"""The numbers at the top of a first page, and their labels."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import ngettext_lazy


@dataclass(frozen=True)
class Number:
    value: int
    labels: str | Promise  # singular and plural, of `ngettext_lazy`; a string if they are the same
    address: str
    tone: str = ""  # "wait", "danger"; blank: nothing to worry about
    note: str = ""

    @property
    def label(self) -> str:
        return str(self.labels % self.value) if isinstance(self.labels, Promise) else self.labels


ALERTS_IN_SEVEN_DAYS = ngettext_lazy("alert in seven days", "alerts in seven days")
ALERTS_TO_ANSWER = ngettext_lazy("alert to answer", "alerts to answer")
ANSWERED_ALERTS = ngettext_lazy("answered alert", "answered alerts")
CAMPAIGNS_RUNNING = ngettext_lazy("campaign running", "campaigns running")
CORRECTIONS = ngettext_lazy("correction", "corrections")
DRAFTS_OF_MINE = ngettext_lazy("draft of mine", "drafts of mine")
DRAFTS_TO_REVIEW = ngettext_lazy("draft to review", "drafts to review")
ENTRIES_IN_SEVEN_DAYS = ngettext_lazy("entry in seven days", "entries in seven days")
ENTRIES_TODAY = ngettext_lazy("entry today", "entries today")
FREE_BEDS = ngettext_lazy("free bed", "free beds")
INDICATORS = ngettext_lazy("indicator", "indicators")
INDICATORS_FAR_BEHIND = ngettext_lazy("indicator far behind", "indicators far behind")
LATE_CASES = ngettext_lazy("late case", "late cases")
LATE_REPORTS = ngettext_lazy("late report", "late reports")
OPEN_REPORTS = ngettext_lazy("open report", "open reports")
PARTS_TO_LOOK_AT = ngettext_lazy("part to look at", "parts to look at")
PEOPLE_WITH_ACCESS = ngettext_lazy("person with access", "people with access")
PERMISSIONS_THAT_END_SOON = ngettext_lazy("permission that ends soon", "permissions that end soon")
PLEDGES_PAST_THEIR_DAY = ngettext_lazy("pledge past its day", "pledges past their day")
PUBLISHED_EDITIONS = ngettext_lazy("published edition", "published editions")
QUESTIONS_OF_UNITS = ngettext_lazy("question of a unit", "questions of units")
RELEASED_YEARS = ngettext_lazy("released year", "released years")
REQUESTS_OF_COLLEAGUES = ngettext_lazy("request of a colleague", "requests of colleagues")
REVIEWS_TO_MAKE = ngettext_lazy("review to make", "reviews to make")
TAKEN_BEDS = ngettext_lazy("taken bed", "taken beds")
UNUSED_ACCOUNTS = ngettext_lazy("unused account", "unused accounts")
WAITING_ON_THE_LINE = ngettext_lazy("waiting on the line", "waiting on the line")
