"""How many statements the pages that people open most ask of the database.

Each number is a ceiling: who goes over it makes the page dearer for everybody. A test's own savepoint counts as two.
"""

import pytest
from django.test import Client

from amparo.foundation.access.models import Role, User

CEILINGS = {
    ("/console", Role.OPERATOR): 20, ("/console", Role.SUPERVISOR): 20,
    ("/roster", Role.OPERATOR): 18, ("/roster", Role.SUPERVISOR): 20,
    ("/home", Role.OPERATOR): 18, ("/home", Role.SUPERVISOR): 19, ("/wallboard", Role.SUPERVISOR): 22,
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(("page", "role"), CEILINGS)
def test_a_page_asks_no_more_than_it_did(page, role, django_assert_max_num_queries):
    client = Client()
    client.force_login(User.objects.create(username="ana", role=role))
    client.get(page)  # the first look takes the seat
    with django_assert_max_num_queries(CEILINGS[page, role]):
        assert client.get(page).status_code == 200
