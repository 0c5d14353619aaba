"""Keys and holders, for tests that write rows without the actions."""

from amparo.foundation.access.models import Role, User
from amparo.foundation.core.actor import acting_as, role_holder
from amparo.foundation.vault.models import DataKey


def key_for(user: User, kind: str = "contact") -> DataKey:
    """A new key, held by this person and their supervisors."""
    with acting_as(user.acting()):
        holders = user.acting().holders[0], role_holder(user.agency_id, Role.SUPERVISOR)
        return DataKey.objects.make(*holders, agency=user.agency_id, kind=kind)


def message_key(user: User) -> DataKey:
    """The key of a message that a caller left for the shift."""
    with acting_as(user.acting()):
        holders = (role_holder(user.agency_id, role) for role in (Role.OPERATOR, Role.SUPERVISOR))
        return DataKey.objects.make(*holders, agency=user.agency_id, kind="message")


def let_in(user: User, record: object) -> None:
    """Grant this person the record's key."""
    key: DataKey = record.key
    with acting_as(User.objects.get(pk=record.operator_id).acting()):
        key.give(user.acting().holders[0])
