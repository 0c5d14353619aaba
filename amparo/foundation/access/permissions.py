"""Who may do what: one predicate per action, checked by `@action` and by the pages that offer it."""

from django.utils.translation import gettext_lazy as _

from .models import WATCHERS, Kind, Role, User

OTHER_ROLE = _("Nobody in an institution like yours has this role: choose another one.")

CASE_WORK = (Role.OPERATOR, Role.SUPERVISOR, Role.CASE_WORKER)
# Kinds of agencies that may coordinate the national plan, and analyse the figures.
COORDINATING = (Kind.HOTLINE, Kind.MINISTRY)
# Kinds of agencies whose auditors read the ledger.
AUDITING = (Kind.HOTLINE, Kind.MINISTRY)
# Kinds of agencies whose programs may answer for services of the directory.
SERVING = (Kind.MINISTRY, Kind.NGO, Kind.SHELTER)
# The roles of people that open something in an agency of each kind, besides those of EVERYWHERE.
EVERYWHERE = (Role.PLAN_RESPONDENT, Role.AUDITOR, Role.ADMINISTRATOR)
OF_KIND: dict[Kind, tuple[Role, ...]] = {
    Kind.HOTLINE: (
        *CASE_WORK, Role.PLACEMENT_OFFICER, Role.DIRECTORY_EDITOR, Role.PLAN_COORDINATOR, Role.CAMPAIGN_OFFICER,
        Role.PUBLISHER, Role.ANALYST,
    ),
    Kind.POLICE: (Role.POLICE_LIAISON,),
    Kind.PROSECUTOR: (Role.POLICE_LIAISON,),
    Kind.MINISTRY: (Role.PLAN_COORDINATOR, Role.ANALYST),
    Kind.NGO: (),
    Kind.SHELTER: (Role.SHELTER_STAFF,),
}  # fmt: skip


def roles_of(kind: Kind) -> tuple[Role, ...]:
    """Return the roles that people of such an agency may have: any other would open no page to them."""
    return tuple(role for role in Role if role in OF_KIND[kind] or role in EVERYWHERE)


def is_staff(user: User) -> bool:
    """Open a user's own page: every active account, of any agency and role."""
    return user.is_active


def take_calls(user: User) -> bool:
    """Answer calls and chats: the hotline's operators and supervisors."""
    return user.is_active and user.agency.kind == Kind.HOTLINE and user.role in (Role.OPERATOR, Role.SUPERVISOR)


def follow_cases(user: User) -> bool:
    """Open cases and work in them: only the hotline's people, because a case begins in a call."""
    return user.is_active and user.agency.kind == Kind.HOTLINE and user.role in CASE_WORK


def edit_directory(user: User) -> bool:
    """Keep the directory of services up to date."""
    return user.is_active and user.agency.kind == Kind.HOTLINE and user.role == Role.DIRECTORY_EDITOR


def read_directory(user: User) -> bool:
    """Look for a service: people who follow cases, and directory editors."""
    return follow_cases(user) or edit_directory(user)


def receive_reports(user: User) -> bool:
    """Answer the hotline's reports for a unit of the police or of the prosecutors."""
    return user.is_active and user.agency.kind in (Kind.POLICE, Kind.PROSECUTOR) and user.role == Role.POLICE_LIAISON


def read_reports(user: User) -> bool:
    """Read police reports: people who follow cases, and the units that receive them."""
    return follow_cases(user) or receive_reports(user)


def answer_referrals(user: User) -> bool:
    """Answer referrals for an institution's services: only its programs; people answer by a link."""
    return user.is_active and user.agency.kind in SERVING and user.role == Role.SERVICE_LIAISON


def find_beds(user: User) -> bool:
    """See which beds are free, and reserve one for a person of one's cases."""
    return user.is_active and user.agency.kind == Kind.HOTLINE and user.role in (*CASE_WORK, Role.PLACEMENT_OFFICER)


def approve_placements(user: User) -> bool:
    """Give the second approval to a placement, and maintain the addresses of shelters."""
    return user.is_active and user.agency.kind == Kind.HOTLINE and user.role == Role.PLACEMENT_OFFICER


def run_house(user: User) -> bool:
    """Report for a shelter how its beds stand, and who came or left."""
    return user.is_active and user.agency.kind == Kind.SHELTER and user.role == Role.SHELTER_STAFF


def update_stays(user: User) -> bool:
    """Record that a person arrived, left or changed beds: both the hotline and the house may."""
    return find_beds(user) or run_house(user)


def supervise(user: User) -> bool:
    """Supervise the line: shifts, the wallboard, quality, what operators record."""
    return user.is_active and user.agency.kind == Kind.HOTLINE and user.role == Role.SUPERVISOR


def publish(user: User) -> bool:
    """Count what may be published about a quarter, and publish it; open no file."""
    return user.is_active and user.agency.kind == Kind.HOTLINE and user.role == Role.PUBLISHER


def analyse(user: User) -> bool:
    """Combine published figures by measure, breakdown and period; see no count before it is protected."""
    return publish(user) or (user.is_active and user.agency.kind in COORDINATING and user.role == Role.ANALYST)


def run_campaigns(user: User) -> bool:
    """Plan campaigns and events, and keep the testimonies that survivors allow; open no file."""
    return user.is_active and user.agency.kind == Kind.HOTLINE and user.role == Role.CAMPAIGN_OFFICER


def coordinate_plan(user: User) -> bool:
    """Edit the national plan of action, and the laws that it depends on."""
    return user.is_active and user.agency.kind in COORDINATING and user.role == Role.PLAN_COORDINATOR


def show_plans(user: User) -> bool:
    """Show to everybody, refuse or take down what a plan coordinator proposed. A second person does it."""
    return coordinate_plan(user) or publish(user)


def follow_plan(user: User) -> bool:
    """Read the plan; an institution's plan respondent also comments on it and reports measurements."""
    return coordinate_plan(user) or (user.is_active and user.role == Role.PLAN_RESPONDENT)


def write_news(user: User) -> bool:
    """Draft notes for the press. Publishing them is `publish`, by another person."""
    return run_campaigns(user) or publish(user)


def audit(user: User) -> bool:
    """Read the ledger, and no file. Other institutions appoint their auditors alone, so these see only alerts."""
    return user.is_active and user.role == Role.AUDITOR and user.agency.kind in AUDITING


def watch(user: User) -> bool:
    """See alerts about unusual access to files."""
    return user.is_active and user.role in WATCHERS


def manage_people(user: User) -> bool:
    """Add and lock people of one's agency; with an administrator of another agency, recover a person's access."""
    return user.is_active and user.role == Role.ADMINISTRATOR


def may_request_recovery(user: User, person: User) -> bool:
    """Ask that a person begins again: for one's own agency; the hotline's also for administrators of others."""
    if not manage_people(user):
        return False
    helps_administrators = user.agency.kind == Kind.HOTLINE and person.role == Role.ADMINISTRATOR
    return user.agency_id == person.agency_id or helps_administrators


def keep_installation(user: User) -> bool:
    """See how safely the hotline's machine is set up."""
    return manage_people(user) and user.agency.kind == Kind.HOTLINE


def open_line(user: User) -> bool:
    """Open or close the line, together with somebody of the other role: administrators and supervisors of it."""
    return keep_installation(user) or supervise(user)


def manage_integrations(user: User) -> bool:
    """Give programs of one's institution a token, and end it: administrators of any institution but the hotline."""
    return manage_people(user) and user.agency.kind != Kind.HOTLINE
