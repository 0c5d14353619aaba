"""What an administrator may do with programs of their institution; who shows a token; and how news goes to them."""

import secrets
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import Kind, Role, User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused

from .addresses import refuse_unfit
from .keys import digest, new_token
from .models import ApiToken, Delivery, WebhookEndpoint
from .tasks import deliver

ROLES = {Kind.POLICE: Role.POLICE_LIAISON, Kind.PROSECUTOR: Role.POLICE_LIAISON} | dict.fromkeys(
    permissions.SERVING, Role.SERVICE_LIAISON
)
AT_MOST = 20  # programs of one institution that have a token
ROOT = "/api/v1/"


@action(permissions.manage_integrations)
def give_token(name: str, *, by: User, now: datetime) -> ApiToken:
    """Of a new program of the institution of `by`; its `text` nobody can see again."""
    if not name.strip():
        raise Refused(_("Say which program it is for."))
    if ApiToken.objects.filter(agency=by.agency, ended_at=None).count() >= AT_MOST:
        raise Refused(_("Your institution has twenty programs with a token. End one of them first."))
    machine = User(
        username=f"machine-{secrets.token_hex(8)}", first_name=name.strip(), role=ROLES[Kind(by.agency.kind)],
        agency=by.agency, is_machine=True,
    )  # fmt: skip
    machine.set_unusable_password()
    machine.save()
    text = new_token()
    token = ApiToken.objects.create(user=machine, agency=by.agency, digest=digest(text), made_at=now, made_by=by)
    token.text = text
    return token


@action(permissions.manage_integrations)
def end_token(token: ApiToken, *, by: User, now: datetime) -> None:
    """It opens nothing any more, from the next request on; doing it twice changes nothing."""
    ApiToken.objects.filter(pk=token.pk, agency=by.agency, ended_at=None).update(ended_at=now)


@action(permissions.manage_integrations)
def name_hook(address: str, *, by: User, now: datetime) -> WebhookEndpoint:
    """Tell this address from now on that there is news, instead of the one before; it is told that at once."""
    address = address.strip()
    refuse_unfit(address)
    WebhookEndpoint.objects.filter(agency=by.agency, ended_at=None).update(ended_at=now)
    try:
        with transaction.atomic():
            hook = WebhookEndpoint.objects.create(agency=by.agency, address=address, named_at=now, named_by=by)
    except IntegrityError as twice:
        raise Refused(_("Somebody of your institution has just named another address. Look again.")) from twice
    announce(by.agency.pk, "hook.named", "openapi.json", now=now)
    return hook


@action(permissions.manage_integrations)
def end_hook(hook: WebhookEndpoint, *, by: User, now: datetime) -> None:
    """Nobody is told any more; doing it twice changes nothing."""
    WebhookEndpoint.objects.filter(pk=hook.pk, agency=by.agency, ended_at=None).update(ended_at=now)


def machine_with(text: str, now: datetime) -> User | None:
    """Who shows this token. None: it opens nothing, or nothing any more."""
    found = ApiToken.objects.filter(digest=digest(text), ended_at=None, user__is_active=True)
    token = found.select_related("user__agency").first()
    if token is None:
        return None
    _note(token, now)
    return token.user


def _note(token: ApiToken, now: datetime) -> None:
    """Which day it was used: enough to see that one is forgotten, and one write a day."""
    today = timezone.localdate(now)
    if token.last_used_on != today:
        with acting_as(token.user.acting()):
            ApiToken.objects.filter(pk=token.pk).update(last_used_on=today)


def announce(agency: int, kind: str, path: str, *, now: datetime) -> None:
    """After the commit this institution is told, if it wants to be, that there is something to read at `path`."""
    news = Delivery(agency_id=agency, kind=kind, path=ROOT + path, at=now, next_at=now + timedelta(minutes=1))
    news.save(force_insert=True)
    deliver.defer(pk=str(news.pk))
