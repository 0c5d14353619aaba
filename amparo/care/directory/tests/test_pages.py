"""The directory's pages: the search, a service, and the editor's work."""

import json
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from amparo.care.cases.rules import add_member, open_case
from amparo.care.directory.models import Location, Organization, Service, VerificationTask
from amparo.care.people.rules import describe_person
from amparo.foundation.access.models import Role, User
from amparo.line.contacts.rules import open_contact
from amparo.line.switchboard.models import Call, State

QUERY = {"ubigeo": "Tambopata, Madre de Dios", "age": "16", "sex": "female", "language": "qu", "when": "any"}
HOURS = {
    "hours-TOTAL_FORMS": "1", "hours-INITIAL_FORMS": "1", "hours-0-byday": ["MO", "TU"], "hours-0-opens_at": "08:00",
    "hours-0-closes_at": "17:00",
}  # fmt: skip
PHONES = {"phones-TOTAL_FORMS": "1", "phones-INITIAL_FORMS": "1", "phones-0-number": "000 000 001"}
DOOR = {"door-kind": "public", "door-address_1": "Calle Inventada 9", "door-ubigeo": "Tambopata, Madre de Dios"}
SHEET = {
    "name": "Acogida inventada", "status": "active", "accepts": ["girls"], "areas": "Madre de Dios\nPerú",
    "languages": ["es", "qu"], "verify_every_days": "90", "answer_hours": "24", **HOURS, **PHONES, **DOOR,
}  # fmt: skip


def at(user: User) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user)
    return client


@pytest.fixture
def person(ana, now):
    call = Call.objects.create(arrived_at=now, answered_at=now, state=State.TALKING, operators=[ana.pk])
    case = open_case(open_contact(call, by=ana, now=now), by=ana, now=now)
    known = {
        "age_at_events": 16,
        "age_certainty": "sure",
        "gender": "feminine",
        "languages": ["qu"],
        "ubigeo_now": "1701",
    }
    return describe_person(case.persons[0], **known, by=ana, now=now)


@pytest.fixture
def where(person):
    from amparo.care.cases.models import Case

    return f"/cases/{Case.objects.get(key=person.key_id).pk}/people/{person.pk}/services"


def test_the_search_says_who_takes_her_and_draws_it(offer, ana, organization):
    door = Location.objects.create(organization=organization, ubigeo="170101", latitude=-12.5936, longitude=-69.1767)
    door.services.add(offer(application_process="ask for nobody"))
    shown = at(ana).post("/directory?language=en", QUERY).content.decode()
    for words in ("1 service takes the person", "Servicio de Ejemplo", "ask for nobody", "0 km"):
        assert words in shown, words
    assert shown.count('class="dot"') == 1
    dot, ring = (int(re.findall(f'{begins} cx=.* r="([0-9]+)"/>', shown)[0]) for begins in ("<circle", 'class="here"'))
    assert ring > dot
    assert '<b data-tone="good">open now</b>' in shown


def test_a_search_leaves_no_place_in_an_address(offer, ana):
    offer()
    assert at(ana).post("/directory", QUERY).status_code == 200  # answered directly, without a redirect to a URL
    assert "Tambopata" not in at(ana).get("/directory?ubigeo=1701").content.decode()


def test_from_a_case_it_is_filled_in(offer, ana, where):
    shown = at(ana).get(where).content.decode()
    assert all(words in shown for words in ('value="Tambopata, Madre de Dios"', 'value="16"', 'value="qu" selected'))


def test_with_the_group_where_her_record_knows_no_number(offer, ana, person, where, now):
    describe_person(person, age_at_events=None, age_certainty="", age_group="child", by=ana, now=now)
    assert 'value="child" selected' in at(ana).get(where).content.decode()
    offer("from 18", minimum_age=18), offer("from 12", minimum_age=12), offer("of any age")
    shown = at(ana).post(f"{where}?language=en", QUERY | {"age": "", "age_group": "child"}).content.decode()
    assert [name in shown for name in ("from 18", "from 12", "of any age")] == [False, True, True]
    assert shown.count("ask their age") == 1
    describe_person(person, age_now=20, based_on=1, by=ana, now=now)
    shown = at(ana).get(where).content.decode()
    assert ('value="20"' in shown, 'value="child" selected' in shown) == (True, False)


def test_who_is_not_in_the_team_is_asked_why_first(where, db):
    marta = User.objects.create(username="marta", role=Role.SUPERVISOR)
    rufino = User.objects.create(username="rufino")
    assert "Tambopata" not in at(marta).get(where).content.decode()
    assert at(rufino).get(where).status_code == 404


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(ana):
    refused = at(ana).post("/directory?language=en", QUERY | {"ubigeo": "Nowhere at all"})
    assert refused.status_code == 422
    assert all(
        words in refused.content.decode() for words in ("Where the person is: Choose a place", "Nowhere at all", '"16"')
    )


def test_only_stale_ones_come_with_the_words_to_say_so_and_an_errand(offer, ana, delia, now):
    old = offer(verified_at=now - timedelta(days=1000))
    shown = at(ana).post("/directory?language=en", QUERY).content.decode()
    assert all(
        words in shown
        for words in ("verified too long ago", "will not promise", "The editor of the directory was asked")
    )
    assert "was all that fits" in at(delia).get("/entries?language=en").content.decode()
    at(delia).post(reverse("directory-service-verify", args=[old.pk]))
    assert "was all that fits" not in at(delia).get("/entries?language=en").content.decode()


def test_an_editor_adds_an_institution_and_a_service_and_changes_them(delia, ana):
    typed = {
        "name": "Institución inventada",
        "description": "de nadie",
        "trust": "vetted",
        "recipient_kind": "service_provider",
    }
    made = at(delia).post("/entries/organizations/add", typed)["Location"]
    service = at(delia).post(f"{made}/services/add", SHEET)["Location"]
    shown = at(ana).get(f"{service}?language=en").content.decode()
    for words in ("Acogida inventada", "girls", "Quechua", "000 000 001", "Calle Inventada 9", "Mon, Tue 08:00–17:00"):
        assert words in shown, words
    it = Service.objects.get()
    assert (it.public_places[0].latitude, sorted(it.areas.values_list("ubigeo", flat=True))) == (-12.5936, ["", "17"])
    change = reverse("directory-service-change", args=[it.pk])
    assert 'value="08:00"' in at(delia).get(change).content.decode()
    at(delia).post(
        change, SHEET | {"name": "Otro nombre", "door-kind": "confidential", "door-address_1": "", "door-ubigeo": ""}
    )
    it = Service.objects.get()
    assert (it.name, it.is_confidential, it.public_places) == ("Otro nombre", True, [])
    at(delia).post(made, typed | {"trust": "suspended"})
    assert Organization.objects.get().trust == "suspended"


def test_a_correction_verifies_only_where_the_editor_says_so(offer, delia, now):
    it = offer(verified_at=now - timedelta(days=1000))
    change = reverse("directory-service-change", args=[it.pk])
    at(delia).post(change, SHEET)
    assert Service.objects.get().is_stale_at(now)
    at(delia).post(change, SHEET | {"verified": "yes"})
    assert not Service.objects.get().is_stale_at(now)


def test_the_page_of_a_service_leads_an_editor_to_what_falls_due_next(offer, ana, delia, now):
    fresh, old = offer(), offer(verified_at=now - timedelta(days=1000))
    addresses = [f"/directory/services/{it.pk}" for it in (fresh, old)]
    assert f'href="{addresses[1]}"' in at(delia).get(addresses[0]).content.decode()
    assert f'href="{addresses[1]}"' not in at(ana).get(addresses[0]).content.decode()
    assert "Next to verify" not in at(delia).get(f"{addresses[1]}?language=en").content.decode()


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"areas": "Nowhere"}, "Nowhere"), ({"minimum_age": "18", "maximum_age": "3"}, "youngest age"),
        ({"door-kind": "confidential"}, "nothing is kept here"), ({"hours-0-opens_at": ""}, "Hours need days"),
        ({"areas": " "}, "Which places"), ({"hours-TOTAL_FORMS": "x"}, "unreadable"),
        ({"door-latitude": "1"}, "latitude and a longitude"),
    ],
)  # fmt: skip
def test_a_refused_sheet_says_why_and_loses_nothing(delia, organization, typed, says):
    refused = at(delia).post(f"/entries/organizations/{organization.pk}/services/add?language=en", SHEET | typed)
    assert refused.status_code == 422
    assert says in refused.content.decode()
    assert "Acogida inventada" in refused.content.decode()
    assert not Service.objects.exists()


def test_all_that_is_wrong_on_a_sheet_is_said_at_once_and_leads_to_its_field(delia, organization):
    wrong = {
        "areas": "Nowhere",
        "agreement_until": "mañana",
        "phones-0-number": "ask at the door",
        "door-latitude": "x",
    }
    answer = at(delia).post(f"/entries/organizations/{organization.pk}/services/add", SHEET | wrong)
    assert answer.status_code == 422
    summary = answer.content.decode().split("error-summary")[1].split("</div></div>")[0]
    led = re.findall(r'href="#([^"]+)"', summary)
    assert led == ["id_areas", "id_agreement_until", "id_phones-0-number", "id_door-latitude"]
    assert all(f'id="{anchor}"' in answer.content.decode() for anchor in led)


@pytest.mark.parametrize("number", ["+51 (1) 555-0199", "105", "000 000 001"])
def test_a_number_that_can_be_called_is_taken(delia, organization, number):
    sheet = SHEET | {"phones-0-number": number}
    assert at(delia).post(f"/entries/organizations/{organization.pk}/services/add", sheet).status_code == 302
    assert organization.services.get().phones.get().number == number


def test_it_is_refused_in_spanish_too(delia, organization):
    typed = SHEET | {"minimum_age": "18", "maximum_age": "3"}
    refused = at(delia).post(f"/entries/organizations/{organization.pk}/services/add?language=es", typed)
    assert "La edad mínima es mayor que la máxima" in refused.content.decode()


def test_an_editor_takes_the_directory_along(offer, delia):
    offer()
    file = at(delia).get("/entries/hsds.json")
    assert json.loads(file.content)["contents"][0]["services"][0]["name"] == "Servicio de Ejemplo"
    assert "attachment" in file["Content-Disposition"]


def test_each_role_finds_its_own_pages(offer, ana, delia, outsider):
    it = offer()
    pages = ("/directory", f"/directory/services/{it.pk}", "/entries", f"/entries/services/{it.pk}/change")
    assert [at(ana).get(page).status_code for page in pages] == [200, 200, 404, 404]
    assert [at(delia).get(page).status_code for page in pages] == [200, 200, 200, 200]
    assert [at(outsider).get(page).status_code for page in pages] == [404] * 4


def test_what_needs_to_be_found_is_an_errand_that_is_ticked_off(ana, delia):
    at(ana).post("/directory", QUERY)
    shown = at(delia).get("/entries?language=en").content.decode()
    assert all(words in shown for words in ("Find a service", "girls", "Quechua", "Madre de Dios"))
    at(delia).post(reverse("directory-task-done", args=[VerificationTask.objects.get().pk]))
    assert VerificationTask.objects.get().done_by == delia


def test_a_colleague_of_the_team_searches_for_her_too(offer, ana, person, where, now, db):
    from amparo.care.cases.models import Case

    ines = User.objects.create(username="ines", role=Role.CASE_WORKER)
    add_member(Case.objects.get(key=person.key_id), ines, by=ana, now=now)
    assert at(ines).post(where, QUERY).status_code == 200
