"""Several querysets are counted in one statement, each up to a limit."""

import pytest

from amparo.foundation.access.models import Role, User
from amparo.foundation.core.counts import count_each


@pytest.mark.django_db
def test_each_queryset_is_counted_up_to_its_limit_in_one_statement(django_assert_num_queries):
    for name in ("ana", "marta", "rufino"):
        User.objects.create(username=name, role=Role.OPERATOR)
    operators = User.objects.filter(role=Role.OPERATOR).order_by("username")
    nobody = operators.filter(pk__in=[])  # Django asks the database nothing for it
    with django_assert_num_queries(1):
        assert count_each(operators, operators[:1], nobody, operators.exclude(username="ana"), at_most=2) == [
            2,
            1,
            0,
            2,
        ]
    with django_assert_num_queries(1):
        assert count_each(operators, operators.filter(username="ana"), at_most=9) == [3, 1]  # the control
