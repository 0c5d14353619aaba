"""What may be done with editions: draft, correct, publish, discard."""

from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.figures.snapshot.months import Months
from amparo.figures.snapshot.rules import count_months
from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.audit.labels import label_verb
from amparo.foundation.core.refusal import Refused

from . import public
from .crossings import release_crossings
from .models import Edition, Year
from .safe_tables import edition_document
from .years import public_document, release_years


@action(permissions.publish, label=gettext_lazy("drafted an edition of the figures"))
def draft_edition(period: Months, *, by: User, now: datetime) -> Edition:
    """Count a month or a quarter, and draft its first edition. None of its months may have an edition already."""
    if any(period.overlaps(taken) for taken in Edition.objects.periods()):
        raise Refused(_("There is an edition of these months: publish it, throw it away, or correct it."))
    snapshot = count_months(period, by=by, now=now)
    return Edition.objects.create(
        first_day=period.first, months=period.length, snapshot=snapshot, drafted_at=now, drafted_by=by
    )


@action(permissions.publish, label=gettext_lazy("drafted a correction of the figures"))
def correct_edition(edition: Edition, why: str, *, by: User, now: datetime) -> Edition:
    """Draft a correction of a published edition, with its months counted again. `why`: what was wrong; all read it."""
    edition = Edition.objects.get(pk=edition.pk)
    if not edition.is_published:
        raise Refused(_("This one is a draft: throw it away, and draft another."))
    if edition.is_corrected:
        raise Refused(_("There is a correction of this edition: correct that one."))
    if not why.strip():
        raise Refused(_("Say what was wrong, and why: everybody reads it."))
    snapshot = count_months(edition.period, by=by, now=now)
    return Edition.objects.create(
        first_day=edition.first_day, months=edition.months, snapshot=snapshot, corrects=edition, why=why.strip(),
        drafted_at=now, drafted_by=by,
    )  # fmt: skip


@action(permissions.publish, label=gettext_lazy("published the figures"))
def publish_edition(edition: Edition, *, by: User, now: datetime) -> Edition:
    """Publish a colleague's draft. Everybody can read it from now on, and nobody can change it.

    If it completes a year, the year is released with it. A correction releases the year again.
    """
    edition = Edition.objects.get(pk=edition.pk)
    if not edition.is_published:
        if edition.drafted_by_id == by.pk:
            raise Refused(_("Another publisher publishes what you drafted."))
        document = {**edition_document(edition), "published_on": timezone.localtime(now).date().isoformat()}
        still = Edition.objects.filter(pk=edition.pk, published_at=None)
        still.update(document=document, published_at=now, published_by=by)
        edition.refresh_from_db()
        changed = {it.year for it in release_years(now)} | release_crossings(now)
        years = Year.objects.filter(year__in=changed).select_related("supersedes")
        for written in (document, *map(public_document, years)):
            transaction.on_commit(partial(public.write_document, written))
    return edition


@action(permissions.publish, label=gettext_lazy("threw a draft of the figures away"))
def discard_edition(edition: Edition, *, by: User, now: datetime) -> Edition:
    """Discard a draft; its snapshot is kept."""
    if Edition.objects.published().filter(pk=edition.pk).exists():
        raise Refused(_("It is published: correct it instead."))
    Edition.objects.filter(pk=edition.pk, published_at=None).delete()
    return edition


label_verb("export_snapshot", gettext_lazy("took the exact counts of a snapshot along"))  # commands.py
