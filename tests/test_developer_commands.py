"""What developers type: `amparo shell`, `amparo schema`, `make help`, and what `make dev` starts anew for."""

import re
import subprocess
import sys
from dataclasses import replace

import pytest
from django.db import connection
from watchfiles import Change

from amparo.developer_commands import OWNER, restarts, schema, shell
from amparo.foundation.core.refusal import Misconfigured

from .hotline import CHECKOUT, PATIENCE, beside_the_test
from .newcomers import newcomer


def amparo(*arguments: str, **more) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "amparo", *arguments]
    return subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=PATIENCE, **more)


@pytest.mark.django_db(transaction=True)
def test_the_shell_has_the_models_and_says_whose_it_is(capsys):
    username = newcomer()
    code = f"print(User.objects.get(username='{username}').role, Contact.__module__)"
    piped = amparo("shell", input=code, env=beside_the_test())
    shell(code)
    for out, err in ((piped.stdout, piped.stderr), capsys.readouterr()):
        assert err.strip() == OWNER
        assert out == "operator amparo.line.contacts.models.contact\n"


def test_the_shell_stays_closed_where_people_are_not_invented(settings, capsys):
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, demo=False)
    with pytest.raises(Misconfigured, match="The shell reads past policies and ledger"):
        shell("print('open')")
    assert capsys.readouterr().out == ""


@pytest.mark.django_db
def test_the_schema_names_what_the_database_has_and_its_file(capsys, monkeypatch):
    monkeypatch.setattr("signal.signal", lambda number, handler: None)  # ours is not at the end of a pipe
    schema([])
    lines = capsys.readouterr().out.splitlines()
    named = {tuple(line.split()[:2]) for line in lines}
    with connection.cursor() as cursor:
        cursor.execute("select 'trigger', tgname from pg_trigger where not tgisinternal and tgname not like 'procras%'")
        triggers = set(cursor.fetchall())
    assert len(triggers) > 20
    assert triggers == {it for it in named if it[0] == "trigger"}
    for line in lines:
        kind, name, *_on, file = line.split()
        assert re.search(rf"{kind} {re.escape(name)}\b", (CHECKOUT / file).read_text()), line


def test_the_schema_names_one_kind_alone(capsys, monkeypatch):
    monkeypatch.setattr("signal.signal", lambda number, handler: None)  # ours is not at the end of a pipe
    schema(["triggers"])
    assert {line.split()[0] for line in capsys.readouterr().out.splitlines()} == {"trigger"}


def test_what_the_schema_does_not_know_is_refused_in_one_sentence():
    done = amparo("schema", "triggers", "tables")
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr
        == "amparo: Nothing is called «tables» here: type functions, triggers, policies, or nothing for all.\n"
    )


def test_help_names_every_target():
    makefile = (CHECKOUT / "Makefile").read_text()
    shown = subprocess.check_output(["make", "--no-print-directory", "help"], cwd=CHECKOUT, text=True).splitlines()
    wanted = set(" ".join(re.findall(r"^\.PHONY: (.*)", makefile, re.MULTILINE)).split())
    assert {line.split()[1] for line in shown} == wanted
    assert all(len(line.split()) > 4 for line in shown)


@pytest.mark.parametrize("path", ["line/chat/models.py", "line/chat/templates/chat/page.html", "locale/es/django.po"])
def test_a_source_starts_the_demonstration_anew(path):
    assert restarts(Change.modified, f"/srv/amparo/amparo/{path}")


@pytest.mark.parametrize("path", ["line/chat/tests/test_x.py", "locale/es/django.mo", "line/__pycache__/x.pyc"])
def test_a_test_and_what_is_compiled_do_not(path):
    assert not restarts(Change.modified, f"/srv/amparo/amparo/{path}")
