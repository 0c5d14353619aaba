"""The panel beside the notes. Each tab leads to a page of the room it belongs to, about the contact of this call.

The page opens in a frame (panel.js), so the notes, the bar and the voice stay whatever happens in it. Without a script
a tab is a link.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_http_methods

from amparo.care.cases.models import Case
from amparo.care.cases.rules import open_case
from amparo.care.people.models import Person
from amparo.care.people.picklists import Part
from amparo.foundation.access import permissions
from amparo.foundation.access.models import User
from amparo.foundation.access.pages import StaffRequest
from amparo.line.contacts.models import Contact
from amparo.line.knowledge.models import ArticleVersion, find_articles

from .answering import for_operators


@dataclass(frozen=True)
class Tab:
    """One tab: its key is `tab-<name>` in keys.py."""

    name: str
    label: str | Promise
    short: str | Promise  # the word of the tab: all stand in one row
    icon: str
    may: Callable[[User], bool]
    page: str  # of the case's person at risk; "case": of the case alone; of the contact: "console-articles"


TABS = (
    Tab("screening", _("Screening"), pgettext_lazy("tab", "Assess"), "ask", permissions.follow_cases, "case-screening"),
    Tab(
        "directory",
        _("Directory"),
        pgettext_lazy("tab", "Services"),
        "pin",
        permissions.read_directory,
        "case-services",
    ),
    Tab("consent", _("Consent"), pgettext_lazy("tab", "Consent"), "lock", permissions.follow_cases, "case-consent"),
    Tab("bed", _("Bed"), pgettext_lazy("tab", "Bed"), "bed", permissions.find_beds, "beds-for"),
    Tab("report", _("Report"), pgettext_lazy("tab", "Report"), "shield", permissions.follow_cases, "case-report"),
    Tab("case", _("Case"), pgettext_lazy("tab", "Case"), "folder", permissions.follow_cases, "case"),
    Tab("articles", _("Articles"), pgettext_lazy("tab", "Articles"), "law", permissions.take_calls, "console-articles"),
)
SIGNS = Tab(
    "signs", _("Screening"), pgettext_lazy("tab", "Assess"), "ask", permissions.follow_cases, "case-screening-signs"
)  # in the tab of the screening
BY_NAME = {tab.name: tab for tab in (*TABS, SIGNS)}


def tabs_of(user: User) -> list[Tab]:
    return [tab for tab in TABS if tab.may(user)]


def articles_to_suggest() -> list[ArticleVersion]:
    """Return the published articles. A script of the page compares their keywords with the notes (suggestions.js)."""
    return find_articles("")


@for_operators
@require_http_methods(["GET", "POST"])
def open_tab(request: StaffRequest, contact: UUID, name: str) -> HttpResponse:
    """Redirect to the page of a tab. If the contact has no case yet, offer to open one; POST opens it."""
    tab = BY_NAME.get(name)
    if tab is None or not tab.may(request.user):
        raise Http404
    found = get_object_or_404(Contact.objects.visible_to(request.user), pk=contact)
    if request.method == "POST":
        open_case(found, by=request.user, now=timezone.now())
        return redirect("console-panel", found.pk, name)
    if tab.page == "console-articles":
        return redirect(tab.page, found.pk)
    case = Case.objects.visible_to(request.user).filter(inclusions__contact=found).first()
    if case is None and name == "directory":
        return redirect("directory-for-contact", found.pk)
    if case is None:
        return render(request, "desk/panel.html", {"contact": found, "tab": tab, "room": "console"})
    return redirect(tab.page, *_url_arguments(case, tab))


def _url_arguments(case: Case, tab: Tab) -> list[UUID]:
    """Return the ids in the URL of the tab's page: of the case, of its first person at risk, or of both.

    Raises `Http404` if the page needs a person, and the case has none.
    """
    if tab.page == "case":
        return [case.pk]
    person = (
        Person.objects.filter(key=case.key_id, part=Part.AT_RISK)
        .without_duplicates_in_file()
        .order_by("number")
        .first()
    )
    if person is None:
        raise Http404
    return [person.pk] if tab.page == "beds-for" else [case.pk, person.pk]
