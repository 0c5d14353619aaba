"""Invented people call at the press of a button, and write from a page. A real hotline has neither."""

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from amparo.foundation.access.pages import StaffRequest
from amparo.line.roster.models import Seat
from amparo.screens.desk.answering import answer_done, for_operators, operator_action

# Each view imports what it plays with when somebody uses it: no other page needs it in memory.


@operator_action
def call_as_invented_person(request: StaffRequest) -> HttpResponse:
    _only_in_the_demonstration()
    from .commands import choose_conversation, queue_call

    seat = Seat.objects.filter(user=request.user).first()
    queue_call(choose_conversation(seat.languages if seat else ()))
    return answer_done(request)


@for_operators
@require_http_methods(["GET", "POST"])
def telephone(request: StaffRequest, name: str) -> HttpResponse:
    """Show and use the telephone of an invented person, who writes text messages to the line and reads its answers."""
    _only_in_the_demonstration()
    from amparo.line.practice_phone.calls import number_of_caller
    from amparo.line.practice_phone.voices.callers import callers

    from . import tasks, text_messages

    if name not in text_messages.WRITERS:
        raise Http404
    words = request.POST.get("words", "").strip()[: text_messages.LONGEST]
    screen = text_messages.exchange_messages(number := number_of_caller(callers()[name]), words)
    if words:
        tasks.take_text_messages.defer()
    if request.method == "POST":
        return redirect("demo-telephone", name)
    context = {
        "writers": [(id, callers()[id].name, each.who) for id, each in text_messages.WRITERS.items()],
        "name": name, "number": number, "line": text_messages.LINE, "screen": screen,
        "first_words": "" if screen else text_messages.WRITERS[name].first_words, "longest": text_messages.LONGEST,
    }  # fmt: skip
    return render(request, "demo/telephone.html", context)


def _only_in_the_demonstration() -> None:
    if not settings.ENVIRONMENT.demo:
        raise Http404
