from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

from amparo.foundation.core import row_security

WELL_WITHIN = timedelta(seconds=30)  # the sealer looks every half second; this is longer than its restart

OPENED = "open_file"  # the action of giving a reason and opening a file outside one's current work


class Entry(models.Model):
    """Who did or read what, and why: names of rows and columns, never a value. No database role of ours may touch it.

    Only the SQL function `audit.append` adds rows; it takes the actor and the purpose from the signed context.
    """

    at = models.DateTimeField()
    user_id = models.IntegerField()  # 0: one of our own processes. No foreign key, because accounts are deleted
    agency_id = models.IntegerField()
    role = models.TextField()  # "hotline/operator", "system/worker"
    purpose = models.TextField(blank=True)
    what = models.TextField()  # the action
    about = models.TextField()  # "contact 7f3c...", "user 17"
    key = models.UUIDField(null=True)  # the data key of the file, by which the file finds its entries
    fields = ArrayField(models.TextField())
    number = models.BigIntegerField(null=True)  # None: not yet sealed
    hash = models.BinaryField(null=True)

    protected = row_security.ClosedTable(sealer="select, update (number, hash)")

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=Q(number=None), name="audit_entry_waiting"),
            models.Index(fields=["user_id", "at"], condition=Q(what=OPENED), name="audit_entry_opened"),
            # A few pages for millions of entries, which come in the order of their time.
            BrinIndex(fields=["at"], name="entries_by_time"),
            # Without the id, so that PostgreSQL stores each key once: opening a file reads all its entries anyway.
            models.Index(fields=["key"], condition=Q(key__isnull=False), name="entries_of_a_file"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["number"], condition=Q(number__isnull=False), name="a_number_is_given_once"
            ),
            models.CheckConstraint(
                condition=Q(number=None, hash=None) | Q(number__gt=0, hash__isnull=False),
                name="a_number_comes_with_its_hash",
            ),
            # A value that does not look like a name of ours could be a person's word or number. sql/tables.sql has the
            # same constraint for `purpose`, `what`, `about` and `fields`.
            models.CheckConstraint(condition=Q(role__regex=r"^[a-z_]+/[a-z_]+$"), name="an_entry_says_who"),
        ]

    def __str__(self) -> str:
        return f"entry {self.number or '?'}"

    @property
    def noun(self) -> str:
        """The kind of row that the entry is about."""
        return self.about.partition(" ")[0]


class SealerStatus(models.Model):
    """The sealer's own status, in one row: when it was last alive, and which witness it cannot reach."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    seen_at = models.DateTimeField()
    trouble = ArrayField(models.TextField())

    protected = row_security.ClosedTable(sealer="select, insert, update")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="there_is_one_sealer")]

    def __str__(self) -> str:
        return "the sealer"
