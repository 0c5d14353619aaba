"""`amparo staff add`: the machine's owner makes the first administrator; later ones are added on a page."""

import argparse

from django.utils import timezone

from amparo.foundation.core.refusal import Misconfigured, Refused

from . import rules
from .forms import PersonForm
from .models import HOTLINE, Agency, EnrolmentCode, Kind, Role, User


def add_administrator(arguments: argparse.Namespace) -> None:
    """Make an administrator, and print their enrolment code once. Raises `Misconfigured`."""
    name = arguments.name or arguments.username
    form = PersonForm({"username": arguments.username, "name": name, "role": Role.ADMINISTRATOR})
    if not form.is_valid():
        raise Misconfigured(
            f"That cannot be: {' '.join(why for whys in form.errors.values() for why in map(str, whys))}"
        )
    agency = _get_or_create_agency(arguments.agency, arguments.kind)
    try:
        code = rules.enrol(form.cleaned_data["username"], name, Role.ADMINISTRATOR, agency, timezone.now())
    except Refused as refusal:
        raise Misconfigured(str(refusal)) from refusal
    hours = int(EnrolmentCode.GOOD_FOR.total_seconds() // 3600)
    print(f"\n  Sign in   {form.cleaned_data['username']}, at /sign-in/code within {hours} hours\n  Code      {code}\n")


def has_administrator() -> bool:
    return User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).exists()


def _get_or_create_agency(name: str | None, kind: str) -> Agency:
    if name is None:
        return Agency.objects.get(pk=HOTLINE)
    if kind not in Kind.values:
        raise Misconfigured(f"--kind {kind} is unknown: write one of {', '.join(Kind.values)}.")
    if kind == Kind.HOTLINE:
        raise Misconfigured("There is one hotline here: leave --agency away for its people, or name another --kind.")
    return Agency.objects.get_or_create(name=name, defaults={"kind": kind})[0]
