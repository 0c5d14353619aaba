"""The page of the line's settings: what a caller meets, and how to change it."""

from collections.abc import Mapping
from http import HTTPStatus

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.form_fields import refusal_of
from amparo.foundation.core.refusal import Refused, Unreachable
from amparo.foundation.line_settings import rules
from amparo.foundation.line_settings.models import SettingChange
from amparo.line.switchboard.rules import status

from . import line_settings

LONGEST_ID = 18  # digits of a bigint


@staff(permissions.keep_installation)
@require_GET
def line(request: StaffRequest) -> HttpResponse:
    return _page(request)


@staff(permissions.keep_installation)
@require_POST
def change_setting(request: StaffRequest) -> HttpResponse:
    setting = rules.BY_NAME.get(request.POST.get("setting", ""))
    if setting is None:
        return _page(request, _("There is no such setting. Load the page anew."))
    text = request.POST.get("value", "")
    if refusal := refusal_of(lambda: rules.change_setting(setting, text, by=request.user)):
        return _page(request, refusal, {setting.name: text})
    return redirect("line-settings")


@staff(permissions.keep_installation)
@require_POST
def undo_change(request: StaffRequest) -> HttpResponse:
    number = request.POST.get("change", "")
    is_number = number.isdecimal() and len(number) <= LONGEST_ID
    change = SettingChange.objects.filter(pk=number).first() if is_number else None
    if change is None:
        return _page(request, _("There is no such change. Load the page anew."))
    if refusal := refusal_of(lambda: rules.undo_change(change, by=request.user)):
        return _page(request, refusal)
    return redirect("line-settings")


def _page(request: StaffRequest, refusal: str = "", typed: Mapping[str, str] | None = None) -> HttpResponse:
    """Show the page. Without a switchboard it says what is unknown."""
    try:
        switchboard = status()
        context = {"opening": switchboard.opening, "ports": switchboard.ports}
    except (Refused, Unreachable):
        context = {}
    changes, typed, values = line_settings.newest_changes(), typed or {}, rules.refresh()
    context |= {
        "parts": list(line_settings.parts(values, typed)), "changes": changes, "newest": changes[:1],
        "answers": line_settings.first_answers(), "trunk": line_settings.trunk_settings(),
        "refusal": refusal, "refused": next(iter(typed), ""),
        "room": "administration-line",
    }  # fmt: skip
    answer = HTTPStatus.UNPROCESSABLE_ENTITY if refusal else HTTPStatus.OK
    return render(request, "administration/line.html", context, status=answer)
