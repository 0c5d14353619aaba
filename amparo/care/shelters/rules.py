"""Verbs for a person who needs a bed: hold, request, approve, arrive, leave. Houses: house_rules.py."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.care.cases.models import Case
from amparo.care.cases.picklists import EntryKind, TaskKind
from amparo.care.cases.tasks_planning import add_entry, insert_task, lock_open_case, set_next_task
from amparo.care.cases.team import make_record_key
from amparo.care.consent.picklists import Data
from amparo.care.people.models import Person
from amparo.care.people.picklists import Part
from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import Refused

from . import risk_briefing
from .matching import Party, reasons_against
from .models import Bed, House, Placement, Stay, UnmetNeed
from .occupancies import cut_off, free_bed, free_beds_for, take_bed, violated_constraint
from .picklists import BABY, BRIEFABLE, WAITING, OccupancyKind, State, UnmetReason
from .placement_steps import (
    end_hold,
    extend_hold,
    lock_case,
    lock_unexpired,
    locked_stay,
    move_in,
    move_out,
    plan_task_of_end,
    record_approval,
    record_event,
    refuse_other_states,
    share_with_house,
)

HOLDS = timedelta(hours=2)
ARRIVES_WITHIN = timedelta(hours=12)  # after approval: a night on a bus
MISTAKEN_FOR = timedelta(minutes=15)  # an arrival can be taken back
REVIEWED_WITHIN = timedelta(days=7)
LONGEST = timedelta(days=366)


@action(permissions.follow_cases, label=gettext_lazy("held a bed"))
def hold_bed(
    case: Case, people: Sequence[Person], house: House, *, why_apart: str = "", by: User, now: datetime, **needs: Any
) -> Placement:
    """Hold beds for two hours for these people of one case: for all of them or for none.

    `needs` are the fields of `Party`. `why_apart` is required if others of the case have beds in another house.
    """
    case = lock_open_case(case, by)
    party = Party.of(_people_of_case(case, people), **needs)
    _refuse_unfit(house, party, now)
    _refuse_parting(case, people, house, why_apart, now)
    placement = Placement.objects.create(
        case=case, key=make_record_key(case, "placement"), house=house, reserved_by=by, reserved_at=now
    )
    stays = [_hold_for(placement, person, now) for person in sorted(people, key=_is_baby)]
    words = f"{house}: {', '.join(str(stay.occupancy.bed.number) for stay in stays)}"
    add_entry(case, EntryKind.BED_HELD, by=by, now=now, about=str(placement.pk), words=f"{words}. {why_apart}".strip())
    # Due when the hold runs out, and ends with it (placement_steps.record_event). The words name beds alone: they are
    # stored, and colleagues read them in another language.
    insert_task(case, TaskKind.SHELTER, now + HOLDS, words=words, pk=placement.pk, now=now)
    set_next_task(case)
    notify("beds")
    return placement


@action(permissions.follow_cases, label=gettext_lazy("released the bed"))
def release_bed(placement: Placement, *, by: User, now: datetime) -> Placement:
    """Release the held beds. Doing it twice changes nothing."""
    placement = Placement.objects.visible_to(by).get_locked(placement.pk)
    if placement.state == State.RELEASED:
        return placement
    refuse_other_states(placement, *WAITING)
    return end_hold(placement, State.RELEASED, EntryKind.BED_RELEASED, by=by, now=now)


@action(permissions.follow_cases, label=gettext_lazy("asked for a place in a house"))
def request_placement(
    placement: Placement, *, planned_to: date, escort: str = "", escort_user: User | None = None, briefing: str = "",
    tells_of: Iterable[Data] = (Data.INCIDENT_FACTS,), by: User, now: datetime,
) -> Placement:  # fmt: skip
    """Request a placement. The requester approves by requesting; a placement officer must approve too.

    The house learns the code names without any consent. A briefing is refused unless each person agrees to the kinds of
    data in it, `tells_of`. The case cannot be closed before somebody has checked on the stay.
    """
    placement = lock_unexpired(placement, by, now, State.RESERVED)
    if not escort.strip() and escort_user is None:
        raise Refused(_("Enter who brings the person to the house."))
    _refuse_end_out_of_range(planned_to, now)
    record_approval(placement, by, now)
    placement.planned_to, placement.escort_user, placement.requested_by = planned_to, escort_user, by
    placement.escort, placement.state = escort or None, State.REQUESTED
    placement.save(update_fields=["planned_to", "escort_user", "requested_by", "escort", "state"])
    for holder in risk_briefing.hotline_readers(placement, by):
        placement.key.give(holder)
    # lock it before the consent that is the basis of the briefing
    case = Case.objects.visible_to(by).get_locked(placement.case_id)
    record_event(placement, EntryKind.BED_ASKED, by=by, now=now)
    if briefing.strip():
        risk_briefing.save_briefing(placement, case, briefing, tells_of, by, now)
    insert_task(case, TaskKind.REVIEW, now + REVIEWED_WITHIN, words=str(placement.house), is_critical=True, now=now)
    set_next_task(case)
    return placement


@action(permissions.follow_cases, label=gettext_lazy("told the house what it must know"))
def send_risk_briefing(
    placement: Placement,
    *,
    briefing: str,
    tells_of: Iterable[Data] = (Data.INCIDENT_FACTS,),
    by: User,
    now: datetime,
) -> Placement:
    """Send the house a new risk briefing, after a later consent or a change of the risk. The newest counts."""
    placement = Placement.objects.visible_to(by).get_locked(placement.pk)
    refuse_other_states(placement, *BRIEFABLE)
    case = lock_open_case(Case.objects.visible_to(by).get(pk=placement.case_id), by)
    if not briefing.strip():
        raise Refused(_("Write what the house must know."))
    risk_briefing.save_briefing(placement, case, briefing, tells_of, by, now)
    if placement.is_active:
        risk_briefing.share_briefing(placement)
    add_entry(case, EntryKind.DISCLOSED, by=by, now=now, words=str(placement.house))
    notify("case", case.pk)
    return placement


@action(permissions.approve_placements, label=gettext_lazy("approved the place"))
def approve_placement(placement: Placement, *, by: User, now: datetime) -> Placement:
    """Give the second approval. The house learns that the people are coming.

    The beds are now held for `ARRIVES_WITHIN`, so that the people have time to arrive.
    """
    placement = Placement.objects.visible_to(by).get_locked(placement.pk)
    if placement.approved_by_id == by.pk:
        return placement
    if placement.requested_by_id == by.pk:
        raise Refused(_("You asked for it yourself. Somebody else approves it."))
    placement = lock_unexpired(placement, by, now, State.REQUESTED)
    record_approval(placement, by, now)
    placement.approved_by, placement.approved_as, placement.state = by, by.acting().role, State.APPROVED
    placement.save(update_fields=["approved_by", "approved_as", "state"])
    lock_case(placement)
    for stay in placement.ordered_stays:
        extend_hold(stay, now + ARRIVES_WITHIN)
    share_with_house(placement, now)
    record_event(placement, EntryKind.BED_APPROVED, by=by, now=now)
    return placement


@action(permissions.approve_placements, label=gettext_lazy("declined the place"))
def decline_placement(placement: Placement, *, reason: str, by: User, now: datetime) -> Placement:
    """Decline a placement with a reason; the beds are free again."""
    placement = Placement.objects.visible_to(by).get_locked(placement.pk)
    if placement.state == State.DECLINED:
        return placement
    refuse_other_states(placement, State.REQUESTED, State.APPROVED)
    if not reason.strip():
        raise Refused(_("Say why it is declined."))
    placement.because = reason
    placement.save(update_fields=["because"])
    return end_hold(placement, State.DECLINED, EntryKind.BED_DECLINED, by=by, now=now)


@action(permissions.update_stays, label=gettext_lazy("said that they arrived"))
def arrive(placement: Placement, *, by: User, now: datetime) -> Placement:
    """Record that all the people are in the house. If the hold has expired, other free beds of the house are used."""
    placement = Placement.objects.visible_to(by).get_locked(placement.pk)
    if placement.state == State.IN_HOUSE:
        return placement
    if placement.state in (State.RESERVED, State.REQUESTED):
        raise Refused(_("Two people have to approve it first."))
    refuse_other_states(placement, State.APPROVED)
    lock_case(placement)
    for stay in placement.ordered_stays:
        move_in(stay, placement.house, now)
    placement.state = State.IN_HOUSE
    placement.save(update_fields=["state"])
    plan_task_of_end(placement)
    record_event(placement, EntryKind.ARRIVED, by=by, now=now)
    return placement


@action(permissions.update_stays, label=gettext_lazy("took back that they arrived"))
def take_back_arrival(placement: Placement, *, by: User, now: datetime) -> Placement:
    """Undo an arrival that was recorded by mistake: the same beds are held for the people again.

    Raises `Refused` later than 15 minutes after the arrival, or once somebody has left: then record that they left.
    """
    placement = Placement.objects.visible_to(by).get_locked(placement.pk)
    if placement.state == State.APPROVED:
        return placement
    refuse_other_states(placement, State.IN_HOUSE)
    lock_case(placement)
    stays = placement.ordered_stays
    if any(not stay.is_there or stay.stayed.lower < now - MISTAKEN_FOR for stay in stays):
        raise Refused(_("It is too late to take the arrival back. Say that they left, if they did."))
    for stay in stays:
        move_out(stay, now, now + ARRIVES_WITHIN)
    placement.state = State.APPROVED
    placement.save(update_fields=["state"])
    plan_task_of_end(placement)
    record_event(placement, EntryKind.NOT_ARRIVED, by=by, now=now)
    return placement


@action(permissions.update_stays, label=gettext_lazy("said that somebody left the house"))
def leave_house(stay: Stay, *, by: User, now: datetime) -> Placement:
    """Record that somebody has left; the placement ends when everybody has. Doing it twice changes nothing."""
    placement, stay = locked_stay(stay, by)
    if stay.stayed is None:
        raise Refused(_("The person has not arrived yet."))
    if stay.is_there:
        lock_case(placement)
        free_bed(stay.occupancy, now)
        stay.stayed = cut_off(stay.stayed, now)
        stay.save(update_fields=["stayed"])
        is_over = not any(other.is_there for other in placement.ordered_stays)
        if is_over:
            placement.state = State.LEFT
            placement.save(update_fields=["state"])
            plan_task_of_end(placement)
        record_event(placement, EntryKind.LEFT_HOUSE, by=by, now=now, is_over=is_over)
    return placement


@action(permissions.find_beds, label=gettext_lazy("said until when somebody is to stay"))
def plan_stay(placement: Placement, planned_to: date, *, by: User, now: datetime) -> Placement:
    """Change the planned end of a placement's stays, and move the task in the case. Only the hotline does this."""
    placement = Placement.objects.visible_to(by).get_locked(placement.pk)
    refuse_other_states(placement, State.IN_HOUSE)
    _refuse_end_out_of_range(planned_to, now)
    if planned_to != placement.planned_to:
        placement.planned_to = planned_to
        placement.save(update_fields=["planned_to"])
        plan_task_of_end(placement)
        day = date_format(planned_to, "DATE_FORMAT")
        words = _("%(house)s, until %(day)s") % {"house": placement.house, "day": day}
        record_event(placement, EntryKind.STAY_PLANNED, by=by, now=now, words=words)
    return placement


@action(permissions.update_stays, label=gettext_lazy("gave another bed"))
def move_bed(stay: Stay, bed: Bed, *, by: User, now: datetime) -> Stay:
    """Move a person to another bed of the same house, while the bed is held or slept in."""
    placement, stay = locked_stay(stay, by)
    if bed.house_id != placement.house_id:
        raise Refused(_("Another house is another placement: hold a bed there."))
    runs_to = stay.occupancy.period.upper
    if not stay.is_there and (placement.state not in WAITING or runs_to is None or runs_to <= now):
        raise Refused(_("The person has no bed there now."))
    if bed.pk != stay.occupancy.bed_id:
        stay.occupancy, before = take_bed([bed], OccupancyKind(stay.occupancy.kind), now, runs_to), stay.occupancy
        free_bed(before, now)
        stay.save(update_fields=["occupancy"])
        record_event(placement, EntryKind.MOVED_BED, by=by, now=now)
    return stay


@action(permissions.find_beds, label=gettext_lazy("noted that no bed was suitable"))
def record_unmet_need(
    party: Party, why: UnmetReason, *, case: Case | None = None, by: User, now: datetime
) -> UnmetNeed | None:
    """Count that no bed fitted these people, and write it in their case.

    Returns None if the same case was counted that day.
    """
    if why not in UnmetReason.values:
        raise Refused(_("Say why no bed was suitable: choose one of the list."))
    if case:
        case = lock_open_case(case, by)
        if case.entries.filter(kind=EntryKind.NO_BED, at__gt=now - timedelta(days=1)).exists():
            return None
        add_entry(case, EntryKind.NO_BED, by=by, now=now, words=str(UnmetReason(why).label))
        notify("case", case.pk)
    notify("beds")
    return UnmetNeed.objects.create(
        at=now, noted_by=by, people=len(party.people), age=party.age, gender=party.eldest.gender or "unknown", why=why
    )


def _people_of_case(case: Case, people: Sequence[Person]) -> list[Person]:
    found = {person.pk: person for person in case.persons.filter(part=Part.AT_RISK)}
    if not people or any(person.pk not in found for person in people) or len({it.pk for it in people}) != len(people):
        raise Refused(_("Choose people at risk of this case, each once."))
    return [found[person.pk] for person in people]


def _refuse_unfit(house: House, party: Party, now: datetime) -> None:
    compared = House.objects.with_fit_for(party, now).get(pk=house.pk)
    if compared.closed_at:
        raise Refused(_("%(house)s is closed.") % {"house": house})
    if wrong := reasons_against(compared, party):
        raise Refused(_("%(house)s does not fit: %(why)s.") % {"house": house, "why": ", ".join(wrong)})


def _refuse_parting(case: Case, people: Iterable[Person], house: House, why: str, now: datetime) -> None:
    """Refuse to put the people of one case into two houses without a reason in words."""
    elsewhere = Placement.objects.running(now).filter(case=case).exclude(house=house)
    stays = Stay.objects.filter(Q(stayed=None) | Q(stayed__upper_inf=True), placement__in=elsewhere)
    others = stays.exclude(person__in=[person.number for person in people])
    if others.exists() and not why.strip():
        raise Refused(_("Others of this case are in another house. Keep them together, or write why they are parted."))


def _refuse_end_out_of_range(planned_to: date, now: datetime) -> None:
    if not timezone.localdate(now) <= planned_to <= timezone.localdate(now + LONGEST):
        raise Refused(_("Enter the planned day of departure: from today on, within a year."))


def _is_baby(person: Person) -> bool:
    return person.years_now is not None and person.years_now < BABY


def _hold_for(placement: Placement, person: Person, now: datetime) -> Stay:
    beds = free_beds_for(placement.house, is_baby=_is_baby(person), now=now)
    occupancy = take_bed(beds, OccupancyKind.HOLD, now, now + HOLDS)
    try:
        with transaction.atomic():
            return Stay.objects.create(
                placement=placement, key=placement.key, person=person, occupancy=occupancy,
                reserved=occupancy.period,
            )  # fmt: skip
    except IntegrityError as error:
        if violated_constraint(error) != "nobody_waits_for_two_beds_at_a_time":
            raise
        raise Refused(_("A bed is held for «%(name)s» already.") % {"name": person.code_name}) from error
