"""The lists of words of a police report."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Source(models.TextChoices):
    """Who tells it. For each of them other rules hold, on one page."""

    VICTIM = "victim", _("the person herself")
    WITNESS = "witness", _("somebody who saw it")
    THIRD_PARTY = "third_party", _("a tip of somebody who heard of it")


class StepKind(models.TextChoices):
    RECEIVED = "received", _("received, with a folio")
    ASKED = "asked", _("a question back")
    ANSWERED = "answered", _("the answer of the line")
    DECIDED = "decided", _("decided")
    OUTCOME = "outcome", _("what came of it")
    TOLD = "told", _("told back to her")


THEIRS = (StepKind.RECEIVED, StepKind.ASKED, StepKind.DECIDED, StepKind.OUTCOME)  # of the receiving side
OURS = (StepKind.ANSWERED, StepKind.TOLD)


class Decision(models.TextChoices):
    INVESTIGATED = "investigated", _("an investigation is open")
    ACTED = "acted", _("they went there")
    PASSED_ON = "passed_on", _("passed on to the unit it belongs to")
    MORE_NEEDED = "more_needed", _("more is needed before anything can be done")
    SHELVED = "shelved", _("shelved")
