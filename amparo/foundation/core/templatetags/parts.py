"""Template tags that every page may use: icons, links to the manual, the error summary, the undo banner."""

import functools
from typing import Any

from django import template
from django.conf import settings
from django.forms import BaseForm, BoundField
from django.template.context import Context
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from amparo.foundation.core.undo import offered_undo

register = template.Library()

# The manual's page for each room of the desk; for these roles, the manual's page of the role.
PAGE_OF_ROOM = {
    "console": "operator/#call", "contacts": "operator/#contacts", "codes": "operator/#codes",
    "cases": "case-worker/", "bases": "case-worker/", "exchange": "case-worker/", "policy": "case-worker/",
    "requests": "operator/#contacts", "entries": "directory-editor/", "houses": "placement-officer/",
    "directory": "case-worker/#services", "referrals": "case-worker/#referrals", "joined": "case-worker/#referrals",
    "units": "case-worker/#reports", "reports": "case-worker/#reports", "beds": "case-worker/#beds",
    "editions": "publisher/", "analysis": "analyst/", "notes": "publisher/#notes", "texts": "publisher/#texts",
    "campaigns": "campaign-officer/",
    "events": "campaign-officer/#events", "testimonies": "campaign-officer/#testimonies",
    "plans": "plan-coordinator/", "laws": "plan-coordinator/#laws",
    "estimates": "publisher/#hidden", "cited-figures": "publisher/#others",
    "staff": "administrator/#people", "installation": "administrator/#before",
    "integrations": "administrator/#programs", "administration-line": "administrator/#line",
    "administration-lists": "administrator/#lists", "administration-institutions": "administrator/#institutions",
    "administration-version": "administrator/#version", "administration-notices": "administrator/#notices",
    "roster": "supervisor/#shifts", "hand-over": "operator/#hand-over", "wallboard": "supervisor/#wallboard",
    "articles": "operator/#articles", "wellbeing": "operator/#wellbeing",
    "month": "supervisor/#month", "practice": "operator/#practice", "quality": "operator/#quality",
    "alerts": "auditor/#alerts", "ledger": "auditor/#ledger", "me": "sign-in/", "home": "", "search": "",
}  # fmt: skip
PAGE_OF_ROLE = {
    "police_liaison": "police-liaison/", "placement_officer": "placement-officer/", "shelter_staff": "shelter-staff/",
    "directory_editor": "directory-editor/",
}  # fmt: skip
# More exact than the room: the name of a URL.
PAGE_OF_VIEW = {
    "case": "case-worker/#case", "case-person": "case-worker/#people", "case-screening": "case-worker/#screening",
    "case-consent": "case-worker/#consent", "case-report": "case-worker/#reports",
    "case-services": "case-worker/#services", "my-notices": "sign-in/#notices",
}  # fmt: skip
# The home page leads to the manual page that is named after the role, except for this role.
HOME_OF_ROLE = {"plan_respondent": "plan-coordinator/"}


# Icons of the staff's pages alone. They have a file of their own, so that public pages stay light.
DESK_ICONS = {
    "home", "menu", "folder", "hands", "chart", "board", "gear", "sun", "bell", "list", "shield", "house", "bed", "pin",
    "calendar", "person", "law",
}  # fmt: skip


@register.simple_tag
@functools.cache
def icon(name: str) -> SafeString:
    """An icon. It is decoration only, so a word always stands beside it."""
    file = static("core/desk-icons.svg" if name in DESK_ICONS else "core/icons.svg")
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', file, name)


@register.simple_tag
def public_root() -> str:
    """What a link to a public page begins with: the public pages may have a host of their own."""
    return settings.ENVIRONMENT.public_root


@register.simple_tag(takes_context=True)
def help_page(context: Context) -> str:
    """Address of the manual's page about the current page, in the language of the screen."""
    language = "en" if get_language() == "en" else "es"
    room = str(context.get("room", ""))
    role = str(getattr(context.get("user"), "role", ""))
    match = getattr(context.get("request"), "resolver_match", None)
    name = match.url_name if match else ""
    if room == "home":
        page = home_page_of(role)
    elif room == "me" or role not in PAGE_OF_ROLE:
        page = PAGE_OF_VIEW.get(name) or PAGE_OF_ROOM.get(room, "")
    else:
        page = PAGE_OF_ROLE[role]
    return f"/help/{language}/{page or ('' if room else 'sign-in/')}"


def home_page_of(role: str) -> str:
    return HOME_OF_ROLE.get(role) or (f"{role.replace('_', '-')}/" if role else "")


@register.inclusion_tag("core/_error_summary.html", takes_context=True)
def error_summary(context: Context) -> dict[str, Any]:
    """Why a form was refused, at the head of the page: the focus goes there, and each line leads to its field.

    The form is `faulty` in the context, or `form`; `faulty` may be a list of forms. A refusal by a rule, without a
    faulty field, is a sentence alone.
    """
    faulty = context.get("faulty") or context.get("form")
    every = faulty if isinstance(faulty, list) else [faulty]
    lines = [line for form in every if isinstance(form, BaseForm) and form.is_bound for line in _error_lines(form)]
    return {"refusal": context.get("refusal"), "theirs": context.get("theirs"), "lines": lines}


def _error_lines(form: BaseForm) -> list[dict[str, Any]]:
    """The first error of each field. An error of the form as such leads nowhere."""
    return [
        {"label": form[name].label, "error": errors[0], "anchor": _anchor(form[name])}
        if name in form.fields
        else {"label": "", "error": errors[0], "anchor": ""}
        for name, errors in form.errors.items()
    ]


def _anchor(field: BoundField) -> str:
    """The id of the input; of the first one, for several choices. Blank: the form gives no ids."""
    return field.id_for_label or (f"{field.auto_id}_0" if field.auto_id else "")


@register.filter
def is_optional(field: BoundField) -> bool:
    """True if the field may stay empty while another of its form may not. So a form of filters marks no field."""
    return not field.field.required and any(it.required for it in field.form.fields.values())


@register.inclusion_tag("core/_undo.html", takes_context=True)
def undo_banner(context: Context) -> dict[str, Any]:
    request = context.get("request")
    return {"undo": offered_undo(request) if request else None, "csrf_token": context.get("csrf_token")}
