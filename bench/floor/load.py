"""Fill the tables of the plain application that Amparo is measured against, the floor.

The rows are those of bench/caseload.py, with texts of the same length, unencrypted.

FLOOR_DATABASE=postgresql://... python -m bench.floor.load CASES PEOPLE     # prints a session for each person
"""

import json
import os
import sys

from bench.caseload import OPENED

ROWS = """
insert into floor_case (id, state, urgency, opened_at, opened_by_id, holder_id, situation, next_kind, next_due,
    closed_at, version)
    select n, case when is_open then 'active' else 'closed' end, 'soon', at, operator,
    case when is_open then operator end,
    repeat('Her papers are gone. ', 18), 'call',
    case when is_open then now() + (n::bigint * 7919 %% 43200 - 20000) * interval '1 minute' end,
    case when not is_open then at end, 0
    from (select n, n / %(people)s %% 5 = 0 or n = 1 or n > %(cases)s - %(opened)s as is_open,
    now() - (%(cases)s - n) * interval '3 minutes' as at,
    1 + n %% %(people)s as operator from generate_series(1, %(cases)s) n) made;
insert into floor_case_team (case_id, user_id) select id, opened_by_id from floor_case;
insert into floor_task (case_id, kind, words, due, is_open)
    select id, 'call', '', coalesce(next_due, opened_at), closed_at is null from floor_case;
insert into floor_person (case_id, part, code_name, names, gender, languages, place)
    select id, 'at_risk', 'Sauce Alto', 'Inventada' || id %% 200 || ' Imaginaria' || id / 800, '', 'es', 'Lima'
    from floor_case
    union all select id, 'caller', 'Sauce Bajo', '', '', 'es', '' from floor_case;
insert into floor_entry (case_id, kind, at, by_id, words) select id, kind, opened_at, opened_by_id,
    case kind when 'note' then repeat('She called again. ', 22) else '' end
    from floor_case, unnest(array['opened', 'contact', 'note', 'note']) kind;
insert into floor_contact (id, case_id, channel, operator_id, started, ended, state, safe_to_talk, limits, notes,
    caller_role, place, language, urgency, privacy_choice, heard_of_us, type, hard_call, safe_number, safe_any_hour,
    safe_who, safe_voicemail, safe_story, safe_word, safe_language, safe_wanted, version)
    select c, case when c <= 400 then 1 else id end, 'call', opened_by_id, opened_at, opened_at, 'wrapped', 'yes', true,
    repeat('Her papers are gone. ', 18), 'self', 'Lima', 'es', 'soon', 'yes', '',
    (array['crisis', 'information', 'silent', 'hang_up', 'test'])[1 + c %% 5], '', '', false, '', false,
    '', '', '', false, 1
    from floor_case, generate_series(id * 3 - 2, id * 3) c;
select setval('floor_case_id_seq', %(cases)s), setval('floor_contact_id_seq', %(cases)s * 3)
"""


def sign_in(people: int) -> list[str]:
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.auth.models import User
    from django.contrib.sessions.backends.db import SessionStore

    sessions = []
    for number in range(people):
        user = User.objects.create(username=f"inventada{number}", first_name="Inventada", last_name=str(number))
        session = SessionStore()
        session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session.create()
        sessions.append(session.session_key)
    return sessions


def main(cases: int, people: int) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.floor.settings"
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)  # the users first, because our tables refer to them
    call_command("migrate", run_syncdb=True, verbosity=0)
    sessions = sign_in(people)
    with connection.cursor() as cursor:
        for statement in ROWS.split(";\n"):
            cursor.execute(statement, {"cases": cases, "people": people, "opened": OPENED})
        cursor.execute("vacuum analyze")
    print(json.dumps(sessions))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
