"""Estimates of hidden people: asked for on a page, computed by the worker, drawn with every doubt."""

import re
import sys

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext

from amparo.figures.estimation import rules, tasks
from amparo.figures.estimation.models import Estimate
from amparo.figures.estimation.page_content import estimate_for_page, shown_histories
from amparo.figures.estimation.sentences import SENTENCES
from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo_estimation import data_set, words
from amparo_estimation import lists as lists_of_the_package
from amparo_estimation.spanish import SPANISH

pytestmark = pytest.mark.django_db
KOREA = (lists_of_the_package.HISTORIES / "Korea.csv").read_text()


def at(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def reloaded(estimate: Estimate, user: User) -> Estimate:
    with acting_as(user.acting()):
        return Estimate.objects.get(pk=estimate.pk)


@pytest.fixture
def estimate(paula: User, now) -> Estimate:
    made = rules.ask_for_estimate("Three lists", KOREA, 1000, 7, by=paula, now=now)
    assert made.is_waiting
    return made


def test_the_worker_computes_what_a_publisher_asked_for(estimate, paula):
    tasks.estimate(estimate.pk)
    drawn = reloaded(estimate, paula).drawn
    assert [(it["method"], it["model"]) for it in drawn["results"]] == [
        ("stepwise", "[12,3]"), ("bic", "[12,23]"), ("latent", "10 classes"),
    ]  # fmt: skip
    assert drawn["results"][1]["point"] == pytest.approx(157.1667)
    assert drawn["observed"] == 125  # rounded: 123


def test_a_second_run_of_the_job_changes_nothing(estimate, paula):
    with acting_as(paula.acting()):
        assert Estimate.objects.filter(pk=estimate.pk).exists()
    tasks.estimate(estimate.pk)
    first = reloaded(estimate, paula).drawn
    tasks.estimate(estimate.pk)
    assert reloaded(estimate, paula).drawn == first


def test_a_job_that_fails_says_so(estimate, paula, now):
    broken = Estimate(
        title="x", lists={"names": ["a"], "counts": {"9": 1}}, resamples=9, seed=1, made_at=now, made_by=paula
    )
    with acting_as(paula.acting()):
        broken.save()
    tasks.estimate(broken.pk)
    assert reloaded(broken, paula).failed
    assert "could not be computed" in at(paula).get(f"/estimates/{broken.pk}?language=en").content.decode()


def test_somebody_else_neither_asks_nor_sees(estimate, ana, now):
    with pytest.raises(Refused):
        rules.ask_for_estimate("Three lists", KOREA, 1000, 7, by=ana, now=now)
    with acting_as(ana.acting()):
        assert not Estimate.objects.exists()


def test_an_estimate_is_discarded_with_its_lists(estimate, paula):
    assert at(paula).post(f"/estimates/{estimate.pk}/discard").status_code == 302
    with acting_as(paula.acting()):
        assert not Estimate.objects.exists()


def test_the_page_asks_for_a_public_data_set_and_draws_it(paula):
    client = at(paula)
    request_data = {"title": "United Kingdom", "public": "UKdat_4", "resamples": "1000", "seed": "1"}
    made = client.post("/estimates", request_data)
    assert made.status_code == 302
    assert "being computed" in client.get(made.headers["Location"] + "?language=en").content.decode()
    tasks.estimate(int(made.headers["Location"].split("/")[-1]))
    page = client.get(made.headers["Location"] + "?language=en").content.decode()
    assert page.count('<svg class="chart"') in (8, 9)  # with or without the distribution of latent
    assert re.search(r'id="chains".*R-hat \d\.\d\d.*<th scope="row">4b</th>', page, re.DOTALL)
    assert re.search(r'id="over-ratios".*<th scope="row">2</th><td class="n">19,997</td>', page, re.DOTALL)
    assert re.search(r'id="over-shares".*<th scope="row">20%</th><td class="n">13,7\d\d</td>', page, re.DOTALL)
    assert "there would be about 19,997 people." in page
    assert re.search(r'id="left-out".*<svg class="chart".*>− LA</text>', page, re.DOTALL)
    assert words.NEVER_SEEN in page
    assert "11,015" in page
    spanish = client.get(made.headers["Location"] + "?language=es").content.decode()
    assert words.NEVER_SEEN not in spanish
    for seen, sentence in ((page, words.TOO_LOW), (spanish, SPANISH[words.TOO_LOW])):
        assert f"<b>{sentence}</b>" in seen
        with_people = [it for it in re.findall(r"<svg.*?</svg>", seen, re.DOTALL) if "whisker" in it or '"band"' in it]
        assert len(with_people) >= 4
        assert all(sentence in it for it in with_people)
    assert re.search(r"At least about 10,9\d\d people, even if some are harder to see", page)
    assert "it is not an interval" in page
    assert words.TOO_LOW not in spanish


def test_without_the_extra_the_page_says_what_to_type(paula, monkeypatch):
    assert "<form" in at(paula).get("/estimates?language=en").content.decode().split("Estimates</h2>")[1]  # the control
    monkeypatch.setitem(sys.modules, "amparo_estimation", None)  # as Python finds it where it is not installed
    page = at(paula).get("/estimates?language=en").content.decode()
    assert "“make .venv/estimation”" in page
    assert "«make .venv/estimation»" in at(paula).get("/estimates?language=es").content.decode()
    assert "Or a public data set" not in page
    file = SimpleUploadedFile("lists.csv", b"police,shelter,n\n1,0,5\n1,1,3\n0,1,4\n")
    refused = at(paula).post("/estimates?language=en", {"title": "x", "file": file, "resamples": "1000", "seed": "1"})
    assert refused.status_code == 422
    assert "“make .venv/estimation”" in refused.content.decode()


def test_an_estimate_from_two_lists_says_on_its_page_not_to_publish_it(paula, now):
    two = "police,hotline,n\n1,0,500\n0,1,400\n1,1,60\n"
    made = rules.ask_for_estimate("Two lists", two, 1000, 1, by=paula, now=now)
    tasks.estimate(made.pk)
    page = at(paula).get(f"/estimates/{made.pk}?language=en").content.decode()
    assert words.TWO_LISTS_ONLY in page
    assert "Publish the interval" not in page


def test_an_uploaded_file_that_is_wrong_is_refused_with_row_and_column(paula):
    file = SimpleUploadedFile("lists.csv", b"Rosa Quispe,shelter,n\n1,0,5\n1,Rosa,3\n")
    request_data = {"title": "Lists", "file": file, "resamples": "1000", "seed": "1"}
    refused = at(paula).post("/estimates?language=en", request_data)
    assert refused.status_code == 422
    assert "Row 3, column 2 is neither 0 nor 1" in refused.content.decode()
    assert "Rosa" not in refused.content.decode()


@pytest.mark.parametrize("name", ["Invented 45678901", "4 5 6 7 8 9", "٤٥٦٧٨٩"])
def test_a_list_named_after_a_person_or_a_document_is_refused(name, paula):
    def answer(name: str) -> HttpResponse:
        file = SimpleUploadedFile("lists.csv", f"{name},shelter,n\n1,0,5\n1,1,3\n0,1,4\n".encode())
        return at(paula).post(
            "/estimates?language=en", {"title": "Lists", "file": file, "resamples": "1000", "seed": "1"}
        )

    refused = answer(name)
    assert refused.status_code == 422
    assert "Row 1, column 1 has six digits or more" in refused.content.decode()
    assert name not in refused.content.decode()
    assert answer("Police 2024 7").status_code == 302  # the control


@pytest.mark.parametrize("given", [{}, {"public": "UKdat_4", "file": SimpleUploadedFile("lists.csv", b"a")}])
def test_one_file_or_one_data_set_is_chosen(paula, given):
    refused = at(paula).post("/estimates?language=en", {"title": "x", "resamples": "1000", "seed": "1", **given})
    assert refused.status_code == 422
    assert "Choose one file, or one public data set." in refused.content.decode()


def test_an_empty_form_is_refused(paula):
    assert at(paula).post("/estimates").status_code == 422


def test_no_small_count_is_drawn_or_implied():
    lists = data_set("UKdat_5")
    bars = shown_histories(lists)
    shown = {cell: people for cell, people in bars if cell}
    assert all(lists.table[cell] >= 10 for cell in shown)
    rest = [people for cell, people in bars if cell == 0]
    assert len(rest) == 1
    assert rest[0] >= 19
    drawn = estimate_for_page(["A", "B"], {"1": 4, "2": 5, "3": 8}, 50, 1)  # too few for any
    assert drawn["histories"] == []


def test_names_of_lists_cannot_become_markup():
    drawn = estimate_for_page(["<b>x</b>", "B"], {"1": 40, "2": 50, "3": 18}, 50, 1)
    assert "<b>" not in "".join([drawn["drawings"]["histories"], drawn["drawings"]["ranges"]])
    assert "&lt;b&gt;" in drawn["drawings"]["histories"]


def test_every_sentence_of_the_package_is_in_the_catalogues():
    texts = {value for name, value in vars(words).items() if name.isupper()}
    texts |= {v for n, v in vars(lists_of_the_package).items() if re.fullmatch("[A-Z0-9_]+", n) and isinstance(v, str)}
    assert texts == set(SENTENCES)


def test_the_report_of_the_package_speaks_the_spanish_of_the_pages():
    sentences = {sentence for name, sentence in vars(words).items() if name.isupper()}
    with translation.override("es"):
        assert {it: gettext(it) for it in sentences} == {it: SPANISH[it] for it in sentences}
