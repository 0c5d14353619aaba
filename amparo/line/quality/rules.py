"""Draw conversations to review, review them, and answer the feedback."""

import random
import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.audit.labels import label_verb
from amparo.foundation.core.dates import midnight, monday_of
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import Refused
from amparo.line.contacts.models import Contact
from amparo.line.contacts.picklists import State
from amparo.line.switchboard.models import DangerAlert

from .agreement import Kappa, cohens_kappa, weighted_kappa
from .models import Answer, Review, Sample
from .picklists import STEPS, Mark, Reason
from .rubric import ITEMS, NAMES, Item

EACH = 2  # conversations of each person and week
REVIEWED_TWICE = 1  # of them
WEEK = timedelta(days=7)
LATEST_ASKED = timedelta(days=30)  # how old a conversation may be that its operator wants reviewed


@dataclass(frozen=True)
class Agreement:
    """How far two reviewers agree on one item of the sheet. None: too few pairs to say."""

    item: Item
    kappa: Kappa | None
    weighted: Kappa | None


def draw_at_random(
    contacts: Mapping[int, Sequence[Contact]], each: int, chance: random.Random
) -> dict[int, list[Contact]]:
    """Draw `each` conversations of each person at random; all of them if there are fewer. `contacts`: by user id."""
    return {person: chance.sample(list(own), min(each, len(own))) for person, own in contacts.items()}


@action(permissions.supervise, label=gettext_lazy("drew conversations to review"))
def draw_week(monday: date, *, by: User, now: datetime) -> None:
    """Draw the week's sample: `EACH` conversations of each person at random, and all in which danger was marked.

    A week is drawn once: another draw adds only what is missing. It also marks as ready the samples,
    of any week, whose missing reviewer has left the line. Raises `Refused` before the week is over.
    """
    start = midnight(monday)
    if start + WEEK > now:
        raise Refused(_("Draw a week when it is over."))
    found = Contact.objects.visible_to(by).real().filter(started__gte=start, started__lt=start + WEEK)
    closed = list(found.filter(state=State.WRAPPED).select_related("operator", "call"))
    by_person = defaultdict[int, list[Contact]](list)
    for contact in closed:
        by_person[contact.operator_id].append(contact)
    for own in draw_at_random(by_person, EACH, secrets.SystemRandom()).values():
        for place, contact in enumerate(own):
            _add_sample(contact, Reason.RANDOM, by=by, now=now, place=place)
    for contact in _contacts_with_danger(closed):
        _add_sample(contact, Reason.DANGER, by=by, now=now)
    with connection.cursor() as cursor:
        cursor.execute("select quality_settle(%s)", [now])
    notify("quality")


@action(permissions.take_calls, label=gettext_lazy("asked for a review of their conversation"))
def ask_for_review(contact: Contact, *, by: User, now: datetime) -> None:
    """Ask that one's own conversation be reviewed. Twice changes nothing."""
    if contact.operator_id != by.pk or contact.practice_of_id is not None:
        raise Refused(_("You ask for a review of what you answered yourself."))
    if contact.state != State.WRAPPED or contact.started < now - LATEST_ASKED:
        raise Refused(_("Choose a conversation that is wrapped up, of the last 30 days."))
    _add_sample(contact, Reason.REQUESTED, by=by, now=now)
    notify("quality")


@action(permissions.supervise, label=gettext_lazy("reviewed a conversation"))
def review(sample: Sample, marks: Mapping[str, str], feedback: str, *, by: User, now: datetime) -> Review:
    """Write the review of `by`. The operator reads it when every review is in, before other supervisors do."""
    if sample.operator_id == by.pk:
        raise Refused(_("Nobody reviews their own conversation."))
    if set(marks) != set(NAMES) or not set(marks.values()) <= set(Mark.values):
        raise Refused(_("Mark every line of the sheet, or say that it does not apply."))
    if not feedback.strip():
        raise Refused(_("Write a sentence for the person who answered."))
    if by.pk not in possible_reviewers(sample.contact_id):
        raise Refused(_("Nobody reviews a conversation in which they took part."))
    contact = _contact_or_refuse(sample, by)
    written = Review(
        sample=sample, key=contact.key, operator_id=sample.operator_id, reviewer=by, marks=dict(marks),
        feedback=feedback.strip(), written_at=now,
    )  # fmt: skip
    _store_once(written, _("This conversation is reviewed already."))
    notify("quality")
    return written


@action(permissions.take_calls, label=gettext_lazy("answered the feedback on a conversation"))
def answer_feedback(sample: Sample, words: str, *, by: User, now: datetime) -> Answer:
    """Answer the feedback; blank `words` say only that it was read. Other supervisors may then read the reviews.

    Raises `Refused` for anybody but the operator of the conversation.
    """
    if sample.operator_id != by.pk:
        raise Refused(_("Only the person who answered the conversation answers the feedback."))
    contact = _contact_or_refuse(sample, by)
    written = Answer(sample=sample, key=contact.key, operator=by, words=words.strip() or None, answered_at=now)
    _store_once(written, _("There is no feedback to answer, or you have answered it."))
    notify("quality")
    return written


def agreement_by_item() -> list[Agreement]:
    """Return how far two reviewers agree, by item of the sheet.

    It compares the conversations with two reviews that the user may see. Plain kappa counts "does not apply" as one
    more mark; weighted kappa leaves out pairs with it.
    """
    pairs = defaultdict[object, list[Review]](list)
    for each in Review.objects.filter(sample__reviewers=2).order_by("reviewer_id"):
        pairs[each.sample_id].append(each)
    both = [pair for pair in pairs.values() if len(pair) == 2]
    found = []
    for item in ITEMS:
        marks = [(one.marks.get(item.name, ""), other.marks.get(item.name, "")) for one, other in both]
        found.append(Agreement(item, cohens_kappa(marks), weighted_kappa(marks, STEPS)))
    return found


def _contacts_with_danger(contacts: Sequence[Contact]) -> list[Contact]:
    """Return the contacts in which the caller or staff marked danger, in a call or a chat, also afterwards."""
    ids = {each.call_id for each in contacts} | {each.chat_id for each in contacts}
    alerts = DangerAlert.objects.filter(Q(call__in=ids) | Q(chat__in=ids)).values_list("call_id", "chat")
    marked = {pk for pair in alerts for pk in pair if pk}
    return [each for each in contacts if {each.call_id, each.chat_id} & marked or (each.call and each.call.danger)]


def _contact_or_refuse(sample: Sample, user: User) -> Contact:
    contact = Contact.objects.visible_to(user).select_related("key").filter(pk=sample.contact_id).first()
    if contact is None:
        raise Refused(_("The words of this conversation were forgotten meanwhile: nothing can be added."))
    return contact


def _add_sample(contact: Contact, reason: Reason, *, by: User, now: datetime, place: int | None = None) -> None:
    """Add a conversation to the sample, unless it is there already.

    `place`: in the random draw, from 0; None: not drawn. Changes nothing if another conversation has this place.
    """
    is_reviewed_twice = place is not None and place < REVIEWED_TWICE and len(possible_reviewers(contact.pk)) > 1
    sample = Sample(
        contact=contact, operator_id=contact.operator_id, reason=reason,
        week=monday_of(timezone.localdate(contact.started)), place=place, reviewers=2 if is_reviewed_twice else 1,
        drawn_at=now, drawn_by=by,
    )  # fmt: skip
    try:
        with transaction.atomic():
            sample.save(force_insert=True)
    except IntegrityError:
        return


def possible_reviewers(contact: UUID) -> set[int]:
    """The user ids of supervisors who took no part in this conversation."""
    with connection.cursor() as cursor:
        cursor.execute("select quality_reviewers(%s)", [contact])
        return {user for (user,) in cursor.fetchall()}


def _store_once(row: Review | Answer, refusal: str) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Refused(refusal) from error


label_verb("look review", gettext_lazy("read the feedback on a conversation"))
label_verb("look answer", gettext_lazy("read the answer to feedback"))
