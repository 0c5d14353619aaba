"""The search finds what a person may open and nothing else, and the ledger says which files were found."""

import pytest
from django.test import Client
from django.utils import timezone

from amparo.care.cases.rules import open_case
from amparo.care.people.codenames import PAIRS, code_name, remainders_of_names
from amparo.foundation.access.models import Role, User
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.plain_text import plain
from amparo.foundation.vault.models import Grant
from amparo.line.contacts.rules import open_contact
from amparo.line.switchboard.models import Call, State
from amparo.screens.home.search import ACTIONS, search

NOW = timezone.now()


@pytest.fixture
def case(ana):
    call = Call.objects.create(arrived_at=NOW, answered_at=NOW, state=State.TALKING, operators=[ana.pk])
    return open_case(open_contact(call, by=ana, now=NOW), by=ana, now=NOW)


def found(user: User, typed: str) -> list[str]:
    with acting_as(user.acting()):
        return [hit.address for kind in search(typed, by=user) for hit in kind.hits]


def name_of(case) -> str:
    return case.persons.get(part="at_risk").code_name


def entries(what: str) -> list[str]:
    return list(Entry.objects.filter(what=what).values_list("about", flat=True))


@pytest.mark.parametrize("shape", ["L-{}", "l{}", " L {} ", "{}"])
def test_a_case_is_found_by_its_code(ana, case, shape):
    assert f"/cases/{case.pk}" in found(ana, shape.format(case.number))


def test_a_case_is_found_by_its_code_name_without_accents(ana, case):
    with acting_as(ana.acting()):
        name = name_of(case)
    assert found(ana, plain(name)) == [f"/cases/{case.pk}"]
    assert f"/cases/{case.pk}" in found(ana, plain(name.split()[1])[:4])


def test_the_newest_own_cases_of_a_code_name_are_found_without_duplicates(ana, rufino, marta, monkeypatch):
    """An operator's search begins from the own files, a supervisor's from the names: both find the same."""
    monkeypatch.setattr("amparo.screens.home.search.SHOWN", 2)
    made = {}
    for number, operator in ((7, ana), (7 + PAIRS, ana), (7 + 2 * PAIRS, ana), (7 + 3 * PAIRS, rufino)):
        call = Call.objects.create(arrived_at=NOW, answered_at=NOW, state=State.TALKING, operators=[operator.pk])
        case = open_case(open_contact(call, by=operator, now=NOW), by=operator, now=NOW)
        case.persons.filter(part="at_risk").update(number=number)
        made[f"/cases/{case.pk}"] = case
    oldest, middle, newest, of_rufino = made
    for address in (oldest, newest):  # a second copy of the key, under which she may read it too
        copy = Grant.objects.get(key=made[address].key_id, holder=f"u{ana.pk}")
        copy.holder = "1:operator"
        copy.save(force_insert=True)
    name = plain(code_name(7))
    assert set(found(ana, name)) == {newest, middle}
    assert set(found(rufino, name)) == {of_rufino, newest}
    assert set(found(marta, name)) == {of_rufino, newest}


def test_every_code_name_is_found_again():
    for number in range(1, PAIRS + 1, 37):
        name = code_name(number)
        assert number % PAIRS in remainders_of_names(plain(name).split()), name


def test_somebody_elses_case_is_not_found(rufino, ana, case):
    ines = User.objects.create(username="ines", role=Role.CASE_WORKER)
    with acting_as(ana.acting()):
        name = name_of(case)
    for user in (rufino, ines):
        assert found(user, case.code) == []
        assert found(user, name) == []


def test_the_ledger_says_which_files_were_found_and_by_no_word(ana, case):
    before = len(entries("search_records"))
    found(ana, case.code)
    assert entries("search_records")[before:] == [f"case {case.pk}"]
    found(ana, "zzzz")
    assert len(entries("search_records")) == before + 1


def test_pages_and_guides_are_found_by_their_names_for_those_who_may(ana, stranger):
    assert "/cases" in found(ana, "casos")
    assert "/cases" not in found(stranger, "casos")
    assert "/installation" in found(stranger, "instal")
    assert "/help/es/glossary/" in found(ana, "glosario")


def test_what_is_done_on_another_page_is_found_by_its_verb_for_those_who_may(ana, marta, stranger):
    assert "/contacts/enter" in found(ana, "contacto a mano")
    assert "/knowledge/add" not in found(ana, "escribir un articulo")
    assert "/knowledge/add" in found(marta, "escribir un articulo")
    assert "/staff" in found(stranger, "agregar a alguien")
    for user in (ana, marta, stranger):
        client = Client()
        client.force_login(user)
        for action in ACTIONS:
            if action.may(user):
                assert client.get(action.address).status_code == 200, action.page


def test_a_colleague_is_found_with_their_role(ana, rufino):
    with acting_as(ana.acting()):
        [kind] = [kind for kind in search("rufino", by=ana) if kind.hits[0].icon == "people"]
    assert [hit.label for hit in kind.hits] == ["Rufino E."]


def test_one_letter_and_nothing_find_nothing(ana, case):
    assert found(ana, "") == found(ana, "a") == []


def test_words_are_posted_and_stand_in_no_address(ana, case):
    client = Client()
    client.force_login(ana)
    page = client.post("/search", {"q": case.code})
    assert page.status_code == 200
    assert f'href="/cases/{case.pk}"' in page.content.decode()
    assert case.code not in client.get("/search", {"q": case.code}).content.decode()


@pytest.mark.parametrize("typed", ["a\x00bc", "%", "'; drop table", "_" * 5000, "L-" + "9" * 40, "ñ" * 300, "😀😀"])
def test_anything_may_be_typed(ana, typed):
    client = Client()
    client.force_login(ana)
    assert client.post("/search", {"q": typed}).status_code == 200
