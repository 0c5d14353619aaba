from dataclasses import dataclass
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from amparo.figures.snapshot.models import MONTH_OR_QUARTER, PUBLISHER, Snapshot
from amparo.figures.snapshot.months import Months, Quarter, period_of
from amparo.figures.snapshot.tables import OF_A_YEAR, Crossing, Table
from amparo.foundation.core import row_security


class EditionPolicy(row_security.ByRole):
    """Row policy: publishers read all editions, and everybody else the published ones."""

    def reads(self, model: type[models.Model]) -> str:
        return f"{super().reads(model)} or published_at is not null"

    def writes(self, model: type[models.Model]) -> str:
        return super().reads(model)


class OwnerPolicy(row_security.RowPolicy):
    """Row policy: only the user who owns a row reads it."""

    def reads(self, model: type[models.Model]) -> str:
        return "owner_id = (select acting.user_id())"


class EditionQuerySet(models.QuerySet["Edition"]):
    def published(self) -> Self:
        return self.filter(published_at__isnull=False)

    def newest_first(self) -> Self:
        return self.order_by("-first_day", "-pk")

    def first_editions_of(self, year: int) -> Self:
        """The first published edition of each month or quarter of a year, in order."""
        return self.published().filter(first_day__year=year, corrects=None).order_by("first_day")

    def last_editions_of(self, year: int) -> Self:
        """The newest published edition of each month or quarter of a year, in order."""
        of_the_year = self.published().filter(first_day__year=year)
        return of_the_year.exclude(corrected_by__published_at__isnull=False).order_by("first_day")

    def show_persons_in(self, year: int) -> bool:
        """Whether a published edition of this year shows a table `OF_A_YEAR`, as earlier versions of Amparo did."""
        names = [table.value for table in OF_A_YEAR]
        return self.published().filter(first_day__year=year, document__tables__has_any_keys=names).exists()

    def periods(self) -> list[Months]:
        """Return the months and quarters that have an edition or a draft."""
        return [period_of(*of) for of in self.filter(corrects=None).values_list("first_day", "months")]


class Edition(models.Model):
    """The figures of a month or quarter: drafted by one publisher, published by another, and never changed afterwards.

    A mistake is corrected by a new edition, which says why and is protected together with the earlier one. A month
    belongs to editions of itself or to editions of its quarter, never to both (sql/tables.sql).
    """

    first_day = models.DateField()
    months = models.PositiveSmallIntegerField(default=Quarter.length)  # how many it is of: 1 or 3
    snapshot = models.OneToOneField(Snapshot, on_delete=models.PROTECT, related_name="+")
    corrects = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="corrected_by")
    why = models.TextField(blank=True)  # reason of a correction, public; blank: the first edition of its months
    drafted_at = models.DateTimeField()
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True)  # null: a draft
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    document = models.JSONField(null=True)  # exactly what was published (safe_tables.py); null: a draft

    objects = EditionQuerySet.as_manager()
    protected = EditionPolicy(
        PUBLISHER, web="select, insert, delete, update (published_at, published_by_id, document)",
        worker="select (id, first_day, months, published_at, document)",
    )  # fmt: skip

    class Meta:
        constraints = [
            models.CheckConstraint(condition=MONTH_OR_QUARTER, name="an_edition_is_of_a_month_or_a_quarter"),
            models.CheckConstraint(
                condition=Q(corrects=None, why="") | Q(corrects__isnull=False) & ~Q(why=""),
                name="a_correction_says_why",
            ),
            models.CheckConstraint(
                condition=Q(published_at=None, published_by=None, document__isnull=True)
                | Q(published_at__isnull=False, published_by__isnull=False, document__isnull=False)
                & ~Q(published_by=F("drafted_by")),
                name="two_people_publish_an_edition",
            ),
        ]

    def __str__(self) -> str:
        return f"edition {self.pk}"

    @property
    def period(self) -> Months:
        return period_of(self.first_day, self.months)

    @property
    def tables(self) -> list[Table]:
        """The tables that the edition shows. Those `OF_A_YEAR` are missing, but in a year that began with them.

        A published edition keeps what it showed. A table added later is missing: not counted is not zero.
        """
        if self.document:
            return [table for table in self.snapshot.tables if table.value in self.document["tables"]]
        if Edition.objects.show_persons_in(self.first_day.year):
            return self.snapshot.tables
        return [table for table in self.snapshot.tables if table not in OF_A_YEAR]

    @property
    def is_published(self) -> bool:
        return self.published_at is not None

    @property
    def is_corrected(self) -> bool:
        """Whether another edition, a draft or published, corrects this one."""
        return Edition.objects.filter(corrects=self.pk).exists()

    @property
    def chain_of_corrections(self) -> "list[Edition]":
        """The first edition of these months and its corrections, up to this one. Each was protected together with those
        before it.
        """
        return [*(self.corrects.chain_of_corrections if self.corrects else []), self]


@dataclass(frozen=True)
class YearCode:
    """The code of a released year: "2026-1". The code of an edition is its number alone."""

    year: int
    revision: int  # 1: the first release

    @classmethod
    def parse(cls, code: str | int) -> Self | None:
        """Return the code of a year. None: the text is the number of an edition."""
        year, _hyphen, revision = str(code).partition("-")
        return cls(int(year), int(revision)) if revision else None

    def __str__(self) -> str:
        return f"{self.year}-{self.revision}"


class YearQuerySet(models.QuerySet["Year"]):
    def current(self) -> Self:
        """Return the releases that no newer one supersedes."""
        return self.filter(superseded_by=None)


class Year(models.Model):
    """The figures of a calendar year: its months and quarters together, protected beside each of them.

    It is released with the last edition of its months. A row never changes: a corrected edition makes a new one, which
    supersedes it.
    """

    year = models.PositiveSmallIntegerField()
    supersedes = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="superseded_by")
    document = models.JSONField()  # years.py
    released_at = models.DateTimeField()

    objects = YearQuerySet.as_manager()
    protected = row_security.WrittenBy("published figures", PUBLISHER, web="select, insert", worker="select")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["year"], condition=Q(supersedes=None), name="a_year_is_released_once_and_then_superseded"
            )
        ]

    def __str__(self) -> str:
        return f"year {self.year}"

    @property
    def revision(self) -> int:
        """The number of this release of the year, from 1."""
        return 1 + (self.supersedes.revision if self.supersedes else 0)

    @property
    def code(self) -> str:
        return str(YearCode(self.year, self.revision))


class CrossedYear(models.Model):
    """Two breakdowns of a calendar year crossed. Released once, after the year, and never changed."""

    year = models.PositiveSmallIntegerField()
    crossing = models.CharField(max_length=60, choices=Crossing.options)
    document = models.JSONField()  # crossings.py
    released_at = models.DateTimeField()

    protected = row_security.WrittenBy("published figures", PUBLISHER, web="select, insert")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["year", "crossing"], name="a_crossed_table_of_a_year_is_released_once")
        ]

    def __str__(self) -> str:
        return f"{self.crossing} {self.year}"


class SavedView(models.Model):
    """A measure, breakdown and period that a person wants to open again. It holds no numbers."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    what = models.CharField(max_length=100)  # code of a breakdown (analysis/breakdowns.py)
    period = models.CharField(max_length=20)  # code of a period (analysis/periods.py)
    saved_at = models.DateTimeField()

    protected = OwnerPolicy(web="select, insert, delete")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="a_person_names_a_view_once")]

    def __str__(self) -> str:
        return f"saved view {self.pk}"
