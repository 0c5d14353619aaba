"""The demonstration shows an estimate of hidden people, also where the extra `estimation` is not installed."""

import json

import pytest
from django.test import Client

from amparo.demo import people
from amparo.demo.compute_estimate import compute
from amparo.demo.estimate import COMPUTED, invent_estimate
from amparo.figures.estimation.models import Estimate
from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as
from amparo_estimation import words
from amparo_estimation.spanish import SPANISH


def models_and_points(drawn: dict) -> list[tuple]:
    """Without the latent classes: their draws differ between processors."""
    return [(it["method"], it["model"], it["point"]) for it in drawn["results"] if it["method"] != "latent"]


def test_what_the_demonstration_shows_is_what_the_package_computes():
    shipped, computed = json.loads(COMPUTED.read_text()), compute()
    assert shipped["lists"] == computed["lists"]
    (_, one, first), (_, other, second) = models_and_points(computed["drawn"])
    assert models_and_points(shipped["drawn"]) == [
        ("stepwise", one, pytest.approx(first, rel=1e-6)), ("bic", other, pytest.approx(second, rel=1e-6)),
    ]  # fmt: skip
    assert shipped["drawn"]["histories"] == computed["drawn"]["histories"]


@pytest.mark.django_db
def test_a_publisher_of_the_demonstration_reads_an_estimate(now):
    people.invent_people()
    paula = User.objects.get(username="paula")
    invent_estimate(paula, now)
    with acting_as(paula.acting()):
        made = Estimate.objects.get()
    client = Client()
    client.force_login(paula)
    page = client.get(f"/estimates/{made.pk}?language=es").content.decode()
    assert SPANISH[words.TOO_LOW] in page
    assert page.count('<svg class="chart"') in (6, 7)
