"""`amparo demo story`, as it is typed: a real call with the prompts we ship, and every step that follows from it."""

from tests.hotline import hotline


def test_the_story_is_told_to_its_end():
    with hotline() as line:
        done = line.run("demo", "story", patience=240)
    told = done.stdout
    assert (done.returncode, done.stderr) == (0, "")
    steps = ("calls", "read a code", "the next step has a date", "verdict", "she agrees", "folio", "she has arrived",
             "comes back", "gone for the police", "key of C-", "Sign in as")  # fmt: skip
    at = [told.find(step) for step in steps]
    assert -1 not in at
    assert at == sorted(at)
    assert "Pasaje Inventado" not in told  # the address of a house
