"""What is done with the texts of the public pages: write, send to review, publish or return, restore."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.core.markup import has_link_elsewhere
from amparo.foundation.core.refusal import Refused

from . import public
from .models import Version
from .picklists import State
from .shipped import Words, shipped_text


@action(permissions.write_news, label=gettext_lazy("wrote the text of a public page"))
def write_text(page: str, language: str, title: str, body: str, *, based_on: int, by: User, now: datetime) -> Version:
    """Add the next version of a text, as a draft. `based_on`: the number of the version that it changes; 0: the shipped
    text.

    Raises `Refused` if somebody wrote another version meanwhile.
    """
    return _add_version(page, language, Words(title.strip(), body.strip()), based_on, by, now)


@action(permissions.write_news, label=gettext_lazy("restored an older text of a public page"))
def restore_text(page: str, language: str, number: int, *, by: User, now: datetime) -> Version:
    """Add a draft with the words of an older version. Number 0: of the shipped text."""
    if number:
        older = Version.objects.of_text(page, language).get(number=number)
        words: Words | None = Words(older.title, older.body)
    else:
        words = shipped_text(page, language)
    if words is None:
        raise Refused(_("Amparo ships no text in this language."))
    newest = Version.objects.of_text(page, language).first()
    return _add_version(page, language, words, newest.number if newest else 0, by, now)


@action(permissions.write_news, label=gettext_lazy("sent the text of a public page to review"))
def send_text(version: Version, *, by: User) -> Version:
    version = _locked_newest(version)
    if version.state == State.IN_REVIEW:
        return version
    if version.state != State.DRAFT:
        raise Refused(_("Only a draft is sent to review. Change the text first."))
    version.state = State.IN_REVIEW
    version.save(update_fields=["state"])
    return version


@action(permissions.publish, label=gettext_lazy("published the text of a public page"))
def publish_text(version: Version, *, by: User, now: datetime) -> Version:
    """Show a colleague's text to everybody."""
    version = _locked_newest(version)
    if version.state == State.PUBLISHED:
        return version
    _decide(version, State.PUBLISHED, by, now)
    transaction.on_commit(lambda: public.write_text(version))
    return version


@action(permissions.publish, label=gettext_lazy("returned the text of a public page to its author"))
def return_text(version: Version, why: str, *, by: User, now: datetime) -> Version:
    """Give a colleague's text back, with what should change."""
    if not why.strip():
        raise Refused(_("Say what should change."))
    version = _locked_newest(version)
    version.remark = why.strip()
    return _decide(version, State.RETURNED, by, now)


def _decide(version: Version, state: State, by: User, now: datetime) -> Version:
    if version.state != State.IN_REVIEW:
        raise Refused(_("It is not in review. Its author sends it to review first."))
    if version.written_by_id == by.pk:
        raise Refused(_("Another person publishes what you wrote."))
    version.state, version.decided_at, version.decided_by = state, now, by
    version.save(update_fields=["state", "decided_at", "decided_by", "remark"])
    return version


def _add_version(page: str, language: str, words: Words, based_on: int, by: User, now: datetime) -> Version:
    meanwhile = Refused(_("Somebody else changed this text meanwhile. Load the page again, and write yours into it."))
    if has_link_elsewhere(words.body):
        raise Refused(
            _("A link leads to a page of this site, [words](/signs), or to a telephone number, [100](tel:100).")
        )
    newest = Version.objects.of_text(page, language).first()
    if (newest.number if newest else 0) != based_on:
        raise meanwhile
    if newest and newest.state != State.RETURNED and words == (newest.title, newest.body):
        return newest
    try:
        with transaction.atomic():
            return Version.objects.create(
                page=page, language=language, number=based_on + 1, title=words.title, body=words.body,
                written_at=now, written_by=by,
            )  # fmt: skip
    except IntegrityError:  # somebody else wrote one at this moment
        raise meanwhile from None


def _locked_newest(version: Version) -> Version:
    """Return this version, locked. Raises `Refused` if its text has a newer one."""
    newest = Version.objects.select_for_update(of=("self",)).of_text(version.page, version.language).first()
    if newest is None or newest.pk != version.pk:
        raise Refused(_("Somebody wrote a newer version. Look at that one."))
    return newest
