"""What may be done with a screening: answer, and sign what is known."""

from collections.abc import Mapping
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from amparo.care.people.models import Person
from amparo.care.people.picklists import Part
from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import Refused

from . import answers
from .determination import Known
from .models import Assessment, Body, Recognition, Screening, Status
from .versions import newest


class AnsweredElsewhere(Refused):
    """Somebody else answered the same item meanwhile: theirs stands until it was seen."""


@action(permissions.follow_cases)
def answer(person: Person, given: Mapping[str, str], *, based_on: int = 0, by: User, now: datetime) -> Screening:
    """Keep answers to some items, in any order. `based_on` is the version that was seen.

    Raises `AnsweredElsewhere`, and keeps nothing, when one of them was changed unseen to something else.
    """
    if not given.keys() <= answers.every_item() or not set(given.values()) <= set(Known.values):
        raise Refused(_("The page sent an answer that is not known. Load it again."))
    screening = _of(person, by)
    changed = {key: value for key, value in given.items() if answers.known(screening.answers, key) != value}
    if any(screening.edits.get(key, 0) > based_on for key in changed):
        raise AnsweredElsewhere(_("A colleague answered the same meanwhile. Load the page again to see it."))
    if changed:
        screening.version += 1
        screening.answers |= changed
        screening.edits |= dict.fromkeys(changed, screening.version)
        screening.save(update_fields=["version", "answers", "edits"])
        notify("screening", person.pk)
    return screening


def sign(person: Person, *, remark: str = "", by: User, now: datetime) -> Assessment:
    """What is known now, with a name under it, within a verb of the case. Who is a victim is decided elsewhere."""
    screening = _of(person, by)
    if not any(value != Known.NOT_ASKED for value in screening.answers.values()):
        raise Refused(_("Nothing was answered yet. An empty form says nothing of anybody."))
    person, rule = screening.person, newest()
    return Assessment.objects.create(
        person=person, key=person.key, answers=screening.answers, age=person.age, rule=rule.version,
        remark=remark or None, signed_at=now, signed_by=by, **rule.compute(screening.answers, person.age),
    )  # fmt: skip


def recognise(
    person: Person, status: Status, body: Body, *, document: str, decided_on: date, by: User, now: datetime
) -> Recognition:
    """What a competent body decided, within a verb of the case: refused without saying which, and by which document."""
    if status not in Status.values or body not in Body.values:
        raise Refused(_("Say what was decided, and by whom: choose of the lists."))
    if person.part != Part.AT_RISK:
        raise Refused(_("A competent body decides of a person at risk."))
    if not document.strip():
        raise Refused(_("Write which authority it is, and the number of its decision."))
    if decided_on > timezone.localdate(now):
        raise Refused(_("It is decided on a day that has not come: look at the date."))
    person = Person.objects.visible_to(by).get_locked(person.pk)
    return Recognition.objects.create(
        person=person, key=person.key, status=status, body=body, document=document.strip(), decided_on=decided_on,
        written_at=now, written_by=by,
    )  # fmt: skip


def _of(person: Person, by: User) -> Screening:
    """The screening, nobody else's until the transaction ends."""
    person = Person.objects.visible_to(by).get_locked(person.pk)
    screening, _made = Screening.objects.select_for_update(of=("self",)).get_or_create(
        person=person, defaults={"key": person.key}
    )
    screening.person = person
    return screening
