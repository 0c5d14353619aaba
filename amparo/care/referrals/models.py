import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy

from amparo.care.cases.models import Case, CaseEntry
from amparo.care.cases.picklists import EntryKind
from amparo.care.consent.models import policy_name
from amparo.care.consent.picklists import LegalBasis as Because
from amparo.care.consent.picklists import Recipient
from amparo.care.directory.models import Organization, Service
from amparo.care.disclosures.models import Detail
from amparo.care.people.models import Person
from amparo.foundation.access.models import Agency, Role, User
from amparo.foundation.audit.labels import label_verb
from amparo.foundation.core import row_security
from amparo.foundation.core.actor import BEARER, role_holder
from amparo.foundation.vault.fields import SealedField
from amparo.foundation.vault.key_access import has_key
from amparo.foundation.vault.models import DataKey, Grant

from .picklists import ANSWERS, PROGRESS, DeclineReason, ReferralEventKind, State

CASE_WORK = ("hotline/operator", "hotline/supervisor", "hotline/case_worker")


class NotByReturnCode(row_security.ByKey):
    """Row policy: visible to holders of the data key, including a link, but never to a return code."""

    def reads(self, model: type[models.Model]) -> str:
        return f"{super().reads(model)} and coalesce((select acting.role()), '') not like '{BEARER}/code%'"


class BothSidesPolicy(NotByReturnCode):
    """Row policy: a reader of rows may also insert them. The hotline and the service both write here."""

    def writes(self, model: type[models.Model]) -> str:
        return self.reads(model)


MOMENTS = {  # annotation -> kinds of events; it is the time of the first such event
    "answered_at": ANSWERS,
    "arrived_at": (ReferralEventKind.ARRIVED, ReferralEventKind.SERVED),
    "cancelled_at": (ReferralEventKind.CANCELLED,),
}


class ReferralQuerySet(models.QuerySet["Referral"]):
    def visible_to(self, user: User) -> Self:
        """Return the referrals whose key the user holds.

        The team and supervisors hold it and, while the basis is live, programs with a share.
        """
        return self.filter(has_key(user.acting()))

    def with_state(self, now: datetime) -> Self:
        """Annotate the times of `MOMENTS`, `last` and `is_late`: the service missed its deadline, and gave no answer.

        `last` is the kind of the event that comes latest in `PROGRESS`; blank: there is none yet.
        """
        how_far = models.Case(*(models.When(kind=kind, then=Value(number)) for number, kind in enumerate(PROGRESS)))
        events = ReferralEvent.objects.filter(referral=OuterRef("pk"), kind__in=PROGRESS).order_by(how_far.desc())
        last = Subquery(events.values("kind")[:1], output_field=models.CharField())
        moments = {
            name: Subquery(events.filter(kind__in=kinds).order_by("at").values("at")[:1])
            for name, kinds in MOMENTS.items()
        }
        return self.annotate(**moments, last=models.functions.Coalesce(last, Value(""))).annotate(
            is_late=models.Case(models.When(last="", answer_by__lt=now, then=Value(True)), default=Value(False))
        )

    def late(self, now: datetime) -> Self:
        """Return the referrals whose service has missed its deadline and gave no answer."""
        steps = ReferralEvent.objects.filter(referral=OuterRef("pk"), kind__in=PROGRESS)
        return self.filter(~Exists(steps), answer_by__lt=now)

    def late_first(self) -> Self:
        """Order referrals, annotated by `with_state`: late answers first, then the newest."""
        return self.order_by(F("is_late").desc(), "-sent_at", "-number")


class Referral(models.Model):
    """A request to a service to accept a person, with the facts the person agreed to.

    Nothing is arranged before the service accepts.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.IntegerField(
        unique=True, editable=False, db_default=models.Func(Value("referrals_number"), function="nextval")
    )
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="referrals", db_constraint=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    # the kind of recipient that the consent names
    recipient = models.CharField(max_length=20, choices=Recipient.options)
    facts = SealedField("referral.facts")
    because = models.CharField(max_length=32, choices=Because.options)  # the legal basis, in words
    # of the link's copy of the key; the referral's own id where the law requires the disclosure
    basis = models.UUIDField()
    policy = models.CharField(max_length=40)
    is_danger = models.BooleanField()
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    answer_by = models.DateTimeField()  # set by the service's own number of hours
    until = models.DateTimeField()  # when the basis expires

    objects = ReferralQuerySet.as_manager()
    protected = NotByReturnCode(
        web="select, insert",
        site="select (id, number, key_id, facts, is_danger, sent_at, answer_by, until)",
        worker="select (id, answer_by)",
    )

    class Meta:
        indexes = [
            models.Index(fields=["case", "-sent_at"], name="referrals_of_a_case"),
            models.Index(fields=["service", "-sent_at"], name="referrals_to_a_service"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("sent_at")), name="a_referral_ends"),
            models.CheckConstraint(condition=Q(answer_by__gt=F("sent_at")), name="a_service_has_time_to_answer"),
        ]

    def __str__(self) -> str:
        return f"referral {self.code}"

    @property
    def code(self) -> str:
        """The number people use: R-31."""
        return f"R-{self.number}"

    @property
    def policy_name(self) -> str:
        return policy_name(self.policy)

    @property
    def details(self) -> "list[DisclosedItem]":
        """The items that are disclosed besides the facts, as far as the current actor may read them now."""
        found = DisclosedItem.objects.filter(referral=self).select_related("key")
        return sorted(found, key=lambda it: it.place)


label_verb("look referral", gettext_lazy("read the referral"))


class DisclosedItem(Detail):
    """One item about the person that a referral discloses besides the facts."""

    referral = models.ForeignKey(Referral, on_delete=models.CASCADE, related_name="+")

    objects = models.Manager()
    protected = NotByReturnCode(web="select, insert", site="select (id, referral_id, key_id, data, words)")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["referral", "data"], name="a_referral_tells_a_detail_once")]


label_verb("look discloseditem", gettext_lazy("read in the referral who the person is"))


class Link(models.Model):
    """A link by which a service answers without an account. `bearer` names the link as a holder of data keys."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="links")
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    bearer = models.CharField(max_length=40, editable=False)
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # null: it opens, while its basis is live

    protected = row_security.ByKey(web="select, insert, update (ended_at)")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["referral"], condition=Q(ended_at=None), name="a_referral_has_one_link_at_a_time"
            ),
            models.CheckConstraint(condition=Q(until__gt=F("given_at")), name="a_link_ends"),
        ]

    def __str__(self) -> str:
        return f"link {self.pk}"


class ReferralEventQuerySet(models.QuerySet["ReferralEvent"]):
    def answered_since(self, since: datetime) -> Self:
        """Return the answers that services gave themselves after `since`.

        It leaves out answers of which the person was informed afterwards, and those of cancelled referrals.
        """
        events = ReferralEvent.objects.filter(referral=OuterRef("referral"))
        over = events.filter(
            Q(kind=ReferralEventKind.INFORMED, at__gte=OuterRef("at")) | Q(kind=ReferralEventKind.CANCELLED)
        )
        by_service = Q(by=None) | Q(by__is_machine=True)
        return self.filter(by_service, ~Exists(over), kind__in=ANSWERS, at__gte=since).order_by("at", "pk")

    def details_by_entry(self, entries: Iterable[CaseEntry]) -> dict[str, str]:
        """Return why services declined, by the id of the case entry, as far as the actor may open the referrals."""
        entry_of = {entry.about: str(entry.pk) for entry in entries if entry.kind == EntryKind.DECLINED}
        declined = self.filter(referral__in=list(entry_of), kind=ReferralEventKind.DECLINED).only("referral", "why_not")
        return {entry_of[str(it.referral_id)]: it.get_why_not_display() for it in declined}


class ReferralEvent(models.Model):
    """One event of a referral. The hotline and the service both add events; nobody changes them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="events")
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=ReferralEventKind.options)
    why_not = models.CharField(max_length=12, choices=DeclineReason.options, blank=True)
    words = SealedField("referral_event.words", null=True)  # None: the kind says everything
    at = models.DateTimeField()
    by = models.ForeignKey(  # null: the bearer of the link
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = ReferralEventQuerySet.as_manager()
    protected = BothSidesPolicy(
        web="select, insert",
        site="select (id, referral_id, key_id, kind, why_not, at),"
        " insert (id, referral_id, key_id, kind, why_not, words, at, by_id)",
        worker="select (referral_id, kind)",
    )

    class Meta:
        indexes = [models.Index(fields=["referral", "at"], name="turns_of_a_referral")]
        constraints = [
            models.UniqueConstraint(
                fields=["referral"], condition=Q(kind__in=ANSWERS), name="a_referral_is_answered_once"
            ),
            models.UniqueConstraint(
                fields=["referral", "kind"],
                condition=~Q(kind=ReferralEventKind.INFORMED),
                name="a_referral_takes_a_turn_once",
            ),
            models.CheckConstraint(
                condition=Q(kind=ReferralEventKind.DECLINED) & ~Q(why_not="")
                | ~Q(kind=ReferralEventKind.DECLINED) & Q(why_not=""),
                name="who_declines_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"turn {self.pk}"


def state_of(referral: Any) -> State:
    """Return the state of a referral, annotated by `with_state`. It is "requested" until the service answers."""
    if not referral.last:
        return State.NO_ANSWER if referral.is_late else State.REQUESTED
    return State(referral.last)


class ProviderLinkQuerySet(models.QuerySet["ProviderLink"]):
    def active(self) -> Self:
        return self.filter(ended_at=None).select_related("agency", "organization")


class ProviderLink(models.Model):
    """An agency whose programs answer for an institution of the directory, for referrals sent after `at`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)  # null: active

    objects = ProviderLinkQuerySet.as_manager()
    protected = row_security.ByRole(*CASE_WORK, by="hotline/supervisor", web="select, insert, update (ended_at)")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization"], condition=Q(ended_at=None), name="one_agency_answers_for_an_organization"
            )
        ]

    def __str__(self) -> str:
        return f"joining {self.pk}"


class ProgramShareQuerySet(models.QuerySet["ProgramShare"]):
    def for_referral(self, referral: Referral) -> "ProgramShare | None":
        """Return the share of this referral; None: it was not shared."""
        return self.filter(referral=referral, is_detail=False).select_related("agency").first()

    def ended_and_not_notified(self) -> Self:
        """Return the shares that open nothing any more, and whose programs were not notified of it yet."""
        opens = Grant.objects.filter(key=OuterRef("key"), agency_id=OuterRef("agency"), expires_at__gt=Now())
        return self.filter(~Exists(opens), told_at=None)


class ProgramShare(models.Model):
    """A referral, or an item in it, that an agency's programs can open until its basis ends or the share is revoked."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="program_shares")
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    is_detail = models.BooleanField()
    until = models.DateTimeField()
    # when the programs were notified that it is gone; null: not yet, or it is not gone
    told_at = models.DateTimeField(null=True)

    objects = ProgramShareQuerySet.as_manager()
    protected = row_security.ByKey(
        web="select, insert", worker="select (id, referral_id, key_id, agency_id, is_detail, told_at), update (told_at)"
    )

    class Meta:
        verbose_name_plural = "program shares"
        indexes = [models.Index(fields=["agency"], name="handed_and_not_gone", condition=Q(told_at=None))]
        constraints = [models.UniqueConstraint(fields=["key", "agency"], name="a_key_is_handed_once")]

    def __str__(self) -> str:
        return f"share {self.pk}"

    @property
    def holder(self) -> str:
        return role_holder(self.agency_id, Role.SERVICE_LIAISON)
