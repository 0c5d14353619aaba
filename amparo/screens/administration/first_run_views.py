"""The first run: by its link the first administrator enters, and takes four steps.

Their session reaches these pages and no others (access/session_state.py).
"""

import functools
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from amparo.foundation.access import factors, first_run, permissions, session_state
from amparo.foundation.access.models import FirstRun, Step
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.access.session_state import SessionState, allow_session_states
from amparo.foundation.core.form_fields import refusal_of
from amparo.foundation.core.pages import answer_refusals
from amparo.foundation.core.refusal import Refused
from amparo.foundation.line_settings import rules as line_settings
from amparo.foundation.line_settings.definitions import LONGEST_LINE_NAME

from .first_run_forms import WhoForm

type StepView = Callable[..., HttpResponseBase]

PAGES = {Step.LINE: "first-run-line", Step.WAYS: "first-run-ways", Step.SHEET: "first-run-sheet"}
PLAIN = allow_session_states(SessionState.FIRST_RUN)


@never_cache
@PLAIN
@answer_refusals
def enter_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """First step. To open the link changes nothing, since programs open links too; its form uses the link up."""
    if request.session.get("first_run") and request.user.is_authenticated:
        return redirect("first-run")
    now = timezone.now()
    run = FirstRun.objects.by_link(token, now)
    if run is None or first_run.somebody_is_in():
        return render(request, "administration/first_run/over.html", _context(None, Step.WHO), status=404)
    form, why = WhoForm(run.user, request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        try:
            first_run.open_link(request, run, **form.answers, now=now)
            return redirect("first-run")
        except Refused as refused:
            why = str(refused)
    context = _context(run, Step.WHO) | {"form": form, "why": why}
    return render(request, "administration/first_run/who.html", context, status=400 if why or form.errors else 200)


def step_page(step: Step | None = None) -> Callable[[StepView], StepView]:
    """Decorate a page of this step: it gets the run that this person has begun, and leads to an earlier step that is
    missing. None: it belongs to no step. Who has begun none is led home.
    """

    def decorate(view: StepView) -> StepView:
        @PLAIN
        @staff(permissions.keep_installation)
        @functools.wraps(view)
        def answer(request: StaffRequest, *args: Any) -> HttpResponseBase:
            run = FirstRun.objects.begun_by(request.user)
            if run is None and request.session.get("first_run"):  # it was finished elsewhere: its person signs in
                logout(request)
            if run is None or not request.session.get("first_run"):
                return redirect("home")
            if step is not None and run.step < step:
                return redirect(PAGES[Step(run.step)])
            return view(request, run, *args)

        return answer

    return decorate


@step_page()
def resume(request: StaffRequest, run: FirstRun) -> HttpResponse:
    """Lead to the step where the run was left."""
    return redirect(PAGES[Step(run.step)])


@step_page(Step.LINE)
@require_http_methods(["GET", "POST"])
def line(request: StaffRequest, run: FirstRun) -> HttpResponse:
    """Second step: name the line."""
    setting, why, before = line_settings.BY_NAME["name"], "", line_settings.load().name
    typed = request.POST.get("name", before)
    if request.method == "POST":
        if not typed.strip():
            why = _("Write the name of the line.")
        elif " ".join(typed.split()) != before:
            why = refusal_of(lambda: line_settings.change_setting(setting, typed, by=request.user))
        if not why:
            first_run.pass_line(run, by=request.user)
            return redirect("first-run-ways")
    context = _context(run, Step.LINE) | {
        "name": typed, "longest": LONGEST_LINE_NAME, "setting": setting, "why": why,
        "zone": settings.ENVIRONMENT.time_zone,
    }  # fmt: skip
    return render(request, "administration/first_run/line.html", context, status=400 if why else 200)


@step_page(Step.WAYS)
@require_http_methods(["GET", "POST"])
def ways(request: StaffRequest, run: FirstRun) -> HttpResponse:
    """Third step: register two ways in."""
    why = ""
    if request.method == "POST":
        with_sheet = "with_sheet" in request.POST
        why = refusal_of(lambda: first_run.pass_ways(run, with_sheet=with_sheet, by=request.user))
        if not why:
            return redirect("first-run-sheet")
    return _ways_page(request, run, why)


@step_page(Step.WAYS)
@require_GET
def passkey_options(request: StaffRequest, run: FirstRun) -> HttpResponse:
    return JsonResponse(factors.passkey_creation_options(request.user))


@step_page(Step.WAYS)
@require_POST
def add_passkey(request: StaffRequest, run: FirstRun) -> HttpResponse:
    first_run.locked(run, request.user)
    if not factors.add_passkey(request, request.user):
        why = _("This passkey could not be registered. Load the page again and try once more.")
        return _ways_page(request, run, why)
    return _after_registration(request)


@step_page(Step.WAYS)
@require_http_methods(["GET", "POST"])
def app(request: StaffRequest, run: FirstRun) -> HttpResponse:
    """Add an authenticator app: show its QR code, and check its first code."""
    user, why = request.user, ""
    if request.method == "POST":
        first_run.locked(run, request.user)
        if factors.add_app(request, user, factors.app_form(user, request.POST)):
            return _after_registration(request)
        why = _("That is not the code that the app shows now. Here is a new picture: scan it again.")
    form = factors.app_form(user)
    # The picture is drawn by a library from our own text; nobody typed any of it.
    shown = {"picture": mark_safe(factors.qr_code(user, form)), "secret": form.secret, "why": why}
    context = _context(run, Step.WAYS) | shown
    return render(request, "administration/first_run/app.html", context, status=400 if why else 200)


@step_page(Step.SHEET)
@require_GET
def sheet(request: StaffRequest, run: FirstRun) -> HttpResponse:
    """Fourth step: the sheet, to be printed. It is shown until it was read back."""
    here = settings.ENVIRONMENT
    trunks = [address for address in map(str, here.trunks) if not address.startswith("127.")]
    shown = {
        "codes": factors.unseen_recovery_codes(request.user), "address": f"{here.staff_address}sign-in",
        "carrier": here.trunk[0] if here.trunk else ", ".join(trunks), "backup_keys": here.backup_keys,
        "public_address": here.public_address, "line": line_settings.load().name, "now": timezone.now(),
    }  # fmt: skip
    return render(request, "administration/first_run/sheet.html", _context(run, Step.SHEET) | shown)


@step_page(Step.SHEET)
@require_http_methods(["GET", "POST"])
def read_back(request: StaffRequest, run: FirstRun) -> HttpResponse:
    """Take two codes of the printed sheet, which this page does not show. Then the first run is over."""
    why = ""
    if request.method == "POST":
        typed = tuple(request.POST.get(f"code_{number}", "") for number in first_run.READ_BACK)
        why = refusal_of(lambda: first_run.finish_first_run(run, typed, by=request.user, now=timezone.now()))
        if not why:
            first_run.leave_first_run(request, request.user)
            return redirect("home")
    context = _context(run, Step.SHEET) | {"numbers": first_run.READ_BACK, "why": why}
    return render(request, "administration/first_run/read_back.html", context, status=400 if why else 200)


def _ways_page(request: StaffRequest, run: FirstRun, why: str = "") -> HttpResponse:
    found = factors.authenticators_of(request.user)
    shown = {
        "passkeys": [each for each in found if each.type == factors.Kind.WEBAUTHN],
        "app": next((each for each in found if each.type == factors.Kind.TOTP), None),
        "count": factors.count_ways_in(request.user), "enough": factors.ENOUGH, "why": why,
    }  # fmt: skip
    context = _context(run, Step.WAYS) | shown
    return render(request, "administration/first_run/ways.html", context, status=400 if why else 200)


def _after_registration(request: StaffRequest) -> HttpResponse:
    """Give the session a new key, because a new way in is a new privilege."""
    session_state.update_completeness(request, request.user)
    request.session.cycle_key()
    return redirect("first-run-ways")


def _context(run: FirstRun | None, now: Step) -> dict[str, Any]:
    """Return what every page shows: the four steps, and which is the present one."""
    reached = run.step if run else Step.WHO
    steps = [(step.label, PAGES.get(step) if step <= reached else None, _state(step, now, reached)) for step in Step]
    return {"steps": steps, "run": run, "number": int(now), "minutes": session_state.FIRST_RUN // 60}


def _state(step: Step, now: Step, reached: int) -> str:
    return "now" if step == now else "done" if step < reached else "later"
