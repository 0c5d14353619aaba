import uuid
from collections.abc import Iterable
from datetime import date
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Mod
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.models import User
from amparo.foundation.audit.labels import label_verb
from amparo.foundation.core import row_security
from amparo.foundation.core.actor import current_actor
from amparo.foundation.core.refusal import Refused
from amparo.foundation.core.row_lock import lock_first
from amparo.foundation.places import places
from amparo.foundation.vault.fields import SealedField
from amparo.foundation.vault.key_access import has_key
from amparo.foundation.vault.models import DataKey, Grant
from amparo.line.contacts.picklists import Language

from .codenames import PAIRS, code_name
from .picklists import MAJORITY, OLDEST, Age, Certainty, Gender, Part

A_CENTURY = 36525  # days


class PersonQuerySet(models.QuerySet["Person"]):
    def visible_to(self, user: User) -> Self:
        """Filter to people in files whose key `user` holds. Row-level security enforces the same rule."""
        return self.filter(has_key(user.acting()))

    def for_update(self) -> Self:
        """Lock the people until the transaction ends, and load the key of their file with them."""
        return self.select_for_update(of=("self",)).select_related("key")

    def get_locked(self, pk: uuid.UUID) -> "Person":
        """Lock and return the person until the transaction ends. Raises `Refused` if they are not in this queryset."""
        locked = lock_first(self.filter(pk=pk))
        if locked is None:
            raise Refused(_("It does not exist, or you have no access."))
        return locked

    def keys_of_files_named(self, remainders: list[int], user: User, most: int) -> list[uuid.UUID]:
        """Return the ids of the data keys of files with a person under one of these code names, newest person first.

        `remainders` come from `remainders_of_names`; `most` limits the result. `user` may read all these files. The
        query starts from the user's own files, because a word is in the code name of every 64th person. For a
        supervisor, who reads all files, it starts from the names.
        """
        named = self.filter(name_index__in=remainders).order_by("-number")
        if permissions.supervise(user):
            return list(named.visible_to(user).values_list("key", flat=True)[:most])
        newest = Subquery(named.filter(key=OuterRef("key")).values("number")[:1])
        found = (
            Grant.objects.held_by(user.acting())
            .annotate(newest=newest)
            .filter(newest__isnull=False)
            .order_by("-newest")
        )
        return [key for key, _newest in found.values_list("key", "newest").distinct()[:most]]

    def without_duplicates(self) -> Self:
        """Exclude every person who was merged into another one."""
        return self.filter(merged_into=None)

    def without_duplicates_in_file(self) -> Self:
        """Exclude people merged into somebody of the same file. A person merged across two files stays in both."""
        return self.exclude(merged_into__key=F("key"))


class Person(models.Model):
    """A person under a code name, in a file: the records under one data key, such as a case.

    Blank or null means unknown. Names and documents are in `Identity`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.IntegerField(
        unique=True, editable=False, db_default=models.Func(Value("people_number"), function="nextval")
    )
    # Which code name the number has (codenames.py). A column, because PostgreSQL looks at an index only after the
    # policies where the condition computes something.
    name_index = models.GeneratedField(
        expression=Mod(F("number"), Value(PAIRS)), output_field=models.SmallIntegerField(), db_persist=True
    )
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+", db_index=False)  # of the file
    part = models.CharField(max_length=20, choices=Part.options)
    # The record of the same human in another part (role) of the same case.
    same_human_as = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    merged_into = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="duplicates")
    age_at_events = models.PositiveSmallIntegerField(null=True)  # years, when the events happened: the law uses this
    age_certainty = models.CharField(max_length=10, choices=Certainty.options, blank=True)
    age_group = models.CharField(  # used when no number is known; `unknown`: asked, but the person does not know
        max_length=8, choices=Age.options, blank=True, db_default=""
    )
    age_now = models.PositiveSmallIntegerField(null=True)  # years on the day `age_now_on`: shelters and services use it
    age_now_on = models.DateField(null=True)
    gender = models.CharField(max_length=24, choices=Gender.options, blank=True)
    citizenship = models.CharField(max_length=2, blank=True)  # ISO 3166-1 alpha-2
    languages = ArrayField(models.CharField(max_length=8, choices=Language.options), default=list)
    ubigeo_origin = models.CharField(max_length=6, blank=True)
    ubigeo_now = models.CharField(max_length=6, blank=True)
    remarks = SealedField("person.remarks", null=True)
    version = models.PositiveIntegerField(db_default=0, editable=False)  # core/edit_conflicts.py
    edits = models.JSONField(db_default={}, editable=False)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)

    objects = PersonQuerySet.as_manager()
    protected = row_security.ByKey(
        web="select, insert, update", site="select (id, key_id, same_human_as_id, merged_into_id)"
    )

    class Meta:
        verbose_name_plural = "people"
        indexes = [
            models.Index(fields=["key"], name="people_of_a_file"),
            models.Index(fields=["name_index", "-number"], name="people_by_code_name"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(age_at_events=None) | Q(age_at_events__lte=OLDEST), name="an_age_is_in_years"
            ),
            models.CheckConstraint(
                condition=Q(age_group="") | Q(age_at_events=None), name="an_age_is_a_number_or_a_group"
            ),
            models.CheckConstraint(
                condition=Q(age_now=None, age_now_on=None) | Q(age_now__lte=OLDEST, age_now_on__isnull=False),
                name="an_age_now_says_when_that_was",
            ),
            models.CheckConstraint(
                condition=Q(age_at_events=None, age_certainty="")
                | Q(age_at_events__isnull=False) & ~Q(age_certainty=""),
                name="an_age_says_how_sure_it_is",
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("id")), name="nobody_is_their_own_duplicate"
            ),
            models.CheckConstraint(
                condition=Q(same_human_as=None) | ~Q(same_human_as=F("id")), name="another_part_is_another_record"
            ),
        ]

    def __str__(self) -> str:
        return f"person {self.number}"

    @property
    def code_name(self) -> str:
        return code_name(self.number)

    @property
    def age(self) -> Age:
        """Age group at the time of the events. Where it decides, an unknown age counts as a child's."""
        if self.age_at_events is not None:
            return _age_group(self.age_at_events)
        if self.age_group in ("", Age.UNKNOWN) and self.same_human_as:
            return self.same_human_as.age
        return Age(self.age_group or Age.UNKNOWN)

    @property
    def years_now(self) -> int | None:
        """Age today in years, or the age at the events if today's was never recorded. None: neither is known.

        If two records of the same human differ, return the lower age, because it gives more protection.
        """
        records = [it for it in (self, self.same_human_as) if it]
        now = [it.age_now + _years_since(it.age_now_on) for it in records if it.age_now is not None and it.age_now_on]
        return min(now or [it.age_at_events for it in records if it.age_at_events is not None], default=None)

    @property
    def age_today(self) -> Age:
        """Age group today. It decides whether the person can consent alone, and which shelters and services fit."""
        return self.age if self.years_now is None else _age_group(self.years_now)

    @property
    def origin(self) -> str:
        return places.place_label(self.ubigeo_origin)

    @property
    def whereabouts(self) -> str:
        return places.place_label(self.ubigeo_now)

    @property
    def spoken(self) -> list[str]:
        return [str(Language(code).label) for code in self.languages]

    @property
    def identity(self) -> "Identity | None":
        """The person's identity. None: nothing was recorded yet."""
        return Identity.objects.filter(person=self).select_related("key").first()

    @property
    def merged(self) -> "list[Person]":
        """People who were merged into this person."""
        return list(Person.objects.filter(merged_into=self).order_by("number"))


def _years_since(day: date) -> int:
    return (timezone.localdate() - day).days * 100 // A_CENTURY


def _age_group(years: int) -> Age:
    return Age.CHILD if years < MAJORITY else Age.ADULT


class Identity(models.Model):
    """A person's names, document, birth date, phone and address.

    It has its own key. Staff must give a purpose before it is decrypted, and the ledger logs every access.
    """

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True, related_name="+")
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    names = SealedField("identity.names", null=True)  # None means unknown, here and in the fields below
    document = SealedField("identity.document", null=True)
    born = SealedField("identity.born", null=True)  # ISO 8601 date
    phone = SealedField("identity.phone", null=True)
    address = SealedField("identity.address", null=True)
    version = models.PositiveIntegerField(db_default=0, editable=False)  # core/edit_conflicts.py
    edits = models.JSONField(db_default={}, editable=False)

    objects = models.Manager()
    protected = row_security.ByKey(web="select, insert, update")

    class Meta:
        verbose_name_plural = "identities"

    def __str__(self) -> str:
        return f"identity of person {self.person_id}"


label_verb("look identity", gettext_lazy("read who somebody is"))


def people_by_identity_keys(part: Part, keys: Iterable[uuid.UUID]) -> PersonQuerySet:
    """Return the visible people with this part whose identity is sealed with one of these data keys (ids).

    People who were merged into somebody are left out.
    """
    visible = Person.objects.filter(has_key(current_actor(), each=True))
    identified_people = Identity.objects.filter(key__in=keys).values("person")
    return visible.without_duplicates().filter(pk__in=identified_people, part=part).order_by("number")
