"""Processes are killed while an operator types. `python -m bench.kills` does it a hundred times."""

from bench import kills

from .hotline import hotline


def test_no_acknowledged_keystroke_is_lost_and_no_contact_doubled():
    with hotline() as it:
        tally, killed, lost, doubled = kills.rampage(it, kills=6, seed=3)
    assert sum(killed.values()) == 6
    assert tally.saves > 20
    assert (lost, doubled) == (0, 0)


def test_a_lost_save_would_be_found(monkeypatch):
    """The check itself: what was acknowledged is compared with what is there."""
    with hotline() as it:
        monkeypatch.setattr(kills, "what_is_there", forgetful)
        tally, _killed, lost, _doubled = kills.rampage(it, kills=1)
    assert tally.saves
    assert lost


def forgetful() -> tuple[dict[str, str], int]:
    return {}, 0
