import uuid
from typing import Self
from urllib.parse import quote

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q, Value
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.care.cases.models import Case
from amparo.care.consent.models import policy_name
from amparo.care.consent.picklists import LegalBasis as Because
from amparo.care.disclosures.models import Detail
from amparo.care.people.models import Person
from amparo.foundation.access.models import HOTLINE, Agency, User
from amparo.foundation.audit.labels import label_verb
from amparo.foundation.core import row_security
from amparo.foundation.places import places
from amparo.foundation.vault import tokens
from amparo.foundation.vault.fields import SealedField
from amparo.foundation.vault.key_access import has_key
from amparo.foundation.vault.models import DataKey, Token

from .picklists import OVER, Decision, KnownHow, Late, ReportEventKind, Source

CASE_WORK = ("hotline/operator", "hotline/supervisor", "hotline/case_worker")


class ReportQuerySet(models.QuerySet["Report"]):
    def visible_to(self, user: User) -> Self:
        """Return the reports whose key the user holds.

        The team and supervisors hold it and, while the basis is live, the liaisons of the unit.
        """
        return self.filter(has_key(user.acting()))

    def with_events(self) -> Self:
        """Annotate `received_at`, `decided_at`, `recalled_at`, `decision`, and `is_asked`: a question is unanswered."""
        steps = ReportEvent.objects.filter(report=OuterRef("pk"))
        return self.annotate(
            received_at=models.Subquery(steps.filter(kind=ReportEventKind.RECEIVED).order_by("at").values("at")[:1]),
            decided_at=models.Subquery(steps.filter(kind=ReportEventKind.DECIDED).order_by("at").values("at")[:1]),
            recalled_at=models.Subquery(steps.filter(kind=ReportEventKind.RECALLED).values("at")[:1]),
            decision=models.Subquery(steps.filter(kind=ReportEventKind.DECIDED).order_by("-at").values("decision")[:1]),
            is_asked=Exists(_unanswered_questions().filter(report=OuterRef("pk"))),
        )

    def finished(self) -> Self:
        """Return the reports that were decided or recalled."""
        return self.filter(Exists(ReportEvent.objects.filter(report=OuterRef("pk"), kind__in=OVER)))

    def waiting_for_the_unit(self) -> Self:
        return self.filter(~Exists(ReportEvent.objects.filter(report=OuterRef("pk"), kind__in=OVER)))

    def recalled(self) -> Self:
        return self.filter(Exists(ReportEvent.objects.filter(report=OuterRef("pk"), kind=ReportEventKind.RECALLED)))

    def with_unit_number(self, typed: str) -> Self:
        """Return the reports that their unit keeps under exactly this number; signs and capitals do not matter.

        The number is sealed. Keyed tokens of it are compared, which only holders of the report's key can use.
        """
        sought = tokens.tokens_of(Token.Kind.REGISTER, typed, agency=HOTLINE)  # the hotline makes the keys of reports
        return self.filter(key__in=Token.objects.filter(kind=Token.Kind.REGISTER, token__in=sought).values("key"))

    def waiting_for_the_line(self) -> Self:
        """Return the reports with an unanswered question of the unit, the newest first."""
        return self.filter(pk__in=_unanswered_questions().values("report")).order_by("-sent_at", "pk")


def _unanswered_questions() -> "models.QuerySet[ReportEvent]":
    """Return a unit's questions that the hotline has not answered, on reports that it has not recalled."""
    done = Q(kind=ReportEventKind.ANSWERED, at__gte=OuterRef("at")) | Q(kind=ReportEventKind.RECALLED)
    return ReportEvent.objects.filter(
        ~Exists(ReportEvent.objects.filter(done, report=OuterRef("report"))), kind=ReportEventKind.QUESTION.literal
    )


class Report(models.Model):
    """A police report (denuncia): facts that were reviewed for it.

    Names and other items are in `ReportDetail`, each on a basis of its own.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.IntegerField(
        unique=True, editable=False, db_default=models.Func(Value("reports_number"), function="nextval")
    )
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="reports", db_constraint=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    to_agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=12, choices=Source.options)
    known_how = models.CharField(max_length=5, choices=KnownHow.options, blank=True, db_default="")
    ubigeo = models.CharField(max_length=6, blank=True)  # where it happened; blank: not known
    is_danger = models.BooleanField()
    facts = SealedField("report.facts")
    # telephones, plates, nicknames, separated by commas; None: none known
    traces = SealedField("report.traces", null=True)
    because = models.CharField(max_length=32, choices=Because.options)  # the legal basis, in words
    # of the receiver's copy of the key; the report's own id where the law requires the disclosure
    basis = models.UUIDField()
    policy = models.CharField(max_length=40)
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    receive_by = models.DateTimeField()  # by the clocks that were set when it was sent
    decide_by = models.DateTimeField()
    until = models.DateTimeField()  # when the receiver's access ends

    objects = ReportQuerySet.as_manager()
    protected = row_security.ByKey(
        web="select, insert", site="select (id, key_id, person_id, sent_at)",
        worker="select (id, key_id, number, to_agency_id, is_danger, sent_at, receive_by, decide_by, until)",
    )  # fmt: skip

    class Meta:
        indexes = [models.Index(fields=["case", "-sent_at"], name="reports_of_a_case")]
        constraints = [models.CheckConstraint(condition=Q(until__gt=models.F("sent_at")), name="a_report_ends")]

    def __str__(self) -> str:
        return f"report {self.code}"

    @property
    def code(self) -> str:
        """The number people use: D-31."""
        return f"D-{self.number}"

    @property
    def policy_name(self) -> str:
        return policy_name(self.policy)

    @property
    def state_in_words(self) -> str:
        """The state of the report, in words. The report must have the annotations of `with_events`."""
        if getattr(self, "recalled_at", None):
            return str(ReportEventKind.RECALLED.label)
        if decision := getattr(self, "decision", None):
            return str(Decision(decision).label)
        return _("received, not decided") if getattr(self, "received_at", None) else _("not received")

    @property
    def details(self) -> "list[ReportDetail]":
        """The items that are disclosed besides the facts, as far as the current actor may read them now."""
        found = ReportDetail.objects.filter(report=self).select_related("key")
        return sorted(found, key=lambda it: it.place)

    @property
    def place(self) -> str:
        return places.place_label(self.ubigeo)


label_verb("look report", gettext_lazy("read the report"))


class ReportDetail(Detail):
    """One item that a report discloses besides the facts: about the person or about the caller."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="+")

    objects = models.Manager()
    protected = row_security.ByKey(web="select, insert")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["report", "data"], name="a_report_tells_a_detail_once")]


label_verb("look reportdetail", gettext_lazy("read in the report who somebody is"))


class ReportEvent(models.Model):
    """One event of a report. The unit and the hotline both add events; nobody changes them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="steps")
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=ReportEventKind.options)
    decision = models.CharField(max_length=14, choices=Decision.options, blank=True)
    # a folio, a question, an outcome; None: the kind says everything
    words = SealedField("report_event.words", null=True)
    # what the person may be told of it, in words for them; None: nothing
    may_tell = SealedField("report_event.may_tell", null=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by_telephone = models.BooleanField(default=False, db_default=False)  # said by the unit, noted by the hotline
    told_by = SealedField("report_event.told_by", null=True)  # the speaker at the unit; None: not by telephone

    protected = row_security.ByKeyAnyAgency(
        web="select, insert", site="select (id, report_id, key_id, kind, decision, at, may_tell)",
        worker="select (id, report_id, kind, at)",
    )  # fmt: skip

    class Meta:
        indexes = [
            models.Index(fields=["report", "kind", "at"], name="steps_of_a_report"),
            models.Index(fields=["report"], condition=Q(kind=ReportEventKind.QUESTION), name="questions_of_units"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["report", "by_telephone"],
                condition=Q(kind=ReportEventKind.RECEIVED),
                name="a_report_is_received_once",  # and beside it once by telephone
            ),
            models.UniqueConstraint(
                fields=["report"], condition=Q(kind=ReportEventKind.RECALLED), name="a_report_is_recalled_once"
            ),
            models.CheckConstraint(
                condition=Q(kind=ReportEventKind.DECIDED) & ~Q(decision="")
                | ~Q(kind=ReportEventKind.DECIDED) & Q(decision=""),
                name="a_decision_says_which",
            ),
        ]

    def __str__(self) -> str:
        return f"step {self.pk}"


class Area(models.Model):
    """A place that a unit covers, with everything within it. A blank `ubigeo` is the whole country."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    unit = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="areas")
    ubigeo = models.CharField(max_length=6, blank=True, validators=[RegexValidator(r"^(\d{2}){0,3}$")])
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    protected = row_security.ByRole(*CASE_WORK, by="hotline/supervisor", web="select, insert, delete")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "ubigeo"], name="a_unit_has_a_place_once")]

    def __str__(self) -> str:
        return f"area {self.ubigeo}"

    @property
    def place(self) -> str:
        return places.place_label(self.ubigeo) or _("the whole country")


class UnitTelephone(models.Model):
    """The number at which the hotline calls a unit about its reports."""

    unit = models.OneToOneField(Agency, on_delete=models.PROTECT, primary_key=True, related_name="telephone")
    number = models.CharField(max_length=40)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    protected = row_security.ByRole(*CASE_WORK, by="hotline/supervisor", web="select, insert, update, delete")

    def __str__(self) -> str:
        return f"telephone of unit {self.pk}"

    @property
    def address(self) -> str:
        """The number as a `tel:` link (RFC 3966)."""
        return f"tel:{quote(self.number.replace(' ', ''), safe='+*()-')}"


class EscalationQuerySet(models.QuerySet["Escalation"]):
    def waiting(self) -> Self:
        """Return the open escalations: danger first, then the longest late."""
        return self.filter(settled_at=None).order_by("-is_danger", "at", "pk")

    def with_telephones(self) -> Self:
        return self.select_related("to_agency__telephone")


class Escalation(models.Model):
    """A deadline that the unit missed for a report. It is listed until somebody on shift telephones the unit."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    report_number = models.IntegerField(editable=False)
    to_agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    is_danger = models.BooleanField()
    late = models.CharField(max_length=10, choices=Late.options)
    at = models.DateTimeField()  # since when the step is late
    # how often this step was escalated, this time included
    times = models.PositiveSmallIntegerField(default=1, db_default=1)
    settled_at = models.DateTimeField(null=True)  # null: waiting; else done, telephoned, or recalled
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = EscalationQuerySet.as_manager()
    protected = row_security.ByRole(
        *CASE_WORK, web="select, update (settled_at, settled_by_id)", worker="select, insert, update"
    )

    class Meta:
        indexes = [models.Index(fields=["-is_danger", "at"], name="escalations_waiting", condition=Q(settled_at=None))]
        constraints = [
            models.UniqueConstraint(
                fields=["report", "late"], condition=Q(settled_at=None), name="a_step_waits_once_for_the_shift"
            )
        ]

    def __str__(self) -> str:
        return f"escalation {self.pk}"

    @property
    def code(self) -> str:
        return f"D-{self.report_number}"
