"""An institution that works with Amparo, and that the directory keeps too, is one to whoever agrees."""

from datetime import timedelta

import pytest

from amparo.care.cases.tests import agreeing
from amparo.care.consent.disclosure import Data, Decision, Recipient
from amparo.care.consent.institutions import code_of, find, offered, whom_of
from amparo.care.consent.models import Consent
from amparo.care.consent.rules import basis_for, may_be_told
from amparo.care.consent.table import table_of
from amparo.care.directory.models import Organization
from amparo.care.people.rules import describe_person
from amparo.ground.access.models import Agency, Kind

FACTS, SERVICE = Data.INCIDENT_FACTS, Recipient.SERVICE_PROVIDER


@pytest.fixture
def house(db) -> Agency:
    return Agency.objects.create(name="Refugio de Ejemplo", kind=Kind.SHELTER)


@pytest.fixture
def entry(db) -> Organization:
    return Organization.objects.create(name="Asociación de Ejemplo", description="inventada")


@pytest.fixture
def link(house, entry):
    """From now on they are known to be the same."""

    def link() -> None:
        entry.agency = house
        entry.save()

    return link


@pytest.fixture
def adult(case, ana, now):
    return describe_person(case.persons[0], age_at_events=30, age_certainty="sure", by=ana, now=now)


@pytest.fixture
def agree(adult, ana, now):
    return lambda row: agreeing.agree(adult, FACTS, to=code_of(row), by=ana, now=now)


def test_it_stands_once_in_the_list_by_its_entry(house, entry, link):
    assert {code_of(house), code_of(entry)} <= {code for code, _name in offered()[SERVICE]}
    link()
    assert offered()[SERVICE] == [(code_of(entry), "Asociación de Ejemplo")]
    assert find(code_of(house)) == find(code_of(entry)) == whom_of(house) == whom_of(entry)


@pytest.mark.parametrize("is_known", [True, False])
@pytest.mark.parametrize("to", ["house", "entry"])
def test_consent_to_the_one_holds_for_the_other(house, entry, link, adult, agree, now, to, is_known):
    """Before they were known to be the same, or after."""
    if is_known:
        link()
    rows = {"house": house, "entry": entry}
    agreed = agree(rows[to])
    told = {name for name, row in rows.items() if may_be_told(adult, whom_of(row), FACTS, now)[0] == Decision.ALLOW}
    assert told == (rows.keys() if is_known else {to})
    link()
    for row in rows.values():
        assert basis_for(adult, whom_of(row), FACTS, now).basis == (agreed.pk, agreed.expires_at)


def test_for_nobody_else(house, entry, link, adult, agree, now):
    link()
    agree(house)
    others = [
        Agency.objects.create(name="Otro de Ejemplo", kind=Kind.SHELTER),
        Organization.objects.create(name="Otra de Ejemplo", description="inventada"),
    ]
    assert not [it for it in others if may_be_told(adult, whom_of(it), FACTS, now)[0] == Decision.ALLOW]


def test_agreed_to_by_both_names_it_has_one_line(house, entry, link, adult, agree, now):
    Consent.objects.filter(pk=agree(house).pk).update(given_at=now - timedelta(hours=1))
    agree(entry)
    assert len([it for it in table_of(adult, now) if it.whom.codes]) == 2
    link()
    [line] = [it for it in table_of(adult, now) if it.whom.codes]
    assert (str(line.whom), line.told) == ("Asociación de Ejemplo", {FACTS})


def test_told_as_something_else_it_is_another(house, entry, link, adult, agree, now):
    agree(house)
    link()
    Organization.objects.update(told_as=Recipient.EMBASSY)
    for row in (house, entry):
        row.refresh_from_db()
    assert may_be_told(adult, whom_of(house), FACTS, now)[0] == Decision.ALLOW
    assert may_be_told(adult, whom_of(entry), FACTS, now)[0] == Decision.FORBID
    assert ([code for code, _name in offered()[SERVICE]], find(code_of(house)).codes) == (
        [code_of(house)], (code_of(house),)
    )  # fmt: skip


def test_suspended_it_is_offered_by_neither_name(house, entry, link):
    link()
    Organization.objects.update(trust="suspended")
    assert (SERVICE in offered(), find(code_of(house)), find(code_of(entry))) == (False, None, None)
