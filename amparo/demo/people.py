"""The invented people who work at the demonstration hotline."""

from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from amparo.care.police_reports.areas import add_area, set_telephone
from amparo.care.police_reports.models import Area
from amparo.foundation.access import permissions
from amparo.foundation.access.models import HOTLINE, Agency, Kind, Role, User
from amparo.foundation.core.actor import acting_as
from amparo.line.roster.models import Seat
from amparo.line.roster.rules import take_seat

from .articles import invent_articles
from .roster import invent_roster
from .services import invent_services


@dataclass(frozen=True)
class Person:
    username: str
    name: str
    password: str
    role: Role
    languages: tuple[str, ...] = ()
    of: str = ""  # another institution; blank: the hotline


INSTITUTIONS = {
    "Ministerio inventado": Kind.MINISTRY,
    "Comisaría inventada": Kind.POLICE,
    "Refugio inventado": Kind.SHELTER,
}
PEOPLE = (
    Person("ana", "Ana F.", "demo-ana", Role.OPERATOR, ("es", "qu")),
    Person("rufino", "Rufino E.", "demo-rufino", Role.OPERATOR, ("es", "en")),
    Person("marta", "Marta Q.", "demo-marta", Role.SUPERVISOR, ("es",)),
    Person("nelly", "Nelly C.", "demo-nelly", Role.SUPERVISOR, ("es",)),
    Person("ines", "Inés R.", "demo-ines", Role.CASE_WORKER),
    Person("delia", "Delia O.", "demo-delia", Role.DIRECTORY_EDITOR),
    Person("olga", "Olga P.", "demo-olga", Role.PLACEMENT_OFFICER),
    Person("luz", "Luz C.", "demo-luz", Role.SHELTER_STAFF, of="Refugio inventado"),
    Person("paula", "Paula N.", "demo-paula", Role.PUBLISHER),
    Person("bruno", "Bruno S.", "demo-bruno", Role.PUBLISHER),
    Person("alba", "Alba S.", "demo-alba", Role.ANALYST, of="Ministerio inventado"),
    Person("carla", "Carla D.", "demo-carla", Role.CAMPAIGN_OFFICER),
    Person("pilar", "Pilar G.", "demo-pilar", Role.PLAN_COORDINATOR, of="Ministerio inventado"),
    Person("rosa", "Rosa H.", "demo-rosa", Role.PLAN_RESPONDENT, of="Ministerio inventado"),
    Person("adela", "Adela B.", "demo-adela", Role.ADMINISTRATOR),
    Person("iris", "Iris M.", "demo-iris", Role.ADMINISTRATOR, of="Ministerio inventado"),
    Person("vera", "Vera T.", "demo-vera", Role.AUDITOR, of="Ministerio inventado"),
    Person("teo", "Teo V.", "demo-teo", Role.POLICE_LIAISON, of="Comisaría inventada"),
)


def invent_people() -> None:
    """Create the people once. Later changes to them stay."""
    for person in PEOPLE:
        if not User.objects.filter(username=person.username).exists():
            user = User.objects.create(
                username=person.username, first_name=person.name, password=make_password(person.password),
                role=person.role, is_invented=True, agency=_get_or_create_agency(person),
            )  # fmt: skip
            if permissions.take_calls(user):
                _give_seat(user, person.languages)
    invent_services(User.objects.get(username="delia"), timezone.now())
    _invent_area(User.objects.get(username="marta"))
    invent_roster(User.objects.get(username="marta"), timezone.now())
    invent_articles(User.objects.get(username="marta"), timezone.now())


def _get_or_create_agency(person: Person) -> Agency:
    if not person.of:
        return Agency.objects.get(pk=HOTLINE)
    invented = {"kind": INSTITUTIONS[person.of], "is_invented": True}
    return Agency.objects.get_or_create(name=person.of, defaults=invented)[0]


def _invent_area(by: User) -> None:
    """Give the only police unit the whole country and a telephone, unless somebody has set other areas."""
    with acting_as(by.acting()):
        has_one = Area.objects.exists()
    if not has_one:
        unit, now = Agency.objects.get(name="Comisaría inventada"), timezone.now()
        add_area(unit, "", by=by, now=now)
        set_telephone(unit, "000 400 105", by=by, now=now)  # no country has numbers that begin with 000


def _give_seat(user: User, languages: tuple[str, ...]) -> None:
    take_seat(by=user, now=timezone.now())
    with acting_as(user.acting()):
        Seat.objects.filter(pk=user.pk).update(languages=list(languages))
