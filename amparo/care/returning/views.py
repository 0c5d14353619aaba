import uuid

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from amparo.care.cases.models import Case, CaseContact
from amparo.care.cases.presentation import with_case
from amparo.care.people.models import Person
from amparo.care.people.picklists import Part
from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.form_fields import first_error
from amparo.foundation.core.refusal import Refused
from amparo.foundation.vault.fields import log_reads_together
from amparo.line.contacts import return_code_rules
from amparo.line.contacts.models import Contact, ReturnCode, ReturnCodeMessage

from . import rules
from .code_requests import handle_code_request
from .forms import AnswerToBearerForm, CodeForm, CodeOwnerForm
from .models import ReturnCodeOwner

SHOWN = 50  # waiting messages on one page


@staff(permissions.follow_cases)
@require_http_methods(["GET", "POST"])
def return_codes(request: StaffRequest) -> HttpResponse:
    """List the waiting messages that people left with their return codes. POST looks up a spoken code."""
    if request.method == "POST":
        now = timezone.now()
        if (back := handle_code_request(request.POST, now, is_aloud=True)).story:
            return_code_rules.use_spoken_code(back.story.code, by=request.user, now=now)
        return render(request, "returning/told.html", {"back": back, "room": "codes"}, status=back.status)
    waiting = [
        (word, _answer_form(word)) for word in ReturnCodeMessage.objects.waiting().select_related("code", "key")[:SHOWN]
    ]
    for word, _form in waiting:
        log_reads_together(word.code, [word])
    context = {"form": CodeForm(), "waiting": waiting, "room": "codes"}
    return render(request, "returning/codes.html", context)


@staff(permissions.follow_cases)
@require_POST
def mark_messages_read(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    return_code_rules.mark_messages_read(_code_or_404(request, pk), by=request.user, now=timezone.now())
    return redirect("return-codes")


@staff(permissions.follow_cases)
@require_POST
def answer_bearer(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    """Save the answer that the bearer will read; this marks their messages as read."""
    code, form, now = _code_or_404(request, pk), AnswerToBearerForm(request.POST), timezone.now()
    refusal = first_error(form)
    if not refusal:
        try:
            return_code_rules.reply_to_bearer(code, form.cleaned_data["words"], by=request.user, now=now)
            return_code_rules.mark_messages_read(code, by=request.user, now=now)
            return redirect(_url_of_form_page(request, code))
        except Refused as reason:
            refusal = str(reason)
    context = {"code": code, "answer": form, "refusal": refusal, "from": request.POST.get("from"), "room": "codes"}
    return render(request, "returning/answer.html", context, status=422)


@staff(permissions.follow_cases)
@require_POST
def end_code(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    code = return_code_rules.end_code(_code_or_404(request, pk), by=request.user, now=timezone.now())
    return redirect(_url_of_form_page(request, code))


@staff(permissions.follow_cases)
@require_POST
def give_code(request: StaffRequest, contact: uuid.UUID) -> HttpResponse:
    """Give a code for this contact. Only this page ever shows it."""
    found = get_object_or_404(Contact.objects.visible_to(request.user), pk=contact)
    context = {"contact": found, "room": "codes"}
    try:
        code = return_code_rules.give_code(found, by=request.user, now=timezone.now())
    except Refused as reason:
        before = found.return_codes.filter(ended_at=None).first()
        return render(request, "returning/has_one.html", context | {"refusal": reason, "code": before}, status=422)
    return render(request, "returning/given.html", context | {"code": code})


@staff(permissions.follow_cases)
@require_GET
@with_case
def codes_of_case(request: StaffRequest, it: Case) -> HttpResponse:
    """List the codes of a case's contacts, with the owner of each and the messages sent with it."""
    return _show_codes_of_case(request, it)


def _show_codes_of_case(request: StaffRequest, it: Case, refusal: str = "") -> HttpResponse:
    included = CaseContact.objects.filter(case=it).select_related("contact").order_by("contact__number")
    found = ReturnCode.objects.visible_to(request.user).filter(contact__inclusion__case=it)
    rows = [_code_row(it, code) for code in found.select_related("key", "owner__person").order_by("-given_at")]
    context = {
        "case": it, "rows": rows, "contacts": [each.contact for each in included], "refusal": refusal, "room": "cases",
    }  # fmt: skip
    return render(request, "returning/of_case.html", context, status=422 if refusal else 200)


@staff(permissions.follow_cases)
@require_POST
@with_case
def set_code_owner(request: StaffRequest, it: Case, code: uuid.UUID) -> HttpResponse:
    form = CodeOwnerForm(request.POST, people=_possible_owners(it))
    if refusal := first_error(form):
        return _show_codes_of_case(request, it, refusal)
    try:
        rules.set_code_owner(_code_or_404(request, code), **form.cleaned_data, by=request.user, now=timezone.now())
    except Refused as reason:
        return _show_codes_of_case(request, it, str(reason))
    return redirect("case-codes", it.pk)


def _code_or_404(request: StaffRequest, pk: uuid.UUID) -> ReturnCode:
    return get_object_or_404(ReturnCode.objects.visible_to(request.user).select_related("key"), pk=pk)


def _code_row(
    it: Case, code: ReturnCode
) -> tuple[ReturnCode, ReturnCodeOwner | None, list[ReturnCodeMessage], CodeOwnerForm, AnswerToBearerForm]:
    words = list(code.messages.select_related("by", "key").order_by("at", "pk"))
    log_reads_together(code, words)
    whose = CodeOwnerForm(people=_possible_owners(it), auto_id=f"{code.pk}-%s")
    return code, getattr(code, "owner", None), words, whose, _answer_form(code)


def _answer_form(about: ReturnCode | ReturnCodeMessage) -> AnswerToBearerForm:
    """Return an answer form for one code or message. Its ids differ from those of the other forms on the page."""
    return AnswerToBearerForm(auto_id=f"{about.pk}-%s")


def _possible_owners(it: Case) -> QuerySet[Person]:
    return it.persons.exclude(part=Part.ALLEGED_PERPETRATOR)


def _url_of_form_page(request: StaffRequest, code: ReturnCode) -> str:
    """Return the URL of the page that the form was on."""
    if request.POST.get("from") == "contact":
        return f"/contacts/{code.contact_id}"
    case = CaseContact.objects.filter(contact=code.contact_id).first() if request.POST.get("from") == "case" else None
    return reverse("case-codes", args=[case.case_id]) if case else reverse("return-codes")
