"""Who may do what: one predicate per verb, asked by `@action` and by the pages that offer it."""

from .models import Role, User


def take_calls(user: User) -> bool:
    return user.is_active and user.role in (Role.OPERATOR, Role.SUPERVISOR)


def supervise(user: User) -> bool:
    return user.is_active and user.role == Role.SUPERVISOR
