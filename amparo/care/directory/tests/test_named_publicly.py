"""Services on the public pages: off by default, decided by an editor, never a house, never an address."""

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone

from amparo.care.directory import public_services, rules
from amparo.care.directory.hsds_export import export_document
from amparo.care.directory.hsds_import import import_document
from amparo.care.directory.models import Location, Phone, Service
from amparo.foundation.core import published_documents as documents
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.screens.site.tests.test_public_pages import SMALL, weigh

NUMBER = "01 555 0199"


@pytest.fixture(autouse=True)
def nothing_published():
    documents.replace_documents(public_services.FOLDER, {})
    yield
    documents.replace_documents(public_services.FOLDER, {})


@pytest.fixture
def now():
    """Pages ask the clock, so the services here are verified now."""
    return timezone.now()


@pytest.fixture
def service(offer) -> Service:
    made = offer("Consultorio Quetzal")
    Phone.objects.create(service=made, number="999 111 222", description="para derivar")
    made.locations.add(
        Location.objects.create(organization=made.organization, address_1="Jirón Planta 55", ubigeo="17")
    )
    return made


@pytest.fixture
def name(delia, now, django_capture_on_commit_callbacks):
    def name(service: Service, phone: str = NUMBER) -> Service:
        with django_capture_on_commit_callbacks(execute=True):
            return rules.name_publicly(service, phone, by=delia, now=now)

    return name


def read(path: str, language: str = "es") -> str:
    return Client().get(f"{path}?language={language}").content.decode()


def test_nothing_is_named_until_an_editor_decides(service, name, delia, now):
    public_services.rewrite_public_files()
    assert "Quetzal" not in read("/services/17")
    named = name(service)
    assert (named.public_by, named.public_since) == (delia, now)
    for language in ("es", "en", "qu"):
        page = read("/services/17", language)
        assert "Consultorio Quetzal" in page
        assert f'href="tel:{NUMBER.replace(" ", "")}"' in page
        assert "Madre de Dios" in read("/services", language)
    assert "Quetzal" not in read("/services/8")


def test_no_address_and_no_number_for_those_who_refer_is_public(service, name):
    name(service)
    [file] = [
        documents.read_document(public_services.FOLDER, each)
        for each in documents.document_names(public_services.FOLDER)
    ]
    for text in (read("/services/17"), str(file)):
        words = text.partition("</head>")[2] or text  # the styles of a page have numbers of their own
        assert not [each for each in ("Planta", "999", "para derivar") if each in words]


@pytest.mark.parametrize(
    "house",
    ["Albergue de Ejemplo", "Casa de Acogida Sol", "Hogar Sol", "CAR de Ejemplo", "Hogares de refugio temporal"],
)
def test_a_house_is_never_named(offer, name, house):
    with pytest.raises(Refused, match="People live there"):
        name(offer(house))
    assert documents.document_names(public_services.FOLDER) == []


def test_a_confidential_place_is_never_named_even_if_it_becomes_one_later(service, name, delia):
    name(service)
    service.locations.add(Location.objects.create(organization=service.organization, is_confidential=True))
    rules.verify(service, by=delia, now=timezone.now())
    assert "Quetzal" not in read("/services/17")
    with pytest.raises(Refused, match="confidential"):
        name(service)


def test_a_suspended_institution_takes_its_services_along(service, name, delia):
    name(service)
    rules.change_organization(service.organization, trust="suspended", by=delia)
    assert "Quetzal" not in read("/services/17")


def test_a_service_that_nobody_verified_in_time_is_not_shown(service, name, now):
    name(service)
    assert [each.document["name"] for each in public_services.named_publicly(now)] == ["Consultorio Quetzal"]
    assert public_services.named_publicly(now + timedelta(days=service.verify_every_days, seconds=1)) == []


def test_a_stale_or_inactive_service_is_refused(offer, name, now):
    with pytest.raises(Refused, match="Verify it first"):
        name(offer(verified_at=now - timedelta(days=91)))
    with pytest.raises(Refused, match="Nobody is sent there"):
        name(offer(status="inactive"))


def test_taken_off_it_is_gone_before_the_commit(service, name, delia):
    name(service)
    rules.take_off_public_pages(service, by=delia)  # the transaction of the test is still open
    assert "Quetzal" not in read("/services/17")
    fresh = Service.objects.get(pk=service.pk)
    assert (fresh.public_since, fresh.public_by, fresh.public_phone) == (None, None, "")


def test_files_are_written_again_from_the_database(service, name):
    name(service)
    documents.replace_documents(public_services.FOLDER, {})
    public_services.rewrite_public_files()
    assert "Quetzal" in read("/services/17")


def test_a_file_that_replaces_a_service_takes_it_off(service, name, now):
    import json

    name(service)
    import_document(json.dumps(export_document()).encode(), now=now)
    assert "Quetzal" not in read("/services/17")


def test_the_database_wants_somebody_who_decided(service, now):
    with pytest.raises(IntegrityError):
        Service.objects.filter(pk=service.pk).update(public_since=now)


def test_only_an_editor_decides(service, ana, now):
    with pytest.raises(Refused):
        rules.name_publicly(service, "", by=ana, now=now)
    with acting_as(ana.acting()):
        assert Service.objects.filter(pk=service.pk).update(public_phone="1") == 0


def test_an_editor_decides_on_the_page(service, delia, ana, django_capture_on_commit_callbacks):
    client, where = Client(), f"/directory/services/{service.pk}?language=en"
    client.force_login(delia)
    assert "Name it publicly" in client.get(where).content.decode()
    address = f"/entries/services/{service.pk}/public"
    refused = client.post(f"{address}?language=en", {"phone": NUMBER})
    assert (refused.status_code, "Ask the institution first" in refused.content.decode()) == (422, True)
    assert client.post(address, {"phone": "write to us", "agreed": "on"}).status_code == 422
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(address, {"phone": NUMBER, "agreed": "on"}).status_code == 302
    assert "Named, as Delia O. decided on" in client.get(where).content.decode()
    assert "Quetzal" in read("/services/17")
    assert client.post(f"/entries/services/{service.pk}/unname").status_code == 302
    assert "Quetzal" not in read("/services/17")
    client.force_login(ana)
    assert "Name it publicly" not in client.get(where).content.decode()


@pytest.mark.parametrize(("path", "status"), [("/services/26", 404), ("/services/0", 404), ("/services/170101", 404)])
def test_no_such_department(path, status):
    assert Client().get(path).status_code == status


def test_a_full_page_stays_small(now):
    for number in range(40):
        documents.write_document(public_services.FOLDER, f"x{number}", {
            "name": f"Servicio inventado número {number} de atención legal y apoyo", "phone": f"01 555 {number:04}",
            "institution": f"Institución inventada {number * 7919 % 997} con un nombre muy largo", "is_invented": True,
            "accepts": ["women", "girls", "lgbtiq", "families"], "languages": ["es", "qu", "en"], "always": False,
            "hours": [{"days": ["MO", "TU", "WE"], "from": "08:00:00", "to": f"{10 + number % 9}:30:00"}],
            "departments": ["", "17"], "until": (now + timedelta(days=9)).isoformat(),
        })  # fmt: skip
    for path in ("/services", "/services/17", "/services/17?page=2"):
        page = Client().get(path)
        assert page.content.decode().count("Servicio inventado") == 15
        assert weigh(page.content)[1] <= SMALL
        assert not page.cookies
