"""What the search of every page costs, by kind of question, for an operator and a supervisor.

    python -m bench.search [--contacts 1000000] [--rounds 20]

Each contact has a person at risk with a code name, so that names are searched among as many. Milliseconds of the whole
function `search`, the median and the slowest of the rounds, ledger entries included; nothing of the page around it.
"""

import argparse
import statistics
import time

from .access import OPERATORS, database

BUSY = 7  # an operator with a 200th of the contacts
PEOPLE = """
insert into people_person (id, key_id, number, part, {columns})
    select gen_random_uuid(), key_id, number, 'at_risk', {values} from contacts_contact;
vacuum analyze people_person"""
AT_MOST = 100  # ms, the aim


def fill() -> None:
    """Insert one person for each contact; columns without a default get an empty value."""
    from django.db import connection

    from amparo.care.people.models import Person

    given = {"id", "key", "number", "part"}
    empty = {}
    for field in Person._meta.local_fields:
        if field.name not in given and not field.null and not field.generated:
            empty[field.column] = {
                "ArrayField": "'{}'",
                "BooleanField": "false",
                "DateTimeField": "now()",
                "ForeignKey": str(BUSY),
                "JSONField": "'{}'",
            }.get(type(field).__name__, "''" if "Char" in type(field).__name__ else "0")
    with connection.cursor() as cursor:
        for statement in PEOPLE.format(columns=", ".join(empty), values=", ".join(empty.values())).split(";"):
            cursor.execute(statement)


def measure(rounds: int) -> None:
    from amparo.foundation.access.models import User
    from amparo.foundation.core.actor import acting_as
    from amparo.line.contacts.models import Contact
    from amparo.screens.home.search import search

    operator, supervisor = User.objects.get(pk=BUSY), User.objects.get(pk=OPERATORS + 1)
    number = Contact.objects.filter(operator=operator).values_list("number", flat=True).first()
    print("| question | operator, median / slowest | supervisor |\n|---|---|---|")
    for question in (f"C-{number}", str(number), "tucan", "tucan vigilante", "casa", "zzzz"):
        cells = []
        for user in (operator, supervisor):
            took = []
            for _ in range(rounds):
                start = time.perf_counter()
                with acting_as(user.acting()):
                    found = sum(len(kind.hits) for kind in search(question, by=user))
                took.append((time.perf_counter() - start) * 1000)
            over = " **over**" if statistics.median(took) > AT_MOST else ""
            cells.append(f"{statistics.median(took):.1f} / {max(took):.1f} ms{over} ({found} found)")
        print(f"| {question} | {' | '.join(cells)} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=20)
    given = parser.parse_args()
    with database(given.contacts):
        fill()
        print(f"{given.contacts:,} contacts, as many people")
        measure(given.rounds)


if __name__ == "__main__":
    main()
