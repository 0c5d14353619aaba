"""Keys and holders, for tests that write rows as the verbs would."""

from amparo.ground.access.models import Role, User
from amparo.ground.core.acting import held_by, need_to_know
from amparo.ground.vault.models import DataKey


def key_for(user: User, kind: str = "contact") -> DataKey:
    """A new key, held by this person and their supervisors."""
    with need_to_know(user.acting()):
        holders = user.acting().holders[0], held_by(user.agency_id, Role.SUPERVISOR)
        return DataKey.objects.make(*holders, agency=user.agency_id, kind=kind)


def message_key(user: User) -> DataKey:
    """The key of what a caller left for the shift."""
    with need_to_know(user.acting()):
        holders = (held_by(user.agency_id, role) for role in (Role.OPERATOR, Role.SUPERVISOR))
        return DataKey.objects.make(*holders, agency=user.agency_id, kind="message")


def let_in(user: User, record: object) -> None:
    """This person holds the record's key from now on."""
    key: DataKey = record.key
    with need_to_know(User.objects.get(pk=record.operator_id).acting()):
        key.give(user.acting().holders[0])
