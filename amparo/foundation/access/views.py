"""Signing in and out: a passkey alone, or a password and then a second factor; the first time, a code."""

from allauth.account.forms import LoginForm
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from amparo.foundation.core.pages import answer_refusals, sentence_response
from amparo.foundation.core.refusal import Refused

from . import factors, rules
from .forms import CodeForm
from .models import Role, User
from .session_state import SessionState, allow_session_states

ROOMS = (  # of the sign-in page of the demonstration: each role stands in one
    (gettext_lazy("The line"), (Role.OPERATOR, Role.SUPERVISOR)),
    (gettext_lazy("Cases and support"), (
        Role.CASE_WORKER, Role.PLACEMENT_OFFICER, Role.SHELTER_STAFF, Role.DIRECTORY_EDITOR, Role.POLICE_LIAISON,
        Role.SERVICE_LIAISON,
    )),
    (gettext_lazy("Campaigns and plan"), (Role.CAMPAIGN_OFFICER, Role.PLAN_COORDINATOR, Role.PLAN_RESPONDENT)),
    (gettext_lazy("Figures"), (Role.PUBLISHER, Role.ANALYST)),
    (gettext_lazy("Audit and administration"), (Role.AUDITOR, Role.ADMINISTRATOR)),
)  # fmt: skip
UNFINISHED = allow_session_states(SessionState.PARTIAL, SessionState.LOCKED)


@never_cache
@UNFINISHED
@answer_refusals
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in with a passkey, or name and password; in the demonstration also one button per invented person."""
    words = {"login": request.POST.get("username", ""), "password": request.POST.get("password", "")}
    form = LoginForm(words if request.method == "POST" else None, request=request)
    if form.is_valid():
        answer: HttpResponse = form.login(request, redirect_url=request.GET.get("next"))
        return answer
    why, status = ("", 200) if request.method != "POST" else _error_and_status(form)
    return _sign_in_page(request, why, status, username=words["login"])


@never_cache
@UNFINISHED
@answer_refusals
def sign_in_by_passkey(request: HttpRequest) -> HttpResponse:
    """GET: options for the browser to request a passkey. POST: the passkey's answer, which is a complete sign-in."""
    if request.method != "POST":
        return JsonResponse(factors.passkey_request_options(None))
    answer = factors.sign_in_by_passkey(request)
    return answer or _sign_in_page(
        request, _("This passkey is not known here. Sign in another way, or ask for help."), 400
    )


@never_cache
@answer_refusals
def second_factor(request: HttpRequest) -> HttpResponse:
    """The second factor after the password: a passkey, or a code of the app or from paper."""
    if (stage := factors.pending_sign_in(request)) is None:
        return redirect("sign-in")
    why, status = "", 200
    if request.method == "POST":
        if factors.verify_proof(stage.login.user, request.POST, again=False):
            answer: HttpResponse = stage.exit()
            return answer
        why, status = _("That is not right, or too many tries: wait five minutes, then try a new code."), 400
    return render(request, "access/second.html", {"why": why}, status=status)


@never_cache
def second_passkey_options(request: HttpRequest) -> HttpResponse:
    stage = factors.pending_sign_in(request)
    if stage is None:
        return sentence_response(request, _("Your sign-in has ended. Sign in again."), 403)
    return JsonResponse(factors.passkey_request_options(stage.login.user))


@never_cache
@UNFINISHED
@answer_refusals
def sign_in_by_code(request: HttpRequest) -> HttpResponse:
    """Sign in the first time, or after a recovery, with a code that an administrator made."""
    form = CodeForm(request.POST or None)
    why, status = "", 200
    if request.method == "POST":
        try:
            name, code = (request.POST.get(field, "") for field in ("username", "code"))
            rules.sign_in_by_code(request, name, code, now=timezone.now())
        except Refused as refusal:
            why, status = str(refusal), 400
        else:
            return redirect("me")
    return render(request, "access/enter.html", {"form": form, "why": why}, status=status)


@allow_session_states(SessionState.PARTIAL, SessionState.LOCKED, SessionState.FIRST_RUN)
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("sign-in")


def _error_and_status(form: LoginForm) -> tuple[str, int]:
    """Return the error and the HTTP status: one sentence for an unknown name, a locked person and a wrong password."""
    if any(error.code == "too_many_login_attempts" for error in form.non_field_errors().as_data()):
        return _("Too many tries. Wait five minutes, or use a passkey."), 429
    return _("That name and password do not go together. Look at both, or ask your supervisor."), 400


def _sign_in_page(request: HttpRequest, why: str, status: int, username: str = "") -> HttpResponse:
    shown = {"rooms": _invented_people(), "why": why, "username": username}
    return render(request, "access/sign_in.html", shown, status=status)


def _invented_people() -> list[tuple[str | Promise, list[User]]]:
    """Return the people of the demonstration by the room that they work in; none of a real line."""
    if not settings.ENVIRONMENT.demo:
        return []
    people = list(User.objects.filter(is_invented=True, is_active=True).order_by("pk"))
    rooms = [(room, [person for person in people if person.role in roles]) for room, roles in ROOMS]
    return [(room, found) for room, found in rooms if found]
