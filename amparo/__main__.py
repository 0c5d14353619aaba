"""`amparo run | stop | web | worker | switchboard | sealer | staff ... | ...`: one small function each."""

import argparse
import os
import sys
from collections.abc import Callable
from functools import partial

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amparo.settings")

MORE_WEBS = min(os.cpu_count() or 1, 4) - 1  # Python runs the pages of one process one after the other


def run(arguments: argparse.Namespace) -> None:
    """Start everything, print the address, and stop it together on Ctrl-C."""
    from amparo.foundation.core.children import exec_new_program
    from amparo.foundation.core.memory_wiping import WIPING
    from amparo.foundation.core.processes import ProcessGroup
    from amparo.starting import calls_out_are_invented, environment_to_start, load_application, print_welcome

    def work(verb: Callable[[argparse.Namespace], int | None]) -> Callable[[], int]:
        return partial(_run_in_words, verb, arguments)

    environment = environment_to_start()
    children: dict[str, Callable[[], int]] = {
        "web": work(web),
        "worker": work(worker),
        "switchboard": partial(exec_new_program, "switchboard", WIPING),
        "sealer": work(sealer),
    }
    if calls_out_are_invented(environment):
        children["network"] = work(network)
    ProcessGroup(
        environment, partial(load_application, environment), work(_prepare), work(print_welcome), children,
        more=("web",) * MORE_WEBS, once={"history": work(history)} if environment.demo_history else {},
    ).run()  # fmt: skip


def stop(arguments: argparse.Namespace) -> None:
    """Stop what `run` started, with the embedded database."""
    from amparo.foundation.core import environment, processes

    processes.stop(environment.read_environment())


def web(arguments: argparse.Namespace) -> None:
    """Serve pages and live streams."""
    from amparo.foundation.core.children import end_with_parent
    from amparo.foundation.core.environment import read_environment
    from amparo.foundation.core.web_server import listening_socket, serve

    _sign_in_as("web")
    end_with_parent()
    environment = read_environment()
    sockets = [listening_socket(host, environment.http_port) for host in environment.web_hosts]
    serve(sockets, environment.proxies)


def worker(arguments: argparse.Namespace) -> None:
    """Run the jobs that wait in the database."""
    _sign_in_as("worker")
    _set_up_django()
    from amparo.demo import text_messages
    from amparo.foundation.core import jobs

    text_messages.wait_for_telephones()  # they start beside us; a carrier that is not there yet would be a warning
    jobs.run_worker()


def switchboard(arguments: argparse.Namespace) -> None:
    """Answer the line."""
    from amparo.foundation.core.memory_wiping import restart_with_wiping_allocator

    restart_with_wiping_allocator()
    _sign_in_as("switchboard")
    from amparo.foundation.core import production
    from amparo.foundation.core.environment import read_environment

    production.refuse_unsafe_production(read_environment())
    _set_up_django()
    from amparo.line.switchboard.process import main as answer_the_line

    answer_the_line()


def sealer(arguments: argparse.Namespace) -> None:
    """Seal the ledger, and send checkpoints to its witnesses."""
    _sign_in_as("sealer")
    _set_up_django()
    from django.conf import settings

    from amparo.foundation.audit.sealer import run_sealer as seal

    seal(settings.ENVIRONMENT.witnesses)


def network(arguments: argparse.Namespace) -> None:
    """In the demonstration: be the network at AMPARO_TRUNK, in which invented people answer calls and text messages."""
    from amparo.demo import network as people
    from amparo.foundation.core.children import end_with_parent
    from amparo.foundation.core.environment import read_environment

    end_with_parent()
    people.run_network(read_environment())


def history(arguments: argparse.Namespace) -> None:
    """In the demonstration: build the invented months of the past, once, while the hotline runs."""
    _set_up_django()
    from amparo.demo.history import building

    building.build_beside_the_line(lambda what: print(f"  {what}", flush=True))


def staff(arguments: argparse.Namespace) -> None:
    """Run as the database owner: `staff first-link` prints the first administrator's link; `staff add` adds one."""
    _set_up_django()
    from amparo.foundation.access import commands

    commands.print_first_link(arguments) if arguments.what == "first-link" else commands.add_administrator(arguments)


def keys(arguments: argparse.Namespace) -> None:
    """Manage the keys of sealed data: rotate them now, or set how long a class of records is kept."""
    _sign_in_as("worker")  # the only role that may wrap keys again
    _set_up_django()
    from amparo.foundation.vault.commands import rotate_now, set_retention

    set_retention(arguments.kind, arguments.days) if arguments.what == "keep" else rotate_now()


def canary(arguments: argparse.Namespace) -> None:
    """Mark a contact that nobody has a reason to open: opening it raises an alert."""
    _sign_in_as("worker")  # this role may mark a canary, and reads nothing of it
    _set_up_django()
    from amparo.line.contacts.commands import canary as mark

    mark(arguments.code, remove=arguments.remove)


def directory(arguments: argparse.Namespace) -> None:
    """The directory of services as HSDS 3.0: `directory export FILE`, `directory import FILE`."""
    _sign_in_as("worker")
    _set_up_django()
    from amparo.care.directory import commands

    commands.run(arguments)


def figures(arguments: argparse.Namespace) -> int:
    """Estimate, encode, link or count lists, which needs no database; or write a snapshot as Parquet, which does."""
    from amparo.foundation.core.refusal import Misconfigured

    if arguments.what == "recount":
        import django

        os.environ.setdefault("AMPARO_DEMO", "1")  # it reads published files alone, and is no hotline's
        django.setup()
        from amparo.figures.publishing.commands import recount

        return recount(arguments.numbers, arguments.folder, arguments.spark)
    if arguments.what == "snapshot":
        _set_up_django()
        from amparo.figures.publishing.commands import export_snapshot

        return export_snapshot(arguments.number, arguments.out)
    try:
        from amparo_estimation.command import main as estimate
        from amparo_estimation.duplicates import main as duplicates
        from amparo_estimation.encoding import main as encode
        from amparo_estimation.linking import main as link
    except ImportError as error:
        raise Misconfigured(
            "Estimates need the extra `estimation`: type `make .venv/estimation` or `pip install 'amparo[estimation]'`."
        ) from error
    command = {"estimate": estimate, "encode": encode, "link": link, "duplicates": duplicates}[arguments.what]
    return command(arguments.rest, f"amparo figures {arguments.what}")


def demo(arguments: argparse.Namespace) -> None:
    """Invented callers: `demo call`, `demo day`, `demo story`, `demo history`."""
    import django

    from amparo.foundation.core import accounts, home_kind
    from amparo.foundation.core.environment import home_folder

    home_kind.refuse_unknown_kind(home_folder())
    if arguments.what != "history":  # which writes calls of the past: only the owner of the tables may
        _sign_in_as("web")
    django.setup()  # needs the database, so only once the hotline is known to run
    from django.conf import settings

    from amparo.demo import commands
    from amparo.foundation.core.home import set_permissions

    commands.run_demo_command(arguments)
    if arguments.what == "history" and accounts.has_account_per_process():
        set_permissions(settings.ENVIRONMENT)  # the web process reads what was published


def audit(arguments: argparse.Namespace) -> int:
    """Verify the ledger: `audit verify`."""
    _sign_in_as("sealer")  # this role may read all entries, and nothing else
    _set_up_django()
    from django.conf import settings

    from amparo.foundation.audit.commands import print_verification

    return print_verification(settings.ENVIRONMENT.witnesses, arguments.key)


def doctor(arguments: argparse.Namespace) -> int:
    """Say how each part of the hotline is, and what to do where it is not well. Ends with 1 if a part does not work."""
    from amparo.foundation.core import home_kind, production
    from amparo.foundation.core.environment import read_environment

    environment = read_environment()
    home_kind.refuse_unknown_kind(environment.home)
    _sign_in_as("web")
    import django

    django.setup()  # the database may be what is away
    from amparo.screens.administration import commands

    return commands.doctor(arguments.language, production.weaknesses(environment))


def backup(arguments: argparse.Namespace) -> None:
    """Back up the data and the key store, encrypted and apart, while the hotline runs."""
    _set_up_django()
    from django.conf import settings

    from amparo.foundation.backup import commands

    commands.backup(settings.ENVIRONMENT, arguments)


def restore(arguments: argparse.Namespace) -> None:
    """Restore a backup into an empty home."""
    from amparo.foundation.backup import commands
    from amparo.foundation.core.environment import read_environment
    from amparo.foundation.core.home import make_folders

    environment = read_environment()
    make_folders(environment)
    commands.restore(environment, arguments)


def update(arguments: argparse.Namespace) -> None:
    """Say which version is here and which stands before it; return to that one; in a checkout, take another."""
    _set_up_django()
    from amparo import updating

    updating.update(arguments)


def shell(arguments: argparse.Namespace) -> None:
    """For developers: Django's shell on the demonstration, as the owner of the tables, with all models imported."""
    _set_up_django()
    from amparo import developer_commands

    developer_commands.shell(arguments.code)


def schema(arguments: argparse.Namespace) -> None:
    """For developers: list the functions, triggers and policies of the database, and the file that makes each."""
    import django

    django.setup()  # the files are read; the database is not used
    from amparo import developer_commands

    developer_commands.schema(arguments.kinds)


def prepare(arguments: argparse.Namespace) -> None:
    """Make accounts, tables and permissions ready, where the system's service manager starts each process itself."""
    from amparo.foundation.core import processes
    from amparo.starting import environment_to_start

    processes.prepare_machine(environment_to_start())
    _prepare(arguments)


def _prepare(arguments: argparse.Namespace) -> None:
    """Migrate the database; in the demonstration, also invent staff and people to call back."""
    _set_up_django()
    from amparo.starting import prepare_home

    prepare_home()


def main() -> None:
    from amparo import cli_arguments
    from amparo.foundation.backup import commands as backups

    parser = argparse.ArgumentParser(prog="amparo", description="The platform of a counter-trafficking hotline.")
    verbs = parser.add_subparsers(required=True, metavar="verb")
    for verb in (run, stop, prepare, web, worker, switchboard, sealer, network):
        verbs.add_parser(verb.__name__, help=verb.__doc__).set_defaults(verb=verb)
    for with_words in (doctor, staff, demo, audit, keys, canary, directory, figures, update, shell, schema):
        parsed = verbs.add_parser(with_words.__name__, help=with_words.__doc__)
        parsed.set_defaults(verb=with_words)
        getattr(cli_arguments, with_words.__name__)(parsed)
    backups.add_backup_arguments(verbs.add_parser("backup", help=backup.__doc__), backup)
    backups.add_restore_arguments(verbs.add_parser("restore", help=restore.__doc__), restore)
    arguments = parser.parse_args()
    sys.exit(_run_in_words(arguments.verb, arguments))


def _run_in_words(verb: Callable[[argparse.Namespace], int | None], arguments: argparse.Namespace) -> int:
    """Run a command with the settings of the file. Returns its exit status; `Misconfigured` is a sentence, and 2."""
    from amparo.foundation.core.refusal import Misconfigured
    from amparo.foundation.core.settings_file import read_settings_file

    try:
        read_settings_file()
        return verb(arguments) or 0
    except Misconfigured as mistake:
        print(f"amparo: {mistake}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _set_up_django() -> None:
    import django
    from django.db import OperationalError, connection

    from amparo.foundation.core.children import end_with_parent
    from amparo.foundation.core.refusal import Misconfigured

    end_with_parent()
    django.setup()
    try:
        connection.ensure_connection()
    except OperationalError as error:
        raise Misconfigured(
            "The database does not answer: start the hotline (`make run`), or look at DATABASE_URL."
        ) from error


def _sign_in_as(process: str) -> None:
    """Let this command sign in to the database with the role of `process`, which owns nothing there."""
    from amparo.foundation.core.database_roles import sign_in_as_process

    sign_in_as_process(process)


if __name__ == "__main__":
    main()
