import json
import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST

from amparo.care.people.models import Person
from amparo.care.people.picklists import Age
from amparo.care.screening import answers, indicators
from amparo.care.screening.determination import required_elements
from amparo.care.screening.models import Quotation, Recognition, Screening
from amparo.care.screening.picklists import Answer, Element
from amparo.care.screening.questions import has_question, next_question, question_for, question_text
from amparo.care.screening.rules import answer, own_words, quotations_in, quote
from amparo.care.screening.versions import newest_rule
from amparo.foundation.access import permissions
from amparo.foundation.access.models import User
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.form_fields import first_error
from amparo.foundation.core.pages import is_script, parse_number
from amparo.foundation.core.refusal import Refused
from amparo.foundation.oversight.openings import purpose_of_reading
from amparo.line.contacts.models import Contact

from . import rules
from .forms import RecognitionForm, SignAssessmentForm
from .models import Case
from .person_forms import AGE_GROUPS, AgeForm
from .presentation import person_of_case_or_404, with_case

MOST_LEFT = 200  # keys of questions left for later; there are fewer questions
REPLIES = (Answer.YES, Answer.NO, Answer.UNKNOWN)


@staff(permissions.follow_cases)
@require_http_methods(["GET", "POST"])
@with_case
def screening(request: StaffRequest, case: Case, person: uuid.UUID) -> HttpResponse:
    """Show the screening as a conversation: earlier answers, one question, the result so far. POST records one answer.

    A script gets only the conversation back. In a POST, `leave` is the key of a question to leave for later, and
    `again` that of a question to ask again.
    """
    found, sent = person_of_case_or_404(case, person), request.POST
    later, again, now = _left_for_later(sent), sent.get("again", ""), timezone.now()
    if request.method == "POST":
        given = changed_answers(sent)
        if sent.get("leave") in answers.item_keys():
            given[sent["leave"]] = Answer.NOT_ASKED
        based_on = parse_number(sent.get("version", "")) or 0
        answer(found, given, based_on=based_on, by=request.user, now=now)
        for item in [key for key, reply in given.items() if reply != Answer.NOT_ASKED and "words" in sent]:
            quote(found, item, sent["words"], by=request.user, now=now)
    if is_script(request):
        return render(request, "cases/_asking.html", conversation_context(case, found, later, again))
    marked = {"marked": _marked_in_notes(case, request.user, now)}
    return render(request, "cases/screening.html", page_context(case, found, later, again) | marked)


@staff(permissions.follow_cases)
@require_http_methods(["GET", "POST"])
@with_case
def signs(request: StaffRequest, case: Case, person: uuid.UUID) -> HttpResponse:
    """Show every item, to tick in any order. POST saves answers.

    A script gets only the summary back; a form submission redirects.
    """
    found = person_of_case_or_404(case, person)
    if request.method == "POST":
        given = changed_answers(request.POST)
        based_on = parse_number(request.POST.get("version", "")) or 0
        answer(found, given, based_on=based_on, by=request.user, now=timezone.now())
        if not is_script(request):
            return redirect("case-screening-signs", case.pk, found.pk)
        return render(request, "cases/_standing.html", summary_context(case, found))
    return render(request, "cases/signs.html", all_signs_context(case, found))


@staff(permissions.follow_cases)
@require_POST
@with_case
def sign_assessment(request: StaffRequest, case: Case, person: uuid.UUID) -> HttpResponse:
    found, form = person_of_case_or_404(case, person), SignAssessmentForm(request.POST)
    if refusal := first_error(form):
        raise Refused(refusal)
    rules.sign_assessment(found, **form.cleaned_data, by=request.user, now=timezone.now())
    return redirect("case-screening", case.pk, found.pk)


@staff(permissions.follow_cases)
@require_POST
@with_case
def record_decision(request: StaffRequest, case: Case, person: uuid.UUID) -> HttpResponse:
    """Record an authority's decision. This works in a closed case too, because authorities often take longer."""
    found, form = person_of_case_or_404(case, person), RecognitionForm(request.POST)
    refusal = first_error(form)
    try:
        if not refusal:
            rules.write_decision(found, **form.cleaned_data, by=request.user, now=timezone.now())
            return redirect("case-screening", case.pk, found.pk)
    except Refused as reason:
        refusal = str(reason)
    context = page_context(case, found) | {"deciding": form, "refusal": refusal}
    return render(request, "cases/screening.html", context, status=422)


def changed_answers(sent: QueryDict) -> dict[str, str]:
    """Return the answers that the user changed, by the key of their item.

    The form also sends the answers that the page showed, as JSON in `was`; a script sends only the changed answer,
    without `was`. Raises `Refused` if `was` is unreadable.
    """
    try:
        was = dict(json.loads(sent.get("was", "{}")))
    except (ValueError, TypeError, RecursionError):
        raise Refused(_("The page sent something unreadable. Load it again.")) from None
    given = {key: str(sent[key]) for key in answers.item_keys() & sent.keys()}
    return {key: value for key, value in given.items() if was.get(key, Answer.NOT_ASKED) != value}


def summary_context(case: Case, person: Person) -> dict[str, Any]:
    """Return the context of the summary: result, finding, strongest indicator and next question."""
    found = Screening.objects.filter(person=person).first() or Screening(person=person)
    given, age, rule = found.answers, person.age, newest_rule()
    result, finding = rule.result(given, age), rule.finding(given, age)
    return {
        "case": case, "person": person, "screening": found, "result": result, "finding": finding,
        "disagree": answers.results_disagree(result, finding),
        "strongest": answers.strongest_indicator(given, age),
        "ilo_list": answers.applicable_profile(given, age),
        "question": next_question(given, age, age_was_asked=person.age_group != ""),
        "elements": [
            (
                which, answers.answer_to_element(given, which), which in required_elements(age),
                _confirmed_labels(given, which),
            )
            for which in Element
        ],
        "has_answers": any(value != Answer.NOT_ASKED for value in given.values()),
        "no_list": finding is None and answers.answer_to_element(given, Element.PURPOSE) == Answer.YES,
    }  # fmt: skip


def conversation_context(case: Case, person: Person, later: Collection[str] = (), again: str = "") -> dict[str, Any]:
    """Return the context of the conversation: the summary, the questions answered so far, and the next question.

    `later`: keys of the questions left for later. `again`: the key of a question to ask again.
    """
    context = summary_context(case, person)
    given, edits = context["screening"].answers, context["screening"].edits
    keys = sorted((key for key in given if has_question(key)), key=lambda key: edits.get(key, 0))
    words = own_words(person)
    answered = [
        (key, question_text(key), state, words.get(key, ""))
        for key in keys if (state := answers.answer_to(given, key)) != Answer.NOT_ASKED
    ]  # fmt: skip
    question = next_question(given, person.age, age_was_asked=person.age_group != "", later=later)
    if has_question(again):
        question = question_for(again, given, person.age)
    return context | {
        "question": question, "answered": answered, "later": " ".join(later), "replies": REPLIES,
        "given": answers.answer_to(given, question.key) if question else "",
        "words": words.get(question.key, "") if question else "", "longest": Quotation.LONGEST, "ages": AGE_GROUPS[1:],
        "age_is_known": person.age != Age.UNKNOWN or person.age_group != "",
        "aging": AgeForm(initial=_age_values(person)),
    }  # fmt: skip


def page_context(case: Case, person: Person, later: Collection[str] = (), again: str = "") -> dict[str, Any]:
    """Return the context of the page of the screening conversation.

    It has the conversation itself (`later` and `again`: see `conversation_context`), the signed assessments and the
    decisions.
    """
    return conversation_context(case, person, later, again) | {
        "signed": person.assessments.select_related("signed_by").order_by("-signed_at"),
        "remark": SignAssessmentForm(), "room": "cases", "deciding": RecognitionForm(),
        "decisions": _decisions_on(person),
    }  # fmt: skip


def all_signs_context(case: Case, person: Person) -> dict[str, Any]:
    """Return the context of the page with every item: the summary, and the items to tick."""
    context = summary_context(case, person)
    given, words = context["screening"].answers, own_words(person)

    def rows(items: list[tuple[str, Any]]) -> list[tuple[str, Any, Answer, str]]:
        return [(key, label, answers.answer_to(given, key), words.get(key, "")) for key, label in items]

    legal = [
        (which, rows([(f"{which}.{value}", label) for value, label in answers.ITEMS[which].choices]
                     + [(f"{which}.{answers.RULED_OUT}", _("ruled out, for certain"))]))
        for which in Element
    ]  # fmt: skip
    groups = [
        (dimension, rows([(sign.key, sign.local_label) for sign in dimension.indicators]))
        for dimension in indicators.dimensions()
    ]
    return context | {
        "legal": legal, "signs": groups, "known": Answer.choices, "was": json.dumps(given), "room": "cases",
        "filters": [
            ("", pgettext("signs", "All")), ("asked", pgettext("signs", "Answered")),
            ("not_asked", pgettext("signs", "Not asked")),
        ],
    }  # fmt: skip


def _marked_in_notes(case: Case, user: User, now: datetime) -> list[str]:
    """Return the quoted words in the notes of those contacts of this case that are the user's current work."""
    contacts = (
        Contact.objects.visible_to(user)
        .filter(inclusion__case=case)
        .annotate(given_purpose=purpose_of_reading(user, now))
    )
    notes = [contact.notes for contact in contacts.filter(given_purpose="").select_related("key")]
    return list(dict.fromkeys(words for each in notes for words in quotations_in(each)))


def _left_for_later(sent: QueryDict) -> list[str]:
    """Return the keys of the questions left for later, in the order in which they were left."""
    keys = [*sent.get("later", "").split()[:MOST_LEFT], *sent.getlist("leave")]
    return [key for key in dict.fromkeys(keys) if has_question(key)]


def _confirmed_labels(given: answers.Answers, which: Element) -> list[str]:
    """Return the labels of the items of an element that were answered yes."""
    items = answers.ITEMS[which].choices
    return [str(label) for value, label in items if answers.answer_to(given, f"{which}.{value}") == Answer.YES]


def _decisions_on(person: Person) -> QuerySet[Recognition]:
    decided = person.recognitions.select_related("written_by", "key")
    return decided.order_by("-decided_on", "-written_at")


def _age_values(person: Person) -> dict[str, Any]:
    return {"age_at_events": person.age_at_events, "age_group": person.age_group, "based_on": person.version}
