"""Invented quality reviews of the last weeks, and an invented plan of shifts for the next week."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import cycle

from django.utils import timezone

from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.dates import monday_of
from amparo.line.quality.models import Sample
from amparo.line.quality.rubric import NAMES
from amparo.line.quality.rules import answer_feedback, draw_week, review
from amparo.line.roster.models import ExpectedCalls
from amparo.line.roster.plan_rules import suggest_plan
from amparo.screens.supervision.demand import count_demand

# What an invented supervisor says, with the marks of the sheet in its order; " ": does not apply.
FEEDBACK = (
    ("332321323", "Inventado: esperó en silencio cuando hacía falta, y después volvió a la pregunta. Con el "
     "consentimiento fue muy rápido: faltó decir hasta cuándo dura."),
    ("333233333", "Inventado: preguntó primero si podía hablar. Las notas recogen hechos, en palabras de la persona."),
    ("33322 322", "Inventado: buena escucha. No quedó claro cuándo volvemos a llamar."),
    ("232232222", "Inventado: bien la derivación. Los límites se dijeron tarde, cuando ya había contado mucho."),
    ("323112 12", "Inventado: prometió que la denuncia avanzaría pronto. Eso no depende de la línea."),
    ("223323231", "Inventado: dejó un próximo paso. En las notas hay una opinión: mejor solo lo que se dijo."),
)  # fmt: skip
ANSWER = "Inventado: tiene razón, era tarde y la persona susurraba. Me gustaría practicarlo."
WEEKS, WEEK = 9, timedelta(days=7)
SAME, NEAR = 0.75, 0.93  # of the second reviewer's marks: as the first one's, and at most one step away


def review_weeks(people: dict[str, User], now: datetime) -> None:
    """Draw the samples of the last full weeks, and review them; in the last week some reviews are left to do."""
    marta, nelly, chance, words = people["marta"], people["nelly"], random.Random(1), cycle(FEEDBACK)
    with acting_as(marta.acting()):
        if Sample.objects.exists():
            return
    for back in reversed(range(1, WEEKS + 1)):
        monday = monday_of(timezone.localdate(now)) - WEEK * back
        draw_week(monday, by=marta, now=now)
        with acting_as(marta.acting()):
            drawn = list(Sample.objects.to_review(marta).filter(week=monday).select_related("operator"))
        if back > 1:
            _review_all(drawn, (marta, nelly), chance, words, now)
        else:
            _review_some(drawn, marta, words, now)


def _review_all(
    drawn: list[Sample], by: tuple[User, User], chance: random.Random, words: Iterator[tuple[str, str]], now: datetime
) -> None:
    for sample in drawn:
        marks, feedback = next(words)
        review(sample, _marks_by_name(marks), feedback, by=by[0], now=now)
        if sample.reviewers == 2:
            review(
                sample,
                _marks_by_name("".join(_mark_again(mark, chance) for mark in marks)),
                feedback,
                by=by[1],
                now=now,
            )
        answer_feedback(sample, "", by=sample.operator, now=now)


def _review_some(drawn: list[Sample], by: User, words: Iterator[tuple[str, str]], now: datetime) -> None:
    """Review three conversations that have one reviewer; the operator of the first answers."""
    alone = [sample for sample in drawn if sample.reviewers == 1][:3]
    for sample in alone:
        marks, feedback = next(words)
        review(sample, _marks_by_name(marks), feedback, by=by, now=now)
    if alone:
        answer_feedback(alone[0], ANSWER, by=alone[0].operator, now=now)


def _mark_again(mark: str, chance: random.Random) -> str:
    """Return the second reviewer's mark: mostly the first one's, sometimes a step away, seldom a random one."""
    luck = chance.random()
    if luck < SAME:
        return mark
    if luck < NEAR and mark != " ":
        return str(min(3, max(0, int(mark) + chance.choice((-1, 1)))))
    return chance.choice("0123")


def _marks_by_name(marks: str) -> dict[str, str]:
    return dict(zip(NAMES, (mark.strip() for mark in marks), strict=True))


def plan_ahead(marta: User, now: datetime) -> None:
    """Count the expected calls, and suggest shifts for the next week; unless somebody has counted already."""
    with acting_as(marta.acting()):
        if ExpectedCalls.current() is not None:
            return
        count_demand(by=marta, now=now)
    suggest_plan(monday_of(timezone.localdate(now)) + timedelta(days=7), by=marta, now=now)
