"""A canary is a contact that nobody has a reason to open. Opening one alerts two other agencies. Nobody can see it."""

import subprocess
import sys
import uuid

import pytest
from django.db import connection, transaction
from django.test import Client

from amparo.foundation.access.models import Agency, Kind, Role, User
from amparo.foundation.audit.models import Entry
from amparo.foundation.audit.rules import entries_before
from amparo.foundation.audit.sealer import Sealer
from amparo.foundation.audit.tests.conftest import KEY, sealing_role
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Misconfigured
from amparo.foundation.oversight.models import Alert, Canary
from amparo.line.contacts.commands import canary
from amparo.line.contacts.models import SafeContact
from amparo.line.contacts.rules import search_number, wrap_up
from tests.hotline import beside_the_test

from .conftest import NUMBER

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sealer():
    with sealing_role() as link:
        yield Sealer(link, [], KEY)


@pytest.fixture
def others() -> list[User]:
    """An auditor at each of three other agencies."""
    kinds = (Kind.POLICE, Kind.MINISTRY, Kind.NGO)
    made = [Agency.objects.create(name=f"Invented {kind}", kind=kind) for kind in kinds]
    return [User.objects.create(username=f"auditor-{a.kind}", role=Role.AUDITOR, agency=a) for a in made]


@pytest.fixture
def made_up(contact, filled_contact, ana, now, others, sealer):
    """An invented contact, closed and marked as a canary."""
    wrap_up(contact, type="crisis", key=uuid.uuid4(), by=ana, now=now)
    canary(contact.code.lower(), remove=False)
    sealer.seal()
    return contact


def open_it(user, contact) -> None:
    client = Client()
    client.force_login(user)
    client.post(f"/contacts/{contact.pk}/open", {"purpose": "care"})
    assert client.get(f"/contacts/{contact.pk}").status_code == 200


def raised() -> list[tuple]:
    return list(Alert.objects.order_by("pk").values_list("kind", "about__username", "to_agency__kind"))


def test_opening_a_canary_alerts_two_other_agencies(made_up, sealer, marta):
    for _ in range(3):
        open_it(marta, made_up)
        sealer.seal()
    assert raised() == [("canary", "marta", "police"), ("canary", "marta", "ministry")]


def test_the_operator_who_took_that_call_as_well(made_up, sealer, ana):
    open_it(ana, made_up)
    sealer.seal()
    assert len(raised()) == 2


def test_finding_it_by_its_number_is_enough(made_up, sealer, ana, now):
    assert search_number(NUMBER, purpose="calls_again", by=ana, now=now)
    sealer.seal()
    assert len(raised()) == 2


def test_making_and_marking_it_raises_nothing(made_up):
    assert raised() == []


def test_another_file_raises_nothing(made_up, sealer, ana, now):
    """The control: the same user at the same time opens a contact with a reason."""
    from amparo.line.contacts.rules import open_contact, save_draft
    from amparo.line.switchboard.models import Call

    real = open_contact(Call.objects.create(arrived_at=now, operators=[ana.pk]), by=ana, now=now)
    save_draft(real, key=uuid.uuid4(), revision=1, based_on=0, changes={"notes": "words"}, by=ana, now=now)
    open_it(ana, real)
    sealer.seal()
    assert raised() == []


def test_an_unmarked_canary_raises_no_alert(made_up, sealer, marta):
    canary(made_up.code, remove=True)
    open_it(marta, made_up)
    sealer.seal()
    assert (raised(), Canary.objects.count()) == ([], 0)


def test_marking_twice_changes_nothing(capsys, made_up):
    before = list(Canary.objects.values_list("key", "marked_at"))
    canary(made_up.code, remove=False)
    assert list(Canary.objects.values_list("key", "marked_at")) == before
    assert len(before) == 2  # the conversation, and its card
    assert capsys.readouterr().out.count("\n") == 2


@pytest.mark.parametrize("code", ["", "C-999999", "2031; drop", "C-99999999999"])
def test_a_code_that_is_nowhere_is_answered_in_one_sentence(made_up, code):
    with pytest.raises(Misconfigured, match=r"^There is no contact .*\.$"):
        canary(code, remove=False)


def amparo(*words: str) -> tuple[int, str, str]:
    command = [sys.executable, "-m", "amparo", "canary", *words]
    done = subprocess.run(command, env=beside_the_test(), capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


def test_the_command_marks_a_canary(made_up):
    """The command runs as the worker, which can read no words."""
    canary(made_up.code, remove=True)
    assert not Canary.objects.exists()
    status, output, errors = amparo(made_up.code)
    assert (status, output.count("\n"), errors) == (0, 1, "")
    assert Canary.objects.count() == 2


def test_what_is_in_use_is_not_marked(contact, filled_contact, ana, now):
    with pytest.raises(Misconfigured, match="is open"):
        canary(contact.code, remove=False)
    wrap_up(contact, type="crisis", key=uuid.uuid4(), by=ana, now=now)
    SafeContact.objects.update(call_wanted=True)
    with pytest.raises(Misconfigured, match="called back"):
        canary(contact.code, remove=False)
    assert not Canary.objects.exists()


def test_the_ledger_says_when_one_was_marked_and_not_which(made_up, others, ana):
    with acting_as(others[1].acting()):  # of a ministry
        entry = next(entry for entry in entries_before() if entry.what == "mark_canary")
    assert (entry.user_id, entry.key, entry.about) == (0, None, "canary")
    client = Client()
    client.force_login(ana)
    assert "canary" not in client.get(f"/contacts/{made_up.pk}").content.decode()


ASKING = (
    "select * from oversight_canary", "select oversight.is_canary(gen_random_uuid())", "delete from oversight_canary",
    "select oversight.mark(array[gen_random_uuid()], true)",
)  # fmt: skip


def ask(process: str, statement: str) -> tuple:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"set local role {connection.settings_dict['NAME']}_{process}")
        cursor.execute(statement)
        return cursor.fetchone()


@pytest.mark.parametrize("process", ["web", "switchboard", "sealer", "site"])
@pytest.mark.parametrize("statement", ASKING)
def test_no_process_can_ask_which_they_are(made_up, process, statement):
    with pytest.raises(Exception, match=r"permission denied|only the worker"):
        ask(process, statement)


def test_the_keepers_functions_may_ask_so_that_figures_leave_them_out(made_up):
    query = f"select oversight.is_canary('{made_up.key_id}'), oversight.is_canary(gen_random_uuid())"
    assert ask("gatekeeper", query) == (True, False)
    with pytest.raises(Exception, match="permission denied"):
        ask("gatekeeper", ASKING[0])


def test_it_may_be_forgotten_like_any_other(made_up, marta, now):
    from amparo.line.contacts.rules import answer_request, receive_request

    data_request = receive_request(made_up, "erase", by=marta, now=now)
    answer_request(data_request, "done", code=made_up.code, by=marta, now=now)
    assert Entry.objects.filter(what="erase").exists()
