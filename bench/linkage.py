"""CPU, memory and accuracy of linking 100,000 people with 100,000 by encodings that nobody can read.

    python -m bench.linkage

Invented people; half of them are on both lists, and one in five names of the second list has a typing mistake. CPU
seconds of this process over all its threads. The memory includes both lists in clear, which no real use has together.
"""

import resource
import time
from collections.abc import Callable

from amparo_estimation.linkage import Pairs, encode, link
from amparo_estimation.linking import STEP
from amparo_estimation.tests.test_linkage import FIELDS, KEY, invented
from amparo_estimation.threshold import choose_threshold

PEOPLE, SHARED = 100_000, 50_000
SECONDS, MEGABYTES, ACCURACY = 30, 1000, 0.99  # the aims


def main() -> None:
    one, other = invented(PEOPLE, SHARED)
    before = megabytes()
    (a, b), encoding = timed(lambda: (encode(one, FIELDS, KEY), encode(other, FIELDS, KEY)))
    threshold, choosing = timed(lambda: choose_threshold([a, b]))
    if threshold is None:
        raise SystemExit("The lists suggest no threshold.")
    links, linking = timed(lambda: link(a, b, threshold))
    print(f"{PEOPLE:,} linked with {PEOPLE:,} people, {SHARED:,} of them the same")
    print(f"encode both lists     {encoding:6.2f} CPU s")
    print(f"choose the threshold  {choosing:6.2f} CPU s")
    print(f"link                  {linking:6.2f} CPU s")
    print(f"in all                {encoding + choosing + linking:6.2f} CPU s (aim {SECONDS})")
    print(f"largest memory        {megabytes():6} MB (aim {MEGABYTES:,}), {before} of them before the first encoding")
    print(f"suggested threshold   {threshold:6.2f}    {accuracy(links)} (aim {ACCURACY} each)")
    for near in (threshold - STEP, threshold + STEP):
        print(f"beside it             {near:6.2f}    {accuracy(link(a, b, near))}")


def timed[Result](work: Callable[[], Result]) -> tuple[Result, float]:
    start = time.process_time()
    return work(), time.process_time() - start


def accuracy(links: Pairs) -> str:
    right = (links[:, 0] == links[:, 1]) & (links[:, 0] < SHARED)
    return f"precision {right.mean():.4f}, recall {right.sum() / SHARED:.4f}"


def megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
