"""A count of the bar is read aloud with the word that fits to one and to several."""

import re

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from amparo.screens.home.navigation import Link


@pytest.mark.parametrize(("number", "words"), [(1, "1 pendiente"), (2, "2 pendientes"), (100, "99+ pendientes")])
def test_the_count_is_said_as_one_says_it(number, words):
    with translation.override("es"):
        drawn = render_to_string("home/_count.html", {"link": Link("x", "x", "/", number, False)})
    assert " ".join(re.sub(r"<[^>]*>", "", drawn).split()) == words
