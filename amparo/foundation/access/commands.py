"""`amparo staff`: the machine's owner makes the first administrator's link, or an administrator; later ones are added
on a page.
"""

import argparse

from django.conf import settings
from django.utils import timezone, translation

from amparo.foundation.core.refusal import Misconfigured, Refused

from . import first_run, rules
from .forms import PersonForm
from .models import HOTLINE, Agency, EnrolmentCode, FirstRun, Kind, Role, User


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


def print_first_link(arguments: argparse.Namespace) -> None:
    """Print the link of the first administrator, once; an earlier link ends. Raises `Misconfigured`."""
    username = arguments.username or ""
    if username and not User.objects.filter(username__iexact=username).exists():
        form = PersonForm({"username": username, "name": username, "role": Role.ADMINISTRATOR})
        if not form.is_valid():
            raise Misconfigured(f"That cannot be: {' '.join(map(str, form.errors.get('username', [])))}")
    try:
        with translation.override("en"):
            token = first_run.make_link(username, username, timezone.now())
    except Refused as refusal:
        raise Misconfigured(str(refusal)) from refusal
    print(f"\n  {settings.ENVIRONMENT.staff_address}first-link/{token}\n")
    print(f"  It leads the first administrator in, once, within {FirstRun.GOOD_FOR.days} days.")
    print("  `amparo staff first-link` prints a new one, and ends this one.\n")


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
