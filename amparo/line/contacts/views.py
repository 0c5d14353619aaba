import functools
import json
import uuid
from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.models import User
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.audit.presentation import lines_of_entries
from amparo.foundation.audit.rules import entries_about
from amparo.foundation.core.actor import switch_purpose
from amparo.foundation.core.pages import is_script, parse_number, sentence_response
from amparo.foundation.core.pagination import PER_PAGE, paginate
from amparo.foundation.core.refusal import Refused
from amparo.foundation.integrations.idempotency import make_once_from_page
from amparo.foundation.oversight.pages import store_reason, with_open_file
from amparo.foundation.places import places
from amparo.line.switchboard.rules import slowed_until

from . import rules, slow_callers, summaries
from .fields import FieldRefused
from .forms import (
    CONVERSATION,
    ContactFilterForm,
    ConversationForm,
    DataRequestAnswerForm,
    DataRequestForm,
    DraftVersionForm,
    EarlierContactForm,
    EnterContactForm,
    LegalHoldForm,
    NumberSearchForm,
    WrapUpForm,
)  # fmt: skip
from .models import Contact, DataSubjectRequest


def visible_contacts(user: User) -> QuerySet[Contact]:
    return Contact.objects.visible_to(user).select_related("call", "operator", "key")


with_contact = with_open_file(visible_contacts, "contacts/why.html", "contacts", locks=True)


@staff(permissions.take_calls)
@require_GET
def contacts(request: StaffRequest) -> HttpResponse:
    """List the contacts, newest first. Nothing that was said is shown."""
    form = ContactFilterForm(request.GET)
    filters = form.cleaned_data if form.is_valid() else {}
    found = Contact.objects.newest_of(request.user).select_related("operator")
    chosen = {name: filters[name] for name in ("type", "channel", "language") if filters.get(name)}
    found = found.filter(**chosen)
    if filters.get("day"):
        found = found.on_day(filters["day"])
    page = paginate(found, filters.get("page") or 1)
    waiting = DataSubjectRequest.objects.waiting().count() if permissions.supervise(request.user) else None
    context = {"page": page, "form": form, "waiting": waiting, "room": "contacts"}
    return render(request, "contacts/contacts.html", context)


@staff(permissions.take_calls)
@require_http_methods(["GET", "POST"])
def enter_by_hand(request: StaffRequest) -> HttpResponse:
    """Enter a conversation by hand, and open its contact to write in it."""
    form, refusal = EnterContactForm(request.POST or None), ""
    if request.method == "POST":
        refusal = _("Choose how it came, when it began and ended, and the language.")
        if form.is_valid():
            try:
                made = reverse("contact", args=[_enter_once(request, form)])
                return redirect(f"{made}#id_notes")  # the cursor is in the notes
            except Refused as reason:
                refusal = str(reason)
    context = {"form": form, "refusal": refusal, "room": "contacts"}
    return render(request, "contacts/enter.html", context, status=422 if refusal else 200)


def _enter_once(request: StaffRequest, form: EnterContactForm) -> str:
    """Enter the contact once, however often the button is pressed. Returns its id."""
    by, now, page = request.user, timezone.now(), form.cleaned_data.pop("page")
    enter = functools.partial(rules.enter_contact, **form.cleaned_data, by=by, now=now)
    return make_once_from_page(page, request.POST.urlencode(), enter, by=by, now=now)


@staff(permissions.take_calls)
@require_GET
@with_contact
def contact(request: StaffRequest, contact: Contact) -> HttpResponse:
    return _page(request, contact, ConversationForm.of(contact))


@staff(permissions.take_calls)
@require_POST
def give_reason_to_open(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    """Record the reason why the user opens this contact."""
    return store_reason(request, visible_contacts, pk, "contact")


@staff(permissions.take_calls)
@require_http_methods(["GET", "POST"])
@with_contact
def load_or_save_edits(request: StaffRequest, contact: Contact) -> HttpResponse:
    """GET: return as JSON which fields changed after a version, with their texts.

    POST: store what the page sends, as JSON from its script or as a plain form.
    """
    if request.method == "GET":
        edits = rules.changed_since(contact, parse_number(request.GET.get("after", "")) or 0)
        return JsonResponse({"version": contact.version, "fields": edits})
    if request.content_type == "application/json":
        return _save_from_script(request, contact)
    return _save_from_form(request, contact)


@staff(permissions.take_calls)
@require_POST
@with_contact
def wrap_up(request: StaffRequest, contact: Contact) -> HttpResponse:
    form = WrapUpForm(request.POST)
    if not form.is_valid():
        raise Refused(_("Say what it was: choose one of the list."))
    rules.wrap_up(contact, **form.cleaned_data, by=request.user, now=timezone.now())
    return _after_post(request, contact)


@staff(permissions.take_calls)
@require_POST
@with_contact
def reopen(request: StaffRequest, contact: Contact) -> HttpResponse:
    rules.reopen(contact, by=request.user, now=timezone.now())
    return _after_post(request, contact)


@staff(permissions.take_calls)
@require_POST
@with_contact
def link_to_earlier(request: StaffRequest, contact: Contact) -> HttpResponse:
    form = EarlierContactForm(request.POST)
    if not form.is_valid():
        raise Refused(_("There is no such contact for you. A code reads like C-2031."))
    rules.link(contact, form.cleaned_data["code"], by=request.user, now=timezone.now())
    return _after_post(request, contact)


@staff(permissions.read_directory)
@require_GET
def places_like(request: StaffRequest) -> HttpResponse:
    return render(request, "contacts/_places.html", {"places": places.find_places(request.GET.get("q", ""))})


@staff(permissions.take_calls)
@require_http_methods(["GET", "POST"])
def search_by_number(request: StaffRequest) -> HttpResponse:
    """Search by safe number. It needs a reason, and finds only contacts that the user may see."""
    form, found = NumberSearchForm(request.POST if request.method == "POST" else None), None
    if form.is_valid():
        switch_purpose(request.user.acting(form.cleaned_data["purpose"]))
        found = rules.search_number(**form.cleaned_data, by=request.user, now=timezone.now())
    return render(request, "contacts/search.html", {"form": form, "found": found, "room": "contacts"})


@staff(permissions.supervise)
@require_GET
def data_requests(request: StaffRequest) -> HttpResponse:
    """Data subject requests: waiting ones by deadline, then those answered lately."""
    all_requests, now = DataSubjectRequest.objects.select_related("answered_by"), timezone.now()
    waiting = [(each, each.is_late(now)) for each in all_requests.waiting()]
    answered = all_requests.filter(answered_at__isnull=False).order_by("-answered_at")[:PER_PAGE]
    context = {
        "waiting": waiting,
        "answered": answered,
        "form": DataRequestAnswerForm(auto_id=False),
        "room": "requests",
    }
    return render(request, "contacts/requests.html", context)


@staff(permissions.take_calls)
@require_POST
@with_contact
def receive_data_request(request: StaffRequest, contact: Contact) -> HttpResponse:
    form = DataRequestForm(request.POST)
    if not form.is_valid():
        raise Refused(_("Say what is asked: choose one of the list."))
    rules.receive_request(contact, form.cleaned_data["right"], by=request.user, now=timezone.now())
    return redirect("contact", contact.pk)


@staff(permissions.supervise)
@require_POST
def answer_data_request(request: StaffRequest, number: int) -> HttpResponse:
    data_request = get_object_or_404(DataSubjectRequest, pk=number)
    form = DataRequestAnswerForm(request.POST)
    if not form.is_valid():
        raise Refused(_("Say how it was answered: choose one of the list."))
    rules.answer_request(data_request, **form.cleaned_data, by=request.user, now=timezone.now())
    return redirect("requests")


@staff(permissions.supervise)
@require_POST
@with_contact
def set_or_lift_hold(request: StaffRequest, contact: Contact) -> HttpResponse:
    form, now = LegalHoldForm(request.POST), timezone.now()
    if not form.is_valid():
        raise Refused(_("Say why it is held: choose one of the list."))
    if why := form.cleaned_data["why"]:
        rules.hold(contact, why, by=request.user, now=now)
    else:
        rules.lift_hold(contact, by=request.user, now=now)
    return redirect("contact", contact.pk)


@staff(permissions.supervise)
@require_POST
@with_contact
def start_or_end_slowing(request: StaffRequest, contact: Contact) -> HttpResponse:
    """Place the caller's next calls behind others (`on=1`), or no more."""
    verb = slow_callers.slow_caller if request.POST.get("on") == "1" else slow_callers.end_slowing
    verb(contact, by=request.user, now=timezone.now())
    return redirect("contact", contact.pk)


def _save_from_script(request: StaffRequest, contact: Contact) -> HttpResponse:
    try:
        batch = _parse_batch(json.loads(request.body))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return sentence_response(request, _("The page sent something unreadable. Load it again."), 400)
    now = timezone.now()
    try:
        saved = rules.save_draft(contact, **batch, by=request.user, now=now)
    except FieldRefused as refusal:
        return JsonResponse({"field": refusal.field, "sentence": str(refusal)}, status=422)
    answer = {"saved_at": f"{timezone.localtime(now):%H:%M:%S}", **asdict(saved)}
    return JsonResponse(answer, status=409 if saved.conflicts else 200)


def _parse_batch(sent: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of `save_draft` that the page sent: key, revision, based_on, changes.

    Raises KeyError, TypeError or ValueError if one is missing or of another type.
    """
    revision, based_on, changes = sent["revision"], sent["based_on"], sent["changes"]
    if type(revision) is not int or type(based_on) is not int or type(changes) is not dict:
        raise TypeError
    return {"key": uuid.UUID(sent["key"]), "revision": revision, "based_on": based_on, "changes": changes}


def _save_from_form(request: StaffRequest, contact: Contact) -> HttpResponse:
    """Store the whole form of a page without a script. What cannot be stored comes back as it was typed."""
    form, numbers = ConversationForm(request.POST).worded_for(contact), DraftVersionForm(request.POST)
    if not numbers.is_valid():
        return _page(request, contact, form, _("The page sent something unreadable. Load it again."), status=400)
    changes = {name: request.POST.get(name, "") for name in CONVERSATION}
    sent = {"revision": 1, "changes": changes, **numbers.cleaned_data}
    try:
        saved = rules.save_draft(contact, **sent, by=request.user, now=timezone.now())
    except Refused as refusal:
        return _page(request, contact, form, str(refusal), status=422)
    if saved.conflicts:
        contact.refresh_from_db()
        return _page(request, contact, form, conflicts=saved.conflicts, status=409)
    return redirect(_return_url(request, contact))


def _page(
    request: StaffRequest, contact: Contact, form: ConversationForm, refusal: str = "", **more: Any
) -> HttpResponse:
    status = more.pop("status", 200)
    context = {
        "contact": contact, "call": contact.call, "form": form, "refusal": refusal, "room": "contacts",
        "earlier": summaries.earlier_contacts(contact.call), "followed": summaries.predecessor(contact),
        "cited_articles": contact.cited_articles.in_order(),
        "ledger_lines": lines_of_entries(entries_about([key.pk for key in contact.own_keys])),
        "rights": DataRequestForm(), "open_requests": contact.requests.waiting(),
        "supervises": permissions.supervise(request.user), **_slowing_context(request.user, contact),
        "hold": LegalHoldForm(initial={"why": contact.key.legal_hold}),
    }  # fmt: skip
    return render(request, "contacts/contact.html", context | more, status=status)


def _slowing_context(user: User, contact: Contact) -> dict[str, Any]:
    """Return, for the page's context, whether the caller's next calls may be placed behind others, and until when.

    Empty unless the user is a supervisor and the caller can be slowed.
    """
    if not permissions.supervise(user) or not slow_callers.can_be_slowed(contact, timezone.now()):
        return {}
    assert contact.call
    return {"can_be_slowed": True, "slowed_until": slowed_until(contact.call)}


def _after_post(request: StaffRequest, contact: Contact) -> HttpResponse:
    """Redirect after a POST. A script gets 204 and no page."""
    return HttpResponse(status=204) if is_script(request) else redirect(_return_url(request, contact))


def _return_url(request: StaffRequest, contact: Contact) -> str:
    return "/console" if request.POST.get("from") == "console" else reverse("contact", args=[contact.pk])
