"""Actions on a screening: record answers, sign an assessment, record an authority's decision."""

import re
from collections.abc import Mapping
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.care.people.models import Person
from amparo.care.people.picklists import Part
from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import Refused
from amparo.foundation.vault.fields import log_reads_together

from . import answers
from .models import Assessment, Body, Quotation, Recognition, Screening, Status
from .picklists import Answer
from .sign_phrases import signs_with_phrases as signs_with_phrases  # for the console
from .versions import newest_rule

QUOTED = re.compile(r'«([^«»]+)»|“([^“”]+)”|"([^"]+)"')
PROPOSED = 20  # quotations at once


class AnsweredElsewhere(Refused):
    """Another user changed the answer to the same item meanwhile. Their answer stays until this user has seen it."""


@action(permissions.follow_cases, label=gettext_lazy("ticked what was answered"))
def answer(person: Person, given: Mapping[str, str], *, based_on: int = 0, by: User, now: datetime) -> Screening:
    """Record answers to some items, in any order. `based_on` is the version that the user saw.

    Raises `AnsweredElsewhere` and saves nothing if another user gave one of these items a different answer since then.
    """
    if not given.keys() <= answers.item_keys() or not set(given.values()) <= set(Answer.values):
        raise Refused(_("The page sent an answer that is not known. Load it again."))
    screening = _locked_screening(person, by)
    changed = {key: value for key, value in given.items() if answers.answer_to(screening.answers, key) != value}
    if any(screening.edits.get(key, 0) > based_on for key in changed):
        raise AnsweredElsewhere(_("A colleague answered the same meanwhile. Load the page again to see it."))
    if changed:
        screening.version += 1
        screening.answers |= changed
        screening.edits |= dict.fromkeys(changed, screening.version)
        screening.save(update_fields=["version", "answers", "edits"])
        taken_back = [key for key, value in changed.items() if value == Answer.NOT_ASKED]
        Quotation.objects.filter(person=screening.person, item__in=taken_back).delete()
        notify("screening", person.pk)
    return screening


@action(permissions.follow_cases, label=gettext_lazy("wrote down the person's own words"))
def quote(person: Person, item: str, words: str, *, by: User, now: datetime) -> Quotation | None:
    """Keep the person's own words beside an answer, in place of earlier ones. Blank: none are kept."""
    words = " ".join(words.split())
    if len(words) > Quotation.LONGEST:
        raise Refused(_("Write at most %(most)s characters of what was said.") % {"most": Quotation.LONGEST})
    screening = _locked_screening(person, by)
    if answers.answer_to(screening.answers, item) == Answer.NOT_ASKED:
        raise Refused(_("Answer it first: the words belong to an answer."))
    Quotation.objects.filter(person=screening.person, item=item).delete()
    if not words:
        return None
    return Quotation.objects.create(
        person=screening.person, key=screening.person.key, item=item, words=words, written_at=now, written_by=by
    )


def own_words(person: Person) -> dict[str, str]:
    """Return the person's own words beside the answers: key of the item -> words. The ledger logs it as one read."""
    rows = list(Quotation.objects.filter(person=person))
    log_reads_together(person, rows)
    return {row.item: row.words for row in rows}


def quotations_in(notes: str | None) -> list[str]:
    """Return the quoted words in notes, in order, each once. They are proposals for `quote`."""
    found = [" ".join("".join(groups).split()) for groups in QUOTED.findall(notes or "")]
    return [words for words in dict.fromkeys(found) if 0 < len(words) <= Quotation.LONGEST][:PROPOSED]


def sign_answers(person: Person, *, remark: str = "", by: User, now: datetime) -> Assessment:
    """Sign the current answers as an assessment. Call it within an action on the case.

    It does not decide who is a victim; see `record_recognition`.
    """
    screening = _locked_screening(person, by)
    if not any(value != Answer.NOT_ASKED for value in screening.answers.values()):
        raise Refused(_("Nothing was answered yet. An empty form says nothing of anybody."))
    person, rule = screening.person, newest_rule()
    return Assessment.objects.create(
        person=person, key=person.key, answers=screening.answers, age=person.age, rule=rule.version,
        remark=remark or None, signed_at=now, signed_by=by, **rule.compute(screening.answers, person.age),
    )  # fmt: skip


def record_recognition(
    person: Person, status: Status, body: Body, *, document: str, decided_on: date, by: User, now: datetime
) -> Recognition:
    """Record a competent body's decision. Call it within an action on the case.

    Raises `Refused` unless the body and its document are given.
    """
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


def _locked_screening(person: Person, by: User) -> Screening:
    """Lock and return the person's screening until the transaction ends. Create it if there is none."""
    person = Person.objects.visible_to(by).get_locked(person.pk)
    screening, _made = Screening.objects.select_for_update(of=("self",)).get_or_create(
        person=person, defaults={"key": person.key}
    )
    screening.person = person
    return screening
