"""What only developers type: `amparo shell`, `amparo schema`, and which files `make dev` watches."""

import signal
import sys

from watchfiles import Change, DefaultFilter

from amparo.foundation.core.refusal import Misconfigured

KINDS = {"functions": "function", "triggers": "trigger", "policies": "policy"}
OWNER = (
    "You are signed in as the owner of the tables: you see every row, sealed fields open, and what you read or change"
    " enters no ledger."
)

_is_source = DefaultFilter()


def shell(code: str | None) -> None:
    """Open Django's shell with all models imported, or run `code`, or what is piped in.

    Raises `Misconfigured` except in the demonstration: the owner of the tables reads past the policies and the ledger.
    """
    from django.conf import settings
    from django.core.management import call_command

    if not settings.ENVIRONMENT.demo:
        raise Misconfigured("The shell reads past policies and ledger, so it opens in the demonstration alone.")
    print(OWNER, file=sys.stderr)
    call_command("shell", command=code, verbosity=0)


def schema(kinds: list[str]) -> None:
    """Print the functions, triggers and policies of our SQL files, one a line: kind, name, and the file that makes it.

    `kinds` are keys of `KINDS`; empty: all. The policies that `protected` in a model makes are left out.
    Raises `Misconfigured` for an unknown kind.
    """
    from django.conf import settings

    from amparo.foundation.core.schema import schema_objects

    if unknown := [kind for kind in kinds if kind not in KINDS]:
        raise Misconfigured(f"Nothing is called «{unknown[0]}» here: type {', '.join(KINDS)}, or nothing for all.")
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `amparo schema | head` ends in silence
    wanted = {KINDS[kind] for kind in kinds or KINDS}
    for thing in schema_objects():
        if thing.kind in wanted:
            name = f"{thing.name} on {thing.table}" if thing.table else thing.name
            print(f"{thing.kind:<9} {name:<60} {thing.file.relative_to(settings.HERE.parent)}")


def restarts(change: Change, path: str) -> bool:
    """True if a changed file restarts `make dev`: sources do; tests and what is compiled at the start do not."""
    return _is_source(change, path) and "/tests/" not in path and not path.endswith((".mo", ".new"))
