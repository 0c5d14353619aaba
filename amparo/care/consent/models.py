import uuid
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _

from amparo.care.people.models import Person
from amparo.care.people.picklists import Age, Part
from amparo.foundation.core import row_security
from amparo.foundation.vault.fields import SealedField
from amparo.foundation.vault.models import DataKey

from .disclosure import AUTHORITIES, OF_HER, OF_WHO_CALLED, SHIPPED, Agreed, Data, Policy, Recipient
from .picklists import GivenHow, Guardian, InformedItem, OverrideGround

REVIEWED_WITHIN = timedelta(hours=24)  # standards.md H8
OWN_VERSION = "line"  # before the number of a policy that the line itself agreed on

# Whose data is whose: nobody consents for another adult. Of facts, who calls is a witness alone (disclosure.py).
OWN = {
    Part.AT_RISK: frozenset({Data.INCIDENT_FACTS, *OF_HER}),
    Part.CALLER: frozenset({Data.INCIDENT_FACTS, *OF_WHO_CALLED}),
    Part.ALLEGED_PERPETRATOR: frozenset[Data](),
}


def same_human(person: Person) -> models.QuerySet[Person]:
    """Her records in this case: each part that she has in it, and each that was merged. They are told of as one."""
    of_file = Person.objects.filter(key=person.key_id)
    root = person.merged_into_id or person.pk
    merged = of_file.filter(Q(pk=person.pk) | Q(pk=root) | Q(merged_into=root))
    parts = Q(same_human_as__in=merged) | Q(pk__in=merged.values("same_human_as"))
    return of_file.filter(Q(pk__in=merged) | parts)


def records_elsewhere(person: Person) -> models.QuerySet[Person]:
    """Those of other cases that were merged with her. What she agreed to there is taken back by itself."""
    root = person.merged_into_id or person.pk
    return Person.objects.filter(Q(pk=root) | Q(merged_into=root)).exclude(key=person.key_id)


class ConsentQuerySet(models.QuerySet["Consent"]):
    def live(self, now: datetime) -> Self:
        return self.filter(withdrawn_at=None, given_at__lte=now, expires_at__gt=now)

    def about(self, person: Person) -> Self:
        """What she agreed to herself; and who called, as a witness. Of nobody else at risk in the same case."""
        whom = Q(person__in=same_human(person))
        if person.part == Part.AT_RISK:
            whom |= Q(person__part=Part.CALLER)
        return self.filter(whom, key=person.key_id)


class Consent(models.Model):
    """What a person agreed to: what of hers, to whom, what for, until when. What is given on it has its id as basis."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="consents")
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    data = ArrayField(models.CharField(max_length=20, choices=Data.options))
    recipients = ArrayField(models.CharField(max_length=20, choices=Recipient.options))
    institution = models.CharField(  # of this kind this one alone (institutions.py); blank: any of it
        max_length=60, blank=True, db_default=""
    )
    institution_name = models.CharField(max_length=200, blank=True, db_default="")  # as it was said to her
    purpose = SealedField("consent.purpose")  # in her words or ours
    told = ArrayField(models.CharField(max_length=12, choices=InformedItem.options))
    given_how = models.CharField(max_length=8, choices=GivenHow.options)
    guardian = models.CharField(max_length=12, choices=Guardian.options, blank=True)  # blank: an adult
    given_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)  # null: it stands. Why, is never asked
    withdrawn_by = models.ForeignKey(  # who wrote it down; null: it stands, or she did it herself with her code
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = ConsentQuerySet.as_manager()
    protected = row_security.ByKey(
        web="select, insert, update (withdrawn_at, withdrawn_by_id)",
        site="select (id, person_id, key_id, data, recipients, institution, given_at, expires_at, withdrawn_at),"
        " update (withdrawn_at)",
    )

    class Meta:
        indexes = [models.Index(fields=["person", "-given_at"], name="consents_newest_first")]
        constraints = [
            models.CheckConstraint(condition=Q(told__len=len(InformedItem)), name="consent_is_informed"),
            models.CheckConstraint(
                condition=Q(data__len__gt=0, recipients__len__gt=0), name="consent_says_what_and_to_whom"
            ),
            models.CheckConstraint(
                condition=~Q(data__contains=[Data.SAFE_HOUSE_ADDRESS]), name="nobody_consents_away_a_safe_house"
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("given_at")), name="consent_ends"),
            models.CheckConstraint(
                condition=Q(institution="", institution_name="")
                | ~Q(institution="") & ~Q(institution_name="") & Q(recipients__len=1),
                name="one_institution_is_of_one_kind_and_has_a_name",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_by=None) | Q(withdrawn_at__isnull=False),
                name="a_withdrawal_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"consent {self.pk}"

    def is_live(self, now: datetime) -> bool:
        return self.withdrawn_at is None and self.given_at <= now < self.expires_at

    def agreed_for(self, person: Person) -> Agreed:
        """As far as a disclosure asks for it. For somebody under 18 a guardian agrees too, or child protection does.

        `person`: of whom is told. Where she agreed under another record of hers, she is no older there.
        """
        is_adult = self.person.age_today == Age.ADULT and person.age_today != Age.CHILD
        of_age = is_adult or self.guardian == Guardian.CONSENTS
        return Agreed(
            recipients=frozenset(self.recipients if of_age else {Recipient.CHILD_PROTECTION} & set(self.recipients)),
            data=frozenset(self.data), informed=set(self.told) == set(InformedItem), expires_at=self.expires_at,
            by_subject_of_data=set(self.data) <= OWN[Part(self.person.part)], withdrawn=self.withdrawn_at is not None,
            institution=self.institution,
        )  # fmt: skip

    def in_words(self, *, by_name: bool = True) -> tuple[str, str]:
        """What, and to whom. Not `by_name`: of one institution its kind, for its name may say where she is."""
        what = ", ".join(str(it.label) for it in Data if it in self.data)
        kinds = ", ".join(str(Recipient(it).label) for it in self.recipients)
        if not self.institution:
            return what, kinds
        return what, self.institution_name if by_name else _("one alone: %(kind)s") % {"kind": kinds}


class DisclosureBasisQuerySet(models.QuerySet["DisclosureBasis"]):
    def about(self, person: Person, data: Data) -> Self:
        """Those that hold for what is told of her: her own, and what was written of all at risk in her case.

        Who called is somebody else's data where another called: what was written of the caller counts there too.
        """
        whom = Q(person=None) | Q(person__in=same_human(person))
        if data in OF_WHO_CALLED and person.part == Part.AT_RISK:
            whom |= Q(person__part=Part.CALLER)
        return self.filter(whom, key=person.key_id)

    def to_review(self) -> Self:
        """Those that no supervisor has reviewed, the oldest first."""
        return self.filter(reviewed_at=None).order_by("decided_at", "pk")

    def review_is_late(self, now: datetime) -> Self:
        return self.to_review().filter(decided_at__lte=now - REVIEWED_WITHIN)


class DisclosureBasis(models.Model):
    """A reason to tell of somebody without consent, with its facts; reviewed by a supervisor within a day."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")  # of the case
    person = models.ForeignKey(  # whom it is about; null: all at risk of the case, as it was written before it said
        Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=20, choices=OverrideGround.options)
    facts = SealedField("disclosure_basis.facts")  # heard, said, seen; or which court and when
    caller_is_in_danger = models.BooleanField(default=False)
    recipients = ArrayField(  # whom a court named; of another ground empty, for there the policy says it
        models.CharField(max_length=20, choices=Recipient.options), default=list, db_default=[]
    )
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    until = models.DateTimeField()
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    stands = models.BooleanField(null=True)  # what the review said; null: not reviewed

    objects = DisclosureBasisQuerySet.as_manager()
    protected = row_security.ByKey(web="select, insert, update (reviewed_at, reviewed_by_id, stands)")

    class Meta:
        indexes = [
            models.Index(fields=["key"], name="bases_of_a_case"),
            models.Index(fields=["decided_at"], name="bases_to_review", condition=Q(reviewed_at=None)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(reviewed_at=None, reviewed_by=None, stands=None)
                | Q(reviewed_at__isnull=False, reviewed_by__isnull=False, stands__isnull=False),
                name="a_review_says_who_and_what",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by=None) | ~Q(reviewed_by=F("decided_by")),
                name="nobody_reviews_their_own_decision",
            ),
            models.CheckConstraint(condition=Q(until__gt=F("decided_at")), name="a_basis_ends"),
            models.CheckConstraint(
                condition=Q(recipients=[]) | Q(kind=OverrideGround.COURT_ORDER, recipients__contained_by=AUTHORITIES),
                name="a_court_names_authorities_alone",
            ),
        ]

    def __str__(self) -> str:
        return f"basis {self.pk}"

    def is_live(self, now: datetime) -> bool:
        """A court order waits for its review, for it opens all there is; danger cannot wait."""
        counts = self.stands is True if self.kind == OverrideGround.COURT_ORDER else self.stands is not False
        return counts and self.decided_at <= now < self.until

    @property
    def review_by(self) -> datetime:
        return self.decided_at + REVIEWED_WITHIN

    @property
    def whom(self) -> str:
        """Those whom it names, in words."""
        return ", ".join(str(Recipient(it).label) for it in self.recipients)

    def allows(self, recipient: str) -> bool:
        """Whom it names, where it is it that names them."""
        return self.kind != OverrideGround.COURT_ORDER or recipient in self.recipients


class TwoSupervisors(row_security.OpenTable):
    """Everybody may read it; a supervisor writes it, and another one agrees (see the constraints, and 0004)."""

    def writes(self, model: type[models.Model]) -> str:
        return "(select acting.role()) = 'hotline/supervisor'"

    def adds(self, model: type[models.Model]) -> str:
        return self.writes(model)


class PolicyVersionQuerySet(models.QuerySet["PolicyVersion"]):
    def in_force(self, now: datetime) -> Policy:
        """The newest that two supervisors agreed on; the shipped one until there is any."""
        agreed = self.filter(agreed_at__lte=now).order_by("-agreed_at", "-pk")
        newest = agreed.only("in_danger", "for_a_child", "by_duty", "is_confirmed").first()
        return newest.policy if newest else SHIPPED


def authorities() -> Any:
    return ArrayField(models.CharField(max_length=20, choices=Recipient.options), blank=True)


class PolicyVersion(models.Model):
    """Whom the line tells without consent, from a day on. Nothing of it is changed: a new version follows."""

    in_danger = authorities()
    for_a_child = authorities()
    by_duty = authorities()
    why = models.TextField()  # which law or agreement; of no person, and everybody here reads it
    is_confirmed = models.BooleanField(default=False)  # a lawyer has
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    agreed_at = models.DateTimeField(null=True)  # null: not yet, and it counts for nothing
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = PolicyVersionQuerySet.as_manager()
    protected = TwoSupervisors(
        "It is told to everybody who calls.",
        web="select, insert, update (agreed_at, agreed_by_id)",
        site="select (id, in_danger, for_a_child, by_duty, is_confirmed, agreed_at)",
    )  # fmt: skip

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(agreed_at=None, agreed_by=None)
                | (Q(agreed_at__isnull=False, agreed_by__isnull=False) & ~Q(agreed_by=F("written_by"))),
                name="two_people_agree_on_a_policy",
            ),
            models.CheckConstraint(
                condition=Q(in_danger__contained_by=AUTHORITIES, for_a_child__contained_by=AUTHORITIES)
                & Q(by_duty__contained_by=AUTHORITIES),
                name="without_consent_only_authorities_are_told",
            ),
        ]

    def __str__(self) -> str:
        return f"policy {OWN_VERSION}/{self.pk}"

    @property
    def policy(self) -> Policy:
        danger, child, duty = frozenset(self.in_danger), frozenset(self.for_a_child), frozenset(self.by_duty)
        return Policy(f"{OWN_VERSION}/{self.pk}", danger, child, duty, self.is_confirmed)
