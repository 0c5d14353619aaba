"""The directory leaves and returns as HSDS 3.0 JSON: unchanged, all or nothing, without confidential places."""

import contextlib
import copy
import json
import uuid
from datetime import date, datetime, time

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from amparo.care.directory.commands import to_json
from amparo.care.directory.hsds_export import export_document
from amparo.care.directory.hsds_import import InvalidRecord, import_document
from amparo.care.directory.models import Location, Organization, Phone, Service
from amparo.care.directory.rules import change_service
from tests.repetitions import repeat

from .conftest import ALL_DAYS
from .test_who_takes_her import LIMA

NOW = datetime(2026, 11, 26, tzinfo=LIMA)  # the day after the test directory was verified
CANARY = "Jirón Canario 4321"


def text() -> bytes:
    return to_json(export_document()).encode()


@pytest.fixture
def door(organization):
    def door(service: Service, **known) -> Location:
        it = Location.objects.create(organization=organization, **known)
        it.services.add(service)
        return it

    return door


@pytest.fixture
def full(offer, door) -> Service:
    """A service with a value in every field."""
    it = offer(
        hours=((["WE", "MO"], time(22), time(6)),), minimum_age=12, maximum_age=17, application_process="llame antes",
        wait_time="un día", alert="hasta nuevo aviso", agreement_until=date(2027, 1, 1), verify_every_days=30,
    )  # fmt: skip
    Phone.objects.create(service=it, number="+51 900 000 000", description="de ejemplo")
    door(
        it,
        name="Sede de Ejemplo",
        address_1="Calle Inventada 1",
        ubigeo="170101",
        latitude=-12.5936,
        longitude=-69.1767,
    )
    return it


def test_it_reads_as_hsds_says(full):
    (organization,) = export_document()["contents"]
    (service,) = organization["services"]
    assert (service["minimum_age"], service["status"], service["assured_date"]) == (12, "active", "2026-11-25")
    assert service["schedules"][0] | {"id": ""} == {
        "id": "", "freq": "WEEKLY", "byday": "MO,WE", "opens_at": "22:00:00", "closes_at": "06:00:00",
    }  # fmt: skip
    address = service["service_at_locations"][0]["location"]["addresses"][0]
    assert (address["city"], address["state_province"], address["country"]) == ("Tambopata", "Madre de Dios", "PE")
    assert [it["taxonomy_term"]["code"] for it in service["attributes"]] == ["women", "girls"]


def test_what_left_comes_back_the_same(full):
    before = export_document()
    Organization.objects.all().delete()
    done = import_document(to_json(before).encode(), now=NOW)
    assert (done.organizations, done.services, done.left_out) == (1, 1, set())
    assert export_document() == before


def test_coming_twice_changes_nothing(full):
    before = text()
    for _ in range(2):
        import_document(before, now=NOW)
    assert text() == before


def test_no_confidential_place_is_in_the_file_and_it_stays_here(full, door):
    secret = door(full, is_confidential=True)
    assert str(secret.pk) not in text().decode()
    import_document(text(), now=NOW)
    assert secret in full.locations.all()


def test_the_database_refuses_an_address_of_a_confidential_place(organization):
    for known in ({"address_1": CANARY}, {"latitude": 0, "longitude": 0}, {"ubigeo": "17"}, {"name": CANARY}):
        with pytest.raises(Exception, match="a_confidential_location_has_no_address"), transaction.atomic():
            Location.objects.create(organization=organization, is_confidential=True, **known)


def test_even_an_address_that_should_not_be_here_is_not_in_the_file(full, door):
    """Without the constraint, as after a fault of ours: the export alone must leave the address out."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")
            cursor.execute("alter table directory_location drop constraint a_confidential_location_has_no_address")
        secret = door(
            full, is_confidential=True, address_1=CANARY, name=CANARY, latitude=-12.98765, longitude=-69.98765
        )
        assert not any(sign in text() for sign in (b"Canario", b"12.98765", b"69.98765", str(secret.pk).encode()))
        secret.is_confidential = False  # and a scan that finds nothing finds it when it is there
        secret.save()
        assert CANARY.encode() in text()
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("where", "value", "says"),
    [
        (("minimum_age",), "doce", ["Servicio de Ejemplo", "minimum_age", "doce"]),
        (("minimum_age",), 400, ["minimum_age", "400"]),
        (("status",), "open", ["status", "open"]),
        (("id",), "7", ["id", "«7»", "UUID"]),
        (("name",), None, ["name"]),
        (("schedules", 0, "byday"), "MO,XX", ["schedule", "byday", "MO,XX"]),
        (("schedules", 0, "opens_at"), "25:00", ["opens_at", "25:00"]),
        (("languages", 0, "code"), "klingon", ["language", "code", "klingon"]),
        (("service_areas", 0, "extent"), "PE 99", ["extent", "PE 99"]),
        (("amparo", "verified_at"), "yesterday", ["verified_at", "yesterday"]),
        (("amparo", "verified_at"), "2026-11-27T00:00:00-05:00", ["verified_at", "2026-11-27", "to come"]),
        (("name",), "a\ud800", ["name", "cannot be read"]),
        (("name",), "a\0b", ["name", "cannot be read"]),
        (("service_at_locations", 0, "location", "latitude"), 400, ["latitude", "400"]),
        pytest.param(
            ("service_at_locations", 0, "location", "latitude"), 10**400, ["latitude", "cannot be read"], id="huge"
        ),
        (("phones",), "123", ["phones", "123"]),
        (("phones", 0, "number"), "", ["phone", "number"]),
    ],
)
def test_a_wrong_file_is_refused_in_a_sentence_that_names_record_field_and_value(full, where, value, says):
    before = export_document()
    wrong = copy.deepcopy(before)
    other = wrong["contents"][0] | {"id": str(uuid.uuid4()), "services": []}
    wrong["contents"].insert(0, other)  # comes first, and is valid
    place = wrong["contents"][1]["services"][0]
    for step in where[:-1]:
        place = place[step]
    place[where[-1]] = value
    with pytest.raises(Exception, match=r"^[^\n]+\.$") as refused:
        import_document(json.dumps(wrong).encode(), now=NOW)
    assert all(word in str(refused.value) for word in says), str(refused.value)
    assert export_document() == before  # nothing of the file was saved


@pytest.mark.parametrize(
    "rubbish", [b"", b"\xff\xfe", b"[" * 100_000, b"{}", b'"x"', b"[1]", b'{"contents": 3}', b"NaN"]
)
def test_what_is_no_directory_at_all_is_refused(db, rubbish):
    with pytest.raises(Exception, match=r"^[^\n]+\.$"):
        import_document(rubbish, now=NOW)


def test_fields_that_have_no_place_here_are_named(full):
    document = export_document()
    document["contents"][0]["services"][0]["funding"] = [{"id": str(uuid.uuid4())}]
    assert import_document(to_json(document).encode(), now=NOW).left_out == {"service.funding"}


WORDS = some.text(some.characters(exclude_categories=["Cs", "Cc"]), max_size=30)
IDS = some.uuids().map(str)
SERVICES = some.fixed_dictionaries(
    {
        "id": IDS, "name": WORDS.filter(bool),
        "status": some.sampled_from(["active", "inactive", "defunct", "temporarily closed"]),
        "amparo": some.fixed_dictionaries(
            {"verify_every_days": some.integers(1, 730), "answer_hours": some.integers(1, 720)}
        ),
    },
    optional={
        "description": WORDS.filter(bool), "application_process": WORDS.filter(bool), "alert": WORDS.filter(bool),
        "minimum_age": some.integers(0, 18), "maximum_age": some.integers(18, 120),
        "phones": some.lists(
            some.fixed_dictionaries({"id": IDS, "number": WORDS.filter(bool)}), min_size=1, max_size=2
        ),
        "schedules": some.lists(
            some.fixed_dictionaries(
                {"id": IDS, "byday": some.sampled_from(["MO", "MO,TU", ",".join(ALL_DAYS)]),
                 "opens_at": some.times().map(lambda it: it.replace(microsecond=0).isoformat()),
                 "closes_at": some.just("06:00:00")}
            ), min_size=1, max_size=2,
        ),
        "service_areas": some.lists(
            some.fixed_dictionaries({"id": IDS, "extent": some.sampled_from(["PE", "PE 17", "PE 1701", "PE 170101"])}),
            min_size=1, max_size=3, unique_by=lambda it: it["extent"],
        ),
        "languages": some.lists(
            some.sampled_from([{"code": "es"}, {"code": "qu"}, {"code": "prl"}]), min_size=1, unique_by=str
        ),
    },
)  # fmt: skip
ORGANIZATIONS = some.fixed_dictionaries(
    {"id": IDS, "name": WORDS.filter(bool), "description": WORDS.filter(bool),
     "services": some.lists(SERVICES, max_size=2)}
)  # fmt: skip


@pytest.mark.soak
@pytest.mark.timeout(repeat(300, 20_000))
@settings(
    max_examples=repeat(25, 600), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(contents=some.lists(ORGANIZATIONS, max_size=2))
def test_whatever_may_stand_in_it_comes_back_the_same(db, contents):
    with transaction.atomic():
        import_document(json.dumps({"contents": contents}).encode(), now=NOW)
        before = export_document()
        Organization.objects.all().delete()
        import_document(to_json(before).encode(), now=NOW)
        assert export_document() == before
        assert {it["id"] for it in before["contents"]} == {it["id"] for it in contents}
        names = {it["id"]: it["name"] for of in before["contents"] for it in of.get("services", [])}
        assert names == {it["id"]: it["name"] for of in contents for it in of["services"]}
        transaction.set_rollback(True)


@pytest.mark.soak
@pytest.mark.timeout(repeat(300, 20_000))
@settings(
    max_examples=repeat(25, 600), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    document=some.recursive(
        some.none() | some.booleans() | some.integers() | some.floats() | WORDS | some.just("\x00"),
        lambda inner: (
            some.lists(inner, max_size=3)
            | some.dictionaries(some.sampled_from(["id", "name", "services", "contents", "phones", "amparo"]), inner)
        ),
        max_leaves=12,
    )
)
def test_no_json_breaks_it(db, document):
    with transaction.atomic():
        with contextlib.suppress(InvalidRecord):
            import_document(json.dumps(document).encode(), now=NOW)
        transaction.set_rollback(True)


SHEET = {
    "name": "Servicio de Ejemplo", "status": "active", "accepts": ["women"], "areas": ["17"], "languages": ["es"],
    "verify_every_days": 90, "answer_hours": 24, "hours": [], "phones": [],
}  # fmt: skip


def shown(it: Location) -> dict:
    """Return the location as the editor's form sends it again."""
    names = ("address_1", "ubigeo", "transportation", "latitude", "longitude")
    return {name: getattr(it, name) for name in names} | {"is_confidential": False}


def test_a_correction_leaves_the_doors_that_came_by_a_file(full, offer, door, delia):
    """A location shared with another service, a second one of its own, and the name of the one on the form."""
    (first,) = full.public_places
    other = offer(name="Otro servicio de ejemplo")
    first.services.add(other)
    second = door(full, name="Otra sede", address_1="Calle Inventada 2")
    change_service(full, door=shown(full.public_places[0]), **SHEET, by=delia)
    assert ({first, second}, [first]) == (set(full.locations.all()), other.public_places)
    change_service(full, door=shown(first) | {"address_1": "Calle Inventada 3"}, **SHEET, by=delia)
    assert len(full.public_places) == 2
    assert [it.address_1 for it in other.public_places] == ["Calle Inventada 1"]


def test_a_door_that_becomes_confidential_is_in_no_file_by_another_service(full, offer, delia):
    (first,) = full.public_places
    first.services.add(offer(name="Otro servicio de ejemplo"))
    nowhere = dict.fromkeys(("address_1", "ubigeo", "transportation"), "") | {"latitude": None, "longitude": None}
    change_service(full, door=nowhere | {"is_confidential": True}, **SHEET, by=delia)
    assert (full.is_confidential, "Calle Inventada 1" in text().decode()) == (True, False)


def test_by_telephone_alone_it_has_no_door(full, delia):
    nowhere = dict.fromkeys(("address_1", "ubigeo", "transportation"), "") | {"latitude": None, "longitude": None}
    change_service(full, door=nowhere | {"is_confidential": False}, **SHEET, by=delia)
    assert not Location.objects.exists()
