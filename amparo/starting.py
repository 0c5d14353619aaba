"""Work of `amparo run` before and beside its processes."""

import gc
import os
from argparse import Namespace
from pathlib import Path

from amparo.catalogues import LOCALE, compile_stale
from amparo.foundation.core.environment import Environment
from amparo.foundation.core.refusal import Misconfigured
from amparo.static_files import compress_stale


def environment_to_start() -> Environment:
    """Read the settings, refuse what a real hotline must not start with, and only then make the home's folders."""
    from amparo.foundation.core import home, production
    from amparo.foundation.core.environment import read_environment

    environment = read_environment()
    production.refuse_unsafe_production(environment)
    home.make_folders(environment)
    return environment


def load_application(environment: Environment) -> None:
    """Import what web, worker and sealer need, so that they share its memory after the fork. Sets Django up.

    In the demonstration it first sets the addresses of the invented network, if there is no real trunk.
    """
    gc.disable()  # what is imported stays: a collection finds nothing, and costs a tenth of the imports
    compile_catalogues()
    compress_static_files()
    if calls_out_are_invented(environment):
        from amparo.demo import network, text_messages

        # before the settings are read
        os.environ.update({"AMPARO_TRUNK": network.free_address(environment), **text_messages.settings_of_line()})

    import openpyxl  # noqa: F401  # used late, by pages
    from django.conf import settings
    from django.urls import get_resolver
    from django.utils import translation

    import amparo.asgi  # noqa: F401  # sets Django up, with the middleware
    from amparo.foundation.audit import sealer  # noqa: F401
    from amparo.foundation.core import jobs, web_server  # noqa: F401

    _ = get_resolver().url_patterns  # imports every view
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            translation.gettext("Sign in")
    gc.collect()
    gc.freeze()  # otherwise each child's garbage collector writes to shared pages
    gc.enable()


def compile_catalogues(locale: Path = LOCALE) -> None:
    """Compile the translations that changed since the last start."""
    try:
        compile_stale(locale)
    except OSError as error:
        raise Misconfigured(
            f"The translations must be compiled, and {locale} cannot be written: type `make .venv/run` as its owner."
        ) from error


def compress_static_files() -> None:
    """Compress the styles and scripts that changed since the last start."""
    try:
        compress_stale()
    except OSError as error:
        raise Misconfigured(
            f"The styles and scripts must be compressed, and {error.filename} cannot be written:"
            " type `make .venv/run` as its owner."
        ) from error


def calls_out_are_invented(environment: Environment) -> bool:
    """True in the demonstration, unless AMPARO_TRUNK is set: return calls and text messages reach invented people."""
    return environment.demo and environment.trunk is None


def prepare_home() -> None:
    """Migrate the database; in the demonstration, also invent staff and people to call back. Django is set up."""
    from django.conf import settings
    from django.db import connection

    from amparo.care.directory import public_services
    from amparo.demo import houses, people, programme
    from amparo.figures.publishing import public as public_figures
    from amparo.foundation.access.apps import prepare_after_migrations
    from amparo.foundation.backup.restoring import refuse_incomplete_restore
    from amparo.foundation.core import accounts, home_kind, migrating
    from amparo.foundation.core.database import refuse_unfit_database
    from amparo.foundation.core.home import set_permissions
    from amparo.foundation.line_settings import rules as line_settings
    from amparo.foundation.words import rules as words
    from amparo.programme.events import public as public_events
    from amparo.programme.news import public as public_news
    from amparo.programme.plan import public as public_plan
    from amparo.programme.texts import public as public_texts

    home, demo = settings.ENVIRONMENT.home, settings.ENVIRONMENT.demo
    refuse_incomplete_restore(home)
    with connection.cursor() as cursor:
        refuse_unfit_database(cursor)
        home_kind.refuse_other_kind("The database", home_kind.kind_in_database(cursor), demo=demo)
    migrating.refuse_other_version()
    home_kind.keep_kind(home, demo=demo)
    if migrating.has_every_migration():
        prepare_after_migrations("default")  # a policy or a function may have changed without a migration
    else:
        migrating.migrate()
    line_settings.take_over(settings.ENVIRONMENT.carried)
    line_settings.rewrite()
    words.rewrite()
    for of_room in (public_events, public_plan, public_news, public_texts, public_figures):
        of_room.rewrite()
    public_services.rewrite_public_files()
    if demo:
        people.invent_people()
        houses.invent_houses()
        programme.invent_programme()
    if accounts.has_account_per_process():
        set_permissions(settings.ENVIRONMENT)


def print_welcome(arguments: Namespace) -> None:
    """Print the first lines of `amparo run`: addresses, how to sign in, and the weaknesses of a real hotline."""
    from django.conf import settings
    from django.utils import translation

    from amparo.demo.people import PEOPLE
    from amparo.foundation.access.commands import has_administrator
    from amparo.foundation.core.production import weaknesses

    environment = settings.ENVIRONMENT
    print(f"\n  Amparo    {environment.web_address}\n  Dial      {environment.sip_address}")
    if environment.demo:
        print("  Sign in   " + "\n            ".join(f"{p.username} / {p.password}   ({p.role})" for p in PEOPLE))
        print("  A caller  make call     (everything in this demonstration is invented)")
    else:
        with translation.override("en"):
            weak = [f"{weakness.what} {weakness.remedy}" for weakness in weaknesses(environment)]
        print("  Weak      " + "\n            ".join(weak or ["nothing that Amparo can see"]))
        if not has_administrator():
            print("  Nobody can sign in yet. In a second terminal: amparo staff first-link NAME")
    print("  Stop      Ctrl-C\n", flush=True)
