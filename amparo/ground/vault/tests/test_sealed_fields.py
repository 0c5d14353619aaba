import pytest
from django.db import connection
from django.utils import timezone

from amparo.ground.access.models import User
from amparo.ground.core.acting import need_to_know
from amparo.ground.vault.keys import BUCKETS, Forgotten, Tampered
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
    assert len(raw(seat)) == before >= BUCKETS[0]


def test_sealed_bytes_moved_to_another_row_do_not_open(seat):
    other = User.objects.create(username="tordo")
    Seat.objects.create(user=other, since=timezone.now(), key=seat.key)
    with connection.cursor() as cursor:
        cursor.execute("update roster_seat set phone_secret = %s where user_id = %s", [raw(seat), other.pk])
    with pytest.raises(Tampered):
        _ = Seat.objects.get(pk=other.pk).phone_secret


def test_what_a_forgotten_key_sealed_is_gone(seat):
    with need_to_know(seat.user.acting()):
        seat.key.forget()
    with pytest.raises(Forgotten):
        _ = Seat.objects.get(pk=seat.pk).phone_secret


def test_words_cannot_enter_sql_past_the_row(seat):
    with pytest.raises(TypeError):
        Seat.objects.filter(pk=seat.pk).update(phone_secret=WORDS)
    with pytest.raises(TypeError):
        Seat.objects.filter(phone_secret=WORDS).exists()


def test_a_row_without_an_id_of_its_own_seals_nothing():
    row = Seat(phone_secret=WORDS)
    with pytest.raises(TypeError, match="UUID"):
        Seat._meta.get_field("phone_secret")._place(row)
