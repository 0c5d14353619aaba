"""What is exported of every case, without names or free text: picklist values, ages, places and dates.

PostgreSQL builds the JSON for many cases in one statement, from the rows that the actor may see: a Django object per
row would cost ten times as much. Further data of a single case is added by htcds_export.py.
"""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone, translation

from amparo.care.cases.models import Case
from amparo.care.cases.picklists import Closing
from amparo.care.consent.picklists import Data
from amparo.foundation.audit.rules import raise_unreachable
from amparo.foundation.places import places

from . import mapping


@dataclass(frozen=True)
class ExportScope:
    """How much of a case is exported, beyond picklist values, ages, places and dates."""

    words: bool = False  # include free text that nobody reviewed: it may name anybody
    # the persons whose identity is included, and which data
    identity_data: Mapping[UUID, frozenset[Data]] = field(default_factory=dict)
    excluded: frozenset[UUID] = frozenset()  # ids of the persons at risk of whom nothing is exported


NOTHING_WRITTEN = ExportScope()


def case_outline(case: Case, extent: ExportScope = NOTHING_WRITTEN) -> tuple[str, list[UUID]]:
    """Return the outline of one case as JSON, and the ids of the persons in it, in order."""
    with connection.cursor() as cursor:
        cursor.execute(ONE, _parameters(excluded=list(extent.excluded), case=case.pk))
        record, people = cursor.fetchone()
    return record, people or []


def next_outlines(after: int, at_most: int) -> list[tuple[int, str]]:
    """Return the outlines of the next cases after this number as JSON, each with the number of its case.

    A case whose disclosure cannot be logged is not returned.
    """
    with raise_unreachable("export_case"), connection.cursor() as cursor:
        cursor.execute(SOME, _parameters(excluded=[], after=after, at_most=at_most))
        found: list[tuple[int, str]] = cursor.fetchall()
    return found


def _parameters(**more: Any) -> dict[str, Any]:
    with translation.override("es"):
        added = {code: label for code, label in Closing.options() if code not in Closing.values}
    zone = timezone.get_current_timezone_name()
    return {**_values_by_list(), "closing": json.dumps(added), "zone": zone, **more}


@functools.cache
def _values_by_list() -> dict[str, str]:
    """Return lists by name, each a JSON object: our picklist values -> the standard's, or place codes -> names."""
    lists: dict[str, dict[Any, str]] = {
        "status": mapping.STATUS, "gender": mapping.GENDER, "language": mapping.LANGUAGE, "event": mapping.EVENT,
        "exploitation": mapping.EXPLOITATION, "control": mapping.CONTROL, "result": mapping.RESULT,
        "body": mapping.BODY,
        "place": places.place_names(),
    }  # fmt: skip
    return {name: json.dumps(words) for name, words in lists.items()}


def _lookup_sql(words: str, code: str) -> str:
    """Return SQL that looks up a code in one of `_values_by_list`, and gives the standard's value as JSON, or null.

    The list is in a subselect, so that PostgreSQL parses its JSON once in a statement and not for each row.
    """
    return f"((select %({words})s::jsonb) -> {code})::text"


def _text_sql(column: str) -> str:
    """Return SQL that gives a text column as JSON, or null if it is blank."""
    return f"to_json(nullif({column}, ''))::text"


def _record_sql(**fields: str) -> str:
    """Return SQL that joins the fields that are not null into one record, or gives null. Each field is SQL for JSON."""
    named = (f"""'"{name}": ' || {value}""" for name, value in fields.items())
    return f"nullif(concat_ws(', ', {', '.join(named)}), '')"


def _object_sql(record: str) -> str:
    """Return SQL that puts a record into braces."""
    return f"'{{' || {record} || '}}'"


def _list_sql(each: str) -> str:
    """Return SQL that puts records or values into brackets."""
    return f"'[' || {each} || ']'"


def _values_answered_yes_sql(words: str) -> str:
    """Return SQL for a list of the standard's values for the items answered with yes: each once, sorted."""
    values = _list_sql(f"""string_agg(distinct {_lookup_sql(words, "item")} collate "C", ', ')""")
    found = f"select {values} from jsonb_each_text(screening.answers) as each(item, answer) where answer = 'yes'"
    return f"case when screening.answers is not null then ({found}) end"


# The newest one counts.
SIGNED = "select result from screening_assessment where person_id = person.id order by signed_at desc limit 1"


def _newest_decision_sql(column: str) -> str:
    """Return SQL for a column of the newest decision of a competent body."""
    return f"""(select {column} from screening_recognition where person_id = person.id
        order by decided_on desc, written_at desc limit 1)"""


SPOKEN = f"""select array_agg({_lookup_sql("language", "code")} order by place) as languages
    from unnest(person.languages) with ordinality as spoken(code, place) where (select %(language)s::jsonb) ? code"""

EVENT = _record_sql(
    hte_Type=_lookup_sql("event", "kind"), hte_Country=_text_sql("country"),
    hte_State=_lookup_sql("place", "left(ubigeo, 2)"),
    hte_City=f"case when length(ubigeo) > 2 then {_lookup_sql("place", "ubigeo")} end", hte_Date="to_json(since)::text",
)  # fmt: skip
EVENTS = f"""select string_agg({_object_sql(EVENT)}, ', ' order by since, id) from cases_event
        where person_id = person.id and not is_mistake"""

VICTIM = _record_sql(
    vic_AgeWhenTrafficked="age_at_events",
    vic_TraffickingStatus=_lookup_sql("result", f"coalesce({_newest_decision_sql("status")}, ({SIGNED}))"),
    vic_TraffickingStatusDecisionMakingOrg=_lookup_sql("body", _newest_decision_sql("body")),
    vic_TypeOfExploitation=_values_answered_yes_sql("exploitation"),
    vic_MethodsOfControl=_values_answered_yes_sql("control"),
)  # fmt: skip

PERSON = _record_sql(
    prs_Citizenship=_list_sql(_text_sql("citizenship")), prs_Gender=_lookup_sql("gender", "gender"),
    prs_PrimaryLanguage="spoken.languages[1]", prs_SecondaryLanguage="spoken.languages[2]",
    VictimContext=f"case when part = 'at_risk' then {_object_sql(VICTIM)} end",
    HistoricTraffickingEvent=f"case when part = 'at_risk' then {_list_sql(f'({EVENTS})')} end",
    PerpetratorContext="""case when part = 'alleged_perpetrator' then '{"per_RoleInProcess": ["Other"]}' end""",
)  # fmt: skip
# Callers are in no record, and a merged person is exported as the one they were merged into.
PEOPLE = f"""select string_agg({_object_sql(f"coalesce({PERSON}, '')")}, ', ' order by number) as records,
        array_agg(person.id order by number) as ids
    from people_person person left join screening_screening screening on screening.person_id = person.id,
        lateral ({SPOKEN}) spoken
    where person.key_id = of.key_id and part <> 'caller'
        and not exists (select from people_person other where other.id = person.merged_into_id
            and other.key_id = person.key_id)
        and person.id <> all(%(excluded)s::uuid[])"""

REFERRAL = _record_sql(
    cas_ReferredOrganisation=_text_sql("agency.name"), cas_ReasonForOutgoingReferral="""'"Other"'""",
    cas_OutgoingReferralDate="to_json((sent_at at time zone %(zone)s)::date)::text",
)  # fmt: skip
REFERRALS = f"""select string_agg({_object_sql(REFERRAL)}, ', ' order by sent_at)
    from police_reports_report report join access_agency agency on agency.id = to_agency_id
    where report.case_id = of.id and person_id <> all(%(excluded)s::uuid[])
        and not exists (
            select from police_reports_reportevent e where e.report_id = report.id and e.kind = 'recalled')"""

AGREED = """select exists (select from consent_consent where consent_consent.key_id = of.key_id
    and withdrawn_at is null and person_id <> all(%(excluded)s::uuid[]))"""

# A word that the line added leaves in Spanish: its code means nothing elsewhere.
CLOSING = f"coalesce({_lookup_sql('closing', 'closing')}, {_text_sql('closing')})"
CASE = _record_sql(
    Case=_object_sql(_record_sql(cas_Status=_lookup_sql("status", "state"), cas_ReasonForCaseClosure=CLOSING)),
    Person=_list_sql("people.records"),
    ReferralDetails=_list_sql(f"({REFERRALS})"),
    Consent=_object_sql(_record_sql(con_Consent=f"to_json(({AGREED}))::text")),
)

ONE = f"""select {_object_sql(CASE)}, people.ids from cases_case of, lateral ({PEOPLE}) people where of.id = %(case)s"""
SOME = f"""
with of as materialized (
    select id, key_id, number, state, closing from cases_case where number > %(after)s
    order by number limit %(at_most)s
), told as materialized (
    select audit.append_each('export_case', array_agg('case ' || id), '{{}}', array_agg(key_id)) from of
) select number, {_object_sql(CASE)} from told, of, lateral ({PEOPLE}) people order by number"""
