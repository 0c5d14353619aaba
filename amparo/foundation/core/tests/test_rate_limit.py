import threading
from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from amparo.foundation.core.rate_limit import SlidingWindow

VISITS = st.lists(st.tuples(st.floats(0, 30), st.sampled_from([b"a", b"b", b"c"])), max_size=200)


@given(VISITS)
def test_only_events_within_the_window_are_counted_and_kept(visits):
    recent, now, all_of_them = SlidingWindow(60), 0.0, []
    for pause, who in visits:
        now += pause
        recent.add(who, now)
        all_of_them.append((now, who))
        inside = [each for at, each in all_of_them if at > now - 60]
        assert [recent.count(one, now) for one in (b"a", b"b", b"c")] == [
            inside.count(one) for one in (b"a", b"b", b"c")
        ]
        assert len(recent) == len(inside)


def test_after_the_window_all_events_are_forgotten():
    recent = SlidingWindow(60)
    recent.add(b"a", 0)
    assert recent.count(b"a", 59) == 1
    assert recent.count(b"a", 60) == len(recent) == 0
    assert not recent._counts


@given(VISITS, st.integers(1, 4))
def test_no_window_admits_more_than_the_limit_and_none_below_it_is_refused(visits, at_most):
    recent, now, admitted = SlidingWindow(60), 0.0, []
    for pause, who in visits:
        now += pause
        before = sum(1 for at, each in admitted if each == who and at > now - 60)
        assert recent.consume(who, now, at_most=at_most) is (before < at_most)
        if before < at_most:
            admitted.append((now, who))


def test_what_is_refused_takes_no_memory_and_delays_nobody():
    recent = SlidingWindow(60)
    assert recent.consume(b"a", 0, at_most=1)
    assert not any(recent.consume(b"a", second, at_most=1) for second in range(1, 60))
    assert len(recent) == 1
    assert recent.consume(b"a", 60, at_most=1)


def test_threads_share_one_limit():
    recent, gate = SlidingWindow(60), threading.Barrier(8)

    def many() -> int:
        gate.wait()
        return sum(recent.consume(b"a", 0, at_most=5000) for _ in range(1000))

    with ThreadPoolExecutor(8) as pool:
        assert sum(each.result() for each in [pool.submit(many) for _ in range(8)]) == 5000
    assert len(recent) == 5000
