"""An analyst saves a view under a name, opens it again and removes it; nobody else sees it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client

from amparo.figures.publishing.models import SavedView
from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import Role, User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused

from .test_the_desk import at

pytestmark = pytest.mark.django_db
VIEW = {"what": "contacts.contacts_by_channel", "period": "2024-01-01"}


@pytest.fixture
def a_quarter_published(publish) -> None:
    publish(1, {"15": 12, "": 12})


def test_a_view_is_saved_opened_and_removed(a_quarter_published, alba):
    client = at(alba)
    saved = client.post("/analysis/views", {**VIEW, "name": "Channels in winter"})
    assert saved.headers["Location"] == "/analysis?what=contacts.contacts_by_channel&period=2024-01-01"
    page = client.get("/analysis?language=en").content.decode()
    assert "Channels in winter" in page
    assert "Contacts by channel: January to March 2024" in page
    client.post("/analysis/views", {**VIEW, "what": "contacts.months", "name": "Channels in winter"})  # replaces it
    with acting_as(alba.acting()):
        (view,) = SavedView.objects.all()
    assert view.what == "contacts.months"
    client.post(f"/analysis/views/{view.pk}/remove")
    assert "Channels in winter" not in client.get("/analysis?language=en").content.decode()


def test_nobody_else_sees_or_removes_it(a_quarter_published, alba, paula):
    at(alba).post("/analysis/views", {**VIEW, "name": "Mine"})
    other = User.objects.create(username="another", role=Role.ANALYST)
    with acting_as(alba.acting()):
        view = SavedView.objects.get()
    for user in (other, paula):
        with acting_as(user.acting()):
            assert not SavedView.objects.exists()
        assert "Mine" not in at(user).get("/analysis").content.decode()
        assert at(user).post(f"/analysis/views/{view.pk}/remove").status_code == 404
    with acting_as(alba.acting()):
        assert SavedView.objects.exists()


@pytest.mark.parametrize("wrong", [{"name": " "}, {"what": "contacts.names"}, {"period": "1999"}])
def test_a_view_without_a_name_or_of_nothing_is_refused(a_quarter_published, alba, wrong):
    refused = at(alba).post("/analysis/views", {**VIEW, "name": "x", **wrong})
    assert refused.status_code == 409
    with acting_as(alba.acting()):
        assert not SavedView.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_view_that_is_saved_six_times_at_once_is_saved_once(a_quarter_published, alba):
    clients = [at(alba) for _ in range(6)]

    def save(client: Client) -> int:
        try:
            return client.post("/analysis/views", {**VIEW, "name": "Twice"}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(clients)) as threads:
        assert list(threads.map(save, clients)) == [302] * len(clients)
    with acting_as(alba.acting()):
        assert SavedView.objects.count() == 1


def test_a_row_that_somebody_else_saved_first_is_refused_in_a_sentence(alba, now):
    """For every action: the database refused the second row, and nothing is kept."""

    @action(permissions.analyse, label="made twice in a test")
    def make_twice(*, by: User) -> None:
        for _number in range(2):
            SavedView.objects.create(owner=by, name="x", what="x", period="x", saved_at=now)

    with pytest.raises(Refused, match="saved at the same moment"):
        make_twice(by=alba)
    with acting_as(alba.acting()):
        assert not SavedView.objects.exists()
