"""Who may do what: one predicate per verb, asked by `@action` and by the pages that offer it."""

from .models import WATCHERS, Kind, Role, User

CASE_WORK = (Role.OPERATOR, Role.SUPERVISOR, Role.CASE_WORKER)
SERVING = (Kind.MINISTRY, Kind.NGO, Kind.SHELTER)  # whose programs may answer for services of the directory


def is_staff(user: User) -> bool:
    """Everybody who works here: their own page."""
    return user.is_active


def take_calls(user: User) -> bool:
    return user.is_active and user.agency.kind == Kind.HOTLINE and user.role in (Role.OPERATOR, Role.SUPERVISOR)


def follow_cases(user: User) -> bool:
    """Open cases and work in them: the line's own people, for a case begins in a call."""
    return user.is_active and user.agency.kind == Kind.HOTLINE and user.role in CASE_WORK


def edit_directory(user: User) -> bool:
    """Keep the directory of services true."""
    return user.is_active and user.agency.kind == Kind.HOTLINE and user.role == Role.DIRECTORY_EDITOR


def read_directory(user: User) -> bool:
    """Look for a service: who follows cases, and who keeps the directory."""
    return follow_cases(user) or edit_directory(user)


def receive_reports(user: User) -> bool:
    """Answer for a unit of the police or of the prosecutors what the line sends it."""
    return user.is_active and user.agency.kind in (Kind.POLICE, Kind.PROSECUTOR) and user.role == Role.POLICE_LIAISON


def answer_referrals(user: User) -> bool:
    """Answer for services of an institution what the line asks them: its programs, for everybody else has a link."""
    return user.is_active and user.agency.kind in SERVING and user.role == Role.SERVICE_LIAISON


def find_beds(user: User) -> bool:
    """See which beds are free, and hold one for somebody of one's cases."""
    return user.is_active and user.agency.kind == Kind.HOTLINE and user.role in (*CASE_WORK, Role.PLACEMENT_OFFICER)


def approve_placements(user: User) -> bool:
    """Say the second yes to a placement, and keep the addresses of houses."""
    return user.is_active and user.agency.kind == Kind.HOTLINE and user.role == Role.PLACEMENT_OFFICER


def run_house(user: User) -> bool:
    """Say for a shelter how its beds stand, and who came or left."""
    return user.is_active and user.agency.kind == Kind.SHELTER and user.role == Role.SHELTER_STAFF


def update_stays(user: User) -> bool:
    """Say that somebody arrived, left or has another bed: either side sees it."""
    return find_beds(user) or run_house(user)


def supervise(user: User) -> bool:
    return user.is_active and user.agency.kind == Kind.HOTLINE and user.role == Role.SUPERVISOR


def publish(user: User) -> bool:
    """Count what may be told of a quarter, and publish it; no file."""
    return user.is_active and user.agency.kind == Kind.HOTLINE and user.role == Role.PUBLISHER


def audit(user: User) -> bool:
    """Read the ledger, and no file."""
    return user.is_active and user.role == Role.AUDITOR


def watch(user: User) -> bool:
    """Hear of what somebody did with files that should be asked about."""
    return user.is_active and user.role in WATCHERS


def administer(user: User) -> bool:
    """Add and lock people of one's agency; with an administrator of another one, let somebody begin again."""
    return user.is_active and user.role == Role.ADMINISTRATOR


def keep_installation(user: User) -> bool:
    """See how safely the machine of the line is set up."""
    return administer(user) and user.agency.kind == Kind.HOTLINE


def manage_integrations(user: User) -> bool:
    """Give programs of one's institution a token, and end it; where there is something that a program may do."""
    return administer(user) and user.agency.kind != Kind.HOTLINE
