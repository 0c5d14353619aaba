import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Value

from amparo.care.cases.models import Case, CaseEntry
from amparo.care.cases.picklists import EntryKind
from amparo.care.consent.disclosure import LegalBasis as Because
from amparo.care.consent.disclosure import Recipient
from amparo.care.directory.models import Service
from amparo.care.people.models import Person
from amparo.foundation.access.models import User
from amparo.foundation.core import row_security
from amparo.foundation.core.actor import BEARER
from amparo.foundation.vault.fields import SealedField
from amparo.foundation.vault.key_access import has_key
from amparo.foundation.vault.models import DataKey

from .details import Detail
from .picklists import ANSWERS, FARTHER, DeclineReason, ReferralEventKind, State


class ToReader(row_security.ByKey):
    """Whoever holds the data key now; of those without a sign-in only who has a link, for a code asks other things."""

    def reads(self, model: type[models.Model]) -> str:
        return f"{super().reads(model)} and coalesce((select acting.role()), '') not like '{BEARER}/code%'"


class OfBoth(ToReader):
    """They also add to it: what two institutions say to each other."""

    def writes(self, model: type[models.Model]) -> str:
        return self.reads(model)


class ReferralQuerySet(models.QuerySet["Referral"]):
    def visible_to(self, user: User) -> Self:
        """Whoever holds its key: the team, supervisors, and programs that it was handed to, while its basis lasts."""
        return self.filter(has_key(user.acting()))

    def with_state(self, now: datetime) -> Self:
        """`last`: how far it came, as a column; blank: nothing yet. And `is_late`: they should have answered."""
        how_far = models.Case(*(models.When(kind=kind, then=Value(number)) for number, kind in enumerate(FARTHER)))
        turns = ReferralEvent.objects.filter(referral=OuterRef("pk"), kind__in=FARTHER).order_by(how_far.desc())
        last = Subquery(turns.values("kind")[:1], output_field=models.CharField())
        return self.annotate(last=models.functions.Coalesce(last, Value(""))).annotate(
            is_late=models.Case(models.When(last="", answer_by__lt=now, then=Value(True)), default=Value(False))
        )

    def late_first(self) -> Self:
        """Of those `with_state`: who did not answer in time, then the newest."""
        return self.order_by(F("is_late").desc(), "-sent_at", "-number")


class Referral(models.Model):
    """A service is asked to take somebody, with the facts she agreed to. Nothing is arranged before they say so."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.IntegerField(
        unique=True, editable=False, db_default=models.Func(Value("referrals_number"), function="nextval")
    )
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="referrals", db_constraint=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    recipient = models.CharField(max_length=20, choices=Recipient.options)  # as the consent names them
    facts = SealedField("referral.facts")
    because = models.CharField(max_length=32, choices=Because.options)  # the basis, in words
    basis = models.UUIDField()  # of the link's copy of the key; the referral's own id where the law requires it
    policy = models.CharField(max_length=40)
    is_danger = models.BooleanField()
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    answer_by = models.DateTimeField()  # by the service's own clock
    until = models.DateTimeField()  # of the basis

    objects = ReferralQuerySet.as_manager()
    protected = ToReader(
        web="select, insert", site="select (id, number, key_id, facts, is_danger, sent_at, answer_by, until)"
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
        """What people call it: R-31."""
        return f"R-{self.number}"

    @property
    def details(self) -> "list[DisclosedItem]":
        """What is told beside the facts, of what may be told now to whoever looks."""
        found = DisclosedItem.objects.filter(referral=self).select_related("key")
        return sorted(found, key=lambda it: it.place)


class DisclosedItem(Detail):
    """One thing of her that a referral tells beside the facts."""

    referral = models.ForeignKey(Referral, on_delete=models.CASCADE, related_name="+")

    objects = models.Manager()
    protected = ToReader(web="select, insert", site="select (id, referral_id, key_id, data, words)")

    class Meta:
        db_table = "referrals_discloseditem"  # what is sealed is bound to the name that its table had at first
        constraints = [models.UniqueConstraint(fields=["referral", "data"], name="a_referral_tells_a_detail_once")]


class Link(models.Model):
    """A link was given to whoever answers for the service; `bearer` is the name under which they hold keys."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="links")
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    bearer = models.CharField(max_length=40, editable=False)
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # null: it opens, while its basis lasts

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
    def more_of(self, entries: Iterable[CaseEntry]) -> dict[str, str]:
        """Why a service does not take her, by the entry of the case that tells it: for who may open the referral."""
        told = {entry.about: str(entry.pk) for entry in entries if entry.kind == EntryKind.DECLINED}
        declined = self.filter(referral__in=list(told), kind=ReferralEventKind.DECLINED).only("referral", "why_not")
        return {told[str(it.referral_id)]: it.get_why_not_display() for it in declined}


class ReferralEvent(models.Model):
    """One thing that happened to a referral, added by either side and changed by nobody."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="turns")
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=ReferralEventKind.options)
    why_not = models.CharField(max_length=12, choices=DeclineReason.options, blank=True)
    words = SealedField("referral_event.words", null=True)  # None: the kind says all
    at = models.DateTimeField()
    by = models.ForeignKey(  # null: whoever has the link
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = ReferralEventQuerySet.as_manager()
    protected = OfBoth(
        web="select, insert",
        site="select (id, referral_id, key_id, kind, why_not, at),"
        " insert (id, referral_id, key_id, kind, why_not, words, at, by_id)",
    )

    class Meta:
        indexes = [models.Index(fields=["referral", "at"], name="turns_of_a_referral")]
        constraints = [
            models.UniqueConstraint(
                fields=["referral"], condition=Q(kind__in=ANSWERS), name="a_referral_is_answered_once"
            ),
            models.UniqueConstraint(
                fields=["referral", "kind"],
                condition=~Q(kind=ReferralEventKind.TOLD),
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
    """Of a referral `with_state`. Asked is asked, until they say something else."""
    if not referral.last:
        return State.NO_ANSWER if referral.is_late else State.ASKED
    return State(referral.last)
