"""Every decided case of data/plan_cases.json: when a plan may become operational, and which light shows."""

import json
from datetime import date
from pathlib import Path

import pytest

from amparo.programme.plan import lights
from amparo.programme.plan.picklists import Light

CASES = json.loads((Path(__file__).parent.parent / "data/plan_cases.json").read_text())


@pytest.mark.parametrize("case", CASES["gate"], ids=lambda case: case["id"])
def test_when_a_plan_may_become_operational(case):
    in_effect = case["law_in_effect_from"]
    reason = lights.why_not_operational(
        case["status"], date.fromisoformat(in_effect) if in_effect else None, date.fromisoformat(case["today"])
    )
    assert (reason is None, reason) == (case["expected"], case["reason"])


@pytest.mark.parametrize("case", CASES["traffic_light"], ids=lambda case: case["id"])
def test_which_light_shows(case):
    shown = lights.light_of_progress(
        case["baseline"], case["target"], case["value"], case["elapsed_share"], stale=case["stale"]
    )
    assert shown == case["expected"]


def test_the_thresholds_are_those_of_the_cases():
    assert CASES["thresholds"] == {"green": lights.GREEN, "amber": lights.AMBER}
    assert (len(CASES["gate"]), len(CASES["traffic_light"])) == (5, 10)


@pytest.mark.parametrize(
    ("below", "shown"),
    [
        ("green green amber", "amber"),
        ("green red grey", "red"),
        ("grey grey", "grey"),
        ("green grey", "green"),
        ("", "grey"),
    ],
)
def test_a_branch_shows_the_worst_light_below_it(below, shown):
    assert lights.worst_light(lights.count_lights(Light(each) for each in below.split())) == shown
