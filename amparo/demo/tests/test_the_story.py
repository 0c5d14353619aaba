"""`amparo demo story`, as it is typed: a real call, and every step that follows from it."""


def test_the_story_is_told_to_its_end(line):
    done = line.run("demo", "story")
    told = done.stdout
    assert (done.returncode, done.stderr) == (0, "")
    steps = ("calls", "read a code", "the next step has a date", "verdict", "she agrees", "folio", "she has arrived",
             "comes back", "gone for the police", "key of C-", "Sign in as")  # fmt: skip
    at = [told.find(step) for step in steps]
    assert -1 not in at
    assert at == sorted(at)
    assert "Pasaje Inventado" not in told  # the address of a house
