import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q, Value
from django.utils.translation import gettext as _

from amparo.care.cases.models import Case
from amparo.care.consent.disclosure import LegalBasis as Because
from amparo.care.people.models import Person
from amparo.foundation.access.models import Agency, User
from amparo.foundation.core import row_security
from amparo.foundation.places import places
from amparo.foundation.vault.fields import SealedField
from amparo.foundation.vault.key_access import has_key
from amparo.foundation.vault.models import DataKey

from .details import Detail
from .picklists import OVER, Decision, KnownHow, ReportEventKind, Source


class ReportQuerySet(models.QuerySet["Report"]):
    def visible_to(self, user: User) -> Self:
        """Whoever holds its key: the team, supervisors, and the liaisons of the unit while its basis lasts."""
        return self.filter(has_key(user.acting()))

    def with_steps(self) -> Self:
        """What has happened to it, as columns: when it was received, decided, called back; how; if a question waits."""
        steps = ReportEvent.objects.filter(report=OuterRef("pk"))
        return self.annotate(
            received_at=models.Subquery(steps.filter(kind=ReportEventKind.RECEIVED).order_by("at").values("at")[:1]),
            decided_at=models.Subquery(steps.filter(kind=ReportEventKind.DECIDED).order_by("at").values("at")[:1]),
            called_back_at=models.Subquery(steps.filter(kind=ReportEventKind.CALLED_BACK).values("at")[:1]),
            decision=models.Subquery(steps.filter(kind=ReportEventKind.DECIDED).order_by("-at").values("decision")[:1]),
            is_asked=Exists(_unanswered().filter(report=OuterRef("pk"))),
        )

    def over(self) -> Self:
        """Decided, or called back."""
        return self.filter(Exists(ReportEvent.objects.filter(report=OuterRef("pk"), kind__in=OVER)))

    def waiting_for_the_unit(self) -> Self:
        return self.filter(~Exists(ReportEvent.objects.filter(report=OuterRef("pk"), kind__in=OVER)))

    def called_back(self) -> Self:
        return self.filter(Exists(ReportEvent.objects.filter(report=OuterRef("pk"), kind=ReportEventKind.CALLED_BACK)))

    def waiting_for_the_line(self) -> Self:
        """Where a question of the unit has no answer yet, the newest report first."""
        return self.filter(pk__in=_unanswered().values("report")).order_by("-sent_at", "pk")


def _unanswered() -> "models.QuerySet[ReportEvent]":
    """Questions of a unit after which the line has neither answered nor called the report back."""
    done = Q(kind=ReportEventKind.ANSWERED, at__gte=OuterRef("at")) | Q(kind=ReportEventKind.CALLED_BACK)
    return ReportEvent.objects.filter(
        ~Exists(ReportEvent.objects.filter(done, report=OuterRef("report"))), kind=ReportEventKind.ASKED
    )


class Report(models.Model):
    """A police report (denuncia): facts that were reviewed apart, and of names only what was agreed."""

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
    ubigeo = models.CharField(max_length=6, blank=True)  # where; blank: not known
    is_danger = models.BooleanField()
    facts = SealedField("report.facts")
    traces = SealedField("report.traces", null=True)  # telephones, plates, nicknames, with commas; None: none known
    because = models.CharField(max_length=32, choices=Because.options)  # the basis, in words
    basis = models.UUIDField()  # of the receiver's copy of the key; the report's own id where the law requires it
    policy = models.CharField(max_length=40)
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    receive_by = models.DateTimeField()  # as the clocks were set when it was sent
    decide_by = models.DateTimeField()
    until = models.DateTimeField()  # how long the receiver may read it here

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
        """What people call it: D-31."""
        return f"D-{self.number}"

    @property
    def became(self) -> str:
        """What became of it, in words; of a report `with_steps`."""
        if getattr(self, "called_back_at", None):
            return str(ReportEventKind.CALLED_BACK.label)
        if decision := getattr(self, "decision", None):
            return str(Decision(decision).label)
        return _("received, not decided") if getattr(self, "received_at", None) else _("not received")

    @property
    def details(self) -> "list[ReportDetail]":
        """What is told beside the facts, of what may be told now to whoever looks."""
        found = ReportDetail.objects.filter(report=self).select_related("key")
        return sorted(found, key=lambda it: it.place)

    @property
    def place(self) -> str:
        return places.named(self.ubigeo)


class ReportDetail(Detail):
    """One thing that a report tells beside the facts: of her, or of who called."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="+")

    objects = models.Manager()
    protected = row_security.ByKey(web="select, insert")

    class Meta:
        db_table = "referrals_reportdetail"  # what is sealed is bound to the name that its table had at first
        constraints = [models.UniqueConstraint(fields=["report", "data"], name="a_report_tells_a_detail_once")]


class ReportEvent(models.Model):
    """One thing that happened to a report, added by either side and changed by nobody."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="steps")
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=ReportEventKind.options)
    decision = models.CharField(max_length=14, choices=Decision.options, blank=True)
    words = SealedField("report_event.words", null=True)  # a folio, a question, an outcome; None: the kind says all
    may_tell = SealedField("report_event.may_tell", null=True)  # of it to her, in words for her; None: nothing
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    by_telephone = models.BooleanField(default=False, db_default=False)  # the unit said it, one of the line noted it
    told_by = SealedField(
        "report_event.told_by", null=True
    )  # who of the unit said it by telephone; None: not by telephone

    protected = row_security.ByKeyAnyAgency(
        web="select, insert", site="select (id, report_id, key_id, kind, decision, at, may_tell)",
        worker="select (id, report_id, kind, at)",
    )  # fmt: skip

    class Meta:
        indexes = [
            models.Index(fields=["report", "kind", "at"], name="steps_of_a_report"),
            models.Index(fields=["report"], condition=Q(kind=ReportEventKind.ASKED), name="questions_of_units"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["report", "by_telephone"],
                condition=Q(kind=ReportEventKind.RECEIVED),
                name="a_report_is_received_once",  # and beside it once by telephone
            ),
            models.UniqueConstraint(
                fields=["report"], condition=Q(kind=ReportEventKind.CALLED_BACK), name="a_report_is_called_back_once"
            ),
            models.CheckConstraint(
                condition=Q(kind=ReportEventKind.DECIDED) & ~Q(decision="")
                | ~Q(kind=ReportEventKind.DECIDED) & Q(decision=""),
                name="a_decision_says_which",
            ),
        ]

    def __str__(self) -> str:
        return f"step {self.pk}"


from .areas import Area  # noqa: E402, F401  # Django looks for models here
from .asking import DisclosedItem, Link, Referral, ReferralEvent  # noqa: E402, F401
from .escalation import Escalation  # noqa: E402, F401
from .handing import ProgramShare, ProviderLink  # noqa: E402, F401
