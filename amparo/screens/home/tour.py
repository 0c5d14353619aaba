"""The tour of a person's first day: five steps for their role, each with the page where it is done."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from amparo.foundation.access import permissions
from amparo.foundation.access.models import User


@dataclass(frozen=True)
class Step:
    words: str | Promise
    page: str = ""  # name of a URL; blank: the guide of the role

    @property
    def address(self) -> str:
        return reverse(self.page) if self.page else ""


FIRST = Step(_("Under your name, register a second way to sign in, for the day when you lose the first."), "me")
LAST = Step(_("Press ? on any page: the guide opens at what the page is about."))

# The steps between the first and the last one. The first permission in this list that a user has decides.
OF_ROLE: tuple[tuple[Callable[[User], bool], tuple[Step, Step, Step]], ...] = (
    (permissions.supervise, (
        Step(_("See who is on the line and who waits, and listen in if a call needs you."), "wallboard"),
        Step(_("Review what was shared without consent, within a day."), "bases"),
        Step(_("Plan the shifts: a gap shows where nobody would answer."), "roster"),
    )),
    (permissions.take_calls, (
        Step(_("Take a practice call: an invented person calls you, and nothing is counted."), "practices"),
        Step(_("Mark yourself available in the console: the next call rings for you."), "console"),
        Step(_("After a call, find your contact again and follow it as a case."), "contacts"),
    )),
    (permissions.follow_cases, (
        Step(_("Open one of your cases: its next step and its date stand at the top."), "cases"),
        Step(_("Find a service that fits, and see how fresh its entry is."), "directory"),
        Step(_("See which referrals were answered and which are late."), "referrals"),
    )),
    (permissions.approve_placements, (
        Step(_("Enter the houses by a code name, and their beds."), "houses"),
        Step(_("See every bed: free, reserved, taken, out of order."), "beds"),
        Step(_("Approve a placement: then the address opens for the escort alone."), "beds"),
    )),
    (permissions.run_house, (
        Step(_("Confirm each day how your beds stand."), "house"),
        Step(_("See who is on the way, and say when they arrive."), "house"),
        Step(_("Mark a bed as out of order when it cannot be used."), "house"),
    )),
    (permissions.receive_reports, (
        Step(_("Open a report and confirm with your unit's number that it arrived."), "reports"),
        Step(_("Ask the line if something is missing: the answer comes to the same page."), "reports"),
        Step(_("Record the decision and what the person may be told of it."), "reports"),
    )),
    (permissions.edit_directory, (
        Step(_("See what colleagues ask for: an entry to verify, or a service to find."), "directory-entries"),
        Step(_("Call a service and verify its entry: it counts as fresh from that day."), "directory-entries"),
        Step(_("Look at the directory as an operator does."), "directory"),
    )),
    (permissions.publish, (
        Step(_("Draft the figures of a quarter that is over."), "editions"),
        Step(_("Review a colleague's draft: two people publish an edition."), "editions"),
        Step(_("Compare two numbers of others: may they be compared?"), "cited-figures"),
    )),
    (permissions.analyse, (
        Step(_("Choose a measure, its breakdown and a period."), "analysis"),
        Step(_("Where little can be shown, ask for a wider period."), "analysis"),
        Step(_("Compare two numbers of others: may they be compared?"), "cited-figures"),
    )),
    (permissions.run_campaigns, (
        Step(_("Enter a campaign and its spots, each with the line that it names."), "campaigns"),
        Step(_("Record an event, who came, and what institutions promised."), "events"),
        Step(_("Draft a note for the press: each number leads to its definition."), "notes"),
    )),
    (permissions.follow_plan, (
        Step(_("Open the plan: the light of a branch is the worst below it."), "plans"),
        Step(_("Report the value of an indicator, with its evidence."), "plans"),
        Step(_("See which law the plan waits for."), "laws"),
    )),
    (permissions.manage_people, (
        Step(_("Add a person: they get a code for their first sign-in."), "staff"),
        Step(_("Lock an account the moment somebody leaves."), "staff"),
        Step(_("Answer alerts about people of other institutions: ask first, accuse nobody."), "alerts"),
    )),
    (permissions.audit, (
        Step(_("Read the log by person, record or hour."), "ledger"),
        Step(_("Look at what is unusual for a person or their role."), "ledger"),
        Step(_("Answer alerts: ask first, accuse nobody."), "alerts"),
    )),
)  # fmt: skip


def tour_of(user: User) -> list[Step]:
    """Return the five steps for this person, unless they left the tour. Empty: their role has no pages yet."""
    steps = next((steps for may, steps in OF_ROLE if may(user)), None)
    return [FIRST, *steps, LAST] if steps else []
