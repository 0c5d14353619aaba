"""Contacts and cases by the hundred thousand, for measurements. All rows exist; the newest cases can be opened.

The database makes the rows. Instead of sealed words, wrapped keys and tokens it writes random bytes of the same
length. The cases that a measurement opens are then sealed normally. A case has three contacts. A fifth of each
operator's cases are open, and so are the newest `OPENED`. Four cases of one operator have a person of the same name.
"""

import hashlib
import os
from collections.abc import Iterator
from typing import Any
from uuid import UUID

OPENED = 2_600  # cases
A_CASE = 3  # contacts
LONG = 400  # contacts in the one long case, which is the first
AT_ONCE = 20_000  # cases
SITUATION = "An invented person has no papers, and somebody keeps her wages. " * 6
NOTE = "She called again, and would rather not say from where. Nothing was promised. " * 5
NAME = "Inventada{} Imaginaria{}"


def fill(cases: int, operators: list[int]) -> None:
    """Runs in the hotline's process as the table owner: add this many cases to an empty database."""
    from django.db import connection
    from psycopg import ClientCursor

    with connection.cursor() as opened, ClientCursor(opened.connection) as cursor:
        # skips foreign key checks, because the rows refer to rows that exist
        cursor.execute("set session_replication_role = replica")
        for first in range(1, cases + 1, AT_ONCE):
            values = {
                "first": first, "last": min(first + AT_ONCE - 1, cases), "cases": cases, "operators": operators,
                "opened": OPENED, "words": os.urandom(1053), "line": os.urandom(285), "long": LONG,
            }  # fmt: skip
            for statement in ROWS.split(";\n"):
                cursor.execute(statement, values)
        cursor.execute("reset session_replication_role")
        for name, last in (("cases", cases), ("contacts", cases * A_CASE), ("people", cases * 2)):
            cursor.execute(f"select setval('{name}_number', {last})")
        cursor.execute("select setval('entries_number', %s)", [cases * 4])


def seal(numbers: list[int]) -> None:
    """Runs in the hotline's process: seal these cases and their contacts as their team would."""
    from amparo.care.cases.models import Case, CaseContact, CaseEntry
    from amparo.care.people.models import Identity
    from amparo.foundation.vault import tokens
    from amparo.foundation.vault.models import Token

    for case in Case.objects.filter(number__in=numbers).select_related("key"):
        _give_a_secret(case.key)
        _write(case, situation=SITUATION)
        for entry in CaseEntry.objects.filter(case=case, kind="note"):
            entry.key = case.key
            _write(entry, words=NOTE)
        for included in CaseContact.objects.filter(case=case).select_related("contact__key"):
            _give_a_secret(included.contact.key)
            _write(included.contact, notes=SITUATION)
        identity = Identity.objects.select_related("key").get(person__key=case.key)
        _give_a_secret(identity.key)
        _write(identity, names=name_of(case.number))
        tokens.store_tokens(identity.key, Token.Kind.NAME, identity.names)


def name_of(number: int) -> str:
    letters = str.maketrans("0123456789", "abcdfgjlmn")
    return NAME.format(*(f"{part:04}".translate(letters) for part in (number % 200, number // 800)))


def id_of(what: str, number: int) -> UUID:
    """The id that the database gave this row."""
    return UUID(hashlib.md5(f"{what} {number}".encode(), usedforsecurity=False).hexdigest())


def newest_of(operator: int, operators: int, cases: int) -> Iterator[int]:
    """The numbers of this operator's cases that can be opened."""
    first = max(1, cases - OPENED + 1)
    return (number for number in range(first, cases + 1) if number % operators == operator)


def _give_a_secret(key: Any) -> None:
    from amparo.foundation.vault.keys import Box

    secret = os.urandom(32)
    key.__dict__.update(secret=secret, box=Box(secret))
    wrapped, name = key.wrapped_for(key.agency_id)
    key.grants.update(wrapped=wrapped, wrapping_key=name)


def _write(row: Any, **words: str) -> None:
    for column, value in words.items():
        setattr(row, column, value)
    row.save(update_fields=list(words))


ROWS = """
create temp table if not exists made (n int, id uuid, key uuid, operator int, at timestamptz, is_open bool, who uuid,
    who_key uuid, task uuid);
truncate made;
insert into made select n, md5('case ' || n)::uuid, md5('case key ' || n)::uuid,
    (%(operators)s::int[])[1 + n %% cardinality(%(operators)s::int[])], now() - (%(cases)s - n) * interval '3 minutes',
    n / cardinality(%(operators)s::int[]) %% 5 = 0 or n = 1 or n > %(cases)s - %(opened)s, md5('person ' || n)::uuid,
    md5('person key ' || n)::uuid, md5('task ' || n)::uuid from generate_series(%(first)s, %(last)s) n;
create temp table if not exists talked (n int, id uuid, key uuid, of int);
truncate talked;
insert into talked select c, md5('contact ' || c)::uuid, md5('contact key ' || c)::uuid, n
    from made, generate_series(n * 3 - 2, n * 3) c;
insert into vault_datakey (id, agency_id, kind, made_at, closed_at)
    select key, 1, 'case', at, case when not is_open then at end from made
    union all select who_key, 1, 'identity', at, case when not is_open then at end from made
    union all select t.key, 1, 'contact', at, at from talked t join made m on m.n = t.of;
insert into vault_grant (key_id, holder, agency_id, owner_id, purpose, made_at, expires_at, wrapped, wrapping_key)
    select k, holder, 1, 1, '', at, '9000-01-01Z', substr(%(words)s, 1, 60), 'file:1:0'
    from (select key k, operator, at from made union all select who_key, operator, at from made
    union all select t.key, operator, at from talked t join made m on m.n = t.of) keys,
    unnest(array['u' || operator, '1:supervisor']) holder;
insert into vault_grant (key_id, holder, agency_id, owner_id, purpose, made_at, expires_at, wrapped, wrapping_key)
    select t.key, 'u' || m.operator, 1, 1, '', m.at, '9000-01-01Z', substr(%(words)s, 1, 60), 'file:1:0'
    from talked t join made m on m.n = 1 and t.n <= %(long)s on conflict do nothing;
insert into switchboard_call (id, direction, channel, line, language, state, danger, silent, arrived_at, answered_at,
    ended_at, ending, operators, invited, listeners, whisperers, surge_key)
    select t.id, 'in', 'phone', '', 'es', 'ended', false, false, at, at, at, 'caller', array[operator], array[]::int[],
    array[]::int[], array[]::int[], '' from talked t join made m on m.n = t.of;
insert into contacts_contact (id, call_id, number, channel, operator_id, started, ended, state, safe_to_talk, key_id,
    notes, caller_role, ubigeo, language, urgency, privacy_choice, heard_of_us, heard_code, type, hard_call,
    version, edits)
    select t.id, t.id, t.n, 'call', operator, at, at, 'wrapped', 'yes', t.key, %(words)s, 'self', '150101', 'es',
    'soon', 'confidential', '', '', (array['crisis', 'information', 'silent', 'hang_up', 'test'])[1 + t.n %% 5], '', 1,
    '{}' from talked t join made m on m.n = t.of;
insert into cases_case (id, number, key_id, state, urgency, opened_at, opened_by_id, holder_id, situation, next_task_id,
    next_due, closed_at, closing, version, edits)
    select id, n, key, case when is_open then 'active' else 'closed' end, 'soon', at, operator,
    case when is_open then operator end, %(words)s, case when is_open then task end,
    case when is_open then now() + (n::bigint * 7919 %% 43200 - 20000) * interval '1 minute' end,
    case when not is_open then at end, case when is_open then '' else 'safe' end, 0, '{}' from made;
insert into cases_task (id, case_id, key_id, kind, due, is_critical, is_open, done_at, done_by_id, was_done)
    select task, id, key, 'call', now() + (n::bigint * 7919 %% 43200 - 20000) * interval '1 minute', false, is_open,
    case when not is_open then at end, case when not is_open then operator end, case when not is_open then true end
    from made;
insert into cases_member (case_id, key_id, user_id, since, next_due) select m.id, m.key, operator, at, c.next_due
    from made m join cases_case c on c.id = m.id;
insert into cases_casecontact (contact_id, case_id, key_id) select t.id, m.id, m.key from talked t join made m
    on m.n = case when t.n <= %(long)s then 1 else t.of end;
insert into people_person (id, number, key_id, part, age_certainty, gender, citizenship, languages, ubigeo_origin,
    ubigeo_now, made_at, made_by_id, same_human_as_id)
    select who, n * 2 - 1, key, 'at_risk', '', '', '', '{es}'::varchar[], '', '150101', at, operator, null::uuid
    from made
    union all select md5('caller ' || n)::uuid, n * 2, key, 'caller', '', '', '', '{es}', '', '', at, operator, who
    from made;
insert into people_identity (person_id, key_id, names) select who, who_key, substr(%(line)s, 1, 93) from made;
insert into vault_token (key_id, kind, token, made_with)
    select who_key, 'name', decode(md5('name ' || n %% 200 || ' ' || n / 800), 'hex'), 'abcd0123' from made;
insert into cases_caseentry (id, number, case_id, key_id, kind, at, by_id, about, words)
    select md5('entry ' || n || ' ' || i)::uuid, n * 4 - 4 + i, id, key, kind, at, operator,
    case kind when 'opened' then 'soon' when 'contact' then md5('contact ' || n * 3)::uuid::text else '' end,
    case when kind = 'note' then %(words)s end
    from made, unnest(array['opened', 'contact', 'note', 'note']) with ordinality kinds(kind, i)
"""
