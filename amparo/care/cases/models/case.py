import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Value
from django.utils.translation import gettext as _

from amparo.care.cases.picklists import CLOSED, OPEN, PROMISES, Closing, EntryKind, State, TaskKind
from amparo.care.people.models import Person
from amparo.foundation.access.models import User
from amparo.foundation.core import row_security
from amparo.foundation.core.refusal import Refused
from amparo.foundation.core.row_lock import lock_first, take_handed_on
from amparo.foundation.vault.fields import SealedField
from amparo.foundation.vault.key_access import has_key
from amparo.foundation.vault.models import DataKey
from amparo.line.contacts.models import Contact
from amparo.line.contacts.picklists import Urgency

from .hand_overs import HandOver


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, user: User) -> Self:
        """Filter to cases whose key `user` holds, as a member or supervisor. Row-level security enforces the same."""
        return self.filter(has_key(user.acting()))

    def of_team(self, user: User) -> Self:
        """Filter to cases that `user` follows now, as a member of the team."""
        return self.filter(team__user=user, team__until=None)

    def open_by_due_date(self, user: User) -> Self:
        """Return the user's open, visible cases ordered by next due date. An index gives this order."""
        own = self.filter(team__user=user, team__until=None, team__next_due__isnull=False)
        return own.filter(has_key(user.acting(), each=True)).order_by("team__next_due", "number")

    def handed_over_to(self, user: User) -> Self:
        """Filter to cases with a hand-over note that `user` should read and has not read yet."""
        return self.filter(Exists(HandOver.objects.handed_over_to(user).filter(case=OuterRef("pk"))))

    def open(self) -> Self:
        """Filter to open cases. `closed_at` is repeated, because the index of open cases is partial on it."""
        return self.filter(state__in=OPEN, closed_at=None)

    def open_of_urgency(self, urgency: Urgency) -> Self:
        """Filter to open cases of this urgency, and fetch their next task and the member in charge."""
        return self.open().filter(urgency=urgency).select_related("next_task", "holder").earliest_due_first()

    def earliest_due_first(self) -> Self:
        """Order by next due date, not by opening date."""
        return self.order_by("next_due", "number")

    def get_locked(self, pk: uuid.UUID) -> "Case":
        """Lock and return the case until the transaction ends. Raises `Refused` if it is not in this queryset.

        The lock is `FOR NO KEY UPDATE`. A transaction that locked a shelter first can still insert a timeline entry.
        """
        locked = lock_first(self.filter(pk=pk), no_key=True)
        if locked is None:
            raise Refused(_("It does not exist, or you have no access."))
        return locked

    def lock(self, case: "Case") -> "Case":
        """Lock and return this case, as `get_locked`; one that its page has just locked is not read again."""
        return take_handed_on(case) or self.get_locked(case.pk)


class Case(models.Model):
    """A person's situation that a team follows until the person is safe. An open case always has a dated next task."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.IntegerField(
        unique=True, editable=False, db_default=models.Func(Value("cases_number"), function="nextval")
    )
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=16, choices=State.options, default=State.NEW)
    urgency = models.CharField(max_length=10, choices=Urgency.options, default=Urgency.ROUTINE)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    holder = models.ForeignKey(  # the user in charge on this shift; null: nobody
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    situation = SealedField("case.situation", null=True)  # None: not written yet
    next_task = models.OneToOneField("Task", null=True, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    next_due = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closing = models.CharField(max_length=12, choices=Closing.options, blank=True)
    closing_words = SealedField("case.closing_words", null=True)
    version = models.PositiveIntegerField(default=0, editable=False)  # increases with every edit of a text field
    edits = models.JSONField(default=dict, editable=False)  # field -> last edit: {version, by, at}

    objects = CaseQuerySet.as_manager()
    protected = row_security.ByKey(
        web="select, insert, update", site="select (id, number, key_id, holder_id)",
        worker="select (id, number, state, key_id, next_due)",
    )  # fmt: skip

    class Meta:
        indexes = [
            models.Index(fields=["next_due", "number"], name="cases_next_first", condition=Q(closed_at=None)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=CLOSED) | Q(next_task__isnull=False, next_due__isnull=False),
                name="an_open_case_has_a_next_task_with_a_date",
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN, closed_at=None, closing="")
                | Q(state__in=CLOSED, closed_at__isnull=False, next_task=None) & ~Q(closing=""),
                name="a_closed_case_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"case {self.code}"

    @property
    def code(self) -> str:
        """The code that staff use: L-2031."""
        return f"L-{self.number}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def persons(self) -> models.QuerySet[Person]:
        return Person.objects.filter(key=self.key_id).without_duplicates_in_file().order_by("number")

    def is_late(self, now: datetime) -> bool:
        return self.next_due is not None and self.next_due < now


def code_names(cases: list[Case]) -> dict[uuid.UUID, str]:
    """Return the code name of each case's person at risk, by the id of the case's key."""
    people = Person.objects.filter(key__in=[case.key_id for case in cases], part="at_risk").without_duplicates_in_file()
    return {person.key_id: person.code_name for person in people.order_by("-number")}


class Member(models.Model):
    """Membership in the team of a case. A member holds the case's key from `since` until `until`."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="team")
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    next_due = models.DateTimeField(null=True, editable=False)  # copy of the case's, kept by a trigger; null: closed

    protected = row_security.ByKey(web="select, insert, update")

    class Meta:
        indexes = [
            models.Index(
                fields=["user", "next_due"], name="cases_of_mine_first", condition=Q(until=None, next_due__isnull=False)
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "user"], condition=Q(until=None), name="somebody_is_in_a_team_once_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="nobody_leaves_before_they_came"
            ),
        ]

    def __str__(self) -> str:
        return f"member {self.pk}"


class CaseContact(models.Model):
    """Assigns a contact to a case. The text of the contact stays under the contact's own key."""

    contact = models.OneToOneField(Contact, on_delete=models.PROTECT, primary_key=True, related_name="inclusion")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="inclusions")
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+", db_index=False)

    protected = row_security.ByKey(web="select, insert, delete")

    def __str__(self) -> str:
        return f"contact {self.contact_id} in a case"


class CaseRecordKey(models.Model):
    """The key of another room's record that belongs to a case, such as a police report. The team holds this key too."""

    beside = models.OneToOneField(DataKey, on_delete=models.PROTECT, primary_key=True, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")  # the case's key

    protected = row_security.ByKey(web="select, insert")

    class Meta:
        verbose_name_plural = "keys beside"

    def __str__(self) -> str:
        return f"key beside case {self.case_id}"


class TaskQuerySet(models.QuerySet["Task"]):
    def open(self) -> Self:
        """Filter to open tasks, earliest due date first."""
        return self.filter(is_open=True).order_by("due", "pk")

    def promises(self, user: User, until: datetime) -> Self:
        """Filter to open tasks due before `until` that we promised to a person, in open cases that `user` can see.

        Late tasks are included. `PROMISES` are the kinds of tasks that count.
        """
        cases = Case.objects.visible_to(user).open()
        return self.open().filter(kind__in=PROMISES, due__lt=until, case__in=cases).select_related("case", "assignee")


class Task(models.Model):
    """Something to do in a case, with a due date. An overdue task concerns the whole shift, not only its assignee.

    A case refers to its next task by (id, due date, open flag). This foreign key makes the database ensure that the
    next task is open and due on that date (see `sql/tables.sql`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)  # set before the case is inserted
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="tasks")
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=TaskKind.options)
    words = SealedField("task.words", null=True)  # None: the kind says everything
    due = models.DateTimeField()
    is_critical = models.BooleanField(default=False)  # the case cannot be closed while it is open
    assignee = models.ForeignKey(  # null: the whole shift
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    is_open = models.BooleanField(default=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(  # null: still open, or ended by the answer of a service through its link
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    was_done = models.BooleanField(null=True)  # False: cancelled; null: still open
    result = SealedField("task.result", null=True)

    objects = TaskQuerySet.as_manager()
    protected = row_security.ByKey(web="select, insert, update")

    class Meta:
        indexes = [models.Index(fields=["case", "due"], name="tasks_next_first", condition=Q(is_open=True))]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_open=True, done_at=None, done_by=None, was_done=None)
                | Q(is_open=False, done_at__isnull=False, was_done__isnull=False),
                name="a_task_that_is_over_says_when_and_how",
            ),
        ]

    def __str__(self) -> str:
        return f"task {self.pk}"

    def is_late(self, now: datetime) -> bool:
        return self.is_open and self.due < now


class CaseEntry(models.Model):
    """An entry of the timeline: what happened in a case, when, and who did it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.BigIntegerField(  # orders entries that have the same time
        editable=False, db_default=models.Func(Value("entries_number"), function="nextval")
    )
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="entries", db_index=False)
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=EntryKind.options)
    at = models.DateTimeField()
    by = models.ForeignKey(  # null: a service through its link, or the holder of a return code
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    about = models.CharField(max_length=40, blank=True)  # id of the object concerned, or a value of a picklist
    words = SealedField("case_entry.words", null=True)  # None: the kind says everything

    protected = row_security.ByKey(web="select, insert")

    class Meta:
        indexes = [models.Index(fields=["case", "-at", "-number"], name="entries_newest_first")]

    def __str__(self) -> str:
        return f"entry {self.pk}"
