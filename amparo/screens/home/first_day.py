"""What a page says before anything happened: what will come, and how to begin."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.models import User

MORNING, AFTERNOON, EVENING = 5, 12, 19  # local hours


@dataclass(frozen=True)
class FirstDay:
    title: str | Promise
    text: str | Promise
    action: str | Promise
    page: str  # name of a URL
    icon: str

    @property
    def address(self) -> str:
        return reverse(self.page)


FIRST_DAYS: tuple[tuple[Callable[[User], bool], FirstDay], ...] = (
    (
        permissions.take_calls,
        FirstDay(
            gettext_lazy("Calls come to the console"),
            gettext_lazy(
                "Mark yourself available there: the next call rings for you. People to call back, your cases and "
                "the questions of other institutions will stand here, the most urgent first."
            ),
            gettext_lazy("Go to the console"), "console", "phone",
        ),
    ),
    (
        permissions.follow_cases,
        FirstDay(
            gettext_lazy("Cases come to you in two ways"),
            gettext_lazy(
                "An operator opens a case after a call and adds you to the team, or a colleague hands one over. What "
                "is due first will stand here, with why it matters and the button that does it."
            ),
            gettext_lazy("See the cases"), "cases", "folder",
        ),
    ),
    (
        permissions.approve_placements,
        FirstDay(
            gettext_lazy("Requests for beds come here"),
            gettext_lazy(
                "A colleague reserves a bed for two hours and asks for it; you approve or decline. First enter the "
                "shelters and their beds."
            ),
            gettext_lazy("Enter the shelters"), "houses", "house",
        ),
    ),
    (
        permissions.run_house,
        FirstDay(
            gettext_lazy("The line announces who comes"),
            gettext_lazy(
                "When a placement is approved for your house, it stands here with the hour until which the bed is "
                "kept. Confirm your beds at each change of shift, so that the line offers only what is free."
            ),
            gettext_lazy("Confirm our beds"), "house", "bed",
        ),
    ),
    (
        permissions.receive_reports,
        FirstDay(
            gettext_lazy("Reports of the line come here"),
            gettext_lazy(
                "Each has two deadlines: to confirm that it arrived, with your number, and to decide. Danger stands "
                "first. You see what the person agreed to share, or what the law requires."
            ),
            gettext_lazy("See the reports"), "reports", "shield",
        ),
    ),
    (
        permissions.edit_directory,
        FirstDay(
            gettext_lazy("The directory is up to date"),
            gettext_lazy(
                "Entries that fall due and requests of colleagues will stand here. You can add the institutions of "
                "your region now."
            ),
            gettext_lazy("See the entries"), "directory-entries", "pin",
        ),
    ),
    (
        permissions.publish,
        FirstDay(
            gettext_lazy("Figures are published by two people"),
            gettext_lazy(
                "One drafts the edition of a month or a quarter, another reviews and publishes it. Drafts of "
                "colleagues will stand here."
            ),
            gettext_lazy("Draft an edition"), "editions", "chart",
        ),
    ),
    (
        permissions.analyse,
        FirstDay(
            gettext_lazy("You work with published figures"),
            gettext_lazy(
                "Choose a measure, how it is divided, and a period. Each number has its definition, and can be "
                "downloaded. A year appears when all its months are published."
            ),
            gettext_lazy("Analyse the figures"), "analysis", "chart",
        ),
    ),
    (
        permissions.manage_people,
        FirstDay(
            gettext_lazy("You let people in"),
            gettext_lazy(
                "Add the people of your institution. Recoveries that another institution asks you to confirm, and "
                "unusual access to files, will stand here."
            ),
            gettext_lazy("Add people"), "staff", "people",
        ),
    ),
    (
        permissions.run_campaigns,
        FirstDay(
            gettext_lazy("Enter your first campaign"),
            gettext_lazy(
                "With its spots, each with the line it names, you see how many contacts it brought. What institutions "
                "promised at events, and permissions for testimonies that end, will stand here by their day."
            ),
            gettext_lazy("See the campaigns"), "campaigns", "calendar",
        ),
    ),
    (
        permissions.follow_plan,
        FirstDay(
            gettext_lazy("The plan of action comes here"),
            gettext_lazy(
                "The coordinator enters the plan and its indicators, by hand or from a sheet. Indicators that are far "
                "behind or without a fresh value will stand here."
            ),
            gettext_lazy("See the plans"), "plans", "calendar",
        ),
    ),
    (
        permissions.watch,
        FirstDay(
            gettext_lazy("Nothing unusual was seen"),
            gettext_lazy(
                "If somebody opens many files outside their work, or a decoy record, an alert will stand here. It "
                "accuses nobody: ask first."
            ),
            gettext_lazy("See earlier alerts"), "alerts", "bell",
        ),
    ),
)  # fmt: skip


def first_day_of(user: User) -> FirstDay | None:
    """Return what the first page of this user says before anything happened. None: their role has no pages yet."""
    return next((day for may, day in FIRST_DAYS if may(user)), None)


def greeting(user: User, now: datetime) -> str:
    """Greet by the local hour and the first word of the name."""
    hour, name = timezone.localtime(now).hour, str(user).split()[0]
    if MORNING <= hour < AFTERNOON:
        return _("Good morning, %(name)s") % {"name": name}
    if AFTERNOON <= hour < EVENING:
        return _("Good afternoon, %(name)s") % {"name": name}
    return _("Good evening, %(name)s") % {"name": name}
