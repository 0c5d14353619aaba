"""What people do about notices: give an address and confirm it, choose quiet hours, open what waits, ask for a test."""

import hmac
import re
import secrets
from collections.abc import Collection
from datetime import datetime, time, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import HOTLINE, User
from amparo.foundation.core.actor import WORKER, user_holder
from amparo.foundation.core.refusal import Refused
from amparo.foundation.vault.models import DataKey
from amparo.line.channels.rules import written_channel

from .models import Notice, NoticeAddress, NoticeEvent, NoticeLine, Reach, Route
from .sending import CODE_LASTS
from .tasks import send_soon

CODES_AN_HOUR, TRIES = 3, 5
AN_HOUR = timedelta(hours=1)
LONGEST_ADDRESS = 200
MOBILE = re.compile(r"\+?[0-9]{9,15}")


def works_on_line(user: User) -> bool:
    """Notices go to people of the line: what waits in other institutions, they see on their pages."""
    return user.is_active and user.agency_id == HOTLINE


@action(permissions.is_staff, label=gettext_lazy("gave an address for notices"))
def give_address(route: Route, text: str, *, by: User, now: datetime) -> NoticeAddress:
    """Keep an address, sealed, and let a code be sent there. Nothing else is sent before it is confirmed."""
    if not works_on_line(by):
        raise Refused(_("Notices go to people of the line."))
    if written_channel(route) is None:
        raise Refused(_("This line does not send that kind of message. Choose the other one."))
    address = _cleaned(route, text)
    reach = _locked_reach(by)
    if _since(reach, route):
        raise Refused(_("You have an address of this kind. Remove it first."))
    lately = [at for at in reach.codes_at if at > now - AN_HOUR]
    if len(lately) >= CODES_AN_HOUR:
        raise Refused(_("Three codes were sent within an hour. Wait an hour, and try again."))
    _forget(by, route)
    reach.codes_at = [*lately, now]
    reach.save(update_fields=["codes_at"])
    key = DataKey.objects.make(user_holder(by.pk), WORKER.holders[1], agency=HOTLINE, kind="notice_address")
    code = f"{secrets.randbelow(10**6):06}"
    row = NoticeAddress.objects.create(key=key, user=by, route=route, address=address, code=code, code_at=now)
    send_soon()
    return row


@action(permissions.is_staff, label=gettext_lazy("typed the code of an address for notices"))
def confirm_address(route: Route, code: str, *, by: User, now: datetime) -> bool:
    """Confirm an address by the code that was sent there. False: it is another code; five of them end it."""
    reach = _locked_reach(by)
    row = _addresses(by, route).select_related("key").first()
    if row is None or row.confirmed_at or row.code is None or now - row.code_at > CODE_LASTS or row.tries >= TRIES:
        raise Refused(_("No code waits any more. Give the address again."))
    row.tries += 1
    typed = "".join(code.split())
    if not hmac.compare_digest(typed.encode(), row.code.encode()):
        row.save(update_fields=["tries"])
        return False
    row.code, row.confirmed_at = None, now
    row.save(update_fields=["code", "tries", "confirmed_at"])
    _set_since(reach, route, now)
    return True


@action(permissions.is_staff, label=gettext_lazy("removed an address for notices"))
def remove_address(route: Route, *, by: User) -> None:
    """Destroy an address with its key. Once more changes nothing."""
    reach = _locked_reach(by)
    _forget(by, route)
    _set_since(reach, route, None)


@action(permissions.is_staff, label=gettext_lazy("chose quiet hours for notices"))
def set_quiet_hours(start: time, end: time, *, by: User) -> Reach:
    """Choose when what can wait is kept back. Equal times: never."""
    reach = _locked_reach(by)
    reach.quiet_from, reach.quiet_until = start, end
    reach.save(update_fields=["quiet_from", "quiet_until"])
    return reach


@action(permissions.is_staff, label=gettext_lazy("opened notices"))
def open_notices(events: Collection[UUID], *, by: User, now: datetime) -> int:
    """Answer what stood on the page: these events, as far as one's own notices name them. Returns how many."""
    lines = NoticeLine.objects.filter(notice__to=by, event__in=events, opened_at=None)
    found = {line.event_id for line in lines}
    NoticeLine.objects.filter(pk__in=[line.pk for line in lines]).update(opened_at=now)
    NoticeEvent.objects.filter(pk__in=found, opened_at=None).update(opened_at=now, opened_by=by)
    return len(found)


@action(permissions.keep_installation, label=gettext_lazy("asked for a test notice"))
def ask_for_test(*, by: User, now: datetime) -> Notice:
    """Let a test be sent to one's own address."""
    reach = Reach.objects.filter(pk=by.pk).first()
    if reach is None or not reach.routes:
        raise Refused(_("You have no confirmed address. Give one on your own page first."))
    if Notice.objects.filter(to=by, is_test=True, made_at__gt=now - timedelta(minutes=1)).exists():
        raise Refused(_("A test has just been sent. Wait a minute."))
    notice = Notice.objects.create(to=by, route=reach.routes[-1], is_urgent=False, is_test=True, made_at=now)
    send_soon()
    return notice


def _cleaned(route: Route, text: str) -> str:
    text = text.strip()
    if route == Route.SMS:
        number = re.sub(r"[ ()-]", "", text)
        if not MOBILE.fullmatch(number):
            raise Refused(_("Write a mobile number, such as +51 900 000 000."))
        return number
    try:
        validate_email(text)
    except ValidationError:
        raise Refused(_("Write an e-mail address, such as name@example.org.")) from None
    if len(text) > LONGEST_ADDRESS or not text.isascii():
        raise Refused(_("Write an e-mail address, such as name@example.org."))
    return text


def _locked_reach(by: User) -> Reach:
    """Lock one's own row, and make it if it is missing: two codes at one moment follow each other."""
    Reach.objects.get_or_create(pk=by.pk)
    return Reach.objects.select_for_update().get(pk=by.pk)


def _addresses(by: User, route: Route) -> QuerySet[NoticeAddress]:
    return NoticeAddress.objects.filter(user=by, route=route)


def _forget(by: User, route: Route) -> None:
    for row in _addresses(by, route).select_related("key"):
        row.forget()


def _since(reach: Reach, route: Route) -> datetime | None:
    return reach.email_since if route == Route.EMAIL else reach.sms_since


def _set_since(reach: Reach, route: Route, at: datetime | None) -> None:
    column = "email_since" if route == Route.EMAIL else "sms_since"
    setattr(reach, column, at)
    reach.save(update_fields=[column])
