"""The sign-in page of the demonstration, whose people stand by the room that they work in."""

from amparo.foundation.access.models import Role
from amparo.foundation.access.views import ROOMS


def test_each_role_stands_in_one_room():
    assert sorted(role for _room, roles in ROOMS for role in roles) == sorted(Role)
