"""What a person's first page consists of: three numbers, one list by deadline, and one main action."""

from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from amparo.figures.publishing.models import Edition
from amparo.foundation.audit.rules import SealerHealth
from amparo.screens.administration.rules import Part
from amparo.screens.desk import queue

from .numbers import Number
from .rows import SOON, Row

FIRST = 10  # rows shown of what is not due today


@dataclass(frozen=True)
class Section:
    label: str | Promise
    rows: list[Row]
    others: list[Row] = field(default_factory=list)  # behind a click


@dataclass(frozen=True)
class Seal:
    """How far the audit log is sealed."""

    sealer: SealerHealth
    number: int  # of sealed entries


@dataclass(frozen=True)
class Home:
    numbers: list[Number] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    action: tuple[str, str, str] | None = None  # words, address, icon
    editions: list[Edition] = field(default_factory=list)
    colleagues: list[queue.Colleague] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)  # how each part of the hotline is
    seal: Seal | None = None

    @property
    def has_aside(self) -> bool:
        return bool(self.colleagues or self.editions or self.parts or self.seal)

    @property
    def is_quiet(self) -> bool:
        return not self.rows

    def sections(self, now: datetime) -> list[Section]:
        """Group the list by deadline: late or due within two hours, today, without a deadline, later.

        What has no deadline waits already, so it stands before what is due in weeks or years.
        """
        dated = sorted((row for row in self.rows if row.due), key=lambda row: row.due or now)
        end = timezone.localtime(now).replace(hour=23, minute=59, second=59)
        later = [row for row in dated if row.due and row.due > max(end, now + SOON)]
        undated = [row for row in self.rows if not row.due]
        found = (
            Section(_("Now"), [row for row in dated if row.due and row.due <= now + SOON]),
            Section(_("Today"), [row for row in dated if row.due and now + SOON < row.due <= end]),
            Section(_("Without a deadline"), undated[:FIRST], undated[FIRST:]),
            Section(_("Later"), later[:FIRST], later[FIRST:]),
        )
        return [section for section in found if section.rows]
