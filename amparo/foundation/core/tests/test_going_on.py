"""The actor may change their purpose, never their identity, and only until the transaction ends."""

from contextlib import suppress
from dataclasses import replace

import pytest
from django.db import connection

from amparo.foundation.core.actor import Actor, acting_as, current_actor, switch_purpose

pytestmark = pytest.mark.django_db(transaction=True)

ANA = Actor(7, 1, "hotline/operator")


class Failed(Exception): ...


def purpose() -> str | None:
    """The claims that the database sees."""
    with connection.cursor() as cursor:
        cursor.execute("select acting.purpose()")
        context: str | None = cursor.fetchone()[0]
    return context


def test_the_rest_of_the_transaction_is_for_that_purpose():
    with acting_as(ANA):
        assert purpose() == ""
        switch_purpose(replace(ANA, purpose="danger"))
        assert (purpose(), current_actor()) == ("danger", replace(ANA, purpose="danger"))
    assert (purpose(), current_actor()) == (None, None)
    with acting_as(ANA):
        assert purpose() == ""


def test_after_a_nested_block_the_purpose_is_restored():
    with acting_as(ANA):
        with acting_as(ANA):
            switch_purpose(replace(ANA, purpose="danger"))
            assert purpose() == "danger"
        assert (purpose(), current_actor()) == ("", ANA)


@pytest.mark.parametrize("savepoint", [True, False])
def test_after_a_failed_nested_block_the_purpose_is_restored(savepoint):
    with acting_as(ANA):
        with suppress(Failed), acting_as(ANA), acting_as(ANA, savepoint=savepoint):
            switch_purpose(replace(ANA, purpose="danger"))
            raise Failed
        assert (purpose(), current_actor()) == ("", ANA)


@pytest.mark.parametrize("other", [{"user": 8}, {"agency": 2}, {"role": "hotline/supervisor"}])
def test_the_purpose_of_another_user_cannot_be_switched(other):
    with acting_as(ANA):
        with pytest.raises(AssertionError):
            switch_purpose(replace(ANA, purpose="danger", **other))
        assert purpose() == ""


def test_without_an_actor_no_purpose_can_be_switched():
    with pytest.raises(AssertionError):
        switch_purpose(ANA)
