"""The plan as a file for the public page: its top two levels.

Each line has its light, and how many indicators below it have each light.
"""

import hashlib
import json
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from amparo.foundation.core import published_documents as documents

from . import tree
from .models import Plan

FOLDER, NAME = "plan", "current"
STEPS = ("reviewed_from", "approved_on", "operational_on", "closed_on")


def public_document(plan: Plan, now: datetime) -> dict[str, Any]:
    """Return what the public page shows of a plan today, as JSON values."""
    today = timezone.localdate(now)
    roots = tree.branches_of(plan, today)
    return {
        "title": plan.title, "starts_on": plan.starts_on.isoformat(), "ends_on": plan.ends_on.isoformat(),
        "state": plan.state, "is_invented": plan.is_invented, "as_of": today.isoformat(),
        "waits_for": plan.law.number if plan.law and plan.waits_for_law(today) else "",
        "approved_by": plan.approved_by, "approved_through": plan.approved_through,
        **{name: _iso_day(getattr(plan, name)) for name in STEPS},
        "lights": tree.counts_in_order(tree.count_all_lights(roots)),
        "branches": [_branch_document(branch, deep=True) for branch in roots],
        "nodes": {kind: plan.nodes.filter(kind=kind).count() for kind in _node_kinds(plan)},
    }  # fmt: skip


def write_document(document: dict[str, Any] | None) -> None:
    if document:
        documents.write_document(FOLDER, NAME, document)


def remove_document() -> None:
    """Take the plan off the public page. Raises `OSError` if the file cannot be removed."""
    documents.remove_document(FOLDER, NAME)


def digest_of(document: dict[str, Any]) -> str:
    """Return a digest of what a document says, whatever its day: the forms of a preview send it back."""
    words = {name: value for name, value in document.items() if name != "as_of"}
    return hashlib.sha256(json.dumps(words, sort_keys=True).encode()).hexdigest()


def published_plan() -> dict[str, Any] | None:
    return documents.read_document(FOLDER, NAME)


def rewrite() -> None:
    """Write anew the file of the plan that was published last. Runs at each start."""
    plan = Plan.objects.filter(published_at__isnull=False).order_by("-published_at").first()
    documents.replace_documents(FOLDER, {NAME: plan.document} if plan and plan.document else {})


def _node_kinds(plan: Plan) -> list[str]:
    return sorted(plan.nodes.values_list("kind", flat=True).distinct())


def _branch_document(branch: tree.Branch, *, deep: bool) -> dict[str, Any]:
    return {
        "kind": branch.node.kind, "number": branch.node.number, "text": branch.node.text,
        "light": branch.light, "lights": branch.counts_in_order,
        "branches": [_branch_document(each, deep=False) for each in branch.branches] if deep else [],
    }  # fmt: skip


def _iso_day(day: date | None) -> str | None:
    return day.isoformat() if day else None
