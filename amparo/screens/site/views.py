"""The public pages. anonymous.py and policy.py hold what is true for all of them."""

import json
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from amparo.care.referrals.by_link import handle_link_request, public_part_of_link, refuse_link_request
from amparo.care.returning.code_requests import handle_code_request, refuse_request
from amparo.foundation.core import proof_of_work
from amparo.foundation.core.pages import answer_refusals, is_script, sentence_response
from amparo.foundation.core.pseudonyms import network_of
from amparo.foundation.core.refusal import RateLimited, Refused, Unreachable
from amparo.foundation.line_settings.rules import current
from amparo.line.channels.rules import written_channels
from amparo.line.chat.rules import LONGEST
from amparo.line.chat.visits import (
    Visit,
    chat_of_caller,
    empty_visit,
    handle_visit,
    is_known_page,
    record_call,
    short_answers,
)
from amparo.line.switchboard import rules
from amparo.line.switchboard.models import Language
from amparo.programme.texts import public as texts

from .failed_codes import FailedCodes, mark_of_opened_page
from .rendering import language_query, render_page

LONGEST_OFFER = 1 << 15  # bytes; a browser's SDP with its candidates has a few kB
failed_codes = FailedCodes()


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    text = texts.text("start", request.LANGUAGE_CODE, language_query(request))
    return render_page(request, "site/index.html", text=text)


@require_GET
def call(request: HttpRequest) -> HttpResponse:
    """Call through the browser. Only this page and that of a chat may ask for the microphone."""
    return render_page(request, "site/call.html")


@csrf_exempt  # a program posts here, and signs what it posts
@require_http_methods(["GET", "POST"])
def provider_hook(request: HttpRequest, name: str) -> HttpResponse:
    """Answer a request from the provider of a channel. 404: no such channel is set up."""
    for channel in written_channels():
        if channel.name == name:
            return channel.handle_request(request)
    raise Http404


@csrf_exempt  # as for offer
@require_http_methods(["GET", "POST"])
def chat(request: HttpRequest) -> HttpResponse:
    """Chat with an operator. No cookie is used: each request brings the chat's receipt and the page's mark."""
    sent, origin = request.POST, network_of(request.META.get("REMOTE_ADDR", ""))
    if request.method == "GET":
        return _chat_page(request, empty_visit({}))
    if not _is_own_page(request):
        return _refuse(request, _("Ask from the page itself."), 403)
    receipt = _digits_of_code(sent.get("receipt", ""))
    if not is_known_page(sent) and (bits := failed_codes.needed_work(origin, receipt, sent)):
        return _chat_page(request, empty_visit(sent, _ask_for_work(), 429), bits)

    def queue_place() -> tuple[float, str | None]:
        return rules.queue_delay_of_chat(origin), proof_of_work.solved_challenge(
            sent.get("challenge", ""), sent.get("found", "")
        )

    visit = handle_visit(sent, queue_place, timezone.now())
    if visit.opens_nothing:
        failed_codes.count_try(origin, receipt, is_wrong=True)
    return _chat_page(request, visit)


@csrf_exempt  # as for offer
@require_http_methods(["GET", "POST"])
def come_back(request: HttpRequest) -> HttpResponse:
    """Let a person with a return code read and write. Each request carries the code; no URL or cookie stores it."""
    if request.method == "GET":
        return render_page(request, "site/again.html")
    if not _is_own_page(request):
        return _refuse(request, _("Ask from the page itself."), 403)
    origin = network_of(request.META.get("REMOTE_ADDR", ""))
    code = _digits_of_code(request.POST.get("code", ""))
    if bits := failed_codes.needed_work(origin, code, request.POST):
        back = refuse_request(request.POST, _ask_for_work())
        return render_page(request, "site/again.html", 429, back=back, work=_challenge(bits))
    back = handle_code_request(request.POST, timezone.now())
    if back.opens_nothing or back.story:
        failed_codes.count_try(origin, code, is_wrong=back.opens_nothing)
    return render_page(request, "site/again.html", back.status, back=back, mark=mark_of_opened_page(code))


@csrf_exempt  # as for offer
@require_http_methods(["GET", "POST"])
def answer_by_link(request: HttpRequest) -> HttpResponse:
    """Let a service open and answer a referral, by a link whose secret is never part of a requested address."""
    if request.method == "GET":
        return _keep_unlisted(render_page(request, "site/reply.html"))
    if not _is_own_page(request):
        return _refuse(request, _("Ask from the page itself."), 403)
    origin = network_of(request.META.get("REMOTE_ADDR", ""))
    link = public_part_of_link(request.POST)
    if bits := failed_codes.needed_work(origin, link, request.POST):
        opened = refuse_link_request(request.POST, _ask_for_work())
        return _keep_unlisted(render_page(request, "site/reply.html", reply=opened, work=_challenge(bits)), 429)
    opened = handle_link_request(request.POST, timezone.now())
    failed_codes.count_try(origin, link, is_wrong=opened.sheet is None)
    return _keep_unlisted(
        render_page(request, "site/reply.html", reply=opened, mark=mark_of_opened_page(link)), opened.status
    )


@require_GET
def cover(request: HttpRequest) -> HttpResponse:
    """Show the harmless page to which the quick exit leads. It does not mention us."""
    return render_page(request, "site/cover.html")


@require_GET
def favicon(request: HttpRequest) -> HttpResponse:
    """Answer that there is no icon: browsers would keep it for years and show it beside the address."""
    return HttpResponse(status=204)


@csrf_exempt  # the page has no cookie that another site could abuse; other sites are refused below
@require_POST
@answer_refusals
def offer(request: HttpRequest) -> HttpResponse:
    """Answer a call from the page: takes the browser's SDP offer, returns the switchboard's SDP answer.

    An open chat goes on by this call if the page sends its receipt and mark.
    """
    if not _is_own_page(request):
        return _refuse(request, _("Call from the page itself."), 403)
    try:
        sent = _parse_offer(request)
    except (ValueError, RecursionError):
        return _refuse(request, _("That is not a browser's offer."), 400)
    done = proof_of_work.solved_challenge(sent["challenge"], sent["found"])
    origin = network_of(request.META.get("REMOTE_ADDR", ""))
    chat, operator = None, None
    # The chat has ended, went on in another page, or the database is away: the call comes as any other.
    without_chat = (Refused, Unreachable, OperationalError, InterfaceError)
    with suppress(*without_chat):
        chat, operator = chat_of_caller(sent) if sent["receipt"] else (None, None)
    try:
        answer, receipt = rules.call_from_page(
            sent["offer"],
            sent["language"],
            network=origin,
            work=done,
            again=sent["again"],
            chat=chat,
            operator=operator,
        )
    except RateLimited as refusal:
        return _refuse(request, str(refusal), 429)
    if chat:  # only now: the page offers again after a 429
        with suppress(*without_chat):
            record_call(sent)
    return JsonResponse({"answer": answer, "receipt": receipt})


@require_GET
def work_challenge(request: HttpRequest) -> HttpResponse:
    """Return a challenge for proof of work. The browser solves it while it asks for the microphone."""
    return JsonResponse(_challenge(proof_of_work.SURGE_BITS if rules.is_in_surge() else proof_of_work.BITS))


def _challenge(bits: int) -> dict[str, str | int]:
    return {"challenge": proof_of_work.make_challenge(bits), "bits": bits}


def _ask_for_work() -> str:
    return _(
        "Somebody is trying many codes that open nothing. Press again: your browser then works for some seconds. "
        "Without JavaScript, wait ten minutes or call us."
    )


def _digits_of_code(code: str) -> str:
    """Return the digits of a typed code, at most 60: the same code can be typed in several ways."""
    return "".join(filter(str.isdigit, code))[:60]


def _parse_offer(request: HttpRequest) -> dict[str, str]:
    """Return the fields of an offer by name; those of the proof of work and of the chat may be blank.

    Raises ValueError (RecursionError for deep JSON) for anything but an offer, or an unknown language.
    """
    if len(request.body) > LONGEST_OFFER:
        raise ValueError
    sent: Any = json.loads(request.body)
    if not isinstance(sent, dict) or not isinstance(sent.get("offer"), str):
        raise ValueError
    found = {name: str(sent.get(name, "")) for name in ("challenge", "found", "receipt", "mark", "again")}
    return {"offer": sent["offer"], "language": Language(str(sent.get("language"))), **found}


def _is_own_page(request: HttpRequest) -> bool:
    """Whether our own page sent the request: Fetch Metadata (W3C), or Origin from older browsers."""
    if site := request.headers.get("Sec-Fetch-Site"):
        return site == "same-origin"
    return request.headers.get("Origin", "").partition("://")[2] == request.get_host()


def unreadable(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _sentence_page(request, _("The page sent something unreadable. Load it again."), 400)


def refused(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _sentence_page(request, _("It is not here."), 403)


def not_here(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _sentence_page(request, _("It is not here."), 404)


def method_not_allowed(request: HttpRequest) -> HttpResponse:
    return _sentence_page(request, _("This page cannot be asked in that way. Load it again."), 405)


def broken(request: HttpRequest) -> HttpResponse:
    return _sentence_page(request, _("Something went wrong. Try again, or call by telephone."), 500)


def _chat_page(request: HttpRequest, visit: Visit, bits: int = 0) -> HttpResponse:
    """Answer a person with the page of the chat, and its script with what has changed, as JSON."""
    if request.POST.get("by") == "script":  # a form field, because older browsers do not say how they ask
        if not visit.has_changed:
            return HttpResponse(status=204)
        return JsonResponse(_changes_of_visit(visit), status=visit.status)
    languages = [(code, name) for code, name in settings.LANGUAGES if code in current().languages]
    more: dict[str, Any] = {"visit": visit, "short": short_answers().items(), "spoken": languages, "longest": LONGEST}
    if bits:
        more["work"] = _challenge(bits)
    return render_page(request, "site/chat.html", visit.status, **more)


def _changes_of_visit(visit: Visit) -> dict[str, Any]:
    chat = visit.chat
    return {
        "stands": visit.stands, "refusal": visit.refusal, "mark": visit.mark, "shown": visit.version,
        "name": visit.next, "is_open": bool(chat and chat.is_open), "entry": chat and chat.entries,
        "written": [{"from_bearer": each.from_bearer, "text": each.text} for each in visit.written],
    }  # fmt: skip


def _keep_unlisted(response: HttpResponse, status: int = 200) -> HttpResponse:
    """Set the status, and keep the page out of search engines, in case a link is ever published."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.status_code = status
    return response


def _refuse(request: HttpRequest, text: str, status: int) -> HttpResponse:
    """Refuse: as plain text to the page's script, which shows it; as a page with the quick exit to a person."""
    return sentence_response(request, text, status) if is_script(request) else _sentence_page(request, text, status)


def _sentence_page(request: HttpRequest, text: str, status: int) -> HttpResponse:
    """A refusal on a page with the quick exit, which `core/sentence.html` does not have."""
    return render_page(request, "site/sentence.html", status, sentence=text)
