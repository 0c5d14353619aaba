import uuid
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from amparo.foundation.access.models import User
from amparo.foundation.core import row_security
from amparo.foundation.vault.fields import SealedField
from amparo.foundation.vault.models import DataKey
from amparo.line.contacts.models import Contact
from amparo.line.roster.models import SUPERVISOR

from .picklists import Reason
from .rubric import ITEMS, Item

IS_SUPERVISOR = f"(select acting.role()) = '{SUPERVISOR}'"
SELF = "(select acting.user_id())"
OPENS_AFTER = timedelta(days=7)  # after the last review; the operator's pages say the day
IS_OVERDUE = f"s.ready_at <= now() - interval '{OPENS_AFTER.days} days'"


class SamplePolicy(row_security.RowPolicy):
    """Who reads a sample: supervisors, except the one who answered that conversation; and its operator, once all
    reviews are in, or at once if they asked for the review.
    """

    def reads(self, model: type[models.Model]) -> str:
        return (
            f"({IS_SUPERVISOR} and operator_id <> {SELF})"
            f" or (operator_id = {SELF} and (ready_at is not null or reason = '{Reason.REQUESTED}'))"
        )

    def adds(self, model: type[models.Model]) -> str:
        return f"{IS_SUPERVISOR} or (operator_id = {SELF} and reason = '{Reason.REQUESTED}')"


class ReviewPolicy(row_security.RowPolicy):
    """Who reads a review: its reviewer; the operator, once all reviews are in; other supervisors, once the operator has
    answered, or `OPENS_AFTER` the last review.
    """

    def reads(self, model: type[models.Model]) -> str:
        sample = "from quality_sample s where s.id = quality_review.sample_id"
        answered = "from quality_answer a where a.sample_id = quality_review.sample_id"
        return (
            f"reviewer_id = {SELF} or (operator_id = {SELF} and exists (select {sample} and s.ready_at is not null))"
            f" or ({IS_SUPERVISOR} and (exists (select {answered}) or exists (select {sample} and {IS_OVERDUE})))"
        )

    def adds(self, model: type[models.Model]) -> str:
        return f"{IS_SUPERVISOR} and reviewer_id = {SELF}"


class AnswerPolicy(row_security.RowPolicy):
    """An answer to feedback: its operator and supervisors read it; the operator alone writes it."""

    def reads(self, model: type[models.Model]) -> str:
        return f"operator_id = {SELF} or {IS_SUPERVISOR}"

    def adds(self, model: type[models.Model]) -> str:
        return f"operator_id = {SELF}"


class SampleQuerySet(models.QuerySet["Sample"]):
    def to_review(self, user: User) -> Self:
        """Samples that this supervisor may still review, oldest first."""
        return (
            self.filter(ready_at=None)
            .exclude(operator=user)
            .exclude(reviews__reviewer=user)
            .exclude(contact__in=Contact.objects.attended_by(user))
            .order_by("drawn_at", "pk")
        )

    def readable_by_supervisors(self, now: datetime) -> Self:
        """Samples whose feedback every supervisor may read, newest first: answered, or unanswered for `OPENS_AFTER`."""
        overdue = Q(ready_at__lte=now - OPENS_AFTER)
        return self.filter(Q(answer__isnull=False) | overdue).order_by("-ready_at", "-contact__started", "pk")

    def of_operator(self, operator: User) -> Self:
        return self.filter(operator=operator).order_by("-drawn_at", "pk")

    def to_answer(self, operator: User) -> Self:
        """Samples whose feedback waits for this operator."""
        return self.filter(operator=operator, ready_at__isnull=False, answer=None)


class Sample(models.Model):
    """One conversation that is reviewed, and why."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    contact = models.OneToOneField(Contact, on_delete=models.CASCADE, related_name="+")
    operator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=10, choices=Reason.options, default=Reason.RANDOM)
    week = models.DateField()  # the Monday of the week in which the conversation began
    place = models.PositiveSmallIntegerField(null=True)  # of the draw, from 0; None: not drawn
    reviewers = models.PositiveSmallIntegerField(default=1)
    drawn_at = models.DateTimeField()
    drawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ready_at = models.DateTimeField(null=True)  # the database sets it when the last review is in

    objects = SampleQuerySet.as_manager()
    protected = SamplePolicy(web="select, insert")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["operator", "week", "place"], name="everybody_is_drawn_equally_often"),
            models.CheckConstraint(
                condition=Q(reason=Reason.RANDOM, place__isnull=False) | ~Q(reason=Reason.RANDOM) & Q(place=None),
                name="only_a_drawn_sample_has_a_place",
            ),
            models.CheckConstraint(condition=Q(reviewers__range=(1, 2)), name="one_or_two_review"),
        ]
        indexes = [models.Index(fields=["drawn_at"], name="samples_to_review", condition=Q(ready_at=None))]

    def __str__(self) -> str:
        return f"sample {self.pk}"

    @property
    def opens_at(self) -> datetime | None:
        """When other supervisors may read the feedback without an answer. None: reviews are missing."""
        return self.ready_at and self.ready_at + OPENS_AFTER


class Review(models.Model):
    """The marks and the feedback of one supervisor on a sample. It is written once, and never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sample = models.ForeignKey(Sample, on_delete=models.CASCADE, related_name="reviews")
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")  # of the contact
    operator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    marks = models.JSONField()  # name of the item -> "0" to "3"; blank: does not apply
    feedback = SealedField("quality_review.feedback", null=True)  # None: forgotten with the contact
    written_at = models.DateTimeField()

    protected = ReviewPolicy(web="select, insert")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sample", "reviewer"], name="a_reviewer_reviews_once"),
            models.CheckConstraint(condition=~Q(reviewer=F("operator")), name="nobody_reviews_themselves"),
        ]

    def __str__(self) -> str:
        return f"review {self.pk}"

    @property
    def sheet(self) -> list[tuple[Item, str]]:
        """Each item with its mark."""
        return [(item, self.marks.get(item.name, "")) for item in ITEMS]


class Answer(models.Model):
    """The operator's answer to the feedback. After it, other supervisors may read the reviews at once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sample = models.OneToOneField(Sample, on_delete=models.CASCADE, related_name="answer")
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")  # of the contact
    operator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    words = SealedField("quality_answer.words", null=True)  # None: nothing to add, or forgotten
    answered_at = models.DateTimeField()

    protected = AnswerPolicy(web="select, insert")

    def __str__(self) -> str:
        return f"answer {self.pk}"
