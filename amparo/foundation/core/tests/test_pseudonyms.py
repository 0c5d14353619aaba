import pytest

from amparo.foundation.core.pseudonyms import DAY, LENGTH, Pseudonyms, bare_number, network_of


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_same_number_has_the_same_pseudonym_within_a_window():
    pseudonyms = Pseudonyms()
    assert pseudonyms.of(bare_number("+51 900 000 001")) == pseudonyms.of(bare_number("51900000001"))
    assert pseudonyms.of("51900000001") != pseudonyms.of("51900000002")
    assert len(pseudonyms.of("51900000001")) == LENGTH


def test_nothing_links_two_windows():
    day = Clock()
    pseudonyms = Pseudonyms(DAY, day)
    before = pseudonyms.of("51900000001")
    day.now = DAY
    assert pseudonyms.of("51900000001") != before


def test_the_old_key_is_overwritten():
    day = Clock()
    pseudonyms = Pseudonyms(DAY, day)
    key = pseudonyms._key
    before = bytes(key)
    day.now = DAY
    pseudonyms.of("51900000001")
    assert pseudonyms._key is key  # overwritten in place, not left behind for whoever reads the memory
    assert key != before


def test_another_process_cannot_recompute_it():
    assert Pseudonyms().of("51900000001") != Pseudonyms().of("51900000001")


@pytest.mark.parametrize("written", ["", "anonymous", "Anonymous ", "unavailable"])
def test_a_withheld_number_has_none(written):
    assert bare_number(written) is None
    assert Pseudonyms().of(None) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("192.0.2.7", "::ffff:192.0.2.7"),
        ("2001:db8:0:100::1", "2001:db8:0:1ff:ffff::2"),  # one household of 56 bits
    ],
)
def test_what_is_one_network(one, other):
    assert network_of(one) == network_of(other) is not None


@pytest.mark.parametrize(("one", "other"), [("192.0.2.7", "192.0.2.8"), ("2001:db8:0:100::1", "2001:db8:0:200::1")])
def test_what_are_two_networks(one, other):
    assert network_of(one) != network_of(other)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "", "unix:"])
def test_a_loopback_address_has_no_network(address):
    assert network_of(address) is None
