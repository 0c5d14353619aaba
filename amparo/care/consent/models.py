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

from .disclosure import OWN_VERSION, SHIPPED, ConsentTerms, Policy
from .disclosure import policy_name as policy_name
from .picklists import (
    AUTHORITIES,
    CALLER_DATA,
    SUBJECT_DATA,
    Data,
    GivenHow,
    Guardian,
    InformedItem,
    OverrideGround,
    Recipient,
)

LONGEST = timedelta(days=366)  # of a consent; then the person is asked again
REVIEWED_WITHIN = timedelta(hours=24)

# The data that each part can consent to: nobody consents for another adult. About the facts of another person a caller
# is only a witness (see `ConsentTerms.split_for_witness`).
CONSENTABLE_DATA = {
    Part.AT_RISK: frozenset({Data.INCIDENT_FACTS, *SUBJECT_DATA}),
    Part.CALLER: frozenset({Data.INCIDENT_FACTS, *CALLER_DATA}),
    Part.ALLEGED_PERPETRATOR: frozenset[Data](),
}


def same_human_records(person: Person) -> models.QuerySet[Person]:
    """Return all records of this human in the same case: their other parts and merged duplicates."""
    of_file = Person.objects.filter(key=person.key_id)
    root = person.merged_into_id or person.pk
    merged = of_file.filter(Q(pk=person.pk) | Q(pk=root) | Q(merged_into=root))
    parts = Q(same_human_as__in=merged) | Q(pk__in=merged.values("same_human_as"))
    return of_file.filter(Q(pk__in=merged) | parts)


def records_elsewhere(person: Person) -> models.QuerySet[Person]:
    """Return the records in other cases that were merged with this person. Consents there are withdrawn separately."""
    root = person.merged_into_id or person.pk
    return Person.objects.filter(Q(pk=root) | Q(merged_into=root)).exclude(key=person.key_id)


class ConsentQuerySet(models.QuerySet["Consent"]):
    def live(self, now: datetime) -> Self:
        return self.filter(withdrawn_at=None, given_at__lte=now, expires_at__gt=now)

    def about(self, person: Person) -> Self:
        """Filter to the person's own consents and, for a person at risk, those of the caller as a witness.

        Consents of other people at risk in the same case are excluded.
        """
        givers = Q(person__in=same_human_records(person))
        if person.part == Part.AT_RISK:
            givers |= Q(person__part=Part.CALLER)
        return self.filter(givers, key=person.key_id)


class Consent(models.Model):
    """A person's consent: which data, to whom, for what purpose, until when.

    Access that is granted on a consent stores the consent's id as its basis.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="consents")
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    data = ArrayField(models.CharField(max_length=20, choices=Data.options))
    recipients = ArrayField(models.CharField(max_length=20, choices=Recipient.options))
    institution = models.CharField(  # code of the only institution allowed (institutions.py); blank: any of the kind
        max_length=60, blank=True, db_default=""
    )
    institution_name = models.CharField(max_length=200, blank=True, db_default="")  # the name that the person was told
    purpose = SealedField("consent.purpose")  # in the person's words or ours
    informed = ArrayField(models.CharField(max_length=12, choices=InformedItem.options))
    given_how = models.CharField(max_length=8, choices=GivenHow.options)
    guardian = models.CharField(max_length=12, choices=Guardian.options, blank=True)  # blank: an adult
    given_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)  # null: not withdrawn. We never ask for a reason
    withdrawn_by = models.ForeignKey(  # the user who recorded it; null: not withdrawn, or withdrawn with a return code
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
            models.CheckConstraint(condition=Q(informed__len=len(InformedItem)), name="consent_is_informed"),
            models.CheckConstraint(
                condition=Q(data__len__gt=0, recipients__len__gt=0), name="consent_says_what_and_to_whom"
            ),
            models.CheckConstraint(
                condition=~Q(data__contains=[Data.SAFE_HOUSE_ADDRESS]), name="nobody_consents_away_a_safe_house"
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("given_at")), name="consent_ends"),
            models.CheckConstraint(
                condition=Q(expires_at__lte=F("given_at") + LONGEST), name="consent_ends_within_a_year"
            ),
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

    def terms_for(self, person: Person) -> ConsentTerms:
        """Return the terms of this consent for a disclosure about `person`.

        If the person is under 18 or of unknown age, and no guardian consents too, only child protection remains as a
        recipient. `person` can be another record of the same human: a child in either record is a child in both.
        """
        is_adult = self.person.age_today == Age.ADULT and person.age_today != Age.CHILD
        of_age = is_adult or self.guardian == Guardian.CONSENTS
        return ConsentTerms(
            recipients=frozenset(self.recipients if of_age else {Recipient.CHILD_PROTECTION} & set(self.recipients)),
            data=frozenset(self.data), informed=set(self.informed) == set(InformedItem), expires_at=self.expires_at,
            by_subject_of_data=set(self.data) <= CONSENTABLE_DATA[Part(self.person.part)],
            withdrawn=self.withdrawn_at is not None, institution=self.institution,
        )  # fmt: skip

    def in_words(self, *, by_name: bool = True) -> tuple[str, str]:
        """Return (data, recipients) as text.

        With `by_name=False` a single institution appears only as its kind, because its name can reveal where the
        person is.
        """
        what = ", ".join(str(it.label) for it in Data if it in self.data)
        kinds = ", ".join(str(Recipient(it).label) for it in self.recipients)
        if not self.institution:
            return what, kinds
        return what, self.institution_name if by_name else _("one alone: %(kind)s") % {"kind": kinds}


class DisclosureBasisQuerySet(models.QuerySet["DisclosureBasis"]):
    def about(self, person: Person, *, is_of_caller: bool) -> Self:
        """Filter to bases that apply to this person's data: the person's own, and those for all at risk in the case.

        `is_of_caller`: the data is the caller's (`CALLER_DATA`). Then bases about the caller apply too, because the
        caller may be another human.
        """
        subjects = Q(person=None) | Q(person__in=same_human_records(person))
        if is_of_caller and person.part == Part.AT_RISK:
            subjects |= Q(person__part=Part.CALLER)
        return self.filter(subjects, key=person.key_id)

    def to_review(self) -> Self:
        """Filter to bases that no supervisor has reviewed yet, oldest first."""
        return self.filter(reviewed_at=None).order_by("decided_at", "pk")

    def with_late_review(self, now: datetime) -> Self:
        """Filter to bases whose review is overdue (`REVIEWED_WITHIN`)."""
        return self.to_review().filter(decided_at__lte=now - REVIEWED_WITHIN)


class DisclosureBasis(models.Model):
    """A legal ground to disclose data about a person without consent, with the facts that support it.

    A supervisor reviews it within 24 hours.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")  # of the case
    person = models.ForeignKey(  # the data subject; null: everyone at risk in the case
        Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=20, choices=OverrideGround.options)
    facts = SealedField("disclosure_basis.facts")  # what was heard, said or seen; or which court, and when
    caller_is_in_danger = models.BooleanField(default=False)
    recipients = ArrayField(  # recipients named by a court; empty for other grounds, where the policy decides
        models.CharField(max_length=20, choices=Recipient.options), default=list, db_default=[]
    )
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    until = models.DateTimeField()
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    stands = models.BooleanField(null=True)  # result of the review: confirmed or rejected; null: not reviewed

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
        """True if the basis can be used at `now`.

        A court order counts only after a review has confirmed it, because it opens all data. Other grounds count until
        a review rejects them, because danger cannot wait.
        """
        counts = self.stands is True if self.kind == OverrideGround.COURT_ORDER else self.stands is not False
        return counts and self.decided_at <= now < self.until

    @property
    def review_by(self) -> datetime:
        return self.decided_at + REVIEWED_WITHIN

    @property
    def recipient_names(self) -> str:
        """The authorities that a court order names, as text; blank for other grounds."""
        return ", ".join(str(Recipient(it).label) for it in self.recipients)

    def allows(self, recipient: str) -> bool:
        """False if this is a court order that does not name `recipient`. For other grounds the policy decides: True."""
        return self.kind != OverrideGround.COURT_ORDER or recipient in self.recipients


class SupervisorsWrite(row_security.OpenTable):
    """Row policy: all users read, supervisors write. Constraints ensure that a second supervisor approves."""

    def writes(self, model: type[models.Model]) -> str:
        return "(select acting.role()) = 'hotline/supervisor'"

    def adds(self, model: type[models.Model]) -> str:
        return self.writes(model)


class PolicyVersionQuerySet(models.QuerySet["PolicyVersion"]):
    def in_force(self, now: datetime) -> Policy:
        """Return the newest policy that two supervisors approved, or the shipped one if there is none."""
        agreed = self.filter(agreed_at__lte=now).order_by("-agreed_at", "-pk")
        newest = agreed.only("in_danger", "for_a_child", "by_duty", "is_confirmed").first()
        return newest.policy if newest else SHIPPED


def authorities_field() -> Any:
    """Return a model field for a list of authorities."""
    return ArrayField(models.CharField(max_length=20, choices=Recipient.options), blank=True)


class PolicyVersion(models.Model):
    """The authorities that the hotline informs without consent. A version never changes; a new one supersedes it."""

    in_danger = authorities_field()
    for_a_child = authorities_field()
    by_duty = authorities_field()
    why = models.TextField()  # which law or agreement; not sealed, all users read it, so it must name no person
    is_confirmed = models.BooleanField(default=False)  # a lawyer confirmed it
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    agreed_at = models.DateTimeField(null=True)  # null: not approved yet, so not in force
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = PolicyVersionQuerySet.as_manager()
    protected = SupervisorsWrite(
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
