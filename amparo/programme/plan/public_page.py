"""What the public page of the plan shows, from its document: for that page, and for who looks at it before.

It reads the document alone, never the database.
"""

from datetime import date
from typing import Any

from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .picklists import Light, NodeKind, PlanState

# What a reader sees of a document: a label, and the names in it that the label stands for.
STATE = ("state", "reviewed_from", "operational_on", "closed_on")
LAW = ("waits_for",)
PARTS = (
    (_("Title"), ("title",)),
    (_("Days"), ("starts_on", "ends_on")),
    (_("State"), STATE),
    (_("Law"), LAW),
    (_("Approval"), ("approved_by", "approved_through", "approved_on")),
    (_("Lights and lines"), ("lights", "branches", "nodes")),
)


def page_context(document: dict[str, Any]) -> dict[str, Any]:
    """Return the context of the template `plan/_public.html`."""
    return {
        "plan": document, "steps": _steps_of_plan(document),
        "branches": [_branch_in_words(each) for each in document["branches"]],
        "lights": list(zip(Light, document["lights"], strict=True)),
        "as_of": parse_date(document["as_of"]), "starts": parse_date(document["starts_on"]),
        "ends": parse_date(document["ends_on"]),
    }  # fmt: skip


def changed_parts(before: dict[str, Any], now: dict[str, Any]) -> list[Promise]:
    """Return the labels of the parts that differ between two documents of a plan. The day of a document is no part."""
    return [label for label, names in PARTS if any(before.get(name) != now.get(name) for name in names)]


def state_or_law_changed(before: dict[str, Any], now: dict[str, Any]) -> bool:
    return any(before.get(name) != now.get(name) for name in (*STATE, *LAW))


def _steps_of_plan(document: dict[str, Any]) -> list[tuple[str, str, date | None]]:
    """Return the states of the plan in order: name, "done", "now" or "later", and since when."""
    days = {
        PlanState.DRAFT: None, PlanState.UNDER_REVIEW: "reviewed_from", PlanState.APPROVED: "approved_on",
        PlanState.OPERATIONAL: "operational_on",
    }  # fmt: skip
    here = list(PlanState).index(PlanState(document["state"]))
    steps = []
    for place, (state, name) in enumerate(days.items()):
        stands = "done" if place <= here else "now" if place == here + 1 and document["waits_for"] else "later"
        day = parse_date(document[name] or "") if name and place <= here else None
        steps.append((str(state.label).capitalize(), stands, day))
    return steps


def _branch_in_words(written: dict[str, Any]) -> dict[str, Any]:
    return {
        **written, "kind": NodeKind(written["kind"]).label, "light": Light(written["light"]),
        "lights": list(zip(Light, written["lights"], strict=True)),
        "branches": [_branch_in_words(each) for each in written["branches"]],
    }  # fmt: skip
