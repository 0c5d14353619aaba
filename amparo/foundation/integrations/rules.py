"""An administrator's actions on programs of their institution; the user of a token; and announcing news."""

import secrets
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import Kind, Role, User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused

from .addresses import refuse_unfit_address
from .keys import new_token, secret_digest
from .models import ApiToken, Delivery, WebhookEndpoint
from .tasks import deliver

ROLES = {Kind.POLICE: Role.POLICE_LIAISON, Kind.PROSECUTOR: Role.POLICE_LIAISON} | dict.fromkeys(
    permissions.SERVING, Role.SERVICE_LIAISON
)
AT_MOST = 20  # programs of one institution that have a token
ROOT = "/api/v1/"


@action(permissions.manage_integrations, label=gettext_lazy("gave a program a token"))
def give_token(name: str, *, by: User, now: datetime) -> ApiToken:
    """Make a token for a new program of the institution of `by`. Its `text` is stored only as a digest."""
    if not name.strip():
        raise Refused(_("Say which program it is for."))
    if ApiToken.objects.filter(agency=by.agency, ended_at=None).count() >= AT_MOST:
        raise Refused(_("Your institution has twenty programs with a token. End one of them first."))
    program = User(
        username=f"machine-{secrets.token_hex(8)}", first_name=name.strip(), role=ROLES[Kind(by.agency.kind)],
        agency=by.agency, is_machine=True,
    )  # fmt: skip
    program.set_unusable_password()
    program.save()
    text = new_token()
    token = ApiToken.objects.create(user=program, agency=by.agency, digest=secret_digest(text), made_at=now, made_by=by)
    token.text = text
    return token


@action(permissions.manage_integrations, label=gettext_lazy("ended the token of a program"))
def end_token(token: ApiToken, *, by: User, now: datetime) -> None:
    """End a token, from the next request on; doing it twice changes nothing."""
    ApiToken.objects.filter(pk=token.pk, agency=by.agency, ended_at=None).update(ended_at=now)


@action(permissions.manage_integrations, label=gettext_lazy("said where programs are told"))
def set_webhook(address: str, *, by: User, now: datetime) -> WebhookEndpoint:
    """Send the institution's news to this address instead of the one before. A first notice is sent at once.

    Raises `Refused` for an address that cannot be used.
    """
    address = address.strip()
    refuse_unfit_address(address)
    WebhookEndpoint.objects.filter(agency=by.agency, ended_at=None).update(ended_at=now)
    try:
        with transaction.atomic():
            hook = WebhookEndpoint.objects.create(agency=by.agency, address=address, named_at=now, named_by=by)
    except IntegrityError as twice:
        raise Refused(_("Somebody of your institution has just named another address. Look again.")) from twice
    announce(by.agency.pk, "hook.named", "openapi.json", now=now)
    return hook


@action(permissions.manage_integrations, label=gettext_lazy("ended telling programs"))
def end_webhook(hook: WebhookEndpoint, *, by: User, now: datetime) -> None:
    """Stop sending news; doing it twice changes nothing."""
    WebhookEndpoint.objects.filter(pk=hook.pk, agency=by.agency, ended_at=None).update(ended_at=now)


def user_of_token(text: str, now: datetime) -> User | None:
    """The user of this token. None: it is not valid, or not any more."""
    found = ApiToken.objects.filter(digest=secret_digest(text), ended_at=None, user__is_active=True)
    token = found.select_related("user__agency").first()
    if token is None:
        return None
    _note_use(token, now)
    return token.user


def _note_use(token: ApiToken, now: datetime) -> None:
    """Store the day of last use: enough to notice an unused token, with one write a day."""
    today = timezone.localdate(now)
    if token.last_used_on != today:
        with acting_as(token.user.acting()):
            ApiToken.objects.filter(pk=token.pk).update(last_used_on=today)


def announce(agency: int, kind: str, path: str, *, now: datetime) -> None:
    """Queue a webhook for this institution: after the commit, it learns that there is something to read at `path`.

    Nothing is sent if it has no endpoint.
    """
    delivery = Delivery(agency_id=agency, kind=kind, path=ROOT + path, at=now, next_at=now + timedelta(minutes=1))
    delivery.save(force_insert=True)
    deliver.defer(pk=str(delivery.pk))
