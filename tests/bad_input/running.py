"""One run: so many requests, by every role, from a fixed seed."""

from collections.abc import Callable
from math import ceil

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from amparo.urls import urlpatterns
from tests.hotline import Hotline

from .asking import Known, MadeUpRequest, requests
from .document import against_the_document, ways
from .pages import Page, pages
from .people import NOBODY, hire, sit_down
from .trial import Trial

SEED = 3
SITS = 25  # requests until one sits down anew, for some end one's session
BUSY = {
    NOBODY: 0.1,
    "hotline-operator": 0.15,
    "hotline-supervisor": 0.15,
    "hotline-administrator": 0.1,
}  # may open most
AT_LEAST = 5  # requests by each of the others
BY_THE_DOCUMENT = 10  # every how many-th request
ELSEWHERE = [Page("/static/<slug:x>", {}), Page("/live/<slug:x>", {}), Page("/nowhere/<slug:x>", {})]

type MadeUp = Callable[[Known], st.SearchStrategy[MadeUpRequest]]


def run(hotline: Hotline, total: int, seed: int = SEED) -> Trial:
    """Asks `total` times, half of it by the few who may open the most."""
    everybody, trial, made_up = hotline.do(hire), Trial(hotline), of([*pages(urlpatterns), *ELSEWHERE])
    others = max(AT_LEAST, ceil(total * (1 - sum(BUSY.values())) / (len(everybody) - len(BUSY))))
    for place, who in enumerate(everybody):
        ask_as(trial, who, made_up, ceil(total * BUSY[who]) if who in BUSY else others, seed + place)
    trial.finish()
    return trial


def of(found: list[Page]) -> MadeUp:
    """What may be made up for these pages, once it is known what there is to ask about."""
    documented = ways(found)

    def made_up(known: Known) -> st.SearchStrategy[MadeUpRequest]:
        ours, theirs = requests(found, known), against_the_document(documented, known)
        return st.integers(1, BY_THE_DOCUMENT).flatmap(lambda turn: theirs if turn == 1 else ours)

    return made_up


def ask_as(trial: Trial, who: str, made_up: MadeUp, times: int, seed: int) -> None:
    desk, known, number_sent = trial.hotline.do(sit_down, who), {}, 0
    known.update(desk.known)

    @hypothesis.seed(seed)
    @settings(
        max_examples=times, phases=[Phase.generate], database=None, deadline=None, suppress_health_check=HealthCheck
    )
    @given(made_up(known))
    def ask(request: MadeUpRequest) -> None:
        nonlocal desk, number_sent
        number_sent += 1
        if number_sent % SITS == 0:
            desk = trial.hotline.do(sit_down, who)
            known.update(desk.known)
        trial.ask(who, desk, request)

    ask()
