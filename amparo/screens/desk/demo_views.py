"""In the demonstration, invented people call at the press of a button, and write from a page."""

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from amparo.foundation.access.pages import StaffRequest
from amparo.line.roster.models import Seat

from .answering import answer_done, for_operators, operator_action

# Each view imports the demonstration when somebody uses it: no other page needs it.


@operator_action
def call_as_invented_person(request: StaffRequest) -> HttpResponse:
    _only_in_the_demonstration()
    from amparo.demo.commands import choose_conversation, queue_call

    seat = Seat.objects.filter(user=request.user).first()
    queue_call(choose_conversation(seat.languages if seat else ()))
    return answer_done(request)


@for_operators
@require_http_methods(["GET", "POST"])
def telephone(request: StaffRequest, name: str) -> HttpResponse:
    """Show and use the telephone of an invented person, who writes text messages to the line and reads its answers."""
    _only_in_the_demonstration()
    from amparo.demo import tasks, text_messages
    from amparo.demo.calls import number_of_caller
    from amparo.demo.voices.callers import callers

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
    return render(request, "desk/telephone.html", context)


def has_telephones() -> bool:
    """Whether this demonstration has a message centre of its own, so that invented people can write text messages."""
    from amparo.demo import text_messages

    return text_messages.has_message_centre()


def _only_in_the_demonstration() -> None:
    if not settings.ENVIRONMENT.demo:
        raise Http404
