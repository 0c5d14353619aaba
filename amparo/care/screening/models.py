import re
import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from amparo.care.people.models import Person
from amparo.care.people.picklists import Age
from amparo.foundation.core import row_security
from amparo.foundation.core.picklists import Picklist
from amparo.foundation.vault.fields import SealedField
from amparo.foundation.vault.models import DataKey

from .indicators import Finding
from .picklists import Result
from .versions import rule_of_version

NAMED = re.compile(r"palermo-129a/(?P<law>\d+) ilo-delphi-2009/(?P<lists>\d+)")  # rules that have a name in words


class Screening(models.Model):
    """The answers recorded so far for one person, in any order. Only a signed `Assessment` of them has a meaning."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True, related_name="screening")
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    answers = models.JSONField(default=dict)  # key of an item -> Answer; a missing key means not asked
    edits = models.JSONField(default=dict)  # key of an item -> the version of its last change
    version = models.PositiveIntegerField(default=0)

    protected = row_security.ByKey(web="select, insert, update")

    def __str__(self) -> str:
        return f"screening of person {self.person_id}"


class Quotation(models.Model):
    """What the person said of one item, in their own words, as somebody wrote it down. Nobody signs it."""

    LONGEST = 300  # characters

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="quotations")
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    item = models.CharField(max_length=60)  # its key in `Screening.answers`
    words = SealedField("quotation.words")
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    protected = row_security.ByKey(web="select, insert, delete")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "item"], name="an_answer_has_one_quotation")]

    def __str__(self) -> str:
        return f"quotation {self.pk}"


class Status(Picklist):
    """The decision of a competent body. Nobody else makes it."""

    ACTUAL_VICTIM = "actual_victim", _("victim of trafficking")
    NOT_A_VICTIM = "not_a_victim", _("not a victim of trafficking")


class Body(Picklist):
    """State bodies that decide whether somebody is a victim: vic_TraffickingStatusDecisionMakingOrg of HTCDS v2.0."""

    PROSECUTION = "prosecution", _("prosecutor or court")
    POLICE = "police", _("police")
    GOVERNMENT = "government", _("another authority")


class Recognition(models.Model):
    """The decision of a competent body about a person. A row never changes; the newest decision is valid."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="recognitions")
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=14, choices=Status.options)
    body = models.CharField(max_length=12, choices=Body.options)
    # The authority and the number of its decision. None: it was forgotten.
    document = SealedField("recognition.document", null=True)
    decided_on = models.DateField()
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    protected = row_security.ByKey(web="select, insert")

    class Meta:
        indexes = [models.Index(fields=["person", "-decided_on", "-written_at"], name="recognitions_newest_first")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=Status.values, body__in=Body.values), name="only_a_competent_body_decides"
            )
        ]

    def __str__(self) -> str:
        return f"recognition {self.pk}"


class Assessment(models.Model):
    """A signed assessment: inputs, rule and result. A row never changes; a later assessment supersedes it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="assessments")
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    answers = models.JSONField()
    age = models.CharField(max_length=8, choices=Age.options)  # at the time of the events
    rule = models.CharField(max_length=60)  # version of the rule that computed it, see versions.py
    result = models.CharField(max_length=26, choices=Result.options)
    finding = models.CharField(max_length=28, choices=Finding.options, blank=True)  # blank: no ILO list applies
    remark = SealedField("assessment.remark", null=True)
    signed_at = models.DateTimeField()
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    protected = row_security.ByKey(web="select, insert")

    class Meta:
        indexes = [models.Index(fields=["person", "-signed_at"], name="assessments_newest_first")]
        constraints = [models.CheckConstraint(condition=Q(result__in=Result.values), name="no_assessment_is_a_verdict")]

    def __str__(self) -> str:
        return f"assessment {self.pk}"

    @property
    def rule_name(self) -> str:
        """The name of its rule, as people read it: the legal test, and the lists of indicators."""
        if not (found := NAMED.fullmatch(self.rule)):
            return self.rule
        versions = found.groupdict()
        return gettext("Palermo and article 129-A, version %(law)s; ILO 2009, version %(lists)s") % versions

    @property
    def recomputed(self) -> dict[str, str]:
        """Recompute the result from the stored answers, age and rule version. It must equal what was signed.

        Raises `UnknownRule` if this version of Amparo does not have the rule.
        """
        return rule_of_version(self.rule).compute(self.answers, Age(self.age))
