import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Value
from django.utils.translation import gettext as _

from amparo.care.people.models import Person
from amparo.foundation.access.models import User
from amparo.foundation.core import row_security
from amparo.foundation.core.refusal import Refused
from amparo.foundation.core.row_lock import lock_first
from amparo.foundation.vault.fields import SealedField
from amparo.foundation.vault.key_access import has_key
from amparo.foundation.vault.models import DataKey
from amparo.line.contacts.models import Contact
from amparo.line.contacts.picklists import Urgency

from .picklists import CLOSED, OPEN, Closing, EntryKind, State, TaskKind


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, user: User) -> Self:
        """Whoever holds its key: its team, and supervisors. Row-level security says the same."""
        return self.filter(has_key(user.acting()))

    def of_team(self, user: User) -> Self:
        """Those that this very person works on."""
        return self.filter(team__user=user, team__until=None)

    def next_of(self, user: User) -> Self:
        """Those that are open and visible, by when something has to be done: read from an index in that order."""
        mine = self.filter(team__user=user, team__until=None, team__next_due__isnull=False)
        return mine.filter(has_key(user.acting(), each=True)).order_by("team__next_due", "number")

    def left_to(self, user: User) -> Self:
        """Those that somebody handed over, and this person has not read."""
        return self.filter(Exists(HandOver.objects.left_to(user).filter(case=OuterRef("pk"))))

    def open(self) -> Self:
        return self.filter(state__in=OPEN)

    def next_first(self) -> Self:
        """By when something has to be done, not by when they were opened."""
        return self.order_by("next_due", "number")

    def get_locked(self, pk: uuid.UUID) -> "Case":
        """The case as it stands, nobody else's until the transaction ends; refused when it is not among these.

        `no_key`: what happened in a house is told in it meanwhile, by who may hold that house before the case.
        """
        held = lock_first(self.filter(pk=pk), no_key=True)
        if held is None:
            raise Refused(_("It does not exist, or you have no access."))
        return held


class Case(models.Model):
    """A person's situation, followed by a team until she is safe. An open one always has a next task with a date."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.IntegerField(
        unique=True, editable=False, db_default=models.Func(Value("cases_number"), function="nextval")
    )
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=16, choices=State.options, default=State.NEW)
    urgency = models.CharField(max_length=10, choices=Urgency.options, default=Urgency.ROUTINE)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    holder = models.ForeignKey(  # who has it in hand on this shift; null: nobody
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    situation = SealedField("case.situation", null=True)  # None: not told yet
    next_task = models.OneToOneField("Task", null=True, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    next_due = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closing = models.CharField(max_length=12, choices=Closing.options, blank=True)
    closing_words = SealedField("case.closing_words", null=True)  # None: none
    version = models.PositiveIntegerField(default=0, editable=False)  # grows with every change of what is typed
    edits = models.JSONField(default=dict, editable=False)  # field -> its last edit: {version, by, at}

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
        """What people call it: L-2031."""
        return f"L-{self.number}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def persons(self) -> models.QuerySet[Person]:
        return Person.objects.filter(key=self.key_id).each_once_in_file().order_by("number")

    def is_late(self, now: datetime) -> bool:
        return self.next_due is not None and self.next_due < now


class Member(models.Model):
    """Somebody works on a case from then on, and holds its key; `until`: not any more."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="team")
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    next_due = models.DateTimeField(null=True, editable=False)  # the case's, kept by the database; null: it is closed

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
    """A contact belongs to a case. Its words stay the contact's, under the contact's own key."""

    contact = models.OneToOneField(Contact, on_delete=models.PROTECT, primary_key=True, related_name="inclusion")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="inclusions")
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+", db_index=False)

    protected = row_security.ByKey(web="select, insert, delete")

    def __str__(self) -> str:
        return f"contact {self.contact_id} in a case"


class CaseRecordKey(models.Model):
    """The key of a record of a later room that belongs to a case, such as a police report: its team holds it too."""

    beside = models.OneToOneField(DataKey, on_delete=models.PROTECT, primary_key=True, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")  # of the case

    protected = row_security.ByKey(web="select, insert")

    class Meta:
        verbose_name_plural = "keys beside"

    def __str__(self) -> str:
        return f"key beside case {self.case_id}"


class TaskQuerySet(models.QuerySet["Task"]):
    def open(self) -> Self:
        """The nearest first."""
        return self.filter(is_open=True).order_by("due", "pk")


class Task(models.Model):
    """What has to be done, by when. Overdue it is the whole shift's, not only its assignee's.

    Together with a flag and a date its id is what the next task of a case refers to: the database itself holds that
    this task is open, and due then.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)  # known before its case is
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="tasks")
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=TaskKind.options)
    words = SealedField("task.words", null=True)  # None: the kind says all
    due = models.DateTimeField()
    is_critical = models.BooleanField(default=False)  # the case cannot be closed over it
    assignee = models.ForeignKey(  # null: the shift
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    is_open = models.BooleanField(default=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    was_done = models.BooleanField(null=True)  # False: it is not needed any more; null: open
    result = SealedField("task.result", null=True)  # None: nothing to say

    objects = TaskQuerySet.as_manager()
    protected = row_security.ByKey(web="select, insert, update")

    class Meta:
        indexes = [models.Index(fields=["case", "due"], name="tasks_next_first", condition=Q(is_open=True))]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_open=True, done_at=None, done_by=None, was_done=None)
                | Q(is_open=False, done_at__isnull=False, done_by__isnull=False, was_done__isnull=False),
                name="a_task_that_is_over_says_who_and_how",
            ),
        ]

    def __str__(self) -> str:
        return f"task {self.pk}"

    def is_late(self, now: datetime) -> bool:
        return self.is_open and self.due < now


class CaseEntry(models.Model):
    """One knot of the timeline: what happened in a case, when, and who did it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.BigIntegerField(  # the order in which entries of one moment were told
        editable=False, db_default=models.Func(Value("entries_number"), function="nextval")
    )
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="entries", db_index=False)
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=EntryKind.options)
    at = models.DateTimeField()
    by = models.ForeignKey(  # null: a service by its link, or whoever has a return code
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    about = models.CharField(max_length=40, blank=True)  # id of the thing it tells of, or a word of a list
    words = SealedField("case_entry.words", null=True)  # None: the kind says all

    protected = row_security.ByKey(web="select, insert")

    class Meta:
        indexes = [models.Index(fields=["case", "-at", "-number"], name="entries_newest_first")]

    def __str__(self) -> str:
        return f"entry {self.pk}"


from .documents import Document  # noqa: E402, F401  # Django looks for models here
from .events import Event  # noqa: E402, F401
from .handovers import HandOver  # noqa: E402
