"""The plan on the public page, as a file. It shows the top two levels, with their lights and how many of each."""

from datetime import date, datetime
from typing import Any

from django.utils import timezone

from amparo.foundation.core import published_documents as documents

from . import tree
from .models import Plan

FOLDER, NAME = "plan", "current"


def document_of(plan: Plan, now: datetime) -> dict[str, Any]:
    today = timezone.localdate(now)
    roots = tree.grow(plan, today)
    return {
        "title": plan.title, "starts_on": plan.starts_on.isoformat(), "ends_on": plan.ends_on.isoformat(),
        "state": plan.state, "is_invented": plan.is_invented, "as_of": today.isoformat(),
        "waits_for": plan.law.number if plan.law and plan.waits_for_law(today) else "",
        "approved_by": plan.approved_by, "approved_through": plan.approved_through,
        **{name: _day(getattr(plan, name)) for name in ("reviewed_from", "approved_on", "operational_on", "closed_on")},
        "lights": tree.numbers(tree.total(roots)),
        "branches": [_branch_document(branch, deep=True) for branch in roots],
        "nodes": {kind: plan.nodes.filter(kind=kind).count() for kind in _kinds(plan)},
    }  # fmt: skip


def write(document: dict[str, Any] | None) -> None:
    if document:
        documents.write_document(FOLDER, NAME, document)


def current() -> dict[str, Any] | None:
    return documents.read_document(FOLDER, NAME)


def rewrite() -> None:
    """Write the plan that was published last again, at each start."""
    plan = Plan.objects.filter(published_at__isnull=False).order_by("-published_at").first()
    documents.replace_documents(FOLDER, {NAME: plan.document} if plan and plan.document else {})


def _kinds(plan: Plan) -> list[str]:
    return sorted(plan.nodes.values_list("kind", flat=True).distinct())


def _branch_document(branch: tree.Branch, *, deep: bool) -> dict[str, Any]:
    return {
        "kind": branch.node.kind, "number": branch.node.number, "text": branch.node.text,
        "light": branch.light, "lights": branch.in_numbers,
        "branches": [_branch_document(each, deep=False) for each in branch.branches] if deep else [],
    }  # fmt: skip


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
