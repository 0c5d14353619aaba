import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection
from django.utils import timezone

from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.vault.keys import SHORT, Box, KeyDestroyed, Tampered, padded_length
from amparo.line.roster.models import Seat
from tests.keys import key_for

WORDS = "cover story: the thread shop"

pytestmark = pytest.mark.django_db


@pytest.fixture
def seat() -> Seat:
    user = User.objects.create(username="zorzal")
    return Seat.objects.create(user=user, since=timezone.now(), key=key_for(user, "seat"), phone_secret=WORDS)


def raw(seat: Seat) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("select phone_secret from roster_seat where user_id = %s", [seat.pk])
        return bytes(cursor.fetchone()[0])


def test_words_come_back_as_they_were(seat):
    assert Seat.objects.get(pk=seat.pk).phone_secret == WORDS


def test_the_database_never_sees_the_words(seat):
    assert WORDS.encode() not in raw(seat)


def test_a_short_and_a_long_value_have_the_same_length(seat):
    before = len(raw(seat))
    seat.phone_secret = "x"
    seat.save()
    assert len(raw(seat)) == before >= SHORT[0]


@pytest.mark.parametrize(("shortest", "longest"), [(0, 60), (61, 252), (317, 348), (381, 412), (7165, 7676)])
def test_words_of_about_the_same_length_look_alike(shortest, longest):
    box = Box(bytes(32))
    sealed = {len(box.seal(bytes(length), "place")) for length in range(shortest, longest + 1)}
    assert len(sealed) == 1
    longer = len(box.seal(bytes(longest + 1), "place"))
    assert longer > sealed.pop()  # the control: the next size is seen


def test_an_eighth_is_added_at_most_and_few_lengths_are_visible():
    lengths = {padded_length(length) for length in range(257, 65_537)}
    assert all(length <= padded_length(length) <= length * 9 / 8 for length in range(257, 65_537))
    assert len(lengths) == 8 * 8  # from 256 to 65,536 bytes: eight doublings


def test_what_was_filled_up_to_other_sizes_opens():
    """Older versions padded texts of 253 to 1,020 bytes to 1,024."""
    nonce, words = bytes(range(12)), WORDS.encode() * 10
    padded = (len(words).to_bytes(4, "big") + words).ljust(1024, b"\0")
    sealed = b"\x01" + nonce + AESGCM(bytes(32)).encrypt(nonce, padded, b"place")
    assert Box(bytes(32)).open(sealed, "place") == words


def test_sealed_bytes_moved_to_another_row_do_not_open(seat):
    other = User.objects.create(username="tordo")
    Seat.objects.create(user=other, since=timezone.now(), key=seat.key)
    with connection.cursor() as cursor:
        cursor.execute("update roster_seat set phone_secret = %s where user_id = %s", [raw(seat), other.pk])
    with pytest.raises(Tampered):
        _ = Seat.objects.get(pk=other.pk).phone_secret


def test_what_a_forgotten_key_sealed_is_gone(seat):
    with acting_as(seat.user.acting()):
        seat.key.forget()
    with pytest.raises(KeyDestroyed):
        _ = Seat.objects.get(pk=seat.pk).phone_secret


def test_words_cannot_enter_sql_past_the_row(seat):
    with pytest.raises(TypeError):
        Seat.objects.filter(pk=seat.pk).update(phone_secret=WORDS)
    with pytest.raises(TypeError):
        Seat.objects.filter(phone_secret=WORDS).exists()


def test_a_row_without_an_id_of_its_own_seals_nothing():
    row = Seat(phone_secret=WORDS)
    with pytest.raises(TypeError, match="UUID"):
        Seat._meta.get_field("phone_secret").context(row.pk)
