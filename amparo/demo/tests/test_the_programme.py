"""The demonstration's campaign, event, testimony, plan and note: of the true shape, and visibly invented."""

import pytest

from amparo.demo import people, programme
from amparo.foundation.access.models import User
from amparo.foundation.core import published_documents
from amparo.foundation.core.actor import acting_as
from amparo.programme.campaigns.models import Campaign, Spot
from amparo.programme.events.models import Event, Pledge
from amparo.programme.news.models import Note
from amparo.programme.plan.models import Indicator, Law, Node, Plan
from amparo.programme.plan.picklists import LawState

OF_2007 = {"axis": 3, "objective": 10, "goal": 27, "activity": 60}


@pytest.fixture
def invented(db):
    people.invent_people()
    programme.invent_programme()
    yield
    for folder in ("events", "testimonies", "plan", "news"):
        published_documents.replace_documents(folder, {})


@pytest.mark.usefixtures("invented")
def test_the_plan_has_the_shape_of_that_of_2007():
    with acting_as(User.objects.get(username="pilar").acting()):
        plan = Plan.objects.get()
        assert {kind: plan.nodes.filter(kind=kind).count() for kind in OF_2007} == OF_2007
        assert Node.objects.count() == sum(OF_2007.values())
        assert Indicator.objects.filter(node__kind="activity").count() == 130
        assert [it.node.number for it in Indicator.objects.exclude(measure="").select_related("node")] == ["1.1.1.1"]
        assert (plan.state, plan.is_invented) == ("approved", True)
        assert plan.law is not None
        assert plan.law.state(plan.starts_on) == LawState.BILL


@pytest.mark.usefixtures("invented")
def test_what_could_be_taken_for_real_says_that_it_is_invented():
    with acting_as(User.objects.get(username="carla").acting()):
        for text in (*Campaign.objects.values_list("name", flat=True), *Event.objects.values_list("title", flat=True),
                     *Note.objects.values_list("title_es", flat=True)):  # fmt: skip
            assert "inventada" in text
        assert all(testimony.text_es.startswith("Palabras inventadas") for event in Event.objects.all()
                   for testimony in event.testimonies.select_related("key"))  # fmt: skip


@pytest.mark.usefixtures("invented")
def test_inventing_twice_changes_nothing():
    programme.invent_programme()
    with acting_as(User.objects.get(username="carla").acting()):
        assert (Campaign.objects.count(), Spot.objects.count(), Pledge.objects.count()) == (1, 3, 2)
        assert Law.objects.count() == 10
