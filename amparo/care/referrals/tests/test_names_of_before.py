"""A name that was told before there were details is one of them since, and is read as ever."""

from importlib import import_module

import pytest
from django.db import connection

from amparo.care.consent.disclosure import Data, Recipient
from amparo.care.referrals.asking import ReferralDetail
from amparo.care.referrals.models import ReportDetail
from amparo.care.referrals.referring import refer
from amparo.care.referrals.rules import report_to_police
from amparo.ground.access.models import Agency, Kind

MADE = import_module("amparo.care.referrals.migrations.0015_details_one_by_one")
NAME, HEALTH = "Inventada Demo", "inventada"
TOLD = {Data.SUBJECT_IDENTITY: NAME, Data.SUBJECT_HEALTH: HEALTH}


@pytest.fixture
def details(person, service, permits, ana, now):
    """Of a referral and of a report, the name in a row of the number that it had before."""
    for recipient in (Recipient.SERVICE_PROVIDER, Recipient.POLICE):
        permits(Data.INCIDENT_FACTS, *TOLD, recipient=recipient)
    unit = Agency.objects.create(name="Invented unit", kind=Kind.POLICE)
    said = {"facts": "invented", "details": TOLD, "by": ana, "now": now}
    for it in (refer(person, service, **said), report_to_police(person, unit, source="victim", **said)):
        name = it.details[0]
        name.delete()
        name.pk, name.words = it.pk, NAME
        name.save(force_insert=True)


def by_an_owner_whom_the_policies_bind(table: str, *statements: str) -> None:
    """As where the database is somebody else's: there the owner is no superuser."""
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("create role the_owner; grant usage, create on schema public to the_owner")
        cursor.execute("grant usage on schema acting to the_owner; grant select on vault_grant to the_owner")
        cursor.execute("grant execute on all functions in schema acting to the_owner")
        cursor.execute(f"alter table {table} owner to the_owner; set role the_owner")
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("reset role")


@pytest.mark.parametrize(("model", "of"), [(ReportDetail, "report"), (ReferralDetail, "referral")])
def test_there_and_back_and_there_again_each_name_is_where_it_was(details, model, of):
    table, [once] = model._meta.db_table, model._meta.constraints
    names = {"table": table, "of": of, "unique": once.name}
    by_an_owner_whom_the_policies_bind(table, MADE.BACK.format(**names), MADE.FROM_ONE_TO_SEVERAL.format(**names))
    [name] = model.objects.select_related("key")  # what older code cannot tell apart from a name is gone
    assert (name.pk, name.data, name.words) == (getattr(name, f"{of}_id"), Data.SUBJECT_IDENTITY, NAME)
    with connection.cursor() as cursor:
        cursor.execute("select relforcerowsecurity from pg_class where oid = %s::regclass", [table])
        assert cursor.fetchone() == (True,)
