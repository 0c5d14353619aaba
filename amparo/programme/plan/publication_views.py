"""What everybody may read of a plan: pages of who proposes it, and of who shows, refuses or takes it down."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.form_fields import refusal_of
from amparo.foundation.core.refusal import Refused

from . import public, publication_rules
from .models import Plan, Publication
from .picklists import PlanState
from .public_page import changed_parts, page_context

LISTED = 40  # publications
REASON = 300  # characters


@staff(permissions.show_plans)
@require_GET
def publications(request: StaffRequest) -> HttpResponse:
    """List what waits, what is public, and what was."""
    return _list(request)


@staff(permissions.coordinate_plan)
@require_http_methods(["GET", "POST"])
def propose(request: StaffRequest, pk: int) -> HttpResponse:
    """Show the preview with the question below it; POST proposes what the preview showed."""
    plan, now = get_object_or_404(Plan.objects.select_related("law"), pk=pk), timezone.now()
    refusal, made = "", list[Publication]()
    if request.method == "POST":
        seen = request.POST.get("seen", "")
        refusal = refusal_of(
            lambda: made.append(publication_rules.propose_publication(plan, seen=seen, by=request.user, now=now))
        )
        if made:
            return redirect("plan-publication", made[0].pk)
    document = public.public_document(plan, now)
    context = {
        **page_context(document), "of": plan, "seen": public.digest_of(document), "refusal": refusal,
        "is_draft": plan.state not in publication_rules.APPROVED, "waiting": plan.publications.proposed().first(),
        "is_closed": plan.state == PlanState.CLOSED, "room": "plan-publications",
    }  # fmt: skip
    return render(request, "plan/propose.html", context, status=409 if refusal else 200)


@staff(permissions.show_plans)
@require_GET
def publication(request: StaffRequest, pk: int) -> HttpResponse:
    return _one(request, pk)


@staff(permissions.show_plans)
@require_POST
def decide(request: StaffRequest, pk: int) -> HttpResponse:
    """Show, refuse or withdraw a proposal, or show again what was public before: `to` says which."""
    found, sent = _publication_or_404(pk), request.POST
    by: dict[str, Any] = {"by": request.user, "now": timezone.now()}
    acts: dict[str, Callable[[], object]] = {
        "show": lambda: publication_rules.show_publication(found, seen=sent.get("seen", ""), **by),
        "refuse": lambda: publication_rules.refuse_publication(found, sent.get("reason", "")[:REASON], **by),
        "withdraw": lambda: publication_rules.withdraw_publication(found, **by),
        "again": lambda: publication_rules.show_again(found, **by),
    }
    if (act := acts.get(sent.get("to", ""))) is None:
        raise Refused(_("Choose one of the list."))
    refusal = refusal_of(act)
    return _one(request, pk, refusal, typed=sent.get("reason", "")) if refusal else redirect("plan-publication", pk)


@staff(permissions.show_plans)
@require_POST
def take_down(request: StaffRequest) -> HttpResponse:
    publication_rules.take_plan_down(by=request.user, now=timezone.now())
    return redirect("plan-publications")


def _list(request: StaffRequest) -> HttpResponse:
    found = list(Publication.objects.with_people().order_by("-pk")[:LISTED])
    context = {
        "waiting": [it for it in found if it.is_proposed], "past": [it for it in found if not it.is_proposed],
        "document": public.published_plan(), "before": publication_rules.version_before(),
        "room": "plan-publications",
    }  # fmt: skip
    return render(request, "plan/publications.html", context)


def _one(request: StaffRequest, pk: int, refusal: str = "", typed: str = "") -> HttpResponse:
    """Show a publication: a proposal as the plan stands now, and what changed since it was proposed."""
    found, now = _publication_or_404(pk), timezone.now()
    document = public.public_document(found.plan, now) if found.is_proposed else found.document
    is_own, before = found.proposed_by == request.user, publication_rules.version_before()
    context = {
        **page_context(document), "publication": found, "seen": public.digest_of(document), "is_own": is_own,
        "changed": changed_parts(found.document, document), "refusal": refusal, "typed": typed,
        "shown_now": public.published_plan() if found.is_proposed else None,
        "may_show_again": before is not None and before.pk == found.pk, "room": "plan-publications",
    }  # fmt: skip
    return render(request, "plan/publication.html", context, status=409 if refusal else 200)


def _publication_or_404(pk: int) -> Publication:
    return get_object_or_404(Publication.objects.with_people(), pk=pk)
