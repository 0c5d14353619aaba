from hypothesis import given
from hypothesis import strategies as st

from amparo.foundation.core.sliding_window import SlidingWindow

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
