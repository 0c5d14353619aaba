"""An invented week of reviews, and what the line expects of the next one."""

from datetime import datetime, timedelta

from django.utils import timezone

from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as
from amparo.line.quality.models import Sample
from amparo.line.quality.rubric import NAMES
from amparo.line.quality.rules import answer_feedback, draw_week, review
from amparo.line.roster.cover import monday_of
from amparo.line.roster.models import ExpectedCalls
from amparo.line.roster.plan_rules import suggest_plan
from amparo.screens.supervision.demand import count_demand

# What an invented supervisor says, with the marks of the sheet in its order; "": does not apply.
FEEDBACK = (
    ("332321323", "Inventado: esperó en silencio cuando hacía falta, y después volvió a la pregunta. Con el "
     "consentimiento fue muy rápido: faltó decir hasta cuándo dura."),
    ("333233333", "Inventado: preguntó primero si podía hablar. Las notas dicen hechos, con las palabras de ella."),
    ("33322 322", "Inventado: buena escucha. No quedó claro cuándo volvemos a llamar."),
)  # fmt: skip
ANSWER = "Inventado: tiene razón, era tarde y ella susurraba. Me gustaría practicarlo."


def review_a_week(people: dict[str, User], now: datetime) -> None:
    """Draw the last full week, review three conversations, and let one operator answer."""
    marta = people["marta"]
    with acting_as(marta.acting()):
        if Sample.objects.exists():
            return
    draw_week(monday_of(timezone.localdate(now)) - timedelta(days=7), by=marta, now=now)
    with acting_as(marta.acting()):
        drawn = list(Sample.objects.to_review(marta).filter(reviewers=1).select_related("operator"))
    for sample, (marks, words) in zip(drawn, FEEDBACK, strict=False):
        review(sample, dict(zip(NAMES, (mark.strip() for mark in marks), strict=True)), words, by=marta, now=now)
    if drawn:
        answer_feedback(drawn[0], ANSWER, by=drawn[0].operator, now=now)


def plan_ahead(marta: User, now: datetime) -> None:
    """Count the calls, and have a plan suggested for the next week; unless somebody has counted."""
    with acting_as(marta.acting()):
        if ExpectedCalls.current() is not None:
            return
        count_demand(by=marta, now=now)
    suggest_plan(monday_of(timezone.localdate(now)) + timedelta(days=7), by=marta, now=now)
