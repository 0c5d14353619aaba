"""The console's button: a caller from the worker process."""

from dataclasses import replace

import pytest

from amparo.demo.commands import choose_conversation, find_caller, queue_call
from amparo.foundation.core.refusal import Misconfigured, Refused
from amparo.line.practice_phone.voices.callers import callers
from tests.hotline import CHECKOUT

from . import minute


def test_the_worker_places_the_call(line):
    call = line.do(minute.place_and_wait, "Colibrí")
    assert call["ending"] == "gave_up"
    assert call["waiting_since"] is None


def test_a_real_hotline_refuses(settings):
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, demo=False)
    with pytest.raises(Refused):
        queue_call("tucan")


def test_names_are_found_with_accents_or_without():
    assert find_caller("TUCAN") == find_caller("Tucán")


def test_the_guide_names_everybody_who_calls():
    guide = (CHECKOUT / "docs" / "en" / "demo.md").read_text()
    rows = {f"| `{who.id}` | {who.who} |" for who in callers().values()}
    assert rows <= set(guide.splitlines())


def test_an_unknown_name_is_answered_with_those_who_call():
    with pytest.raises(Misconfigured, match="lechuza"):
        find_caller("quetzal")


@pytest.mark.parametrize(
    ("languages", "who"),
    [(["es", "quy"], {"tucan", "pisonay"}), (["es"], {"tucan"}), (["en"], {"garza"}), (["ay"], {"tucan"})],
)
def test_the_button_chooses_who_talks_in_a_language_of_the_operator(languages, who):
    """Nobody who hangs up, is silent or presses 9: a first call rings, speaks, and waits to be ended."""
    assert {choose_conversation(languages) for _ in range(200)} == who
