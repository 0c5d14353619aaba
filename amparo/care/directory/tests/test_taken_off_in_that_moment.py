"""A service is taken off the public pages while a colleague's change is written there: it stays away."""

import threading
from collections.abc import Callable, Iterator

import pytest
from django.db import connection, transaction
from django.utils import timezone

from amparo.care.directory import public_services, rules
from amparo.care.directory.models import Service
from amparo.foundation.core import published_documents as documents

pytestmark = pytest.mark.django_db(transaction=True)
LONGEST = 20.0  # seconds that anybody may wait


@pytest.fixture
def service(offer, delia) -> Iterator[Service]:
    made = offer("Consultorio Quetzal", verified_at=timezone.now())
    rules.name_publicly(made, "01 555 0199", by=delia, now=timezone.now())
    yield made
    documents.replace_documents(public_services.FOLDER, {})


def is_named(service: Service) -> bool:
    return documents.read_document(public_services.FOLDER, str(service.pk)) is not None


def taken_off(service: Service, by) -> None:
    rules.take_off_public_pages(service, by=by)


def suspended(service: Service, by) -> None:
    rules.change_organization(service.organization, trust="suspended", by=by)


@pytest.mark.parametrize("act", [taken_off, suspended])
def test_after_the_commit_of_a_change_and_before_its_file(service, delia, act: Callable):
    def act_and_close() -> None:
        act(service, delia)
        connection.close()

    def act_meanwhile() -> None:
        thread = threading.Thread(target=act_and_close)
        thread.start()
        thread.join(LONGEST)

    assert is_named(service)
    with transaction.atomic():
        transaction.on_commit(act_meanwhile)  # what is registered first runs first
        rules.verify(service, by=delia, now=timezone.now())
    assert not is_named(service)


def test_the_control_a_change_that_nobody_takes_off_is_written(service, delia):
    documents.remove_document(public_services.FOLDER, str(service.pk))
    rules.verify(service, by=delia, now=timezone.now())
    assert is_named(service)
