"""The pages of quality: what waits, one conversation with its sheet, and how far reviewers agree."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.audit.labels import Purpose
from amparo.foundation.core.actor import switch_purpose
from amparo.foundation.core.dates import monday_of
from amparo.foundation.core.refusal import Refused
from amparo.foundation.oversight.openings import open_file, purpose_of_reading
from amparo.line.contacts.models import Contact
from amparo.line.contacts.picklists import State

from . import rules
from .agreement_picture import agreement_picture
from .forms import AnswerForm, AskForReviewForm, ReviewForm
from .models import OPENS_AFTER, Review, Sample
from .picklists import Mark
from .rubric import ITEMS

SHOWN, ASKABLE = 50, 20  # samples and conversations of one list
UNUSABLE = 422


@staff(permissions.take_calls)
@require_GET
def quality(request: StaffRequest) -> HttpResponse:
    return _overview(request)


@staff(permissions.take_calls)
@require_POST
def ask_for_review(request: StaffRequest) -> HttpResponse:
    form = AskForReviewForm(_own_contacts(request, timezone.now()), request.POST)
    if not form.is_valid():
        return _overview(request, _("Choose one of your conversations."))
    rules.ask_for_review(form.cleaned_data["contact"], by=request.user, now=timezone.now())
    return redirect("quality")


@staff(permissions.supervise)
@require_POST
def draw_last_week(request: StaffRequest) -> HttpResponse:
    """Draw the sample of the last full week."""
    monday = monday_of(timezone.localdate()) - timedelta(weeks=1)
    rules.draw_week(monday, by=request.user, now=timezone.now())
    return redirect("quality")


@staff(permissions.take_calls)
@require_GET
def sample(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    """Show a reviewer the sheet, the operator the feedback, and later supervisors all of it with the answer."""
    return _page(request, get_object_or_404(Sample.objects.select_related("contact"), pk=pk))


@staff(permissions.take_calls)
@require_POST
def open_notes(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    """Record that the user reads the notes of a conversation to review it. For 12 hours they stand beside the sheet."""
    record = _contact_of(request, get_object_or_404(Sample, pk=pk))
    if record is None:
        raise Http404
    if record.given_purpose is None:
        open_file(record, purpose=Purpose.REVIEW, by=request.user, now=timezone.now())
    return redirect("quality-sample", pk)


@staff(permissions.supervise)
@require_POST
def review(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Sample.objects.select_related("contact"), pk=pk)
    form = ReviewForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, _("Mark every line of the sheet, and write a sentence to the person."))
    rules.review(found, form.marks, form.cleaned_data["feedback"], by=request.user, now=timezone.now())
    return redirect("quality")


@staff(permissions.take_calls)
@require_POST
def answer(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Sample, pk=pk, operator=request.user)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        raise Refused(_("Your answer is too long. Shorten it."))
    rules.answer_feedback(found, form.cleaned_data["words"], by=request.user, now=timezone.now())
    return redirect("quality-sample", pk)


def _own_contacts(request: StaffRequest, now: datetime) -> QuerySet[Contact]:
    """One's own conversations that may still be reviewed, newest first."""
    own = Contact.objects.visible_to(request.user).real().filter(operator=request.user, state=State.WRAPPED)
    recent = own.filter(started__gte=now - rules.LATEST_ASKED)
    return recent.exclude(pk__in=Sample.objects.values("contact")).order_by("-started")


def _contact_of(request: StaffRequest, found: Sample) -> Any:
    """Return the contact of a sample with the purpose that this user gave, as `given_purpose` (oversight/pages.py).

    None: the user may not see the contact.
    """
    visible = Contact.objects.visible_to(request.user).select_related("key")
    return (
        visible.annotate(given_purpose=purpose_of_reading(request.user, timezone.now()))
        .filter(pk=found.contact_id)
        .first()
    )


def _overview(request: StaffRequest, refusal: str = "") -> HttpResponse:
    user, now = request.user, timezone.now()
    own_contacts = _own_contacts(request, now)
    context: dict[str, Any] = {
        "room": "quality", "refusal": refusal, "now": now, "days": OPENS_AFTER.days,
        "own": Sample.objects.of_operator(user).select_related("contact", "answer")[:SHOWN],
        "waiting": set(Sample.objects.to_answer(user).values_list("pk", flat=True)),
        "ask_form": AskForReviewForm(own_contacts[:ASKABLE]), "can_ask": own_contacts.exists(),
    }  # fmt: skip
    if permissions.supervise(user):
        agreement = rules.agreement_by_item()
        readable = (
            Sample.objects.readable_by_supervisors(now).exclude(operator=user).select_related("contact", "answer")
        )
        context |= {
            "to_review": Sample.objects.to_review(user).select_related("contact")[:SHOWN],
            "readable": list(readable[:SHOWN]),
            "agreement": agreement, "picture": agreement_picture(agreement), "items": ITEMS,
        }  # fmt: skip
    return render(request, "quality/quality.html", context, status=UNUSABLE if refusal else 200)


def _page(
    request: StaffRequest, found: Sample, form: ReviewForm | None = None, refusal: str = ""
) -> HttpResponse:  # fmt: skip
    is_own = found.operator_id == request.user.pk
    reviews = list(Review.objects.filter(sample=found).select_related("reviewer", "key").order_by("written_at"))
    wrote = any(each.reviewer_id == request.user.pk for each in reviews)
    answered = getattr(found, "answer", None)
    contact = _contact_of(request, found)
    if contact is not None and contact.given_purpose:
        switch_purpose(request.user.acting(Purpose(contact.given_purpose)))
    context = {
        "contact": contact,
        "sample": found, "now": timezone.now(), "is_own": is_own, "reviews": reviews, "answer": answered,
        "room": "quality", "refusal": refusal,
        "rows": [(item, [Mark(each.marks.get(item.name, "")).label for each in reviews]) for item in ITEMS],
        "form": form or (ReviewForm() if not (is_own or wrote or found.ready_at) else None),
        "answer_form": AnswerForm() if is_own and found.ready_at and not answered else None,
    }  # fmt: skip
    return render(request, "quality/sample.html", context, status=UNUSABLE if refusal else 200)
