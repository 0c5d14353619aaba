"""`amparo demo story`, as it is typed: a real call with the prompts we ship, and every step that follows from it."""

from amparo.care.cases.models import Case
from amparo.care.people.models import Person
from amparo.care.police_reports.models import Report
from amparo.care.shelters.models import Placement
from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as
from amparo.line.contacts.models import Contact
from tests.hotline import hotline


def read_by_anybody() -> list[str]:
    """In the process of a hotline: who of its people still reads which kind of record."""
    read = []
    for user in User.objects.all():
        with acting_as(user.acting()):
            read += [
                f"{user}: {it.__name__}" for it in (Contact, Case, Person, Report, Placement) if it.objects.exists()
            ]
    return read


def open_cases() -> int:
    with acting_as(User.objects.get(username="rufino").acting()):
        return Case.objects.open().count()


def test_the_story_is_told_to_its_end_or_leaves_its_case_open():
    with hotline() as line:
        done = line.run("demo", "story", "--erase", patience=240)
        read = line.do(read_by_anybody)
        left = line.run("demo", "story", patience=240)
        is_open, readers = line.do(open_cases), line.do(read_by_anybody)
    output = done.stdout
    assert (done.returncode, done.stderr) == (0, "")
    steps = ("calls", "read a code", "the next step has a date", "verdict", "she agrees", "folio", "she has arrived",
             "comes back", "gone for the police", "the bed is free", "closes L-", "asks to be erased", "keys of all",
             "the code that", "is counted")  # fmt: skip
    at = [output.find(step) for step in steps]
    assert -1 not in at
    assert at == sorted(at)
    assert "Pasaje Inventado" not in output  # the address of a house
    before, after = output.split("keys of all of it are destroyed")
    assert (before.count("Marta Q.\n"), before.count(": nobody"), after.count(": nobody")) == (3, 0, 3)
    assert read == []
    assert (left.returncode, left.stderr, is_open) == (0, "", 1)
    assert "They stay." in left.stdout.splitlines()[-1]
    assert "Rufino E.: Case" in readers
