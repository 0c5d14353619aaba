"""Showing a plan to everybody: one person proposes, another shows or refuses, one takes it down."""

from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused

from . import public
from .models import Measurement, Plan, Publication
from .picklists import PlanState, PublicationState
from .public_page import state_or_law_changed

APPROVED = (PlanState.APPROVED, PlanState.OPERATIONAL, PlanState.CLOSED)


@action(permissions.coordinate_plan, label=gettext_lazy("proposed to show the plan to everybody"))
def propose_publication(plan: Plan, *, seen: str, by: User, now: datetime) -> Publication:
    """Propose an approved plan for the public page. `seen`: the digest of the preview that the person read."""
    plan = Plan.objects.select_for_update(of=("self",)).select_related("law").get(pk=plan.pk)
    if plan.state not in APPROVED:
        raise Refused(_("Only an approved plan is shown to everybody."))
    if waiting := plan.publications.proposed().select_related("proposed_by").first():
        if waiting.proposed_by_id == by.pk:
            return waiting
        raise Refused(_("%(who)s has proposed it already.") % {"who": waiting.proposed_by})
    document, version = _document_as_seen(plan, seen, now), plan.versions.latest("number")
    proposed: Publication = plan.publications.create(
        version=version, document=document, proposed_at=now, proposed_by=by
    )
    return proposed


@action(permissions.coordinate_plan, label=gettext_lazy("withdrew the proposal to show the plan"))
def withdraw_publication(publication: Publication, *, by: User, now: datetime) -> Publication:
    """Take back one's own proposal."""
    publication = _locked(publication)
    if publication.proposed_by_id != by.pk:
        raise Refused(_("Who proposed it withdraws it. You can refuse it."))
    return _end_proposal(publication, PublicationState.WITHDRAWN, by, now)


@action(permissions.show_plans, label=gettext_lazy("refused to show the plan to everybody"))
def refuse_publication(publication: Publication, reason: str, *, by: User, now: datetime) -> Publication:
    """Refuse a colleague's proposal, with the reason."""
    publication = _locked(publication)
    if publication.proposed_by_id == by.pk:
        raise Refused(_("You proposed it: you can withdraw it."))
    if not reason.strip():
        raise Refused(_("Say why, so that it can be put right."))
    return _end_proposal(publication, PublicationState.REFUSED, by, now, reason=reason.strip())


@action(permissions.show_plans, label=gettext_lazy("showed the plan to everybody"))
def show_publication(publication: Publication, *, seen: str, by: User, now: datetime) -> Publication:
    """Show a colleague's proposal to everybody, in place of what was public.

    `seen`: the digest of the preview that the person read. Exactly that is shown: if the plan changed since, it is
    refused. Who changed the plan after it was proposed cannot be the second person. Nothing says which coordinator
    changed its state or law, so then none of them can.
    """
    _one_at_a_time()
    publication = _locked(publication)
    if publication.is_shown:
        _copy_and_write(by)  # perhaps the disk was full
        return publication
    if not publication.is_proposed:
        raise Refused(_("This proposal has ended."))
    if publication.proposed_by_id == by.pk:
        raise Refused(_("Another person shows what you proposed."))
    if _changed_by(publication, by):
        raise Refused(_("You changed the plan after it was proposed. Another person shows it."))
    document = _document_as_seen(publication.plan, seen, now)
    if permissions.coordinate_plan(by) and state_or_law_changed(publication.document, document):
        raise Refused(
            _("Its state or law changed after it was proposed. A publisher shows it, or it is proposed anew.")
        )
    if former := _locked_shown():
        _save(former, state=PublicationState.REPLACED, ended_at=now, ended_by=by)
    _save(publication, state=PublicationState.SHOWN, document=document, shown_at=now, shown_by=by)
    _copy_and_write(by)
    return publication


@action(permissions.show_plans, label=gettext_lazy("took the public plan down"))
def take_plan_down(*, by: User, now: datetime) -> Publication | None:
    """Take the public plan down, at once: its page shows none before the commit. One person suffices.

    Returns what was shown; None for a plan that a version before 0.4 showed, which had no second person.
    """
    _one_at_a_time()
    shown = _locked_shown()
    if shown:
        _save(shown, state=PublicationState.TAKEN_DOWN, ended_at=now, ended_by=by)
    _copy_to_plans()
    public.remove_document()
    return shown


@action(permissions.show_plans, label=gettext_lazy("showed the plan again that was public before"))
def show_again(publication: Publication, *, by: User, now: datetime) -> Publication:
    """Show again what was public before the plan that was taken down: two people have shown it already."""
    _one_at_a_time()
    shown = _locked_shown()
    if shown and shown.pk == publication.pk:
        return shown
    if shown:
        raise Refused(_("A plan is public. Take it down first."))
    before = version_before()
    if before is None or before.pk != publication.pk:
        raise Refused(_("Only what was public last can be shown again. Propose any other anew."))
    before = _locked(before)
    _save(before, state=PublicationState.SHOWN, ended_at=None, ended_by=None)
    _copy_and_write(by)
    return before


def version_before() -> Publication | None:
    """Return what was public before the plan that was taken down. None: a plan is public, or none was before it."""
    if Publication.objects.filter(state=PublicationState.SHOWN).exists():
        return None
    found = Publication.objects.filter(state=PublicationState.REPLACED).with_people()
    return found.order_by("-ended_at", "-pk").first()


def _changed_by(publication: Publication, user: User) -> bool:
    since, plan = publication.proposed_at, publication.plan
    reported = Measurement.objects.filter(indicator__node__plan=plan, author=user, written_at__gte=since)
    return plan.corrections.filter(corrected_by=user, corrected_at__gte=since).exists() or reported.exists()


def _document_as_seen(plan: Plan, seen: str, now: datetime) -> dict[str, object]:
    """Return the plan's public document. Raises `Refused` if it is not the one of the preview that was read."""
    document = public.public_document(plan, now)
    if public.digest_of(document) != seen:
        raise Refused(_("The plan changed after you opened this page. Read it again: this is how it stands now."))
    return document


def _end_proposal(
    publication: Publication, state: PublicationState, by: User, now: datetime, reason: str = ""
) -> Publication:
    if publication.state == state:
        return publication
    if not publication.is_proposed:
        raise Refused(_("This proposal has ended."))
    return _save(publication, state=state, ended_at=now, ended_by=by, reason=reason)


def _one_at_a_time() -> None:
    """Wait until nobody else shows a plan or takes one down: a row that is locked is not the one that is shown next."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock('plan_publication'::regclass::int, 0)")


def _locked(publication: Publication) -> Publication:
    return Publication.objects.select_for_update(of=("self",)).select_related("plan__law").get(pk=publication.pk)


def _locked_shown() -> Publication | None:
    shown = Publication.objects.select_for_update(of=("self",)).select_related("plan")
    return shown.filter(state=PublicationState.SHOWN).first()


def _save(publication: Publication, **columns: object) -> Publication:
    for name, value in columns.items():
        setattr(publication, name, value)
    publication.save(update_fields=[*columns])
    return publication


def _copy_to_plans() -> None:
    """Keep the columns that the version before reads: plan.published_at and plan.document (sql/functions.sql)."""
    with connection.cursor() as cursor:
        cursor.execute("select plan_copy_publication()")


def _copy_and_write(by: User) -> None:
    """Write the public file after the commit, from the row as it is then, locked again: so a taking down wins."""
    _copy_to_plans()

    def write() -> None:
        with acting_as(by.acting()):
            _one_at_a_time()
            shown = _locked_shown()
            if shown:
                public.write_document(shown.document)

    transaction.on_commit(write)
