"""First pages of those who work on figures, campaigns and the plan of action."""

from datetime import datetime, timedelta
from itertools import chain

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from amparo.figures.publishing.models import Edition, Year
from amparo.foundation.access import permissions
from amparo.foundation.access.models import User
from amparo.programme.campaigns.models import Campaign
from amparo.programme.events.models import Pledge, TestimonyPermission
from amparo.programme.plan.models import Comment, Indicator, Plan
from amparo.programme.plan.picklists import Light, PlanState
from amparo.programme.plan.rules import comments_to_read, leaves_of
from amparo.programme.texts.models import Version

from . import numbers, rows
from .home import Home
from .numbers import Number
from .rows import AT_MOST, Row

LATEST = 8  # published editions that the home lists
ENDS_SOON = timedelta(days=90)  # survivors are asked again in time


def publisher(user: User, _now: datetime) -> Home:
    editions = Edition.objects.newest_first().select_related("drafted_by", "published_by")
    drafts = list(editions.filter(published_at=None))
    own_drafts = [draft for draft in drafts if draft.drafted_by_id == user.pk]
    found = [
        Row(_("Review the draft of %(quarter)s") % {"quarter": draft.period},
            _("drafted by %(who)s; a second person publishes it") % {"who": draft.drafted_by},
            reverse("edition", args=[draft.pk]), _("Review"), since=draft.drafted_at, icon="eye")
        for draft in drafts if draft not in own_drafts
    ]  # fmt: skip
    texts = Version.objects.to_review().exclude(written_by=user).select_related("written_by")
    return Home(
        [
            Number(len(found), numbers.DRAFTS_TO_REVIEW, reverse("editions"), "wait" if found else ""),
            Number(len(own_drafts), numbers.DRAFTS_OF_MINE, reverse("editions")),
            _published_editions("editions"),
        ],
        [
            *found,
            *rows.texts_to_review(texts[:AT_MOST]),
            *rows.notes_to_review(user),
            *rows.plans_to_show(user),
            *rows.returned_texts(user),
        ],
        (_("Figures"), reverse("editions"), "chart"),
        list(editions.published()[:LATEST]),
    )


def analyst(_user: User, _now: datetime) -> Home:
    corrections = Edition.objects.published().exclude(corrects=None).count()
    return Home(
        [
            _published_editions("analysis"),
            Number(Year.objects.current().count(), numbers.RELEASED_YEARS, reverse("analysis")),
            Number(corrections, numbers.CORRECTIONS, reverse("analysis")),
        ],
        action=(_("Analyse the figures"), reverse("analysis"), "chart"),
    )


def _published_editions(page: str) -> Number:
    """Return how many months and quarters are published; a correction is no other edition."""
    number = Edition.objects.published().filter(corrects=None).count()
    return Number(number, numbers.PUBLISHED_EDITIONS, reverse(page))


def campaign_officer(user: User, now: datetime) -> Home:
    today = timezone.localdate(now)
    running = [it for it in Campaign.objects.newest_first() if it.is_running(today)]
    promised = Pledge.objects.filter(was_kept=None).in_order()
    overdue = Pledge.objects.overdue(today).count()
    ending = TestimonyPermission.objects.live(today).filter(until__lte=today + ENDS_SOON, testimony__withdrawn_at=None)
    ends = list(ending.select_related("testimony__event").defer("testimony__text_es", "testimony__text_en")[:AT_MOST])
    found = chain(rows.returned_texts(user), rows.pledges(promised[:AT_MOST]), rows.ending_permissions(ends))
    return Home(
        [
            Number(len(running), numbers.CAMPAIGNS_RUNNING, reverse("campaigns")),
            Number(overdue, numbers.PLEDGES_PAST_THEIR_DAY, reverse("events"), "danger" if overdue else ""),
            Number(len(ends), numbers.PERMISSIONS_THAT_END_SOON, reverse("testimonies"), "wait" if ends else ""),
        ],
        list(found)[:AT_MOST],
        (_("See the campaigns"), reverse("campaigns"), "calendar"),
    )


def plan_follower(user: User, now: datetime) -> Home:
    """Return the first page for the plan: a coordinator sees every indicator, others those of their institution."""
    today, plan = timezone.localdate(now), _current_plan()
    leaves = list(leaves_of(plan, today)) if plan else []
    if not permissions.coordinate_plan(user):
        leaves = [it for it in leaves if it.indicator.responsible_id == user.agency_id]
    late, unknown = ([it for it in leaves if it.light == light] for light in (Light.RED, Light.GREY))
    to_report = list(Indicator.objects.filter(responsible=user.agency_id).to_report().order_by("pk")[:AT_MOST])
    others = [it for it in late + unknown if it.indicator not in to_report]
    page = reverse("plan", args=[plan.pk]) if plan and leaves else reverse("plans")
    return Home(
        [
            Number(len(late), numbers.INDICATORS_FAR_BEHIND, page, "danger" if late else ""),
            Number(len(unknown), _("without a fresh value"), page, "wait" if unknown else ""),
            Number(len(leaves), numbers.INDICATORS, page),
        ],
        [
            *(rows.asked_value(it) for it in to_report),
            *(rows.plans_to_show(user) if permissions.show_plans(user) else ()),
            *rows.comments(_newest_comments(user)),
            *(rows.indicator(it.indicator, it.light, it.as_of) for it in others),
        ][:AT_MOST],
        (_("Open the plan"), page, "calendar"),
    )


def _newest_comments(user: User) -> list[Comment]:
    """For each line of the plan with comments to read, its newest comment; the newest first."""
    found = comments_to_read(user).newest_of_each_line().select_related("node__plan", "author__agency")
    return sorted(found, key=lambda it: it.pk, reverse=True)


def _current_plan() -> Plan | None:
    """The plan in operation or approved, even if a draft of the next exists; else the newest draft. None: no plan."""
    plans = list(Plan.objects.exclude(state=PlanState.CLOSED).order_by("-starts_on", "-pk"))
    in_force = (plan for plan in plans if plan.state in (PlanState.OPERATIONAL, PlanState.APPROVED))
    return next(in_force, plans[0] if plans else None)
