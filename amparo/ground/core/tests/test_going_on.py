"""Who acts may go on for another purpose, never as somebody else, and no longer than the transaction."""

from contextlib import suppress
from dataclasses import replace

import pytest
from django.db import connection

from amparo.ground.core.acting import Acting, go_on, need_to_know, now_acting

pytestmark = pytest.mark.django_db(transaction=True)

ANA = Acting(7, 1, "hotline/operator")


class Failed(Exception): ...


def purpose() -> str | None:
    """As the database believes it."""
    with connection.cursor() as cursor:
        cursor.execute("select acting.purpose()")
        told: str | None = cursor.fetchone()[0]
    return told


def test_the_rest_of_the_transaction_is_for_that_purpose():
    with need_to_know(ANA):
        assert purpose() == ""
        go_on(replace(ANA, purpose="danger"))
        assert (purpose(), now_acting()) == ("danger", replace(ANA, purpose="danger"))
    assert (purpose(), now_acting()) == (None, None)
    with need_to_know(ANA):
        assert purpose() == ""


def test_who_goes_on_within_another_is_as_before_after_it():
    with need_to_know(ANA):
        with need_to_know(ANA):
            go_on(replace(ANA, purpose="danger"))
            assert purpose() == "danger"
        assert (purpose(), now_acting()) == ("", ANA)


@pytest.mark.parametrize("apart", [True, False])
def test_who_goes_on_within_another_that_fails_is_as_before_after_it(apart):
    with need_to_know(ANA):
        with suppress(Failed), need_to_know(ANA), need_to_know(ANA, apart=apart):
            go_on(replace(ANA, purpose="danger"))
            raise Failed
        assert (purpose(), now_acting()) == ("", ANA)


@pytest.mark.parametrize("other", [{"user": 8}, {"agency": 2}, {"role": "hotline/supervisor"}])
def test_nobody_goes_on_as_somebody_else(other):
    with need_to_know(ANA):
        with pytest.raises(AssertionError):
            go_on(replace(ANA, purpose="danger", **other))
        assert purpose() == ""


def test_where_nobody_acts_nobody_goes_on():
    with pytest.raises(AssertionError):
        go_on(ANA)
