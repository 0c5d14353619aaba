from amparo.line.switchboard.pseudonyms import LENGTH, WINDOW, Pseudonyms


class Day:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_same_number_has_the_same_pseudonym_within_a_window():
    pseudonyms = Pseudonyms()
    assert pseudonyms.of("+51 900 000 001") == pseudonyms.of("51900000001")
    assert pseudonyms.of("51900000001") != pseudonyms.of("51900000002")
    assert len(pseudonyms.of("51900000001")) == LENGTH


def test_nothing_links_two_windows():
    day = Day()
    pseudonyms = Pseudonyms(day)
    before = pseudonyms.of("51900000001")
    day.now = WINDOW
    assert pseudonyms.of("51900000001") != before


def test_another_process_cannot_recompute_it():
    assert Pseudonyms().of("51900000001") != Pseudonyms().of("51900000001")


def test_a_withheld_number_has_none():
    assert Pseudonyms().of("anonymous") is None
    assert Pseudonyms().of("") is None
