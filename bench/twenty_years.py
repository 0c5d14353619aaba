"""From ten million contacts of twenty years to snapshots, quarterly editions and years: time and memory.

    python -m bench.twenty_years [--contacts 10000000] [--years 20]

The database makes the rows month by month; nothing holds them all. Their indexes are built at the end, because to write
keys that follow no order into a large index takes longer than all else. One contact in ten opens a case with one person
at risk and two events. Notes are some random bytes, because no figure reads them. Then each quarter is counted, drafted
by one publisher and published by another, as on the page; the last quarter of a year releases the year and its crossed
tables. Each total is compared with the rows that were made. Seconds are by the clock; memory is the PSS of the whole
database and of the process that publishes.
"""

import argparse
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from tests.hotline import Hotline, children_of, hotline

from .at_rest import proportional_size
from .pages import analyze

LAST = 2025
SECONDS, MEGABYTES = 600, 2000  # the aims
EVENLY = 80  # contacts: as many of each type, and of each tenth
TABLES = ["vault_datakey", "contacts_contact", "cases_case", "people_person", "cases_event"]
SUBSTANTIVE = 6  # of the eight types below
TYPES = "{information,prevention,report,assistance,crisis,follow_up,hang_up,wrong_number}"
DEPARTMENTS = '{15,15,15,15,15,15,"","",08,04,13,20,14,17,16,21,22,25,01,02,03,05,06,07,09,10,11,12,18,19,23,24}'
CHANNELS = "{call,call,call,call,call,chat,whatsapp,web_form}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=10_000_000)
    parser.add_argument("--years", type=int, default=20)
    given = parser.parse_args()
    months = given.years * 12
    each = -(-given.contacts // (months * EVENLY)) * EVENLY
    with hotline() as line:
        begun = time.monotonic()
        line.do(stop_indexing)
        for month in range(months):
            line.do(fill, date(LAST - given.years + 1 + month // 12, 1 + month % 12, 1), month * each, each)
        line.do(index_all)
        filled = time.monotonic() - begun
        line.do(analyze)
        print(f"{each * months:,} contacts and {each // 10 * months:,} cases made in {filled:.0f} s", flush=True)
        with watched(line) as largest:
            counting = publishing = 0.0
            for year in range(LAST - given.years + 1, LAST + 1):
                counted, published = line.do(publish_year, year, each)
                counting, publishing = counting + counted, publishing + published
    print(f"{given.years * 4} quarters counted in {counting:.1f} s")
    print(f"{given.years * 4} editions and {given.years} years published in {publishing:.1f} s")
    print(f"in all {counting + publishing:.1f} s (aim {SECONDS}), beside the {filled:.0f} s of making the rows")
    print(f"largest memory {largest[0]:.0f} MB (aim {MEGABYTES:,}); load average {os.getloadavg()[0]:.1f}")


@contextmanager
def watched(line: Hotline) -> Iterator[list[float]]:
    """Yield a list whose only item is the largest memory so far, in MB, measured twice a second during the block."""
    largest, is_over = [0.0], threading.Event()

    def look() -> None:
        while not is_over.wait(0.5):
            inside = list(line._inside._processes) if line._inside else []
            base = [pid for each in line.processes().get("postgres", ()) for pid in (each, *children_of(each))]
            largest[0] = max(largest[0], sum(map(_size, {*inside, *base})))

    watch = threading.Thread(target=look)
    watch.start()
    try:
        yield largest
    finally:
        is_over.set()
        watch.join()


def _size(pid: int) -> float:
    try:
        return proportional_size(pid)
    except (OSError, TypeError):
        return 0.0  # it has just ended


def stop_indexing() -> None:
    """Runs in the hotline's process as the table owner: leave rows out of the indexes until `index_all`."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "update pg_index set indisready = false, indisvalid = false where indrelid = any(%s::regclass[])", [TABLES]
        )


def index_all() -> None:
    """Runs in the hotline's process as the table owner: build the indexes anew, which checks what must be unique."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("set maintenance_work_mem = '500MB'")
        for table in TABLES:
            cursor.execute(f"reindex table {table}")
        cursor.execute("reset maintenance_work_mem")


def fill(month: date, before: int, many: int) -> None:
    """Runs in the hotline's process as the table owner: add `many` contacts of one month, a tenth of them with a case.

    `before` contacts exist already; the new ones are numbered after them.
    """
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.db import connection
    from psycopg import ClientCursor

    operator = get_user_model().objects.get(username="ana").pk
    values = {
        "first": before + 1, "last": before + many, "many": many, "month": month, "operator": operator,
        "zone": settings.TIME_ZONE, "types": TYPES, "departments": DEPARTMENTS, "channels": CHANNELS,
    }  # fmt: skip
    with connection.cursor() as opened, ClientCursor(opened.connection) as cursor:
        # skips foreign key checks and triggers, because the rows refer to rows that exist
        cursor.execute("set session_replication_role = replica")
        cursor.execute("set synchronous_commit = off")
        for statement in ROWS.split(";\n"):
            cursor.execute(statement, values)
        cursor.execute("reset session_replication_role")


def publish_year(year: int, each: int) -> tuple[float, float]:
    """Runs in the hotline's process: publish the four quarters, each month of which has `each` contacts.

    Returns the seconds of counting, and of the rest.
    """
    from django.utils import timezone

    from amparo.figures.publishing.models import CrossedYear, Year
    from amparo.figures.publishing.rules import draft_edition, publish_edition
    from amparo.figures.snapshot.months import Quarter
    from amparo.foundation.access.models import User

    paula, bruno = (User.objects.get(username=name) for name in ("paula", "bruno"))
    counting, begun = 0.0, time.monotonic()
    for month in (1, 4, 7, 10):
        before = time.monotonic()
        draft = draft_edition(Quarter(date(year, month, 1)), by=paula, now=timezone.now())
        counting += time.monotonic() - before
        counts = draft.snapshot.counts
        for table in ("contacts_by_type", "contacts_by_department", "contacts_by_month"):
            assert sum(counts[table].values()) == 3 * each * SUBSTANTIVE // 8, (year, month, table)
        for table in ("persons_by_age", "persons_by_route", "cases_by_closing"):
            assert sum(counts[table].values()) == 3 * (each // 10), (year, month, table)
        publish_edition(draft, by=bruno, now=timezone.now())
    assert Year.objects.filter(year=year).exists()
    assert CrossedYear.objects.filter(year=year).count() == 3
    return counting, time.monotonic() - begun - counting


ROWS = """
create temp table if not exists made (n int, spread int, at timestamptz, key uuid, person uuid);
truncate made;
insert into made select n, hashint4(n) & 2147483647, (%(month)s::timestamp at time zone %(zone)s)
    + interval '27 days' * (n - %(first)s) / %(many)s, md5('key ' || n)::uuid, md5('person ' || n)::uuid
    from generate_series(%(first)s, %(last)s) n;
insert into vault_datakey (id, agency_id, kind, made_at, closed_at) select key, 1,
    case when n %% 10 = 0 then 'case' else 'contact' end, at, at from made where n %% 10 = 0 or n = %(first)s;
insert into contacts_contact (id, number, channel, operator_id, started, ended, state, safe_to_talk, key_id, notes,
    caller_role, ubigeo, language, urgency, privacy_choice, heard_of_us, heard_code, type, hard_call, version, edits)
    select md5('contact ' || n)::uuid, n + 1000000, (%(channels)s::text[])[1 + spread / 7 %% 8], %(operator)s, at,
    at + interval '6 minutes', 'wrapped', 'yes', (select key from made where n = %(first)s), '\\x00112233445566778899',
    'self', coalesce(nullif((%(departments)s::text[])[1 + spread / 64 %% 32], '') || '0101', ''), 'es', 'soon',
    'confidential', '', '', (%(types)s::text[])[1 + n %% 8], '', 1, '{}' from made;
insert into cases_case (id, number, key_id, state, urgency, opened_at, opened_by_id, holder_id, situation, next_task_id,
    next_due, closed_at, closing, version, edits)
    select md5('case ' || n)::uuid, n + 1000000, key, 'closed', 'soon', at, %(operator)s, null, null, null, null,
    at + interval '1 hour', (array['safe', 'returned', 'handed_over', 'withdrew', 'lost'])[1 + n / 10 %% 5], 0, '{}'
    from made where n %% 10 = 0;
insert into people_person (id, number, key_id, part, age_group, age_certainty, gender, citizenship, languages,
    ubigeo_origin, ubigeo_now, made_at, made_by_id)
    select person, n + 1000000, key, 'at_risk', (array['child', 'adult', 'unknown'])[1 + n / 10 %% 3], '',
    (array['feminine', 'masculine', ''])[1 + n / 30 %% 3], '', '{es}'::varchar[], '', '', at, %(operator)s
    from made where n %% 10 = 0;
insert into cases_event (id, person_id, key_id, kind, ubigeo, country, since, is_mistake)
    select md5('event ' || n || kind)::uuid, person, key, kind,
    (array['150101', '080101', '170101', '250101', '160101'])[1 + (n / 10 + length(kind)) %% 5], 'PE', at::date, false
    from made, unnest(array['recruitment', 'exploitation']) kind where n %% 10 = 0
"""


if __name__ == "__main__":
    main()
